//! What is installed, as the package managers keep it: dpkg, pacman, rpm, and snap and Flatpak beside them.

use super::{
    files::{entries, name, text, text_within},
    programs::Programs,
};
use crate::{
    part::ProbeError,
    probes::{line, some_line},
};
use jiff::Timestamp;
use std::{collections::HashMap, fs, path::Path};

/// dpkg's list of a full desktop has 6 MB.
const STATUS_BYTES: u64 = 64 << 20;
const DPKG_STATUS: &str = "var/lib/dpkg/status";
const DPKG_INFO: &str = "var/lib/dpkg/info";
const PACMAN: &str = "var/lib/pacman/local";
/// Where rpm keeps its database: the new place, then the old one.
const RPM: [&str; 2] = ["usr/lib/sysimage/rpm", "var/lib/rpm"];
const FLATPAK: &str = "var/lib/flatpak/app";
const SNAP: &str = "var/lib/snapd/snaps";

/// An installed package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::probes) struct Package {
    pub(in crate::probes) name: String,
    pub(in crate::probes) version: Option<String>,
    /// When it was installed or last updated.
    pub(in crate::probes) at: Option<Timestamp>,
    /// It was unpacked and its setting up never ended well.
    pub(in crate::probes) unfinished: bool,
}

/// Everything that is installed, in the order of names. An error where nobody can say.
pub(in crate::probes) fn installed(root: &Path, programs: &Programs) -> Result<Vec<Package>, ProbeError> {
    let mut packages = if let Some(status) = text_within(root.join(DPKG_STATUS), STATUS_BYTES) {
        let mut packages = dpkg(&status);
        let times = times(&root.join(DPKG_INFO));
        for package in &mut packages {
            package.at = times.get(&package.name).copied();
        }
        packages
    } else if root.join(PACMAN).is_dir() {
        entries(root.join(PACMAN))
            .iter()
            .filter_map(|folder| pacman(folder))
            .collect()
    } else if RPM.iter().any(|folder| root.join(folder).is_dir()) {
        let question = ["-qa", "--qf", "%{NAME}\t%{VERSION}-%{RELEASE}\t%{INSTALLTIME}\n"];
        rpm(&programs.ask("rpm", &question)?.if_it_went_well("rpm")?)
    } else {
        return Err(ProbeError::unsupported(
            "neither dpkg, pacman nor rpm manages the programs of this system",
        ));
    };
    packages.extend(entries(root.join(SNAP)).iter().filter_map(|file| snap(file)));
    packages.extend(entries(root.join(FLATPAK)).iter().filter_map(|folder| {
        Some(Package {
            name: some_line(&name(folder))?,
            at: changed(folder),
            ..Package::default()
        })
    }));
    packages.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.version.cmp(&b.version)));
    Ok(packages)
}

fn changed(path: &Path) -> Option<Timestamp> {
    Timestamp::try_from(fs::metadata(path).ok()?.modified().ok()?).ok()
}

/// The installed ones of dpkg's list (deb822: paragraphs of `Name: value`).
pub(in crate::probes) fn dpkg(status: &str) -> Vec<Package> {
    status.split("\n\n").filter_map(dpkg_package).collect()
}

fn dpkg_package(paragraph: &str) -> Option<Package> {
    let mut package = Package::default();
    let mut state = "";
    for row in paragraph.lines() {
        if let Some(name) = row.strip_prefix("Package: ") {
            package.name = line(name);
        } else if let Some(version) = row.strip_prefix("Version: ") {
            package.version = some_line(version);
        } else if let Some(status) = row.strip_prefix("Status: ") {
            // What is wanted, whether there is an error, and how it is.
            state = status.split(' ').next_back()?;
        }
    }
    package.unfinished = matches!(state, "half-installed" | "unpacked" | "half-configured");
    let there = package.unfinished || matches!(state, "installed" | "triggers-awaited" | "triggers-pending");
    (there && !package.name.is_empty()).then_some(package)
}

/// When each package was last unpacked: dpkg writes its list of files anew then.
fn times(info: &Path) -> HashMap<String, Timestamp> {
    // Not in order and not bounded as other folders are: a desktop has ten thousand files here.
    let files = fs::read_dir(info).into_iter().flatten().flatten();
    files
        .filter_map(|entry| {
            let file = entry.file_name();
            let name = file.to_str()?.strip_suffix(".list")?;
            // `libc6:amd64` where several architectures are installed side by side.
            let (name, _) = name.split_once(':').unwrap_or((name, ""));
            let at = Timestamp::try_from(entry.metadata().ok()?.modified().ok()?).ok()?;
            Some((name.to_owned(), at))
        })
        .collect()
}

/// `name`, version and seconds, parted by tabs.
fn rpm(told: &str) -> Vec<Package> {
    told.lines()
        .filter_map(|row| {
            let mut fields = row.split('\t');
            Some(Package {
                // Keys that packages are signed with stand in the same list.
                name: some_line(fields.next()?).filter(|name| name != "gpg-pubkey")?,
                version: fields.next().and_then(some_line),
                at: fields
                    .next()
                    .and_then(|seconds| Timestamp::from_second(seconds.parse().ok()?).ok()),
                unfinished: false,
            })
        })
        .collect()
}

/// A folder whose file `desc` holds `%NAME%` and the like, each followed by its value.
fn pacman(folder: &Path) -> Option<Package> {
    let description = text(folder.join("desc"))?;
    let value = |wanted: &str| {
        let mut rows = description.lines();
        rows.by_ref().find(|row| *row == wanted)?;
        some_line(rows.next()?)
    };
    Some(Package {
        name: value("%NAME%")?,
        version: value("%VERSION%"),
        at: value("%INSTALLDATE%").and_then(|seconds| Timestamp::from_second(seconds.parse().ok()?).ok()),
        unfinished: false,
    })
}

/// `firefox_4848.snap`.
fn snap(file: &Path) -> Option<Package> {
    let file_name = name(file);
    let (name, revision) = file_name.strip_suffix(".snap")?.rsplit_once('_')?;
    Some(Package {
        name: some_line(&format!("{name} (snap)"))?,
        version: some_line(&format!("revision {revision}")),
        at: changed(file),
        unfinished: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;
    use std::time::Duration;

    const STATUS: &str = "Package: bash\nStatus: install ok installed\nVersion: 5.2.15-2+b7\nDescription: shell\n .\n Version: no\n\n\
        Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n\
        Package: torn\nStatus: install reinstreq half-configured\nVersion: 2\n\n\
        Package: \u{202e}\nStatus: install ok installed\n\n\
        Version: 3\n";

    fn names(root: &Path) -> Vec<String> {
        let programs = Programs::below(root, Duration::from_secs(60));
        let packages = installed(root, &programs).unwrap();
        packages
            .into_iter()
            .map(|package| format!("{} {}", package.name, package.version.unwrap_or_default()))
            .collect()
    }

    #[test]
    fn what_dpkg_has_installed_is_told_with_the_time_of_its_list() {
        let packages = dpkg(STATUS);
        let told: Vec<(&str, bool)> = packages
            .iter()
            .map(|package| (package.name.as_str(), package.unfinished))
            .collect();
        assert_eq!(told, [("bash", false), ("torn", true)]);
        let machine = MadeUp::machine()
            .file(DPKG_STATUS, STATUS)
            .file(&format!("{DPKG_INFO}/bash:amd64.list"), "")
            .file("var/lib/snapd/snaps/firefox_4848.snap", "")
            .folder("var/lib/flatpak/app/org.gimp.GIMP");
        assert_eq!(
            names(machine.root()),
            [
                "bash 5.2.15-2+b7",
                "firefox (snap) revision 4848",
                "org.gimp.GIMP ",
                "torn 2"
            ]
        );
        let programs = Programs::below(machine.root(), Duration::from_secs(60));
        assert!(installed(machine.root(), &programs).unwrap()[0].at.is_some());
    }

    #[test]
    fn rpm_is_asked_where_it_manages_the_programs() {
        let machine = MadeUp::machine().folder("usr/lib/sysimage/rpm").program(
            "rpm",
            "printf 'bash\\t5.2.26-3.fc40\\t1731400000\\ngpg-pubkey\\ta-b\\t1\\nbroken\\n'",
        );
        assert_eq!(names(machine.root()), ["bash 5.2.26-3.fc40", "broken "]);
    }

    #[test]
    fn pacman_is_read_where_it_manages_the_programs() {
        let machine = MadeUp::machine()
            .file(
                "var/lib/pacman/local/bash-5.2.037-1/desc",
                "%NAME%\nbash\n\n%VERSION%\n5.2.037-1\n\n%INSTALLDATE%\n1731400000\n",
            )
            .file("var/lib/pacman/local/ALPM_DB_VERSION", "9\n");
        assert_eq!(names(machine.root()), ["bash 5.2.037-1"]);
    }

    #[test]
    fn a_system_without_a_package_manager_says_so() {
        let machine = MadeUp::machine();
        let programs = Programs::below(machine.root(), Duration::from_secs(60));
        assert!(matches!(
            installed(machine.root(), &programs),
            Err(ProbeError::Unsupported(_))
        ));
    }

    proptest! {
        #[test]
        fn any_list_is_survived(status in "((Package|Version|Status): [ -~\\u{202e}]{0,30}\n{1,2}){0,20}") {
            for package in dpkg(&status) {
                prop_assert!(!package.name.is_empty() && package.name.chars().count() <= 120);
            }
            prop_assert!(rpm(&status).len() <= 40);
        }
    }
}
