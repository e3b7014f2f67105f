//! The dispatcher's variables as members of a Halo ticket.
//!
//! A value that Halo does not have never costs the ticket: the member stays out, Halo's own default
//! decides, and a correction tells the reader of the private note.

use helpbell_connector::json::{Map, Value, id_value, json};
use helpbell_connector::pick_list::{Entry, nearest};
use helpbell_connector::text::lower_case;
use helpbell_connector::{Correction, Failure, FailureKind};

use crate::api::Api;
use crate::lists::List;
use crate::variables;

/// Name and id of the agent that means "nobody yet". The id holds on every instance seen; it is used
/// only where the list of agents does not name it.
const UNASSIGNED: (&str, &str) = ("Unassigned", "1");

/// The field that holds custom fields, one `id : value` a line.
pub(crate) const CUSTOM_FIELDS: &str = "customfields";

/// Before the id of one custom field: `customfield_180`. The id alone names it too.
const CUSTOM_FIELD: &str = "customfield_";

/// The field that makes Halo skip its checks of mandatory fields, when it is true.
pub(crate) const NO_VALIDATE: &str = "_novalidate";

/// A field that became a member of the ticket.
pub(crate) struct Taken {
    /// The field's name here.
    pub(crate) field: String,
    /// What was asked for.
    pub(crate) given: String,
    /// The ticket's member.
    pub(crate) member: String,
    /// What Halo's screens call it.
    pub(crate) noun: &'static str,
}

/// What the fields came to.
#[derive(Default)]
pub(crate) struct Resolved {
    /// Members of the ticket.
    pub(crate) members: Map<String, Value>,
    /// What did not work out.
    pub(crate) corrections: Vec<Correction>,
    /// The lists that were used, in case Halo refuses what came out of them.
    pub(crate) lists: Vec<&'static List>,
    /// Where each member comes from, for the same case.
    pub(crate) taken: Vec<Taken>,
}

impl Resolved {
    fn take(&mut self, field: &str, given: &str, member: &str, noun: &'static str, value: Value) {
        self.members.insert(member.to_owned(), value);
        self.note(field, given, member, noun);
    }

    /// Keeps where a member comes from.
    fn note(&mut self, field: &str, given: &str, member: &str, noun: &'static str) {
        let (field, given, member) = (field.to_owned(), given.to_owned(), member.to_owned());
        self.taken.push(Taken {
            field,
            given,
            member,
            noun,
        });
    }

    fn correct(&mut self, field: &str, given: &str, reason: String, nearest: Vec<String>) {
        let (field, given) = (field.to_owned(), given.to_owned());
        self.corrections.push(Correction {
            field,
            given,
            used: None,
            reason,
            nearest,
        });
    }

    fn custom(&mut self, field: &str, id: i64, value: &str) {
        let one = json!({"id": id, "value": value});
        match self.members.get_mut(CUSTOM_FIELDS).and_then(Value::as_array_mut) {
            Some(all) => all.push(one),
            None => drop(
                self.members
                    .insert(CUSTOM_FIELDS.to_owned(), Value::Array(vec![one])),
            ),
        }
        self.note(field, value, CUSTOM_FIELDS, "custom field");
    }
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

/// The id of the custom field that a name means.
pub(crate) fn custom_id(name: &str) -> Option<i64> {
    let id = name.strip_prefix(CUSTOM_FIELD).unwrap_or(name).trim();
    id.parse().ok().filter(|id| *id > 0)
}

/// Whether there is such a field, whatever its value.
pub(crate) fn is_known(name: &str) -> bool {
    custom_id(name).is_some() || variables::all().iter().any(|variable| variable.name == name)
}

/// A field that needs no list; false for one that does.
fn resolve_plain(name: &str, given: &str, resolved: &mut Resolved) -> bool {
    if let Some(id) = custom_id(name) {
        resolved.custom(name, id, given);
        return true;
    }
    match name {
        "impact" | "urgency" => match given.parse::<i32>() {
            Ok(number) if number > 0 => {
                let noun = if name == "impact" { "impact" } else { "urgency" };
                resolved.take(name, given, name, noun, Value::from(number));
            }
            _ => {
                let reason =
                    format!("{name} is a whole number in Halo, from 1 up; the lower, the more severe");
                resolved.correct(name, given, reason, Vec::new());
            }
        },
        NO_VALIDATE => match given.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => {
                resolved.members.insert(NO_VALIDATE.to_owned(), Value::Bool(true));
            }
            "false" | "0" | "no" => {}
            _ => resolved.correct(
                name,
                given,
                format!("{name} is true or false"),
                vec!["true".to_owned()],
            ),
        },
        CUSTOM_FIELDS => {
            for line in given.lines().map(str::trim).filter(|line| !line.is_empty()) {
                let pair = line.split_once(':');
                match pair.and_then(|(id, value)| Some((custom_id(id.trim())?, value.trim()))) {
                    Some((id, value)) => resolved.custom(name, id, value),
                    None => {
                        let reason = "a custom field is written as its id, a colon and its value".to_owned();
                        resolved.correct(name, line, reason, Vec::new());
                    }
                }
            }
        }
        _ => return false,
    }
    true
}

fn resolve_one(api: &Api<'_>, name: &str, given: &str, resolved: &mut Resolved) -> Result<(), Failure> {
    if resolve_plain(name, given, resolved) {
        return Ok(());
    }
    let Some(list) = List::of(name) else {
        let known = variables::all();
        let near = nearest(name, known.iter().map(|variable| variable.name.as_str()));
        resolved.correct(name, given, format!("Halo has no field {name}"), near);
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
            resolved.take(name, given, member, list.noun, value);
            resolved.lists.push(list);
        }
        Err((reason, near)) => {
            api.call.info(&format!("{name} is left to Halo: {reason}"));
            resolved.correct(name, given, reason, near);
        }
    }
    Ok(())
}

/// Words of a refusal that want a field rather than refuse one.
const WANTS: [&str; 6] = ["mandatory", "required", "please ", "must be ", "missing", "empty"];

/// The field that a refusal in these words (in lower case) is about, and that may be left out: the one
/// named first. Fields are tied to ticket types in Halo, and which is tied to which cannot be read.
pub(crate) fn refused<'a>(taken: &'a [Taken], words: &str) -> Option<&'a Taken> {
    if WANTS.iter().any(|want| words.contains(want)) {
        return None;
    }
    let place = |taken: &Taken| {
        [
            lower_case(&taken.field),
            lower_case(&taken.member),
            taken.noun.to_owned(),
        ]
        .iter()
        .filter_map(|name| words.find(name.as_str()))
        .min()
    };
    taken
        .iter()
        .filter_map(|taken| Some((place(taken)?, taken)))
        .min_by_key(|(place, _)| *place)
        .map(|(_, taken)| taken)
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
