//! Who runs when, and who has waited long enough.
//!
//! One thread keeps the book: it starts what its lane has room for, takes answers, and gives up what is over its limit.
//! Whoever wants the result looks at the book, now or when it is complete. A second examination does not start a
//! probe that still hangs from earlier ones, so that a hundred presses leave no hundred threads.

use super::{Ask, Isolation, Lane, Probe, answer, child, gaps, in_words};
use crate::{
    limits::Limits,
    part::{Part, ProbeError},
    scope::Scope,
    units::millis,
};
use helpbell_model::{
    report::{Area, Finding, Machine, ProbeRun, ProbeStatus},
    text::one_line,
};
use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicIsize, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

/// Characters of a failure's own words in the probe log; more is a dump, not a reason.
const NOTE_CHARS: usize = 300;

/// Runs of one probe left hanging before it is not started any more. One may be bad luck; with
/// two the operating system is stuck, and a third thread would tell nothing new.
const MOST_HANGING: isize = 2;

/// A child kills what it started at its limit; whoever waits for the child gives it so much longer.
const CHILD_GRACE: Duration = Duration::from_millis(500);

/// What a round of probes brought.
#[derive(Debug, Default)]
pub(crate) struct Round {
    pub(crate) machine: Machine,
    pub(crate) runs: Vec<ProbeRun>,
    /// One per gap, and one for everything that was slow.
    pub(crate) gaps: Vec<Finding>,
}

/// How one probe stands.
#[derive(Debug)]
enum Stand {
    /// Its lane has no room yet.
    Queued,
    /// Asked.
    AtWork(Instant),
    /// Answered or given up, after so long.
    Ended(Box<Result<Part, ProbeError>>, Duration),
}

/// One line of the book.
#[derive(Debug)]
struct Line {
    name: &'static str,
    subject: &'static str,
    area: Area,
    soft: Duration,
    hard: Duration,
    stand: Stand,
}

#[derive(Debug, Default)]
struct Book {
    lines: Mutex<Vec<Line>>,
    changed: Condvar,
}

impl Book {
    /// A thread that panicked while it wrote has left a whole line or none.
    fn lines(&self) -> MutexGuard<'_, Vec<Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, index: usize, stand: Stand) {
        if let Some(line) = self.lines().get_mut(index) {
            line.stand = stand;
        }
        self.changed.notify_all();
    }
}

/// Probes at work.
#[derive(Debug)]
pub(crate) struct Running {
    book: Arc<Book>,
    began: Instant,
}

/// What a probe's thread sends back.
struct Done {
    index: usize,
    result: Result<Part, ProbeError>,
    took: Duration,
}

/// What the book-keeper knows of a probe besides its line.
struct Order {
    index: usize,
    name: &'static str,
    lane: Lane,
    limit: Duration,
    hanging: &'static AtomicIsize,
    ask: Ask,
}

/// One that was started and has not answered.
struct Pending {
    index: usize,
    lane: Lane,
    gives_up_at: Instant,
    limit: Duration,
    hanging: &'static AtomicIsize,
    /// Set by whoever is first: the thread that answers or the book-keeper who stops waiting.
    settled: Arc<AtomicBool>,
}

/// Starts all probes as their lanes have room.
pub(crate) fn begin(probes: Vec<Probe>, limits: Limits, scope: Scope, isolation: Isolation) -> Running {
    let began = Instant::now();
    let mut lines = Vec::new();
    let mut orders = Vec::new();
    for (index, probe) in probes.into_iter().enumerate() {
        let hard = probe.hard.min(limits.probe);
        lines.push(Line {
            name: probe.name,
            subject: probe.subject,
            area: probe.area,
            soft: probe.soft,
            hard,
            stand: Stand::Queued,
        });
        orders.push(Order {
            index,
            name: probe.name,
            lane: probe.lane,
            limit: hard,
            hanging: probe.hanging,
            ask: probe.ask,
        });
    }
    let book = Arc::new(Book {
        lines: Mutex::new(lines),
        changed: Condvar::new(),
    });
    let (sender, receiver) = mpsc::channel();
    let keeper = Keeper {
        book: Arc::clone(&book),
        ends_at: began + limits.whole,
        scope: Arc::new(scope),
        isolation,
        sender,
        receiver,
        pending: Vec::new(),
    };
    let started = thread::Builder::new()
        .name("examination".to_owned())
        .spawn(move || keeper.keep(orders));
    if let Err(error) = started {
        for index in 0..book.lines().len() {
            let why = format!("no thread could be started: {error}");
            let failed = Box::new(Err(ProbeError::Failed(why)));
            book.write(index, Stand::Ended(failed, Duration::ZERO));
        }
    }
    Running { book, began }
}

struct Keeper {
    book: Arc<Book>,
    ends_at: Instant,
    scope: Arc<Scope>,
    isolation: Isolation,
    sender: Sender<Done>,
    receiver: Receiver<Done>,
    pending: Vec<Pending>,
}

impl Keeper {
    fn keep(mut self, mut orders: Vec<Order>) {
        loop {
            let mut waiting = Vec::new();
            for order in orders {
                if self.has_room(order.lane) && Instant::now() < self.ends_at {
                    self.start(order);
                } else {
                    waiting.push(order);
                }
            }
            orders = waiting;
            let now = Instant::now();
            if now >= self.ends_at {
                for order in orders.drain(..) {
                    let why = "its turn never came: others took all the time there was".to_owned();
                    self.ended(order.index, Err(ProbeError::TimedOut(why)), Duration::ZERO);
                }
            }
            let Some(next) = self.pending.iter().map(|pending| pending.gives_up_at).min() else {
                if orders.is_empty() {
                    return;
                }
                continue;
            };
            match self.receiver.recv_timeout(next.saturating_duration_since(now)) {
                Ok(done) => self.take(done),
                Err(RecvTimeoutError::Timeout) => self.give_up(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn has_room(&self, lane: Lane) -> bool {
        self.pending.iter().filter(|pending| pending.lane == lane).count() < lane.width()
    }

    fn ended(&self, index: usize, result: Result<Part, ProbeError>, took: Duration) {
        self.book.write(index, Stand::Ended(Box::new(result), took));
    }

    fn start(&mut self, order: Order) {
        let Order {
            index,
            name,
            lane,
            limit,
            hanging,
            ask,
        } = order;
        let began = Instant::now();
        let limit = limit.min(self.ends_at.saturating_duration_since(began));
        if hanging.load(Ordering::Acquire) >= MOST_HANGING {
            let why = "not started: earlier runs still hang".to_owned();
            self.ended(index, Err(ProbeError::TimedOut(why)), Duration::ZERO);
            return;
        }
        let settled = Arc::new(AtomicBool::new(false));
        let (thread_settled, sender) = (Arc::clone(&settled), self.sender.clone());
        let scope = Arc::clone(&self.scope);
        let program = (lane == Lane::Child)
            .then(|| self.isolation.program().cloned())
            .flatten();
        let grace = program.as_ref().map_or(Duration::ZERO, |_| CHILD_GRACE);
        let spawned = thread::Builder::new()
            .name(format!("probe {name}"))
            .spawn(move || {
                let result = match program {
                    Some(program) => child::ask(&program, name, &scope, limit),
                    None => answer(name, ask, &scope),
                };
                if thread_settled.swap(true, Ordering::AcqRel) {
                    // Given up in the meantime, and now known not to hang for ever.
                    hanging.fetch_sub(1, Ordering::AcqRel);
                    return;
                }
                // Nobody may be listening any more.
                let _ = sender.send(Done {
                    index,
                    result,
                    took: began.elapsed(),
                });
            });
        if let Err(error) = spawned {
            let why = format!("its thread could not be started: {error}");
            self.ended(index, Err(ProbeError::Failed(why)), Duration::ZERO);
            return;
        }
        self.book.write(index, Stand::AtWork(began));
        self.pending.push(Pending {
            index,
            lane,
            gives_up_at: began + limit + grace,
            limit,
            hanging,
            settled,
        });
    }

    fn take(&mut self, done: Done) {
        self.pending.retain(|pending| pending.index != done.index);
        self.ended(done.index, done.result, done.took);
    }

    /// Leaves behind whoever is over its limit.
    fn give_up(&mut self) {
        let now = Instant::now();
        let (over, still): (Vec<_>, Vec<_>) = self
            .pending
            .drain(..)
            .partition(|pending| pending.gives_up_at <= now);
        self.pending = still;
        for pending in over {
            // Counted before the flag is set: the thread subtracts only after it has seen the flag.
            pending.hanging.fetch_add(1, Ordering::AcqRel);
            if pending.settled.swap(true, Ordering::AcqRel) {
                // It finished at this very moment; its answer is on the way.
                pending.hanging.fetch_sub(1, Ordering::AcqRel);
                self.pending.push(pending);
                continue;
            }
            let why = format!("no answer within {}", in_words(pending.limit));
            self.ended(pending.index, Err(ProbeError::TimedOut(why)), pending.limit);
        }
    }
}

impl Running {
    /// Waits until everything has ended, `patience` at most. Tells whether it has.
    pub(crate) fn wait(&self, patience: Duration) -> bool {
        let lines = self.book.lines();
        let waited = self
            .book
            .changed
            .wait_timeout_while(lines, patience, |lines| !is_complete(lines));
        let (lines, _) = waited.unwrap_or_else(PoisonError::into_inner);
        is_complete(&lines)
    }

    /// Since when they are at work.
    pub(crate) const fn began(&self) -> Instant {
        self.began
    }

    /// What has not ended, in words.
    pub(crate) fn at_work(&self) -> Vec<&'static str> {
        let lines = self.book.lines();
        let open = lines
            .iter()
            .filter(|line| !matches!(line.stand, Stand::Ended(..)));
        open.map(|line| line.subject).collect()
    }

    /// What there is by now.
    pub(crate) fn round(&self) -> Round {
        let mut round = Round::default();
        let mut late = Vec::new();
        for line in self.book.lines().iter() {
            let (status, took, note) = match &line.stand {
                Stand::Queued => (ProbeStatus::Pending, Duration::ZERO, "not begun yet".to_owned()),
                Stand::AtWork(since) => (ProbeStatus::Pending, since.elapsed(), "still at work".to_owned()),
                Stand::Ended(result, took) => match &**result {
                    Ok(part) => {
                        part.clone().put_into(&mut round.machine);
                        if *took > line.soft {
                            late.push((line.subject, *took));
                        }
                        (ProbeStatus::Ok, *took, String::new())
                    }
                    Err(error) => (error.status(), *took, one_line(&error.to_string(), NOTE_CHARS)),
                },
            };
            round
                .gaps
                .extend(gaps::gap(line.subject, line.area, line.hard, status, &note));
            round.runs.push(ProbeRun {
                name: line.name.to_owned(),
                status,
                ms: millis(took),
                usual_ms: millis(line.soft),
                limit_ms: millis(line.hard),
                note,
            });
        }
        round.gaps.extend(gaps::slow(&late));
        round
    }
}

fn is_complete(lines: &[Line]) -> bool {
    lines.iter().all(|line| matches!(line.stand, Stand::Ended(..)))
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
