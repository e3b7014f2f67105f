//! A ticket as it stands, and closing it.

use helpbell_connector::desk::Desk;
use helpbell_connector::json::{self, Value};
use helpbell_connector::text::{escape_html, strip_tags};
use helpbell_connector::{Call, Failure, Ticket, TicketState};

use crate::lists::{self, links};
use crate::notes;
use crate::rest;
use crate::tickets::{self, object, segment};

/// What a status of RT's own lifecycle means to the person who asked.
const PHASES: [(&str, &str); 6] = [
    ("new", "open"),
    ("open", "open"),
    ("stalled", "waiting"),
    ("resolved", "closed"),
    ("rejected", "closed"),
    ("deleted", "closed"),
];

/// The status of a ticket that is done.
const RESOLVED: &str = "resolved";

/// Statuses to close a ticket with, best first.
const CLOSING: [&str; 6] = [RESOLVED, "closed", "done", "completed", "rejected", "cancelled"];

/// Entries of the history looked at for the last answer, newest first.
const LATEST: [(&str, &str); 3] = [("fields", "Type,Creator"), ("orderby", "id"), ("order", "DESC")];

/// The ticket as it stands.
pub(crate) fn get(call: &Call<'_>, id: &str) -> Result<TicketState, Failure> {
    let desk = rest::desk(call)?;
    let there = read(&desk, segment(id)?)?;
    let status = json::text(&there, "Status").unwrap_or_default();
    let owner = there.pointer("/Owner/id").and_then(Value::as_str);
    let real_name = there.pointer("/Owner/RealName").and_then(Value::as_str);
    Ok(TicketState {
        summary: json::text(&there, "Subject").unwrap_or_default(),
        phase: phase(&desk, id, &status)?.to_owned(),
        status,
        agent: owner.filter(|name| *name != lists::NOBODY).map(|name| {
            real_name
                .filter(|real| !real.is_empty())
                .unwrap_or(name)
                .to_owned()
        }),
        // What cannot be shown does not hide the ticket.
        last_public_note: last_answer(&desk, id, &there).unwrap_or_default(),
        updated: json::text(&there, "LastUpdated"),
        // A ticket that was merged is another one by now, which is found under both numbers.
        ticket: Ticket {
            id: id.to_owned(),
            ..tickets::ticket(&desk, &there).ok_or_else(|| desk.unreadable("the ticket has no number"))?
        },
    })
}

/// Adds the reason as a comment and closes the ticket, in one request.
pub(crate) fn close(call: &Call<'_>, id: &str, reason: &str) -> Result<(), Failure> {
    let desk = rest::desk(call)?;
    let there = read(&desk, segment(id)?)?;
    let now = json::text(&there, "Status").unwrap_or_default();
    // What RT offers as buttons. It takes more than that: `resolved` of a stalled ticket, which has no button.
    let offered: Vec<String> = links(&there, "lifecycle")
        .filter_map(|change| json::text(change, "to"))
        .collect();
    let closed = phase(&desk, id, &now)? == "closed";
    let mut better = CLOSING.into_iter();
    let to = better.find(|status| offered.iter().any(|offered| offered == status));
    let to = to.unwrap_or(RESOLVED);
    let mut note = object(&[("Content", &format!("<p>{}</p>", escape_html(reason)))]);
    if !closed {
        note.insert("Status".to_owned(), Value::from(to));
    }
    let ticket = Ticket {
        id: id.to_owned(),
        number: id.to_owned(),
        url: None,
    };
    notes::write(&desk, &ticket, true, note, &[])?;
    let after = json::text(&read(&desk, id)?, "Status").unwrap_or_default();
    if closed || after == to {
        return Ok(());
    }
    // RT says 201 to the comment whatever became of the status.
    Err(Failure::forbidden(
        "request-tracker.cannot-close",
        format!("ticket {id} is still {after}: Request Tracker took the comment, but not the status {to}"),
    )
    .help(
        "Give the user that Helpbell works as the right ModifyTicket in the queue. In a lifecycle of your own, a status \
         named resolved, closed, done or rejected must be within reach.",
    ))
}

fn read(desk: &Desk<'_>, id: &str) -> Result<Value, Failure> {
    rest::get(
        desk,
        "reading the ticket",
        &format!("/ticket/{id}"),
        &[("fields[Owner]", "RealName")],
    )
}

/// What a status means. RT knows it of every lifecycle, but tells it only to a search.
fn phase(desk: &Desk<'_>, id: &str, status: &str) -> Result<&'static str, Failure> {
    if let Some((_, phase)) = PHASES.iter().find(|(known, _)| *known == status) {
        return Ok(phase);
    }
    let query = format!("id = {id} AND Status = '__Inactive__'");
    let over = rest::items(
        desk,
        "reading whether the ticket is over",
        "/tickets",
        &[("query", &query)],
    )?;
    Ok(if over.is_empty() { "open" } else { "closed" })
}

/// The last thing that somebody else than the person who asked said to them, as plain text.
fn last_answer(desk: &Desk<'_>, id: &str, ticket: &Value) -> Result<Option<String>, Failure> {
    let doing = "reading the answers to the ticket";
    let history = rest::items(desk, doing, &format!("/ticket/{id}/history"), &LATEST)?;
    let asked = ticket
        .get("Requestor")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let asked: Vec<String> = asked.filter_map(|person| json::id(person, "id")).collect();
    let answer = history.iter().find(|entry| {
        let by = entry
            .pointer("/Creator/id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        json::text(entry, "Type").as_deref() == Some("Correspond") && !asked.iter().any(|asked| asked == by)
    });
    let Some(entry) = answer.and_then(|answer| json::id(answer, "id")) else {
        return Ok(None);
    };
    let query = [("fields", "ContentType,Filename,Content"), ("orderby", "id")];
    let parts = rest::items(desk, doing, &format!("/transaction/{entry}/attachments"), &query)?;
    let words = parts.iter().find_map(|part| {
        let kind = json::text(part, "ContentType")?;
        let content = json::text(part, "Content").filter(|_| json::text(part, "Filename").is_none())?;
        match kind.as_str() {
            "text/plain" => Some(content),
            "text/html" => Some(strip_tags(&content)),
            _ => None,
        }
    });
    Ok(words.filter(|words| !words.trim().is_empty()))
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
