//! What a delivery needs of a PSA.
//!
//! The one implementation in the product is a connector's [`Session`]. The seam is here because the
//! rules of delivery are proved against a simulated PSA that applies, loses, delays and repeats at
//! will, hundreds of thousands of times, in virtual time.

use helpbell_model::{
    Attachment, Contact, ContactMatch, Correction, Device, DeviceFacts, Draft, Note, Person, PressId, Ticket,
    connector::Description,
    ticket::{AddedNote, Variable},
};
use helpbell_sandbox::{Call, CallContext, Session};
use std::future::Future;

/// A PSA, as one tenant reaches it. Each call says what it did to the PSA by the host's own account.
pub trait Psa: Send + Sync {
    /// What the connector says of itself.
    fn description(&self) -> &Description;
    /// The connector's file, as SHA-256.
    fn sha256(&self) -> &str;
    /// Its settings, none of them secret.
    fn settings(&self) -> &[(String, String)];
    /// Names tenant and connector without telling anything of either; the same in every process.
    fn scope(&self) -> &str;
    /// Makes sure that there is an authorisation.
    fn authenticate(&self) -> impl Future<Output = Call<()>> + Send;
    /// Finds the person, or the catch-all contact.
    fn find_contact(
        &self,
        context: &CallContext,
        person: &Person,
    ) -> impl Future<Output = Call<Option<(Contact, ContactMatch)>>> + Send;
    /// Finds the machine.
    fn find_device(
        &self,
        context: &CallContext,
        contact: Option<&Contact>,
        facts: &DeviceFacts,
    ) -> impl Future<Output = Call<Option<Device>>> + Send;
    /// The dispatcher variables that this PSA adds to the common ones.
    fn variables(&self) -> impl Future<Output = Call<Vec<Variable>>> + Send;
    /// Puts what rules assigned into a draft's fields. Sends nothing.
    fn apply(
        &self,
        context: &CallContext,
        draft: &Draft,
        assigned: &[(String, String)],
    ) -> impl Future<Output = Call<(Draft, Vec<Correction>)>> + Send;
    /// Files the ticket.
    fn create(
        &self,
        context: &CallContext,
        draft: &Draft,
    ) -> impl Future<Output = Call<(Ticket, Vec<Correction>)>> + Send;
    /// The tickets that carry this press's reference.
    fn find_tickets(
        &self,
        context: &CallContext,
        press: PressId,
    ) -> impl Future<Output = Call<Vec<Ticket>>> + Send;
    /// Closes a ticket with a private reason.
    fn close(&self, context: &CallContext, id: &str, reason: &str) -> impl Future<Output = Call<()>> + Send;
    /// Adds a note with its attachments.
    fn add_note(
        &self,
        context: &CallContext,
        ticket: &Ticket,
        note: Note,
    ) -> impl Future<Output = Call<AddedNote>> + Send;
    /// The notes of a ticket that carry this reference.
    fn find_notes(
        &self,
        context: &CallContext,
        ticket: &Ticket,
        reference: &str,
    ) -> impl Future<Output = Call<Vec<AddedNote>>> + Send;
    /// Adds one attachment to a note or, without one, to the ticket itself. Gives its id.
    fn attach(
        &self,
        context: &CallContext,
        ticket: &Ticket,
        note: Option<&str>,
        attachment: Attachment,
    ) -> impl Future<Output = Call<String>> + Send;
}

impl Psa for Session {
    fn description(&self) -> &Description {
        self.connector().description()
    }

    fn sha256(&self) -> &str {
        self.connector().sha256()
    }

    fn settings(&self) -> &[(String, String)] {
        Self::settings(self)
    }

    fn scope(&self) -> &str {
        Self::scope(self)
    }

    async fn authenticate(&self) -> Call<()> {
        Self::authenticate(self).await
    }

    async fn find_contact(
        &self,
        context: &CallContext,
        person: &Person,
    ) -> Call<Option<(Contact, ContactMatch)>> {
        Self::find_contact(self, context, person).await
    }

    async fn find_device(
        &self,
        context: &CallContext,
        contact: Option<&Contact>,
        facts: &DeviceFacts,
    ) -> Call<Option<Device>> {
        Self::find_device(self, context, contact, facts).await
    }

    async fn variables(&self) -> Call<Vec<Variable>> {
        Self::variables(self).await
    }

    async fn apply(
        &self,
        context: &CallContext,
        draft: &Draft,
        assigned: &[(String, String)],
    ) -> Call<(Draft, Vec<Correction>)> {
        Self::apply(self, context, draft, assigned).await
    }

    async fn create(&self, context: &CallContext, draft: &Draft) -> Call<(Ticket, Vec<Correction>)> {
        Self::create(self, context, draft).await
    }

    async fn find_tickets(&self, context: &CallContext, press: PressId) -> Call<Vec<Ticket>> {
        Self::find_tickets(self, context, press).await
    }

    async fn close(&self, context: &CallContext, id: &str, reason: &str) -> Call<()> {
        Self::close(self, context, id, reason).await
    }

    async fn add_note(&self, context: &CallContext, ticket: &Ticket, note: Note) -> Call<AddedNote> {
        Self::add_note(self, context, ticket, note).await
    }

    async fn find_notes(
        &self,
        context: &CallContext,
        ticket: &Ticket,
        reference: &str,
    ) -> Call<Vec<AddedNote>> {
        Self::find_notes(self, context, ticket, reference).await
    }

    async fn attach(
        &self,
        context: &CallContext,
        ticket: &Ticket,
        note: Option<&str>,
        attachment: Attachment,
    ) -> Call<String> {
        Self::attach(self, context, ticket, note, attachment).await
    }
}
