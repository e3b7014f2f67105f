//! Numbers as a technician reads them.

use std::time::Duration;

/// Whole milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Bytes in steps of 1024, under the names every file manager shows them: `1.2 GB`, `237 GB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KB", "MB", "GB", "TB", "PB"];
    const STEP: f64 = 1024.0;
    if count < 1024 {
        return format!("{count} B");
    }
    let mut value = as_f64(count) / STEP;
    let mut units = UNITS.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    // 999.5 would print as "1000"; the next unit reads better.
    while value >= 999.5 {
        let Some(larger) = units.next() else { break };
        unit = larger;
        value /= STEP;
    }
    // One decimal where it still tells something.
    if value < 9.95 {
        format!("{value:.1} {unit}")
    } else {
        format!("{value:.0} {unit}")
    }
}

/// `1 Gbit/s`, `866 Mbit/s`: steps of 1000, as network cards are sold.
pub(crate) fn bits_per_second(count: u64) -> String {
    const GIGA: u64 = 1_000_000_000;
    const MEGA: u64 = 1_000_000;
    if count >= GIGA {
        let value = as_f64(count) / as_f64(GIGA);
        if count.is_multiple_of(GIGA) {
            format!("{value:.0} Gbit/s")
        } else {
            format!("{value:.1} Gbit/s")
        }
    } else {
        format!("{} Mbit/s", count / MEGA)
    }
}

/// `12 days 4 hours`, `3 hours 5 minutes`, `40 seconds`.
pub(crate) fn duration(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let (days, hours, minutes) = (seconds / DAY, seconds % DAY / HOUR, seconds % HOUR / MINUTE);
    match (days, hours, minutes) {
        (0, 0, 0) => counted(seconds, "second"),
        (0, 0, minutes) => counted(minutes, "minute"),
        (0, hours, 0) => counted(hours, "hour"),
        (0, hours, minutes) => format!("{} {}", counted(hours, "hour"), counted(minutes, "minute")),
        (days, 0, _) => counted(days, "day"),
        (days, hours, _) => format!("{} {}", counted(days, "day"), counted(hours, "hour")),
    }
}

/// `1 day`, `2 days`.
pub(crate) fn counted(count: u64, word: &str) -> String {
    if count == 1 {
        format!("1 {word}")
    } else {
        format!("{count} {word}s")
    }
}

/// `part` of `whole`, 0 to 100; 0 of nothing is 0.
pub(crate) fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        (as_f64(part) / as_f64(whole) * 100.0).min(100.0)
    }
}

/// Precise to 53 bits: 8 PB to the byte, and nobody reads the byte.
#[expect(clippy::cast_precision_loss, reason = "shown with three digits at most")]
pub(crate) fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_with_at_most_three_digits() {
        let shown = [
            0,
            999,
            1024,
            1_288_490_189,
            255_000_000_000,
            1_023_999,
            1_099_511_627_776,
            u64::MAX,
        ];
        let texts: Vec<String> = shown.into_iter().map(bytes).collect();
        assert_eq!(
            texts,
            [
                "0 B", "999 B", "1.0 KB", "1.2 GB", "237 GB", "1.0 MB", "1.0 TB", "16384 PB"
            ]
        );
    }

    #[test]
    fn link_speeds_are_shown_as_sold() {
        let texts: Vec<String> = [10_000_000, 866_700_000, 1_000_000_000, 2_500_000_000]
            .into_iter()
            .map(bits_per_second)
            .collect();
        assert_eq!(texts, ["10 Mbit/s", "866 Mbit/s", "1 Gbit/s", "2.5 Gbit/s"]);
    }

    #[test]
    fn durations_name_the_two_units_that_matter() {
        let texts: Vec<String> = [1, 59, 60, 3600, 3660, 86_400, 90_000, 40 * 86_400 + 7200]
            .into_iter()
            .map(duration)
            .collect();
        assert_eq!(
            texts,
            [
                "1 second",
                "59 seconds",
                "1 minute",
                "1 hour",
                "1 hour 1 minute",
                "1 day",
                "1 day 1 hour",
                "40 days 2 hours"
            ]
        );
    }

    #[test]
    fn a_share_of_nothing_is_zero() {
        assert!(percent(5, 0).abs() < f64::EPSILON);
        assert!((percent(1, 4) - 25.0).abs() < 1e-9);
    }
}
