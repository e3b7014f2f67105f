//! The services of systemd.

use super::{ProbeError, Services};
use crate::probes::{line, linux::programs::Programs};
use helpbell_model::report::Service;
use std::{path::Path, time::Duration};

/// Shorter than the probe's own limit.
const LIMIT: Duration = Duration::from_millis(1700);

/// Failed services told; with more the machine has another trouble.
const MOST_STOPPED: usize = 20;

/// Exists where systemd is at work (sd_booted(3)).
const AT_WORK: &str = "run/systemd/system";

const LIST: [&str; 6] = [
    "list-units",
    "--type=service",
    "--all",
    "--plain",
    "--no-legend",
    "--no-pager",
];

/// What other things hang on: printing, the network, names, the clock, sign-ins, the firewall, updates.
const KEY: [&str; 20] = [
    "NetworkManager.service",
    "apt-daily-upgrade.service",
    "chrony.service",
    "chronyd.service",
    "cups.service",
    "dbus.service",
    "dbus-broker.service",
    "dnf-automatic.service",
    "firewalld.service",
    "gdm.service",
    "lightdm.service",
    "nftables.service",
    "sddm.service",
    "sssd.service",
    "systemd-networkd.service",
    "systemd-resolved.service",
    "systemd-timesyncd.service",
    "ufw.service",
    "unattended-upgrades.service",
    "wpa_supplicant.service",
];

pub(super) fn ask(root: &Path) -> Result<Services, ProbeError> {
    if !root.join(AT_WORK).exists() {
        return Err(ProbeError::unsupported("systemd is not at work here"));
    }
    let programs = Programs::below(root, LIMIT);
    let told = programs.ask("systemctl", &LIST)?.if_it_went_well("systemctl")?;
    let mut services = read(&told);
    if !services.stopped.is_empty() {
        let mut question = vec!["show", "--no-pager", "--property=Id,ExecMainStatus", "--"];
        question.extend(services.stopped.iter().map(|service| service.name.as_str()));
        // Without it the codes are missing, and nothing else.
        let codes = programs
            .ask("systemctl", &question)
            .map(|printed| printed.text)
            .unwrap_or_default();
        for (name, code) in exit_codes(&codes) {
            if let Some(service) = services.stopped.iter_mut().find(|service| service.name == name) {
                service.exit_code = Some(code);
            }
        }
    }
    Ok(services)
}

/// `cups.service loaded active running CUPS Scheduler`, row by row.
fn read(told: &str) -> Services {
    let mut services = Services::default();
    for row in told.lines() {
        let mut fields = row.split_whitespace();
        let (Some(name), Some("loaded"), Some(active), Some(sub)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let state = match (active, sub) {
            (_, "running") => "running",
            ("failed", _) => "failed",
            ("active", _) => "done",
            ("activating" | "reloading", _) => "starting",
            _ => "stopped",
        };
        let service = Service {
            name: line(name),
            title: line(&fields.collect::<Vec<_>>().join(" ")),
            state: state.to_owned(),
            exit_code: None,
        };
        services.total += 1;
        services.running += u32::from(state == "running");
        if KEY.contains(&name) {
            services.key.push(service.clone());
        }
        if state == "failed" && services.stopped.len() < MOST_STOPPED {
            services.stopped.push(service);
        }
    }
    services
}

/// What `systemctl show` printed: `Id=…` and `ExecMainStatus=…`, then an empty row, for every service.
fn exit_codes(told: &str) -> impl Iterator<Item = (&str, i64)> {
    told.split("\n\n").filter_map(|service| {
        let value = |name: &str| {
            let mut rows = service.lines();
            rows.find_map(|row| row.strip_prefix(name)?.strip_prefix('='))
        };
        Some((value("Id")?, value("ExecMainStatus")?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;

    /// As systemd 252 prints it.
    const LISTED: &str = "\
        apparmor.service                   loaded    active   exited  Load AppArmor profiles\n\
        auditd.service                     not-found inactive dead    auditd.service\n\
        cups.service                       loaded    active   running CUPS Scheduler\n\
        fwupd-refresh.service              loaded    failed   failed  Refresh fwupd metadata and update motd\n\
        NetworkManager.service             loaded    active   running Network Manager\n\
        rescue.service                     loaded    inactive dead    Rescue Shell\n\
        systemd-timesyncd.service          loaded    failed   failed  Network Time <b>Sync</b>\u{202e}\n\
        user@1000.service                  loaded    active   running User Manager for UID 1000\n";

    const SHOWN: &str =
        "Id=fwupd-refresh.service\nExecMainStatus=1\n\nId=systemd-timesyncd.service\nExecMainStatus=-11\n";

    fn machine() -> MadeUp {
        MadeUp::machine()
            .folder("run/systemd/system")
            .file("listed", LISTED)
            .file("shown", SHOWN)
            .program(
                "systemctl",
                "here=\"${0%/usr/bin/systemctl}\"; case $1 in show) cat $here/shown;; *) cat $here/listed;; esac",
            )
    }

    #[test]
    fn services_that_failed_are_told_with_what_they_ended_with() {
        let services = ask(machine().root()).unwrap();
        assert_eq!((services.total, services.running), (7, 3));
        let stopped: Vec<(&str, &str, Option<i64>)> = services
            .stopped
            .iter()
            .map(|service| (service.name.as_str(), service.title.as_str(), service.exit_code))
            .collect();
        assert_eq!(
            stopped,
            [
                (
                    "fwupd-refresh.service",
                    "Refresh fwupd metadata and update motd",
                    Some(1)
                ),
                ("systemd-timesyncd.service", "Network Time <b>Sync</b>", Some(-11)),
            ]
        );
        let key: Vec<(&str, &str)> = services
            .key
            .iter()
            .map(|service| (service.name.as_str(), service.state.as_str()))
            .collect();
        assert_eq!(
            key,
            [
                ("cups.service", "running"),
                ("NetworkManager.service", "running"),
                ("systemd-timesyncd.service", "failed")
            ]
        );
    }

    #[test]
    fn without_systemd_there_is_nothing_to_tell() {
        assert_eq!(
            ask(MadeUp::machine().root()),
            Err(ProbeError::Unsupported("systemd is not at work here".into()))
        );
    }

    #[test]
    fn a_systemd_that_does_not_answer_fails() {
        let machine = machine().program("systemctl", "exit 1");
        assert_eq!(
            ask(machine.root()),
            Err(ProbeError::Failed("systemctl ended with code 1".into()))
        );
    }

    proptest! {
        #[test]
        fn any_answer_is_survived(told in "([a-z]{0,9} (loaded )?(failed )?[ -~\\u{202e}]{0,40}\n){0,40}") {
            let services = read(&told);
            prop_assert!(services.stopped.len() <= MOST_STOPPED && services.running <= services.total);
            prop_assert!(exit_codes(&told).count() <= 1);
        }
    }
}
