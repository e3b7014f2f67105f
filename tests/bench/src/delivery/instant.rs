//! A PSA that answers at once and remembers nothing: what is left is the price of delivering safely.

use helpbell_delivery::Psa;
use helpbell_model::{
    Attachment, Contact, ContactMatch, Correction, Device, DeviceFacts, Draft, Effect, Note, Person, PressId,
    Ticket,
    connector::{Description, Limits, Lookup},
    ticket::{AddedNote, Variable},
};
use helpbell_sandbox::{Call, CallContext};
use std::time::Duration;

pub(super) struct Instant(Description);

impl Instant {
    pub(super) fn new() -> Self {
        Self(Description {
            id: "instant".into(),
            name: "Instant".into(),
            version: "1".into(),
            summary: String::new(),
            settings: vec![],
            secrets: vec![],
            origins: vec![],
            requests: vec![],
            auth_requests: vec![],
            capabilities: vec![],
            limits: Limits {
                summary_chars: 100,
                attachment_bytes: 1 << 30,
                note_bytes: 1 << 30,
            },
            lookup: Lookup::Strong,
        })
    }
}

const fn call<T>(value: T, effect: Effect) -> Call<T> {
    Call {
        result: Ok(value),
        effect,
        requests: Vec::new(),
        log: Vec::new(),
        took: Duration::ZERO,
        memory_bytes: None,
    }
}

impl Psa for Instant {
    fn description(&self) -> &Description {
        &self.0
    }

    fn sha256(&self) -> &str {
        "instant"
    }

    fn settings(&self) -> &[(String, String)] {
        &[]
    }

    fn scope(&self) -> &str {
        "instant"
    }

    async fn authenticate(&self) -> Call<()> {
        call((), Effect::None)
    }

    async fn find_contact(&self, _: &CallContext, _: &Person) -> Call<Option<(Contact, ContactMatch)>> {
        call(None, Effect::None)
    }

    async fn find_device(
        &self,
        _: &CallContext,
        _: Option<&Contact>,
        _: &DeviceFacts,
    ) -> Call<Option<Device>> {
        call(None, Effect::None)
    }

    async fn variables(&self) -> Call<Vec<Variable>> {
        call(vec![], Effect::None)
    }

    async fn apply(
        &self,
        _: &CallContext,
        draft: &Draft,
        _: &[(String, String)],
    ) -> Call<(Draft, Vec<Correction>)> {
        call((draft.clone(), vec![]), Effect::None)
    }

    async fn create(&self, _: &CallContext, _: &Draft) -> Call<(Ticket, Vec<Correction>)> {
        let ticket = Ticket {
            id: "1".into(),
            number: "1".into(),
            url: None,
        };
        call((ticket, vec![]), Effect::Applied)
    }

    async fn find_tickets(&self, _: &CallContext, _: PressId) -> Call<Vec<Ticket>> {
        call(vec![], Effect::None)
    }

    async fn close(&self, _: &CallContext, _: &str, _: &str) -> Call<()> {
        call((), Effect::Applied)
    }

    async fn add_note(&self, _: &CallContext, _: &Ticket, note: Note) -> Call<AddedNote> {
        let added = AddedNote {
            id: "1".into(),
            attachments: note.attachments.into_iter().map(|file| file.reference).collect(),
            confirmed: true,
        };
        call(added, Effect::Applied)
    }

    async fn find_notes(&self, _: &CallContext, _: &Ticket, _: &str) -> Call<Vec<AddedNote>> {
        call(vec![], Effect::None)
    }

    async fn attach(
        &self,
        _: &CallContext,
        _: &Ticket,
        _: Option<&str>,
        attachment: Attachment,
    ) -> Call<String> {
        call(attachment.reference, Effect::Applied)
    }
}
