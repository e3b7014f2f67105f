//! What a technician should know before reading any table, in plain words and with the number.
//!
//! Pure functions over [`Machine`]: the same machine always gives the same findings. A part no
//! probe brought gives none; the gap itself is reported by [`crate::run`].

mod hardware;
mod network;
mod peripherals;
mod scripts;
mod security;
mod software;
mod upkeep;

use helpbell_model::report::{Area, Finding, Machine, Severity};
use jiff::Timestamp;
use std::cmp::Reverse;

/// Everything worth saying about `machine` at the moment `now`, the most severe first, then in
/// the order of the tiles.
pub(crate) fn about(machine: &Machine, now: Timestamp) -> Vec<Finding> {
    let mut findings = network::findings(machine);
    findings.extend(software::findings(machine));
    findings.extend(upkeep::findings(machine, now));
    findings.extend(scripts::findings(machine));
    findings.extend(hardware::findings(machine));
    findings.extend(peripherals::findings(machine));
    findings.extend(security::findings(machine, now));
    sort(&mut findings);
    findings
}

/// The most severe first, then in the order of the tiles; otherwise as they were.
pub(crate) fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| (Reverse(finding.severity), finding.area));
}

fn finding(area: Area, severity: Severity, title: String, detail: impl Into<String>) -> Finding {
    Finding {
        area,
        severity,
        title,
        detail: detail.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::report::{
        Account, Battery, Devices, Disk, DiskHealth, Events, Memory, Network, Printer, Protection, Restart,
        Services, Updates,
    };

    #[test]
    fn a_machine_nobody_could_examine_has_no_findings() {
        assert_eq!(about(&Machine::default(), Timestamp::UNIX_EPOCH), Vec::new());
    }

    #[test]
    fn a_healthy_machine_has_no_findings() {
        let machine = Machine {
            disk_health: Some(vec![DiskHealth {
                healthy: Some(true),
                wear_percent: Some(12),
                reallocated: Some(0),
                media_errors: Some(0),
                celsius: Some(41),
                ..DiskHealth::default()
            }]),
            batteries: Some(vec![Battery {
                health_percent: Some(91.0),
                charge_percent: 80.0,
                state: "full".into(),
                ..Battery::default()
            }]),
            printers: Some(vec![Printer {
                default: true,
                ready: Some(true),
                state: "ready".into(),
                ..Printer::default()
            }]),
            devices: Some(Devices::default()),
            restart: Some(Restart::default()),
            updates: Some(Updates {
                installed_at: Some(Timestamp::UNIX_EPOCH),
                waiting: Some(3),
                waiting_security: Some(0),
                managed_by: Some("unattended-upgrades".into()),
                ..Updates::default()
            }),
            events: Some(Events::default()),
            services: Some(Services::default()),
            protection: Some(Protection {
                secure_boot: Some(true),
                system_disk_encrypted: Some(true),
                firewall: Some(true),
                remote_desktop: Some(false),
                ..Protection::default()
            }),
            account: Some(Account {
                administrator: Some(true),
                ..Account::default()
            }),
            ..Machine::default()
        };
        assert_eq!(about(&machine, Timestamp::UNIX_EPOCH), Vec::new());
    }

    #[test]
    fn the_most_severe_comes_first() {
        let machine = Machine {
            disks: Some(vec![Disk {
                mount: "/".into(),
                total: 1 << 38,
                available: 1 << 28,
                ..Disk::default()
            }]),
            memory: Some(Memory {
                total: 100,
                available: 8,
                swap_total: 0,
                swap_used: 0,
            }),
            restart: Some(Restart {
                pending: true,
                packages: Vec::new(),
                ..Default::default()
            }),
            network: Some(Network::default()),
            ..Machine::default()
        };
        let findings = about(&machine, Timestamp::UNIX_EPOCH);
        let order: Vec<(Severity, Area)> = findings
            .iter()
            .map(|finding| (finding.severity, finding.area))
            .collect();
        assert_eq!(
            order,
            [
                (Severity::Problem, Area::Network),
                (Severity::Problem, Area::Hardware),
                (Severity::Warning, Area::Software),
                (Severity::Warning, Area::Hardware),
            ]
        );
    }
}
