//! The connector for {{title}}.
//!
//! It speaks the API of the practice desk (`helpbell connector desk` runs one and tells its addresses). Put your PSA's
//! in its place, one function after the other; `helpbell connector test` says what is still kept and what broke.

use helpbell_connector::desk::{Desk, Kind};
use helpbell_connector::http::Request;
use helpbell_connector::json::{self, Value, json};
use helpbell_connector::setting::{self, Typed};
use helpbell_connector::{
    AddedNote, Authorization, Call, Connector, Created, Description, Draft, Failure, LookupStrength, Note, Secrets,
    Ticket, TicketState, files, marker,
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
        let ticket = json!({
            "title": draft.summary,
            "html": draft.body_html + &marker::footer_html(call.reference()),
            "from": {"name": draft.person.name, "email": draft.person.email},
        });
        let made = desk.post("filing the ticket", "/tickets", &ticket).map_err(cured)?;
        Ok(Created::as_asked(ticket_of(&desk, &made)?))
    }

    fn find_tickets(call: &Call<'_>, reference: &str) -> Result<Vec<Ticket>, Failure> {
        let desk = Desk::new(call, &DESK)?;
        let query = [("contains", marker::of(reference))];
        let query = [(query[0].0, query[0].1.as_str())];
        let found = desk.get("looking for the ticket", "/tickets", &query).map_err(cured)?;
        let found = found.as_array().into_iter().flatten();
        found.map(|ticket| ticket_of(&desk, ticket)).collect()
    }

    fn get(call: &Call<'_>, id: &str) -> Result<TicketState, Failure> {
        let desk = Desk::new(call, &DESK)?;
        let found = desk.get("reading the ticket", &format!("/tickets/{id}"), &[]).map_err(cured)?;
        let notes = found["notes"].as_array().and_then(|notes| notes.last());
        Ok(TicketState {
            ticket: ticket_of(&desk, &found)?,
            summary: json::text(&found, "title").unwrap_or_default(),
            status: json::text(&found, "state").unwrap_or_default(),
            phase: json::text(&found, "state").unwrap_or_default(),
            agent: None,
            last_public_note: notes.and_then(|note| json::text(note, "html")),
            updated: None,
        })
    }

    fn add_note(call: &Call<'_>, ticket: &Ticket, note: &Note) -> Result<AddedNote, Failure> {
        let desk = Desk::new(call, &DESK)?;
        let html = format!("{}{}", note.html, marker::footer_html(&note.reference));
        let body = files::inside(
            &json!({"html": html, "private": note.private, "files": files::PLACE}),
            note.attachments.iter().map(|file| (json!({"name": file.name, "type": file.content_type}), "base64", file.blob)),
        );
        let request = Request::post(desk.address(&format!("/tickets/{}/notes", ticket.id), &[]), "application/json", body);
        let (_, added) = desk.exchange("adding the note", request).map_err(cured)?;
        Ok(AddedNote {
            id: json::id(&added, "id").unwrap_or_default(),
            attachments: note.attachments.iter().map(|file| file.reference.clone()).collect(),
            confirmed: false,
        })
    }
}
