//! What the service manager says, held against how each service is meant to start.

#[cfg(windows)]
use crate::{
    part::ProbeError,
    windows::{registry::ThisMachine, services},
};
use crate::{
    probes::{line, some_line},
    windows::{registry::Registry, services::Listed},
};
use helpbell_model::report::{Service, Services};

const SERVICES: &str = r"HKLM\SYSTEM\CurrentControlSet\Services";

/// The services everything hangs on: printing, updates, time, names, addresses, file shares, downloads, Defender.
const KEY: [&str; 8] = [
    "Spooler",
    "wuauserv",
    "W32Time",
    "Dnscache",
    "Dhcp",
    "LanmanWorkstation",
    "BITS",
    "WinDefend",
];

/// Stand still on healthy machines although they start by themselves and no trigger is written down: they look for
/// work at the start and leave.
const LEAVE: [&str; 9] = [
    "clr_optimization",
    "edgeupdate",
    "gpsvc",
    "gupdate",
    "googleupdater",
    "remoteregistry",
    "shellhwdetection",
    "sppsvc",
    "tiledatamodelsvc",
];

/// Services named as standing still. More than that is one cause, and a handful shows it.
const MOST_STOPPED: usize = 20;

/// `SERVICE_AUTO_START`.
const STARTS_BY_ITSELF: u64 = 2;
/// `SERVICE_DISABLED`.
const DISABLED: u64 = 4;
/// `ERROR_SERVICE_NEVER_STARTED`: what a service ends with that has not been started since the boot.
const NEVER_STARTED: u32 = 1077;
/// `ERROR_SERVICE_SPECIFIC_ERROR`: the service has a number of its own.
const OWN_NUMBER: u32 = 1066;

const STOPPED: u32 = 1;
const RUNNING: u32 = 4;

#[cfg(windows)]
pub(super) fn ask() -> Result<Services, ProbeError> {
    Ok(judge(&ThisMachine, &services::list()?))
}

/// How the services stand.
fn judge(registry: &impl Registry, listed: &[Listed]) -> Services {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let running = listed.iter().filter(|service| service.state == RUNNING);
    let mut stopped: Vec<Service> = listed
        .iter()
        .filter(|service| service.state == STOPPED && is_missed(registry, service))
        .map(|service| row(registry, service))
        .collect();
    stopped.sort_by(|a, b| a.title.cmp(&b.title));
    stopped.truncate(MOST_STOPPED);
    let find = |name: &&str| {
        listed
            .iter()
            .find(|service| service.name.eq_ignore_ascii_case(name))
    };
    Services {
        total: count(listed.len()),
        running: count(running.count()),
        stopped,
        key: KEY
            .iter()
            .filter_map(find)
            .map(|service| row(registry, service))
            .collect(),
    }
}

/// It starts with Windows, nobody told it to wait, and it stands still.
fn is_missed(registry: &impl Registry, service: &Listed) -> bool {
    let key = format!(r"{SERVICES}\{}", service.name);
    let lower = service.name.to_lowercase();
    registry.number(&key, "Start") == Some(STARTS_BY_ITSELF)
        && registry.is_on(&key, "DelayedAutostart") != Some(true)
        && !registry.has(&format!(r"{key}\TriggerInfo"))
        // One copy of these stands for each session, under a made-up name.
        && !lower.contains('_')
        && !LEAVE.iter().any(|leaves| lower.starts_with(leaves))
}

fn row(registry: &impl Registry, service: &Listed) -> Service {
    let disabled = registry.number(&format!(r"{SERVICES}\{}", service.name), "Start") == Some(DISABLED);
    let exit_code = match service.exit_code {
        0 | NEVER_STARTED => None,
        OWN_NUMBER => Some(i64::from(service.own_exit_code)),
        code => Some(i64::from(code)),
    };
    Service {
        name: line(&service.name),
        title: some_line(&service.title).unwrap_or_else(|| line(&service.name)),
        state: match service.state {
            STOPPED if disabled => "disabled",
            STOPPED => "stopped",
            2 => "starting",
            3 => "stopping",
            RUNNING => "running",
            5..=7 => "paused",
            _ => "unknown",
        }
        .to_owned(),
        exit_code: exit_code.filter(|_| service.state == STOPPED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::registry::Exported;

    fn listed(name: &str, state: u32, exit_code: u32) -> Listed {
        Listed {
            name: name.into(),
            title: format!("The {name}"),
            state,
            exit_code,
            own_exit_code: 42,
        }
    }

    #[test]
    fn only_what_should_run_and_stands_still_is_missed() {
        let all = [
            listed("Spooler", STOPPED, 1067),
            listed("AcmeSync", STOPPED, OWN_NUMBER),
            listed("edgeupdate", STOPPED, 0),
            listed("MapsBroker", STOPPED, 0),
            listed("W32Time", STOPPED, NEVER_STARTED),
            listed("RemoteRegistry", STOPPED, NEVER_STARTED),
            listed("Dnscache", RUNNING, 0),
            listed("CDPUserSvc_4f3a1", STOPPED, 0),
        ];
        let services = judge(&Exported::laptop(), &all);
        let missed: Vec<(&str, Option<i64>)> = services
            .stopped
            .iter()
            .map(|service| (service.name.as_str(), service.exit_code))
            .collect();
        assert_eq!(missed, [("AcmeSync", Some(42)), ("Spooler", Some(1067))]);
        assert_eq!((services.total, services.running), (8, 1));
    }

    #[test]
    fn key_services_are_told_however_they_stand() {
        let all = [
            listed("dnscache", RUNNING, 0),
            listed("Spooler", STOPPED, 0),
            listed("W32Time", STOPPED, NEVER_STARTED),
        ];
        let services = judge(&Exported::laptop(), &all);
        let key: Vec<(&str, &str)> = services
            .key
            .iter()
            .map(|service| (service.name.as_str(), service.state.as_str()))
            .collect();
        assert_eq!(
            key,
            [
                ("Spooler", "stopped"),
                ("W32Time", "stopped"),
                ("dnscache", "running")
            ]
        );
        assert_eq!(services.key[1].exit_code, None, "never started is no error");
        let disabled = Exported::laptop().and(
            r#"[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Spooler]
"Start"=dword:00000004"#,
        );
        assert_eq!(judge(&disabled, &all).key[0].state, "disabled");
        assert!(judge(&disabled, &all).stopped.is_empty(), "somebody wanted it so");
    }

    #[test]
    fn hostile_names_are_one_bounded_line_and_the_list_ends() {
        let name = format!("Evil\u{202e}\n{}", "x".repeat(500));
        let mut registry = Exported::default();
        let all: Vec<Listed> = (0..100)
            .map(|n| {
                let listed = listed(&format!("svc{n}"), STOPPED, 0);
                registry = std::mem::take(&mut registry).and(&format!(
                    "[HKLM\\SYSTEM\\CurrentControlSet\\Services\\svc{n}]\n\"Start\"=dword:00000002"
                ));
                Listed {
                    title: name.clone(),
                    ..listed
                }
            })
            .collect();
        let services = judge(&registry, &all);
        assert_eq!(services.stopped.len(), MOST_STOPPED);
        assert!(
            services
                .stopped
                .iter()
                .all(|service| service.title.starts_with("Evil x"))
        );
    }
}
