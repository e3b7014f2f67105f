//! Runs probes side by side, each on its own thread and under its own deadline.
//!
//! A probe asks the operating system, and an operating system in trouble may fail, hang or take
//! the asking thread down. Whatever one probe does, the parts the others found stay, the gap is
//! explained in the probe log and in a finding, and nobody waits past the deadline: the thread
//! is left behind and its late answer dropped. A second examination does not start a probe that
//! still hangs from earlier ones, so that a hundred presses leave no hundred threads.

use crate::part::{Part, ProbeError};
use helpbell_model::{
    report::{Area, Finding, Machine, ProbeRun, ProbeStatus, Severity},
    text::one_line,
};
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicIsize, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

/// Characters of a failure's own words in the probe log; more is a dump, not a reason.
const NOTE_CHARS: usize = 300;

/// Runs of one probe left hanging before it is not started any more. One may be bad luck; with
/// two the operating system is stuck, and a third thread would tell nothing new.
const MOST_HANGING: isize = 2;

/// One thing to ask the operating system.
pub(crate) struct Probe {
    /// Name in the probe log.
    pub(crate) name: &'static str,
    /// The same in a sentence: `the disks`.
    pub(crate) subject: &'static str,
    /// Where a gap is reported.
    pub(crate) area: Area,
    /// How long it may take.
    pub(crate) limit: Duration,
    /// How many of its runs hang at the moment, over all examinations of this process.
    pub(crate) hanging: &'static AtomicIsize,
    /// The asking itself.
    pub(crate) ask: Box<dyn FnOnce() -> Result<Part, ProbeError> + Send>,
}

/// What a round of probes brought.
#[derive(Debug, Default)]
pub(crate) struct Round {
    pub(crate) machine: Machine,
    pub(crate) runs: Vec<ProbeRun>,
    /// One per gap.
    pub(crate) gaps: Vec<Finding>,
}

struct Answer {
    result: Result<Part, ProbeError>,
    took: Duration,
}

/// A probe under way.
struct Running {
    name: &'static str,
    subject: &'static str,
    area: Area,
    limit: Duration,
    hanging: &'static AtomicIsize,
    started: Instant,
    /// Set by whoever is first: the thread that answers or the one that stops waiting.
    settled: Arc<AtomicBool>,
    answer: Result<Receiver<Answer>, (ProbeStatus, String)>,
}

/// Runs all probes at once and waits for each until its deadline, `ceiling` at the latest.
pub(crate) fn run(probes: Vec<Probe>, ceiling: Duration) -> Round {
    let running: Vec<Running> = probes.into_iter().map(|probe| start(probe, ceiling)).collect();
    let mut round = Round::default();
    for probe in running {
        let (status, ms, note) = match wait(&probe) {
            Ok(Answer {
                result: Ok(part),
                took,
            }) => {
                part.put_into(&mut round.machine);
                (ProbeStatus::Ok, millis(took), String::new())
            }
            Ok(Answer {
                result: Err(error),
                took,
            }) => {
                let status = match error {
                    ProbeError::Denied(_) => ProbeStatus::Denied,
                    ProbeError::Unsupported(_) => ProbeStatus::Unsupported,
                    ProbeError::Failed(_) => ProbeStatus::Error,
                };
                (status, millis(took), one_line(&error.to_string(), NOTE_CHARS))
            }
            Err((status, note)) => (status, millis(probe.started.elapsed().min(probe.limit)), note),
        };
        round.gaps.extend(gap(&probe, status, &note));
        round.runs.push(ProbeRun {
            name: probe.name.to_owned(),
            status,
            ms,
            note,
        });
    }
    round
}

fn start(probe: Probe, ceiling: Duration) -> Running {
    let Probe {
        name,
        subject,
        area,
        limit,
        hanging,
        ask,
    } = probe;
    let settled = Arc::new(AtomicBool::new(false));
    let started = Instant::now();
    let answer = if hanging.load(Ordering::Acquire) >= MOST_HANGING {
        Err((
            ProbeStatus::Timeout,
            "not started: earlier runs still hang".to_owned(),
        ))
    } else {
        let (sender, receiver) = mpsc::sync_channel(1);
        let thread_settled = Arc::clone(&settled);
        thread::Builder::new()
            .name(format!("probe {name}"))
            .spawn(move || {
                let result = catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|panic| {
                    Err(ProbeError::Failed(format!("it crashed: {}", words_of(&*panic))))
                });
                if thread_settled.swap(true, Ordering::AcqRel) {
                    // Given up in the meantime, and now known not to hang for ever.
                    hanging.fetch_sub(1, Ordering::AcqRel);
                }
                // Nobody may be listening any more.
                let _ = sender.send(Answer {
                    result,
                    took: started.elapsed(),
                });
            })
            .map(|_| receiver)
            .map_err(|error| {
                (
                    ProbeStatus::Error,
                    format!("its thread could not be started: {error}"),
                )
            })
    };
    Running {
        name,
        subject,
        area,
        limit: limit.min(ceiling),
        hanging,
        started,
        settled,
        answer,
    }
}

fn wait(probe: &Running) -> Result<Answer, (ProbeStatus, String)> {
    let receiver = probe.answer.as_ref().map_err(Clone::clone)?;
    let left = probe.limit.saturating_sub(probe.started.elapsed());
    match receiver.recv_timeout(left) {
        Ok(answer) => Ok(answer),
        Err(RecvTimeoutError::Disconnected) => {
            Err((ProbeStatus::Error, "it ended without an answer".to_owned()))
        }
        Err(RecvTimeoutError::Timeout) => {
            // Counted before the flag is set: the thread subtracts only after it has seen the flag.
            probe.hanging.fetch_add(1, Ordering::AcqRel);
            if probe.settled.swap(true, Ordering::AcqRel) {
                // It finished at this very moment; its answer is on the way.
                probe.hanging.fetch_sub(1, Ordering::AcqRel);
                if let Ok(answer) = receiver.recv() {
                    return Ok(answer);
                }
            }
            Err((
                ProbeStatus::Timeout,
                format!("no answer within {}", in_words(probe.limit)),
            ))
        }
    }
}

/// A gap a technician has to know of. What a system cannot tell at all is no news.
fn gap(probe: &Running, status: ProbeStatus, note: &str) -> Option<Finding> {
    let (severity, title) = match status {
        ProbeStatus::Ok | ProbeStatus::Unsupported => return None,
        ProbeStatus::Timeout => (
            Severity::Warning,
            format!(
                "No answer about {} within {}",
                probe.subject,
                in_words(probe.limit)
            ),
        ),
        ProbeStatus::Denied => (
            Severity::Info,
            format!("Not allowed to examine {}", probe.subject),
        ),
        ProbeStatus::Error => (Severity::Warning, format!("Could not examine {}", probe.subject)),
    };
    let detail = if status == ProbeStatus::Timeout {
        "A system that hangs on such a question often hangs for the person too.".to_owned()
    } else {
        format!("The probe said: {note}.")
    };
    Some(Finding {
        area: probe.area,
        severity,
        title,
        detail,
    })
}

/// The message a panic carried.
fn words_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given")
}

fn in_words(limit: Duration) -> String {
    if limit.subsec_millis() == 0 {
        format!("{} s", limit.as_secs())
    } else {
        format!("{} ms", limit.as_millis())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::report::Memory;
    use std::sync::mpsc::{Sender, channel};

    /// Longer than any test run: a probe that answers at once never meets it.
    const AMPLE: Duration = Duration::from_secs(600);
    /// For probes that never answer.
    const TINY: Duration = Duration::from_millis(5);

    fn probe(
        name: &'static str,
        limit: Duration,
        ask: impl FnOnce() -> Result<Part, ProbeError> + Send + 'static,
    ) -> Probe {
        let hanging = Box::leak(Box::new(AtomicIsize::new(0)));
        Probe {
            name,
            subject: "the thing",
            area: Area::Hardware,
            limit,
            hanging,
            ask: Box::new(ask),
        }
    }

    fn healthy() -> Probe {
        probe("memory", AMPLE, || {
            Ok(Part::Memory(Memory {
                total: 42,
                ..Memory::default()
            }))
        })
    }

    /// A probe that hangs until the returned sender is dropped.
    fn hanging(limit: Duration) -> (Probe, Sender<()>) {
        let (release, released) = channel::<()>();
        let probe = probe("disks", limit, move || {
            let _ = released.recv();
            Ok(Part::Disks(Vec::new()))
        });
        (probe, release)
    }

    fn status_of(round: &Round, name: &str) -> (ProbeStatus, String) {
        let run = round.runs.iter().find(|run| run.name == name).unwrap();
        (run.status, run.note.clone())
    }

    #[test]
    fn a_probe_that_hangs_is_left_behind_and_the_others_keep_their_data() {
        let (stuck, _release) = hanging(TINY);
        let round = run(vec![stuck, healthy()], AMPLE);
        assert_eq!(
            status_of(&round, "disks"),
            (ProbeStatus::Timeout, "no answer within 5 ms".to_owned())
        );
        assert_eq!(round.machine.memory.unwrap().total, 42);
        assert_eq!(round.machine.disks, None);
        assert_eq!(round.gaps.len(), 1);
        assert_eq!(round.gaps[0].title, "No answer about the thing within 5 ms");
        assert_eq!(round.gaps[0].severity, Severity::Warning);
    }

    #[test]
    fn the_ceiling_cuts_a_longer_deadline() {
        let (stuck, _release) = hanging(AMPLE);
        let round = run(vec![stuck], TINY);
        assert_eq!(status_of(&round, "disks").0, ProbeStatus::Timeout);
        assert_eq!(round.runs[0].ms, 5);
    }

    #[test]
    fn a_probe_that_panics_is_an_error_and_the_others_keep_their_data() {
        let crashing = probe("network", AMPLE, || panic!("the driver lied\u{202e}"));
        let round = run(vec![crashing, healthy()], AMPLE);
        assert_eq!(
            status_of(&round, "network"),
            (ProbeStatus::Error, "it crashed: the driver lied".to_owned())
        );
        assert_eq!(round.machine.memory.unwrap().total, 42);
        assert_eq!(round.gaps[0].title, "Could not examine the thing");
    }

    #[test]
    fn a_probe_that_fails_says_why() {
        let failing = probe("os", AMPLE, || Err(ProbeError::Failed("no such file".into())));
        let round = run(vec![failing, healthy()], AMPLE);
        assert_eq!(
            status_of(&round, "os"),
            (ProbeStatus::Error, "no such file".to_owned())
        );
        assert_eq!(round.gaps[0].detail, "The probe said: no such file.");
        assert_eq!(round.machine.memory.unwrap().total, 42);
    }

    #[test]
    fn a_refusal_is_worth_knowing_but_no_warning() {
        let refused = probe("os", AMPLE, || {
            Err(ProbeError::Denied("permission denied".into()))
        });
        let round = run(vec![refused], AMPLE);
        assert_eq!(status_of(&round, "os").0, ProbeStatus::Denied);
        assert_eq!(round.gaps[0].severity, Severity::Info);
    }

    #[test]
    fn what_a_system_cannot_tell_is_logged_but_no_finding() {
        let unknown = probe("restart", AMPLE, || {
            Err(ProbeError::Unsupported("not on this system"))
        });
        let round = run(vec![unknown], AMPLE);
        assert_eq!(
            status_of(&round, "restart"),
            (ProbeStatus::Unsupported, "not on this system".to_owned())
        );
        assert!(round.gaps.is_empty());
    }

    #[test]
    fn the_log_keeps_the_order_of_the_probes() {
        let round = run(
            vec![probe("b", AMPLE, || Err(ProbeError::Unsupported("x"))), healthy()],
            AMPLE,
        );
        let names: Vec<&str> = round.runs.iter().map(|run| run.name.as_str()).collect();
        assert_eq!(names, ["b", "memory"]);
    }

    #[test]
    fn a_probe_that_keeps_hanging_is_not_started_for_ever() {
        let (first, release_first) = hanging(TINY);
        let (mut second, _release_second) = hanging(TINY);
        let (mut third, _release_third) = hanging(TINY);
        let counter = first.hanging;
        second.hanging = counter;
        third.hanging = counter;
        run(vec![first], AMPLE);
        run(vec![second], AMPLE);
        let round = run(vec![third], AMPLE);
        let (status, note) = status_of(&round, "disks");
        assert_eq!(status, ProbeStatus::Timeout);
        assert_eq!(note, "not started: earlier runs still hang");

        // Once an earlier run comes back, the probe gets another chance.
        drop(release_first);
        while counter.load(Ordering::Acquire) >= MOST_HANGING {
            thread::yield_now();
        }
        let (mut fourth, release_fourth) = hanging(AMPLE);
        fourth.hanging = counter;
        drop(release_fourth);
        assert_eq!(status_of(&run(vec![fourth], AMPLE), "disks").0, ProbeStatus::Ok);
    }
}
