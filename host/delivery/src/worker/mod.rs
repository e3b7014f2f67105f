//! Works presses off: the oldest due first, several at a time, at the PSA's pace.

mod pace;

pub use pace::Pace;

use crate::{
    clock::Clock,
    delivery::Delivery,
    psa::Psa,
    saga::{Courier, Outcome, Stand},
    store::{Custodian, Store, StoreError},
    trace::Observer,
};
use futures::future::try_join_all;
use helpbell_model::PressId;
use std::time::Duration;

/// How often an idle worker looks into the store if nothing is due sooner: presses accepted by other
/// processes show only there. Twice as long would be noticed by a person who waits, half as long by nobody.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Until when a worker works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Nothing is due now.
    WhenNothingIsDue,
    /// Nothing goes on by itself any more.
    WhenAllIsSettled,
    /// Never by itself.
    Never,
}

/// Works presses off for one tenant.
pub struct Worker<'a, S, P> {
    /// Where the presses are.
    pub store: &'a S,
    /// How to reach the PSA.
    pub delivery: &'a Delivery<P>,
    /// The time.
    pub clock: Clock,
    /// Who is at work.
    pub me: &'a Custodian,
    /// Shared by all who deliver to this PSA from here.
    pub pace: &'a Pace,
    /// How often to look for what others accepted; mostly [`LOOK_EVERY`].
    pub look_every: Duration,
    /// Is told what goes on.
    pub observer: Observer<'a>,
}

impl<S: Store, P: Psa> Worker<'_, S, P> {
    /// Works with `hands` presses at a time until `stop`, and tells each outcome.
    ///
    /// # Errors
    /// If the store fails; what was recorded stays.
    pub async fn work(
        &self,
        hands: usize,
        stop: Stop,
        told: &(dyn Fn(Outcome) + Send + Sync),
    ) -> Result<(), StoreError> {
        try_join_all((0..hands.max(1)).map(|_| self.hand(stop, told))).await?;
        Ok(())
    }

    async fn hand(&self, stop: Stop, told: &(dyn Fn(Outcome) + Send + Sync)) -> Result<(), StoreError> {
        let courier = self.courier();
        loop {
            let now = self.clock.now();
            let wake = match self.pace.may_begin(now) {
                Err(then) => Some(then),
                Ok(()) => match self.store.claim_due(&courier.terms()).await? {
                    Some(claim) => {
                        if let Some(outcome) = self.settle(claim.record.id, courier.deliver(claim).await)? {
                            told(outcome);
                        }
                        continue;
                    }
                    None => self.store.next_due().await?,
                },
            };
            match (wake, stop) {
                (None, Stop::WhenAllIsSettled) | (_, Stop::WhenNothingIsDue) => return Ok(()),
                (wake, _) => {
                    let longest = crate::clock::after(now, self.look_every);
                    self.clock
                        .wait_until(wake.map_or(longest, |wake| wake.min(longest)))
                        .await;
                }
            }
        }
    }

    fn courier(&self) -> Courier<'_, S, P> {
        Courier {
            store: self.store,
            delivery: self.delivery,
            clock: self.clock,
            me: self.me,
            observer: self.observer,
        }
    }

    /// Takes one press up at once, due or not.
    ///
    /// # Errors
    /// If it is over, somebody else works on it, or the store fails.
    pub async fn deliver_now(&self, press: PressId) -> Result<Outcome, StoreError> {
        let courier = self.courier();
        let claim = self.store.claim(press, &courier.terms()).await?;
        let outcome = courier.deliver(claim).await;
        self.count(outcome.as_ref().ok());
        outcome
    }

    /// A press that somebody else took over meanwhile is theirs, and no reason to stop.
    fn settle(
        &self,
        press: PressId,
        outcome: Result<Outcome, StoreError>,
    ) -> Result<Option<Outcome>, StoreError> {
        match outcome {
            Ok(outcome) => {
                self.count(Some(&outcome));
                Ok(Some(outcome))
            }
            Err(StoreError::LeaseLost(_) | StoreError::Over { .. }) => {
                tracing::warn!(%press, "a press was taken over while it was being delivered");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn count(&self, outcome: Option<&Outcome>) {
        let Some(outcome) = outcome else { return };
        let requests = outcome.steps.iter().map(|step| step.requests.len()).sum();
        let failure = match &outcome.stand {
            Stand::Delivered | Stand::Reporting { .. } | Stand::Refused { .. } => None,
            Stand::Waiting { failure, .. } | Stand::Attention { failure, .. } => failure.as_ref(),
        };
        self.pace
            .ended(self.clock.now(), requests, failure.map(|(failure, _)| failure));
    }
}
