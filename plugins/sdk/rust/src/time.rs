//! Points in time as PSAs write them.

/// Seconds since 1970 of a date in UTC as RFC 3339 writes it: `1994-11-06T08:49:37Z`. Fractions of a second are dropped;
/// none for any other offset.
pub fn unix_of_utc(date: &str) -> Option<u64> {
    let (day, clock) = date.strip_suffix(['Z', 'z'])?.split_once(['T', 't'])?;
    let three = |text: &str, between: char| {
        let mut parts = text.split(between).map(|part| part.parse::<i64>().ok());
        let all = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(all)
    };
    let (year, month, day) = three(day, '-')?;
    let (hour, minute, second) = three(clock.split('.').next()?, ':')?;
    // Days since 1970 in the proleptic Gregorian calendar, years beginning in March.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era_day = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + era_day - 719_468;
    u64::try_from(days * 86_400 + hour * 3_600 + minute * 60 + second).ok()
}

#[cfg(test)]
mod tests {
    use super::unix_of_utc;

    #[test]
    fn dates_in_utc_are_read_and_no_others() {
        assert_eq!(unix_of_utc("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(unix_of_utc("1994-11-06T08:49:37Z"), Some(784_111_777));
        assert_eq!(unix_of_utc("1994-11-06t08:49:37.999z"), Some(784_111_777));
        assert_eq!(unix_of_utc("2024-02-29T00:00:00Z"), Some(1_709_164_800));
        for other in [
            "1994-11-06T08:49:37+01:00",
            "1994-11-06 08:49:37Z",
            "1994-11-06T08:49Z",
            "yesterday",
        ] {
            assert_eq!(unix_of_utc(other), None, "{other}");
        }
    }
}
