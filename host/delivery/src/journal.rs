//! What happened to a press, written down before the next thing happens.
//!
//! Every effect is announced before it is sent and its outcome is written down afterwards. So whatever
//! stops the process, the journal knows what may have reached the PSA: an announcement without an
//! outcome is a doubt, and a doubt is resolved by looking, never by sending again.

use crate::rules::{Digests, Ruling};
use helpbell_model::{
    Contact, ContactMatch, Correction, Device, Effect, Failure, FailureKind, Ticket, ticket::AddedNote,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Under which claim; 0 is by nobody who had claimed it.
    pub epoch: u64,
    /// What.
    pub event: Event,
}

/// Which effect on the PSA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effort {
    /// Filing the ticket.
    Ticket,
    /// Adding the private note with its files.
    Note,
    /// Attaching one file, by its reference: to the note, or to the ticket where there is no note.
    File(String),
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// It came from an export.
    Imported {
        /// Where that lay.
        from: String,
    },
    /// With what it is delivered from here on; written when that changes.
    Equipped(Equipment),
    /// Who and what it is about, in the PSA.
    Matched(Matched),
    /// What the rules came to.
    Ruled(Box<Ruling>),
    /// The effect is about to be sent.
    Intent {
        /// Which.
        effort: Effort,
    },
    /// The effect certainly did not happen.
    NotApplied {
        /// Which.
        effort: Effort,
        /// Why.
        failure: Failure,
    },
    /// Nobody knows whether the effect happened.
    Unknown {
        /// Which.
        effort: Effort,
        /// Why.
        failure: Failure,
    },
    /// The PSA was asked for what carries this press's reference.
    Looked {
        /// For which effect.
        effort: Effort,
        /// How many there were.
        found: u32,
    },
    /// Its report was completed.
    Amended,
    /// The ticket is there.
    Ticketed {
        /// The ticket.
        ticket: Ticket,
        /// What the PSA did not take.
        corrections: Vec<Correction>,
        /// Found by its reference, not filed by this very try.
        adopted: bool,
    },
    /// The note is there.
    Noted {
        /// The note.
        note: AddedNote,
    },
    /// A file is there that the note did not bring along.
    Attached {
        /// The file's reference.
        file: String,
        /// Its name.
        name: String,
    },
    /// A try ended before the press was delivered.
    TryEnded {
        /// Why.
        failure: Failure,
        /// What the call that failed did.
        effect: Effect,
    },
    /// Nothing goes on without a person.
    NeedsAttention {
        /// Why, for that person.
        why: String,
    },
    /// A person let it go on.
    Retried,
    /// A person let it be filed again although it may have been filed.
    FileAgain,
    /// A person decided against a ticket.
    Discarded {
        /// Why.
        why: String,
    },
    /// It was written elsewhere.
    Exported {
        /// Where.
        to: String,
    },
    /// A rule refused it.
    Refused {
        /// What the person was told.
        why: String,
    },
    /// Ticket, note and files are there.
    Delivered,
    /// Its ticket could not be looked up once more.
    SweepFailed {
        /// Why.
        failure: Failure,
    },
    /// Its ticket was looked up once more after delivery.
    Swept {
        /// Numbers of further tickets of this press, closed with a note that names the one that stays.
        closed: Vec<String>,
    },
}

/// With what a press is delivered: enough to explain later why a ticket looks as it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Equipment {
    /// The connector's id.
    pub connector: String,
    /// Its version.
    pub version: String,
    /// Its file, as SHA-256.
    pub sha256: String,
    /// Its settings, none of them secret.
    pub settings: Vec<(String, String)>,
    /// The operator's integration defaults.
    pub defaults: Vec<(String, String)>,
    /// The operator's rules; none if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Digests>,
}

impl Event {
    /// Forgets what a person wrote and what was made of it.
    pub(crate) fn forget_words(&mut self) {
        if let Self::Ruled(ruling) = self {
            ruling.forget_words();
        }
    }
}

/// Who and what a press is about, in the PSA.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// The person or the catch-all contact.
    pub contact: Option<(Contact, ContactMatch)>,
    /// The machine.
    pub device: Option<Device>,
    /// What could not be found out, and why.
    pub problems: Vec<Failure>,
}

/// How one effect stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Standing {
    /// Nothing of it can have reached the PSA.
    #[default]
    Clear,
    /// It may have, since then.
    Doubt {
        /// When it was last announced, or its outcome last became unknown.
        since: Timestamp,
        /// When it was looked for since then and not found.
        misses: Vec<Timestamp>,
    },
}

impl Standing {
    /// Whether the effect may have happened.
    #[must_use]
    pub const fn is_doubt(&self) -> bool {
        matches!(self, Self::Doubt { .. })
    }

    const fn doubt(since: Timestamp) -> Self {
        Self::Doubt {
            since,
            misses: Vec::new(),
        }
    }

    /// Earlier lookups count no more: somebody has reason to look again.
    fn look_again(&mut self) {
        if let Self::Doubt { misses, .. } = self {
            misses.clear();
        }
    }

    fn missed(&mut self, at: Timestamp) {
        if let Self::Doubt { misses, .. } = self {
            misses.push(at);
        }
    }
}

/// Failures of a note that say that it is not there, and that waiting does not cure.
#[must_use]
pub const fn is_refusal(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Forbidden | FailureKind::InvalidInput)
}

/// What a journal comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Course {
    /// With what it is delivered.
    pub equipment: Option<Equipment>,
    /// Who and what it is about.
    pub matched: Option<Matched>,
    /// What the rules came to.
    pub ruling: Option<Box<Ruling>>,
    /// The ruling is that of earlier rules or settings. It tells of the ticket that may be there, and files no other.
    pub ruling_is_outdated: bool,
    /// What a rule refused it with, until a person lets it go on.
    pub refused: Option<String>,
    /// How filing the ticket stands while there is none.
    pub filing: Standing,
    /// The ticket.
    pub ticket: Option<Filed>,
    /// How adding the note stands while there is none.
    pub noting: Standing,
    /// Whether the note was ever announced.
    pub note_announced: bool,
    /// The note, or why the PSA refused it.
    pub note: Option<Result<AddedNote, Failure>>,
    /// References and names of files that are there without or beside the note.
    pub attached: Vec<(String, String)>,
    /// The file whose attaching is announced and not settled.
    pub attaching: Option<String>,
    /// Files that the PSA refused for good, and why.
    pub unattached: Vec<(String, Failure)>,
    /// How often the ticket was announced.
    pub filings: u32,
    /// The claim under which its ticket was last looked for.
    pub looked_up_in: Option<u64>,
    /// The claim under which its note was last looked for.
    pub note_looked_up_in: Option<u64>,
    /// Tries in a row that ended without any progress.
    pub fruitless: u32,
    /// Why the last try ended.
    pub last_failure: Option<(Failure, Effect)>,
    /// Why a person is needed.
    pub attention: Option<String>,
    /// It came from an export.
    pub imported: bool,
    /// Whether anything about it was ever in doubt.
    pub doubted: bool,
    /// Whether the note was.
    pub note_doubted: bool,
    /// Why the last doubt arose, if somebody was there to see.
    pub doubt_failure: Option<Failure>,
    /// How often its ticket was looked up after delivery.
    pub sweeps: u32,
}

/// A ticket and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// The ticket.
    pub ticket: Ticket,
    /// What the PSA did not take.
    pub corrections: Vec<Correction>,
    /// Found, not filed by the try that wrote it down.
    pub adopted: bool,
}

impl Course {
    /// Reads a journal from its beginning.
    #[must_use]
    pub fn of(journal: &[Entry]) -> Self {
        let mut course = Self::default();
        for entry in journal {
            course.add(entry);
        }
        course
    }

    /// What the present rules came to.
    #[must_use]
    pub fn ruling_in_force(&self) -> Option<&Ruling> {
        self.ruling.as_deref().filter(|_| !self.ruling_is_outdated)
    }

    /// Whether the note is there, or may have been sent: then its report stays as it is.
    #[must_use]
    pub const fn note_may_be_there(&self) -> bool {
        self.note_announced || self.note_doubted || self.note.is_some()
    }

    /// Takes note of one more entry.
    pub fn add(&mut self, entry: &Entry) {
        let at = entry.at;
        match &entry.event {
            Event::Imported { .. } => self.imported = true,
            Event::Equipped(equipment) => {
                // Ids of another PSA, or of another account, mean nothing here, and other rules judge otherwise.
                if self.equipment.is_some() && self.ticket.is_none() {
                    self.matched = None;
                    self.ruling_is_outdated = true;
                }
                self.equipment = Some(equipment.clone());
            }
            Event::Matched(matched) => {
                self.matched = Some(matched.clone());
                self.fruitless = 0;
            }
            Event::Ruled(ruling) => {
                self.ruling = Some(ruling.clone());
                self.ruling_is_outdated = false;
            }
            Event::Intent { effort } => self.intend(effort, at),
            Event::NotApplied { effort, failure } => self.clear(effort, failure),
            Event::Unknown { effort, failure } => {
                self.doubted = true;
                self.doubt_failure = Some(failure.clone());
                match effort {
                    Effort::Ticket => self.filing = Standing::doubt(at),
                    Effort::Note => {
                        self.note_doubted = true;
                        self.noting = Standing::doubt(at);
                    }
                    // Files are looked for through the note or not at all: they stay announced.
                    Effort::File(_) => {}
                }
            }
            Event::Looked { effort, found } => match effort {
                Effort::Ticket => {
                    self.looked_up_in = Some(entry.epoch);
                    if *found == 0 {
                        self.filing.missed(at);
                    }
                }
                Effort::Note => {
                    self.note_looked_up_in = Some(entry.epoch);
                    if *found == 0 {
                        self.noting.missed(at);
                    }
                }
                Effort::File(_) => {}
            },
            Event::Ticketed {
                ticket,
                corrections,
                adopted,
            } => {
                self.doubted |= *adopted;
                if !adopted && self.ruling_is_outdated {
                    // It was filed without rules, which are gone by now.
                    self.ruling = None;
                }
                self.ticket = Some(Filed {
                    ticket: ticket.clone(),
                    corrections: corrections.clone(),
                    adopted: *adopted,
                });
                self.filing = Standing::Clear;
                self.fruitless = 0;
            }
            Event::Noted { note } => {
                self.note = Some(Ok(note.clone()));
                self.noting = Standing::Clear;
                self.fruitless = 0;
            }
            Event::Attached { file, name } => {
                self.attached.push((file.clone(), name.clone()));
                self.attaching = None;
                self.fruitless = 0;
            }
            Event::TryEnded { failure, effect } => {
                self.fruitless += 1;
                self.last_failure = Some((failure.clone(), *effect));
            }
            Event::NeedsAttention { why } => self.attention = Some(why.clone()),
            Event::Retried => self.begin_again(),
            Event::FileAgain => {
                self.begin_again();
                self.filing = Standing::Clear;
                self.noting = Standing::Clear;
            }
            Event::Swept { .. } => self.sweeps += 1,
            Event::Refused { why } => {
                self.attention = None;
                self.refused = Some(why.clone());
            }
            // What is sent is read from the store, not from here.
            Event::Amended => {}
            Event::Delivered
            | Event::Discarded { .. }
            | Event::Exported { .. }
            | Event::SweepFailed { .. } => self.attention = None,
        }
    }

    fn intend(&mut self, effort: &Effort, at: Timestamp) {
        match effort {
            Effort::Ticket => {
                self.filings += 1;
                self.filing = Standing::doubt(at);
            }
            Effort::Note => {
                self.note_announced = true;
                self.noting = Standing::doubt(at);
            }
            Effort::File(reference) => self.attaching = Some(reference.clone()),
        }
    }

    fn clear(&mut self, effort: &Effort, failure: &Failure) {
        match effort {
            Effort::Ticket => self.filing = Standing::Clear,
            Effort::Note => {
                self.noting = Standing::Clear;
                if is_refusal(failure.kind) {
                    self.note = Some(Err(failure.clone()));
                }
            }
            Effort::File(reference) => {
                self.attaching = None;
                self.unattached.push((reference.clone(), failure.clone()));
            }
        }
    }

    /// A person has cured something: what was refused is tried again, what is in doubt stays so.
    fn begin_again(&mut self) {
        if self.refused.take().is_some() {
            self.matched = None;
            self.ruling_is_outdated = true;
        }
        self.attention = None;
        self.fruitless = 0;
        self.filing.look_again();
        self.noting.look_again();
        self.unattached.clear();
        if matches!(self.note, Some(Err(_))) {
            self.note = None;
        }
    }
}
