//! The connector for {{title}}.
//!
//! It speaks the API of the practice desk, which `helpbell connector desk` runs. Put your PSA's in its place, one function
//! after the other; `helpbell connector test` says what is still kept and what broke.

use helpbell_connector::desk::{Desk, Kind};
use helpbell_connector::json::{self, Value, json};
use helpbell_connector::setting::{self, Typed};
use helpbell_connector::{
    AddedNote, Attachment, Authorization, Call, Connector, Created, Description, Draft, Failure, LookupStrength, Note,
    Secrets, Ticket, TicketState, marker,
};

const SERVER: Typed<String> = setting::url("server", "Server", "The address of {{title}} in the browser.")
    .required()
    .example("https://desk.example.com");

static DESK: Kind = Kind {
    name: "{{title}}",
    code: "{{name}}",
    setting: "server",
    cure: "Paste the address of {{title}} as the browser shows it.",
    words: |answer| json::text(answer, "error"),
};

/// The connector.
pub struct {{type}};

impl Connector for {{type}} {
    fn describe() -> Description {
        Description::new("{{name}}", "{{title}}", env!("CARGO_PKG_VERSION"), "Files tickets in {{title}}.")
            .api_at(&SERVER)
            .secret("api-key", "API key", "{{title}} > Settings > API.", "k-123")
            .effect("POST", "/tickets", "file the ticket")
            .read("GET", "/tickets", "find a press's ticket again")
            .read("GET", "/tickets/{id}", "show a ticket as it stands")
            .effect("POST", "/tickets/{id}/notes", "add the private note with the report")
            .read("GET", "/tickets/{id}/notes", "find the note again")
            .can(&["html", "private-notes", "private-attachments"])
            .limits(200, 10_000_000, 20_000_000)
            .lookup(LookupStrength::Strong)
    }

    fn authenticate(_call: &Call<'_>, secrets: &Secrets) -> Result<Authorization, Failure> {
        let key = secrets.required("api-key")?;
        Ok(Authorization::header("Authorization", format!("Bearer {key}")))
    }

    fn create(call: &Call<'_>, draft: Draft) -> Result<Created, Failure> {
        let desk = Desk::new(call, &DESK)?;
        let body = json!({
            "title": draft.summary,
            "html": draft.body_html + &marker::footer_html(call.reference()),
            "from": {"name": draft.person.name, "email": draft.person.email},
        });
        let made = desk.post("filing the ticket", "/tickets", &body).map_err(cured)?;
        Ok(Created::as_asked(ticket(&desk, &made)?))
    }

    fn find_tickets(call: &Call<'_>, reference: &str) -> Result<Vec<Ticket>, Failure> {
        let desk = Desk::new(call, &DESK)?;
        let marked = marker::written(reference);
        let found = desk.get("looking for the ticket", "/tickets", &[("contains", &marked)])?;
        list(&found).map(|found| ticket(&desk, found)).collect()
    }

    fn get(call: &Call<'_>, id: &str) -> Result<TicketState, Failure> {
        let desk = Desk::new(call, &DESK)?;
        let found = desk.get("reading the ticket", &format!("/tickets/{id}"), &[])?;
        let state = json::text(&found, "state").unwrap_or_default();
        let notes = json::member(&found, "notes").unwrap_or(&Value::Null);
        Ok(TicketState {
            ticket: ticket(&desk, &found)?,
            summary: json::text(&found, "title").unwrap_or_default(),
            phase: if state == "closed" { "closed" } else { "open" }.to_owned(),
            status: state,
            agent: None,
            last_public_note: list(notes).last().and_then(|note| json::text(note, "html")),
            updated: None,
        })
    }

    fn add_note(call: &Call<'_>, ticket: &Ticket, note: &Note) -> Result<AddedNote, Failure> {
        let desk = Desk::new(call, &DESK)?;
        let files: Vec<Value> = note.attachments.iter().map(file).collect();
        let body = json!({
            "html": format!("{}{}", note.html, marker::footer_html(&note.reference)),
            "private": note.private,
            "files": files,
        });
        let made = desk.post("adding the note", &format!("/tickets/{}/notes", ticket.id), &body).map_err(cured)?;
        Ok(AddedNote {
            id: json::id(&made, "id").ok_or_else(|| desk.unreadable("it names no note"))?,
            attachments: note.attachments.iter().map(|file| file.reference.clone()).collect(),
            confirmed: false,
        })
    }

    fn find_notes(call: &Call<'_>, ticket: &Ticket, reference: &str) -> Result<Vec<AddedNote>, Failure> {
        let desk = Desk::new(call, &DESK)?;
        let found = desk.get("looking for the note", &format!("/tickets/{}/notes", ticket.id), &[])?;
        let carries = |note: &&Value| json::text(note, "html").is_some_and(|html| marker::carries(&html, reference));
        Ok(list(&found).filter(carries).map(added).collect())
    }
}

fn ticket(desk: &Desk<'_>, found: &Value) -> Result<Ticket, Failure> {
    let id = json::id(found, "id").ok_or_else(|| desk.unreadable("it names no ticket"))?;
    let url = desk.address(&format!("/tickets/{id}"), &[]);
    Ok(Ticket::numbered(id, Some(url)))
}

/// A file, read by the host piece by piece while it is sent. Its description finds it again.
fn file(file: &Attachment) -> Value {
    json!({
        "name": file.name,
        "type": file.content_type,
        "description": marker::written(&file.reference),
        "base64": json::blob(file.blob),
    })
}

fn added(note: &Value) -> AddedNote {
    let files = json::member(note, "files").unwrap_or(&Value::Null);
    let reference = |file: &Value| marker::read(&json::text(file, "description")?).map(str::to_owned);
    AddedNote {
        id: json::id(note, "id").unwrap_or_default(),
        attachments: list(files).filter_map(reference).collect(),
        confirmed: true,
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// What cures a failure, in the words of {{title}}'s screens.
fn cured(failure: Failure) -> Failure {
    match failure.kind {
        helpbell_connector::FailureKind::Auth => failure.help("Make a new key under Settings > API, then run: helpbell key"),
        helpbell_connector::FailureKind::Forbidden => failure.help("Let the key write tickets under Settings > API."),
        _ => failure,
    }
}

helpbell_connector::export_connector!({{type}});

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_connector::testing::ScriptedHost;

    const REFERENCE: &str = "0193a1f2-7c11-7d5e-9a55-0123456789ab";

    #[test]
    fn a_ticket_is_found_by_the_reference_of_its_press() {
        let host = ScriptedHost::new();
        host.answer("GET", "/tickets", 200, r#"[{"id": 5, "title": "Printer"}]"#);
        let call = host.call(&[("server", "https://desk.example.com")]);
        let found = {{type}}::find_tickets(&call, REFERENCE).unwrap();
        assert_eq!(found[0].url.as_deref(), Some("https://desk.example.com/tickets/5"));
        assert!(host.requests()[0].query.contains(REFERENCE));
    }

    #[test]
    fn a_refusal_is_told_in_the_desks_own_words() {
        let host = ScriptedHost::new();
        host.answer("GET", "/tickets/5", 404, r#"{"error": "there is no such ticket"}"#);
        let call = host.call(&[("server", "https://desk.example.com")]);
        let failure = {{type}}::get(&call, "5").unwrap_err();
        assert!(failure.message.contains("there is no such ticket"), "{failure:?}");
    }
}
