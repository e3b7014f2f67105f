//! The four verdicts: colour, word and shape, and the one line under each.

use super::{sections, table::CELL_CHARS, view::TITLE_CHARS};
use crate::units::{duration, percent};
use helpbell_model::{
    report::{Area, Finding, Machine, Report, Severity},
    text::one_line,
};

/// One verdict of the page, ordered by nothing: colour, word and shape always go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// Class in the style sheet.
    pub(super) class: &'static str,
    /// What it says to those who do not see the colour.
    pub(super) word: &'static str,
    /// Path of its shape in a field of 20 by 20.
    pub(super) icon: &'static str,
}

pub(super) const FINE: Mark = Mark {
    class: "fine",
    word: "Looks fine",
    icon: "M5 10.5l3.4 3.4L15 7.2",
};
pub(super) const NOTE: Mark = Mark {
    class: "note",
    word: "Note",
    icon: "M10 9.2v5M10 6v.1",
};
pub(super) const WARNING: Mark = Mark {
    class: "warning",
    word: "Warning",
    icon: "M10 5.6v5.2M10 14v.1",
};
pub(super) const PROBLEM: Mark = Mark {
    class: "problem",
    word: "Problem",
    icon: "M6.4 6.4l7.2 7.2M13.6 6.4l-7.2 7.2",
};
pub(super) const UNKNOWN: Mark = Mark {
    class: "unknown",
    word: "Not examined",
    icon: "M5.5 10h9",
};

/// The mark of a finding.
pub(super) fn mark(severity: Severity) -> Mark {
    match severity {
        Severity::Info => NOTE,
        Severity::Warning => WARNING,
        Severity::Problem => PROBLEM,
    }
}

/// One of the four verdicts.
pub(super) struct Tile {
    pub(super) area: Area,
    pub(super) mark: Mark,
    /// The worst finding, or what was looked at.
    pub(super) line: String,
    /// `and 2 more`; empty if the line says it all.
    pub(super) more: String,
    /// The area's group of details.
    pub(super) anchor: &'static str,
    /// There is such a group.
    pub(super) has_details: bool,
}

/// The verdict on an area; `findings` has the most severe first.
pub(super) fn tile(report: &Report, area: Area, findings: &[&Finding]) -> Tile {
    let mut own = findings.iter().filter(|finding| finding.area == area);
    let (mark, line, further) = match own.next() {
        Some(worst) => (
            mark(worst.severity),
            one_line(&worst.title, TITLE_CHARS),
            own.count(),
        ),
        None => match checked(&report.machine, area) {
            Some(line) => (FINE, line, 0),
            None => (UNKNOWN, "The probe log says why.".to_owned(), 0),
        },
    };
    Tile {
        area,
        mark,
        line,
        more: if further == 0 {
            String::new()
        } else {
            format!("and {further} more")
        },
        anchor: sections::anchor(area),
        has_details: false,
    }
}

/// What was looked at in an area where nothing was found; `None` if nothing could be.
fn checked(machine: &Machine, area: Area) -> Option<String> {
    let line = match area {
        Area::Network => {
            let network = machine.network.as_ref()?;
            let first = network.interfaces.first()?;
            let address = first
                .addresses
                .first()
                .and_then(|address| address.split('/').next())
                .unwrap_or_default();
            one_line(&format!("Online through {} {address}", first.name), CELL_CHARS)
        }
        Area::Software => {
            let up = machine
                .uptime
                .map(|uptime| format!("up {}", duration(uptime.seconds)));
            let running = machine
                .processes
                .as_ref()
                .map(|top| format!("{} programs running", top.running));
            joined([up, running])?
        }
        Area::Hardware => {
            let cpu = machine
                .cpu
                .as_ref()
                .map(|cpu| format!("processor {:.0} %", cpu.load_percent));
            let memory = machine.memory.map(|memory| {
                format!(
                    "memory {:.0} %",
                    percent(memory.total.saturating_sub(memory.available), memory.total)
                )
            });
            let disks = machine
                .disks
                .as_ref()
                .filter(|disks| !disks.is_empty())
                .map(|_| "disks have room".to_owned());
            joined([cpu, memory, disks])?
        }
        Area::Security => security(machine)?,
    };
    Some(sentence(&line))
}

/// What was looked at and what could not be: "fine" alone would claim too much.
fn security(machine: &Machine) -> Option<String> {
    let protection = machine.protection.as_ref();
    let known = [
        ("system support", machine.os.is_some()),
        (
            "antivirus",
            protection.is_some_and(|known| known.antivirus.is_some()),
        ),
        (
            "firewall",
            protection.is_some_and(|known| known.firewall.is_some()),
        ),
        (
            "disk encryption",
            protection.is_some_and(|known| known.system_disk_encrypted.is_some()),
        ),
        (
            "Secure Boot",
            protection.is_some_and(|known| known.secure_boot.is_some()),
        ),
    ];
    let words = |wanted: bool| {
        let words = known
            .iter()
            .filter(|(_, is)| *is == wanted)
            .map(|(word, _)| *word);
        words.collect::<Vec<_>>().join(", ")
    };
    let (checked, not) = (words(true), words(false));
    match (checked.is_empty(), not.is_empty()) {
        (true, _) => None,
        (false, true) => Some(format!("Checked: {checked}.")),
        (false, false) => Some(format!("Checked: {checked}. Not: {not}.")),
    }
}

fn joined<const N: usize>(parts: [Option<String>; N]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// With a capital letter.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::report::Protection;
    use jiff::Timestamp;

    #[test]
    fn an_area_nobody_could_look_at_is_not_called_fine() {
        let report = Report::new(Timestamp::UNIX_EPOCH);
        for area in Area::ALL {
            assert_eq!(tile(&report, area, &[]).mark, UNKNOWN, "{area}");
        }
    }

    #[test]
    fn the_security_tile_says_what_nobody_looked_at() {
        let protection = Protection {
            secure_boot: Some(true),
            system_disk_encrypted: None,
            ..Default::default()
        };
        let machine = Machine {
            protection: Some(protection),
            ..Machine::default()
        };
        let line = checked(&machine, Area::Security).unwrap();
        assert_eq!(
            line,
            "Checked: Secure Boot. Not: system support, antivirus, firewall, disk encryption."
        );
    }
}
