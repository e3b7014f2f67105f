//! Looking at a ticket with two pairs of eyes: root's, and those of the person who asked.

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::client::Client;
use crate::seen::{Seen, SeenFile, SeenNote};

/// Kinds of entries in a ticket's history that say something.
const SAYING: [&str; 2] = ["Comment", "Correspond"];
/// The status of a ticket that is over, in the lifecycle that RT comes with.
const OVER: [&str; 3] = ["resolved", "rejected", "deleted"];

/// The numbers of all tickets, lowest first.
pub(super) async fn tickets(root: &Client) -> Result<Vec<String>> {
    let all = root.list("/tickets?query=id%20%3E%200&orderby=id").await?;
    Ok(all.iter().map(|ticket| text(ticket, "id")).collect())
}

/// `client` gives those who can log in; somebody whom RT only knows by their address cannot, and sees nothing.
pub(super) async fn seen(
    root: &Client,
    client: impl Fn(&str) -> Option<Client>,
    ticket: &str,
) -> Result<Seen> {
    let there = root.read(&format!("/ticket/{ticket}?fields[Queue]=Name")).await?;
    let asked = there
        .pointer("/Requestor/0/id")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let requester = match &asked {
        Some(name) => {
            let user = root.read(&format!("/user/{name}")).await?;
            Some(text(&user, "EmailAddress")).filter(|address| !address.is_empty())
        }
        None => None,
    };
    let person = asked.as_deref().and_then(client);
    let visible = match &person {
        Some(person) => person.list(&format!("/ticket/{ticket}/history")).await?,
        None => Vec::new(),
    };
    let history = root
        .list(&format!("/ticket/{ticket}/history?fields=Type&orderby=id"))
        .await?;
    let (mut body, mut notes, mut attachments) = (String::new(), Vec::new(), Vec::new());
    for entry in &history {
        let (id, kind) = (text(entry, "id"), text(entry, "Type"));
        if kind != "Create" && !SAYING.contains(&kind.as_str()) {
            continue;
        }
        let (words, files) = contents(root, person.as_ref(), &id).await?;
        if kind == "Create" {
            (body, attachments) = (words, files);
        } else {
            let private = !visible.iter().any(|shown| text(shown, "id") == id);
            notes.push(SeenNote {
                text: words,
                private,
                attachments: files,
            });
        }
    }
    let status = text(&there, "Status");
    Ok(Seen {
        id: ticket.to_owned(),
        summary: text(&there, "Subject"),
        body,
        requester,
        closed: OVER.contains(&status.as_str()),
        status,
        fields: fields(&there),
        notes,
        attachments,
    })
}

/// The words and the files of an entry.
async fn contents(root: &Client, person: Option<&Client>, entry: &str) -> Result<(String, Vec<SeenFile>)> {
    let (mut words, mut files) = (String::new(), Vec::new());
    for part in root
        .list(&format!(
            "/transaction/{entry}/attachments?fields=Filename,ContentType"
        ))
        .await?
    {
        let id = text(&part, "id");
        if text(&part, "ContentType").starts_with("multipart/") {
            continue;
        }
        let path = format!("/attachment/{id}");
        let whole = root.read(&path).await?;
        let content: String = text(&whole, "Content").split_whitespace().collect();
        let bytes = STANDARD.decode(content).context("decode an attachment")?;
        let name = text(&part, "Filename");
        if name.is_empty() {
            words.push_str(&String::from_utf8_lossy(&bytes));
            continue;
        }
        let private = match person {
            Some(person) => person.get(&path).await?.status == 403,
            None => true,
        };
        files.push(SeenFile {
            name,
            size: bytes.len() as u64,
            sha256: hex::encode(Sha256::digest(&bytes)),
            private,
        });
    }
    Ok((words, files))
}

fn fields(ticket: &Value) -> Vec<(String, String)> {
    let mut fields = vec![("Priority".to_owned(), text(ticket, "Priority"))];
    for (name, pointer) in [("Queue", "/Queue/Name"), ("Owner", "/Owner/id")] {
        let value = ticket
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default();
        fields.push((name.to_owned(), value.to_owned()));
    }
    let custom = ticket
        .get("CustomFields")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    for field in custom {
        let values = field
            .get("values")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let values: Vec<&str> = values.filter_map(Value::as_str).collect();
        fields.push((text(field, "name"), values.join(", ")));
    }
    let links = ticket
        .get("_hyperlinks")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    for link in links.filter(|link| text(link, "ref") == "refers-to") {
        fields.push(("RefersTo".to_owned(), text(link, "_url")));
    }
    fields.sort();
    fields
}

fn text(value: &Value, name: &str) -> String {
    match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}
