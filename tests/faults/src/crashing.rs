//! A store at whose edges the process dies.
//!
//! Everything a delivery does lies between two calls of the store: before an intent is on disk, between
//! intent and effect, between effect and outcome, and so on. Dying before and after each call, one place
//! per run, is dying at every place that matters.

use helpbell_delivery::{
    Custodian, Store, StoreError, Submission,
    journal::Event,
    store::{ByHand, Claim, Lease, Measured, Next, Record, Sqlite, State, Terms},
};
use helpbell_model::PressId;
use jiff::Timestamp;
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

/// The product's store, and where to die.
#[derive(Clone)]
pub struct Crashing {
    store: Sqlite,
    /// Counts down at each edge; the process dies when it reaches nought.
    left: Arc<AtomicU32>,
}

impl Crashing {
    /// Dies at the edge with this number, from 1; never with 0.
    #[must_use]
    pub fn at(store: Sqlite, edge: u32) -> Self {
        Self {
            store,
            left: Arc::new(AtomicU32::new(edge)),
        }
    }

    fn edge(&self) {
        let before = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if before == Ok(1) {
            // Nothing is flushed, dropped or told.
            std::process::abort();
        }
    }

    async fn between<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        self.edge();
        let result = work.await;
        self.edge();
        result
    }
}

impl Store for Crashing {
    async fn accept(
        &self,
        submission: &Submission,
        by: &Custodian,
        now: Timestamp,
        first: Vec<Event>,
    ) -> Result<(), StoreError> {
        self.between(self.store.accept(submission, by, now, first)).await
    }

    async fn claim_due(&self, terms: &Terms) -> Result<Option<Claim>, StoreError> {
        self.between(self.store.claim_due(terms)).await
    }

    async fn claim(&self, press: PressId, terms: &Terms) -> Result<Claim, StoreError> {
        self.between(self.store.claim(press, terms)).await
    }

    async fn renew(&self, lease: &Lease, until: Timestamp) -> Result<Lease, StoreError> {
        self.between(self.store.renew(lease, until)).await
    }

    async fn record(
        &self,
        lease: &Lease,
        now: Timestamp,
        events: Vec<Event>,
        next: Next,
    ) -> Result<(), StoreError> {
        self.between(self.store.record(lease, now, events, next)).await
    }

    fn submission(&self, press: PressId) -> impl Future<Output = Result<Submission, StoreError>> + Send {
        self.store.submission(press)
    }

    fn load(&self, press: PressId) -> impl Future<Output = Result<Record, StoreError>> + Send {
        self.store.load(press)
    }

    fn list(
        &self,
        states: &[State],
        most: u32,
    ) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send {
        self.store.list(states, most)
    }

    fn next_due(&self) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send {
        self.store.next_due()
    }

    fn by_hand(
        &self,
        press: PressId,
        now: Timestamp,
        what: ByHand,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.store.by_hand(press, now, what)
    }

    fn remember_lookup(
        &self,
        whose: &str,
        measured: Measured,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.store.remember_lookup(whose, measured)
    }

    fn lookup(&self, whose: &str) -> impl Future<Output = Result<Option<Measured>, StoreError>> + Send {
        self.store.lookup(whose)
    }
}
