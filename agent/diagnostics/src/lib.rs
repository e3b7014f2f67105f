//! Examines the machine and writes the report.
//!
//! ```text
//! capture::screens ──┐
//!                    ├─► Report ─► html::render   one file for the technician
//! examine ───────────┘        ├──► json::render   the same for programs
//!                             └──► compare        what changed since an older one
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
pub mod compare;
mod device;
mod examination;
mod findings;
#[cfg(test)]
mod fixtures;
pub mod html;
pub mod json;
mod limits;
mod load;
mod part;
mod probes;
mod process;
mod run;
mod scope;
pub mod scripts;
mod scrub;
mod units;
mod usage;
#[cfg(any(windows, test))]
mod windows;

pub use device::{device_facts, facts_of};
pub use examination::Examination;
pub use limits::{Limits, PATIENCE};
pub use run::{Answer, Isolation};
pub use scope::Scope;

use helpbell_model::report::Report;

/// Examines this machine within this process: every probe within its limit, everything within
/// [`Limits::whole`].
///
/// Never fails and never hangs: what could not be found out is missing from
/// [`Report::machine`], explained in [`Report::probes`] and told in [`Report::findings`].
/// [`Report::screens`] stays empty; see [`capture::screens`].
#[must_use]
pub fn examine(limits: Limits) -> Report {
    Examination::begin(limits, Scope::default(), Isolation::none()).complete()
}

/// The names of the probes that `scope` asks for, with what each is about, in the order of the probe log.
pub fn probe_names(scope: &Scope) -> impl Iterator<Item = (&'static str, &'static str)> {
    probes::all(scope)
        .into_iter()
        .map(|probe| (probe.name, probe.subject))
}

/// Asks one probe in this process, which is ended should the probe hang. `None` if there is none of that name.
#[must_use]
pub fn probe(name: &str, scope: &Scope) -> Option<Answer> {
    let probe = probes::all(scope).into_iter().find(|probe| probe.name == name)?;
    run::end_this_process_after(probe.hard);
    Some(Answer::of(probe, scope))
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
        assert_eq!(report.probes.len(), probes::all(&Scope::default()).len());
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
