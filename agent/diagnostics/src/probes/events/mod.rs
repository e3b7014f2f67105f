//! Errors and crashes of the last day, alike ones together.
//!
//! Never whole log lines of unknown content: every text is scrubbed and cut, and only the last one of its kind is told.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(windows, test))]
pub(super) mod windows;

use crate::{part::ProbeError, probes::line, scrub::scrubbed_line};
use helpbell_model::report::{Crash, EventGroup, Events};
use jiff::Timestamp;
use std::collections::HashMap;

/// How far back is looked, in hours: what bothers somebody today began since yesterday.
const HOURS: u32 = 24;

/// Groups told; more would be a log.
const MOST_GROUPS: usize = 50;
/// Characters of an event's text.
const TEXT_CHARS: usize = 300;
/// Crashes told, the latest first.
const MOST_CRASHES: usize = 20;

pub(super) fn ask() -> Result<Events, ProbeError> {
    #[cfg(target_os = "linux")]
    {
        linux::ask(std::path::Path::new("/"))
    }
    #[cfg(windows)]
    {
        windows::ask()
    }
    #[cfg(not(any(target_os = "linux", windows)))]
    {
        Err(super::not_read_here())
    }
}

/// One error as the system wrote it down.
#[cfg_attr(
    not(any(target_os = "linux", windows)),
    allow(dead_code, reason = "not every system hands out events")
)]
#[derive(Debug, Clone, Default)]
struct Event {
    source: String,
    id: Option<u32>,
    critical: bool,
    at: Option<Timestamp>,
    text: String,
}

/// Alike errors together: of one source, with one number, and the same words but for numbers. The most frequent first.
#[cfg_attr(
    not(any(target_os = "linux", windows)),
    allow(dead_code, reason = "not every system hands out events")
)]
fn grouped(events: impl IntoIterator<Item = Event>, mut crashes: Vec<Crash>) -> Events {
    let mut groups: HashMap<(String, Option<u32>, String), EventGroup> = HashMap::new();
    for event in events {
        let key = (event.source.clone(), event.id, shape(&event.text));
        let group = groups.entry(key).or_insert_with(|| EventGroup {
            source: line(&event.source),
            id: event.id,
            text: scrubbed_line(&event.text, TEXT_CHARS),
            ..EventGroup::default()
        });
        group.count = group.count.saturating_add(1);
        group.critical |= event.critical;
        if event.at > group.last {
            group.last = event.at;
            group.text = scrubbed_line(&event.text, TEXT_CHARS);
        }
    }
    let mut groups: Vec<EventGroup> = groups.into_values().collect();
    groups.sort_by(|a, b| {
        (b.critical, b.count, b.last)
            .cmp(&(a.critical, a.count, a.last))
            .then_with(|| (&a.source, &a.text).cmp(&(&b.source, &b.text)))
    });
    let left_out = groups.len().saturating_sub(MOST_GROUPS);
    groups.truncate(MOST_GROUPS);
    crashes.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.what.cmp(&b.what)));
    crashes.truncate(MOST_CRASHES);
    Events {
        hours: HOURS,
        groups,
        left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
        crashes,
        note: String::new(),
    }
}

/// A text without what differs between two alike ones: words with a digit in them.
#[cfg_attr(
    not(any(target_os = "linux", windows)),
    allow(dead_code, reason = "not every system hands out events")
)]
fn shape(text: &str) -> String {
    /// Words looked at. Longer texts that begin alike are alike.
    const WORDS: usize = 12;
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let words = words.filter(|word| !word.contains(|c: char| c.is_ascii_digit()));
    words.take(WORDS).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(source: &str, text: &str, second: i64) -> Event {
        Event {
            source: source.into(),
            text: text.into(),
            at: Timestamp::from_second(second).ok(),
            ..Event::default()
        }
    }

    #[test]
    fn alike_errors_are_one_group_with_the_last_ones_words() {
        let events = grouped(
            [
                event("kernel", "I/O error, dev sda, sector 100", 10),
                event("kernel", "I/O error, dev sda, sector 2048", 30),
                event("kernel", "I/O error, dev sda, sector 7", 20),
                event("sshd", "I/O error, dev sda, sector 7", 20),
                event("kernel", "usb 1-4: device not accepting address 12", 40),
            ],
            Vec::new(),
        );
        let told: Vec<(&str, u32, &str)> = events
            .groups
            .iter()
            .map(|group| (group.source.as_str(), group.count, group.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("kernel", 3, "I/O error, dev sda, sector 2048"),
                ("kernel", 1, "usb 1-4: device not accepting address 12"),
                ("sshd", 1, "I/O error, dev sda, sector 7"),
            ]
        );
    }

    #[test]
    fn what_is_worse_than_an_error_comes_first() {
        let mut worse = event("smartd", "failing", 1);
        worse.critical = true;
        let often = [event("a", "x", 1), event("a", "x", 2)];
        let events = grouped([worse].into_iter().chain(often), Vec::new());
        assert_eq!(events.groups[0].source, "smartd");
    }

    #[test]
    fn of_too_many_groups_the_rest_is_counted() {
        let many = (0..60).map(|n| event(&format!("s{n:02}"), "failed", n));
        let events = grouped(many, vec![Crash::default(); 30]);
        assert_eq!((events.groups.len(), events.left_out), (MOST_GROUPS, 10));
        assert_eq!(events.crashes.len(), MOST_CRASHES);
    }

    proptest! {
        // Scrubbing takes its time where nothing is optimised.
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_secret_and_no_unbounded_text_comes_through(text in ".{0,400}", secret in "[a-z0-9]{12}") {
            let secret = format!("Q{secret}Q");
            let text = format!("{text} password={secret} {text}");
            let events = grouped([event(&text, &text, 1)], Vec::new());
            prop_assert!(events.groups[0].text.chars().count() <= TEXT_CHARS);
            prop_assert!(!events.groups[0].text.contains(&secret));
        }
    }
}
