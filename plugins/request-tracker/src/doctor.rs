//! Examines the integration: what the guide asks for, one check each, with the clicks that cure it.
//!
//! Besides the connector's own settings a check reads `default:FIELD`, the operator's default for a variable, which the
//! host adds to the call.

use helpbell_connector::desk::Desk;
use helpbell_connector::json::{self, Value};
use helpbell_connector::{Call, Check, Correction, Failure, FailureKind, Finding, cured};

use crate::describe::{ASSET_CATALOG, SERVER};
use crate::fields;
use crate::lists::{self, links};
use crate::people::labels;
use crate::rest;

/// Everything is well.
const OK: &str = "ok";
/// Worth knowing, or not to be seen from here.
const NOTE: &str = "note";
/// A press works, but not as meant.
const WARNING: &str = "warning";
/// A press fails, or loses something.
const PROBLEM: &str = "problem";

/// Before the name of a variable: the operator's default for it.
const DEFAULT: &str = "default:";

type Findings = Result<Vec<Finding>, Failure>;

/// A check's id, its title, and what it does.
type Examination = (&'static str, &'static str, fn(&Desk<'_>) -> Findings);

/// Every check: what a later one needs, an earlier one examines.
const CHECKS: [Examination; 8] = [
    ("server", "Does the address lead to Request Tracker 5?", server),
    (
        "people",
        "May people be looked up by their e-mail address?",
        people,
    ),
    ("queue", "Is there a queue that takes tickets?", queue),
    ("defaults", "Do the defaults exist in Request Tracker?", defaults),
    ("see-tickets", "May tickets be seen?", see_tickets),
    (
        "comments",
        "May private comments be written and read back?",
        comments,
    ),
    ("privacy", "Do people who ask see comments?", privacy),
    ("assets", "Is the catalog of assets there?", assets),
];

pub(crate) fn checks() -> Vec<Check> {
    let check = |(id, title, _): &Examination| Check {
        id: (*id).to_owned(),
        title: (*title).to_owned(),
    };
    CHECKS.iter().map(check).collect()
}

pub(crate) fn examine(call: &Call<'_>, check: &str) -> Findings {
    let Some((.., run)) = CHECKS.iter().find(|(id, ..)| *id == check) else {
        return Err(Failure::unsupported(
            "request-tracker.no-such-check",
            format!("there is no check {check}"),
        ));
    };
    run(&rest::desk(call)?)
}

/// A finding. `guide` is a paragraph of the guide.
fn finding(severity: &str, summary: impl Into<String>, guide: &str) -> Finding {
    helpbell_connector::finding(severity, summary, format!("docs/request-tracker.md#{guide}"))
}

/// Whether RT refused because of who asks. A refusal of the host's own does not count.
fn is_refusal(failure: &Failure) -> bool {
    failure.kind == FailureKind::Forbidden && failure.code.starts_with("request-tracker.")
}

fn server(desk: &Desk<'_>) -> Findings {
    let told = match rest::get(desk, "asking for the version", "/rt", &[]) {
        Ok(told) => told,
        Err(failure) if failure.field.as_deref() == Some(SERVER) => {
            let found = finding(PROBLEM, failure.message, "server");
            let cure = failure.help.unwrap_or_default();
            return Ok(vec![cured(found, "No press becomes a ticket.", &[&cure])]);
        }
        Err(failure) => return Err(failure),
    };
    let version = json::text(&told, "Version").unwrap_or_default();
    let found = format!("this is Request Tracker {version}");
    Ok(vec![if version.starts_with("5.") {
        finding(OK, found, "server")
    } else {
        cured(
            finding(NOTE, found, "limits"),
            "Helpbell was tried on 5.0.3 only.",
            &["Try it: helpbell doctor --write-test."],
        )
    }])
}

fn people(desk: &Desk<'_>) -> Findings {
    // RT always has this user. Only whoever may search gets an answer.
    let query = [
        ("query", crate::people::equals("Name", "Nobody")),
        ("fields", "Name,EmailAddress".to_owned()),
    ];
    let query = query.each_ref().map(|(name, value)| (*name, value.as_str()));
    let found = match rest::items(desk, "searching users", "/users", &query) {
        Ok(found) => found,
        Err(failure) if is_refusal(&failure) => {
            return Ok(vec![cured(
                finding(PROBLEM, "Helpbell's user is not privileged", "user"),
                "It can look nobody up, file no ticket for others and write no comment.",
                &[
                    "Admin > Users > Helpbell's user: check Let this user be granted rights (Privileged), and save.",
                ],
            )]);
        }
        Err(failure) => return Err(failure),
    };
    // A field that RT does not let this user search for is ignored: then everybody comes, without it.
    let searched = matches!(found.as_slice(), [one] if json::text(one, "Name").as_deref() == Some("Nobody"));
    Ok(vec![if searched {
        finding(OK, "people may be looked up", "user")
    } else {
        cured(
            finding(
                WARNING,
                "Helpbell's user may not search people by their fields",
                "user",
            ),
            "Nobody is recognised; tickets still come from the address that people type.",
            &[
                "Give it the right AdminUsers, or put EmailAddress back into $UserSummaryExtraInfo in RT's configuration.",
            ],
        )
    }])
}

fn queue(desk: &Desk<'_>) -> Findings {
    let given = desk.call.setting("default:queue");
    let list = lists::queues(desk)?;
    let found = match given {
        Some(given) => list.find(given),
        None => list.entries.first(),
    };
    if list.entries.is_empty() {
        return Ok(vec![cured(
            finding(
                PROBLEM,
                "there is no queue in which Helpbell's user may file tickets",
                "rights",
            ),
            "No press becomes a ticket.",
            &["Admin > Queues > the queue > User Rights: give Helpbell's user SeeQueue and CreateTicket."],
        )]);
    }
    let Some(queue) = found else {
        let given = given.unwrap_or_default();
        let found = finding(
            PROBLEM,
            format!("there is no queue named {given} in which Helpbell's user may file tickets"),
            "defaults",
        );
        let first = list
            .entries
            .first()
            .map(|queue| queue.label.clone())
            .unwrap_or_default();
        let nearest = list.nearest(given).into_iter().next();
        return Ok(vec![Finding {
            suggestion: nearest.map(|nearest| ("queue".to_owned(), nearest)),
            ..cured(
                found,
                &format!("Tickets are filed in the queue {first} instead."),
                &[
                    &format!(
                        "Correct queue under [defaults] in helpbell.toml. There are: {}.",
                        labels(&list)
                    ),
                    "Or: Admin > Queues > that queue > User Rights: give Helpbell's user SeeQueue and CreateTicket.",
                ],
            )
        }]);
    };
    Ok(vec![match given {
        Some(_) => finding(OK, format!("tickets go to the queue {}", queue.label), "defaults"),
        None => cured(
            finding(
                NOTE,
                format!("no default says which queue; tickets go to {}", queue.label),
                "defaults",
            ),
            "It is the first in which Helpbell's user may file tickets.",
            &["Set queue under [defaults] in helpbell.toml."],
        ),
    }])
}

/// The operator's defaults, as a press has them.
fn configured(call: &Call<'_>) -> Vec<(String, String)> {
    let defaults = call.settings().iter().filter_map(|(name, value)| {
        let name = name.strip_prefix(DEFAULT)?;
        Some((name.to_owned(), value.clone()))
    });
    defaults.collect()
}

fn defaults(desk: &Desk<'_>) -> Findings {
    let mut defaults = configured(desk.call);
    let resolved = match fields::resolve(desk, &defaults) {
        Ok(resolved) => resolved,
        // Told by the check before.
        Err(failure) if failure.code == "request-tracker.no-queue" => return Ok(Vec::new()),
        Err(failure) => return Err(failure),
    };
    // The queue has a check of its own, the subject is free.
    defaults.retain(|(name, _)| name != fields::QUEUE);
    let wrong: Vec<&Correction> = resolved
        .corrections
        .iter()
        .filter(|wrong| wrong.field != fields::QUEUE)
        .collect();
    if wrong.is_empty() {
        let found = match defaults.len() {
            0 => "there are no defaults besides the queue".to_owned(),
            count => format!("all {count} defaults exist in Request Tracker"),
        };
        return Ok(vec![finding(OK, found, "defaults")]);
    }
    let finding_of = |wrong: &&Correction| {
        let found = finding(
            WARNING,
            format!("the default {} = {}: {}", wrong.field, wrong.given, wrong.reason),
            "defaults",
        );
        let nearest = wrong.nearest.first();
        Finding {
            suggestion: nearest.map(|nearest| (wrong.field.clone(), nearest.clone())),
            ..cured(
                found,
                "Tickets are filed without it, and their private notes say so.",
                &["Correct it under [defaults] in helpbell.toml, or leave it out."],
            )
        }
    };
    Ok(wrong.iter().map(finding_of).collect())
}

/// The newest ticket that Helpbell's user sees, one of its own first, with what may be done to it.
fn newest(desk: &Desk<'_>, query: &str) -> Result<Option<Value>, Failure> {
    let query = [
        ("query", query),
        ("fields", "_hyperlinks"),
        ("orderby", "id"),
        ("order", "DESC"),
    ];
    Ok(rest::items(desk, "looking for a ticket", "/tickets", &query)?
        .into_iter()
        .next())
}

fn see_tickets(desk: &Desk<'_>) -> Findings {
    Ok(vec![if newest(desk, "id > 0")?.is_some() {
        finding(OK, "tickets may be seen", "rights")
    } else {
        cured(
            finding(
                NOTE,
                "Helpbell's user sees no ticket: there is none, or it lacks the right ShowTicket",
                "rights",
            ),
            "Without ShowTicket nobody can tell whether a ticket was filed when an answer was lost, and one may be filed \
             twice.",
            &[
                "Admin > Queues > the queue > User Rights: give Helpbell's user ShowTicket.",
                "helpbell doctor --write-test shows whether it is there.",
            ],
        )
    }])
}

fn comments(desk: &Desk<'_>) -> Findings {
    let own = newest(desk, "Creator = '__CurrentUser__'")?;
    let any = match own.clone() {
        Some(own) => Some(own),
        None => newest(desk, "id > 0")?,
    };
    let Some(ticket) = any else {
        return Ok(vec![cured(
            finding(
                NOTE,
                "whether comments may be written shows only on a ticket, and there is none",
                "rights",
            ),
            "",
            &["helpbell doctor --write-test"],
        )]);
    };
    // RT offers a comment to whoever has the right, but takes it from whoever may change the ticket, too.
    let changes = links(&ticket, "lifecycle").next().is_some();
    if links(&ticket, "comment").next().is_none() && !changes {
        return Ok(vec![cured(
            finding(PROBLEM, "Helpbell's user may not write comments", "rights"),
            "Tickets have no private note and no report.",
            &["Admin > Queues > the queue > User Rights: give Helpbell's user CommentOnTicket."],
        )]);
    }
    // Every ticket of its own has a comment of its own, which it must see again.
    if let Some(id) = own.as_ref().and_then(|own| json::id(own, "id")) {
        let path = format!("/ticket/{id}/history");
        let history = rest::items(desk, "reading a history", &path, &[("fields", "Type")])?;
        if !history
            .iter()
            .any(|entry| json::text(entry, "Type").as_deref() == Some("Comment"))
        {
            return Ok(vec![cured(
                finding(
                    WARNING,
                    format!("Helpbell's user sees no comment on its own ticket {id}"),
                    "rights",
                ),
                "A private note whose answer was lost is not found again and is written twice.",
                &["Admin > Queues > the queue > User Rights: give Helpbell's user ShowTicketComments."],
            )]);
        }
    }
    Ok(vec![finding(OK, "private comments may be written", "rights")])
}

fn privacy(_desk: &Desk<'_>) -> Findings {
    Ok(vec![cured(
        finding(
            NOTE,
            "whether people who ask see comments is told to nobody by RT's REST",
            "note-permission",
        ),
        "Comments are private only while the roles Requestor and Cc, and the groups Everyone and Unprivileged, lack the \
         right ShowTicketComments. They lack it unless somebody gave it.",
        &["Look at Admin > Global > Group Rights, and at Group Rights of the queue."],
    )])
}

fn assets(desk: &Desk<'_>) -> Findings {
    let Some(wanted) = desk.call.setting(ASSET_CATALOG) else {
        return Ok(vec![finding(
            OK,
            "no computers are looked for among RT's assets",
            "assets",
        )]);
    };
    let list = lists::catalogs(desk)?;
    Ok(vec![if list.find(wanted).is_some() {
        finding(
            OK,
            format!("computers are looked for in the catalog {wanted}"),
            "assets",
        )
    } else {
        let nearest = list.nearest(wanted).into_iter().next();
        Finding {
            suggestion: nearest.map(|nearest| (ASSET_CATALOG.to_owned(), nearest)),
            ..cured(
                finding(WARNING, format!("there is no catalog named {wanted}"), "assets"),
                "No ticket names its computer.",
                &[lists::CATALOG_CURE],
            )
        }
    }])
}

#[cfg(test)]
#[path = "doctor_tests.rs"]
mod tests;
