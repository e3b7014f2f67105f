//! What came of a run.

use helpbell_sandbox::LogLine;
use serde::Serialize;

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "verdict", content = "said")]
pub enum Verdict {
    /// The contract is kept; what was seen.
    Passed(String),
    /// Not asked, and why.
    Skipped(String),
    /// What is broken, each with what was expected.
    Failed(Vec<String>),
}

/// One check and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Stable, in kebab-case.
    pub check: &'static str,
    /// What was asked.
    pub title: &'static str,
    /// What came of it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// How often a function was called, and what that cost the PSA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// Of the contract: `tickets.create`.
    pub function: &'static str,
    /// Calls.
    pub calls: u32,
    /// Requests of the dearest call, signing in not counted.
    pub most_requests: u32,
    /// Microseconds of the fastest call: where nothing was sent, what the call itself costs.
    pub fastest_us: u64,
    /// Microseconds of the slowest call.
    pub slowest_us: u64,
}

/// A whole run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The connector's id.
    pub connector: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the component.
    pub sha256: String,
    /// Bytes of the component.
    pub size: u64,
    /// `server` or `recorded`.
    pub against: &'static str,
    /// In the order of the run.
    pub outcomes: Vec<Outcome>,
    /// By function.
    pub calls: Vec<Calls>,
    /// What the connector logged, bounded by the sandbox, oldest first.
    #[serde(skip)]
    pub log: Vec<LogLine>,
}

impl Report {
    /// Whether nothing is broken.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self
            .outcomes
            .iter()
            .any(|outcome| matches!(outcome.verdict, Verdict::Failed(_)))
    }

    /// How many passed, were skipped, failed.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        self.outcomes
            .iter()
            .fold((0, 0, 0), |(passed, skipped, failed), outcome| {
                match outcome.verdict {
                    Verdict::Passed(_) => (passed + 1, skipped, failed),
                    Verdict::Skipped(_) => (passed, skipped + 1, failed),
                    Verdict::Failed(_) => (passed, skipped, failed + 1),
                }
            })
    }
}
