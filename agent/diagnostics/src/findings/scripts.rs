//! The provider's own scripts that did not do what they should.

use super::finding;
use helpbell_model::report::{Area::Software, Finding, Machine, Severity};

pub(super) fn findings(machine: &Machine) -> Vec<Finding> {
    let runs = machine.scripts.iter().flatten();
    runs.filter(|run| !run.note.is_empty())
        .map(|run| {
            let title = format!("The script {} did not end well", run.name);
            finding(
                Software,
                Severity::Info,
                title,
                format!("It is said: {}.", run.note),
            )
        })
        .collect()
}
