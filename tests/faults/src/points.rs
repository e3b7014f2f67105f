//! Named points at which a process dies.
//!
//! A point lies before and after each call of the store and each call of the PSA, and is named after what
//! the call does: `before accept`, `after record matched, intent ticket`, `after create`. The second time
//! a process reaches a point it is called `after create #2`. What depends on the time of day alone, such as
//! prolonging a lease, has a name of its own and moves no other point.

use crate::through::Way;
use helpbell_delivery::{
    Amendment, Custodian, Psa, Store, StoreError, Submission,
    journal::{Effort, Event},
    store::{Claim, Lease, Next, Terms},
};
use helpbell_model::{
    Attachment, Contact, ContactMatch, Correction, Device, DeviceFacts, Draft, Note, Person, PressId, Ticket,
    connector::Description,
    ticket::{AddedNote, Variable},
};
use helpbell_sandbox::{Call, CallContext};
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    future::Future,
    io::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

/// The point whose death leaves an effect that happened and is written down nowhere: the worst there is.
pub const WORST: &str = "after create";

/// Watches a process of virtual time.
pub trait Watch: Send + Sync {
    /// The process is at this point. Whether it goes on from there.
    fn goes_on(&self, point: &str) -> bool;
}

/// The points that a process reaches. Clones count together.
#[derive(Clone, Default)]
pub struct Points {
    /// Where to die.
    die_at: Option<String>,
    /// Whether each point is told on standard output, as `point NAME`.
    are_told: bool,
    watch: Option<Arc<dyn Watch>>,
    reached: Arc<Mutex<BTreeMap<String, u32>>>,
}

impl Points {
    /// Dies at the point of this name, if there is one.
    #[must_use]
    pub fn new(die_at: Option<String>, are_told: bool) -> Self {
        Self {
            die_at,
            are_told,
            ..Self::default()
        }
    }

    /// Stands still for ever where whoever watches says so.
    #[must_use]
    pub fn watched(watch: Arc<dyn Watch>) -> Self {
        Self {
            watch: Some(watch),
            ..Self::default()
        }
    }

    /// The process is here; perhaps it goes no further.
    async fn reach(&self, name: &str) {
        let name = {
            let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
            let times = reached.entry(name.to_owned()).or_default();
            *times += 1;
            if *times == 1 {
                name.to_owned()
            } else {
                format!("{name} #{times}")
            }
        };
        if self.are_told {
            let mut out = std::io::stdout().lock();
            let _ = writeln!(out, "point {name}").and_then(|()| out.flush());
        }
        if self.die_at.as_ref() == Some(&name) {
            // Nothing is flushed, dropped or told.
            std::process::abort();
        }
        if self.watch.as_ref().is_some_and(|watch| !watch.goes_on(&name)) {
            std::future::pending::<()>().await;
        }
    }

    async fn around<T>(&self, what: &str, work: impl Future<Output = T> + Send) -> T {
        self.reach(&format!("before {what}")).await;
        let result = work.await;
        self.reach(&format!("after {what}")).await;
        result
    }
}

impl<S: Store> Way<S> for Points {
    async fn accept(
        &self,
        store: &S,
        submission: &Submission,
        by: &Custodian,
        now: Timestamp,
        first: Vec<Event>,
    ) -> Result<(), StoreError> {
        self.around("accept", store.accept(submission, by, now, first))
            .await
    }

    async fn amend(
        &self,
        store: &S,
        press: PressId,
        amendment: Amendment,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.around("amend", store.amend(press, amendment, now)).await
    }

    /// Claims that find nothing happen as often as time allows; they are no points. A process with one hand
    /// and no other beside it gets whatever is due.
    async fn claim_due(&self, store: &S, terms: &Terms) -> Result<Option<Claim>, StoreError> {
        if store.next_due().await?.is_none_or(|due| due > terms.now) {
            return store.claim_due(terms).await;
        }
        self.around("claim", store.claim_due(terms)).await
    }

    async fn renew(&self, store: &S, lease: &Lease, until: Timestamp) -> Result<Lease, StoreError> {
        self.around("renew", store.renew(lease, until)).await
    }

    async fn record(
        &self,
        store: &S,
        lease: &Lease,
        now: Timestamp,
        events: Vec<Event>,
        next: Next,
    ) -> Result<(), StoreError> {
        let what = format!("record {}", names(&events));
        self.around(&what, store.record(lease, now, events, next)).await
    }
}

/// Events by kind and effort, such as `matched, intent ticket`.
fn names(events: &[Event]) -> String {
    if events.is_empty() {
        return "nothing".to_owned();
    }
    let names: Vec<String> = events.iter().map(name).collect();
    names.join(", ")
}

fn name(event: &Event) -> String {
    let value = serde_json::to_value(event).unwrap_or_default();
    let kind = value
        .get("event")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default();
    let effort = match event {
        Event::Intent { effort }
        | Event::NotApplied { effort, .. }
        | Event::Unknown { effort, .. }
        | Event::Looked { effort, .. } => match effort {
            Effort::Ticket => " ticket",
            Effort::Note => " note",
            Effort::File(_) => " file",
        },
        _ => "",
    };
    format!("{kind}{effort}")
}

/// A PSA whose calls are points.
pub struct Pointed<P> {
    psa: P,
    points: Points,
}

impl<P: Psa> Pointed<P> {
    /// Counts together with these points.
    pub const fn new(psa: P, points: Points) -> Self {
        Self { psa, points }
    }
}

impl<P: Psa> Psa for Pointed<P> {
    fn description(&self) -> &Description {
        self.psa.description()
    }

    fn sha256(&self) -> &str {
        self.psa.sha256()
    }

    fn settings(&self) -> &[(String, String)] {
        self.psa.settings()
    }

    fn scope(&self) -> &str {
        self.psa.scope()
    }

    async fn authenticate(&self) -> Call<()> {
        self.points.around("authenticate", self.psa.authenticate()).await
    }

    async fn find_contact(
        &self,
        context: &CallContext,
        person: &Person,
    ) -> Call<Option<(Contact, ContactMatch)>> {
        let call = self.psa.find_contact(context, person);
        self.points.around("find contact", call).await
    }

    async fn find_device(
        &self,
        context: &CallContext,
        contact: Option<&Contact>,
        facts: &DeviceFacts,
    ) -> Call<Option<Device>> {
        let call = self.psa.find_device(context, contact, facts);
        self.points.around("find device", call).await
    }

    async fn variables(&self) -> Call<Vec<Variable>> {
        self.points.around("variables", self.psa.variables()).await
    }

    async fn apply(
        &self,
        context: &CallContext,
        draft: &Draft,
        assigned: &[(String, String)],
    ) -> Call<(Draft, Vec<Correction>)> {
        let call = self.psa.apply(context, draft, assigned);
        self.points.around("apply", call).await
    }

    async fn create(&self, context: &CallContext, draft: &Draft) -> Call<(Ticket, Vec<Correction>)> {
        self.points
            .around("create", self.psa.create(context, draft))
            .await
    }

    async fn find_tickets(&self, context: &CallContext, press: PressId) -> Call<Vec<Ticket>> {
        let call = self.psa.find_tickets(context, press);
        self.points.around("find tickets", call).await
    }

    async fn close(&self, context: &CallContext, id: &str, reason: &str) -> Call<()> {
        self.points
            .around("close", self.psa.close(context, id, reason))
            .await
    }

    async fn add_note(&self, context: &CallContext, ticket: &Ticket, note: Note) -> Call<AddedNote> {
        let call = self.psa.add_note(context, ticket, note);
        self.points.around("add note", call).await
    }

    async fn find_notes(
        &self,
        context: &CallContext,
        ticket: &Ticket,
        reference: &str,
    ) -> Call<Vec<AddedNote>> {
        let call = self.psa.find_notes(context, ticket, reference);
        self.points.around("find notes", call).await
    }

    async fn attach(
        &self,
        context: &CallContext,
        ticket: &Ticket,
        note: Option<&str>,
        attachment: Attachment,
    ) -> Call<String> {
        let call = self.psa.attach(context, ticket, note, attachment);
        self.points.around("attach", call).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_is_named_by_kind_and_effort() {
        let file = Effort::File("x".into());
        let events = [
            Event::Intent {
                effort: Effort::Ticket,
            },
            Event::Looked {
                effort: file,
                found: 1,
            },
            Event::Delivered,
        ];
        assert_eq!(names(&events), "intent ticket, looked file, delivered");
        assert_eq!(names(&[]), "nothing");
    }
}
