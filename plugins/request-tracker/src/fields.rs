//! The dispatcher's variables as members of an RT ticket.
//!
//! A value that RT does not have never costs the ticket: the member stays out, RT's own default decides, and a
//! correction tells the reader of the private note.

use helpbell_connector::desk::Desk;
use helpbell_connector::json::{Map, Value};
use helpbell_connector::pick_list::{Entry, PickList, Wanted};
use helpbell_connector::text::lower_case;
use helpbell_connector::{Call, Correction, Failure, Variable};

use crate::describe::{PRIORITIES, USUAL_PRIORITIES};
use crate::lists;
use crate::people::labels;

/// Variable: the queue.
pub(crate) const QUEUE: &str = "queue";
/// Variable: the status.
pub(crate) const STATUS: &str = "status";
/// Variable: the owner.
pub(crate) const OWNER: &str = "owner";
/// Variable: the priority.
pub(crate) const PRIORITY: &str = "priority";

/// Before the name of a custom field: as RT's own searches write it, and as a name in a dispatcher rule can be.
const CUSTOM_FIELD: [&str; 2] = ["cf.", "cf_"];

/// A custom field's type of which one value is chosen.
const SELECT: &str = "Select";
/// Custom fields that a text cannot fill.
const FILES: [&str; 2] = ["Binary", "Image"];

/// A value that was asked for and is in the ticket only if RT also thought so.
pub(crate) struct Asked {
    /// The variable.
    pub(crate) field: String,
    /// What was given.
    pub(crate) given: String,
    /// The custom field's name; none for the owner.
    pub(crate) custom: Option<String>,
    /// What the ticket has if RT took it.
    pub(crate) value: String,
}

/// What the fields came to.
pub(crate) struct Resolved {
    /// The queue.
    pub(crate) queue: Entry,
    /// Members of the ticket.
    pub(crate) members: Map<String, Value>,
    /// What did not work out.
    pub(crate) corrections: Vec<Correction>,
    /// What RT drops without a word if it does not like it.
    pub(crate) asked: Vec<Asked>,
}

/// Every variable that RT adds to the common ones. Custom fields come beside them.
pub(crate) fn variables() -> Vec<Variable> {
    let variable = |name: &str, meaning: &str, choices: &[&str], live: bool| Variable {
        name: name.to_owned(),
        access: "read-write".to_owned(),
        kind: "text".to_owned(),
        meaning: meaning.to_owned(),
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
        live,
    };
    vec![
        variable(QUEUE, "The queue that the ticket is put in.", &[], true),
        variable(
            OWNER,
            "The user who owns the ticket, by name, real name or e-mail address.",
            &[lists::NOBODY],
            true,
        ),
        variable(
            STATUS,
            "The status, one of the lifecycle of the queue.",
            &[],
            true,
        ),
        variable(PRIORITY, "The priority, by its name or as a number.", &[], true),
    ]
}

/// The name of the custom field that a variable means: `cf.Operating system`, or `cf_Operating_system` in a rule.
pub(crate) fn custom_name(variable: &str) -> Option<&str> {
    CUSTOM_FIELD
        .iter()
        .find_map(|prefix| variable.strip_prefix(prefix))
        .map(|name| name.trim_matches(['{', '}', ' ']))
        .filter(|name| !name.is_empty())
}

/// Looks up the fields that are set, the queue first: what else there is depends on it.
pub(crate) fn resolve(desk: &Desk<'_>, fields: &[(String, String)]) -> Result<Resolved, Failure> {
    let set = |name: &str| {
        let value = fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    };
    let (queue, correction) = queue(desk, set(QUEUE))?;
    let mut resolved = Resolved {
        queue,
        members: Map::new(),
        corrections: correction.into_iter().collect(),
        asked: Vec::new(),
    };
    for (name, given) in fields {
        let given = given.trim();
        if !given.is_empty() && name != QUEUE {
            let wanted = asked_for(name, given);
            if let Err(correction) = resolve_one(desk.call, &wanted, &mut resolved)? {
                desk.call
                    .info(&format!("{name} is left to RT: {}", correction.reason));
                resolved.corrections.push(correction);
            }
        }
    }
    Ok(resolved)
}

fn asked_for<'a>(field: &'a str, given: &'a str) -> Wanted<'a> {
    let noun = match field {
        OWNER => "user",
        _ if custom_name(field).is_some() => "custom field",
        other => other,
    };
    Wanted {
        field,
        given,
        psa: "Request Tracker",
        noun,
    }
}

/// The queue that is asked for, else the first in which tickets may be filed. RT files no ticket without one.
fn queue(desk: &Desk<'_>, given: Option<&str>) -> Result<(Entry, Option<Correction>), Failure> {
    let fetch = || lists::queues(desk);
    let (list, found) = match given {
        Some(given) => lists::QUEUES.look_up(desk.call, given, fetch)?,
        None => {
            let (list, _) = lists::QUEUES.get(desk.call, fetch)?;
            let first = list.entries.first().cloned();
            (list, first)
        }
    };
    if let Some(queue) = found {
        return Ok((queue, None));
    }
    let Some(first) = list.entries.first().cloned() else {
        lists::QUEUES.forget(desk.call);
        return Err(Failure::forbidden(
            "request-tracker.no-queue",
            "Request Tracker has no queue in which the user that Helpbell works as may file tickets",
        )
        .field(QUEUE)
        .help(
            "Give that user the rights SeeQueue and CreateTicket: Admin > Queues > the queue > User Rights, or Admin > \
             Global > User Rights for all queues.",
        ));
    };
    let given = given.unwrap_or_default();
    let reason = format!(
        "Request Tracker has no queue named {given} in which Helpbell's user may file tickets; there are: {}",
        labels(&list)
    );
    let correction = Correction {
        used: Some(first.label.clone()),
        ..asked_for(QUEUE, given).correction(reason, list.nearest(given))
    };
    Ok((first, Some(correction)))
}

fn resolve_one(
    call: &Call<'_>,
    wanted: &Wanted<'_>,
    resolved: &mut Resolved,
) -> Result<Result<(), Correction>, Failure> {
    let given = wanted.given;
    if let Some(name) = custom_name(wanted.field) {
        return custom_field(call, wanted, name, resolved);
    }
    let entry = match wanted.field {
        OWNER => wanted.found(lists::owners(call, given))?,
        STATUS => wanted.found(lists::statuses(call, &resolved.queue, given))?,
        PRIORITY => match given.parse::<i32>() {
            Ok(number) => Ok(Entry::new(number.to_string(), given)),
            Err(_) => {
                let list = priorities(call);
                let entry = list.find(given).cloned();
                wanted.found(Ok((list, entry)))?
            }
        },
        other => {
            let known = variables();
            let near =
                helpbell_connector::pick_list::nearest(other, known.iter().map(|known| known.name.as_str()));
            Err(wanted.correction(
                format!("Request Tracker has no field {other}; a custom field is cf.{other}"),
                near,
            ))
        }
    };
    Ok(entry.map(|entry| {
        let member = match wanted.field {
            OWNER => "Owner",
            STATUS => "Status",
            _ => "Priority",
        };
        if wanted.field == OWNER {
            resolved.asked.push(Asked {
                field: OWNER.to_owned(),
                given: given.to_owned(),
                custom: None,
                value: entry.id.clone(),
            });
        }
        resolved.members.insert(member.to_owned(), Value::from(entry.id));
    }))
}

fn custom_field(
    call: &Call<'_>,
    wanted: &Wanted<'_>,
    name: &str,
    resolved: &mut Resolved,
) -> Result<Result<(), Correction>, Failure> {
    // A rule's names hold no blanks; RT's may.
    let spaced = name.replace('_', " ");
    let look_up = |name: &str| lists::custom_fields(call, &resolved.queue, name);
    let mut found = look_up(name);
    if spaced != name && matches!(found, Ok((_, None))) {
        found = look_up(&spaced);
    }
    let named = Wanted {
        given: name,
        ..asked_for(wanted.field, name)
    };
    let entry = match named.found(found)? {
        Ok(entry) => entry,
        Err(missing) => {
            let reason = format!("{} in the queue {}", missing.reason, resolved.queue.label);
            return Ok(Err(wanted.correction(reason, missing.nearest)));
        }
    };
    if FILES.contains(&entry.kind.as_str()) {
        let reason = format!("the custom field {} takes files and no text", entry.label);
        return Ok(Err(wanted.correction(reason, Vec::new())));
    }
    let mut value = wanted.given.to_owned();
    if entry.kind == SELECT {
        let of_it = format!("value of {}", entry.label);
        let of_it = Wanted {
            noun: &of_it,
            ..asked_for(wanted.field, wanted.given)
        };
        match of_it.found(lists::values(call, &entry, &value))? {
            Ok(chosen) => value = chosen.label,
            Err(missing) => return Ok(Err(missing)),
        }
    }
    resolved.asked.push(Asked {
        field: wanted.field.to_owned(),
        given: wanted.given.to_owned(),
        custom: Some(entry.label.clone()),
        value: value.clone(),
    });
    // By number: a name may be used twice in RT.
    let fields = resolved
        .members
        .entry("CustomFields")
        .or_insert_with(|| Value::Object(Map::new()));
    if let Some(fields) = fields.as_object_mut() {
        fields.insert(entry.id, Value::from(value));
    }
    Ok(Ok(()))
}

/// What each name of a priority stands for, from the settings.
pub(crate) fn priorities(call: &Call<'_>) -> PickList {
    let told = call.setting(PRIORITIES).unwrap_or(USUAL_PRIORITIES);
    let pairs = told.split(',').filter_map(|pair| pair.split_once('='));
    let entries = pairs.filter_map(|(name, number)| {
        let number = number.trim().parse::<i32>().ok()?;
        Some(Entry::new(number.to_string(), name.trim()))
    });
    PickList {
        entries: entries.collect(),
    }
}

/// What was asked for and is not in the ticket that RT made.
pub(crate) fn dropped(asked: &[Asked], ticket: &Value) -> Vec<Correction> {
    let has = |asked: &&Asked| {
        let values: Vec<&str> = match &asked.custom {
            None => ticket
                .pointer("/Owner/id")
                .and_then(Value::as_str)
                .into_iter()
                .collect(),
            Some(name) => custom_values(ticket, name),
        };
        values
            .iter()
            .any(|value| lower_case(value) == lower_case(&asked.value))
    };
    let missing = asked.iter().filter(|asked| !has(asked));
    missing
        .map(|asked| {
            let reason = if asked.custom.is_some() {
                "Request Tracker did not take it: the value does not fit the field, or Helpbell's user lacks the right \
                 ModifyCustomField"
            } else {
                "Request Tracker did not take it: that user lacks the right OwnTicket in the queue"
            };
            Correction {
                used: asked.custom.is_none().then(|| lists::NOBODY.to_owned()),
                ..asked_for(&asked.field, &asked.given).correction(reason.to_owned(), Vec::new())
            }
        })
        .collect()
}

fn custom_values<'a>(ticket: &'a Value, name: &str) -> Vec<&'a str> {
    let fields = ticket
        .get("CustomFields")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    fields
        .filter(|field| field.get("name").and_then(Value::as_str) == Some(name))
        .filter_map(|field| field.get("values")?.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
