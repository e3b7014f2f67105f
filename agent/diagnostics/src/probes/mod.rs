//! What the operating system is asked. Each probe is one pure question; [`crate::run`] decides
//! how long it may take and what becomes of a bad answer.
//!
//! Only what is on this list leaves the machine: no command lines, no environments, no open
//! files, no window titles. Every text is the system's or a program's own and may be hostile:
//! each passes [`line`] on the way in.

mod disks;
mod network;
mod processes;
mod processor;
mod protection;
mod restart;
mod system;

use crate::{part::Part, run::Probe};
use helpbell_model::{report::Area, text::one_line};
use std::{sync::atomic::AtomicIsize, time::Duration};

/// Characters of a name in the report; longer ones are cut. Real names of devices, programs
/// and interfaces stay below it.
const NAME_CHARS: usize = 120;

/// Processor use is the difference of two samples. The system's counters tick every 10 ms at
/// worst and sysinfo wants 200 ms; half a second makes a single tick 2 %.
const SAMPLE: Duration = Duration::from_millis(500);

/// A foreign text as it may stand in the report: one line, visible characters only, bounded.
fn line(text: &str) -> String {
    one_line(text, NAME_CHARS)
}

/// The same, or nothing if there is nothing to show.
fn some_line(text: &str) -> Option<String> {
    Some(line(text)).filter(|text| !text.is_empty())
}

/// Declares a probe with its own counter of hanging runs.
macro_rules! probe {
    ($name:literal, $subject:literal, $area:ident, $millis:literal, $ask:expr) => {{
        static HANGING: AtomicIsize = AtomicIsize::new(0);
        Probe {
            name: $name,
            subject: $subject,
            area: Area::$area,
            limit: Duration::from_millis($millis),
            hanging: &HANGING,
            ask: Box::new($ask),
        }
    }};
}

// The deadlines are several times what a slow but healthy machine takes.

/// Every probe of an examination.
pub(crate) fn all() -> Vec<Probe> {
    vec![
        os(),
        product(),
        // Windows takes up to 300 ms to list cold processors, before the sample begins.
        probe!("processor", "the processor", Hardware, 3000, || processor::ask()
            .map(Part::Cpu)),
        probe!("memory", "the memory", Hardware, 1000, || system::memory()
            .map(Part::Memory)),
        probe!("disks", "the disks", Hardware, 2000, || disks::ask()
            .map(Part::Disks)),
        network(),
        probe!("uptime", "the time since the last restart", Software, 500, || {
            system::uptime().map(Part::Uptime)
        }),
        probe!("restart", "pending restarts", Software, 500, || restart::ask()
            .map(Part::Restart)),
        probe!("protection", "the protection", Security, 1000, || {
            protection::ask().map(Part::Protection)
        }),
        probe!("processes", "the processes", Software, 3000, || processes::ask()
            .map(Part::Processes)),
    ]
}

/// The probes that tell which machine this is.
pub(crate) fn identity() -> Vec<Probe> {
    vec![os(), product(), network()]
}

fn os() -> Probe {
    probe!("system", "the operating system", Software, 1000, || system::os()
        .map(Part::Os))
}

fn product() -> Probe {
    probe!("product", "maker and model", Hardware, 1000, || system::product()
        .map(Part::Product))
}

fn network() -> Probe {
    probe!("network", "the network", Network, 2000, || network::ask()
        .map(Part::Network))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_probe_has_a_name_of_its_own() {
        let names: Vec<&str> = all().iter().map(|probe| probe.name).collect();
        assert_eq!(
            names.iter().collect::<HashSet<_>>().len(),
            names.len(),
            "{names:?}"
        );
    }

    #[test]
    fn identity_shares_its_counters_with_the_full_examination() {
        let all = all();
        for probe in identity() {
            let same = all.iter().find(|other| other.name == probe.name).unwrap();
            assert!(std::ptr::eq(same.hanging, probe.hanging), "{}", probe.name);
        }
    }

    #[test]
    fn a_hostile_name_becomes_one_bounded_visible_line() {
        let name = line(&format!("a\u{202e}b\u{1b}[2Jc\n{}", "x".repeat(500)));
        assert!(name.starts_with("ab[2Jc x") && name.ends_with('…'), "{name}");
        assert_eq!(name.chars().count(), NAME_CHARS);
    }
}
