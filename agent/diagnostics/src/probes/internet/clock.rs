//! How wrong this machine's clock is, by the clocks of others.

use jiff::{Timestamp, fmt::rfc2822};

/// Seconds by which `here` is ahead of what an HTTP `Date` says; `None` if it says nothing that can be read.
pub(super) fn skew(date: Option<&str>, here: Timestamp) -> Option<i64> {
    let there = rfc2822::parse(date?.trim()).ok()?.timestamp();
    Some(here.as_second().saturating_sub(there.as_second()))
}

/// The one in the middle: a single server may be wrong itself.
pub(super) fn median(mut skews: Vec<i64>) -> Option<i64> {
    skews.sort_unstable();
    skews.get(skews.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_skew_is_positive_where_this_clock_is_ahead() {
        let here: Timestamp = "1994-11-06T08:59:37Z".parse().unwrap();
        assert_eq!(skew(Some("Sun, 06 Nov 1994 08:49:37 GMT"), here), Some(600));
        assert_eq!(skew(Some("Sun, 06 Nov 1994 09:00:37 GMT"), here), Some(-60));
        for nonsense in [None, Some(""), Some("yesterday"), Some("Sun, 06 Nov 1994")] {
            assert_eq!(skew(nonsense, here), None);
        }
    }

    #[test]
    fn one_wrong_server_does_not_make_a_clock_wrong() {
        assert_eq!(median(vec![1, 86_400, 0]), Some(1));
        assert_eq!(median(vec![7]), Some(7));
        assert_eq!(median(Vec::new()), None);
    }

    proptest! {
        #[test]
        fn no_date_crashes(date in "\\PC{0,60}") {
            skew(Some(&date), Timestamp::UNIX_EPOCH);
        }
    }
}
