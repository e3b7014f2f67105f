//! Notes are RT's comments: people who asked neither see nor receive them. Written, then read back.
//!
//! A note's reference is the comment's subject, which RT shows in the history; a file's is a parameter of its media type,
//! which RT keeps with the file's headers. Both are read without reading any contents.

use helpbell_connector::desk::Desk;
use helpbell_connector::header::header_word;
use helpbell_connector::http::{Part, Request};
use helpbell_connector::json::{self, Map, Value};
use helpbell_connector::{AddedNote, Attachment, Call, Failure, FailureKind, Note, Ticket, marker};

use crate::rest::{self, PAGE, REST};
use crate::tickets::{object, segment};

/// What RT calls an entry of the history that people who asked do not see.
const COMMENT: &str = "Comment";
/// What RT calls one that they do.
const CORRESPOND: &str = "Correspond";

/// Kinds of entries that tell of a file that is not whole.
const LOSSES: [&str; 2] = ["AttachmentTruncate", "AttachmentDrop"];

/// What to do about files that are not whole.
const KEEP_FILES: &str = "Raise $MaxAttachmentSize in RT's configuration, or switch off $TruncateLongAttachments and \
                          $DropLongAttachments.";

/// Parameter of a media type that holds a file's reference.
const REFERENCE: &str = "helpbell";

/// Pages of a history or of attachments that are read at most: with 100 on each, far more than tickets have.
const MAX_PAGES: u32 = 20;

/// Adds a note with its files and reads it back.
pub(crate) fn add(call: &Call<'_>, ticket: &Ticket, note: &Note) -> Result<AddedNote, Failure> {
    let desk = rest::desk(call)?;
    let html = format!("{}{}", note.html, marker::footer_html(&note.reference));
    let subject = format!("Helpbell report {}", marker::written(&note.reference));
    // RT refuses a whole note for one empty file; the host learns which one is missing.
    let files: Vec<&Attachment> = note.attachments.iter().filter(|file| file.size > 0).collect();
    let id = write(
        &desk,
        ticket,
        note.private,
        object(&[("Content", &html), ("Subject", &subject)]),
        &files,
    )?;
    match read_back(&desk, ticket, &id) {
        Ok((kind, kept)) => {
            if note.private && kind != COMMENT {
                return Err(visible(ticket, &id, &kind));
            }
            let there = |file: &&Attachment| kept.iter().any(|kept| kept.is(file));
            let (whole, lost): (Vec<&Attachment>, Vec<_>) = note.attachments.iter().partition(there);
            if !lost.is_empty() {
                let names: Vec<&str> = lost.iter().map(|file| file.name.as_str()).collect();
                call.warn(&format!(
                    "RT did not keep all of {}. {KEEP_FILES}",
                    names.join(", ")
                ));
            }
            Ok(AddedNote {
                confirmed: lost.is_empty(),
                id,
                attachments: whole.iter().map(|file| file.reference.clone()).collect(),
            })
        }
        // RT took the note. A failure here would only make somebody write it twice.
        Err(failure) => {
            call.warn(&format!("the note could not be read back: {}", failure.message));
            Ok(AddedNote {
                id,
                attachments: files.iter().map(|file| file.reference.clone()).collect(),
                confirmed: false,
            })
        }
    }
}

/// Adds one more file. RT adds nothing to a comment that is there; the file comes with a comment of its own.
pub(crate) fn attach(call: &Call<'_>, ticket: &Ticket, file: &Attachment) -> Result<String, Failure> {
    if file.size == 0 {
        return Err(Failure::invalid_input(
            "request-tracker.empty-file",
            format!("{} is empty, and Request Tracker takes no empty files", file.name),
        )
        .help("Nothing is lost: there is nothing in it."));
    }
    let desk = rest::desk(call)?;
    let subject = format!("Helpbell file {}", marker::written(&file.reference));
    let id = write(&desk, ticket, true, object(&[("Subject", &subject)]), &[file])?;
    let (kind, kept) = read_back(&desk, ticket, &id)?;
    if kind != COMMENT {
        return Err(visible(ticket, &id, &kind));
    }
    if kept.iter().any(|kept| kept.is(file)) {
        return Ok(id);
    }
    Err(Failure::invalid_input(
        "request-tracker.file-not-kept",
        format!(
            "Request Tracker took {} ({} bytes), but did not keep all of it",
            file.name, file.size
        ),
    )
    .help(KEEP_FILES))
}

/// The notes that carry this reference, each with the references of all files on the ticket.
pub(crate) fn find(call: &Call<'_>, ticket: &Ticket, reference: &str) -> Result<Vec<AddedNote>, Failure> {
    let desk = rest::desk(call)?;
    let history = format!("/ticket/{}/history", segment(&ticket.id)?);
    let fields = [("fields", "Type,Data"), ("orderby", "id")];
    let carries = |entry: &&Value| {
        let kind = json::text(entry, "Type").unwrap_or_default();
        [COMMENT, CORRESPOND].contains(&kind.as_str())
            && json::text(entry, "Data").is_some_and(|subject| marker::carries(&subject, reference))
    };
    let entries = pages(&desk, "reading the history of the ticket", &history, &fields)?;
    let found: Vec<&Value> = entries.iter().filter(carries).collect();
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let kept = files(&desk, &format!("/ticket/{}/attachments", ticket.id))?;
    let references: Vec<String> = kept.into_iter().filter_map(|file| file.reference).collect();
    let note = |entry: &&Value| {
        Some(AddedNote {
            id: json::id(entry, "id")?,
            attachments: references.clone(),
            confirmed: json::text(entry, "Type").as_deref() == Some(COMMENT),
        })
    };
    Ok(found.iter().filter_map(note).collect())
}

/// Writes a comment, or an answer, and gives the id of its entry in the history.
pub(crate) fn write(
    desk: &Desk<'_>,
    ticket: &Ticket,
    private: bool,
    mut note: Map<String, Value>,
    files: &[&Attachment],
) -> Result<String, Failure> {
    note.insert("ContentType".to_owned(), Value::from("text/html"));
    let what = if private { "comment" } else { "correspond" };
    let path = format!("{REST}/ticket/{}/{what}", segment(&ticket.id)?);
    let request = Request::post(
        desk.address(&path, &[]),
        "application/json",
        with_files(note, files),
    );
    let (answer, _) = desk
        .exchange("adding the note", request)
        .map_err(|failure| refused(failure, private))?;
    let place = answer
        .header("location")
        .and_then(|place| place.rsplit('/').next());
    place
        .filter(|id| segment(id).is_ok())
        .map(str::to_owned)
        .ok_or_else(|| desk.unreadable("it does not say where the note is"))
}

/// The body of a POST with the files in their place, without ever holding a file.
fn with_files(mut note: Map<String, Value>, files: &[&Attachment]) -> Vec<Part> {
    let files = files.iter().map(|file| {
        // RT fails on a file name with letters beyond Latin, and spoils those with accents, unless it is encoded.
        let mut about = object(&[
            ("FileName", &header_word(&file.name)),
            ("FileType", &media_type(file)),
        ]);
        about.insert("FileContent".to_owned(), json::blob(file.blob));
        Value::Object(about)
    });
    note.insert("Attachments".to_owned(), Value::Array(files.collect()));
    json::parts(&Value::Object(note))
}

/// A file's media type with its reference. RT rewrites text that it does not know to be UTF-8; such a file goes as bytes.
fn media_type(file: &Attachment) -> String {
    let given = file.content_type.trim();
    let lower = given.to_ascii_lowercase();
    let plain = given
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~') && byte != b'"');
    let rewritten = lower.starts_with("text/") && !lower.contains("charset=utf-8");
    // RT takes these apart.
    let nested = ["multipart/", "message/"]
        .iter()
        .any(|kind| lower.starts_with(kind));
    let kind = if plain && !rewritten && !nested && lower.contains('/') {
        given
    } else {
        "application/octet-stream"
    };
    let quotable = |c: char| c.is_ascii_graphic() && !"\"\\".contains(c);
    if file.reference.chars().all(quotable) {
        format!("{kind}; {REFERENCE}=\"{}\"", file.reference)
    } else {
        kind.to_owned()
    }
}

/// A file as RT keeps it.
struct Kept {
    reference: Option<String>,
    name: String,
    size: Option<u64>,
}

impl Kept {
    fn is(&self, file: &Attachment) -> bool {
        let same = match &self.reference {
            Some(reference) => *reference == file.reference,
            None => self.name == file.name,
        };
        same && self.size == Some(file.size)
    }
}

/// What became of a note: what kind of entry it is, and its files but those that RT cut off or dropped. RT gives those
/// the size they had, and tells of it in entries of their own.
fn read_back(desk: &Desk<'_>, ticket: &Ticket, id: &str) -> Result<(String, Vec<Kept>), Failure> {
    let path = format!("/ticket/{}/history", segment(&ticket.id)?);
    let latest = [("fields", "Type,Data"), ("orderby", "id"), ("order", "DESC")];
    let history = rest::items(desk, "reading the note back", &path, &latest)?;
    let entry = history
        .iter()
        .position(|entry| json::id(entry, "id").as_deref() == Some(id));
    let entry = entry.ok_or_else(|| desk.unreadable("the note that was written is not in the history"))?;
    let kind = history
        .get(entry)
        .and_then(|entry| json::text(entry, "Type"))
        .unwrap_or_default();
    let since = history.iter().take(entry);
    let lost: Vec<String> = since
        .filter(|entry| json::text(entry, "Type").is_some_and(|kind| LOSSES.contains(&kind.as_str())))
        .filter_map(|entry| json::text(entry, "Data"))
        .collect();
    let mut kept = files(desk, &format!("/transaction/{id}/attachments"))?;
    // RT puts `.txt` behind the name of a file that it dropped.
    kept.retain(|file| {
        !lost
            .iter()
            .any(|lost| file.name == *lost || file.name == format!("{lost}.txt"))
    });
    Ok((kind, kept))
}

/// The files of an entry or of a ticket.
fn files(desk: &Desk<'_>, path: &str) -> Result<Vec<Kept>, Failure> {
    let fields = [("fields", "Filename,ContentLength,Headers"), ("orderby", "id")];
    let all = pages(desk, "reading the files of the ticket", path, &fields)?;
    let file = |part: &Value| {
        let headers = json::text(part, "Headers").unwrap_or_default();
        Some(Kept {
            name: json::text(part, "Filename")?,
            size: json::id(part, "ContentLength").and_then(|size| size.parse().ok()),
            reference: reference_in(&headers),
        })
    };
    Ok(all.iter().filter_map(file).collect())
}

fn reference_in(headers: &str) -> Option<String> {
    let (_, rest) = headers.split_once(&format!("{REFERENCE}=\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// All items of a list, page by page. RT does not say how many there are where it does not show all of them.
fn pages(desk: &Desk<'_>, doing: &str, path: &str, query: &[(&str, &str)]) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::new();
    for page in 1..=MAX_PAGES {
        let number = page.to_string();
        let query: Vec<_> = query.iter().copied().chain([("page", number.as_str())]).collect();
        let items = rest::items(desk, doing, path, &query)?;
        let full = items.len().to_string() == PAGE;
        all.extend(items);
        if !full {
            break;
        }
    }
    Ok(all)
}

/// A note that the person sees although it was to be private. Not seen on any RT; a report must not be seen for trusting.
fn visible(ticket: &Ticket, id: &str, kind: &str) -> Failure {
    Failure::forbidden(
        "request-tracker.note-visible",
        format!(
            "the note on ticket {} was to be private, but Request Tracker made it a {kind}",
            ticket.number
        ),
    )
    .fact("note", id)
    .help("Delete that entry in RT's history. An extension of your RT seems to turn comments into answers.")
}

fn refused(failure: Failure, private: bool) -> Failure {
    let right = if private {
        "CommentOnTicket"
    } else {
        "ReplyToTicket"
    };
    match failure.kind {
        FailureKind::Forbidden | FailureKind::InvalidInput if failure.help.is_none() => Failure {
            // RT answers 400 to a lack of the right, with "Permission Denied".
            kind: if failure.message.contains("Permission Denied") {
                FailureKind::Forbidden
            } else {
                failure.kind
            },
            ..failure.help(format!(
                "Give the user that Helpbell works as the right {right}: Admin > Global > User Rights, or Admin > Queues > \
                 the queue > User Rights."
            ))
        },
        _ => rest::with_right(failure, "writing comments"),
    }
}

#[cfg(test)]
#[path = "notes_tests.rs"]
mod tests;
