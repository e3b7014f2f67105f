//! What to do next with a press: one pure function over what its journal says.
//!
//! ```text
//!                     a rule refuses
//!                  ┌──────────────────► refuse
//!            fresh │                          applied                         applied, all files there
//! ──► match ──► rule ──► file the ticket ──► await the report ──► add the note ─────────────────► finish
//!        ▲                  │ unknown      ▲                         │ unknown
//!   look ┤                  ▼              │                         ▼
//!   first│           look ► wait ► look ► look: found? adopt. Not found twice: again, if the lookup is trusted,
//!        │                                                    else a person decides.
//!   not fresh: taken over, imported, or older than a minute
//! ```
//!
//! The rules, each of which a control in the fault tests takes away to show that it is needed:
//!
//! 1. An effect that may have happened is never sent again before it was looked for, twice, after the
//!    PSA had time to finish it and to find it.
//! 2. A press is looked up before its first send unless this very process accepted it, just now.
//! 3. "Not found" counts only where finding was measured to work. A find always counts.
//! 4. Rules run once for the same rules, connector and settings: what they came to is in the journal. A ticket that
//!    is there is never refused any more.
//! 5. A ticket waits for nothing. Its note waits for the rest of the report, but not beyond the time that was set for it,
//!    and once the note is announced, the report is what it is.

use crate::{
    clock::after,
    journal::{Course, Standing},
    rules::Ruling,
};
use helpbell_model::connector::Lookup;
use jiff::Timestamp;
use std::time::Duration;

/// A press that waited longer than this is looked up before it is sent: another copy of it, such as a
/// disk restored from a backup, may have been at work.
pub const FRESH: Duration = Duration::from_secs(60);

/// How long a PSA may still be working on a request that nobody waits for any more. Web servers give up
/// after a minute or two; the lookup's own delay comes on top.
pub const PSA_FINISHES: Duration = Duration::from_secs(60);

/// Between the two lookups that must both find nothing: one of them may meet a server that is behind.
pub const BETWEEN_LOOKUPS: Duration = Duration::from_secs(15);

/// A note waits no longer than this for the rest of its report: whoever examines a computer is done in a third of it.
/// What lies further ahead is the fault of a clock that was set back.
pub const LONGEST_AWAIT: Duration = Duration::from_secs(60);

/// How many lookups after the settling time must find nothing before an effect is sent again.
const MISSES: usize = 2;

/// How far the PSA's lookup goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookupRules {
    /// What the connector declares.
    pub declared: Lookup,
    /// Longest delay measured on this very instance, if it was measured.
    pub measured: Option<Duration>,
}

impl LookupRules {
    /// Whether there is any.
    const fn exists(self) -> bool {
        !matches!(self.declared, Lookup::None)
    }

    /// Whether not finding something proves that it is not there.
    const fn is_trusted(self) -> bool {
        match self.declared {
            Lookup::Strong => true,
            Lookup::Eventual(_) => self.measured.is_some(),
            Lookup::None => false,
        }
    }

    /// How long after an effect became doubtful a lookup is believed when it finds nothing.
    #[must_use]
    pub fn settle(self) -> Duration {
        let declared = match self.declared {
            Lookup::Eventual(seconds) => Duration::from_secs(seconds.into()),
            Lookup::Strong | Lookup::None => Duration::ZERO,
        };
        PSA_FINISHES + declared.max(self.measured.unwrap_or_default())
    }
}

/// All that the decision depends on.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// What the journal says.
    pub course: &'a Course,
    /// References of the press's files, in order.
    pub files: &'a [String],
    /// Until when the report may be completed; none if it is complete.
    pub awaits: Option<Timestamp>,
    /// How far the lookup goes.
    pub lookup: LookupRules,
    /// Whether presses are judged by rules.
    pub has_rules: bool,
    /// When the press was accepted.
    pub accepted_at: Timestamp,
    /// Whether this process accepted it.
    pub own: bool,
    /// The present claim.
    pub epoch: u64,
    /// The time.
    pub now: Timestamp,
}

/// The next thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Find person and machine.
    Match,
    /// Run the rules.
    Rule,
    /// End it without a ticket: a rule refused it.
    Refuse,
    /// Look for the ticket.
    LookForTicket,
    /// File the ticket.
    File,
    /// Nothing until then or until the report is complete.
    AwaitReport(Timestamp),
    /// Look for the note.
    LookForNote,
    /// Add the note with its files.
    AddNote,
    /// Attach one file, by its reference, to the note if there is one, else to the ticket.
    Attach(String),
    /// Nothing until then.
    Wait(Timestamp),
    /// A person has to look; why.
    Attention(Reason),
    /// All is there.
    Finish,
}

/// Why a person is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The ticket may have been filed, and no lookup can tell.
    TicketUnknown,
    /// The note may be there, and no lookup can tell.
    NoteUnknown,
    /// The PSA refuses the note.
    NoteRefused,
}

/// What to do next.
#[must_use]
pub fn decide(at: &Situation<'_>) -> Action {
    let course = at.course;
    if course.ticket.is_none() {
        return towards_ticket(at);
    }
    match &course.note {
        None => towards_note(at),
        Some(Err(_)) => missing_file(at, &[]).unwrap_or(Action::Attention(Reason::NoteRefused)),
        // A note that could not be read back does not tell which files it has; it took them all.
        Some(Ok(note)) if !note.confirmed => Action::Finish,
        Some(Ok(note)) => missing_file(at, &note.attachments).unwrap_or(Action::Finish),
    }
}

fn towards_ticket(at: &Situation<'_>) -> Action {
    let course = at.course;
    let refuses = |ruling: &Ruling| ruling.orders.refused.is_some();
    let file = match (&course.matched, course.ruling_in_force()) {
        (None, _) => Action::Match,
        (Some(_), None) if at.has_rules => Action::Rule,
        (Some(_), Some(ruling)) if refuses(ruling) => Action::Refuse,
        (Some(_), _) => Action::File,
    };
    if course.filing.is_doubt() {
        return settle(
            at,
            &course.filing,
            Action::LookForTicket,
            Reason::TicketUnknown,
            file,
        );
    }
    let fresh = at.own && !course.imported && at.now <= after(at.accepted_at, FRESH);
    if !fresh && at.lookup.exists() && course.looked_up_in != Some(at.epoch) {
        return Action::LookForTicket;
    }
    file
}

fn towards_note(at: &Situation<'_>) -> Action {
    let course = at.course;
    if course.noting.is_doubt() {
        return settle(
            at,
            &course.noting,
            Action::LookForNote,
            Reason::NoteUnknown,
            Action::AddNote,
        );
    }
    if course.matched.is_none() {
        return Action::Match;
    }
    if let Some(until) = awaited(at) {
        return Action::AwaitReport(until);
    }
    // Whoever filed this ticket may have got as far as the note, and a PSA that said it did not keep one
    // may have been wrong.
    let adopted = course.ticket.as_ref().is_some_and(|filed| filed.adopted);
    if (adopted || course.note_doubted) && at.lookup.exists() && course.note_looked_up_in != Some(at.epoch) {
        return Action::LookForNote;
    }
    Action::AddNote
}

/// Until when a report is to be waited for, if it is. One whose note was announced stays as it is.
fn awaited(at: &Situation<'_>) -> Option<Timestamp> {
    at.awaits.filter(|until| {
        let is_near = *until <= after(at.now, LONGEST_AWAIT);
        !at.course.note_may_be_there() && *until > at.now && is_near
    })
}

/// The way out of a doubt.
fn settle(at: &Situation<'_>, standing: &Standing, look: Action, reason: Reason, again: Action) -> Action {
    let Standing::Doubt { since, misses } = standing else {
        return again;
    };
    if !at.lookup.exists() {
        return Action::Attention(reason);
    }
    if misses.is_empty() {
        // It is mostly there already, and then nobody needs to wait.
        return look;
    }
    let settled = after(*since, at.lookup.settle());
    let counted: Vec<&Timestamp> = misses.iter().filter(|miss| **miss >= settled).collect();
    let next = counted
        .last()
        .map_or(settled, |last| after(**last, BETWEEN_LOOKUPS));
    if counted.len() >= MISSES {
        if at.lookup.is_trusted() {
            again
        } else {
            Action::Attention(reason)
        }
    } else if at.now >= next {
        look
    } else {
        Action::Wait(next)
    }
}

/// The first file that is not there yet and that the PSA has not refused.
fn missing_file(at: &Situation<'_>, there: &[String]) -> Option<Action> {
    let course = at.course;
    let is_settled = |file: &String| {
        there.contains(file)
            || course.attached.iter().any(|(attached, _)| attached == file)
            || course.unattached.iter().any(|(refused, _)| refused == file)
    };
    let has_note = course.note.as_ref().is_some_and(Result::is_ok);
    let is_doubtful = |file: &String| course.attaching.as_ref() == Some(file);
    // Nothing tells what lies on a ticket without a note; there a doubtful file is left alone.
    let missing = at
        .files
        .iter()
        .find(|file| !is_settled(file) && (has_note || !is_doubtful(file)))?;
    if is_doubtful(missing) && course.note_looked_up_in != Some(at.epoch) {
        // Its answer was lost; the note tells whether it arrived.
        return Some(Action::LookForNote);
    }
    Some(Action::Attach(missing.clone()))
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
