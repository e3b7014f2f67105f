//! Filing the ticket, and finding it again.
//!
//! The press's reference is a link of the ticket, *Refers to* `urn:uuid:…`. RT writes it together with the ticket, in one
//! transaction of its database, needs no right and no set-up for it, keeps it when the ticket is merged, and finds it by
//! an index, exactly and at once: `RefersTo = 'urn:uuid:…'`. A custom field would have to be made first and could be
//! dropped without a word; a mark in the subject is seen, changed by people, and searched through all tickets; the text
//! of tickets can only be searched where somebody set that up. It stands in small print at the end of the text, too, for
//! those who read it.

use helpbell_connector::desk::{Desk, words_of};
use helpbell_connector::json::{self, Map, Value};
use helpbell_connector::text::{escape_html, lower_case, shorten_bytes};
use helpbell_connector::{Call, Correction, Created, Draft, Failure, FailureKind, Ticket, marker};

use crate::describe::SUBJECT_BYTES;
use crate::fields::{self, Resolved};
use crate::lists::{self, links};
use crate::people::address_of;
use crate::rest::{self, REST};

/// Before a reference, as a URI (RFC 9562, section 4).
const URN: &str = "urn:uuid:";

/// Files the ticket with one effect. A refusal proves that there is no ticket; one of the queue (it was renamed or closed
/// since it was remembered) or of the status is answered once, without it.
pub(crate) fn create(call: &Call<'_>, draft: &Draft) -> Result<Created, Failure> {
    let desk = rest::desk(call)?;
    let mut resolved = fields::resolve(&desk, &draft.fields)?;
    let file = |resolved: &Resolved| {
        desk.post(
            "filing the ticket",
            &format!("{REST}/ticket"),
            &body(call, draft, resolved),
        )
    };
    let mut answer = file(&resolved);
    if let Err(failure) = &answer
        && let Some(better) = without_what_was_refused(&desk, draft, &resolved, failure)?
    {
        resolved = better;
        answer = file(&resolved);
    }
    let answer = answer.map_err(|failure| with_cure(failure, &resolved))?;
    let ticket = ticket(&desk, &answer).ok_or_else(|| desk.unreadable("it names no ticket"))?;
    let dropped = dropped(&desk, &ticket.id, &resolved);
    resolved.corrections.extend(dropped);
    Ok(Created {
        ticket,
        corrections: resolved.corrections,
    })
}

fn body(call: &Call<'_>, draft: &Draft, resolved: &Resolved) -> Value {
    let mut ticket = resolved.members.clone();
    let mut put = |name: &str, value: Value| drop(ticket.insert(name.to_owned(), value));
    put("Queue", Value::from(resolved.queue.id.as_str()));
    // RT's database counts bytes and cuts off without a word what is beyond; the whole title goes into the text then.
    let subject = shorten_bytes(&draft.summary, SUBJECT_BYTES);
    let mut html = if subject == draft.summary {
        String::new()
    } else {
        format!("<p>{}</p>", escape_html(&draft.summary))
    };
    put("Subject", Value::from(subject));
    put("ContentType", Value::from("text/html"));
    html.push_str(&draft.body_html);
    let mut links = Vec::new();
    if !call.reference().is_empty() {
        html.push_str(&marker::footer_html(call.reference()));
        links.push(Value::from(format!("{URN}{}", call.reference())));
    }
    if let Some(device) = &draft.device {
        links.push(Value::from(format!("asset:{}", device.id)));
    }
    put("Content", Value::from(html));
    put("RefersTo", Value::Array(links));
    // RT makes a user of an address that it does not know.
    let known = draft
        .contact
        .as_ref()
        .and_then(|contact| contact.email.as_deref());
    if let Some(address) = known.or_else(|| address_of(&draft.person)) {
        put("Requestor", Value::from(address));
    }
    Value::Object(ticket)
}

/// The fields as they are now, if RT's refusal was about one that can be left out.
fn without_what_was_refused(
    desk: &Desk<'_>,
    draft: &Draft,
    resolved: &Resolved,
    failure: &Failure,
) -> Result<Option<Resolved>, Failure> {
    match failure.kind {
        FailureKind::Forbidden if failure.code == desk.code("forbidden") => {
            lists::QUEUES.forget(desk.call);
            let fresh = fields::resolve(desk, &draft.fields)?;
            Ok(Some(fresh).filter(|fresh| fresh.queue.id != resolved.queue.id))
        }
        FailureKind::InvalidInput if lower_case(words_of(failure)).contains("status") => {
            let given = draft.fields.iter().find(|(name, _)| name == fields::STATUS);
            let Some((field, given)) = given.filter(|_| resolved.members.contains_key("Status")) else {
                return Ok(None);
            };
            let mut without: Vec<_> = draft.fields.clone();
            without.retain(|(name, _)| name != fields::STATUS);
            let mut resolved = fields::resolve(desk, &without)?;
            resolved.corrections.push(Correction {
                field: field.clone(),
                given: given.clone(),
                used: None,
                reason: format!("Request Tracker says: “{}”", words_of(failure)),
                nearest: Vec::new(),
            });
            Ok(Some(resolved))
        }
        _ => Ok(None),
    }
}

fn with_cure(failure: Failure, resolved: &Resolved) -> Failure {
    let failure = match failure.kind {
        FailureKind::Forbidden if failure.help.is_none() => failure.field(fields::QUEUE).help(format!(
            "Give the user that Helpbell works as the right CreateTicket in the queue {}: Admin > Queues > {0} > User \
             Rights.",
            resolved.queue.label
        )),
        FailureKind::InvalidInput if failure.help.is_none() => failure.help(
            "RT wants something else in new tickets of this queue: a mandatory custom field, or an extension of your RT. \
             Set the field as a default, such as cf.NAME, and look into RT's log.",
        ),
        _ => failure,
    };
    rest::with_right(failure, "filing tickets")
}

/// What RT left out without a word. A failure here costs corrections, and never the ticket that is there.
fn dropped(desk: &Desk<'_>, id: &str, resolved: &Resolved) -> Vec<Correction> {
    if resolved.asked.is_empty() {
        return Vec::new();
    }
    match rest::get(desk, "reading the ticket back", &format!("/ticket/{id}"), &[]) {
        Ok(ticket) => fields::dropped(&resolved.asked, &ticket),
        Err(failure) => {
            desk.call
                .warn(&format!("the ticket could not be read back: {}", failure.message));
            Vec::new()
        }
    }
}

/// The tickets that refer to this press.
pub(crate) fn find(call: &Call<'_>, reference: &str) -> Result<Vec<Ticket>, Failure> {
    let desk = rest::desk(call)?;
    let urn = format!("{URN}{reference}");
    let query = format!("RefersTo = {}", lists::quoted(&urn));
    let found = rest::items(
        &desk,
        "searching tickets",
        "/tickets",
        &[("query", &query), ("fields", "_hyperlinks")],
    )?;
    // The database may take large and small letters for the same.
    let refers = |ticket: &&Value| {
        links(ticket, "refers-to").any(|link| json::text(link, "_url").as_deref() == Some(&urn))
    };
    Ok(found
        .iter()
        .filter(refers)
        .filter_map(|found| ticket(&desk, found))
        .collect())
}

/// A ticket as RT names it: `{"type":"ticket","id":"5"}`.
pub(crate) fn ticket(desk: &Desk<'_>, named: &Value) -> Option<Ticket> {
    let id = json::id(named, "id")?;
    Some(Ticket {
        url: Some(desk.address("/Ticket/Display.html", &[("id", &id)])),
        number: id.clone(),
        id,
    })
}

/// An id that stands for one segment of a path.
pub(crate) fn segment(id: &str) -> Result<&str, Failure> {
    let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    plain
        .then_some(id)
        .ok_or_else(|| Failure::not_found("request-tracker.not-found", "a ticket's id is a number in RT"))
}

/// An empty object, for those who fill it.
pub(crate) fn object(members: &[(&str, &str)]) -> Map<String, Value> {
    members
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
        .collect()
}

#[cfg(test)]
#[path = "tickets_tests.rs"]
mod tests;
