//! Examines the integration: what the setup guide asks for, one check each, with the clicks that cure it.
//!
//! Besides the connector's own settings a check reads what the host adds to the call:
//!
//! | setting | holds |
//! |---|---|
//! | `default:FIELD` | the operator's default for a field of `dispatcher.variables` |
//! | `token:identity` | what `authenticate` gave as `identity`: tenant and scopes |
//! | `webhook:url` | the address that Halo's webhook has to call |
//!
//! All of them may be absent; a check then says less.

mod access;
mod contents;
mod servers;

use helpbell_connector::{Call, Check, Failure, FailureKind, Finding, cured};

use crate::api::Api;

/// Everything is well.
const OK: &str = "ok";
/// Worth knowing, or not to be seen from here.
const NOTE: &str = "note";
/// A press works, but not as meant.
const WARNING: &str = "warning";
/// A press fails, or loses something.
const PROBLEM: &str = "problem";

/// Setting that the host adds: as whom the connector works.
const IDENTITY: &str = "token:identity";

type Findings = Result<Vec<Finding>, Failure>;

/// A check's id, its title, and what it does.
type Examination = (&'static str, &'static str, fn(&Api<'_>) -> Findings);

/// Every check, in the order of the guide: what a later one needs, an earlier one examines.
const CHECKS: [Examination; 13] = [
    ("servers", "Do the servers lead to Halo?", servers::examine),
    (
        "clock",
        "Does this machine's clock agree with Halo's?",
        servers::clock,
    ),
    (
        "login-type",
        "Is the Login Type Agent, with an agent?",
        access::login_type,
    ),
    (
        "permission-read-tickets",
        "May the application read tickets?",
        |api| access::permission(api, &access::READ_TICKETS),
    ),
    (
        "permission-edit-tickets",
        "May the application edit tickets?",
        access::edit_tickets,
    ),
    (
        "permission-read-customers",
        "May the application read customers?",
        |api| access::permission(api, &access::READ_CUSTOMERS),
    ),
    (
        "permission-read-crm",
        "May the application read the CRM?",
        |api| access::permission(api, &access::READ_CRM),
    ),
    (
        "permission-read-assets",
        "May the application read assets?",
        |api| access::permission(api, &access::READ_ASSETS),
    ),
    (
        "unregistered-contact",
        "Is there a contact for unregistered people?",
        contents::unregistered,
    ),
    ("defaults", "Do the defaults exist in Halo?", contents::defaults),
    (
        "private-note-outcome",
        "Is there an Outcome for private notes?",
        contents::outcome,
    ),
    (
        "note-permission",
        "Does Halo take notes on tickets of unregistered people?",
        contents::note_permission,
    ),
    ("webhook", "Does Halo tell of changes?", contents::webhook),
];

pub(crate) fn checks() -> Vec<Check> {
    CHECKS
        .iter()
        .map(|(id, title, _)| Check {
            id: (*id).to_owned(),
            title: (*title).to_owned(),
        })
        .collect()
}

pub(crate) fn examine(call: &Call<'_>, check: &str) -> Findings {
    let Some((.., run)) = CHECKS.iter().find(|(id, ..)| *id == check) else {
        return Err(Failure::unsupported(
            "halo.no-such-check",
            format!("there is no check {check}"),
        ));
    };
    run(&Api::new(call)?)
}

/// A finding. `guide` is a paragraph of the guide.
fn finding(severity: &str, summary: impl Into<String>, guide: &str) -> Finding {
    helpbell_connector::finding(severity, summary, format!("docs/halo.md#{guide}"))
}

/// Adds the setting at fault and the value to use instead.
fn suggesting(finding: Finding, setting: &str, value: impl Into<String>) -> Finding {
    Finding {
        suggestion: Some((setting.to_owned(), value.into())),
        ..finding
    }
}

/// Whether Halo refused because of who asks. A refusal of the host's own does not count.
fn is_refusal(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Auth | FailureKind::Forbidden) && failure.code.starts_with("halo.")
}

#[cfg(test)]
#[path = "doctor_tests.rs"]
mod tests;
