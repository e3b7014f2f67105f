//! Notes are Halo's actions. Written, then read back: a Halo that wants unknown people's tickets moved
//! first may say "created" and keep nothing.

use helpbell_connector::http::Part;
use helpbell_connector::json::{self, Map, Value, id_value};
use helpbell_connector::pick_list::Entry;
use helpbell_connector::text::lower_case;
use helpbell_connector::{AddedNote, Attachment, Call, Failure, FailureKind, Note, Ticket, marker};

use crate::api::{self, Api};
use crate::errors;
use crate::lists::OUTCOMES;
use crate::outcome;

/// The setting of Halo's that loses notes, in the words of its screen.
pub(crate) const DEFAULT_SITE_SETTING: &str =
    "Tickets with the default Client/Site must be moved before working on the Ticket";

/// The failure of a note that this setting lost or may have lost.
const DEFAULT_SITE_CODE: &str = "halo.default-site-rule";

/// The cure of it.
fn uncheck_it() -> String {
    format!(
        "In Halo's New Ticket settings, uncheck \"{DEFAULT_SITE_SETTING}\". While it is checked, Halo keeps no notes \
         on tickets of the unregistered contact."
    )
}

/// Milliseconds before a note that is not there is looked for again. Clients of live tenants saw writes
/// become visible late; how late was not measured. Only a missing note waits.
const READ_AGAIN_MS: [u64; 2] = [500, 2_000];

/// Adds a note with its files and reads it back.
pub(crate) fn add(call: &Call<'_>, ticket: &Ticket, note: &Note) -> Result<AddedNote, Failure> {
    let api = Api::new(call)?;
    let post = |outcome: Entry| {
        let action = action(outcome, &ticket.id, note.private, &note.html, &note.reference);
        api.post_parts(&api::NOTING, with_files(action, &note.attachments))
    };
    let mut answer = post(outcome::choose(&api, note.private)?);
    // An id of the setting was not looked up; refused, it proves that there is no note yet.
    if answer.as_ref().is_err_and(is_about_the_outcome)
        && let Some(listed) = outcome::instead_of_id(&api, note.private)
    {
        answer = post(listed?);
    }
    let answer = answer.map_err(|failure| refused(call, failure))?;
    let claimed = json::id(&answer, "id");
    let found = match read_back(&api, &ticket.id, &note.reference) {
        Ok(Some(found)) => found,
        Ok(None) => {
            return Err(Failure::forbidden(
                DEFAULT_SITE_CODE,
                format!(
                    "Halo accepted the note on ticket {} but did not keep it",
                    ticket.number
                ),
            )
            .help(uncheck_it())
            .fact("note", "dropped"));
        }
        // Halo took the note, but whether it kept it is not known. A failure here would only
        // make somebody write it twice.
        Err(failure) => {
            call.warn(&format!("the note could not be read back: {}", failure.message));
            let id = composite(&ticket.id, claimed.as_deref().unwrap_or_default());
            return Ok(AddedNote {
                id,
                attachments: files_of(&answer, &note.attachments),
                confirmed: false,
            });
        }
    };
    let found = &found;
    let id = json::id(found, "id").or(claimed).unwrap_or_default();
    if note.private && !json::flag(found, "hiddenfromuser") {
        return Err(Failure::forbidden(
            "halo.note-visible",
            format!("the note on ticket {} was asked to be private, but Halo shows it to the user", ticket.number),
        )
        .fact("note", composite(&ticket.id, &id))
        .help(
            "Hide the note in Halo, then choose as Private note outcome an Outcome whose notes Halo hides from the user.",
        ));
    }
    let attachments = files_of(found, &note.attachments);
    let confirmed = attachments.len() == note.attachments.len();
    Ok(AddedNote {
        id: composite(&ticket.id, &id),
        attachments,
        confirmed,
    })
}

/// The action that carries this reference: at once with one request, later with a few.
fn read_back(api: &Api<'_>, ticket: &str, reference: &str) -> Result<Option<Value>, Failure> {
    let mut pauses = READ_AGAIN_MS.iter();
    loop {
        if let Some(found) = list(api, ticket)?
            .into_iter()
            .find(|action| carries(action, reference))
        {
            return Ok(Some(found));
        }
        match pauses.next() {
            Some(pause) => api.call.pause(*pause),
            None => return Ok(None),
        }
    }
}

/// Writes a private note without files and without reading it back.
pub(crate) fn add_plain(api: &Api<'_>, ticket: &str, html: &str, reference: &str) -> Result<(), Failure> {
    let action = action(outcome::choose(api, true)?, ticket, true, html, reference);
    api.post(&api::NOTING, &Value::Object(action))
        .map(drop)
        .map_err(|failure| refused(api.call, failure))
}

/// Adds one more file, to a note or to the ticket itself.
pub(crate) fn attach(
    call: &Call<'_>,
    ticket: &Ticket,
    note: Option<&str>,
    attachment: &Attachment,
) -> Result<String, Failure> {
    let api = Api::new(call)?;
    let mut file = file(attachment);
    file.insert("ticket_id".to_owned(), id_value(&ticket.id));
    if let Some(note) = note {
        // Action ids count per ticket, which is why a note's id names both.
        let action = note.rsplit_once('/').map_or(note, |(_, action)| action);
        file.insert("action_id".to_owned(), id_value(action));
    }
    let body = Value::Array(vec![Value::Object(file)]);
    let answer = api
        .post_parts(&api::ATTACHING, json::parts(&body))
        .map_err(|failure| refused(call, failure))?;
    json::id(&answer, "id").ok_or_else(|| {
        errors::unreadable(
            "halo.answer-without-id",
            "Halo took the attachment but its answer names no id",
        )
    })
}

/// The notes that carry this reference.
pub(crate) fn find(call: &Call<'_>, ticket: &Ticket, reference: &str) -> Result<Vec<AddedNote>, Failure> {
    let api = Api::new(call)?;
    let note = |action: &Value| {
        Some(AddedNote {
            id: composite(&ticket.id, &json::id(action, "id")?),
            attachments: files_of(action, &[]),
            // Only private notes are written with a reference.
            confirmed: json::flag(action, "hiddenfromuser"),
        })
    };
    Ok(list(&api, &ticket.id)?
        .iter()
        .filter(|action| carries(action, reference))
        .filter_map(note)
        .collect())
}

/// All actions of a ticket that people or integrations wrote.
fn list(api: &Api<'_>, ticket: &str) -> Result<Vec<Value>, Failure> {
    let query = [
        ("ticket_id", ticket),
        ("excludesys", "true"),
        ("includehtmlnote", "true"),
        ("includeattachments", "true"),
    ];
    let answer = api.get(&api::NOTES, &query)?;
    json::list(&answer, &["actions"]).cloned().ok_or_else(|| {
        errors::unreadable(
            "halo.notes-unreadable",
            "Halo's answer to a request for notes holds no list of actions",
        )
    })
}

fn action(outcome: Entry, ticket: &str, private: bool, html: &str, reference: &str) -> Map<String, Value> {
    let mut action = Map::new();
    action.insert("ticket_id".to_owned(), id_value(ticket));
    if !outcome.id.is_empty() {
        action.insert("outcome_id".to_owned(), id_value(&outcome.id));
    }
    if !outcome.label.is_empty() {
        action.insert("outcome".to_owned(), Value::from(outcome.label));
    }
    let footer = if reference.is_empty() {
        String::new()
    } else {
        marker::footer_html(reference)
    };
    action.insert("note_html".to_owned(), Value::from(format!("{html}{footer}")));
    action.insert("hiddenfromuser".to_owned(), Value::from(private));
    // The outcome could have mail switched on; a report is not for mailing.
    action.insert("sendemail".to_owned(), Value::from(false));
    action
}

/// The body of a POST with the files in their place, without ever holding a file.
fn with_files(mut action: Map<String, Value>, files: &[Attachment]) -> Vec<Part> {
    if !files.is_empty() {
        let files = files.iter().map(|attachment| Value::Object(file(attachment)));
        action.insert("attachments".to_owned(), Value::Array(files.collect()));
    }
    json::parts(&Value::Array(vec![Value::Object(action)]))
}

fn file(attachment: &Attachment) -> Map<String, Value> {
    let mut file = Map::new();
    let mut insert = |name: &str, value: Value| file.insert(name.to_owned(), value);
    insert("filename", Value::from(attachment.name.as_str()));
    insert("content_type", Value::from(attachment.content_type.as_str()));
    // Finds it again; that Halo gives the description back is in its schema and was not tried live.
    insert("desc", Value::from(marker::written(&attachment.reference)));
    insert("showforusers", Value::from(false));
    insert("data_base64", json::blob(attachment.blob));
    file
}

fn carries(action: &Value, reference: &str) -> bool {
    ["note_html", "note"]
        .iter()
        .filter_map(|name| json::text(action, name))
        .any(|text| marker::carries(&text, reference))
}

/// The references of the files that an action has. Those of `sent` are also known by their name, and
/// all of them where Halo counts as many as were sent but does not list them.
fn files_of(action: &Value, sent: &[Attachment]) -> Vec<String> {
    let Some(files) = json::member(action, "attachments")
        .and_then(Value::as_array)
        .filter(|files| !files.is_empty())
    else {
        let count = json::id(action, "attachment_count")
            .and_then(|count| count.parse::<usize>().ok())
            .unwrap_or(0);
        let all = !sent.is_empty() && count >= sent.len();
        return if all {
            sent.iter().map(|file| file.reference.clone()).collect()
        } else {
            Vec::new()
        };
    };
    let described: Vec<String> = files
        .iter()
        .filter_map(|file| marker::read(&json::text(file, "desc")?).map(str::to_owned))
        .collect();
    if sent.is_empty() {
        return described;
    }
    let named = |name: &str| {
        files
            .iter()
            .any(|file| json::text(file, "filename").as_deref() == Some(name))
    };
    let there = |file: &&Attachment| described.contains(&file.reference) || named(&file.name);
    sent.iter()
        .filter(there)
        .map(|file| file.reference.clone())
        .collect()
}

fn composite(ticket: &str, action: &str) -> String {
    format!("{ticket}/{action}")
}

fn is_about_the_outcome(failure: &Failure) -> bool {
    failure.kind == FailureKind::InvalidInput && lower_case(api::words_of(failure)).contains("outcome")
}

/// What a refused note or file most likely means. The texts of Halo's rule about the default client and
/// site are not known, so the guide's cure goes with every refusal that is not about something else.
fn refused(call: &Call<'_>, failure: Failure) -> Failure {
    if failure.kind == FailureKind::InvalidInput {
        // The remembered outcome may be gone from Halo by now; the next try asks afresh.
        OUTCOMES.forget(call);
    }
    let words = lower_case(api::words_of(&failure));
    match failure.kind {
        FailureKind::InvalidInput if is_about_the_outcome(&failure) => {
            let cure = outcome::missing();
            Failure {
                code: cure.code,
                field: cure.field,
                help: cure.help,
                ..failure
            }
        }
        FailureKind::Forbidden if failure.code == "halo.forbidden" => {
            let permissions = failure.help.as_deref().unwrap_or_default();
            let help = format!("{} If it is not checked: {permissions}", uncheck_it());
            Failure {
                code: DEFAULT_SITE_CODE.to_owned(),
                help: Some(help),
                ..failure
            }
        }
        FailureKind::InvalidInput if failure.code == "halo.refused" => {
            let about_the_rule = [
                "moved",
                "default client",
                "default site",
                "client/site",
                "access to this action",
            ];
            if about_the_rule.iter().any(|sign| words.contains(sign)) {
                Failure {
                    kind: FailureKind::Forbidden,
                    code: DEFAULT_SITE_CODE.to_owned(),
                    help: Some(uncheck_it()),
                    ..failure
                }
            } else {
                failure.help(format!(
                    "If the ticket belongs to the unregistered contact: {}",
                    uncheck_it()
                ))
            }
        }
        _ => failure,
    }
}

#[cfg(test)]
#[path = "notes_tests.rs"]
mod tests;
