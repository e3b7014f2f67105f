//! The Request Tracker connector, over REST 2.
//!
//! What a warm press sends, in order; the sign-in, the lists and after the first press the contact are remembered:
//!
//! ```text
//! GET  /users?query=…                 directory.find-contact
//! POST /ticket                        tickets.create           (the one effect)
//! POST /ticket/{id}/comment           notes.add
//! GET  /ticket/{id}/history           notes.add, reading back: is it a comment, and so private?
//! GET  /transaction/{id}/attachments  notes.add, reading back: is every file there?
//! ```
//!
//! What is said here of RT was tried on RT 5.0.3, except where a comment says otherwise.

#![cfg_attr(
    not(target_family = "wasm"),
    expect(
        clippy::result_large_err,
        reason = "the contract's failure, built once per failed call, needs no box"
    )
)]

mod changes;
mod describe;
mod doctor;
mod fields;
mod lists;
mod notes;
mod people;
mod rest;
mod state;
#[cfg(test)]
mod test_support;
mod tickets;

use helpbell_connector::{
    AddedNote, Applied, Attachment, Authorization, Call, Changes, Check, Choice, Connector, Contact, Created,
    Description, Device, DeviceFacts, Draft, Examiner, Failure, Finding, FoundContact, Note, Person, Poller,
    Secrets, Ticket, TicketState, Variable, apply_to_fields,
};

/// The connector.
#[derive(Debug)]
pub struct RequestTracker;

impl Connector for RequestTracker {
    fn describe() -> Description {
        describe::description()
    }

    fn authenticate(call: &Call<'_>, secrets: &Secrets) -> Result<Authorization, Failure> {
        rest::authenticate(call, secrets)
    }

    fn find_contact(call: &Call<'_>, person: &Person) -> Result<Option<FoundContact>, Failure> {
        people::find_contact(call, person)
    }

    fn find_device(
        call: &Call<'_>,
        _contact: Option<&Contact>,
        facts: &DeviceFacts,
    ) -> Result<Option<Device>, Failure> {
        people::find_device(call, facts)
    }

    fn choices(call: &Call<'_>, field: &str, parents: &[(String, String)]) -> Result<Vec<Choice>, Failure> {
        lists::choices(call, field, parents)
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
        _note: Option<&str>,
        attachment: &Attachment,
    ) -> Result<String, Failure> {
        notes::attach(call, ticket, attachment)
    }

    fn find_notes(call: &Call<'_>, ticket: &Ticket, reference: &str) -> Result<Vec<AddedNote>, Failure> {
        notes::find(call, ticket, reference)
    }

    fn variables() -> Vec<Variable> {
        fields::variables()
    }

    /// Custom fields have names of the operator's, which no list of variables can hold.
    fn apply(
        _call: &Call<'_>,
        mut draft: Draft,
        assignments: Vec<(String, String)>,
    ) -> Result<Applied, Failure> {
        let (custom, known): (Vec<_>, Vec<_>) = assignments
            .into_iter()
            .partition(|(name, _)| fields::custom_name(name).is_some());
        draft
            .fields
            .retain(|(field, _)| !custom.iter().any(|(name, _)| name == field));
        draft.fields.extend(custom);
        Ok(apply_to_fields(
            draft,
            known,
            &fields::variables(),
            describe::SUMMARY_CHARS,
        ))
    }
}

impl Examiner for RequestTracker {
    fn checks(_call: &Call<'_>) -> Vec<Check> {
        doctor::checks()
    }

    fn examine(call: &Call<'_>, check: &str) -> Result<Vec<Finding>, Failure> {
        doctor::examine(call, check)
    }
}

impl Poller for RequestTracker {
    fn changes_since(call: &Call<'_>, cursor: Option<&str>) -> Result<Changes, Failure> {
        changes::since(call, cursor)
    }
}

helpbell_connector::export_connector!(RequestTracker, examiner, change_poller);
