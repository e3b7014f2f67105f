//! What must hold of every press after a storm, whatever the weather was.

use crate::patience::End;
use helpbell_model::{Failure, PressId, Receipt};
use psa_sandbox::halo::{ActionRecord, Ledger, TicketRecord};
use std::collections::HashMap;

/// The ledger by press.
pub(crate) struct Filed<'a> {
    tickets: HashMap<&'a str, Vec<&'a TicketRecord>>,
    notes: HashMap<i64, Vec<&'a ActionRecord>>,
}

impl<'a> Filed<'a> {
    pub(crate) fn of(ledger: &'a Ledger) -> Self {
        let mut filed = Self {
            tickets: HashMap::new(),
            notes: HashMap::new(),
        };
        for ticket in &ledger.tickets {
            let reference = ticket.sent.get("third_party_id_string");
            let reference = reference
                .and_then(|reference| reference.as_str())
                .unwrap_or_default();
            filed.tickets.entry(reference).or_default().push(ticket);
        }
        for note in &ledger.actions {
            filed.notes.entry(note.ticket_id).or_default().push(note);
        }
        filed
    }

    /// The tickets of a press.
    pub(crate) fn tickets(&self, press: PressId) -> &[&'a TicketRecord] {
        self.tickets
            .get(press.to_string().as_str())
            .map_or(&[], Vec::as_slice)
    }

    /// The notes on a ticket.
    fn notes(&self, ticket: i64) -> &[&'a ActionRecord] {
        self.notes.get(&ticket).map_or(&[], Vec::as_slice)
    }
}

/// What is wrong with how a press ended; nothing if all is well.
pub(crate) fn complaints(filed: &Filed<'_>, press: PressId, end: &End) -> Vec<String> {
    let mut wrong = Vec::new();
    let tickets = filed.tickets(press);
    if tickets.len() > 1 {
        wrong.push(format!("{} tickets", tickets.len()));
    }
    match end {
        End::Hung => wrong.push("it hung beyond its deadline".to_owned()),
        End::Not(stopped) => wrong.extend(mute(&stopped.failure)),
        End::Delivered(delivered) => wrong.extend(of_receipt(filed, tickets, &delivered.receipt)),
    }
    wrong
}

fn of_receipt(filed: &Filed<'_>, tickets: &[&TicketRecord], receipt: &Receipt) -> Vec<String> {
    let mut wrong: Vec<String> = receipt.problems.iter().filter_map(mute).collect();
    let Some(ticket) = tickets
        .iter()
        .find(|ticket| ticket.id.to_string() == receipt.ticket.id)
    else {
        wrong.push(format!("its ticket {} is not there", receipt.ticket.id));
        return wrong;
    };
    let notes = filed.notes(ticket.id);
    if notes.len() > 1 {
        wrong.push(format!("{} notes", notes.len()));
    }
    if notes.iter().any(|note| !note.hidden_from_user || note.send_email) {
        wrong.push("its note is not private".to_owned());
    }
    match &receipt.note {
        Ok(_) if notes.is_empty() => wrong.push("it claims a note that is not there".to_owned()),
        Ok(_) => {}
        Err(failure) => wrong.extend(mute(failure)),
    }
    wrong
}

/// A failure that does not say what it is, or what to do.
fn mute(failure: &Failure) -> Option<String> {
    let told = |text: &str| !text.trim().is_empty();
    let complete = told(&failure.code) && told(&failure.message) && failure.help.as_deref().is_some_and(told);
    (!complete).then(|| format!("a failure without code or help: {failure:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::FailureKind;

    #[test]
    fn a_failure_without_a_help_sentence_is_complained_of() {
        let mute_one = Failure::new(FailureKind::Internal, "x.y", "it broke");
        assert!(mute(&mute_one).is_some());
        assert!(mute(&mute_one.clone().with_help(" ")).is_some());
        assert!(mute(&mute_one.with_help("mend it")).is_none());
    }
}
