//! The HaloPSA and HaloITSM connector.
//!
//! What a warm press sends, in order; the token, the pick-lists, and after the first press the contact
//! and the device are remembered:
//!
//! ```text
//! GET  /Users?search=…        directory.find-contact
//! GET  /Asset?search=…        directory.find-device; without success once more, listing the client's
//! POST /Tickets               tickets.create           (the one effect)
//! POST /Actions               notes.add
//! GET  /Actions?ticket_id=…   notes.add, reading back
//! ```
//!
//! Facts about Halo that nobody could try on a live tenant stand as named constants with a comment that
//! says so; the README lists them.

#![cfg_attr(
    not(target_family = "wasm"),
    expect(
        clippy::result_large_err,
        reason = "the contract's failure, built once per failed call, needs no box"
    )
)]

mod api;
mod auth;
mod contact;
mod describe;
mod device;
mod discovery;
mod doctor;
mod errors;
mod fields;
mod hardware;
mod key;
mod lists;
mod notes;
mod outcome;
mod state;
#[cfg(test)]
mod test_support;
mod tickets;
mod variables;
mod webhook;

use helpbell_connector::{
    AddedNote, Applied, Attachment, Authorization, Call, Check, Choice, Connector, Contact, Created,
    Delivery, Description, Device, DeviceFacts, Draft, Examiner, Failure, Finding, FoundContact, Hook, Note,
    Person, Secrets, Ticket, TicketState, Variable, WebhookReceiver, apply_to_fields,
};

/// The connector.
#[derive(Debug)]
pub struct Halo;

impl Connector for Halo {
    fn describe() -> Description {
        describe::description()
    }

    fn authenticate(call: &Call<'_>, secrets: &Secrets) -> Result<Authorization, Failure> {
        auth::authenticate(call, secrets)
    }

    fn find_contact(call: &Call<'_>, person: &Person) -> Result<Option<FoundContact>, Failure> {
        contact::find(call, person)
    }

    fn find_device(
        call: &Call<'_>,
        contact: Option<&Contact>,
        facts: &DeviceFacts,
    ) -> Result<Option<Device>, Failure> {
        device::find(call, contact, facts)
    }

    fn choices(call: &Call<'_>, field: &str, _parents: &[(String, String)]) -> Result<Vec<Choice>, Failure> {
        lists::choices(call, field)
    }

    fn find_tickets(call: &Call<'_>, reference: &str) -> Result<Vec<Ticket>, Failure> {
        tickets::find(call, reference)
    }

    fn create(call: &Call<'_>, draft: Draft) -> Result<Created, Failure> {
        tickets::create(call, &draft)
    }

    fn get(call: &Call<'_>, id: &str) -> Result<TicketState, Failure> {
        state::get(call, id)
    }

    fn close(call: &Call<'_>, id: &str, reason: &str) -> Result<(), Failure> {
        state::close(call, id, reason)
    }

    fn add_note(call: &Call<'_>, ticket: &Ticket, note: &Note) -> Result<AddedNote, Failure> {
        notes::add(call, ticket, note)
    }

    fn attach(
        call: &Call<'_>,
        ticket: &Ticket,
        note: Option<&str>,
        attachment: &Attachment,
    ) -> Result<String, Failure> {
        notes::attach(call, ticket, note, attachment)
    }

    fn find_notes(call: &Call<'_>, ticket: &Ticket, reference: &str) -> Result<Vec<AddedNote>, Failure> {
        notes::find(call, ticket, reference)
    }

    fn variables() -> Vec<Variable> {
        variables::all()
    }

    /// Custom fields are named by their ids, which no list of variables can hold.
    fn apply(
        _call: &Call<'_>,
        mut draft: Draft,
        assignments: Vec<(String, String)>,
    ) -> Result<Applied, Failure> {
        let (custom, known) = assignments
            .into_iter()
            .partition(|(name, _)| fields::custom_id(name).is_some());
        let custom: Vec<(String, String)> = custom;
        draft
            .fields
            .retain(|(field, _)| !custom.iter().any(|(name, _)| name == field));
        draft.fields.extend(custom);
        Ok(apply_to_fields(
            draft,
            known,
            &variables::all(),
            describe::SUMMARY_CHARS,
        ))
    }
}

impl Examiner for Halo {
    fn checks(_call: &Call<'_>) -> Vec<Check> {
        doctor::checks()
    }

    fn examine(call: &Call<'_>, check: &str) -> Result<Vec<Finding>, Failure> {
        doctor::examine(call, check)
    }
}

impl WebhookReceiver for Halo {
    fn verify_and_parse(
        _call: &Call<'_>,
        delivery: &Delivery,
        secret: Option<&str>,
        _key: Option<&[u8]>,
    ) -> Result<Hook, Failure> {
        webhook::parse(delivery, secret)
    }
}

helpbell_connector::export_connector!(Halo, examiner, webhook_receiver);
