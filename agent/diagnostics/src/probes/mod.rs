//! What the operating system is asked. Each probe is one pure question; [`crate::run`] decides
//! how long it may take and what becomes of a bad answer.
//!
//! Only what is on this list leaves the machine: no command lines, no environments, no open
//! files, no window titles. Every text is the system's or a program's own and may be hostile:
//! each passes [`line`] on the way in.

mod account;
mod apps;
mod batteries;
mod devices;
mod dial;
mod disk_health;
mod disks;
mod events;
mod gpus;
mod internet;
#[cfg(target_os = "linux")]
mod linux;
mod name_service;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod namespaces;
mod network;
mod printers;
mod processes;
mod processor;
mod product;
mod programs;
mod protection;
mod reachability;
mod restart;
mod services;
mod shares;
mod system;
mod updates;
mod wifi;

use crate::{
    capture::session,
    part::Part,
    run::{Lane, Probe},
    scope::Scope,
    scripts,
};
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

/// The answer of a probe that has no source on this system. Linux and Windows answer all.
#[cfg(not(any(target_os = "linux", windows)))]
fn not_read_here() -> crate::part::ProbeError {
    crate::part::ProbeError::unsupported("not read on this system yet")
}

/// Declares a probe with its own counter of hanging runs: name, subject, area, lane, usual and longest time in
/// milliseconds, question.
macro_rules! probe {
    ($name:literal, $subject:literal, $area:ident, $lane:ident, $soft:literal / $hard:literal, $ask:expr) => {{
        static HANGING: AtomicIsize = AtomicIsize::new(0);
        Probe {
            name: $name,
            subject: $subject,
            area: Area::$area,
            lane: Lane::$lane,
            soft: Duration::from_millis($soft),
            hard: Duration::from_millis($hard),
            hanging: &HANGING,
            ask: Box::new($ask),
        }
    }};
}

// The usual times are what a slow but healthy machine takes, the longest ones what a person may be asked to wait for.

/// Every probe of an examination, in the order of the probe log.
pub(crate) fn all(scope: &Scope) -> Vec<Probe> {
    let mut probes = vec![session(), os(), product()];
    probes.extend(hardware());
    probes.push(network());
    probes.push(wifi());
    probes.extend(software());
    probes.extend(security());
    if scope.network {
        probes.extend(beyond());
    }
    if !scope.scripts.is_empty() {
        probes.push(scripts());
    }
    probes
}

fn scripts() -> Probe {
    probe!(
        "scripts",
        "the provider's scripts",
        Software,
        Child,
        3000 / 10_000,
        |scope| scripts::ask(scope).map(Part::Scripts)
    )
}

#[rustfmt::skip::macros(probe)]
fn hardware() -> Vec<Probe> {
    vec![
        // Windows takes up to 300 ms to list cold processors, before the sample begins.
        probe!("processor", "the processor", Hardware, Work, 1200 / 3000, |_| processor::ask().map(Part::Cpu)),
        probe!("memory", "the memory", Hardware, Quick, 30 / 500, |_| system::memory().map(Part::Memory)),
        probe!("graphics", "the graphics processors", Hardware, Work, 300 / 1500, |_| gpus::ask().map(Part::Gpus)),
        probe!("disks", "the disks", Hardware, Child, 300 / 2000, |_| disks::ask().map(Part::Disks)),
        probe!("disk-health", "the health of the disks", Hardware, Child, 1500 / 5000, |_| {
            disk_health::ask().map(Part::DiskHealth)
        }),
        probe!("batteries", "the batteries", Hardware, Work, 50 / 500, |_| batteries::ask().map(Part::Batteries)),
        probe!("printers", "the printers", Hardware, Child, 800 / 3000, |_| printers::ask().map(Part::Printers)),
        probe!("devices", "the devices", Hardware, Work, 300 / 2000, |_| devices::ask().map(Part::Devices)),
    ]
}

#[rustfmt::skip::macros(probe)]
fn software() -> Vec<Probe> {
    vec![
        probe!("uptime", "the time since the last restart", Software, Quick, 20 / 300, |_| {
            system::uptime().map(Part::Uptime)
        }),
        probe!("restart", "pending restarts", Software, Quick, 20 / 300, |_| restart::ask().map(Part::Restart)),
        probe!("processes", "the processes", Software, Work, 1200 / 3000, |_| {
            processes::ask().map(Part::Processes)
        }),
        probe!("events", "the errors of the last day", Software, Child, 1500 / 4000, |_| {
            events::ask().map(Part::Events)
        }),
        probe!("services", "the services", Software, Child, 300 / 2000, |_| services::ask().map(Part::Services)),
        probe!("programs", "the installed programs", Software, Work, 200 / 2000, |scope| {
            programs::ask(scope).map(Part::Programs)
        }),
        probe!("apps", "the programs people work with", Software, Work, 200 / 1500, |_| apps::ask().map(Part::Apps)),
        probe!("updates", "the updates", Software, Child, 2000 / 8000, |_| updates::ask().map(Part::Updates)),
    ]
}

#[rustfmt::skip::macros(probe)]
fn security() -> Vec<Probe> {
    vec![
        probe!("account", "the account", Security, Work, 300 / 2000, |_| account::ask().map(Part::Account)),
        probe!("protection", "the protection", Security, Child, 1500 / 5000, |_| {
            protection::ask().map(Part::Protection)
        }),
    ]
}

/// What asks other machines.
#[rustfmt::skip::macros(probe)]
fn beyond() -> Vec<Probe> {
    vec![
        probe!("reachability", "gateway and internet", Network, Network, 1500 / 3000, |scope| {
            reachability::ask(scope).map(Part::Reachability)
        }),
        probe!("names", "the name servers", Network, Network, 500 / 2500, |scope| {
            name_service::ask(scope).map(Part::NameService)
        }),
        probe!("internet", "the way to the internet", Network, Network, 1500 / 4000, |scope| {
            internet::ask(scope).map(Part::Internet)
        }),
        probe!("shares", "drives and printers of other machines", Network, Network, 1000 / 3000, |_| {
            shares::ask().map(Part::Shares)
        }),
    ]
}

/// The probes that tell which machine this is.
pub(crate) fn identity() -> Vec<Probe> {
    vec![os(), product(), network()]
}

/// Where the person sits. Its program in front is whatever is there when it is asked; pictures of the screens bring the
/// one of the press.
fn session() -> Probe {
    probe!("session", "the session", Software, Work, 50 / 1000, |_| {
        session::ask().map(Part::Session)
    })
}

fn os() -> Probe {
    probe!(
        "system",
        "the operating system",
        Software,
        Quick,
        50 / 500,
        |_| { system::os().map(Part::Os) }
    )
}

fn product() -> Probe {
    probe!("product", "maker and model", Hardware, Quick, 50 / 500, |_| {
        product::ask().map(Part::Product)
    })
}

fn network() -> Probe {
    probe!("network", "the network", Network, Work, 300 / 1000, |_| {
        network::ask().map(Part::Network)
    })
}

fn wifi() -> Probe {
    probe!("wifi", "the wireless links", Network, Work, 300 / 1500, |scope| {
        wifi::ask(scope).map(Part::Wifi)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_probe_has_a_name_of_its_own() {
        let names: Vec<&str> = all(&Scope::default()).iter().map(|probe| probe.name).collect();
        assert_eq!(
            names.iter().collect::<HashSet<_>>().len(),
            names.len(),
            "{names:?}"
        );
    }

    #[test]
    fn every_probe_of_this_machine_answers_or_says_in_words_why_not() {
        /// A part is a few tables; a report of all of them has to fit into a ticket.
        const MOST_BYTES: usize = 64 * 1024;
        let scope = Scope {
            network: false,
            ..Scope::default()
        };
        for probe in all(&scope) {
            match (probe.ask)(&scope) {
                Ok(part) => {
                    let json = serde_json::to_vec(&part).unwrap();
                    assert!(
                        json.len() < MOST_BYTES,
                        "{} is {} bytes long",
                        probe.name,
                        json.len()
                    );
                }
                Err(error) => assert!(!error.words().trim().is_empty(), "{}: {error:?}", probe.name),
            }
        }
    }

    #[test]
    fn the_guide_names_every_probe_with_its_limits() {
        let guide = include_str!("../../../../docs/diagnosis.md");
        let scope = Scope {
            scripts: vec!["vpn".into()],
            ..Scope::default()
        };
        let words = |limit: Duration| match limit.as_millis() {
            millis @ ..1000 => format!("{millis} ms"),
            _ => format!("{} s", limit.as_secs_f64()),
        };
        for probe in all(&scope) {
            let start = format!("| `{}` |", probe.name);
            let row = guide.lines().find(|line| line.starts_with(&start));
            let limits = format!("| {} / {} |", words(probe.soft), words(probe.hard));
            assert!(
                row.is_some_and(|row| row.contains(&limits)),
                "{} {limits}",
                probe.name
            );
        }
    }

    #[test]
    fn identity_shares_its_counters_with_the_full_examination() {
        let all = all(&Scope::default());
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
