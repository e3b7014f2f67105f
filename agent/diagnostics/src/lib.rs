//! Examines the machine and writes the report.
//!
//! ```text
//! capture::screens ──┐
//!                    ├─► Report ─► html::render   one file for the technician
//! examine ───────────┘        └──► json::render   the same for programs
//! ```
//!
//! Screens come first, before any window of ours covers them; the probes run while the person
//! types. Everything stays in memory: nothing here writes a file or sends a byte.
//!
//! ```no_run
//! use helpbell_diagnostics::{Limits, capture, examine};
//!
//! let limits = Limits::default();
//! let screens = capture::screens(limits);
//! let mut report = examine(limits);
//! report.screens = screens;
//! ```

pub mod capture;
mod device;
mod findings;
pub mod html;
pub mod json;
mod limits;
mod load;
mod part;
mod probes;
mod run;
mod units;

pub use device::{device_facts, facts_of};
pub use limits::Limits;

use helpbell_model::report::Report;
use jiff::Timestamp;

/// Examines this machine: every probe on its own thread, none beyond its deadline.
///
/// Never fails and never hangs: what could not be found out is missing from
/// [`Report::machine`], explained in [`Report::probes`] and told in [`Report::findings`].
/// [`Report::screens`] stays empty; see [`capture::screens`].
#[must_use]
pub fn examine(limits: Limits) -> Report {
    let mut report = Report::new(Timestamp::now());
    let round = run::run(probes::all(), limits.probe);
    report.findings = findings::about(&round.machine, report.made_at);
    report.findings.extend(round.gaps);
    findings::sort(&mut report.findings);
    report.machine = round.machine;
    report.probes = round.runs;
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::report::{ProbeStatus, REPORT_VERSION};
    use std::time::Duration;

    #[test]
    fn an_examination_of_this_machine_finds_its_parts() {
        let report = examine(Limits::default());
        assert_eq!(report.version, REPORT_VERSION);
        assert_eq!(report.probes.len(), probes::all().len());
        let machine = &report.machine;
        assert!(
            machine.os.is_some() && machine.memory.is_some() && machine.network.is_some(),
            "{report:?}"
        );
    }

    #[test]
    fn with_no_time_at_all_the_report_says_so_instead_of_waiting() {
        let report = examine(Limits {
            probe: Duration::ZERO,
            ..Limits::default()
        });
        let processor = report.probes.iter().find(|run| run.name == "processor").unwrap();
        assert_eq!(processor.status, ProbeStatus::Timeout);
        assert!(
            report
                .findings
                .iter()
                .any(|finding| finding.title.starts_with("No answer about the processor"))
        );
    }
}
