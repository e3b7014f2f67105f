//! The event logs of Windows: errors of the last day, alike ones together, and what crashed.

pub(in crate::probes) mod record;

use super::{Event, grouped};
use crate::scrub::scrubbed_line;
#[cfg(windows)]
use crate::{part::ProbeError, windows::event_log::EventLog};
use helpbell_model::report::{Crash, Events};
use record::Record;
use std::collections::HashMap;

/// The logs that are asked. The security log is for administrators, and no error.
#[cfg(windows)]
const CHANNELS: [&str; 2] = ["System", "Application"];

/// Errors and worse of the last day; from disks and from the hardware's own error reports warnings too, since they come
/// before the loss. 86400000 ms are [`super::HOURS`].
#[cfg(windows)]
const SELECT: &str = "*[System[(Level=1 or Level=2 or Provider[@Name='disk' or \
    @Name='Microsoft-Windows-WHEA-Logger']) and TimeCreated[timediff(@SystemTime) <= 86400000]]]";

/// Records that are read of one log; a machine that writes more in a day has told its story.
#[cfg(windows)]
const MOST_RECORDS: usize = 5000;
/// Characters of a crash's detail.
const DETAIL_CHARS: usize = 200;
/// `Level` of what is worse than an error.
const CRITICAL: u8 = 1;

#[cfg(windows)]
pub(super) fn ask() -> Result<Events, ProbeError> {
    let mut reader = Reader::default();
    let mut refusals = Vec::new();
    for channel in CHANNELS {
        let mut log = match EventLog::ask(channel, SELECT) {
            Ok(log) => log,
            Err(refusal) => {
                refusals.push(refusal);
                continue;
            }
        };
        for _ in 0..MOST_RECORDS {
            let Some(found) = log.next() else { break };
            if let Some(record) = found.xml().as_deref().and_then(record::parse) {
                reader.read(&record, || log.words(&found, &record.source));
            }
        }
    }
    let note = refusals
        .iter()
        .map(ProbeError::words)
        .collect::<Vec<_>>()
        .join("; ");
    match refusals.pop() {
        Some(refusal) if refusals.len() + 1 == CHANNELS.len() => Err(refusal),
        _ => Ok(Events {
            note,
            ..reader.finish()
        }),
    }
}

/// Reads records, the newest of a log first.
#[derive(Debug, Default)]
struct Reader {
    events: Vec<Event>,
    crashes: Vec<Crash>,
    /// The words of each kind, by its source and number.
    words: HashMap<(String, u32), String>,
}

impl Reader {
    /// One record. `words` asks its source for what it means, which takes a while: the newest of each kind speaks for all.
    fn read(&mut self, record: &Record, words: impl FnOnce() -> Option<String>) {
        self.crashes.extend(crash(record));
        let text = self
            .words
            .entry((record.source.clone(), record.id))
            .or_insert_with(|| words().unwrap_or_else(|| record.data.join(", ")));
        self.events.push(Event {
            source: short(&record.source).to_owned(),
            id: Some(record.id),
            critical: record.level == CRITICAL,
            at: record.at,
            text: text.clone(),
        });
    }

    fn finish(self) -> Events {
        grouped(self.events, self.crashes)
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
        let mut reader = Reader::default();
        let mut asked = 0;
        for minute in (10..20).rev() {
            let at = format!("2026-11-30T10:{minute}:00Z");
            reader.read(&record("Microsoft-Windows-DNS-Client", 1014, 2, &at, &[]), || {
                asked += 1;
                Some("Name resolution for the name  wpad\r\ntimed out.".into())
            });
        }
        reader.read(
            &record("disk", 51, 3, "2026-11-30T09:00:00Z", &[r"\Device\Harddisk0\DR0"]),
            || None,
        );
        let events = reader.finish();
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
    }

    #[test]
    fn crashes_are_told_with_the_part_at_fault() {
        let mut reader = Reader::default();
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
            reader.read(&record, || None);
        }
        let events = reader.finish();
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
        let mut reader = Reader::default();
        reader.read(&record("Acme\u{202e}", 7, 2, "2026-11-30T10:00:00Z", &[]), || {
            Some("cannot open C:\\Users\\maria\\x.txt, password=hunter2\u{1b}[2J".into())
        });
        let group = &reader.finish().groups[0];
        assert_eq!(group.source, "Acme");
        for gone in ["maria", "hunter2", "\u{1b}"] {
            assert!(!group.text.contains(gone), "{}", group.text);
        }
    }
}
