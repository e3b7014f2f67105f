//! The server's own clock: real time plus an offset that tests push forward.
//!
//! Token lifetimes, the rate-limit window and index lag all read this clock, so a test lives
//! through an hour without waiting for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// What the vendor's database stores where there is no date.
pub(crate) const NULL_DATE: &str = "1899-12-30T00:00:00";

/// A clock that only tests can move, and only forward.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock {
    offset_ms: Arc<AtomicI64>,
}

impl Clock {
    /// The present moment on this server.
    pub(crate) fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_millis(self.offset_ms.load(Ordering::Relaxed));
        let real = Timestamp::now();
        real.checked_add(offset).unwrap_or(real)
    }

    /// Moves the clock forward.
    pub(crate) fn advance(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.offset_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

/// The vendor's date text: UTC, no offset, milliseconds without trailing zeros.
pub(crate) fn vendor_date(at: Timestamp) -> String {
    let whole = at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let ms = at.subsec_millisecond().unsigned_abs();
    if ms == 0 {
        return whole;
    }
    let fraction = format!("{ms:03}");
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

/// Reads a date as clients send it: with or without a fraction, with or without an offset (UTC when absent),
/// or only a day.
pub(crate) fn read_date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_carry_no_offset_and_no_trailing_zeros() {
        let at: Timestamp = "2026-03-04T05:06:07.120Z".parse().unwrap();
        assert_eq!(vendor_date(at), "2026-03-04T05:06:07.12");
        let whole: Timestamp = "2026-03-04T05:06:07Z".parse().unwrap();
        assert_eq!(vendor_date(whole), "2026-03-04T05:06:07");
    }

    #[test]
    fn dates_are_read_with_and_without_an_offset() {
        let zoned = read_date("2026-03-04T06:06:07+01:00").unwrap();
        assert_eq!(Some(zoned), read_date("2026-03-04T05:06:07"));
        assert!(read_date("2026-03-04").is_some());
        assert_eq!(read_date("yesterday"), None);
    }

    #[test]
    fn the_clock_moves_forward_for_every_copy() {
        let clock = Clock::default();
        let copy = clock.clone();
        let before = copy.now();
        clock.advance(Duration::from_secs(3600));
        assert!(copy.now().duration_since(before) >= SignedDuration::from_secs(3600));
    }
}
