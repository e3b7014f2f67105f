//! What changed between two reports of a machine: the first question when something worked yesterday.
//!
//! ```text
//! older ─┐            ┌─ findings   new, gone, still there
//!        ├─ compare ──┼─ changes    values that stay what they are unless somebody or something changes them
//! newer ─┘            └─ gaps       what only one of them knows, and is therefore not compared
//! ```
//!
//! What changes by itself is left out: load, clocks, process numbers, signal strength, jobs in a queue. Where such a
//! thing is bad news, a finding tells it. Pure functions: the same reports always give the same comparison.

mod changes;
mod findings;
mod hardware;
mod network;
mod security;
mod software;

pub use changes::Change;
pub use findings::{Findings, Still};

use changes::Changes;
use helpbell_model::{
    report::{Machine, Report, Severity},
    text::one_line,
};
use jiff::Timestamp;
use serde::Serialize;

/// Characters of a machine's name.
const NAME_CHARS: usize = 120;

/// What changed from one report to another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The report that the other one is compared with.
    pub older: Side,
    /// The other one.
    pub newer: Side,
    /// By what the machines differ, as the identity both reports tell; none if they are one and the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub different_machines: Option<String>,
    /// What became of the findings.
    pub findings: Findings,
    /// Everything else, most severe first.
    pub changes: Vec<Change>,
    /// Changes beyond those.
    pub left_out: usize,
    /// Parts that only one of the reports has, such as `printers`.
    pub not_compared: Vec<&'static str>,
}

/// One of the two reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The machine's name; empty if not known.
    pub hostname: String,
    /// When it was examined.
    pub made_at: Timestamp,
}

impl Side {
    fn of(report: &Report) -> Self {
        Self {
            hostname: hostname(&report.machine),
            made_at: report.made_at,
        }
    }
}

impl Comparison {
    /// How much worse the newer one is; `None` if nothing became worse.
    #[must_use]
    pub fn worse(&self) -> Option<Severity> {
        let changes = self.changes.iter().map(|change| change.severity);
        self.findings
            .worse()
            .chain(changes)
            .filter(|severity| *severity > Severity::Info)
            .max()
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.new.is_empty() && self.findings.gone.is_empty() && self.changes.is_empty()
    }
}

/// Compares `newer` with `older`, in the words of a technician.
#[must_use]
pub fn compare(older: &Report, newer: &Report) -> Comparison {
    let mut changes = Changes::default();
    let (old, new) = (&older.machine, &newer.machine);
    software::compare(old, new, &mut changes);
    network::compare(old, new, &mut changes);
    hardware::compare(old, new, &mut changes);
    security::compare(old, new, &mut changes);
    let not_compared = changes.gaps();
    let (changes, left_out) = changes.sorted();
    Comparison {
        older: Side::of(older),
        newer: Side::of(newer),
        different_machines: different(old, new),
        findings: findings::compare(&older.findings, &newer.findings),
        changes,
        left_out,
        not_compared,
    }
}

fn hostname(machine: &Machine) -> String {
    machine
        .os
        .as_ref()
        .map(|os| one_line(&os.hostname, NAME_CHARS))
        .unwrap_or_default()
}

/// By what two machines differ, if they do: the installation's own id, else the serial number, else the name. A machine
/// that was renamed or got another case is still the same one.
fn different(old: &Machine, new: &Machine) -> Option<String> {
    let products = (old.product.as_ref(), new.product.as_ref());
    if let (Some(old), Some(new)) = products {
        let identities = [
            ("installation", &old.machine_id, &new.machine_id),
            ("serial number", &old.serial, &new.serial),
        ];
        for (what, old, new) in identities {
            if let (Some(old), Some(new)) = (old, new) {
                return told(what, old, new);
            }
        }
    }
    let (old, new) = (hostname(old), hostname(new));
    if old.is_empty() || new.is_empty() {
        return None;
    }
    told("name", &old, &new)
}

fn told(what: &str, old: &str, new: &str) -> Option<String> {
    let (old, new) = (one_line(old, NAME_CHARS), one_line(new, NAME_CHARS));
    (old != new).then(|| format!("{what} {old}, then {new}"))
}

#[cfg(test)]
mod tests;
