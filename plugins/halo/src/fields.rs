//! The dispatcher's variables as members of a Halo ticket.
//!
//! A value that Halo does not have never costs the ticket: the member stays out, Halo's own default
//! decides, and a correction tells the reader of the private note.

use helpbell_connector::json::{Map, Value, id_value};
use helpbell_connector::pick_list::{Entry, nearest};
use helpbell_connector::{Correction, Failure, FailureKind};

use crate::api::Api;
use crate::lists::List;
use crate::variables;

/// Name and id of the agent that means "nobody yet". The id holds on every instance seen; it is used
/// only where the list of agents does not name it.
const UNASSIGNED: (&str, &str) = ("Unassigned", "1");

/// What the fields came to.
#[derive(Default)]
pub(crate) struct Resolved {
    /// Members of the ticket.
    pub(crate) members: Map<String, Value>,
    /// What did not work out.
    pub(crate) corrections: Vec<Correction>,
    /// The lists that were used, in case Halo refuses what came out of them.
    pub(crate) lists: Vec<&'static List>,
}

/// Looks up the fields that are set; each list at most once, and none for fields that are not set.
pub(crate) fn resolve(api: &Api<'_>, fields: &[(String, String)]) -> Result<Resolved, Failure> {
    let mut resolved = Resolved::default();
    for (name, given) in fields {
        let given = given.trim();
        if !given.is_empty() {
            resolve_one(api, name, given, &mut resolved)?;
        }
    }
    Ok(resolved)
}

fn resolve_one(api: &Api<'_>, name: &str, given: &str, resolved: &mut Resolved) -> Result<(), Failure> {
    let mut correct = |reason: String, nearest: Vec<String>| {
        let (field, given) = (name.to_owned(), given.to_owned());
        resolved.corrections.push(Correction {
            field,
            given,
            used: None,
            reason,
            nearest,
        });
    };
    if matches!(name, "impact" | "urgency") {
        match given.parse::<i32>() {
            Ok(number) => {
                resolved.members.insert(name.to_owned(), Value::from(number));
            }
            Err(_) => correct(
                format!("{name} is a whole number in Halo; the lower, the more severe"),
                Vec::new(),
            ),
        }
        return Ok(());
    }
    let Some(list) = List::of(name) else {
        let known = variables::all();
        let near = nearest(name, known.iter().map(|variable| variable.name.as_str()));
        correct(format!("Halo has no field {name}"), near);
        return Ok(());
    };
    let found = match list.look_up(api, given) {
        Ok((_, None)) if is_unassigned(name, given) => Ok(Entry::new(UNASSIGNED.1, UNASSIGNED.0)),
        Ok((_, Some(entry))) => Ok(entry),
        Ok((entries, None)) => Err((
            format!("Halo has no {} named {given}", list.noun),
            entries.nearest(given),
        )),
        Err(failure) if is_about_the_list(&failure) => {
            if is_unassigned(name, given) {
                Ok(Entry::new(UNASSIGNED.1, UNASSIGNED.0))
            } else {
                Err((
                    format!(
                        "whether Halo has such a {} could not be read: {}",
                        list.noun, failure.message
                    ),
                    Vec::new(),
                ))
            }
        }
        // Nothing was sent yet, and the ticket itself would fare no better: the host tries again later.
        Err(failure) => return Err(failure),
    };
    match found {
        Ok(entry) => {
            let (member, value) = member_of(name, &entry);
            resolved.members.insert(member.to_owned(), value);
            resolved.lists.push(list);
        }
        Err((reason, near)) => {
            api.call.info(&format!("{name} is left to Halo: {reason}"));
            correct(reason, near);
        }
    }
    Ok(())
}

/// The ticket's member for a variable, and its value.
fn member_of<'a>(variable: &'a str, entry: &Entry) -> (&'a str, Value) {
    match variable {
        "priority" => ("priority_id", id_value(&entry.id)),
        "state" => ("status_id", id_value(&entry.id)),
        "ticketType" => ("tickettype_id", id_value(&entry.id)),
        "agent" => ("agent_id", id_value(&entry.id)),
        // Teams and categories are named, not numbered.
        other => (other, Value::from(entry.label.as_str())),
    }
}

fn is_unassigned(variable: &str, given: &str) -> bool {
    variable == "agent" && given.eq_ignore_ascii_case(UNASSIGNED.0)
}

/// Whether a failed lookup says something about this list only, so that the ticket may well go out
/// without it. A missing permission does; a server that cannot be reached or that counts requests does not.
fn is_about_the_list(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Forbidden => failure.code.starts_with("halo."),
        FailureKind::NotFound | FailureKind::InvalidInput | FailureKind::Internal => true,
        FailureKind::Unavailable => failure.code == "halo.server-error",
        _ => false,
    }
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
