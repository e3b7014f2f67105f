//! What is told of a delivery while it is under way, and afterwards.

use helpbell_sandbox::{LogLine, RequestTrace};
use serde::Serialize;
use std::time::Instant;

/// The steps of a delivery, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Obtain or renew the authorisation.
    Authenticate,
    /// Look the press up: it may have been delivered before.
    LookUp,
    /// Find the person.
    FindContact,
    /// Find the machine.
    FindDevice,
    /// Run the operator's rules.
    Rules,
    /// File the ticket.
    CreateTicket,
    /// Look for the note: it may have been added before.
    LookForNote,
    /// Add the private note with the report.
    AddNote,
    /// Attach a file that the note lacks.
    AttachToNote,
    /// The note was refused: attach the report to the ticket itself.
    AttachToTicket,
    /// After delivery: look for a late duplicate.
    Sweep,
}

impl Step {
    /// What is going on, for a progress line.
    #[must_use]
    pub const fn doing(self) -> &'static str {
        match self {
            Self::Authenticate => "signing in",
            Self::LookUp => "looking whether the ticket exists already",
            Self::FindContact => "finding the person",
            Self::FindDevice => "finding the computer",
            Self::Rules => "applying the rules",
            Self::CreateTicket => "filing the ticket",
            Self::LookForNote => "looking whether the note exists already",
            Self::AddNote => "adding the private note and the report",
            Self::AttachToNote => "attaching a file to the note",
            Self::AttachToTicket => "attaching the report to the ticket itself",
            Self::Sweep => "looking for late duplicates",
        }
    }
}

/// How one step went.
#[derive(Debug, Clone, Serialize)]
pub struct StepTrace {
    /// Which.
    pub step: Step,
    /// Milliseconds.
    pub ms: u64,
    /// What was sent, in order.
    pub requests: Vec<RequestTrace>,
    /// What the connector logged.
    pub log: Vec<LogLine>,
}

impl StepTrace {
    pub(crate) fn of(step: Step, began: Instant, requests: Vec<RequestTrace>, log: Vec<LogLine>) -> Self {
        Self {
            step,
            ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            requests,
            log,
        }
    }
}

/// Told while a delivery is under way.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// A step begins.
    Begins(Step),
    /// A step is over.
    Ended(&'a StepTrace),
}

/// Who is told.
pub type Observer<'a> = &'a (dyn Fn(Progress<'_>) + Send + Sync);
