//! What has to exist in Halo: the unregistered contact, the defaults, an outcome, a webhook.

use helpbell_connector::json::{self, Value};
use helpbell_connector::text::lower_case;
use helpbell_connector::{Failure, Finding};

use super::access::works_as_agent;
use super::{Findings, NOTE, OK, PROBLEM, WARNING, cured, finding, is_refusal, suggesting};
use crate::api::{self, Api};
use crate::describe::{PRIVATE_NOTE_OUTCOME, UNREGISTERED_CONTACT, UNREGISTERED_DEFAULT, WEBHOOKS_SCREEN};
use crate::lists::{List, OUTCOMES};
use crate::notes::DEFAULT_SITE_SETTING;
use crate::{errors, fields, outcome};

/// Before the name of a default among the settings.
const DEFAULT: &str = "default:";

/// Setting that the host adds: where Halo's webhook has to call.
const WEBHOOK_URL: &str = "webhook:url";

/// What is part of an address or a name of our webhook where the host does not tell the address.
const OUR_WEBHOOK: &str = "helpbell";

/// What Halo calls its default client and site until somebody renames them.
const DEFAULT_CLIENT: &str = "unknown";

const CONTACT_WHY: &str =
    "Tickets of people whom Halo does not know come from this contact; without it they have none.";

pub(super) fn unregistered(api: &Api<'_>) -> Findings {
    let email = wanted_contact(api);
    let found = users(api, email)?;
    let active: Vec<&Value> = found
        .iter()
        .filter(|user| !json::flag(user, "inactive"))
        .collect();
    let bad = |summary: String, cure: &[&str]| {
        cured(
            finding(PROBLEM, summary, "unregistered-contact"),
            CONTACT_WHY,
            cure,
        )
    };
    let Some(user) = active.first() else {
        if !found.is_empty() {
            return Ok(vec![bad(
                format!("the contact {email} is inactive"),
                &[
                    "In Halo, open the contact under Customers > Users.",
                    "Uncheck Inactive.",
                    "Click Save.",
                ],
            )]);
        }
        let create = format!("Create an 'Unregistered' contact with the email address {email}.");
        let missing = bad(
            format!("Halo has no contact {email}"),
            &[
                "In Halo, open the default Unknown client and site.",
                &create,
                "Click Save.",
            ],
        );
        let usual = email != UNREGISTERED_DEFAULT && !users(api, UNREGISTERED_DEFAULT)?.is_empty();
        return Ok(vec![if usual {
            suggesting(missing, UNREGISTERED_CONTACT, UNREGISTERED_DEFAULT)
        } else {
            missing
        }]);
    };
    let client = json::text(user, "client_name").unwrap_or_default();
    let place = format!("{client} / {}", json::text(user, "site_name").unwrap_or_default());
    if json::id(user, "client_id").is_none() || json::id(user, "site_id").is_none() {
        return Ok(vec![bad(
            format!("the contact {email} belongs to no client and site"),
            &[
                "In Halo, open the contact.",
                "Move it to a client and a site.",
                "Click Save.",
            ],
        )]);
    }
    if active.len() > 1 {
        return Ok(vec![cured(
            finding(
                WARNING,
                format!(
                    "{} contacts have the address {email}; one of them is at {place}",
                    active.len()
                ),
                "unregistered-contact",
            ),
            "The one with the lowest id is taken, which may not be the one you mean.",
            &["In Halo, make the others inactive, or give them another email address."],
        )]);
    }
    Ok(vec![finding(
        OK,
        format!("the contact {email} belongs to {place}"),
        "unregistered-contact",
    )])
}

/// Resolves every default as a press would, from fresh lists.
pub(super) fn defaults(api: &Api<'_>) -> Findings {
    let given: Vec<(String, String)> = api
        .call
        .settings()
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(DEFAULT)?.to_owned(), value.trim().to_owned())))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    for (field, _) in &given {
        if let Some(list) = List::of(field) {
            list.forget(api.call);
        }
    }
    let mut findings: Vec<Finding> = Vec::new();
    for wrong in fields::resolve(api, &given)?.corrections {
        let found = cured(
            finding(
                WARNING,
                format!(
                    "the default {} for {} does not work: {}",
                    wrong.given, wrong.field, wrong.reason
                ),
                "defaults",
            ),
            "Halo's own default is used instead, and every private note says so.",
            &["Correct the default, in the spelling that Halo shows."],
        );
        let name = format!("{DEFAULT}{}", wrong.field);
        findings.push(match wrong.nearest.first() {
            Some(nearest) if fields::is_known(&wrong.field) => suggesting(found, &name, nearest.as_str()),
            Some(nearest) => Finding {
                cure: vec![format!("Rename the default {} to {nearest}.", wrong.field)],
                ..found
            },
            None => found,
        });
    }
    let set = |field: &str| given.iter().any(|(name, _)| name == field);
    if findings.is_empty() {
        let summary = format!("{} defaults are set and exist in Halo", given.len());
        findings.push(finding(OK, summary, "defaults"));
    }
    if !set("impact") || !set("urgency") {
        findings.push(suggesting(
            cured(
                finding(NOTE, "no default for impact and urgency is set", "defaults"),
                "Newer Halo instances have impact and urgency fields that are mandatory.",
                &["Set both to an integer; the lower, the more severe, and 3 is low."],
            ),
            &format!("{DEFAULT}{}", if set("impact") { "urgency" } else { "impact" }),
            "3",
        ));
    }
    if !set("agent") {
        findings.push(suggesting(
            cured(
                finding(NOTE, "no default for the agent is set", "defaults"),
                "Halo then assigns every ticket to the agent of the application.",
                &["Set the agent to Unassigned if you do not want that."],
            ),
            "default:agent",
            "Unassigned",
        ));
    }
    Ok(findings)
}

/// The outcome that a private note would get.
pub(super) fn outcome(api: &Api<'_>) -> Findings {
    const WHY: &str = "Halo refuses a note without an Outcome; the report then has no note.";
    OUTCOMES.forget(api.call);
    let list = match OUTCOMES.all(api) {
        Ok(list) => list,
        // What login-type says explains it.
        Err(failure) if !works_as_agent(api) => return Err(failure),
        Err(failure) if is_refusal(&failure) => {
            return Ok(vec![cured(
                finding(
                    WARNING,
                    format!("the Outcomes could not be read: {}", failure.message),
                    "note-permission",
                ),
                WHY,
                &[
                    "Let the application's agent read Actions, or enter the id of an Outcome as Private note outcome.",
                ],
            )]);
        }
        Err(failure) => return Err(failure),
    };
    if list.entries.is_empty() && !works_as_agent(api) {
        return Err(outcome::missing());
    }
    if let Some(wanted) = api.call.setting(PRIVATE_NOTE_OUTCOME)
        && list.find(wanted).is_none()
    {
        let wrong = cured(
            finding(
                WARNING,
                format!("Halo has no Outcome {wanted}"),
                "note-permission",
            ),
            "Another Outcome is used instead, if one has a usual name.",
            &["Correct Private note outcome, as listed in Halo under Configuration > Tickets > Actions."],
        );
        return Ok(vec![match list.nearest(wanted).first() {
            Some(nearest) => suggesting(wrong, PRIVATE_NOTE_OUTCOME, nearest.as_str()),
            None => wrong,
        }]);
    }
    Ok(vec![match outcome::choose(api, true) {
        Ok(entry) => finding(
            OK,
            format!("private notes get the Outcome {}", entry.label),
            "note-permission",
        ),
        Err(failure) => cured(
            finding(PROBLEM, failure.message, "note-permission"),
            WHY,
            &[failure.help.as_deref().unwrap_or_default()],
        ),
    }])
}

/// The rule about the default client and site cannot be read. What can be is whether it would matter.
pub(super) fn note_permission(api: &Api<'_>) -> Findings {
    let found = users(api, wanted_contact(api))?;
    let client = found
        .iter()
        .find_map(|user| json::text(user, "client_name"))
        .unwrap_or_default();
    if !client.is_empty() && !lower_case(&client).contains(DEFAULT_CLIENT) {
        let summary = format!(
            "the unregistered contact belongs to {client}; the rule about the default Client/Site concerns it only if that is your default client"
        );
        return Ok(vec![finding(OK, summary, "note-permission")]);
    }
    Ok(vec![cured(
        finding(
            NOTE,
            format!("whether \"{DEFAULT_SITE_SETTING}\" is checked cannot be seen without writing"),
            "note-permission",
        ),
        "While it is checked, tickets of unregistered people arrive without the private note and its report.",
        &[
            "In Halo, open the New Ticket settings.",
            &format!("Uncheck \"{DEFAULT_SITE_SETTING}\"."),
            "Click Save, then run the doctor with --write-test.",
        ],
    )])
}

pub(super) fn webhook(api: &Api<'_>) -> Findings {
    const WHY: &str = "Without it people are not told when their ticket changes; presses work all the same.";
    let steps = |finding: Finding| {
        cured(
            finding,
            WHY,
            &[
                &format!("In Halo, open {WEBHOOKS_SCREEN} and create or open Helpbell's webhook."),
                "Webhook Type: Standard Webhook; Method: POST; Content Type: application/json; Enabled: Yes.",
                "Paste the address that Helpbell shows into Payload URL, and set Authentication as it says there.",
                "Add the events New Ticket Logged and Ticket Updated, without conditions, and click Save.",
            ],
        )
    };
    let answer = match api.get(&api::WEBHOOKS, &[]) {
        Ok(answer) => answer,
        Err(failure) if is_unreadable(&failure) => {
            let summary = "this application may not read whether there is a webhook";
            return Ok(vec![steps(finding(NOTE, summary, "webhook"))]);
        }
        Err(failure) => return Err(failure),
    };
    let ours = json::list(&answer, &["webhooks"])
        .into_iter()
        .flatten()
        .find(|hook| is_ours(hook, api.call.setting(WEBHOOK_URL)));
    let Some(hook) = ours else {
        return Ok(vec![steps(finding(
            NOTE,
            "Halo has no webhook for Helpbell",
            "webhook",
        ))]);
    };
    let mut wrong = Vec::new();
    if ["active", "enabled"]
        .iter()
        .any(|name| hook.get(name).is_some() && !json::flag(hook, name))
    {
        wrong.push("it is not enabled");
    }
    // Numbers as clients of live tenants send them: 0 is Standard Webhook, and POST.
    if json::id(hook, "type").is_some_and(|kind| kind != "0") {
        wrong.push("its Webhook Type is not Standard Webhook");
    }
    if json::id(hook, "method").is_some_and(|method| method != "0") {
        wrong.push("its Method is not POST");
    }
    if json::text(hook, "content_type").is_some_and(|kind| !kind.contains("json")) {
        wrong.push("its Content Type is not application/json");
    }
    let missing = missing_events(hook);
    if !missing.is_empty() {
        wrong.push(&missing);
    }
    if !wrong.is_empty() {
        let summary = format!("Halo's webhook for Helpbell does not work: {}", wrong.join(", "));
        return Ok(vec![steps(finding(WARNING, summary, "webhook"))]);
    }
    Ok(vec![finding(
        OK,
        "Halo has the webhook; that it carries New Ticket Logged and Ticket Updated is seen with the first ticket",
        "webhook",
    )])
}

/// The guide's events that a webhook lacks, where Halo tells which it has. By their names, or by the numbers that
/// clients of live tenants send. A list without any may be one that Halo leaves out of this answer.
fn missing_events(hook: &Value) -> String {
    const EVENTS: [(&str, &str); 2] = [("New Ticket Logged", "3"), ("Ticket Updated", "19")];
    let told = json::member(hook, "events").and_then(Value::as_array);
    let told: Vec<&Value> = told.into_iter().flatten().collect();
    let has = |(name, number): &(&str, &str)| {
        told.iter().any(|event| {
            json::id(event, "eventno").as_deref() == Some(*number)
                || json::text(event, "name").is_some_and(|told| told.eq_ignore_ascii_case(name))
        })
    };
    let missing: Vec<&str> = EVENTS
        .iter()
        .filter(|event| !has(event))
        .map(|(name, _)| *name)
        .collect();
    if told.is_empty() || missing.is_empty() {
        return String::new();
    }
    format!("it lacks the event {}", missing.join(" and "))
}

fn is_ours(hook: &Value, url: Option<&str>) -> bool {
    let target = json::text(hook, "url").unwrap_or_default();
    match url {
        Some(url) => target.trim_end_matches('/') == url.trim_end_matches('/'),
        None => {
            let name = json::text(hook, "name").unwrap_or_default();
            lower_case(&format!("{name} {target}")).contains(OUR_WEBHOOK)
        }
    }
}

/// No permission of the guide's covers webhooks, so a refusal of any kind is expected.
fn is_unreadable(failure: &Failure) -> bool {
    is_refusal(failure) || matches!(failure.code.as_str(), "halo.not-found" | "halo.refused")
}

fn wanted_contact<'a>(api: &Api<'a>) -> &'a str {
    api.call
        .setting(UNREGISTERED_CONTACT)
        .unwrap_or(UNREGISTERED_DEFAULT)
}

/// Users with exactly this address, inactive ones too, lowest id first. One page: hardly any other
/// address is like this one.
fn users(api: &Api<'_>, email: &str) -> Result<Vec<Value>, Failure> {
    let query = [
        ("search", email),
        ("includeinactive", "true"),
        ("pageinate", "true"),
        ("page_size", "50"),
        ("page_no", "1"),
    ];
    let answer = api.get(&api::USERS, &query)?;
    let same = |user: &&Value| {
        json::text(user, "emailaddress").is_some_and(|address| address.eq_ignore_ascii_case(email))
    };
    let users = json::list(&answer, &["users"]).ok_or_else(|| {
        errors::unreadable(
            "halo.users-unreadable",
            "Halo's answer to a search for users holds no list of users",
        )
    })?;
    Ok(users.iter().filter(same).cloned().collect())
}
