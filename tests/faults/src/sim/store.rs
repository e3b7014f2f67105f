//! The store of a simulation: the product's, or one that lacks what is taken away.

use super::psa::Without;
use helpbell_delivery::{
    Custodian, Store, StoreError, Submission,
    journal::Event,
    store::{ByHand, Claim, Lease, Measured, Memory, Next, Record, State, Terms},
};
use helpbell_model::PressId;
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::task::yield_now;

/// One process's way to the shared store. What it holds back dies with it.
#[derive(Clone)]
pub struct SimStore {
    shared: Memory,
    without: Without,
    held_back: Arc<Mutex<BTreeMap<PressId, Vec<Event>>>>,
}

impl SimStore {
    /// A new process's way to this disk.
    #[must_use]
    pub fn new(shared: Memory, without: Without) -> Self {
        Self {
            shared,
            without,
            held_back: Arc::default(),
        }
    }

    /// The lease as it counts: without fencing, whatever claim is the newest.
    async fn counting(&self, lease: &Lease) -> Result<Lease, StoreError> {
        if self.without != Without::Fencing {
            return Ok(lease.clone());
        }
        let epoch = self.shared.load(lease.press).await?.epoch;
        Ok(Lease {
            epoch,
            ..lease.clone()
        })
    }
}

impl Store for SimStore {
    fn accept(
        &self,
        submission: &Submission,
        by: &Custodian,
        now: Timestamp,
        first: Vec<Event>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.shared.accept(submission, by, now, first)
    }

    fn claim_due(&self, terms: &Terms) -> impl Future<Output = Result<Option<Claim>, StoreError>> + Send {
        self.shared.claim_due(terms)
    }

    fn claim(&self, press: PressId, terms: &Terms) -> impl Future<Output = Result<Claim, StoreError>> + Send {
        self.shared.claim(press, terms)
    }

    async fn renew(&self, lease: &Lease, until: Timestamp) -> Result<Lease, StoreError> {
        self.shared.renew(&self.counting(lease).await?, until).await
    }

    async fn record(
        &self,
        lease: &Lease,
        now: Timestamp,
        mut events: Vec<Event>,
        next: Next,
    ) -> Result<(), StoreError> {
        // A process may die before the commit and after it.
        yield_now().await;
        if self.without == Without::IntentFirst {
            let mut held = self.held_back.lock().unwrap_or_else(PoisonError::into_inner);
            let mut all = held.remove(&lease.press).unwrap_or_default();
            all.append(&mut events);
            if next == Next::GoOn {
                held.insert(lease.press, all);
                return Ok(());
            }
            events = all;
        }
        let lease = self.counting(lease).await?;
        let recorded = self.shared.record(&lease, now, events, next).await;
        yield_now().await;
        recorded
    }

    fn submission(&self, press: PressId) -> impl Future<Output = Result<Submission, StoreError>> + Send {
        self.shared.submission(press)
    }

    fn load(&self, press: PressId) -> impl Future<Output = Result<Record, StoreError>> + Send {
        self.shared.load(press)
    }

    fn list(
        &self,
        states: &[State],
        most: u32,
    ) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send {
        self.shared.list(states, most)
    }

    fn next_due(&self) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send {
        self.shared.next_due()
    }

    fn by_hand(
        &self,
        press: PressId,
        now: Timestamp,
        what: ByHand,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.shared.by_hand(press, now, what)
    }

    fn remember_lookup(
        &self,
        whose: &str,
        measured: Measured,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.shared.remember_lookup(whose, measured)
    }

    fn lookup(&self, whose: &str) -> impl Future<Output = Result<Option<Measured>, StoreError>> + Send {
        self.shared.lookup(whose)
    }
}
