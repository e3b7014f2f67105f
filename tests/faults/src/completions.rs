//! A report that is completed at every point of a delivery, while the process that delivers dies at every point, in
//! virtual time.
//!
//! ```text
//! rehearsal ─► the points of one press ─► one story per pair: completed here, dies there
//!                                           │
//!              exactly one ticket, one note; the completed report in it iff completing it was said to have worked
//! ```

use crate::{
    points::{Pointed, Points, Watch},
    sim::{
        Faults, LONGEST_LAG, Lacking, SimPsa, SimStore, Verdict, Without, amendment, completed, judge,
        submission,
    },
    through::Through,
};
use futures::FutureExt as _;
use helpbell_delivery::{
    Clock, Custodian, Delivery, Pace, Stop, Store as _, Submission, Worker,
    clock::after,
    saga::LONGEST_AWAIT,
    store::{Measured, Memory},
};
use jiff::Timestamp;
use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;

/// For how long reports are awaited: one that the note waits for, and one whose time is over while the ticket is filed, so
/// that the note is announced by the try that was under way when the report was completed.
const AWAITED: [Duration; 2] = [LONGEST_AWAIT, Duration::from_millis(1)];
/// How often a process looks for work; what is due sooner is not waited for.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// A story has one seed, so that its points are those of the rehearsal.
const SEED: u64 = 1;
/// When every story begins; any time would do.
const BEGIN_S: i64 = 1_764_000_000;

/// What the stories came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Points of one press whose report is awaited and never completed.
    pub points: usize,
    /// How many stories were played.
    pub stories: usize,
    /// All of them together.
    pub verdict: Verdict,
    /// The first story that went wrong.
    pub bad: Option<String>,
}

/// What happens at which point.
#[derive(Debug, Clone, Copy, Default)]
struct Plot<'a> {
    completed_at: Option<&'a str>,
    dies_at: Option<&'a str>,
}

/// Plays every story.
///
/// # Errors
/// If a runtime cannot be made.
pub fn at_every_point(without: Without) -> io::Result<Told> {
    let mut told = Told::default();
    for awaited in AWAITED {
        let (points, _) = play(awaited, without, Plot::default())?;
        told.points += points.len();
        let places = || points.iter().map(|point| Some(point.as_str())).chain([None]);
        for completed_at in places() {
            for dies_at in places() {
                let (_, verdict) = play(
                    awaited,
                    without,
                    Plot {
                        completed_at,
                        dies_at,
                    },
                )?;
                if !verdict.is_good() && told.bad.is_none() {
                    told.bad = Some(format!(
                        "awaited for {awaited:?}, completed {completed_at:?}, dies {dies_at:?}: {verdict:?}"
                    ));
                }
                told.stories += 1;
                told.verdict = told.verdict.plus(&verdict);
            }
        }
    }
    Ok(told)
}

/// Plays one story. Gives the points that were reached, in order.
fn play(awaited: Duration, without: Without, plot: Plot<'_>) -> io::Result<(Vec<String>, Verdict)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    fastrand::seed(SEED);
    Ok(runtime.block_on(story(awaited, without, plot)))
}

async fn story(awaited: Duration, without: Without, plot: Plot<'_>) -> (Vec<String>, Verdict) {
    let mut rng = fastrand::Rng::with_seed(SEED);
    let begin = Timestamp::from_second(BEGIN_S).unwrap_or(Timestamp::UNIX_EPOCH);
    let clock = Clock::virtual_from(begin);
    let (disk, psa) = (Memory::default(), SimPsa::new(SEED, clock, Faults::NONE, without));
    let found_after_ms = u64::try_from(LONGEST_LAG.as_millis()).unwrap_or(u64::MAX);
    let _ = disk
        .remember_lookup(
            "simulated",
            Measured {
                found_after_ms,
                at: begin,
            },
        )
        .await;
    let pressed = submission(&mut rng, clock.now()).awaiting(after(clock.now(), awaited));
    let watch = Arc::new(Examination {
        disk: disk.clone(),
        clock,
        pressed: pressed.clone(),
        completed_at: plot.completed_at.map(str::to_owned),
        dies_at: plot.dies_at.map(str::to_owned),
        died: Notify::new(),
        seen: Mutex::default(),
    });
    let mut deaths = 0;
    let first = process(&disk, &psa, clock, without, watch.clone(), &pressed);
    tokio::select! {
        biased;
        () = watch.died.notified() => {
            deaths = 1;
            // Whoever pressed presses again, if it was not accepted.
            process(&disk, &psa, clock, without, watch.clone(), &pressed).await;
        }
        () = first => {}
    }
    let taken = watch.seen().taken;
    let owed = match taken {
        Some(true) => completed(&pressed, &amendment(&pressed)),
        Some(false) | None => pressed,
    };
    let mut verdict = Verdict {
        deaths,
        completed: usize::from(taken == Some(true)),
        too_late: usize::from(taken == Some(false)),
        ..Verdict::default()
    };
    judge(&mut verdict, &[owed], &psa.tickets(), &disk).await;
    let points = std::mem::take(&mut watch.seen().points);
    (points, verdict)
}

/// A process that accepts the press, unless that is done, and delivers until all is settled.
async fn process(
    disk: &Memory,
    psa: &SimPsa,
    clock: Clock,
    without: Without,
    watch: Arc<Examination>,
    pressed: &Submission,
) {
    let points = Points::watched(watch);
    let store = Through::new(SimStore::new(disk.clone(), Lacking::new(without)), points.clone());
    let delivery = Delivery::new(Pointed::new(psa.clone(), points), vec![]);
    let me = Custodian::new();
    let _ = store.accept(pressed, &me, clock.now(), vec![]).await;
    let worker = Worker {
        store: &store,
        delivery: &delivery,
        clock,
        me: &me,
        pace: &Pace::new(clock.now()),
        look_every: LOOK_EVERY,
        observer: &|_| (),
    };
    let _ = worker.work(1, Stop::WhenAllIsSettled, &|_| ()).await;
}

/// Completes the report at its point, and lets the process die at its own.
struct Examination {
    disk: Memory,
    clock: Clock,
    pressed: Submission,
    completed_at: Option<String>,
    dies_at: Option<String>,
    died: Notify,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    points: Vec<String>,
    /// Whether the store took what completes the report.
    taken: Option<bool>,
    dead: bool,
}

impl Examination {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Examination {
    fn goes_on(&self, point: &str) -> bool {
        let mut seen = self.seen();
        seen.points.push(point.to_owned());
        if self.completed_at.as_deref() == Some(point) && seen.taken.is_none() {
            let press = self.pressed.press.id;
            let amend = self.disk.amend(press, amendment(&self.pressed), self.clock.now());
            // This store never waits.
            seen.taken = amend.now_or_never().map(|taken| taken.is_ok());
        }
        let dies = self.dies_at.as_deref() == Some(point) && !seen.dead;
        if dies {
            seen.dead = true;
            self.died.notify_one();
        }
        !dies
    }
}
