//! CUPS, asked by its own `lpstat`. A spooler that never answers is left at the limit.

use super::{Printer, ProbeError};
use crate::{
    probes::{line, linux::programs::Programs},
    scrub::{homes, scrubbed_line},
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use std::{path::Path, time::Duration};

/// Printers told. A print server has hundreds; the ones in trouble come first.
const MOST: usize = 40;

/// Shorter than the probe's own limit.
const LIMIT: Duration = Duration::from_millis(2500);

/// Minutes a job may wait before it counts as stuck: the longest document that people wait for prints in that time.
const STUCK_MINUTES: i64 = 5;

/// Characters of a printer's state.
const STATE_CHARS: usize = 120;
/// Characters of what the spooler itself says of it.
const REASON_CHARS: usize = 80;

/// The server, the default, where printers hang, who takes jobs, the jobs, and then every printer at length.
const QUESTION: [&str; 7] = ["-r", "-d", "-v", "-a", "-o", "-l", "-p"];

/// What printers say (RFC 8011, section 5.4.12, and what CUPS adds), and what people call it.
const ALERTS: [(&str, &str); 18] = [
    ("connecting-to-device", "not reachable yet"),
    ("cover-open", "a cover is open"),
    ("cups-missing-filter", "a part of its driver is missing"),
    ("door-open", "a door is open"),
    ("input-tray-missing", "a tray is missing"),
    ("marker-supply-empty", "out of ink or toner"),
    ("marker-supply-low", "ink or toner is low"),
    ("marker-waste-full", "the waste box is full"),
    ("media-empty", "out of paper"),
    ("media-jam", "paper jam"),
    ("media-low", "paper is low"),
    ("media-needed", "it wants other paper"),
    ("offline", "offline"),
    ("shutdown", "switched off"),
    ("spool-area-full", "the disk for jobs is full"),
    ("timed-out", "it does not answer"),
    ("toner-empty", "out of toner"),
    ("toner-low", "toner is low"),
];

pub(super) fn ask(root: &Path) -> Result<Vec<Printer>, ProbeError> {
    ask_within(root, LIMIT)
}

fn ask_within(root: &Path, limit: Duration) -> Result<Vec<Printer>, ProbeError> {
    let programs = Programs::below(root, limit);
    // Its code tells nothing: it is 1 where there are no printers.
    let told = programs.ask("lpstat", &QUESTION)?.text;
    if told.lines().any(|row| row == "scheduler is not running") {
        return Err(if programs.has("cupsd") {
            ProbeError::Failed("the print service is not running".to_owned())
        } else {
            ProbeError::unsupported("no print service is installed")
        });
    }
    if !told.lines().any(|row| row == "scheduler is running") {
        return Err(ProbeError::Failed(
            "lpstat did not understand the question".to_owned(),
        ));
    }
    Ok(printers(
        &told,
        Timestamp::now().to_zoned_datetime(TimeZone::system()).datetime(),
    ))
}

/// The printers in what `lpstat` printed at the moment `now`, those in trouble first, then by name.
fn printers(told: &str, now: DateTime) -> Vec<Printer> {
    let mut printers: Vec<Printer> = Vec::new();
    let mut default = None;
    let mut ports: Vec<(&str, &str)> = Vec::new();
    let mut refusing: Vec<&str> = Vec::new();
    let mut jobs: Vec<(&str, bool)> = Vec::new();
    // Rows that begin with a tab belong to the printer above.
    let mut rows = told.lines().peekable();
    while let Some(row) = rows.next() {
        let mut details = Vec::new();
        while let Some(detail) = rows.next_if(|row| row.starts_with('\t')) {
            details.push(detail.trim());
        }
        if let Some(name) = row.strip_prefix("system default destination: ") {
            default = Some(name.trim());
        } else if let Some((name, port)) = row
            .strip_prefix("device for ")
            .and_then(|row| row.split_once(": "))
        {
            ports.push((name, port));
        } else if let Some((name, _)) = row.split_once(" not accepting requests since") {
            refusing.push(name);
        } else if let Some((name, since)) = job(row) {
            jobs.push((name, stuck(since, now)));
        } else if let Some(printer) = printer(row, &details) {
            printers.push(printer);
        }
    }
    for printer in &mut printers {
        let of = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let mine = || jobs.iter().filter(|(name, _)| *name == printer.name);
        printer.jobs = of(mine().count());
        printer.stuck_jobs = of(mine().filter(|(_, stuck)| *stuck).count());
        printer.default = default == Some(printer.name.as_str());
        let port = ports.iter().find(|(name, _)| *name == printer.name);
        printer.port = port.map(|(_, port)| scrubbed_line(port, STATE_CHARS));
        if refusing.contains(&printer.name.as_str()) {
            printer.ready = Some(false);
            printer.state = line(&format!("{}, takes no jobs", printer.state));
        }
    }
    printers.sort_by(|a, b| {
        let trouble = |printer: &Printer| {
            (
                printer.ready != Some(false),
                printer.stuck_jobs == 0,
                !printer.default,
            )
        };
        trouble(a).cmp(&trouble(b)).then_with(|| a.name.cmp(&b.name))
    });
    printers.truncate(MOST);
    printers
}

/// `printer Office is idle.  enabled since …`, and the rows below it.
fn printer(row: &str, details: &[&str]) -> Option<Printer> {
    let (name, doing) = row.strip_prefix("printer ")?.split_once(' ')?;
    let stopped = doing.starts_with("disabled");
    let doing = if stopped {
        "paused"
    } else if doing.starts_with("is idle") {
        "ready"
    } else if doing.starts_with("now printing") {
        "printing"
    } else {
        return None;
    };
    // What the spooler says stands before the first labelled row.
    let reason = details
        .iter()
        .take_while(|detail| !detail.starts_with("Form mounted:"))
        .find(|detail| !detail.is_empty() && **detail != "reason unknown");
    let alerts: Vec<&str> = details
        .iter()
        .find_map(|detail| detail.strip_prefix("Alerts: "))
        .into_iter()
        .flat_map(|alerts| alerts.split([' ', ',']))
        .filter(|alert| !matches!(*alert, "" | "none" | "paused"))
        .collect();
    let mut words = vec![doing.to_owned()];
    words.extend(alerts.iter().filter_map(|alert| in_words(alert)));
    words.extend(reason.map(|reason| scrubbed_line(&homes(reason), REASON_CHARS)));
    let in_the_way = alerts.iter().any(|alert| {
        // Without a suffix, or with this one, it keeps the printer from printing.
        !alert.ends_with("-report") && !alert.ends_with("-warning")
    });
    Some(Printer {
        name: line(name),
        state: scrubbed_line(&words.join(", "), STATE_CHARS),
        ready: Some(!stopped && !in_the_way),
        ..Printer::default()
    })
}

/// An alert as people say it; mere reports are left out.
fn in_words(alert: &str) -> Option<String> {
    let name = alert
        .strip_suffix("-warning")
        .or_else(|| alert.strip_suffix("-error"))
        .unwrap_or(alert);
    if name.ends_with("-report") {
        return None;
    }
    let known = ALERTS.iter().find(|(known, _)| *known == name);
    Some(known.map_or_else(|| line(&name.replace('-', " ")), |(_, words)| (*words).to_owned()))
}

/// `Office-12   maria   1024   Mon Nov 30 12:06:37 2026`: the printer and the date. Never whose it is.
fn job(row: &str) -> Option<(&str, String)> {
    let fields: Vec<&str> = row.split_whitespace().collect();
    let [id, _owner, size, date @ ..] = fields.as_slice() else {
        return None;
    };
    let (printer, number) = id.rsplit_once('-')?;
    let numbers = [*size, number];
    let numeric = numbers
        .iter()
        .all(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
    (numeric && !date.is_empty()).then(|| (printer, date.join(" ")))
}

/// Whether a job waits since a moment too long ago. A date nobody understands says nothing.
fn stuck(since: String, now: DateTime) -> bool {
    DateTime::strptime("%a %b %d %H:%M:%S %Y", since).is_ok_and(|since| {
        (now - since)
            .total(jiff::Unit::Minute)
            .is_ok_and(|minutes| minutes > STUCK_MINUTES as f64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use jiff::civil::datetime;
    use proptest::prelude::*;

    /// Recorded from CUPS 2.4.2, with one more printer that has what a real one would say.
    const RECORDED: &str = include_str!("fixtures/lpstat.txt");
    const NOW: DateTime = datetime(2026, 11, 30, 12, 10, 0, 0);

    #[test]
    fn printers_are_told_with_state_jobs_and_port() {
        let told: Vec<String> = printers(RECORDED, NOW)
            .iter()
            .map(|printer| {
                format!(
                    "{}{}: {} ({:?}), {} jobs, {} stuck, {}",
                    printer.name,
                    if printer.default { "*" } else { "" },
                    printer.state,
                    printer.ready,
                    printer.jobs,
                    printer.stuck_jobs,
                    printer.port.as_deref().unwrap_or("?"),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "Office*: paused, Paper tray <b>open</b> (Some(false)), 2 jobs, 1 stuck, socket://10.0.0.9:9100",
                "Hall: printing, paper jam, toner is low (Some(false)), 0 jobs, 0 stuck, ipp://[hidden]@hall.example/ipp",
                "Label: paused, The printer configuration is incorrect or the printer no longer exists., takes no jobs \
                 (Some(false)), 1 jobs, 0 stuck, ipp://10.255.255.1/ipp/print",
                "File: ready, paper is low (Some(true)), 0 jobs, 0 stuck, socket://127.0.0.1:9",
            ]
        );
    }

    #[test]
    fn whose_job_it_is_is_never_told() {
        assert!(!format!("{:?}", printers(RECORDED, NOW)).contains("maria"));
    }

    fn spooler(says: &str) -> MadeUp {
        MadeUp::machine()
            .file("says", says)
            .program("lpstat", "cat \"${0%/usr/bin/lpstat}/says\"; exit 1")
    }

    #[test]
    fn a_machine_without_printers_has_an_empty_list() {
        let machine = spooler("scheduler is running\nno system default destination\n");
        assert_eq!(ask(machine.root()), Ok(Vec::new()));
    }

    #[test]
    fn a_spooler_that_stands_still_is_a_failure_only_where_there_is_one() {
        let machine = spooler("scheduler is not running\nno system default destination\n");
        assert!(matches!(ask(machine.root()), Err(ProbeError::Unsupported(_))));
        let machine = machine.program("cupsd", "");
        assert_eq!(
            ask(machine.root()),
            Err(ProbeError::Failed("the print service is not running".into()))
        );
    }

    #[test]
    fn a_spooler_that_never_answers_is_left_at_the_limit() {
        let machine = MadeUp::machine().program("lpstat", "sleep 1000");
        assert_eq!(
            ask_within(machine.root(), Duration::from_millis(100)),
            Err(ProbeError::TimedOut("lpstat gave no answer within 100 ms".into()))
        );
    }

    #[test]
    fn an_answer_nobody_understands_is_a_failure_and_a_missing_program_is_none() {
        assert!(matches!(
            ask(spooler("what?\n").root()),
            Err(ProbeError::Failed(_))
        ));
        assert_eq!(
            ask(MadeUp::machine().root()),
            Err(ProbeError::Unsupported("lpstat is not installed".into()))
        );
    }

    #[test]
    fn a_job_is_stuck_after_five_minutes() {
        let printer = |at: &str| {
            let told = format!("A-1  x  10  Mon Nov 30 {at} 2026\nprinter A is idle.  enabled since x\n");
            printers(&told, NOW)[0].stuck_jobs
        };
        assert_eq!((printer("12:05:00"), printer("12:04:59")), (0, 1));
    }

    proptest! {
        #[test]
        fn any_answer_is_survived(
            told in "((printer |device for |[a-z]{1,9}-1 x 1 )?[ -~\\t\u{202e}]{0,40}( is idle|: x)?\n(\\t[ -~]{0,30}\n)?){0,12}",
        ) {
            for printer in printers(&told, NOW) {
                prop_assert!(printer.name.chars().count() <= 120 && printer.state.chars().count() <= STATE_CHARS);
            }
        }
    }
}
