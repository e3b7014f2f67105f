//! What one call into a connector left behind, whether it returned or not.

use crate::limits::Limits;
use helpbell_model::{Effect, Failure};
use serde::Serialize;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The result of a call, with everything the host knows about how it came about.
#[derive(Debug, Clone)]
pub struct Call<T> {
    /// What the connector answered, or why there is no answer.
    pub result: Result<T, Failure>,
    /// What the call did to the PSA, by the host's own account.
    pub effect: Effect,
    /// The requests that were sent or refused, in order.
    pub requests: Vec<RequestTrace>,
    /// What the connector wrote to its log, bounded.
    pub log: Vec<LogLine>,
    /// From call to answer.
    pub took: Duration,
    /// Bytes of linear memory that the instance had in the end; none where it did not end by itself.
    pub memory_bytes: Option<usize>,
}

/// One request, without query, headers and body: those hold personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestTrace {
    /// HTTP method.
    pub method: String,
    /// The template that allowed it, below its origin; for refused ones what was asked for.
    pub path: String,
    /// Scheme, host and port.
    pub origin: String,
    /// The answer's status, if there was an answer.
    pub status: Option<u16>,
    /// What this request did.
    pub effect: Effect,
    /// Why it was refused or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether this is the repetition with a fresh token after a 401 or 403.
    pub replay: bool,
    /// Milliseconds from sending to the last byte of the answer.
    pub ms: u64,
}

/// How much a log line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// For the author.
    Debug,
    /// For the operator who looks.
    Info,
    /// For the operator who should look.
    Warn,
}

/// One line a connector wrote. Foreign text: attribute it where it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// What it says.
    pub text: String,
}

/// What one call may take, until when, and what it leaves behind. Everything that waits during a call waits
/// no longer than until `ends`.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) limits: Limits,
    began: Instant,
    pub(crate) ends: Instant,
    pub(crate) record: Record,
}

impl Frame {
    /// A call that begins now.
    pub(crate) fn begin(limits: Limits) -> Self {
        let began = Instant::now();
        Self {
            limits,
            began,
            ends: began + limits.deadline,
            record: Record::default(),
        }
    }

    /// The same call, over at this time at the latest.
    pub(crate) fn no_later_than(mut self, end: Option<tokio::time::Instant>) -> Self {
        if let Some(end) = end {
            self.ends = self.ends.min(end.into_std());
        }
        self
    }

    /// Since it began.
    pub(crate) fn took(&self) -> Duration {
        self.began.elapsed()
    }

    /// What is left of the deadline.
    pub(crate) fn remaining(&self) -> Duration {
        self.ends.saturating_duration_since(Instant::now())
    }
}

/// Filled while a call runs and read when it is over, even when its store was thrown away.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) requests: Vec<RequestTrace>,
    pub(crate) log: Vec<LogLine>,
    /// Bytes of the kept lines.
    pub(crate) log_bytes: usize,
    /// Lines beyond the limit.
    pub(crate) log_dropped: usize,
    /// Whether the call has been accounted for. What was spawned for it may run on for a moment and
    /// must not send anything that nobody would know of.
    pub(crate) closed: bool,
    /// A failure of the host's that explains the call better than the connector can, by its number.
    explanation: Option<(u32, Failure)>,
    /// How many explanations there were so far.
    explanations: u32,
}

impl Record {
    /// A panic while this was locked leaves nothing half done that matters: go on with what is there.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// Remembers a failure that explains how the call ends, unless there is one already.
    pub(crate) fn explain(&mut self, failure: Failure) {
        if self.explanation.is_none() {
            self.explanations += 1;
            self.explanation = Some((self.explanations, failure));
        }
    }

    /// How many explanations there are when a connector begins a request.
    pub(crate) const fn known(&self) -> u32 {
        self.explanations
    }

    /// A request was answered before whose beginning so many explanations were known: a connector that went on after
    /// a failure has coped with it. A request that was under way beside the failure proves nothing.
    pub(crate) fn answered(&mut self, known: u32) {
        self.explanation.take_if(|(number, _)| *number <= known);
    }

    /// The failure of the host's that explains the call, if there is one.
    pub(crate) fn explanation(&mut self) -> Option<Failure> {
        self.explanation.take().map(|(_, failure)| failure)
    }

    /// The class of the whole call: the worst of its requests. A call that failed after an effect
    /// was answered well is unknown: the connector may have stumbled over the answer it needed.
    pub(crate) fn effect(&self, succeeded: bool) -> Effect {
        let worst = self
            .requests
            .iter()
            .map(|request| request.effect)
            .max()
            .unwrap_or(Effect::None);
        match worst {
            Effect::Applied if !succeeded => Effect::Unknown,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::FailureKind;

    #[test]
    fn a_failure_explains_a_call_until_a_request_that_began_later_is_answered() {
        let failure = |code: &str| Failure::new(FailureKind::Internal, code, "it failed");
        let mut entries = Entries::default();
        let beside = entries.known();
        entries.explain(failure("first"));
        entries.explain(failure("second"));
        entries.answered(beside);
        assert_eq!(entries.explanation().unwrap().code, "first");

        entries.explain(failure("third"));
        let later = entries.known();
        entries.answered(later);
        assert_eq!(entries.explanation(), None);
    }
}
