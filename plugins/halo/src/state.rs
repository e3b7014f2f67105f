//! A ticket as it stands, and closing it.

use helpbell_connector::json::{self, Value, id_value, json};
use helpbell_connector::text::{escape_html, lower_case, strip_tags};
use helpbell_connector::{Call, Failure, Ticket, TicketState};

use crate::api::{self, Api};
use crate::lists::List;
use crate::notes;

/// Halo's way of saying "no date".
const NULL_DATE: &str = "1899-12-30";

/// A status's `type` in Halo's list: waiting for somebody.
const TYPE_PENDING: &str = "1";
/// A status's `type` in Halo's list: done.
const TYPE_CLOSED: &str = "2";
/// Id of the status Closed on a stock instance, for a list that marks none.
const STOCK_CLOSED: &str = "9";

/// The ticket as it stands.
pub(crate) fn get(call: &Call<'_>, id: &str) -> Result<TicketState, Failure> {
    let api = Api::new(call)?;
    let query = [("includedetails", "true")];
    let ticket = api.get_below(&api::TICKETS, &format!("/{}", segment(id)?), &query)?;
    let (status, phase) = status_of(&api, &ticket);
    let number = json::id(&ticket, "id").unwrap_or_else(|| id.to_owned());
    Ok(TicketState {
        summary: json::text(&ticket, "summary").unwrap_or_default(),
        status,
        phase: phase.to_owned(),
        agent: agent_of(&api, &ticket),
        last_public_note: last_public_note(&api, &number, &ticket),
        updated: json::text(&ticket, "last_update").and_then(|date| rfc3339(&date)),
        ticket: Ticket {
            url: Some(api.web_address(&number)),
            id: number.clone(),
            number,
        },
    })
}

/// Sets the status to closed, with the reason as a private note before it: some instances take no notes
/// on closed tickets. A refused note does not keep the ticket open, because an open duplicate is the
/// greater harm, but is reported.
pub(crate) fn close(call: &Call<'_>, id: &str, reason: &str) -> Result<(), Failure> {
    let api = Api::new(call)?;
    let closed = closed_status(&api)?;
    let noted = notes::add_plain(&api, id, &format!("<p>{}</p>", escape_html(reason)), "");
    api.post(
        &api::CLOSING,
        &json!({"id": id_value(id), "status_id": id_value(&closed)}),
    )?;
    noted
}

fn closed_status(api: &Api<'_>) -> Result<String, Failure> {
    let list = List::of("state")
        .map(|list| list.all(api))
        .transpose()?
        .unwrap_or_default();
    let named = list
        .find("Closed")
        .filter(|entry| entry.kind.is_empty() || entry.kind == TYPE_CLOSED);
    let closed = named.or_else(|| list.entries.iter().find(|entry| entry.kind == TYPE_CLOSED));
    Ok(closed.map_or(STOCK_CLOSED.to_owned(), |entry| entry.id.clone()))
}

/// Name and phase. The list of statuses is asked for what the ticket itself leaves out; without the
/// list the name decides.
fn status_of(api: &Api<'_>, ticket: &Value) -> (String, &'static str) {
    let id = json::id(ticket, "status_id").unwrap_or_default();
    let name = json::text(ticket, "status_name");
    let entry = List::of("state").and_then(|list| {
        list.look_up(api, &id)
            .ok()?
            .0
            .entries
            .into_iter()
            .find(|e| e.id == id)
    });
    let label = name
        .or_else(|| entry.as_ref().map(|entry| entry.label.clone()))
        .unwrap_or(id);
    let kind = entry
        .as_ref()
        .map(|entry| entry.kind.as_str())
        .unwrap_or_default();
    let lower = lower_case(&label);
    let phase = match kind {
        TYPE_CLOSED => "closed",
        TYPE_PENDING => "waiting",
        "" if ["closed", "resolved", "completed"]
            .iter()
            .any(|done| lower.contains(done)) =>
        {
            "closed"
        }
        "" if ["waiting", "hold", "pending"]
            .iter()
            .any(|idle| lower.contains(idle)) =>
        {
            "waiting"
        }
        _ => "open",
    };
    (label, phase)
}

/// The agent's name; nobody while it is unassigned.
fn agent_of(api: &Api<'_>, ticket: &Value) -> Option<String> {
    let named = json::text(ticket, "agent_name").or_else(|| {
        let id = json::id(ticket, "agent_id").filter(|id| id != "0")?;
        List::of("agent")?
            .look_up(api, &id)
            .ok()?
            .0
            .entries
            .into_iter()
            .find(|agent| agent.id == id)
            .map(|a| a.label)
    });
    named.filter(|name| !name.eq_ignore_ascii_case("unassigned"))
}

/// The last thing that somebody else than the person said where the person may read it. Nothing
/// that is not explicitly public counts, and a failure here does not hide the ticket.
fn last_public_note(api: &Api<'_>, id: &str, ticket: &Value) -> Option<String> {
    let query = [
        ("ticket_id", id),
        ("excludeprivate", "true"),
        ("excludesys", "true"),
        ("includehtmlnote", "true"),
    ];
    let answer = api.get(&api::NOTES, &query).ok()?;
    let person = json::text(ticket, "user_name");
    let said = |action: &&Value| {
        let public = action.get("hiddenfromuser").and_then(Value::as_bool) == Some(false);
        public && (person.is_none() || json::text(action, "who") != person)
    };
    let age = |action: &&Value| {
        let number: i64 = json::id(action, "id").and_then(|id| id.parse().ok()).unwrap_or(0);
        (
            json::text(action, "datetime").or_else(|| json::text(action, "actiondatecreated")),
            number,
        )
    };
    let words = |action: &Value| {
        let plain = json::text(action, "note")
            .or_else(|| json::text(action, "note_html").map(|html| strip_tags(&html)));
        plain.filter(|text| !text.trim().is_empty())
    };
    let latest = json::list(&answer, &["actions"])?
        .iter()
        .filter(said)
        .filter(|action| words(action).is_some())
        .max_by_key(age);
    latest.and_then(words)
}

/// Halo's dates are UTC without saying so.
fn rfc3339(date: &str) -> Option<String> {
    if date.starts_with(NULL_DATE) {
        return None;
    }
    let time = date.get(10..).unwrap_or("");
    let has_offset = time.contains(['Z', 'z', '+', '-']);
    Some(if has_offset {
        date.to_owned()
    } else {
        format!("{date}Z")
    })
}

/// An id that stands for one segment of a path.
fn segment(id: &str) -> Result<&str, Failure> {
    let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    plain
        .then_some(id)
        .ok_or_else(|| Failure::not_found("halo.not-found", "a Halo ticket's id is a number"))
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
