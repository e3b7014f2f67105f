use super::*;
use helpbell_model::report::{Memory, Severity};
use std::sync::mpsc::channel;

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
        lane: Lane::Work,
        soft: AMPLE,
        hard: limit,
        hanging,
        ask: Box::new(|_| ask()),
    }
}

/// Runs everything to its end, each probe for at most `ceiling`.
fn run(probes: Vec<Probe>, ceiling: Duration) -> Round {
    let limits = Limits {
        probe: ceiling,
        whole: AMPLE,
        ..Limits::default()
    };
    let running = begin(probes, limits, Scope::default(), Isolation::none());
    assert!(running.wait(AMPLE));
    running.round()
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
fn hanging(limit: Duration) -> (Probe, std::sync::mpsc::Sender<()>) {
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
        Err(ProbeError::unsupported("not on this system"))
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
        vec![probe("b", AMPLE, || Err(ProbeError::unsupported("x"))), healthy()],
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

#[test]
fn what_is_still_at_work_is_named_and_comes_in_later() {
    let (slow, release) = hanging(AMPLE);
    let limits = Limits {
        probe: AMPLE,
        whole: AMPLE,
        ..Limits::default()
    };
    let running = begin(vec![slow, healthy()], limits, Scope::default(), Isolation::none());
    while running.at_work().len() > 1 {
        thread::yield_now();
    }
    assert!(!running.wait(TINY));
    assert_eq!(running.at_work(), ["the thing"]);
    let early = running.round();
    assert_eq!(status_of(&early, "disks").0, ProbeStatus::Pending);
    assert_eq!(early.gaps[0].title, "Still examining the thing");
    drop(release);
    assert!(running.wait(AMPLE));
    let late = running.round();
    assert_eq!(status_of(&late, "disks").0, ProbeStatus::Ok);
    assert!(late.gaps.is_empty());
}

#[test]
fn nothing_is_waited_for_beyond_the_whole_time_and_whose_turn_never_came_says_so() {
    let (mut first, _release_first) = hanging(AMPLE);
    let (mut second, _release_second) = hanging(AMPLE);
    (first.lane, second.lane) = (Lane::Quick, Lane::Quick);
    (first.name, second.name) = ("first", "second");
    let limits = Limits {
        probe: AMPLE,
        whole: TINY,
        ..Limits::default()
    };
    let running = begin(vec![first, second], limits, Scope::default(), Isolation::none());
    assert!(running.wait(AMPLE));
    let round = running.round();
    assert_eq!(status_of(&round, "first").0, ProbeStatus::Timeout);
    let (status, note) = status_of(&round, "second");
    assert_eq!(status, ProbeStatus::Timeout);
    assert!(note.starts_with("its turn never came"), "{note}");
}

#[test]
fn one_that_hangs_does_not_keep_its_lane() {
    let (mut stuck, _release) = hanging(TINY);
    let mut behind = healthy();
    (stuck.lane, behind.lane) = (Lane::Quick, Lane::Quick);
    let round = run(vec![stuck, behind], AMPLE);
    assert_eq!(round.machine.memory.unwrap().total, 42);
}

#[test]
fn a_lane_never_runs_more_than_it_has_room_for() {
    let (at_work, most) = (Arc::new(AtomicIsize::new(0)), Arc::new(AtomicIsize::new(0)));
    let probes = (0..20)
        .map(|_| {
            let (at_work, most) = (Arc::clone(&at_work), Arc::clone(&most));
            probe("memory", AMPLE, move || {
                most.fetch_max(at_work.fetch_add(1, Ordering::AcqRel) + 1, Ordering::AcqRel);
                thread::yield_now();
                at_work.fetch_sub(1, Ordering::AcqRel);
                Ok(Part::Disks(Vec::new()))
            })
        })
        .collect();
    run(probes, AMPLE);
    let most = usize::try_from(most.load(Ordering::Acquire)).unwrap();
    assert!(most <= Lane::Work.width(), "{most}");
}

#[test]
fn a_late_answer_is_kept_and_called_slow() {
    let mut late = healthy();
    late.soft = Duration::ZERO;
    let round = run(vec![late], AMPLE);
    assert_eq!(round.machine.memory.unwrap().total, 42);
    assert_eq!(round.gaps[0].title, "This computer answers slowly");
    assert!(round.gaps[0].detail.contains("the thing"));
}
