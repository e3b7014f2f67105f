//! Filing the ticket, and finding it again.

use helpbell_connector::json::{self, Map, Value, id_value, json};
use helpbell_connector::text::lower_case;
use helpbell_connector::{Call, Correction, Created, Draft, Failure, FailureKind, Pairs, Ticket, marker};

use crate::api::{self, Api};
use crate::errors;
use crate::{contact, device, fields};

/// Code of a 400, which proves that nothing was filed.
const REFUSED: &str = "halo.refused";

/// Tickets that a search may bring up and that are looked at, newest first, because a press looks for
/// what it just made. A reference is unique: more than a few mean a search that ignores what it was asked.
const CANDIDATES: usize = 20;

/// What Halo's refusals name, the field it is about, and the cure. In the order of the guide.
const MANDATORY: [(&str, &str, &str); 3] = [
    (
        "impact",
        "impact",
        "Newer Halo instances have mandatory impact and urgency fields. Set both in the integration's defaults; 3 is low.",
    ),
    (
        "urgency",
        "urgency",
        "Newer Halo instances have mandatory impact and urgency fields. Set both in the integration's defaults; 3 is low.",
    ),
    (
        "category",
        "category_1",
        "Your Halo needs a category. Set category_1 in the integration's defaults, such as Hardware>Desktop.",
    ),
];

/// Files the ticket with one effect. A refusal (a 400 proves that there is no ticket) that names a field of
/// the operator's is answered once, by leaving that field out.
pub(crate) fn create(call: &Call<'_>, draft: &Draft) -> Result<Created, Failure> {
    let api = Api::new(call)?;
    let mut resolved = fields::resolve(&api, &draft.fields)?;
    let ticket = body(draft, call.reference(), &resolved.members, "");
    if let Some(others) = draft.contact.as_ref().and_then(contact::also_at) {
        call.info(&format!(
            "the contact's e-mail address also belongs to users at {others}"
        ));
    }
    let mut answer = api.post(&api::FILING, &ticket);
    if let Err(failure) = &answer
        && failure.code == REFUSED
        && let Some(field) = fields::refused(&resolved.taken, &lower_case(api::words_of(failure)))
    {
        let without = body(draft, call.reference(), &resolved.members, &field.member);
        resolved.corrections.push(Correction {
            field: field.field.clone(),
            given: field.given.clone(),
            used: None,
            reason: format!("Halo refused it: {}", api::words_of(failure)),
            nearest: Vec::new(),
        });
        forget(call, draft, &resolved);
        answer = api.post(&api::FILING, &without);
    }
    match answer {
        Ok(answer) => Ok(Created {
            ticket: ticket_of(&api, &answer)?,
            corrections: resolved.corrections,
        }),
        Err(failure) => {
            if failure.kind == FailureKind::InvalidInput {
                forget(call, draft, &resolved);
            }
            Err(with_cure(failure))
        }
    }
}

/// Something remembered may be gone from Halo by now; the next try asks afresh.
fn forget(call: &Call<'_>, draft: &Draft, resolved: &fields::Resolved) {
    resolved.lists.iter().for_each(|list| list.forget(call));
    contact::forget(call, &draft.person.email);
    let contact = draft.contact.as_ref();
    if let Some(email) = contact.and_then(|contact| contact.email.as_deref()) {
        contact::forget(call, email);
    }
    device::forget(call, contact, &draft.facts);
}

/// The ticket as Halo wants it, with these members but one. Client and site come from the contact as one consistent triple; a
/// member is absent rather than null where nothing is known.
fn body(draft: &Draft, reference: &str, members: &Map<String, Value>, left_out: &str) -> Value {
    let mut ticket = Map::new();
    for (name, value) in members.iter().filter(|(name, _)| *name != left_out) {
        ticket.insert(name.clone(), value.clone());
    }
    ticket.insert("summary".to_owned(), Value::from(draft.summary.as_str()));
    let footer = if reference.is_empty() {
        String::new()
    } else {
        marker::footer_html(reference)
    };
    ticket.insert(
        "details_html".to_owned(),
        Value::from(format!("{}{footer}", draft.body_html)),
    );
    if !reference.is_empty() {
        ticket.insert("third_party_id_string".to_owned(), Value::from(reference));
    }
    if let Some(contact) = &draft.contact {
        ticket.insert("user_id".to_owned(), id_value(&contact.id));
        for (member, known) in [("client_id", &contact.organisation), ("site_id", &contact.site)] {
            if let Some((id, _)) = known {
                ticket.insert(member.to_owned(), id_value(id));
            }
        }
    }
    if let Some(device) = &draft.device {
        let mut asset = Map::new();
        asset.insert("id".to_owned(), id_value(&device.id));
        for member in ["client_id", "site_id"] {
            if let Some(id) = device.extra.as_slice().value(member) {
                asset.insert(member.to_owned(), id_value(id));
            }
        }
        ticket.insert("assets".to_owned(), json!([asset]));
    }
    Value::Object(ticket)
}

fn ticket_of(api: &Api<'_>, answer: &Value) -> Result<Ticket, Failure> {
    let id = json::id(answer, "id").ok_or_else(|| {
        errors::unreadable(
            "halo.answer-without-id",
            "Halo took the ticket but its answer names no id",
        )
    })?;
    Ok(Ticket {
        number: id.clone(),
        url: Some(api.web_address(&id)),
        id,
    })
}

fn with_cure(failure: Failure) -> Failure {
    if failure.kind != FailureKind::InvalidInput || failure.help.is_some() {
        return failure;
    }
    let words = lower_case(api::words_of(&failure));
    match MANDATORY.iter().find(|(word, ..)| words.contains(word)) {
        Some((_, field, help)) => failure.field(field).help(*help),
        None => failure.help(
            "Compare the integration's defaults with the fields that this ticket type requires in Halo, and check that \
             the contact belongs to a client and a site.",
        ),
    }
}

/// Tickets that carry exactly this reference.
pub(crate) fn find(call: &Call<'_>, reference: &str) -> Result<Vec<Ticket>, Failure> {
    if reference.is_empty() {
        return Ok(Vec::new());
    }
    let api = Api::new(call)?;
    let (searched, candidates) = (marker::searched(reference), CANDIDATES.to_string());
    // Which members Halo searches was never tried on a live tenant; `search_details` is in the schema.
    let query = [
        ("search_details", searched.as_str()),
        ("pageinate", "true"),
        ("page_size", candidates.as_str()),
        ("page_no", "1"),
        ("order", "id"),
        ("orderdesc", "true"),
    ];
    let answer = api.get(&api::TICKETS, &query)?;
    let candidates = json::list(&answer, &["tickets", "faults"]).ok_or_else(|| {
        errors::unreadable(
            "halo.tickets-unreadable",
            "Halo's answer to a search for tickets holds no list of tickets",
        )
    })?;
    let mut found = Vec::new();
    for candidate in candidates.iter().take(CANDIDATES) {
        if carries(candidate, reference) || whole_carries(&api, candidate, reference)? {
            found.push(ticket_of(&api, candidate)?);
        }
    }
    Ok(found)
}

/// Looks at the ticket itself: a list may leave its text out or cut it off before the marker, and other
/// integrations may write `third_party_id_string` too. A wrong no would file the press twice.
fn whole_carries(api: &Api<'_>, listed: &Value, reference: &str) -> Result<bool, Failure> {
    let Some(id) = json::id(listed, "id") else {
        return Ok(false);
    };
    let ticket = api.get_below(&api::TICKETS, &format!("/{id}"), &[("includedetails", "true")])?;
    Ok(carries(&ticket, reference))
}

fn carries(ticket: &Value, reference: &str) -> bool {
    let shown = |name: &&str| json::text(ticket, name).is_some_and(|text| marker::carries(&text, reference));
    json::text(ticket, "third_party_id_string").as_deref() == Some(reference)
        || ["details", "details_html"].iter().any(shown)
}

#[cfg(test)]
#[path = "tickets_tests.rs"]
mod tests;
