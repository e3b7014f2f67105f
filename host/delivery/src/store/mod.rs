//! Where presses are until they have their ticket: what is written is on disk before it counts.
//!
//! ```text
//!              accept                    claim                 record                      record
//! Submission ─────────► Waiting(due) ──────────► lease(epoch) ─────────► journal, state ─────────► Delivered
//!                        ▲ ▲    │                                │ │                              Discarded
//!                        │ │    └────────── due again ◄──────────┤ │                              Moved
//!                        │ └── retry by hand ── Attention ◄──────┘ │
//!                        └──── retry by hand ──── Refused ◄────────┘
//! ```
//!
//! A press may be accepted before its report is complete. [`Store::amend`] completes it, until the journal announces the
//! note: whoever sends the note reads the report after that, and so sends what stays.
//!
//! A press is worked on under a lease. Claiming one raises the press's epoch; whatever is recorded
//! names the epoch it was claimed with, and an older one is refused. So a worker that slept through
//! the end of its lease can change nothing any more.
//!
//! The trait is implemented by [`Sqlite`] for one machine, and by [`Memory`] for proofs that need a
//! hundred thousand stores a minute. It says nothing that a database server could not do as well:
//! short transactions, no lock held while a PSA is asked, and every call returns after its own
//! commit. The suite in `conformance` is what any implementation must pass.

#[cfg(test)]
mod conformance;
mod files;
mod memory;
mod schema;
mod sqlite;

pub use memory::Memory;
pub use sqlite::Sqlite;

use crate::{
    clock,
    journal::{Course, Entry, Event},
    submission::{Amendment, Submission},
};
use helpbell_model::PressId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{future::Future, path::PathBuf, time::Duration};

/// How long a press that is over is kept, without its words: a year and a day. Audits look back a year, and
/// so does whoever asks what became of a ticket.
pub const KEPT: Duration = Duration::from_secs(366 * 24 * 3600);

/// How long a press that a rule refused keeps its words and files: long enough to notice a rule that refuses too much,
/// to mend it, and to let the press go on.
pub const REFUSED_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Presses forgotten in one commit: few enough that nobody who accepts one meanwhile notices.
const FORGOTTEN_AT_ONCE: u32 = 100;

/// Who holds presses: one process. Made anew at each start, so that a press taken up by another
/// process, or found on a disk that was restored from an older copy, is known as such.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Custodian(String);

impl Custodian {
    /// This process, from now on.
    #[must_use]
    pub fn new() -> Self {
        Self(PressId::new().to_string())
    }

    /// One that was written down.
    #[must_use]
    pub const fn named(name: String) -> Self {
        Self(name)
    }

    /// The name under which it is written down.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl Default for Custodian {
    fn default() -> Self {
        Self::new()
    }
}

/// Where a press stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It goes on by itself.
    Waiting,
    /// It does not go on without a person; nothing is lost.
    Attention,
    /// Ticket, note and files are there.
    Delivered,
    /// A rule refused it, and the person was told why. It keeps its words for [`REFUSED_KEPT`], unless others need the
    /// room: until then a person may let it go on.
    Refused,
    /// A person decided that there shall be no ticket.
    Discarded,
    /// It was exported: whoever has the export delivers it.
    Moved,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Attention,
        Self::Delivered,
        Self::Refused,
        Self::Discarded,
        Self::Moved,
    ];

    /// As written down and shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Attention => "attention",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::Discarded => "discarded",
            Self::Moved => "moved",
        }
    }

    /// From its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether the press still lacks something.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Attention)
    }

    /// Whether a press keeps its words and files when it comes to stand so.
    #[must_use]
    pub const fn keeps_words(self) -> bool {
        self.is_open() || matches!(self, Self::Refused)
    }
}

/// What becomes of a press after something was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The same worker goes on at once; the lease stays.
    GoOn,
    /// The lease ends, and anybody may take it up again then.
    Due(Timestamp),
    /// The lease ends, and anybody may take it up again as soon as its report is complete, or the time for that is over:
    /// at once, if somebody completed it meanwhile.
    WhenReported,
    /// The lease ends, and a person has to look.
    Attention,
    /// The lease ends, and so does the press. Its words and files are deleted, unless a rule refused it; what happened
    /// stays. With a time, its ticket is looked up once more then, in case a late one appears.
    Over(State, Option<Timestamp>),
}

/// For how long a press is claimed, and by whom.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Who claims.
    pub owner: Custodian,
    /// The time now.
    pub now: Timestamp,
    /// Until when nobody else may.
    pub until: Timestamp,
}

/// The right to work on a press until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The press.
    pub press: PressId,
    /// Counts the claims of this press.
    pub epoch: u64,
    /// When it ends.
    pub until: Timestamp,
}

/// A press and the right to work on it.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The right.
    pub lease: Lease,
    /// The press as it stands.
    pub record: Record,
}

/// All that is known of a press, without the bytes of its files.
#[derive(Debug, Clone)]
pub struct Record {
    /// The press.
    pub id: PressId,
    /// When it was accepted here.
    pub accepted_at: Timestamp,
    /// By which process.
    pub accepted_by: Custodian,
    /// Where it stands.
    pub state: State,
    /// When it goes on by itself; for one that is over, when its ticket is looked up once more.
    pub due_at: Option<Timestamp>,
    /// Until when somebody works on it.
    pub leased_until: Option<Timestamp>,
    /// How often it was claimed.
    pub epoch: u64,
    /// What happened, in order.
    pub journal: Vec<Entry>,
    /// The press itself; gone once it is over, and some time after a rule refused it.
    pub press: Option<helpbell_model::Press>,
    /// Names and sizes of its files; gone with it.
    pub files: Vec<FileInfo>,
}

impl Record {
    fn over(&self) -> StoreError {
        StoreError::Over {
            press: self.id,
            state: self.state,
        }
    }

    /// Refuses what can only be done with an open press.
    fn check_open(&self) -> Result<(), StoreError> {
        if self.state.is_open() {
            Ok(())
        } else {
            Err(self.over())
        }
    }

    /// Refuses where somebody works on it.
    fn check_free(&self, now: Timestamp) -> Result<(), StoreError> {
        match self.leased_until.filter(|until| *until > now) {
            Some(until) => Err(StoreError::Busy {
                press: self.id,
                until,
            }),
            None => Ok(()),
        }
    }

    /// Refuses where the report can be completed no more. `awaits` is what the press says of itself.
    fn check_awaited(&self, awaits: Option<Timestamp>) -> Result<(), StoreError> {
        if awaits.is_some() && !Course::of(&self.journal).note_may_be_there() {
            Ok(())
        } else {
            Err(StoreError::TooLate(self.id))
        }
    }

    /// Whether a press that awaits its report until then waits for nothing else.
    fn only_awaits(&self, awaited: Option<Timestamp>) -> bool {
        self.state == State::Waiting && self.due_at.is_some() && self.due_at == awaited
    }
}

/// A file of a press.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    /// Its name in the note.
    pub name: String,
    /// Bytes.
    pub bytes: u64,
}

/// How well a PSA's lookup was measured to work, for one tenant and connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Milliseconds after which a new ticket was found by its reference.
    pub found_after_ms: u64,
    /// When that was measured.
    pub at: Timestamp,
}

/// What a person does with a press that is open, or that a rule refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByHand {
    /// It goes on at once.
    Retry,
    /// It goes on at once, and is filed even where nobody knows whether it was filed before.
    FileAgain,
    /// There shall be no ticket.
    Discard {
        /// Why.
        why: String,
    },
    /// It was written to this place, which owns it from now on.
    Export {
        /// Where.
        to: String,
    },
}

impl ByHand {
    /// Whether it can be done with a press that stands so and has its words, or has them no more.
    const fn is_possible(&self, state: State, has_words: bool) -> bool {
        match (state, self) {
            (State::Refused, Self::Retry | Self::FileAgain | Self::Discard { .. }) => has_words,
            _ => state.is_open(),
        }
    }

    /// What is written down, and what becomes of the press.
    fn outcome(self, now: Timestamp) -> (Event, Next) {
        match self {
            Self::Retry => (Event::Retried, Next::Due(now)),
            Self::FileAgain => (Event::FileAgain, Next::Due(now)),
            Self::Discard { why } => (Event::Discarded { why }, Next::Over(State::Discarded, None)),
            Self::Export { to } => (Event::Exported { to }, Next::Over(State::Moved, None)),
        }
    }
}

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Folder or file cannot be made, read or written.
    #[error("failed to {doing} {path}: {source}")]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The database refused.
    #[error("the outbox {path} failed: {reason}")]
    Database {
        /// Its file.
        path: PathBuf,
        /// Its reason.
        reason: String,
    },
    /// After a failed write nobody knows what reached the disk, so nothing is accepted any more.
    #[error(
        "the outbox {path} takes nothing more since a write failed ({reason}); free some space or replace the disk, then start again"
    )]
    Stopped {
        /// Its file.
        path: PathBuf,
        /// The failure that stopped it.
        reason: String,
    },
    /// The database was made by a newer Helpbell.
    #[error(
        "the outbox {path} was written by a newer Helpbell (format {found}, this one knows {known}); update Helpbell"
    )]
    Newer {
        /// Its file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest known here.
        known: u32,
    },
    /// A setting that keeps presses through a power cut did not take.
    #[error(
        "the outbox {path} cannot promise to keep anything: {setting} is {found}, not {wanted}; put the state folder on a local disk: --state FOLDER"
    )]
    NotDurable {
        /// Its file.
        path: PathBuf,
        /// Which setting.
        setting: &'static str,
        /// What it is.
        found: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// The open presses take all the room they may.
    #[error(
        "the outbox is full: {open} unfinished presses hold {bytes} of {limit} bytes; see them with `helpbell outbox list`, finish or discard some"
    )]
    Full {
        /// Open presses.
        open: u64,
        /// Bytes they hold.
        bytes: u64,
        /// Bytes they may hold.
        limit: u64,
    },
    /// The report is as the technician gets it: complete, in the note, or on its way there.
    #[error(
        "the report of the press {0} is complete or on its way already; what was found out later is not in it"
    )]
    TooLate(PressId),
    /// There is no such press.
    #[error("there is no press {0} here; see which there are: helpbell outbox list")]
    NoSuchPress(PressId),
    /// The lease is over, or somebody else has claimed the press since.
    #[error("the press {0} is in other hands by now; what this process knows of it counts no more")]
    LeaseLost(PressId),
    /// Somebody works on it.
    #[error("the press {press} is being delivered right now, until {until} at the latest; try again then")]
    Busy {
        /// The press.
        press: PressId,
        /// Until when.
        until: Timestamp,
    },
    /// It is over, so that cannot be done with it.
    #[error("the press {press} is {} already", state.name())]
    Over {
        /// The press.
        press: PressId,
        /// Where it stands.
        state: State,
    },
    /// What is on disk is not what was written.
    #[error("the press {press} is damaged on disk: {reason}")]
    Damaged {
        /// The press.
        press: PressId,
        /// What is wrong.
        reason: String,
    },
}

/// The custody of presses. Every call returns after its own commit; none holds anything across calls.
pub trait Store: Send + Sync + 'static {
    /// Takes a press into custody, due at once. A press that is known already stays as it is.
    /// `first` is written into its journal before anything else can happen to it.
    ///
    /// # Errors
    /// If it is not safely on disk.
    fn accept(
        &self,
        submission: &Submission,
        by: &Custodian,
        now: Timestamp,
        first: Vec<Event>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Completes the report of a press that awaits that, once and as a whole, whoever works on the press meanwhile. If it
    /// waited for nothing else, it is due at once.
    ///
    /// What it takes the place of stays on disk, and counts, until the press is over: somebody may be reading it.
    ///
    /// # Errors
    /// [`StoreError::TooLate`] if it awaits nothing, or its note was announced; [`StoreError::Over`],
    /// [`StoreError::NoSuchPress`], [`StoreError::Full`]; or if it is not safely on disk. Then the press stays as it was.
    fn amend(
        &self,
        press: PressId,
        amendment: Amendment,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Claims the open press that has been due for the longest. Damaged ones are passed over and set aside.
    ///
    /// # Errors
    /// If the store fails.
    fn claim_due(&self, terms: &Terms) -> impl Future<Output = Result<Option<Claim>, StoreError>> + Send;

    /// Claims one press, due or not, if nobody works on it.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::Over`], [`StoreError::NoSuchPress`].
    fn claim(&self, press: PressId, terms: &Terms) -> impl Future<Output = Result<Claim, StoreError>> + Send;

    /// Prolongs a lease.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`].
    fn renew(
        &self,
        lease: &Lease,
        until: Timestamp,
    ) -> impl Future<Output = Result<Lease, StoreError>> + Send;

    /// Writes down what happened and what is next, at once or not at all.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]; nothing is written then.
    fn record(
        &self,
        lease: &Lease,
        now: Timestamp,
        events: Vec<Event>,
        next: Next,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The whole press with the bytes of its files, checked against what was accepted.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::NoSuchPress`], [`StoreError::Over`].
    fn submission(&self, press: PressId) -> impl Future<Output = Result<Submission, StoreError>> + Send;

    /// What is known of a press.
    ///
    /// # Errors
    /// [`StoreError::NoSuchPress`].
    fn load(&self, press: PressId) -> impl Future<Output = Result<Record, StoreError>> + Send;

    /// The newest presses of these states, newest first.
    ///
    /// # Errors
    /// If the store fails.
    fn list(
        &self,
        states: &[State],
        most: u32,
    ) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send;

    /// When the next press is due, in the past if one waits to be claimed; none if nothing goes on by itself.
    ///
    /// # Errors
    /// If the store fails.
    fn next_due(&self) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;

    /// Does by hand what no rule can decide.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while somebody works on it, [`StoreError::Over`], [`StoreError::NoSuchPress`].
    fn by_hand(
        &self,
        press: PressId,
        now: Timestamp,
        what: ByHand,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Deletes words and files of presses that a rule refused and to which nothing has happened since then, the oldest
    /// first, at most so many at once; gives how many there were.
    ///
    /// # Errors
    /// If the store fails.
    fn forget_refused(
        &self,
        before: Timestamp,
        most: u32,
    ) -> impl Future<Output = Result<u32, StoreError>> + Send;

    /// Deletes presses that are over and to which nothing has happened since then, the oldest first, at most
    /// so many at once; gives how many there were. One that still has its words, or whose ticket is still to be looked up
    /// once more, is never touched.
    ///
    /// # Errors
    /// If the store fails.
    fn prune(&self, before: Timestamp, most: u32) -> impl Future<Output = Result<u32, StoreError>> + Send;

    /// Remembers how well a lookup works. `whose` names tenant and connector.
    ///
    /// # Errors
    /// If the store fails.
    fn remember_lookup(
        &self,
        whose: &str,
        measured: Measured,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// How well a lookup was measured to work.
    ///
    /// # Errors
    /// If the store fails.
    fn lookup(&self, whose: &str) -> impl Future<Output = Result<Option<Measured>, StoreError>> + Send;
}

/// Deletes the words of presses that were refused longer than [`REFUSED_KEPT`] ago and the presses that have been over for
/// longer than [`KEPT`], in small batches, so that whoever accepts one meanwhile need not wait. Gives how many presses were
/// deleted.
///
/// # Errors
/// If the store fails; what was deleted until then stays deleted.
pub async fn forget_old(store: &impl Store, now: Timestamp) -> Result<u64, StoreError> {
    in_batches(|most| store.forget_refused(clock::before(now, REFUSED_KEPT), most)).await?;
    in_batches(|most| store.prune(clock::before(now, KEPT), most)).await
}

/// Repeats it until nothing is left to do. Gives how many there were.
async fn in_batches<F>(mut forget: impl FnMut(u32) -> F) -> Result<u64, StoreError>
where
    F: Future<Output = Result<u32, StoreError>>,
{
    let mut forgotten = 0;
    loop {
        let batch = forget(FORGOTTEN_AT_ONCE).await?;
        forgotten += u64::from(batch);
        if batch < FORGOTTEN_AT_ONCE {
            return Ok(forgotten);
        }
    }
}
