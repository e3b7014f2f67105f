//! What leaves the machine open: systems without security updates, missing protection.

use super::finding;
use helpbell_model::report::{Area::Security, Finding, Machine, OperatingSystem, Protection, Severity};
use jiff::{
    Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};

/// One system whose maker has announced the end of regular security updates. Only announced dates of the
/// past, and only systems told apart with certainty: a wrong alarm here costs trust in all.
struct EndOfLife {
    /// Identity of the family in [`OperatingSystem::id`].
    id: &'static str,
    /// How [`OperatingSystem::version`] begins, up to the next dot, blank or the end.
    version: &'static str,
    /// Last day with regular updates.
    last: Date,
    /// What a paying customer may still have.
    extended: &'static str,
}

const END_OF_LIFE: [EndOfLife; 9] = [
    EndOfLife {
        id: "windows",
        version: "10",
        last: date(2025, 10, 14),
        extended: "Extended Security Updates, if bought, run longer. ",
    },
    EndOfLife {
        id: "debian",
        version: "9",
        last: date(2022, 6, 30),
        extended: "",
    },
    EndOfLife {
        id: "debian",
        version: "10",
        last: date(2024, 6, 30),
        extended: "",
    },
    EndOfLife {
        id: "debian",
        version: "11",
        last: date(2026, 8, 31),
        extended: "",
    },
    EndOfLife {
        id: "ubuntu",
        version: "18.04",
        last: date(2023, 5, 31),
        extended: "Ubuntu Pro, if attached, runs longer. ",
    },
    EndOfLife {
        id: "ubuntu",
        version: "20.04",
        last: date(2025, 5, 31),
        extended: "Ubuntu Pro, if attached, runs longer. ",
    },
    EndOfLife {
        id: "centos",
        version: "7",
        last: date(2024, 6, 30),
        extended: "",
    },
    EndOfLife {
        id: "centos",
        version: "8",
        last: date(2024, 5, 31),
        extended: "",
    },
    EndOfLife {
        id: "rhel",
        version: "7",
        last: date(2024, 6, 30),
        extended: "The extended add-on, if bought, runs longer. ",
    },
];

/// Editions of Windows 10 with dates of their own.
const OTHER_DATES: [&str; 3] = ["LTSC", "LTSB", "Server"];

pub(super) fn findings(machine: &Machine, now: Timestamp) -> Vec<Finding> {
    let today = now.to_zoned_datetime(TimeZone::UTC).date();
    let mut found: Vec<Finding> = machine
        .os
        .as_ref()
        .and_then(|os| end_of_life(os, today))
        .into_iter()
        .collect();
    if let Some(protection) = &machine.protection {
        found.extend(unprotected(protection));
    }
    found
}

fn end_of_life(os: &OperatingSystem, today: Date) -> Option<Finding> {
    if os.id == "windows" && OTHER_DATES.iter().any(|edition| os.name.contains(edition)) {
        return None;
    }
    let version = os.version.as_deref()?;
    let ended = END_OF_LIFE
        .iter()
        .find(|end| end.id == os.id && begins(version, end.version) && end.last < today)?;
    let title = format!("{} no longer gets regular security updates", os.name);
    let detail = format!(
        "The last ones came on {}. {}Known holes stay open until the system is replaced.",
        ended.last.strftime("%-d %B %Y"),
        ended.extended
    );
    Some(finding(Security, Severity::Warning, title, detail))
}

/// Whether `version` is `start` or a part of it: `10 (19045)` begins with `10`, `100` does not.
fn begins(version: &str, start: &str) -> bool {
    version
        .strip_prefix(start)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ' ']))
}

fn unprotected(protection: &Protection) -> impl Iterator<Item = Finding> {
    let disk = (protection.system_disk_encrypted == Some(false)).then(|| {
        let detail = "Whoever gets hold of the machine or its disk can read everything on it.";
        finding(
            Security,
            Severity::Info,
            "The system disk is not encrypted".to_owned(),
            detail,
        )
    });
    let boot = (protection.secure_boot == Some(false)).then(|| {
        let detail = "The firmware starts unsigned boot code too.";
        finding(Security, Severity::Info, "Secure Boot is off".to_owned(), detail)
    });
    disk.into_iter().chain(boot)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn os(id: &str, name: &str, version: &str) -> OperatingSystem {
        OperatingSystem {
            id: id.into(),
            name: name.into(),
            version: Some(version.into()),
            ..Default::default()
        }
    }

    #[test]
    fn a_system_is_told_only_after_its_last_day() {
        let windows = os("windows", "Windows 10 Pro 22H2", "10 (19045)");
        assert_eq!(end_of_life(&windows, date(2025, 10, 14)), None);
        let found = end_of_life(&windows, date(2025, 10, 15)).unwrap();
        assert_eq!(
            found.title,
            "Windows 10 Pro 22H2 no longer gets regular security updates"
        );
        assert!(
            found
                .detail
                .starts_with("The last ones came on 14 October 2025. Extended"),
            "{}",
            found.detail
        );
    }

    #[test]
    fn editions_with_other_dates_and_living_systems_are_left_alone() {
        let today = date(2026, 11, 1);
        for (id, name, version) in [
            ("windows", "Windows 11 Pro 24H2", "11 (26100)"),
            ("windows", "Windows 10 Enterprise LTSC 2021", "10 (19044)"),
            ("windows", "Windows Server 2022 Standard", "10 (20348)"),
            ("debian", "Debian GNU/Linux 12", "12"),
            ("ubuntu", "Ubuntu 24.04", "24.04"),
            ("arch", "Arch Linux", "10"),
        ] {
            assert_eq!(end_of_life(&os(id, name, version), today), None, "{name}");
        }
    }

    #[test]
    fn a_version_is_compared_by_its_parts() {
        assert!(begins("20.04", "20.04") && begins("10.13", "10") && begins("10 (19045)", "10"));
        assert!(!begins("100", "10") && !begins("1", "10"));
    }

    #[test]
    fn what_is_not_known_is_not_called_off() {
        assert_eq!(unprotected(&Protection::default()).count(), 0);
        let protection = Protection {
            secure_boot: Some(true),
            system_disk_encrypted: Some(false),
            ..Default::default()
        };
        let titles: Vec<String> = unprotected(&protection).map(|finding| finding.title).collect();
        assert_eq!(titles, ["The system disk is not encrypted"]);
    }
}
