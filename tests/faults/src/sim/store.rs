//! The store of a simulation: the product's, or one that lacks what is taken away.

use super::trouble::Without;
use crate::through::{Through, Way};
use helpbell_delivery::{
    Store as _, StoreError, Submission,
    journal::Event,
    store::{Lease, Memory, Next},
};
use helpbell_model::PressId;
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::task::yield_now;

/// One process's way to the shared store.
pub type SimStore = Through<Memory, Lacking>;

/// The way of a process that lacks something. What it holds back or has read dies with it.
pub struct Lacking {
    without: Without,
    held_back: Mutex<BTreeMap<PressId, Vec<Event>>>,
    /// Presses as they were read when their try began, until their note is announced and read no more.
    read: Mutex<BTreeMap<PressId, Submission>>,
}

impl Lacking {
    /// A new process's way.
    #[must_use]
    pub const fn new(without: Without) -> Self {
        Self {
            without,
            held_back: Mutex::new(BTreeMap::new()),
            read: Mutex::new(BTreeMap::new()),
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
            let mut held = lock(&self.held_back);
            let mut all = held.remove(&lease.press).unwrap_or_default();
            all.append(&mut events);
            if next == Next::GoOn {
                held.insert(lease.press, all);
                return Ok(());
            }
            events = all;
        }
        if next != Next::GoOn {
            // The next try reads anew.
            lock(&self.read).remove(&lease.press);
        }
        let lease = self.counting(store, lease).await?;
        let recorded = store.record(&lease, now, events, next).await;
        yield_now().await;
        recorded
    }

    async fn submission(&self, store: &Memory, press: PressId) -> Result<Submission, StoreError> {
        if self.without != Without::LastReport {
            return store.submission(press).await;
        }
        let earlier = lock(&self.read).get(&press).cloned();
        if let Some(earlier) = earlier {
            return Ok(earlier);
        }
        let submission = store.submission(press).await?;
        lock(&self.read).insert(press, submission.clone());
        Ok(submission)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
