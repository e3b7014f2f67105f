//! How current apt, dnf and pacman keep the system: by the times they leave behind, and by what they would install
//! out of the lists they have. Nothing is fetched.

use super::{ProbeError, Updates};
use crate::probes::linux::{
    files::{entries, text, text_within},
    packages,
    programs::Programs,
};
use helpbell_model::report::UpdateFailure;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use std::{fs, path::Path, time::Duration};

/// Shorter than the probe's own limit. apt takes a second of a quick processor, and several on a busy machine.
const LIMIT: Duration = Duration::from_millis(7500);

/// A year of transactions on a busy machine.
const HISTORY_BYTES: u64 = 16 << 20;
/// dpkg's list of a full desktop has 6 MB.
const STATUS_BYTES: u64 = 64 << 20;
/// Failures told.
const MOST_FAILURES: usize = 20;

/// Written after every successful look for updates; the folders of lists change with them.
const APT_CHECKED: [&str; 3] = [
    "var/lib/apt/periodic/update-success-stamp",
    "var/lib/apt/lists/partial",
    "var/lib/apt/lists",
];
/// The log of this month, and that of the last one, of which the time alone is read.
const APT_HISTORY: &str = "var/log/apt/history.log";
const APT_OLDER_HISTORY: &str = "var/log/apt/history.log.1.gz";
/// What would be installed. Nothing is locked, fetched or changed.
const APT_QUESTION: [&str; 5] = [
    "-s",
    "-q",
    "-oDebug::NoLocking=true",
    "--with-new-pkgs",
    "upgrade",
];

const DNF_CACHES: [&str; 2] = ["var/cache/dnf", "var/cache/libdnf5"];
const RPM: [&str; 2] = ["usr/lib/sysimage/rpm", "var/lib/rpm"];
/// What dnf ends with if there are updates.
const DNF_SOME: i32 = 100;

pub(super) fn ask(root: &Path) -> Result<Updates, ProbeError> {
    let programs = Programs::below(root, LIMIT);
    if root.join("var/lib/dpkg/status").exists() {
        Ok(apt(root, &programs))
    } else if RPM.iter().any(|folder| root.join(folder).is_dir()) {
        Ok(dnf(root, &programs))
    } else if root.join("var/lib/pacman/local").is_dir() {
        Ok(Updates {
            checked_at: newest(&entries(root.join("var/lib/pacman/sync"))),
            installed_at: newest(&[root.join("var/lib/pacman/local")]),
            ..Updates::default()
        })
    } else {
        Err(ProbeError::unsupported(
            "neither apt, dnf nor pacman updates this system",
        ))
    }
}

/// The latest change of any of these.
fn newest(paths: &[impl AsRef<Path>]) -> Option<Timestamp> {
    let changed = |path: &Path| Timestamp::try_from(fs::metadata(path).ok()?.modified().ok()?).ok();
    paths.iter().filter_map(|path| changed(path.as_ref())).max()
}

fn apt(root: &Path, programs: &Programs) -> Updates {
    let lists = entries(root.join("var/lib/apt/lists"))
        .iter()
        .any(|list| list.to_string_lossy().ends_with("Release"));
    // Without lists apt knows of no updates, and there may be many.
    let waiting = lists
        .then(|| programs.ask("apt-get", &APT_QUESTION))
        .and_then(|told| told.ok()?.if_it_went_well("apt-get").ok())
        .map(|told| apt_waiting(&told));
    let history = text_within(root.join(APT_HISTORY), HISTORY_BYTES).unwrap_or_default();
    let status = text_within(root.join("var/lib/dpkg/status"), STATUS_BYTES).unwrap_or_default();
    let failures = packages::dpkg(&status)
        .into_iter()
        .filter(|package| package.unfinished)
        .map(|package| UpdateFailure {
            name: package.name,
            code: Some("unpacked and not set up".to_owned()),
            at: None,
        });
    Updates {
        checked_at: if lists {
            newest(&APT_CHECKED.map(|path| root.join(path)))
        } else {
            None
        },
        installed_at: apt_installed(&history, &TimeZone::system())
            .or_else(|| newest(&[root.join(APT_OLDER_HISTORY)])),
        waiting: waiting.map(|(all, _)| all),
        waiting_security: waiting.map(|(_, security)| security),
        failures: failures.take(MOST_FAILURES).collect(),
        managed_by: unattended(root).then(|| "unattended-upgrades".to_owned()),
    }
}

/// How many rows `Inst NAME [OLD] (NEW ARCHIVE [ARCHITECTURE])` there are, and how many come from an archive for security.
fn apt_waiting(told: &str) -> (u32, u32) {
    let mut counts = (0, 0);
    for row in told.lines().filter(|row| row.starts_with("Inst ")) {
        counts.0 += 1;
        // `Debian-Security:12/stable-security`, `Ubuntu:24.04/noble-security`.
        counts.1 += u32::from(row.to_lowercase().contains("-security"));
    }
    counts
}

/// When apt last ended a transaction that updated something. Commands and packages stay in their log.
fn apt_installed(history: &str, zone: &TimeZone) -> Option<Timestamp> {
    let last = history
        .split("\n\n")
        .filter(|transaction| transaction.lines().any(|row| row.starts_with("Upgrade: ")))
        .filter_map(|transaction| {
            let ended = transaction
                .lines()
                .find_map(|row| row.strip_prefix("End-Date: "))?;
            DateTime::strptime("%Y-%m-%d %H:%M:%S", ended.trim()).ok()
        })
        .max()?;
    zone.to_ambiguous_timestamp(last).compatible().ok()
}

/// Whether apt's settings have updates installed by themselves; the last file that says something counts.
fn unattended(root: &Path) -> bool {
    entries(root.join("etc/apt/apt.conf.d"))
        .iter()
        .filter_map(text)
        .filter_map(|settings| {
            let value = settings
                .lines()
                .filter_map(|row| row.trim().strip_prefix("APT::Periodic::Unattended-Upgrade"))
                .next_back()?;
            Some(!value.contains("\"0\""))
        })
        .next_back()
        .unwrap_or(false)
}

fn dnf(root: &Path, programs: &Programs) -> Updates {
    let caches: Vec<_> = DNF_CACHES
        .iter()
        .flat_map(|folder| entries(root.join(folder)))
        .collect();
    let databases: Vec<_> = RPM.iter().flat_map(|folder| entries(root.join(folder))).collect();
    let waiting = programs
        .ask("dnf", &["-C", "-q", "check-update"])
        .ok()
        .and_then(|printed| match printed.code {
            Some(0) => Some(0),
            Some(DNF_SOME) => Some(dnf_waiting(&printed.text)),
            // Its lists cannot be read by this account.
            _ => None,
        });
    let automatic = text(root.join("etc/dnf/automatic.conf")).is_some_and(|settings| {
        let mut rows = settings.lines().map(|row| row.replace(' ', ""));
        rows.any(|row| row == "apply_updates=yes")
    });
    Updates {
        checked_at: newest(&caches),
        installed_at: newest(&databases),
        waiting,
        managed_by: automatic.then(|| "dnf-automatic".to_owned()),
        ..Updates::default()
    }
}

/// How many rows `NAME.ARCHITECTURE VERSION REPOSITORY` there are before the list of obsolete ones.
fn dnf_waiting(told: &str) -> u32 {
    let rows = told.lines().take_while(|row| !row.starts_with("Obsoleting"));
    let count = rows
        .filter(|row| !row.starts_with(' ') && row.split_whitespace().count() == 3)
        .count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;

    const SIMULATED: &str = "NOTE: This is only a simulation!\nReading package lists...\n\
        The following packages will be upgraded:\n  libssl3 nano tzdata\n\
        Inst libssl3 [3.0.11-1] (3.0.15-1~deb12u1 Debian-Security:12/stable-security [amd64])\n\
        Inst nano [7.2-1] (7.2-1+deb12u1 Debian:12.8/stable [amd64])\n\
        Inst openssl [3.0.2-0ubuntu1.15] (3.0.2-0ubuntu1.18 Ubuntu:22.04/jammy-updates, Ubuntu:22.04/jammy-security [amd64])\n\
        Conf libssl3 (3.0.15-1~deb12u1 Debian-Security:12/stable-security [amd64])\n";

    const HISTORY: &str = "\nStart-Date: 2026-10-02  06:12:01\nCommandline: /usr/bin/unattended-upgrade\n\
        Upgrade: libssl3:amd64 (3.0.11-1, 3.0.15-1)\nEnd-Date: 2026-10-02  06:12:09\n\n\
        Start-Date: 2026-11-20  10:00:00\nCommandline: apt install secret-thing --token hunter2\n\
        Install: secret-thing:amd64 (1.0)\nEnd-Date: 2026-11-20  10:00:05\n";

    fn debian() -> MadeUp {
        MadeUp::machine()
            .file(
                "var/lib/dpkg/status",
                "Package: torn\nStatus: install ok half-configured\nVersion: 2\n\nPackage: bash\nStatus: install ok installed\n",
            )
            .file("var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_InRelease", "")
            .file("var/log/apt/history.log", HISTORY)
            .file("simulated", SIMULATED)
            .program("apt-get", "cat \"${0%/usr/bin/apt-get}/simulated\"")
    }

    #[test]
    fn debian_tells_what_waits_what_failed_and_when_something_came() {
        let machine = debian().file(
            "etc/apt/apt.conf.d/20auto-upgrades",
            "APT::Periodic::Update-Package-Lists \"1\";\nAPT::Periodic::Unattended-Upgrade \"1\";\n",
        );
        let updates = ask(machine.root()).unwrap();
        assert_eq!((updates.waiting, updates.waiting_security), (Some(3), Some(2)));
        assert_eq!(updates.failures.len(), 1);
        assert_eq!(updates.failures[0].name, "torn");
        assert_eq!(updates.managed_by.as_deref(), Some("unattended-upgrades"));
        assert!(updates.checked_at.is_some() && updates.installed_at.is_some());
        assert!(!format!("{updates:?}").contains("hunter2"));
    }

    #[test]
    fn an_installation_is_no_update() {
        let vienna = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(
            apt_installed(HISTORY, &vienna).unwrap().to_string(),
            "2026-10-02T05:12:09Z"
        );
        assert_eq!(
            apt_installed("Upgrade: x\n\nEnd-Date: 2026-10-02  06:12:09\n", &vienna),
            None
        );
    }

    #[test]
    fn without_lists_nobody_knows_what_waits() {
        let machine = MadeUp::machine()
            .file("var/lib/dpkg/status", "")
            .folder("var/lib/apt/lists/partial")
            .program("apt-get", "echo Inst x");
        let updates = ask(machine.root()).unwrap();
        assert_eq!((updates.waiting, updates.checked_at), (None, None));
    }

    #[test]
    fn an_apt_that_fails_leaves_the_rest() {
        let updates = ask(debian().program("apt-get", "exit 100").root()).unwrap();
        assert_eq!(updates.waiting, None);
        assert!(updates.installed_at.is_some());
    }

    #[test]
    fn the_last_setting_decides_whether_updates_come_by_themselves() {
        let setting = |value| format!("APT::Periodic::Unattended-Upgrade \"{value}\";\n");
        let machine = debian().file("etc/apt/apt.conf.d/20auto", setting(1));
        assert!(unattended(machine.root()));
        let machine = machine.file("etc/apt/apt.conf.d/52msp", setting(0));
        assert!(!unattended(machine.root()));
    }

    #[test]
    fn fedora_tells_what_waits_where_the_account_may_know() {
        let dnf = |script: &str| {
            let machine = MadeUp::machine()
                .file("var/lib/rpm/rpmdb.sqlite", "")
                .file("etc/dnf/automatic.conf", "[commands]\napply_updates = yes\n")
                .program("dnf", script);
            ask(machine.root()).unwrap()
        };
        let updates = dnf(
            "printf '\\nbash.x86_64   5.2.26-3.fc40   updates\\nvim.x86_64 9 updates\\nObsoleting Packages\\na b c\\n'; exit 100",
        );
        assert_eq!((updates.waiting, updates.waiting_security), (Some(2), None));
        assert_eq!(updates.managed_by.as_deref(), Some("dnf-automatic"));
        assert!(updates.installed_at.is_some() && updates.checked_at.is_none());
        assert_eq!(dnf("exit 0").waiting, Some(0));
        assert_eq!(dnf("exit 1").waiting, None);
    }

    #[test]
    fn a_system_nobody_updates_says_so() {
        assert!(matches!(
            ask(MadeUp::machine().root()),
            Err(ProbeError::Unsupported(_))
        ));
    }

    proptest! {
        #[test]
        fn any_log_is_survived(log in "((Upgrade|End-Date): [ -~]{0,30}\n{1,2}){0,8}", told in "((Inst |Obsoleting)?[ -~]{0,30}\n){0,8}") {
            let _ = apt_installed(&log, &TimeZone::UTC);
            let (all, security) = apt_waiting(&told);
            prop_assert!(security <= all && all <= 8 && dnf_waiting(&told) <= 8);
        }
    }
}
