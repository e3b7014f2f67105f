//! The programs people work with, as their installers describe them in the registry.

#[cfg(windows)]
use crate::{part::ProbeError, windows::registry::ThisMachine};
use crate::{
    probes::{line, some_line},
    units::counted,
    windows::registry::Registry,
};
use helpbell_model::report::App;
use std::collections::HashSet;
#[cfg(windows)]
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

const OFFICE: &str = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration";
const APP_PATHS: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths";
const PACKAGES: &str = r"HKCU\Software\Classes\Local Settings\Software\Microsoft\Windows\CurrentVersion\AppModel\Repository\Packages";
const ONEDRIVE: &str = r"HKCU\Software\Microsoft\OneDrive";
const DEFAULT_BROWSER: &str =
    r"HKCU\Software\Microsoft\Windows\Shell\Associations\UrlAssociations\https\UserChoice";

/// Microsoft's update channels of Office by the identity that ends their addresses.
const CHANNELS: [(&str, &str); 7] = [
    ("492350f6-3a01-4f97-b9c0-c7c6ddf67d60", "Current"),
    ("64256afe-f5d9-4f86-8936-8840a6a4f5be", "Current (Preview)"),
    ("55336b82-a18d-4dd6-b5f6-9e5095c314a6", "Monthly Enterprise"),
    ("7ffbc6bf-bc32-4f92-8982-f9dd17fd3114", "Semi-Annual Enterprise"),
    (
        "b8f9b850-328d-4355-9145-c59439a0c4cf",
        "Semi-Annual Enterprise (Preview)",
    ),
    ("5440fd1f-7ecb-4221-8110-145efaa6372f", "Beta"),
    ("f2e724c1-748f-4b47-8fb8-8e0d210e9208", "LTSC 2019"),
];

/// A browser: its name, its process, how its answer to "open this page" begins, where it keeps its version.
struct Browser {
    name: &'static str,
    process: &'static str,
    opens: &'static str,
    versions: &'static [(&'static str, &'static str)],
}

const BROWSERS: [Browser; 3] = [
    Browser {
        name: "Edge",
        process: "msedge.exe",
        opens: "MSEdge",
        versions: &[(
            r"HKLM\SOFTWARE\WOW6432Node\Microsoft\EdgeUpdate\Clients\{56EB18F8-B008-4CBD-B6D2-8C97FE7E9062}",
            "pv",
        )],
    },
    Browser {
        name: "Chrome",
        process: "chrome.exe",
        opens: "Chrome",
        versions: &[
            (
                r"HKLM\SOFTWARE\WOW6432Node\Google\Update\Clients\{8A69D345-D564-463c-AFF1-A69D9E530F96}",
                "pv",
            ),
            (r"HKCU\Software\Google\Chrome\BLBeacon", "version"),
        ],
    },
    Browser {
        name: "Firefox",
        process: "firefox.exe",
        opens: "Firefox",
        versions: &[(r"HKLM\SOFTWARE\Mozilla\Mozilla Firefox", "CurrentVersion")],
    },
];

#[cfg(windows)]
pub(super) fn ask() -> Result<Vec<App>, ProbeError> {
    Ok(judge(&ThisMachine, &running()?))
}

/// What runs in the session of this process: on a terminal server everybody else's programs run too.
#[cfg(windows)]
fn running() -> Result<HashSet<String>, ProbeError> {
    let mut system = System::new()?;
    system.refresh_processes_specifics(
        ProcessesToUpdate::All,
        true,
        ProcessRefreshKind::nothing().without_tasks(),
    );
    let own = system
        .process(Pid::from_u32(std::process::id()))
        .and_then(sysinfo::Process::session_id);
    Ok(system
        .processes()
        .values()
        .filter(|process| own.is_none() || process.session_id() == own)
        .map(|process| process.name().to_string_lossy().to_lowercase())
        .collect())
}

/// Which of them are there. `running` are the processes of the session, in lower case.
fn judge(registry: &impl Registry, running: &HashSet<String>) -> Vec<App> {
    let runs = |process: &str| Some(running.contains(process));
    let mut apps: Vec<App> = office(registry).into_iter().collect();
    apps.extend(outlook(registry, running));
    let packages = registry.keys(PACKAGES);
    apps.extend(package(&packages, "MSTeams_").map(|version| App {
        name: "Teams".to_owned(),
        version: Some(version),
        running: runs("ms-teams.exe"),
        ..App::default()
    }));
    apps.extend(one_drive(registry, running));
    let opens = registry.text(DEFAULT_BROWSER, "ProgId").unwrap_or_default();
    apps.extend(BROWSERS.iter().filter_map(|browser| {
        let mut versions = browser.versions.iter();
        let version = versions.find_map(|(key, name)| registry.text(key, name))?;
        Some(App {
            name: browser.name.to_owned(),
            // Firefox adds its kind: `132.0.2 (x64 de)`.
            version: version.split(' ').next().and_then(some_line),
            running: runs(browser.process),
            note: if opens.starts_with(browser.opens) {
                "default browser".to_owned()
            } else {
                String::new()
            },
            ..App::default()
        })
    }));
    apps
}

fn office(registry: &impl Registry) -> Option<App> {
    let told = |name| registry.text(OFFICE, name).and_then(|text| some_line(&text));
    let version = told("VersionToReport")?;
    let products = told("ProductReleaseIds").unwrap_or_default();
    let channel = told("UpdateChannel")
        .or_else(|| told("CDNBaseUrl"))
        .map(|address| channel(&address));
    Some(App {
        name: if products.contains("365") {
            "Microsoft 365"
        } else {
            "Microsoft Office"
        }
        .to_owned(),
        version: Some(version),
        channel,
        running: None,
        note: match told("Platform").as_deref() {
            Some("x86") => "32-bit".to_owned(),
            _ => String::new(),
        },
    })
}

/// A channel by its address; an address nobody knows is a server of the customer's own.
fn channel(address: &str) -> String {
    let lower = address.to_lowercase();
    CHANNELS
        .iter()
        .find(|(id, _)| lower.contains(id))
        .map_or_else(|| "another source".to_owned(), |(_, name)| (*name).to_owned())
}

fn outlook(registry: &impl Registry, running: &HashSet<String>) -> Vec<App> {
    let classic = registry.has(&format!(r"{APP_PATHS}\OUTLOOK.EXE")).then(|| App {
        name: "Outlook".to_owned(),
        version: registry
            .text(OFFICE, "VersionToReport")
            .and_then(|text| some_line(&text)),
        running: Some(running.contains("outlook.exe")),
        ..App::default()
    });
    let new = package(&registry.keys(PACKAGES), "Microsoft.OutlookForWindows_").map(|version| App {
        name: "Outlook (new)".to_owned(),
        version: Some(version),
        running: Some(running.contains("olk.exe")),
        ..App::default()
    });
    classic.into_iter().chain(new).collect()
}

fn one_drive(registry: &impl Registry, running: &HashSet<String>) -> Option<App> {
    let accounts = format!(r"{ONEDRIVE}\Accounts");
    let version = registry
        .text(ONEDRIVE, "Version")
        .and_then(|text| some_line(&text))?;
    let signed_in = registry
        .keys(&accounts)
        .into_iter()
        .filter(|account| {
            registry
                .text(&format!(r"{accounts}\{account}"), "UserEmail")
                .is_some_and(|address| !address.is_empty())
        })
        .count();
    Some(App {
        name: "OneDrive".to_owned(),
        version: Some(version),
        running: Some(running.contains("onedrive.exe")),
        note: match signed_in {
            0 => "nobody is signed in".to_owned(),
            count => format!(
                "syncs {}",
                counted(u64::try_from(count).unwrap_or(u64::MAX), "account")
            ),
        },
        ..App::default()
    })
}

/// The newest version of a package from the store: `MSTeams_24295.605.3225.8804_x64__8wekyb3d8bbwe`.
fn package(packages: &[String], start: &str) -> Option<String> {
    let versions = packages.iter().filter_map(|name| {
        let version = name.strip_prefix(start)?.split('_').next()?;
        let numbers: Option<Vec<u64>> = version.split('.').map(|part| part.parse().ok()).collect();
        Some((numbers?, line(version)))
    });
    versions.max().map(|(_, version)| version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::registry::Exported;

    fn running(names: &[&str]) -> HashSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_programs_of_an_office_are_found() {
        let apps = judge(
            &Exported::laptop(),
            &running(&["outlook.exe", "ms-teams.exe", "firefox.exe"]),
        );
        let told: Vec<String> = apps
            .iter()
            .map(|app| {
                let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
                let running = app
                    .running
                    .map_or("-", |running| if running { "runs" } else { "rests" });
                let (version, channel) = (text(&app.version), text(&app.channel));
                format!("{} | {version} | {channel} | {running} | {}", app.name, app.note)
            })
            .collect();
        assert_eq!(
            told,
            [
                "Microsoft 365 | 16.0.18129.20158 | Monthly Enterprise | - | ",
                "Outlook | 16.0.18129.20158 | - | runs | ",
                "Outlook (new) | 1.2024.1029.300 | - | rests | ",
                "Teams | 24295.605.3225.8804 | - | runs | ",
                "OneDrive | 24.211.1020.0001 | - | rests | syncs 1 account",
                "Edge | 131.0.2903.70 | - | rests | ",
                "Firefox | 132.0.2 | - | runs | default browser",
            ]
        );
    }

    #[test]
    fn a_machine_without_any_has_none() {
        assert_eq!(judge(&Exported::default(), &running(&["outlook.exe"])), []);
    }

    #[test]
    fn the_newest_of_several_packages_counts_and_a_strange_one_does_not() {
        let packages = [
            "MSTeams_9.1_x64__a",
            "MSTeams_24.2_x64__a",
            "MSTeams_99x_x64__a",
            "Other_1.2_a",
        ];
        let packages = packages.map(str::to_owned);
        assert_eq!(package(&packages, "MSTeams_").as_deref(), Some("24.2"));
        assert_eq!(package(&packages, "Absent_"), None);
    }

    #[test]
    fn a_channel_nobody_knows_is_another_source() {
        assert_eq!(
            channel("http://officecdn.microsoft.com/pr/7FFBC6BF-BC32-4F92-8982-F9DD17FD3114"),
            "Semi-Annual Enterprise"
        );
        assert_eq!(channel(r"\\server\office"), "another source");
    }
}
