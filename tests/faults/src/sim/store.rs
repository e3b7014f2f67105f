//! The store of a simulation: the product's, or one that lacks what is taken away.

use super::trouble::Without;
use crate::through::{Through, Way};
use helpbell_delivery::{
    Store as _, StoreError,
    journal::Event,
    store::{Lease, Memory, Next},
};
use helpbell_model::PressId;
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};
use tokio::task::yield_now;

/// One process's way to the shared store.
pub type SimStore = Through<Memory, Lacking>;

/// The way of a process that lacks something. What it holds back dies with it.
pub struct Lacking {
    without: Without,
    held_back: Mutex<BTreeMap<PressId, Vec<Event>>>,
}

impl Lacking {
    /// A new process's way.
    #[must_use]
    pub const fn new(without: Without) -> Self {
        Self {
            without,
            held_back: Mutex::new(BTreeMap::new()),
        }
    }

    /// The lease as it counts: without fencing, whatever claim is the newest.
    async fn counting(&self, store: &Memory, lease: &Lease) -> Result<Lease, StoreError> {
        if self.without != Without::Fencing {
            return Ok(lease.clone());
        }
        let epoch = store.load(lease.press).await?.epoch;
        Ok(Lease {
            epoch,
            ..lease.clone()
        })
    }
}

impl Way<Memory> for Lacking {
    async fn renew(&self, store: &Memory, lease: &Lease, until: Timestamp) -> Result<Lease, StoreError> {
        store.renew(&self.counting(store, lease).await?, until).await
    }

    async fn record(
        &self,
        store: &Memory,
        lease: &Lease,
        now: Timestamp,
        mut events: Vec<Event>,
        next: Next,
    ) -> Result<(), StoreError> {
        // A process may die before the commit and after it.
        yield_now().await;
        if self.without == Without::Ruling {
            events.retain(|event| !matches!(event, Event::Ruled(_)));
        }
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
        let lease = self.counting(store, lease).await?;
        let recorded = store.record(&lease, now, events, next).await;
        yield_now().await;
        recorded
    }
}
