//! What the application may do: its Login Type, and the five permissions that the guide asks for.

use helpbell_connector::Finding;

use super::servers::identity_part;
use super::{Findings, NOTE, OK, PROBLEM, WARNING, cured, finding, is_refusal};
use crate::api::{self, Api, Place};
use crate::describe::APPLICATIONS_SCREEN;
use crate::lists::List;

/// A permission and a read that needs it.
pub(super) struct Permission {
    name: &'static str,
    place: &'static Place,
    /// Another permission without which the same read may be refused. Which of the two guards what is
    /// not public.
    twin: &'static str,
    why: &'static str,
}

/// Finding tickets again and reading notes back.
pub(super) const READ_TICKETS: Permission = Permission {
    name: "read:tickets",
    place: &api::TICKETS,
    twin: "",
    why: "Helpbell reads its note back, and looks for a ticket before it files it again.",
};
/// Finding people.
pub(super) const READ_CUSTOMERS: Permission = Permission {
    name: "read:customers",
    place: &api::USERS,
    twin: "read:crm",
    why: "Without it nobody is recognised, not even the unregistered contact.",
};
/// Finding clients.
pub(super) const READ_CRM: Permission = Permission {
    name: "read:crm",
    place: &api::CLIENTS,
    twin: "read:customers",
    why: "The guide asks for it; without it some Halo instances recognise nobody.",
};
/// Finding machines.
pub(super) const READ_ASSETS: Permission = Permission {
    name: "read:assets",
    place: &api::ASSETS,
    twin: "",
    why: "Without it no machine is linked to its tickets.",
};

const EDIT_TICKETS: &str = "edit:tickets";
const EDIT_WHY: &str = "Without it no ticket is filed.";

/// Scopes that stand for many.
const WIDE: [&str; 3] = ["all", "all:standard", "admin"];

/// Whether the token says that it may.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Has,
    Lacks,
    Unknown,
}

/// Reads where the permission is needed, and compares with what the token says.
pub(super) fn permission(api: &Api<'_>, wanted: &Permission) -> Findings {
    let told = scope(api, wanted.name);
    let Permission {
        name,
        place,
        twin,
        why,
    } = *wanted;
    let refusal = match api.get(
        place,
        &[("pageinate", "true"), ("page_size", "1"), ("page_no", "1")],
    ) {
        Ok(_) if told == Scope::Lacks => {
            let summary = format!(
                "the token does not carry {name}, though {} works here",
                place.doing
            );
            return Ok(vec![missing(WARNING, summary, name, why)]);
        }
        Ok(_) => return Ok(vec![finding(OK, format!("{name} is granted"), "permissions")]),
        // What login-type says explains it.
        Err(failure) if told == Scope::Has && !works_as_agent(api) => return Err(failure),
        Err(failure) if is_refusal(&failure) => failure.message,
        Err(failure) => return Err(failure),
    };
    let twin_lacks = !twin.is_empty() && scope(api, twin) == Scope::Lacks;
    Ok(vec![match told {
        Scope::Lacks => missing(
            PROBLEM,
            format!("the application lacks the permission {name}"),
            name,
            why,
        ),
        Scope::Has if twin_lacks => finding(
            OK,
            format!("{name} is granted; what is refused lacks {twin}"),
            "permissions",
        ),
        Scope::Has => cured(
            finding(
                PROBLEM,
                format!(
                    "the token carries {name}, but the agent may not use it, or it was withdrawn since: {refusal}"
                ),
                "login-type",
            ),
            why,
            &[
                &format!(
                    "In Halo, open the application under {APPLICATIONS_SCREEN} and see which agent is selected."
                ),
                "Give this agent, under Configuration > Teams & Agents, a role that may do it too, or select another agent.",
            ],
        ),
        Scope::Unknown if twin.is_empty() => missing(
            PROBLEM,
            format!("the permission {name} is missing, or the selected agent lacks it: {refusal}"),
            name,
            why,
        ),
        Scope::Unknown => missing(
            PROBLEM,
            format!("the permission {name} or {twin} is missing, or the selected agent lacks it: {refusal}"),
            name,
            why,
        ),
    }])
}

/// No read proves that one may write: the token's word counts, else nobody's.
pub(super) fn edit_tickets(api: &Api<'_>) -> Findings {
    Ok(vec![match scope(api, EDIT_TICKETS) {
        Scope::Has => finding(
            OK,
            "the token carries edit:tickets; that the agent may use it, only the test that writes proves",
            "permissions",
        ),
        Scope::Lacks => missing(
            PROBLEM,
            "the application lacks the permission edit:tickets".to_owned(),
            EDIT_TICKETS,
            EDIT_WHY,
        ),
        Scope::Unknown => cured(
            finding(
                NOTE,
                "whether edit:tickets is granted cannot be seen without writing",
                "permissions",
            ),
            EDIT_WHY,
            &["Run the doctor with --write-test: it files a marked ticket and closes it."],
        ),
    }])
}

/// Whether there is an agent, as far as one list tells: it needs an agent, and no permission of its own.
pub(super) fn works_as_agent(api: &Api<'_>) -> bool {
    let list = List::of("ticketType").map(|list| list.fresh(api));
    match list {
        Some(Ok(found)) => !found.entries.is_empty(),
        Some(Err(failure)) => !is_refusal(&failure),
        None => true,
    }
}

/// Pick-lists need an agent behind the application, and no permission of their own.
pub(super) fn login_type(api: &Api<'_>) -> Findings {
    let mut refused = Vec::new();
    let lists: Vec<&List> = ["ticketType", "agent"].into_iter().filter_map(List::of).collect();
    for list in &lists {
        match list.fresh(api) {
            Ok(found) if found.entries.is_empty() => {
                refused.push(format!("Halo shows it not a single {}", list.noun));
            }
            Ok(_) => {}
            Err(failure) if is_refusal(&failure) => refused.push(failure.message),
            Err(failure) => return Err(failure),
        }
    }
    let Some(first) = refused.first() else {
        return Ok(vec![finding(
            OK,
            "the application works as an agent",
            "login-type",
        )]);
    };
    let (severity, summary) = if refused.len() == lists.len() {
        (
            PROBLEM,
            format!("the application does not work as an agent: {first}"),
        )
    } else {
        (
            WARNING,
            format!("the application's agent may not read every list: {first}"),
        )
    };
    Ok(vec![cured(
        finding(severity, summary, "login-type"),
        "Without an agent lookups fail, and Halo takes no tickets from the application.",
        &[
            &format!("In Halo, open the application under {APPLICATIONS_SCREEN}."),
            "Make sure that it is active.",
            "Set Login Type to Agent and select the agent that tickets are put into the system as.",
            "Click Save.",
        ],
    )])
}

fn missing(severity: &str, summary: String, permission: &str, why: &str) -> Finding {
    cured(
        finding(severity, summary, "permissions"),
        why,
        &[
            &format!("In Halo, open the application under {APPLICATIONS_SCREEN}."),
            &format!("Under Permissions, select {permission}."),
            "Click Save. It takes effect with the next token.",
        ],
    )
}

/// What the token says about a permission. A list of single scopes is complete unless it was cut off.
fn scope(api: &Api<'_>, name: &str) -> Scope {
    let Some(scopes) = identity_part(api, "scopes ") else {
        return Scope::Unknown;
    };
    let listed = |wanted: &str| scopes.split_whitespace().any(|scope| scope == wanted);
    if listed(name) {
        Scope::Has
    } else if WIDE.iter().any(|wide| listed(wide)) || scopes.ends_with('…') || !scopes.contains(':') {
        Scope::Unknown
    } else {
        Scope::Lacks
    }
}
