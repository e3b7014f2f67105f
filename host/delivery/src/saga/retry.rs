//! When to try again after a try that failed.

use crate::{clock::after, journal::Course, store::Next};
use helpbell_model::{Failure, FailureKind};
use jiff::Timestamp;
use std::time::Duration;

/// The longest first wait. Most outages that a second try cures are over by then.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// The longest wait: a PSA that is back should not stay unnoticed for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// The longest wait that a PSA may ask for with `Retry-After`; more is a mistake or an attack.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);
/// Tries without any progress, for a reason that time alone does not cure, before a person is asked.
/// With doubling waits these take about ten minutes, in which a restarted server or a corrected setting counts.
const FRUITLESS: u32 = 8;

/// What becomes of a press whose try ended so. `chance` is drawn evenly from 0 to 1.
///
/// Waits double and are then shortened by chance as a whole ("full jitter"), so that the machines of
/// an office that all failed at once do not all come back at once.
#[must_use]
pub(super) fn after_failure(course: &Course, failure: &Failure, now: Timestamp, chance: f64) -> Next {
    if !passes_by_itself(failure.kind) && course.fruitless >= FRUITLESS {
        return Next::Attention;
    }
    let doublings = course.fruitless.saturating_sub(1).min(u32::BITS - 1);
    let most = FIRST_WAIT
        .saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX))
        .min(LONGEST_WAIT);
    let asked = failure
        .retry_after_ms
        .map_or(Duration::ZERO, Duration::from_millis)
        .min(LONGEST_ASKED);
    let wait = most.mul_f64(chance.clamp(0.0, 1.0)).max(asked);
    Next::Due(after(now, wait))
}

/// Whether such failures end without anybody looking at this press: the network, the PSA, a key that
/// somebody will renew for all presses together.
const fn passes_by_itself(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Auth | FailureKind::RateLimited | FailureKind::Unavailable | FailureKind::Timeout
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn after_tries(fruitless: u32, kind: FailureKind, retry_after_ms: Option<u64>, chance: f64) -> Next {
        let course = Course {
            fruitless,
            ..Course::default()
        };
        let failure = Failure {
            retry_after_ms,
            ..Failure::new(kind, "test.code", "test")
        };
        after_failure(&course, &failure, Timestamp::UNIX_EPOCH, chance)
    }

    fn due(next: Next) -> i64 {
        match next {
            Next::Due(at) => at.as_millisecond(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (1..=10)
            .map(|tries| due(after_tries(tries, FailureKind::Unavailable, None, 1.0)) / 1000)
            .collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
    }

    #[test]
    fn an_outage_is_waited_for_without_end_and_a_refusal_is_not() {
        assert!(matches!(
            after_tries(10_000, FailureKind::Unavailable, None, 1.0),
            Next::Due(_)
        ));
        assert_eq!(
            after_tries(FRUITLESS, FailureKind::InvalidInput, None, 1.0),
            Next::Attention
        );
        assert!(matches!(
            after_tries(FRUITLESS - 1, FailureKind::Internal, None, 1.0),
            Next::Due(_)
        ));
    }

    proptest! {
        #[test]
        fn what_the_psa_asks_for_is_kept_and_no_wait_is_beyond_reason(
            tries in 0_u32..100_000, asked in proptest::option::of(0_u64..u64::MAX), chance in 0.0..=1.0_f64,
        ) {
            let wait = due(after_tries(tries, FailureKind::RateLimited, asked, chance));
            prop_assert!(wait >= asked.unwrap_or(0).min(3_600_000).cast_signed());
            prop_assert!(wait <= 3_600_000);
        }
    }
}
