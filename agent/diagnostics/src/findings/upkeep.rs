//! Updates, services, crashes and errors: how well the system is kept.

use super::finding;
use crate::units::{bytes, counted};
use helpbell_model::report::{
    Area::{Hardware, Software},
    Crash, Events, Finding, Machine, Process, Service, Services, Severity, Updates,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Days without an update after which it is known that holes stay open: makers publish every month.
const UPDATES_OLD_DAYS: i64 = 45;
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;
/// Crashes of one program within a day that are no accident.
const CRASHES: usize = 2;
/// Alike errors within a day that are a flood.
const FLOOD: u32 = 100;
/// Bytes a second, read and written by one process, that a disk without moving parts feels.
const DISK_BUSY: u64 = 50 << 20;
/// Names in one sentence, and findings of one kind.
const NAMED: usize = 5;
const TOLD: usize = 3;

/// What printing hangs on, on Windows and on Linux. CUPS may stand still for as long as nobody prints.
const SPOOLERS: [(&str, &[&str]); 2] = [("Spooler", &["stopped", "failed"]), ("cups.service", &["failed"])];

/// How the kernel says that a disk did not read or write.
const DISK_ERROR: &str = "I/O error, dev ";

pub(super) fn findings(machine: &Machine, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(updates) = &machine.updates {
        found.extend(old_updates(updates, now));
        found.extend(waiting_updates(updates));
        found.extend(failed_updates(updates));
    }
    if let Some(services) = &machine.services {
        found.extend(spooler(services));
        found.extend(stopped(services));
    }
    if let Some(events) = &machine.events {
        found.extend(crashes(&events.crashes));
        found.extend(errors(events));
    }
    let by_disk = machine.processes.iter().flat_map(|processes| &processes.by_disk);
    found.extend(by_disk.take(1).filter_map(disk_busy));
    found
}

fn warning(title: String, detail: impl Into<String>) -> Finding {
    finding(Software, Severity::Warning, title, detail)
}

fn old_updates(updates: &Updates, now: Timestamp) -> Option<Finding> {
    let days = now.duration_since(updates.installed_at?).as_secs() / SECONDS_PER_DAY;
    (days > UPDATES_OLD_DAYS).then(|| {
        let managed = updates
            .managed_by
            .as_ref()
            .map(|by| format!(" They should come by {by}."))
            .unwrap_or_default();
        warning(
            format!("No updates were installed for {days} days"),
            format!("Holes that became known since then are open.{managed}"),
        )
    })
}

fn waiting_updates(updates: &Updates) -> Option<Finding> {
    let security = updates.waiting_security.filter(|count| *count > 0)?;
    let title = format!(
        "{} {} to be installed",
        counted(security.into(), "security update"),
        if security == 1 { "waits" } else { "wait" }
    );
    // What comes by itself is on its way.
    let (severity, detail) = match &updates.managed_by {
        Some(by) => (Severity::Info, format!("They come by themselves ({by}).")),
        None => (Severity::Warning, "Nothing installs them by itself.".to_owned()),
    };
    Some(finding(Software, severity, title, detail))
}

fn failed_updates(updates: &Updates) -> Option<Finding> {
    let mut failures: Vec<&str> = updates
        .failures
        .iter()
        .map(|failure| failure.name.as_str())
        .collect();
    failures.dedup();
    let first = updates.failures.first()?;
    let code = first
        .code
        .as_ref()
        .map(|code| format!(" ({code})"))
        .unwrap_or_default();
    Some(warning(
        format!("{} failed", counted(failures.len() as u64, "update")),
        format!("{}{code}.", listed(&failures)),
    ))
}

/// `a, b and 7 more`.
fn listed(names: &[&str]) -> String {
    let told: Vec<&str> = names.iter().take(NAMED).copied().collect();
    match names.len() - told.len() {
        0 => told.join(", "),
        more => format!("{} and {more} more", told.join(", ")),
    }
}

fn is_stopped_spooler(service: &Service) -> bool {
    SPOOLERS
        .iter()
        .any(|(name, states)| *name == service.name && states.contains(&service.state.as_str()))
}

fn spooler(services: &Services) -> Option<Finding> {
    let service = services.key.iter().find(|service| is_stopped_spooler(service))?;
    Some(warning(
        format!("The print service does not run ({})", service.name),
        "Nothing can be printed until it is started.",
    ))
}

fn stopped(services: &Services) -> Option<Finding> {
    let stopped: Vec<&Service> = services
        .stopped
        .iter()
        .filter(|service| !is_stopped_spooler(service))
        .collect();
    let failed = stopped.iter().all(|service| service.state == "failed");
    let names: Vec<&str> = stopped
        .iter()
        .map(|service| {
            if service.title.is_empty() {
                &service.name
            } else {
                &service.title
            }
        })
        .map(String::as_str)
        .collect();
    (!names.is_empty()).then(|| {
        let count = counted(names.len() as u64, "service");
        let title = match (failed, names.len()) {
            (true, _) => format!("{count} failed"),
            (false, 1) => format!("{count} should run and does not"),
            (false, _) => format!("{count} should run and do not"),
        };
        warning(title, format!("{}.", listed(&names)))
    })
}

/// Programs that crashed again and again, then those that did once; the system before all.
fn crashes(crashes: &[Crash]) -> Vec<Finding> {
    let mut by_program: BTreeMap<&str, Vec<&Crash>> = BTreeMap::new();
    for crash in crashes {
        by_program.entry(&crash.what).or_default().push(crash);
    }
    let mut found: Vec<(usize, Finding)> = by_program
        .into_iter()
        .filter_map(|(what, crashes)| {
            let last = crashes.first()?;
            let times = crashes.len();
            let system = what == "the system";
            let severity = if system {
                Severity::Problem
            } else if times >= CRASHES {
                Severity::Warning
            } else {
                Severity::Info
            };
            let name = if system { "The system" } else { what };
            let often = if times == 1 {
                "once".to_owned()
            } else {
                format!("{times} times")
            };
            let detail = if last.detail.is_empty() {
                String::new()
            } else {
                format!("The last time: {}.", last.detail)
            };
            Some((
                times,
                finding(
                    Software,
                    severity,
                    format!("{name} crashed {often} within a day"),
                    detail,
                ),
            ))
        })
        .collect();
    found.sort_by(|(a, first), (b, second)| (second.severity, b).cmp(&(first.severity, a)));
    found.into_iter().map(|(_, finding)| finding).take(TOLD).collect()
}

/// Disks that did not read or write, and floods.
fn errors(events: &Events) -> Vec<Finding> {
    let of_disks = |text: &str| {
        let (_, rest) = text.split_once(DISK_ERROR)?;
        let disk = rest.split([',', ' ']).next()?;
        (!disk.is_empty()).then(|| disk.to_owned())
    };
    let mut by_disk: BTreeMap<String, u32> = BTreeMap::new();
    for group in events.groups.iter().filter(|group| group.source == "kernel") {
        if let Some(disk) = of_disks(&group.text) {
            let count = by_disk.entry(disk).or_default();
            *count = count.saturating_add(group.count);
        }
    }
    let disks = by_disk.into_iter().map(|(disk, count)| {
        let title = format!(
            "Disk {disk} failed to read or write {}",
            counted(count.into(), "time")
        );
        let detail = "Within a day. Save what is on it; then look at the disk, its cable and its slot.";
        finding(Hardware, Severity::Warning, title, detail)
    });
    let floods = events
        .groups
        .iter()
        .filter(|group| group.count >= FLOOD && of_disks(&group.text).is_none())
        .map(|group| {
            let title = format!(
                "{} wrote the same error {} times within a day",
                group.source, group.count
            );
            finding(
                Software,
                Severity::Info,
                title,
                format!("The last one: {}", group.text),
            )
        });
    disks.take(TOLD).chain(floods.take(TOLD)).collect()
}

fn disk_busy(process: &Process) -> Option<Finding> {
    (process.disk >= DISK_BUSY).then(|| {
        let title = format!(
            "{} reads and writes {} a second",
            process.name,
            bytes(process.disk)
        );
        let detail = format!("Process {}, measured over half a second.", process.pid);
        finding(Software, Severity::Info, title, detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::report::{EventGroup, TopProcesses, UpdateFailure};
    use jiff::SignedDuration;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn told(machine: &Machine) -> Vec<(Severity, String)> {
        findings(machine, NOW)
            .into_iter()
            .map(|finding| (finding.severity, finding.title))
            .collect()
    }

    fn with_updates(updates: Updates) -> Machine {
        Machine {
            updates: Some(updates),
            ..Machine::default()
        }
    }

    #[test]
    fn updates_are_old_after_more_than_forty_five_days() {
        let since = |days: i64| {
            told(&with_updates(Updates {
                installed_at: Some(NOW - SignedDuration::from_hours(24 * days)),
                ..Updates::default()
            }))
        };
        assert_eq!(since(45), []);
        assert_eq!(
            since(46),
            [(
                Severity::Warning,
                "No updates were installed for 46 days".to_owned()
            )]
        );
        assert_eq!(told(&with_updates(Updates::default())), []);
    }

    #[test]
    fn security_updates_that_wait_matter_more_where_nothing_installs_them() {
        let waiting = |count, managed_by: Option<&str>| {
            told(&with_updates(Updates {
                waiting: Some(40),
                waiting_security: Some(count),
                managed_by: managed_by.map(str::to_owned),
                ..Updates::default()
            }))
        };
        assert_eq!(waiting(0, None), []);
        assert_eq!(
            waiting(1, None),
            [(
                Severity::Warning,
                "1 security update waits to be installed".to_owned()
            )]
        );
        assert_eq!(
            waiting(5, Some("unattended-upgrades")),
            [(
                Severity::Info,
                "5 security updates wait to be installed".to_owned()
            )]
        );
    }

    #[test]
    fn failed_updates_are_named() {
        let failure = |name: &str| UpdateFailure {
            name: name.into(),
            code: Some("0x80070643".into()),
            at: None,
        };
        let names = ["KB1", "KB1", "KB2", "KB3", "KB4", "KB5", "KB6"];
        let machine = with_updates(Updates {
            failures: names.map(failure).to_vec(),
            ..Updates::default()
        });
        let found = findings(&machine, NOW);
        assert_eq!(found[0].title, "6 updates failed");
        assert_eq!(
            found[0].detail,
            "KB1, KB2, KB3, KB4, KB5 and 1 more (0x80070643)."
        );
    }

    fn service(name: &str, state: &str) -> Service {
        Service {
            name: name.into(),
            state: state.into(),
            ..Service::default()
        }
    }

    #[test]
    fn failed_services_are_one_finding_and_the_print_service_is_one_of_its_own() {
        let services = |key: Vec<Service>, stopped: Vec<Service>| {
            told(&Machine {
                services: Some(Services {
                    key,
                    stopped,
                    ..Services::default()
                }),
                ..Machine::default()
            })
        };
        let cups = service("cups.service", "failed");
        assert_eq!(
            services(
                vec![cups.clone()],
                vec![
                    cups,
                    service("a.service", "failed"),
                    service("b.service", "failed")
                ]
            ),
            [
                (
                    Severity::Warning,
                    "The print service does not run (cups.service)".to_owned()
                ),
                (Severity::Warning, "2 services failed".to_owned())
            ]
        );
        assert_eq!(
            services(vec![], vec![service("wuauserv", "stopped")])[0].1,
            "1 service should run and does not"
        );
        // CUPS sleeps until somebody prints; the spooler of Windows does not.
        assert_eq!(services(vec![service("cups.service", "stopped")], vec![]), []);
        assert_eq!(services(vec![service("Spooler", "stopped")], vec![]).len(), 1);
        assert_eq!(services(vec![service("Spooler", "running")], vec![]), []);
    }

    fn with_events(events: Events) -> Machine {
        Machine {
            events: Some(events),
            ..Machine::default()
        }
    }

    #[test]
    fn a_program_that_crashes_twice_a_day_is_a_warning_and_a_crash_of_the_system_a_problem() {
        let crash = |what: &str| Crash {
            what: what.into(),
            at: None,
            detail: "SIGSEGV".into(),
        };
        let machine = with_events(Events {
            crashes: vec![
                crash("gedit"),
                crash("excel"),
                crash("the system"),
                crash("excel"),
            ],
            ..Events::default()
        });
        assert_eq!(
            told(&machine),
            [
                (
                    Severity::Problem,
                    "The system crashed once within a day".to_owned()
                ),
                (Severity::Warning, "excel crashed 2 times within a day".to_owned()),
                (Severity::Info, "gedit crashed once within a day".to_owned()),
            ]
        );
    }

    fn group(source: &str, count: u32, text: &str) -> EventGroup {
        EventGroup {
            source: source.into(),
            count,
            text: text.into(),
            ..EventGroup::default()
        }
    }

    #[test]
    fn errors_of_a_disk_are_told_from_the_first_on_and_others_once_they_are_a_flood() {
        let machine = with_events(Events {
            groups: vec![
                group(
                    "kernel",
                    3,
                    "blk_update_request: I/O error, dev sda, sector 976773104",
                ),
                group("kernel", 1, "Buffer I/O error, dev sda, logical block 8"),
                group("sshd", 99, "error"),
                group("gnome-shell", 100, "error"),
                group("someone", 1, "I/O error, dev sdz"),
            ],
            ..Events::default()
        });
        assert_eq!(
            told(&machine),
            [
                (
                    Severity::Warning,
                    "Disk sda failed to read or write 4 times".to_owned()
                ),
                (
                    Severity::Info,
                    "gnome-shell wrote the same error 100 times within a day".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn a_process_that_keeps_the_disk_busy_is_worth_knowing() {
        let busy = |disk| {
            told(&Machine {
                processes: Some(TopProcesses {
                    by_disk: vec![Process {
                        name: "backup".into(),
                        disk,
                        ..Process::default()
                    }],
                    ..TopProcesses::default()
                }),
                ..Machine::default()
            })
        };
        assert_eq!(busy(DISK_BUSY - 1), []);
        assert_eq!(
            busy(DISK_BUSY),
            [(
                Severity::Info,
                "backup reads and writes 50 MB a second".to_owned()
            )]
        );
    }
}
