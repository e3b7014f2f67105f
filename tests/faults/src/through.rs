//! A store that stands before another and does a few things in a way of its own.
//!
//! ```text
//! worker ─► Through ─┬─ accept, amend, claim, … ─► Way ─► the store
//!                    └─ everything else ────────────────► the store
//! ```

use helpbell_delivery::{
    Amendment, Custodian, Store, StoreError, Submission,
    journal::Event,
    store::{ByHand, Claim, Lease, Measured, Next, Record, State, Terms},
};
use helpbell_model::PressId;
use jiff::Timestamp;
use std::future::Future;

/// How a process goes through its store. Every default is the store's own way.
pub trait Way<S: Store>: Send + Sync + 'static {
    /// As [`Store::accept`].
    fn accept(
        &self,
        store: &S,
        submission: &Submission,
        by: &Custodian,
        now: Timestamp,
        first: Vec<Event>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        store.accept(submission, by, now, first)
    }

    /// As [`Store::amend`].
    fn amend(
        &self,
        store: &S,
        press: PressId,
        amendment: Amendment,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        store.amend(press, amendment, now)
    }

    /// As [`Store::claim_due`].
    fn claim_due(
        &self,
        store: &S,
        terms: &Terms,
    ) -> impl Future<Output = Result<Option<Claim>, StoreError>> + Send {
        store.claim_due(terms)
    }

    /// As [`Store::renew`].
    fn renew(
        &self,
        store: &S,
        lease: &Lease,
        until: Timestamp,
    ) -> impl Future<Output = Result<Lease, StoreError>> + Send {
        store.renew(lease, until)
    }

    /// As [`Store::record`].
    fn record(
        &self,
        store: &S,
        lease: &Lease,
        now: Timestamp,
        events: Vec<Event>,
        next: Next,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        store.record(lease, now, events, next)
    }

    /// As [`Store::submission`].
    fn submission(
        &self,
        store: &S,
        press: PressId,
    ) -> impl Future<Output = Result<Submission, StoreError>> + Send {
        store.submission(press)
    }
}

/// A store with a way through it.
pub struct Through<S, W> {
    store: S,
    way: W,
}

impl<S: Store, W: Way<S>> Through<S, W> {
    /// Goes this way through this store.
    pub const fn new(store: S, way: W) -> Self {
        Self { store, way }
    }
}

impl<S: Store, W: Way<S>> Store for Through<S, W> {
    fn accept(
        &self,
        submission: &Submission,
        by: &Custodian,
        now: Timestamp,
        first: Vec<Event>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.way.accept(&self.store, submission, by, now, first)
    }

    fn amend(
        &self,
        press: PressId,
        amendment: Amendment,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.way.amend(&self.store, press, amendment, now)
    }

    fn claim_due(&self, terms: &Terms) -> impl Future<Output = Result<Option<Claim>, StoreError>> + Send {
        self.way.claim_due(&self.store, terms)
    }

    fn claim(&self, press: PressId, terms: &Terms) -> impl Future<Output = Result<Claim, StoreError>> + Send {
        self.store.claim(press, terms)
    }

    fn renew(
        &self,
        lease: &Lease,
        until: Timestamp,
    ) -> impl Future<Output = Result<Lease, StoreError>> + Send {
        self.way.renew(&self.store, lease, until)
    }

    fn record(
        &self,
        lease: &Lease,
        now: Timestamp,
        events: Vec<Event>,
        next: Next,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.way.record(&self.store, lease, now, events, next)
    }

    fn submission(&self, press: PressId) -> impl Future<Output = Result<Submission, StoreError>> + Send {
        self.way.submission(&self.store, press)
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

    fn forget_refused(
        &self,
        before: Timestamp,
        most: u32,
    ) -> impl Future<Output = Result<u32, StoreError>> + Send {
        self.store.forget_refused(before, most)
    }

    fn prune(&self, before: Timestamp, most: u32) -> impl Future<Output = Result<u32, StoreError>> + Send {
        self.store.prune(before, most)
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
