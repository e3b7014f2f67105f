//! `/Attachment`, and files that arrive inside tickets and notes.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Page, flag_field, id_field, id_of, paged, posted, read_array, text_field};
use crate::halo::clock::vendor_date;
use crate::halo::reply::{Answer, Refusal};
use crate::halo::server::Call;
use crate::halo::store::{Attachment, Store};
use crate::halo::token::Grant;

/// Kind number of ticket attachments.
const TICKET_ATTACHMENT: i64 = 0;

/// A file as read from a request, before it has a place.
pub(super) struct File {
    filename: String,
    content_type: String,
    description: String,
    note: String,
    is_image: bool,
    show_for_users: bool,
    bytes: Bytes,
}

/// Files in the `attachments` of a ticket or note.
pub(super) fn inline(_: &Store, fields: &Map<String, Value>) -> Result<Vec<File>, Refusal> {
    let Some(Value::Array(items)) = fields.get("attachments") else {
        return Ok(Vec::new());
    };
    items.iter().filter_map(Value::as_object).map(read).collect()
}

fn read(fields: &Map<String, Value>) -> Result<File, Refusal> {
    let filename = text_field(fields, "filename")
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let filename = filename.ok_or_else(|| Refusal::rule("A Filename must be entered for this Attachment"))?;
    let text = text_field(fields, "data_base64").or_else(|| text_field(fields, "data"));
    let text = text.ok_or_else(|| Refusal::rule(format!("The Attachment {filename} has no data")))?;
    // Browsers send "data:image/png;base64,...", scripts send the bare text.
    let bare = match text.split_once(";base64,") {
        Some((head, tail)) if head.starts_with("data:") => tail,
        _ => text,
    };
    let bytes = STANDARD.decode(bare.trim());
    let bytes =
        bytes.map_err(|_| Refusal::rule(format!("The data of the Attachment {filename} is not base64")))?;
    let content_type = text_field(fields, "content_type").filter(|it| !it.is_empty());
    let content_type = content_type.map_or_else(|| type_of(filename).to_owned(), str::to_owned);
    Ok(File {
        is_image: flag_field(fields, "isimage").unwrap_or_else(|| content_type.starts_with("image/")),
        filename: filename.to_owned(),
        content_type,
        description: text_field(fields, "desc").unwrap_or_default().to_owned(),
        note: text_field(fields, "note").unwrap_or_default().to_owned(),
        // The vendor's default is not public; assuming "visible" makes a forgotten flag show.
        show_for_users: flag_field(fields, "showforusers").unwrap_or(true),
        bytes: Bytes::from(bytes),
    })
}

/// Media type by file name.
fn type_of(filename: &str) -> &'static str {
    let extension = filename.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "json" => "application/json",
        "txt" | "log" | "csv" => "text/plain; charset=utf-8",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

/// Puts a file onto a ticket (`action_id` 0) or one of its notes; gives its id.
pub(super) fn store(store: &mut Store, file: File, ticket_id: i64, action_id: i64) -> i64 {
    let attachment = Attachment {
        id: 0,
        ticket_id,
        action_id,
        sha256: hex::encode(Sha256::digest(&file.bytes)),
        filename: file.filename,
        content_type: file.content_type,
        description: file.description,
        note: file.note,
        is_image: file.is_image,
        show_for_users: file.show_for_users,
        bytes: file.bytes,
        added: store.now(),
    };
    store.add_attachment(attachment)
}

pub(super) fn add(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let items = read_array(store, call, "Attachment")?;
    let mut processed = Vec::with_capacity(items.len());
    for item in items {
        let fields = item.fields;
        let Some(ticket_id) = id_field(&fields, "ticket_id") else {
            return Err(Refusal::rule("A Ticket ID must be entered for this Attachment"));
        };
        let ticket = store.tickets.get(&ticket_id);
        let ticket = ticket.ok_or_else(|| Refusal::rule(format!("Ticket {ticket_id} was not found.")))?;
        let action_id = id_field(&fields, "action_id").unwrap_or(0);
        if action_id != 0 && !ticket.actions.contains_key(&action_id) {
            return Err(Refusal::rule(format!(
                "Action {action_id} was not found in Ticket {ticket_id}."
            )));
        }
        let file = read(&fields)?;
        let id = self::store(store, file, ticket_id, action_id);
        let attachment = store.attachments.get(&id).ok_or_else(Refusal::not_found)?;
        processed.push(view(store, attachment, &call.host));
    }
    Ok(posted(store, call, processed))
}

pub(super) fn list(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let query = &call.query;
    let (ticket_id, action_id) = (query.integer("ticket_id"), query.integer("action_id"));
    let unique_id = query.integer("unique_id");
    query.integer("type");
    let fits = |file: &&Attachment| {
        ticket_id.or(unique_id).is_none_or(|id| id == file.ticket_id)
            && action_id.is_none_or(|id| id == file.action_id)
    };
    let rows: Vec<&Attachment> = store.attachments.values().filter(fits).collect();
    let page = paged(store, query, rows);
    let (number, size) = page.place.unwrap_or((0, 0));
    let rows = page
        .rows
        .into_iter()
        .map(|file| view(store, file, &call.host))
        .collect();
    let mut envelope = Page {
        total: page.total,
        place: page.place,
        rows,
    }
    .envelope("attachments");
    envelope.insert("type".into(), json!(TICKET_ATTACHMENT));
    envelope.insert("unique_id".into(), json!(unique_id.unwrap_or(0)));
    envelope.insert("ticket_id".into(), json!(ticket_id.unwrap_or(0)));
    envelope.insert("action_id".into(), json!(action_id.unwrap_or(0)));
    envelope.insert("page_no".into(), json!(number));
    envelope.insert("page_size".into(), json!(size));
    envelope.insert("folders".into(), json!([]));
    Ok(Answer::ok(Value::Object(envelope)))
}

pub(super) fn download(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let attachment = store
        .attachments
        .get(&id_of(call)?)
        .ok_or_else(Refusal::not_found)?;
    Ok(Answer::File {
        name: attachment.filename.clone(),
        content_type: attachment.content_type.clone(),
        bytes: attachment.bytes.clone(),
    })
}

pub(super) fn remove(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let id = id_of(call)?;
    store.attachments.remove(&id).ok_or_else(Refusal::not_found)?;
    Ok(Answer::Json(StatusCode::OK, json!({"id": id})))
}

/// A file as answers show it, without its bytes.
pub(super) fn view(store: &Store, file: &Attachment, host: &str) -> Value {
    json!({
        "id": file.id,
        "filename": file.filename,
        "filesize": file.bytes.len(),
        "type": TICKET_ATTACHMENT,
        "unique_id": file.ticket_id,
        "ticket_id": file.ticket_id,
        "action_id": file.action_id,
        "desc": file.description,
        "note": file.note,
        "isimage": file.is_image,
        "showforusers": !store.is_private(file),
        "content_type": file.content_type,
        "datecreated": vendor_date(file.added),
        "link": format!("http://{host}/api/Attachment/{}", file.id),
    })
}
