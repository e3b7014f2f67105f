//! An examination under way: begun at the press, looked at when the person sends.

use crate::{
    findings,
    limits::Limits,
    probes,
    run::{self, Isolation, Running},
    scope::Scope,
    usage::Sampler,
};
use helpbell_model::report::Report;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// An examination under way. Dropping it leaves behind what is still at work; processes it started end themselves.
#[derive(Debug)]
pub struct Examination {
    running: Running,
    sampler: Sampler,
    made_at: Timestamp,
    whole: Duration,
}

impl Examination {
    /// Begins, and returns at once.
    #[must_use]
    pub fn begin(limits: Limits, scope: Scope, isolation: Isolation) -> Self {
        Self {
            made_at: Timestamp::now(),
            sampler: Sampler::begin(),
            whole: limits.whole,
            running: run::begin(probes::all(&scope), limits, scope, isolation),
        }
    }

    /// Waits until everything is in, for at most `patience` from now, and reports what there is. What is still at work
    /// stands in the report as such. Blocks the thread.
    #[must_use]
    pub fn report_within(&self, patience: Duration) -> Report {
        self.running.wait(patience);
        self.report()
    }

    /// Whether everything has answered or was given up.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.running.wait(Duration::ZERO)
    }

    /// What is still at work, in words: `the printers`.
    #[must_use]
    pub fn at_work(&self) -> Vec<&'static str> {
        self.running.at_work()
    }

    /// When the slowest has answered or is given up.
    #[must_use]
    pub fn ends_by(&self) -> Timestamp {
        let whole = SignedDuration::try_from(self.whole).unwrap_or(SignedDuration::MAX);
        self.made_at.saturating_add(whole).unwrap_or(Timestamp::MAX)
    }

    /// Waits for everything and reports it. Blocks the thread, not beyond [`Self::ends_by`].
    #[must_use]
    pub fn complete(self) -> Report {
        let left = self.whole.saturating_sub(self.running.began().elapsed());
        // The last ones are given up at the very end.
        self.report_within(left + SETTLING)
    }

    fn report(&self) -> Report {
        let mut report = Report::new(self.made_at);
        let round = self.running.round();
        report.machine = round.machine;
        report.machine.usage = self.sampler.usage();
        report.findings = findings::about(&report.machine, report.made_at);
        report.findings.extend(round.gaps);
        findings::sort(&mut report.findings);
        report.probes = round.runs;
        report
    }
}

/// What is given up at the last moment is in the book a little later.
const SETTLING: Duration = Duration::from_secs(1);
