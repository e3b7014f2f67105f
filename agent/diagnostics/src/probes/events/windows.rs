//! The event logs of Windows: errors of the last day, alike ones together, and what crashed.

pub(in crate::probes) mod record;

#[cfg(windows)]
use crate::{part::ProbeError, windows::event_log::EventLog};
use crate::{probes::line, scrub::scrubbed_line};
use helpbell_model::report::{Crash, EventGroup, Events};
use record::Record;
use std::{cmp::Reverse, collections::HashMap};

/// How far back the question looks, in hours.
const HOURS: u32 = 24;

/// The logs that are asked. The security log is for administrators, and no error.
#[cfg(windows)]
const CHANNELS: [&str; 2] = ["System", "Application"];

/// Errors and worse of the last day; from disks and from the hardware's own error reports warnings too, since they come
/// before the loss. 86400000 ms are [`HOURS`].
#[cfg(windows)]
const SELECT: &str = "*[System[(Level=1 or Level=2 or Provider[@Name='disk' or \
    @Name='Microsoft-Windows-WHEA-Logger']) and TimeCreated[timediff(@SystemTime) <= 86400000]]]";

/// Groups in the report.
const MOST_GROUPS: usize = 50;
/// Groups that are told apart while counting.
const MOST_KINDS: usize = 500;
/// Crashes in the report.
const MOST_CRASHES: usize = 20;
/// Characters of an event's words.
const TEXT_CHARS: usize = 300;
/// Characters of a crash's detail.
const DETAIL_CHARS: usize = 200;
/// `Level` of what is worse than an error.
const CRITICAL: u8 = 1;

/// Records that are read of one log; a machine that writes more in a day has told its story.
#[cfg(windows)]
const MOST_RECORDS: usize = 5000;

#[cfg(windows)]
pub(super) fn ask() -> Result<Events, ProbeError> {
    let mut collector = Collector::default();
    for channel in CHANNELS {
        let mut log = EventLog::ask(channel, SELECT)?;
        for _ in 0..MOST_RECORDS {
            let Some(found) = log.next() else { break };
            if let Some(record) = found.xml().as_deref().and_then(record::parse) {
                collector.add(&record, || log.words(&found, &record.source));
            }
        }
    }
    Ok(collector.finish())
}

/// Counts records, the newest of each kind first.
#[derive(Debug, Default)]
struct Collector {
    groups: HashMap<(String, u32), EventGroup>,
    crashes: Vec<Crash>,
    left_out: u32,
}

impl Collector {
    /// One record; `words` asks its source for what it means, which takes a while and is done once for each kind.
    fn add(&mut self, record: &Record, words: impl FnOnce() -> Option<String>) {
        if let Some(crash) = crash(record).filter(|_| self.crashes.len() < MOST_CRASHES) {
            self.crashes.push(crash);
        }
        let kind = (record.source.clone(), record.id);
        if let Some(group) = self.groups.get_mut(&kind) {
            group.count = group.count.saturating_add(1);
            group.critical |= record.level == CRITICAL;
            group.last = group.last.max(record.at);
            return;
        }
        if self.groups.len() >= MOST_KINDS {
            self.left_out = self.left_out.saturating_add(1);
            return;
        }
        let text = words().unwrap_or_else(|| record.data.join(", "));
        self.groups.insert(
            kind,
            EventGroup {
                source: line(short(&record.source)),
                id: Some(record.id),
                critical: record.level == CRITICAL,
                count: 1,
                last: record.at,
                // Scrubbed once it is known which ones are shown: that takes longer than counting.
                text,
            },
        );
    }

    /// What there is, the worst and most frequent first.
    fn finish(self) -> Events {
        let mut groups: Vec<EventGroup> = self.groups.into_values().collect();
        groups.sort_by(|a, b| {
            let rank =
                |group: &EventGroup| (Reverse(group.critical), Reverse(group.count), Reverse(group.last));
            rank(a)
                .cmp(&rank(b))
                .then_with(|| (&a.source, a.id).cmp(&(&b.source, b.id)))
        });
        let beyond = groups.len().saturating_sub(MOST_GROUPS);
        groups.truncate(MOST_GROUPS);
        for group in &mut groups {
            group.text = scrubbed_line(&group.text, TEXT_CHARS);
        }
        let mut crashes = self.crashes;
        crashes.sort_by_key(|crash| Reverse(crash.at));
        Events {
            hours: HOURS,
            groups,
            left_out: self
                .left_out
                .saturating_add(u32::try_from(beyond).unwrap_or(u32::MAX)),
            crashes,
        }
    }
}

/// `Microsoft-Windows-Kernel-Power` to `Kernel-Power`, as everybody calls it.
fn short(source: &str) -> &str {
    source.strip_prefix("Microsoft-Windows-").unwrap_or(source)
}

/// What the record says has crashed.
fn crash(record: &Record) -> Option<Crash> {
    let data = |index: usize| {
        let text = record.data.get(index).map(String::as_str).unwrap_or_default();
        scrubbed_line(text, DETAIL_CHARS)
    };
    let (what, detail) = match (short(&record.source), record.id) {
        // Program, its version, its time, module, its version, its time, code.
        ("Application Error", 1000) => (data(0), format!("in {}, code {}", data(3), data(6))),
        ("Application Hang", 1002) => (data(0), "it stopped answering".to_owned()),
        // A blue screen, told after the restart.
        ("WER-SystemErrorReporting", 1001) => ("the system".to_owned(), format!("stop code {}", data(0))),
        // The restart that nobody asked for. With a code it was a blue screen, which the line above tells.
        ("Kernel-Power", 41) if number(&data(0)) == Some(0) => (
            "the system".to_owned(),
            "it restarted without shutting down: power was lost, or it froze".to_owned(),
        ),
        _ => return None,
    };
    Some(Crash {
        what,
        at: record.at,
        detail,
    })
}

/// A number as the log writes it: `0`, `0x9f`.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(source: &str, id: u32, level: u8, at: &str, data: &[&str]) -> Record {
        Record {
            source: source.into(),
            id,
            level,
            at: Some(at.parse().unwrap()),
            data: data.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    #[test]
    fn alike_events_are_one_group_and_words_are_asked_for_once() {
        let mut collector = Collector::default();
        let mut asked = 0;
        for minute in (10..20).rev() {
            let at = format!("2026-11-30T10:{minute}:00Z");
            collector.add(&record("Microsoft-Windows-DNS-Client", 1014, 2, &at, &[]), || {
                asked += 1;
                Some("Name resolution for the name  wpad\r\ntimed out.".into())
            });
        }
        collector.add(
            &record("disk", 51, 3, "2026-11-30T09:00:00Z", &[r"\Device\Harddisk0\DR0"]),
            || None,
        );
        let events = collector.finish();
        assert_eq!(asked, 1);
        let told: Vec<_> = events
            .groups
            .iter()
            .map(|group| (group.source.as_str(), group.id, group.count, group.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (
                    "DNS-Client",
                    Some(1014),
                    10,
                    "Name resolution for the name wpad timed out."
                ),
                ("disk", Some(51), 1, r"\Device\Harddisk0\DR0"),
            ]
        );
        assert_eq!(events.groups[0].last.unwrap().to_string(), "2026-11-30T10:19:00Z");
        assert_eq!(events.hours, 24);
    }

    #[test]
    fn crashes_are_told_with_the_part_at_fault() {
        let mut collector = Collector::default();
        let at = "2026-11-30T10:00:00Z";
        let app = [
            "EXCEL.EXE",
            "16.0.18129.20158",
            "6729c8f1",
            "ntdll.dll",
            "10.0.26100.1",
            "5f6e",
            "0xc0000374",
        ];
        for record in [
            record("Application Error", 1000, 2, at, &app),
            record(
                "Application Hang",
                1002,
                2,
                "2026-11-30T11:00:00Z",
                &["OUTLOOK.EXE", "16.0"],
            ),
            record(
                "Microsoft-Windows-WER-SystemErrorReporting",
                1001,
                2,
                "2026-11-30T08:00:00Z",
                &["0x0000009f (0x3, 0x1)", r"C:\Windows\MEMORY.DMP"],
            ),
            record(
                "Microsoft-Windows-Kernel-Power",
                41,
                1,
                "2026-11-30T07:00:00Z",
                &["0"],
            ),
            record(
                "Microsoft-Windows-Kernel-Power",
                41,
                1,
                "2026-11-30T06:00:00Z",
                &["159"],
            ),
        ] {
            collector.add(&record, || None);
        }
        let events = collector.finish();
        let told: Vec<_> = events
            .crashes
            .iter()
            .map(|crash| (crash.what.as_str(), crash.detail.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("OUTLOOK.EXE", "it stopped answering"),
                ("EXCEL.EXE", "in ntdll.dll, code 0xc0000374"),
                ("the system", "stop code 0x0000009f (0x3, 0x1)"),
                (
                    "the system",
                    "it restarted without shutting down: power was lost, or it froze"
                ),
            ]
        );
        assert!(events.groups[0].critical, "the worst first");
    }

    #[test]
    fn secrets_home_folders_and_hidden_characters_stay_behind() {
        let mut collector = Collector::default();
        collector.add(&record("Acme\u{202e}", 7, 2, "2026-11-30T10:00:00Z", &[]), || {
            Some("cannot open C:\\Users\\maria\\x.txt, password=hunter2\u{1b}[2J".into())
        });
        let group = &collector.finish().groups[0];
        assert_eq!(group.source, "Acme");
        for gone in ["maria", "hunter2", "\u{1b}"] {
            assert!(!group.text.contains(gone), "{}", group.text);
        }
    }

    #[test]
    fn whatever_a_log_holds_the_report_stays_bounded() {
        let mut collector = Collector::default();
        for id in 0..1000 {
            let at = "2026-11-30T10:00:00Z";
            collector.add(&record("Noise", id, 2, at, &[]), || Some("x".repeat(5000)));
            collector.add(&record("Application Hang", 1002, 2, at, &["A.EXE"]), || None);
        }
        let events = collector.finish();
        assert_eq!(
            (events.groups.len(), events.crashes.len()),
            (MOST_GROUPS, MOST_CRASHES)
        );
        assert!(events.left_out > 900);
        assert!(
            events
                .groups
                .iter()
                .all(|group| group.text.chars().count() <= TEXT_CHARS)
        );
    }
}
