//! How fast one tenant's PSA is asked: a budget of requests, and a breaker for when it is down.
//!
//! The budget keeps an office whose machines all press at once within what a PSA allows; the breaker
//! keeps a hundred waiting presses from finding out one by one that the PSA is still down.

use crate::clock::after;
use helpbell_model::{Failure, FailureKind};
use jiff::Timestamp;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Requests that one process sends to one PSA within [`WINDOW`]: five sixths of the strictest limit
/// known (Halo: 300 in a rolling five minutes), since other programs ask it too.
const REQUESTS: f64 = 250.0;
/// The window of that limit.
const WINDOW: Duration = Duration::from_secs(300);
/// Failures in a row after which the PSA counts as down.
const FAILURES: u32 = 3;
/// How long it is left alone at first.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// How long it is left alone at most: a PSA that is back should not stay unnoticed.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// The pace towards one PSA, shared by all who deliver to it.
#[derive(Debug)]
pub struct Pace(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    /// Requests that may be sent now.
    budget: f64,
    refilled_at: Timestamp,
    failures: u32,
    /// Until when the PSA is left alone.
    closed_until: Option<Timestamp>,
}

impl Pace {
    /// A full budget.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self(Mutex::new(Inner {
            budget: REQUESTS,
            refilled_at: now,
            failures: 0,
            closed_until: None,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a press may be taken up now; else when to ask again.
    ///
    /// # Errors
    /// The time at which it may.
    pub fn may_begin(&self, now: Timestamp) -> Result<(), Timestamp> {
        let mut inner = self.lock();
        inner.refill(now);
        if let Some(until) = inner.closed_until {
            if until > now {
                return Err(until);
            }
            // One goes ahead to see; the others wait for what it finds.
            let pause = inner.pause();
            inner.closed_until = Some(after(now, pause));
            return Ok(());
        }
        inner.refilled(now).map_or(Ok(()), Err)
    }

    /// When a press may be taken up, if not now.
    #[must_use]
    pub fn opens_at(&self, now: Timestamp) -> Option<Timestamp> {
        let mut inner = self.lock();
        inner.refill(now);
        match inner.closed_until {
            Some(until) => (until > now).then_some(until),
            None => inner.refilled(now),
        }
    }

    /// So many requests were sent, and the try ended well or with this failure.
    pub fn ended(&self, now: Timestamp, requests: usize, failure: Option<&Failure>) {
        let mut inner = self.lock();
        inner.refill(now);
        // A press is never stopped halfway for the budget; what it takes too much is waited for afterwards.
        inner.budget -= f64::from(u32::try_from(requests).unwrap_or(u32::MAX));
        match failure {
            Some(failure) if is_down(failure.kind) => {
                inner.failures += 1;
                if inner.failures >= FAILURES {
                    let asked = failure
                        .retry_after_ms
                        .map_or(Duration::ZERO, Duration::from_millis);
                    let pause = inner.pause().max(asked.min(LONGEST_PAUSE));
                    inner.closed_until = Some(after(now, pause));
                }
            }
            _ => {
                inner.failures = 0;
                inner.closed_until = None;
            }
        }
    }
}

impl Inner {
    fn refill(&mut self, now: Timestamp) {
        let passed = crate::clock::until(self.refilled_at, now);
        self.refilled_at = self.refilled_at.max(now);
        let gained = REQUESTS * passed.as_secs_f64() / WINDOW.as_secs_f64();
        self.budget = (self.budget + gained).min(REQUESTS);
    }

    /// When there is budget again, if there is none now.
    fn refilled(&self, now: Timestamp) -> Option<Timestamp> {
        let missing = 1.0 - self.budget;
        (missing > 0.0).then(|| after(now, WINDOW.mul_f64(missing / REQUESTS)))
    }

    fn pause(&self) -> Duration {
        let doublings = self.failures.saturating_sub(FAILURES).min(u32::BITS - 1);
        FIRST_PAUSE
            .saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX))
            .min(LONGEST_PAUSE)
    }
}

/// Whether such a failure says that the PSA as a whole cannot be used now.
const fn is_down(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Unavailable | FailureKind::Timeout | FailureKind::RateLimited | FailureKind::Auth
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn later(seconds: u64) -> Timestamp {
        after(START, Duration::from_secs(seconds))
    }

    fn down() -> Failure {
        Failure::new(FailureKind::Unavailable, "test.down", "down")
    }

    #[test]
    fn a_psa_that_failed_three_times_is_left_alone_and_then_asked_by_one() {
        let pace = Pace::new(START);
        for _ in 0..FAILURES {
            assert_eq!(pace.may_begin(START), Ok(()));
            pace.ended(START, 1, Some(&down()));
        }
        assert_eq!(pace.may_begin(START), Err(later(5)));
        assert_eq!(pace.may_begin(later(5)), Ok(()), "one goes ahead");
        assert!(
            pace.may_begin(later(5)).is_err(),
            "the others wait for what it finds"
        );
        pace.ended(later(6), 5, None);
        assert_eq!(pace.may_begin(later(6)), Ok(()));
    }

    #[test]
    fn the_budget_of_five_minutes_is_never_exceeded_by_more_than_one_press() {
        let (pace, mut sent, mut now) = (Pace::new(START), Vec::new(), START);
        for _ in 0..400 {
            match pace.may_begin(now) {
                Ok(()) => {
                    pace.ended(now, 5, None);
                    sent.push(now);
                }
                Err(then) => now = then,
            }
        }
        let most = sent
            .iter()
            .map(|from| {
                sent.iter()
                    .filter(|at| *at >= from && **at < after(*from, WINDOW))
                    .count()
                    * 5
            })
            .max()
            .unwrap();
        assert!(
            most <= 505,
            "{most} requests: a full budget and one window's refill"
        );
        assert!(sent.len() > 100, "it goes on");
    }

    #[test]
    fn a_refusal_of_one_press_is_no_outage() {
        let pace = Pace::new(START);
        let refused = Failure::new(FailureKind::InvalidInput, "test.refused", "refused");
        for _ in 0..10 {
            pace.ended(START, 1, Some(&refused));
        }
        assert_eq!(pace.may_begin(START), Ok(()));
    }
}
