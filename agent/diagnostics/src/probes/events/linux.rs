//! The journal of systemd, and the marks that crashed programs and kernels leave. Files of /var/log are not read.

use super::{Event, Events, HOURS, ProbeError, grouped};
use crate::probes::{
    line,
    linux::{
        files::{entries, name},
        programs::Programs,
    },
};
use helpbell_model::report::Crash;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use std::{
    fs::{self, File},
    path::Path,
    time::Duration,
};

/// Shorter than the probe's own limit.
const LIMIT: Duration = Duration::from_millis(3500);

/// Entries read, the latest first. A machine that writes more errors a day says the same thing all day.
const ENTRIES: &str = "-n2000";

/// What is read of an entry. Whatever else a program wrote, such as the command line of a crashed one, stays where it is.
const FIELDS: &str =
    "--output-fields=MESSAGE,MESSAGE_ID,PRIORITY,SYSLOG_IDENTIFIER,_COMM,COREDUMP_COMM,COREDUMP_SIGNAL_NAME";

/// Marks the entry of a program that crashed (`SD_MESSAGE_COREDUMP` of systemd).
const COREDUMP: &str = "fc2e22bc6ee647b6b90729ab34a250b1";

/// Priorities of syslog: 2 is critical, 3 an error.
const CRITICAL: u8 = 2;

/// How the kernel begins when it ends a program to get its memory.
const OUT_OF_MEMORY: [&str; 2] = [
    "Out of memory: Killed process",
    "Memory cgroup out of memory: Killed process",
];

/// Where the journal lies: on the disk, or in memory until the next restart.
const JOURNALS: [&str; 2] = ["var/log/journal", "run/log/journal"];

/// Where the last words of a kernel that panicked are kept, by the firmware and by systemd.
const LAST_WORDS: [&str; 2] = ["sys/fs/pstore", "var/lib/systemd/pstore"];

/// Where Ubuntu keeps reports of crashed programs: `_usr_bin_gedit.1000.crash`.
const REPORTS: &str = "var/crash";

pub(super) fn ask(root: &Path) -> Result<Events, ProbeError> {
    let journals: Vec<_> = JOURNALS
        .iter()
        .flat_map(|folder| entries(root.join(folder)))
        .map(|machine| machine.join("system.journal"))
        .collect();
    if journals.is_empty() {
        return Err(ProbeError::unsupported("this system keeps no journal"));
    }
    let question = [
        "-q",
        "-p3",
        &format!("--since=-{HOURS}h"),
        ENTRIES,
        "-r",
        "-ojson",
        FIELDS,
    ];
    let readable = journals.iter().any(|journal| File::open(journal).is_ok());
    let printed = Programs::below(root, LIMIT).ask("journalctl", &question)?;
    if !readable && printed.code.is_some_and(|code| code != 0) {
        let why = "only members of adm or systemd-journal may read the journal";
        return Err(ProbeError::Denied(why.to_owned()));
    }
    let told = printed.if_it_went_well("journalctl")?;
    let now = Timestamp::now();
    let (events, mut crashes) = read(&told);
    crashes.extend(marks(root, now));
    let mut events = grouped(events, crashes);
    if !readable {
        "only an administrator may read the system's own journal; these are the account's entries"
            .clone_into(&mut events.note);
    }
    Ok(events)
}

/// One entry of the journal. A field is a text, an array of bytes, or null if it is very long.
#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "MESSAGE", default)]
    message: Value,
    #[serde(rename = "MESSAGE_ID", default)]
    id: Value,
    #[serde(rename = "PRIORITY", default)]
    priority: Value,
    #[serde(rename = "SYSLOG_IDENTIFIER", default)]
    identifier: Value,
    #[serde(rename = "_COMM", default)]
    program: Value,
    #[serde(rename = "COREDUMP_COMM", default)]
    crashed: Value,
    #[serde(rename = "COREDUMP_SIGNAL_NAME", default)]
    signal: Value,
    #[serde(rename = "__REALTIME_TIMESTAMP", default)]
    micros: Value,
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(bytes) => {
            let bytes: Option<Vec<u8>> = bytes.iter().map(|byte| byte.as_u64()?.try_into().ok()).collect();
            Some(String::from_utf8_lossy(&bytes?).into_owned())
        }
        _ => None,
    }
}

fn number<N: std::str::FromStr>(value: &Value) -> Option<N> {
    text(value)?.parse().ok()
}

/// What `journalctl -o json` printed; rows that are no entries are left out.
fn read(told: &str) -> (Vec<Event>, Vec<Crash>) {
    let (mut events, mut crashes) = (Vec::new(), Vec::new());
    for entry in told
        .lines()
        .filter_map(|row| serde_json::from_str::<Entry>(row).ok())
    {
        let at = number(&entry.micros).and_then(|micros| Timestamp::from_microsecond(micros).ok());
        if text(&entry.id).is_some_and(|id| id == COREDUMP) {
            crashes.push(Crash {
                what: line(&text(&entry.crashed).unwrap_or_else(|| "a program".to_owned())),
                at,
                detail: line(&text(&entry.signal).unwrap_or_default()),
            });
            continue;
        }
        let Some(message) = text(&entry.message) else {
            continue;
        };
        if let Some(what) = out_of_memory(&message) {
            crashes.push(Crash {
                what: line(what),
                at,
                detail: "ended by the system, which had no memory left".to_owned(),
            });
        }
        let source = text(&entry.identifier).or_else(|| text(&entry.program));
        events.push(Event {
            source: source.unwrap_or_else(|| "unknown".to_owned()),
            id: None,
            critical: number::<u8>(&entry.priority).is_some_and(|priority| priority <= CRITICAL),
            at,
            text: message,
        });
    }
    (events, crashes)
}

/// The program in `Out of memory: Killed process 4242 (chrome) total-vm:…`.
fn out_of_memory(message: &str) -> Option<&str> {
    let rest = OUT_OF_MEMORY
        .iter()
        .find_map(|start| message.strip_prefix(start))?;
    let (_, rest) = rest.split_once('(')?;
    let (program, _) = rest.split_once(')')?;
    Some(program)
}

/// What crashed programs and kernels left behind within the last hours, told by the names of files alone.
fn marks(root: &Path, now: Timestamp) -> Vec<Crash> {
    let lately = |path: &Path| {
        let at = Timestamp::try_from(fs::metadata(path).ok()?.modified().ok()?).ok()?;
        let age = now.duration_since(at);
        (age >= SignedDuration::ZERO && age < SignedDuration::from_hours(HOURS.into())).then_some(at)
    };
    let reports = entries(root.join(REPORTS)).into_iter().filter_map(|report| {
        let at = lately(&report)?;
        let name = name(&report);
        let (program, _account) = name.strip_suffix(".crash")?.rsplit_once('.')?;
        Some(Crash {
            what: line(program.rsplit('_').next()?),
            at: Some(at),
            detail: String::new(),
        })
    });
    let panics = LAST_WORDS
        .iter()
        .flat_map(|folder| entries(root.join(folder)))
        .filter_map(|words| lately(&words))
        .max()
        .map(|at| Crash {
            what: "the system".to_owned(),
            at: Some(at),
            detail: "the kernel panicked or stopped unexpectedly and left its last words".to_owned(),
        });
    reports.chain(panics).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;

    /// Recorded from systemd 252, with names changed.
    const RECORDED: &str = include_str!("fixtures/journal.jsonl");

    fn with_journal(says: &str) -> MadeUp {
        MadeUp::machine()
            .file("var/log/journal/3d1219c7/system.journal", "")
            .file("says", says)
            .program("journalctl", "cat \"${0%/usr/bin/journalctl}/says\"")
    }

    #[test]
    fn errors_are_told_in_groups_without_secrets_and_home_folders() {
        let events = ask(with_journal(RECORDED).root()).unwrap();
        let told: Vec<String> = events
            .groups
            .iter()
            .map(|group| {
                let critical = if group.critical { "!" } else { "" };
                format!("{}{critical} x{}: {}", group.source, group.count, group.text)
            })
            .collect();
        assert_eq!(
            told,
            [
                "kernel2! x1: bad \u{fffd}\u{fffd} bytes",
                "kernel x2: blk_update_request: I/O error, dev sda, sector 976773104",
                "kernel x1: Out of memory: Killed process 4242 (chrome) total-vm:9123456kB, anon-rss:8123456kB",
                "smartd x1: disk on fire password=[hidden]",
                "tracker-miner-f x1: could not open /home/<user>/Taxes 2025.pdf",
            ]
        );
        assert_eq!(events.groups[1].last.unwrap().to_string(), "2026-11-30T12:06:41Z");
        assert_eq!((events.hours, events.left_out, events.note.as_str()), (24, 0, ""));
    }

    #[test]
    fn programs_that_crashed_or_were_ended_for_their_memory_are_told() {
        let events = ask(with_journal(RECORDED).root()).unwrap();
        let told: Vec<(&str, &str)> = events
            .crashes
            .iter()
            .map(|crash| (crash.what.as_str(), crash.detail.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("gnome-calendar", "SIGSEGV"),
                ("chrome", "ended by the system, which had no memory left")
            ]
        );
    }

    #[test]
    fn marks_of_today_are_told_and_older_ones_are_not() {
        let machine = MadeUp::machine()
            .file("var/crash/_usr_bin_gedit.1000.crash", "")
            .file("var/crash/_usr_bin_gedit.1000.upload", "")
            .file("var/lib/systemd/pstore/1796040/dmesg.txt", "");
        let now = Timestamp::now();
        let what = |now| {
            marks(machine.root(), now)
                .into_iter()
                .map(|crash| crash.what)
                .collect::<Vec<_>>()
        };
        assert_eq!(what(now), ["gedit", "the system"]);
        assert_eq!(what(now + SignedDuration::from_hours(25)), Vec::<String>::new());
        // A clock that was set back makes no news.
        assert_eq!(what(now - SignedDuration::from_hours(25)), Vec::<String>::new());
    }

    #[test]
    fn without_a_journal_nothing_is_read() {
        let machine = MadeUp::machine().file("var/log/syslog", "password=hunter2\n");
        assert_eq!(
            ask(machine.root()),
            Err(ProbeError::Unsupported("this system keeps no journal".into()))
        );
    }

    #[test]
    fn a_journal_that_cannot_be_read_is_a_refusal_for_some_and_a_failure_for_others() {
        let machine = MadeUp::machine()
            .folder("run/log/journal/3d1219c7")
            .program("journalctl", "exit 1");
        assert!(matches!(ask(machine.root()), Err(ProbeError::Denied(_))));
        let machine = machine.file("run/log/journal/3d1219c7/system.journal", "");
        assert_eq!(
            ask(machine.root()),
            Err(ProbeError::Failed("journalctl ended with code 1".into()))
        );
    }

    #[test]
    fn an_account_that_sees_its_own_entries_only_is_told_so() {
        let machine = MadeUp::machine()
            .folder("run/log/journal/3d1219c7")
            .program("journalctl", "true");
        let events = ask(machine.root()).unwrap();
        assert!(events.note.starts_with("only an administrator"), "{events:?}");
    }

    proptest! {
        #[test]
        fn any_answer_is_survived(told in "((\\{\"MESSAGE\":(\"|\\[|null)[ -~]{0,40}\"?\\]?\\}|\\PC{0,40})\n){0,6}") {
            let (events, crashes) = read(&told);
            prop_assert!(events.len() + crashes.len() <= 12);
        }
    }
}
