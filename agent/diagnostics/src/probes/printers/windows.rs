//! The spooler's queues in words.

#[cfg(windows)]
use crate::{
    part::ProbeError,
    windows::{printers, within},
};
use crate::{
    probes::{line, some_line},
    windows::printers::{Job, Queue},
};
use helpbell_model::report::Printer;
use jiff::{SignedDuration, Timestamp};
#[cfg(windows)]
use std::time::Duration;

/// A job that has waited longer than this is stuck; a long one prints for a few minutes.
const STUCK_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// `PRINTER_ATTRIBUTE_WORK_OFFLINE`: somebody switched it to offline.
const WORK_OFFLINE: u32 = 0x400;

/// The bits of `PRINTER_STATUS_…`, the worst first, and whether the printer prints nevertheless.
const STATES: [(u32, &str, bool); 21] = [
    (0x80, "offline", false),
    (0x1000, "not available", false),
    (0x0080_0000, "its server is unknown", false),
    (0x8, "paper jam", false),
    (0x10, "out of paper", false),
    (0x40, "paper problem", false),
    (0x0004_0000, "no toner", false),
    (0x0040_0000, "door open", false),
    (0x800, "output bin full", false),
    (0x0020_0000, "out of memory", false),
    (0x0010_0000, "wants somebody to look", false),
    (0x2, "error", false),
    (0x20, "waits for paper by hand", false),
    (0x1, "paused", false),
    (0x4, "being deleted", false),
    (0x0002_0000, "toner low", true),
    (0x400, "printing", true),
    (0x4000, "printing", true),
    (0x200, "busy", true),
    (0x0001_0000, "warming up", true),
    (0x8000, "starting", true),
];

/// `JOB_STATUS_…` of a job that does not move by itself: error, deleting, offline, out of paper, blocked, wants somebody.
const JOB_STUCK: u32 = 0x2 | 0x4 | 0x20 | 0x40 | 0x200 | 0x400;
/// `JOB_STATUS_…` of a job that is done: printed, deleted, complete. Some queues keep those.
const JOB_DONE: u32 = 0x80 | 0x100 | 0x1000;

/// Queues that are asked; the names of more are of no use to anybody.
#[cfg(windows)]
const MOST_QUEUES: usize = 24;
/// How long one queue may take to describe itself. All are asked at once; a dead print server takes minutes.
#[cfg(windows)]
const PATIENCE: Duration = Duration::from_millis(1500);

#[cfg(windows)]
pub(super) fn ask() -> Result<Vec<Printer>, ProbeError> {
    let names = printers::names()?;
    let default = printers::default_name();
    let now = Timestamp::now();
    let asked = names.into_iter().take(MOST_QUEUES).map(|name| {
        let of = name.clone();
        let asking = std::thread::spawn(move || within(PATIENCE, move || printers::queue(&of)));
        (name, asking)
    });
    // All are at work before the first one is waited for.
    let asked: Vec<_> = asked.collect();
    Ok(asked
        .into_iter()
        .map(|(name, asking)| {
            let answered = asking
                .join()
                .unwrap_or_else(|_| Err(ProbeError::Failed("it crashed".to_owned())));
            let described = answered
                .and_then(|queue| queue)
                .map_err(|error| error.words().to_owned());
            judge(&name, default.as_deref() == Some(name.as_str()), described, now)
        })
        .collect())
}

/// One queue. `described` is missing if it did not answer, with the reason.
fn judge(name: &str, default: bool, described: Result<Queue, String>, now: Timestamp) -> Printer {
    let queue = match described {
        Ok(queue) => queue,
        Err(why) => {
            return Printer {
                name: line(name),
                default,
                state: line(&why),
                ..Printer::default()
            };
        }
    };
    let (state, ready) = state(&queue);
    let stuck = queue.jobs.iter().filter(|job| is_stuck(job, now)).count();
    Printer {
        name: line(name),
        default,
        state: state.to_owned(),
        ready: Some(ready),
        jobs: queue.waiting,
        stuck_jobs: u32::try_from(stuck).unwrap_or(u32::MAX),
        driver: some_line(&queue.driver),
        port: some_line(&queue.port),
    }
}

fn state(queue: &Queue) -> (&'static str, bool) {
    if queue.attributes & WORK_OFFLINE != 0 {
        return ("offline", false);
    }
    STATES
        .iter()
        .find(|(bit, ..)| queue.status & bit != 0)
        .map_or(("ready", true), |(_, words, prints)| (words, *prints))
}

fn is_stuck(job: &Job, now: Timestamp) -> bool {
    let waits = job
        .since
        .is_some_and(|since| now.duration_since(since) > STUCK_AFTER);
    job.status & JOB_DONE == 0 && (job.status & JOB_STUCK != 0 || waits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-30T12:00:00Z".parse().unwrap()
    }

    fn judged(queue: Queue) -> Printer {
        judge("HP LaserJet", true, Ok(queue), now())
    }

    #[test]
    fn the_worst_state_is_told() {
        for (status, attributes, state, ready) in [
            (0, 0, "ready", true),
            (0x400, 0, "printing", true),
            (0x400 | 0x8, 0, "paper jam", false),
            (0x0002_0000, 0, "toner low", true),
            (0, WORK_OFFLINE, "offline", false),
            (0x0100_0000, 0, "ready", true),
        ] {
            let printer = judged(Queue {
                status,
                attributes,
                ..Queue::default()
            });
            assert_eq!(
                (printer.state.as_str(), printer.ready),
                (state, Some(ready)),
                "{status:x}"
            );
        }
    }

    #[test]
    fn jobs_in_error_or_waiting_for_long_are_stuck_and_printed_ones_are_not() {
        let job = |status, minutes: i64| Job {
            status,
            since: now().checked_sub(SignedDuration::from_mins(minutes)).ok(),
        };
        let printer = judged(Queue {
            waiting: 5,
            jobs: vec![job(0x10, 1), job(0x2, 1), job(0, 11), job(0x80, 600), job(0, 600)],
            ..Queue::default()
        });
        assert_eq!((printer.jobs, printer.stuck_jobs), (5, 3));
    }

    #[test]
    fn a_queue_that_does_not_answer_says_so_and_nothing_else() {
        let printer = judge(
            "\\\\print\\hp\u{202e}",
            false,
            Err("no answer within 1 s".into()),
            now(),
        );
        assert_eq!(printer.name, "\\\\print\\hp");
        assert_eq!(printer.state, "no answer within 1 s");
        assert_eq!((printer.ready, printer.jobs), (None, 0));
    }
}
