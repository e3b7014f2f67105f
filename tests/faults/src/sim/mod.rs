//! One world from one seed: presses, processes that die and freeze, a PSA that misbehaves, virtual time.
//!
//! ```text
//! processes (two at a time, die and come back) ─► the product's Worker ─► the product's rules ─► SimPsa
//!      │                                                    │
//!      └── accept presses ──────────────────────► SimStore ◄┘        both survive every process
//! ```
//!
//! Only disk and PSA are simulated, and in some worlds rules that judge every press by chance. Every other press is
//! accepted before its report is complete. After some minutes the trouble stops, everything comes to rest, and the ledger
//! of the PSA is compared with what was accepted.

mod late;
mod psa;
mod rules;
mod store;
mod trouble;

pub(crate) use late::{amendment, completed, finding};
pub use psa::{SimPsa, SimTicket};
pub use store::{Lacking, SimStore};
pub use trouble::{Faults, LONGEST_LAG, Without};

use helpbell_delivery::{
    Clock, Custodian, Delivery, Pace, Stop, Store as _, Submission, Worker,
    store::{Measured, Memory, State},
};
use helpbell_model::{Attachment, DeviceFacts, Person, Press, PressId, report::Finding};
use jiff::Timestamp;
use late::Late;
use std::time::Duration;
use tokio::{task::JoinHandle, time::sleep};

/// How long there is trouble.
const TROUBLE: Duration = Duration::from_secs(300);
/// After so long a press that is still open is stuck: the longest wait of the product is fifteen minutes.
const PATIENCE: Duration = Duration::from_secs(6 * 3600);
/// Presses of one world, at most.
const PRESSES: u64 = 4;
/// Processes at a time.
const PROCESSES: usize = 2;
/// How often an idle process looks for work; a world has hours, and most of them nothing happens.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// One world in so many has rules.
const RULED: u64 = 4;
/// When every world begins; any time would do.
const BEGIN_S: i64 = 1_764_000_000;

/// What one world came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Presses accepted.
    pub accepted: usize,
    /// Of those refused by a rule.
    pub refused: usize,
    /// Presses without an open ticket that no rule refused.
    pub lost: usize,
    /// Open tickets beyond one per press.
    pub doubled: usize,
    /// Late duplicates that were closed again.
    pub merged: usize,
    /// Presses whose ticket lacks its one private note with every file once, byte for byte, and the findings: of the
    /// completed report where completing it was said to have worked, of the first one everywhere else.
    pub incomplete: usize,
    /// Reports that were completed after their press was accepted.
    pub completed: usize,
    /// Reports for which what completes them came too late.
    pub too_late: usize,
    /// Presses with a ticket although a rule refused them, or with a note by another ruling than their ticket's.
    pub misjudged: usize,
    /// Presses that did not come to rest.
    pub stuck: usize,
    /// How often a process died.
    pub deaths: usize,
}

impl Verdict {
    /// Whether all is as promised.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        let tickets_are_good = self.lost == 0 && self.doubled == 0 && self.merged == 0;
        tickets_are_good && self.incomplete == 0 && self.misjudged == 0 && self.stuck == 0
    }

    /// Both worlds together.
    #[must_use]
    pub const fn plus(&self, other: &Self) -> Self {
        Self {
            accepted: self.accepted + other.accepted,
            refused: self.refused + other.refused,
            lost: self.lost + other.lost,
            doubled: self.doubled + other.doubled,
            merged: self.merged + other.merged,
            incomplete: self.incomplete + other.incomplete,
            completed: self.completed + other.completed,
            too_late: self.too_late + other.too_late,
            misjudged: self.misjudged + other.misjudged,
            stuck: self.stuck + other.stuck,
            deaths: self.deaths + other.deaths,
        }
    }
}

/// Plays one world to its end.
///
/// # Errors
/// If the runtime cannot be made.
pub fn play(seed: u64, without: Without) -> std::io::Result<Verdict> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    // The product's own jitter comes from this thread's generator.
    fastrand::seed(seed);
    Ok(runtime.block_on(world(seed, without)))
}

/// The first of so many worlds in which something is not as promised.
///
/// # Errors
/// If the runtime cannot be made.
pub fn first_bad(worlds: u64, without: Without) -> std::io::Result<Option<(u64, Verdict)>> {
    for seed in 0..worlds {
        let verdict = play(seed, without)?;
        if !verdict.is_good() {
            return Ok(Some((seed, verdict)));
        }
    }
    Ok(None)
}

async fn world(seed: u64, without: Without) -> Verdict {
    let mut rng = fastrand::Rng::with_seed(seed);
    let begin = Timestamp::from_second(BEGIN_S).unwrap_or(Timestamp::UNIX_EPOCH);
    let clock = Clock::virtual_from(begin);
    let psa = SimPsa::new(rng.u64(..), clock, Faults::harsh(without), without);
    let disk = Memory::default();
    let measured = Measured {
        found_after_ms: u64::try_from(LONGEST_LAG.as_millis()).unwrap_or(u64::MAX),
        at: begin,
    };
    if without != Without::HonestLookup {
        let _ = disk.remember_lookup("simulated", measured).await;
    }

    let has_rules = seed % RULED == RULED - 1 || without == Without::Ruling;
    let mut processes: Vec<Process> = (0..PROCESSES)
        .map(|_| Process::start(&disk, &psa, clock, without, has_rules))
        .collect();
    let mut accepted = Vec::new();
    let mut verdict = Verdict::default();
    let presses = rng.u64(1..=PRESSES);
    while clock.now() < helpbell_delivery::clock::after(begin, TROUBLE) {
        sleep(Duration::from_millis(rng.u64(100..20_000))).await;
        let one = rng.usize(0..processes.len());
        let Some(process) = processes.get_mut(one) else {
            break;
        };
        if (accepted.len() as u64) < presses && rng.bool() {
            let mut submission = submission(&mut rng, clock.now());
            let mut late = None;
            if rng.bool() {
                let (awaiting, examination) = Late::begin(&disk, submission, clock, &mut rng);
                (submission, late) = (awaiting, Some(examination));
            }
            if disk
                .accept(&submission, &process.me, clock.now(), vec![])
                .await
                .is_ok()
            {
                accepted.push((submission, late));
            }
        } else if rng.u32(0..3) == 0 {
            process.die();
            verdict.deaths += 1;
            sleep(Duration::from_millis(rng.u64(0..30_000))).await;
            *process = Process::start(&disk, &psa, clock, without, has_rules);
        }
    }
    psa.set_faults(Faults::NONE);
    let rest = async {
        while disk.next_due().await.is_ok_and(|due| due.is_some()) {
            sleep(Duration::from_secs(10)).await;
        }
    };
    let _ = tokio::time::timeout(PATIENCE, rest).await;
    for process in &processes {
        process.die();
    }
    let mut owed = Vec::new();
    for (submission, late) in accepted {
        owed.push(match late {
            None => submission,
            Some(late) => {
                let (submission, taken) = late.owed(submission).await;
                verdict.completed += usize::from(taken == Some(true));
                verdict.too_late += usize::from(taken == Some(false));
                submission
            }
        });
    }
    judge(&mut verdict, &owed, &psa.tickets(), &disk).await;
    verdict
}

/// A process at work.
struct Process {
    me: Custodian,
    work: JoinHandle<()>,
}

impl Process {
    fn start(disk: &Memory, psa: &SimPsa, clock: Clock, without: Without, has_rules: bool) -> Self {
        let me = Custodian::new();
        let (store, psa, owner) = (
            SimStore::new(disk.clone(), Lacking::new(without)),
            psa.clone(),
            me.clone(),
        );
        let work = tokio::spawn(async move {
            let mut delivery = Delivery::new(psa, vec![]);
            if has_rules {
                delivery = delivery.with_rules(rules::by_chance());
            }
            let worker = Worker {
                store: &store,
                delivery: &delivery,
                clock,
                me: &owner,
                pace: &Pace::new(clock.now()),
                look_every: LOOK_EVERY,
                observer: &|_| (),
            };
            let _ = worker.work(2, Stop::Never, &|_| ()).await;
        });
        Self { me, work }
    }

    /// Wherever it is.
    fn die(&self) {
        self.work.abort();
    }
}

pub(crate) fn submission(rng: &mut fastrand::Rng, now: Timestamp) -> Submission {
    let id: PressId = uuid::Builder::from_random_bytes(rng.u128(..).to_le_bytes())
        .into_uuid()
        .to_string()
        .parse()
        .unwrap_or_default();
    let file = |index: u8| Attachment {
        name: format!("file-{index}"),
        content_type: "text/plain".into(),
        bytes: vec![index; usize::from(index) + 1],
        reference: format!("{id}/file-{index}"),
    };
    Submission {
        press: Press {
            id,
            pressed_at: now,
            person: Person::default(),
            message: "help".into(),
            selections: vec![],
            append: None,
            device: DeviceFacts::default(),
            locale: "en".into(),
        },
        findings: vec![finding("first look")],
        attachments: (0..rng.u8(0..3)).map(file).collect(),
        awaits: None,
    }
}

pub(crate) async fn judge(
    verdict: &mut Verdict,
    accepted: &[Submission],
    tickets: &[SimTicket],
    disk: &Memory,
) {
    verdict.accepted = accepted.len();
    for submission in accepted {
        let press = submission.press.id;
        let (open, closed): (Vec<&SimTicket>, Vec<&SimTicket>) = tickets
            .iter()
            .filter(|ticket| ticket.press == press)
            .partition(|ticket| ticket.open);
        verdict.merged += closed.len();
        verdict.doubled += open.len().saturating_sub(1);
        let state = disk.load(press).await.map(|record| record.state).ok();
        if state == Some(State::Refused) {
            verdict.refused += 1;
            verdict.misjudged += usize::from(!open.is_empty() || !closed.is_empty());
            continue;
        }
        verdict.lost += usize::from(open.is_empty());
        verdict.stuck += usize::from(state != Some(State::Delivered));
        let is_of_one_ruling = open.iter().all(|ticket| {
            let team = ticket.team.as_deref().unwrap_or_default();
            ticket.notes.iter().all(|note| note.text.contains(team))
        });
        verdict.misjudged += usize::from(!is_of_one_ruling);
        let is_complete = open.first().is_some_and(|ticket| match ticket.notes.as_slice() {
            [note] => {
                let wanted = submission.attachments.iter();
                let told = |finding: &Finding| note.text.contains(&finding.title);
                note.private
                    && [finding("first look"), finding("second look")]
                        .iter()
                        .all(|finding| told(finding) == submission.findings.contains(finding))
                    && note.files.len() == submission.attachments.len()
                    && wanted
                        .clone()
                        .all(|file| note.files.contains(&(file.reference.clone(), file.bytes.clone())))
            }
            _ => false,
        });
        verdict.incomplete += usize::from(!is_complete);
    }
}
