//! What leaves the machine open: systems without security updates, missing protection.

mod windows;

use super::finding;
use crate::units::counted;
use helpbell_model::report::{
    Account, Area::Security, Finding, Machine, OperatingSystem, Protection, Severity,
};
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

const END_OF_LIFE: [EndOfLife; 8] = [
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

/// The same for systems without anything to buy; announced by their makers.
const ENDED: [(&str, &str, Date); 16] = [
    ("centos", "6", date(2020, 11, 30)),
    ("debian", "8", date(2020, 6, 30)),
    ("fedora", "37", date(2023, 12, 5)),
    ("fedora", "38", date(2024, 5, 21)),
    ("fedora", "39", date(2024, 11, 26)),
    ("fedora", "40", date(2025, 5, 13)),
    ("linuxmint", "19", date(2023, 4, 30)),
    ("linuxmint", "20", date(2025, 4, 30)),
    ("opensuse-leap", "15.3", date(2022, 12, 31)),
    ("opensuse-leap", "15.4", date(2023, 12, 7)),
    ("opensuse-leap", "15.5", date(2024, 12, 31)),
    ("ubuntu", "22.10", date(2023, 7, 20)),
    ("ubuntu", "23.04", date(2024, 1, 25)),
    ("ubuntu", "23.10", date(2024, 7, 11)),
    ("ubuntu", "24.10", date(2025, 7, 10)),
    ("ubuntu", "25.04", date(2026, 1, 15)),
];

/// Days before a password expires in which somebody who cannot sign in later should hear of it.
const PASSWORD_SOON_DAYS: i64 = 7;
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

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
        found.extend(malware(protection));
    }
    found.extend(
        machine
            .account
            .as_ref()
            .and_then(|account| password(account, now)),
    );
    found
}

fn end_of_life(os: &OperatingSystem, today: Date) -> Option<Finding> {
    let (last, extended) = if os.id == "windows" {
        windows::last_day(os)?
    } else {
        last_day(os)?
    };
    if last >= today {
        return None;
    }
    let title = format!("{} no longer gets regular security updates", os.name);
    let detail = format!(
        "The last ones came on {}. {}Known holes stay open until the system is replaced.",
        last.strftime("%-d %B %Y"),
        extended
    );
    Some(finding(Security, Severity::Warning, title, detail))
}

/// The last day with regular updates, and what a paying customer may still have.
fn last_day(os: &OperatingSystem) -> Option<(Date, &'static str)> {
    let version = os.version.as_deref()?;
    let mut systems = END_OF_LIFE
        .iter()
        .map(|end| (end.id, end.version, end.last, end.extended))
        .chain(ENDED.iter().map(|(id, version, last)| (*id, *version, *last, "")));
    let (_, _, last, extended) = systems.find(|(id, start, ..)| *id == os.id && begins(version, start))?;
    Some((last, extended))
}

/// Whether `version` is `start` or a part of it: `15.4 (1)` begins with `15.4`, `15.40` does not.
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
    let firewall = (protection.firewall == Some(false)).then(|| {
        let detail = "Whatever listens on this machine can be reached from the network it is in.";
        finding(
            Security,
            Severity::Warning,
            "The firewall is off".to_owned(),
            detail,
        )
    });
    let desktop = (protection.remote_desktop == Some(true)).then(|| {
        if protection.remote_desktop_authenticated == Some(false) {
            let detail = "It lets strangers reach the sign-in screen, where old holes were. Asking for the password first \
                          (network level authentication) closes that way.";
            let title = "Remote desktop is open and asks for a password late".to_owned();
            finding(Security, Severity::Warning, title, detail)
        } else {
            let detail = "Right if somebody works or helps that way; otherwise it is one way in too many.";
            finding(
                Security,
                Severity::Info,
                "Remote desktop is open to the network".to_owned(),
                detail,
            )
        }
    });
    disk.into_iter().chain(boot).chain(firewall).chain(desktop)
}

/// Programs that look for malware: none at all, none that watches, or one that knows old things only.
fn malware(protection: &Protection) -> Vec<Finding> {
    let Some(programs) = &protection.antivirus else {
        return Vec::new();
    };
    let warning = |title: String, detail: &str| finding(Security, Severity::Warning, title, detail);
    let Some(first) = programs.first() else {
        let title = "No program looks for malware".to_owned();
        return vec![warning(title, "The system knows of none.")];
    };
    // Where one watches, others are kept switched off on purpose.
    if programs.iter().all(|program| program.active == Some(false)) {
        let title = format!("{} is installed and does not watch", first.name);
        return vec![warning(title, "Malware is not stopped when it is opened.")];
    }
    programs
        .iter()
        .filter(|program| program.active != Some(false) && program.current == Some(false))
        .map(|program| {
            let title = match program.age_days {
                Some(days) => format!(
                    "What {} knows is {} old",
                    program.name,
                    counted(days.into(), "day")
                ),
                None => format!("What {} knows is not current", program.name),
            };
            warning(title, "It does not know the malware of the last days.")
        })
        .collect()
}

fn password(account: &Account, now: Timestamp) -> Option<Finding> {
    let left = account.password_expires?.duration_since(now).as_secs();
    if left < 0 {
        let title = format!("The password of {} has expired", account.user);
        let detail = "Signing in and everything that asks for the password fails until it is changed.";
        return Some(finding(Security, Severity::Problem, title, detail));
    }
    let days = left / SECONDS_PER_DAY;
    (days < PASSWORD_SOON_DAYS).then(|| {
        let when = match days {
            0 => "today".to_owned(),
            1 => "in 1 day".to_owned(),
            days => format!("in {days} days"),
        };
        let title = format!("The password of {} expires {when}", account.user);
        finding(
            Security,
            Severity::Warning,
            title,
            "It is best changed before somebody is locked out.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::report::Antivirus;
    use jiff::SignedDuration;

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
        let windows = OperatingSystem {
            kernel: Some("19045.6456".into()),
            ..os("windows", "Windows 10 Pro 22H2", "10 (19045)")
        };
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
    fn living_systems_are_left_alone() {
        let today = date(2026, 11, 1);
        for (id, name, version) in [
            ("debian", "Debian GNU/Linux 12", "12"),
            ("ubuntu", "Ubuntu 24.04", "24.04"),
            ("arch", "Arch Linux", "10"),
        ] {
            assert_eq!(end_of_life(&os(id, name, version), today), None, "{name}");
        }
    }

    #[test]
    fn systems_without_anything_to_buy_end_too() {
        let fedora = os("fedora", "Fedora Linux 40", "40");
        assert_eq!(end_of_life(&fedora, date(2025, 5, 13)), None);
        let found = end_of_life(&fedora, date(2025, 5, 14)).unwrap();
        assert!(
            found
                .detail
                .starts_with("The last ones came on 13 May 2025. Known"),
            "{}",
            found.detail
        );
        let mint = os("linuxmint", "Linux Mint 20.3", "20.3");
        assert!(end_of_life(&mint, date(2025, 5, 1)).is_some());
    }

    #[test]
    fn no_system_stands_in_the_tables_twice() {
        let mut systems: Vec<(&str, &str)> = END_OF_LIFE.iter().map(|end| (end.id, end.version)).collect();
        systems.extend(ENDED.iter().map(|(id, version, _)| (*id, *version)));
        let count = systems.len();
        systems.sort_unstable();
        systems.dedup();
        assert_eq!(systems.len(), count);
    }

    #[test]
    fn a_firewall_that_is_off_is_a_warning_and_one_nobody_knows_of_is_none() {
        let told = |firewall| {
            let protection = Protection {
                firewall,
                ..Default::default()
            };
            unprotected(&protection)
                .map(|finding| finding.title)
                .collect::<Vec<_>>()
        };
        assert_eq!(told(Some(false)), ["The firewall is off"]);
        assert_eq!(told(Some(true)), Vec::<String>::new());
        assert_eq!(told(None), Vec::<String>::new());
    }

    #[test]
    fn remote_desktop_is_a_warning_only_where_it_asks_late() {
        let told = |remote_desktop, remote_desktop_authenticated| {
            let protection = Protection {
                remote_desktop,
                remote_desktop_authenticated,
                ..Default::default()
            };
            unprotected(&protection)
                .map(|finding| finding.severity)
                .collect::<Vec<_>>()
        };
        assert_eq!(told(Some(false), None), []);
        assert_eq!(told(Some(true), None), [Severity::Info]);
        assert_eq!(told(Some(true), Some(true)), [Severity::Info]);
        assert_eq!(told(Some(true), Some(false)), [Severity::Warning]);
    }

    #[test]
    fn one_guard_that_watches_is_enough_and_it_has_to_be_current() {
        let guard = |name: &str, active, current, age_days| Antivirus {
            name: name.into(),
            active,
            current,
            age_days,
        };
        let told = |antivirus: Option<Vec<Antivirus>>| {
            let protection = Protection {
                antivirus,
                ..Default::default()
            };
            malware(&protection)
                .into_iter()
                .map(|finding| finding.title)
                .collect::<Vec<_>>()
        };
        let nothing = Vec::<String>::new();
        assert_eq!(told(None), nothing);
        assert_eq!(told(Some(vec![])), ["No program looks for malware"]);
        let off = guard("Defender", Some(false), Some(false), None);
        assert_eq!(
            told(Some(vec![off.clone()])),
            ["Defender is installed and does not watch"]
        );
        let on = guard("Sophos", Some(true), Some(true), Some(0));
        assert_eq!(told(Some(vec![off, on])), nothing);
        let old = guard("ClamAV", None, Some(false), Some(23));
        assert_eq!(told(Some(vec![old])), ["What ClamAV knows is 23 days old"]);
    }

    #[test]
    fn a_password_is_told_in_its_last_week() {
        let now = Timestamp::UNIX_EPOCH;
        let left = |hours: i64| {
            let account = Account {
                user: "maria".into(),
                password_expires: Some(now + SignedDuration::from_hours(hours)),
                ..Default::default()
            };
            password(&account, now).map(|finding| (finding.severity, finding.title))
        };
        assert_eq!(left(7 * 24), None);
        assert_eq!(
            left(3 * 24),
            Some((
                Severity::Warning,
                "The password of maria expires in 3 days".into()
            ))
        );
        assert_eq!(
            left(5),
            Some((Severity::Warning, "The password of maria expires today".into()))
        );
        assert_eq!(
            left(-1),
            Some((Severity::Problem, "The password of maria has expired".into()))
        );
        assert_eq!(password(&Account::default(), now), None);
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
