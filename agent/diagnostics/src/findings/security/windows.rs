//! Until when each release of Windows gets security updates. It depends on the edition: organisations get a year more,
//! and some editions are made to stay.

use helpbell_model::report::OperatingSystem;
use jiff::civil::{Date, date};

/// Last days of one release, by the number of its build. `None` was not announced, or not with certainty.
struct Release {
    build: u32,
    /// Home, Pro and their kin, Pro Education among them.
    homes: Option<Date>,
    /// Enterprise and Education.
    organisations: Option<Date>,
    /// Long-term servicing (LTSB, LTSC), without the "IoT" kind, which is kept longer.
    long_term: Option<Date>,
    /// Windows Server.
    servers: Option<Date>,
}

/// Microsoft's lifecycle pages, as far as they have announced the day.
const RELEASES: [Release; 19] = [
    client(
        10240,
        date(2017, 5, 9),
        date(2017, 5, 9),
        Some(date(2025, 10, 14)),
    ),
    Release {
        servers: Some(date(2027, 1, 12)),
        ..client(
            14393,
            date(2018, 4, 10),
            date(2019, 4, 9),
            Some(date(2026, 10, 13)),
        )
    },
    client(15063, date(2018, 10, 9), date(2019, 10, 8), None),
    client(16299, date(2019, 4, 9), date(2020, 10, 13), None),
    client(17134, date(2019, 11, 12), date(2021, 5, 11), None),
    Release {
        servers: Some(date(2029, 1, 9)),
        ..client(
            17763,
            date(2020, 11, 10),
            date(2021, 5, 11),
            Some(date(2029, 1, 9)),
        )
    },
    client(18362, date(2020, 12, 8), date(2020, 12, 8), None),
    client(18363, date(2021, 5, 11), date(2022, 5, 10), None),
    client(19041, date(2021, 12, 14), date(2021, 12, 14), None),
    client(19042, date(2022, 5, 10), date(2023, 5, 9), None),
    client(19043, date(2022, 12, 13), date(2022, 12, 13), None),
    client(
        19044,
        date(2023, 6, 13),
        date(2024, 6, 11),
        Some(date(2027, 1, 12)),
    ),
    client(19045, date(2025, 10, 14), date(2025, 10, 14), None),
    Release {
        servers: Some(date(2031, 10, 14)),
        build: 20348,
        homes: None,
        organisations: None,
        long_term: None,
    },
    client(22000, date(2023, 10, 10), date(2024, 10, 8), None),
    client(22621, date(2024, 10, 8), date(2025, 10, 14), None),
    client(22631, date(2025, 11, 11), date(2026, 11, 10), None),
    client(
        26100,
        date(2026, 10, 13),
        date(2027, 10, 12),
        Some(date(2029, 10, 9)),
    ),
    client(26200, date(2027, 10, 12), date(2028, 10, 10), None),
];

/// The last build of Windows 10, for which more time can be bought.
const LAST_WINDOWS_10: u32 = 19045;

const fn client(build: u32, homes: Date, organisations: Date, long_term: Option<Date>) -> Release {
    Release {
        build,
        homes: Some(homes),
        organisations: Some(organisations),
        long_term,
        servers: None,
    }
}

/// The last day with security updates, and what a paying customer may still have.
pub(super) fn last_day(os: &OperatingSystem) -> Option<(Date, &'static str)> {
    let build = os
        .kernel
        .as_deref()
        .and_then(|kernel| kernel.split('.').next())
        .and_then(|build| build.parse().ok());
    let release = RELEASES.iter().find(|release| Some(release.build) == build)?;
    let edition = os.edition.as_deref().unwrap_or_default();
    let says = |word: &str| os.name.contains(word) || edition.contains(word);
    let last = if says("Server") {
        release.servers
    } else if says("IoT") {
        None
    } else if says("LTS") || edition.starts_with("EnterpriseS") {
        release.long_term
    } else if says("Enterprise") || (says("Education") && !edition.starts_with("Professional")) {
        release.organisations
    } else {
        release.homes
    };
    let bought = if release.build == LAST_WINDOWS_10 {
        "Extended Security Updates, if bought, run longer. "
    } else {
        ""
    };
    Some((last?, bought))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn os(name: &str, edition: &str, kernel: &str) -> OperatingSystem {
        OperatingSystem {
            name: name.into(),
            edition: Some(edition.into()),
            kernel: Some(kernel.into()),
            ..OperatingSystem::default()
        }
    }

    #[test]
    fn one_release_ends_on_several_days_by_its_edition() {
        let of = |name, edition, kernel| last_day(&os(name, edition, kernel)).map(|(day, _)| day);
        for (name, edition, kernel, expected) in [
            (
                "Windows 11 Pro 24H2",
                "Professional",
                "26100.6699",
                Some(date(2026, 10, 13)),
            ),
            (
                "Windows 11 Enterprise 24H2",
                "Enterprise",
                "26100.1",
                Some(date(2027, 10, 12)),
            ),
            (
                "Windows 11 Pro Education 24H2",
                "ProfessionalEducation",
                "26100.1",
                Some(date(2026, 10, 13)),
            ),
            (
                "Windows 11 Enterprise LTSC 2024",
                "EnterpriseS",
                "26100.1",
                Some(date(2029, 10, 9)),
            ),
            (
                "Windows 11 IoT Enterprise LTSC 2024",
                "IoTEnterpriseS",
                "26100.1",
                None,
            ),
            ("Windows Server 2025 Standard", "ServerStandard", "26100.1", None),
            (
                "Windows Server 2022 Standard",
                "ServerStandard",
                "20348.2",
                Some(date(2031, 10, 14)),
            ),
            (
                "Windows 10 Enterprise LTSC 2019",
                "EnterpriseS",
                "17763.1",
                Some(date(2029, 1, 9)),
            ),
            ("Windows 11 Pro", "Professional", "99999.1", None),
            ("Windows", "", "", None),
        ] {
            assert_eq!(of(name, edition, kernel), expected, "{name} {kernel}");
        }
    }

    #[test]
    fn more_time_can_be_bought_for_the_last_windows_10_alone() {
        let (_, bought) = last_day(&os("Windows 10 Pro 22H2", "Professional", "19045.1")).unwrap();
        assert!(bought.starts_with("Extended"));
        let (_, bought) = last_day(&os("Windows 10 Pro 21H2", "Professional", "19044.1")).unwrap();
        assert_eq!(bought, "");
    }

    #[test]
    fn no_build_stands_in_the_table_twice() {
        let mut builds: Vec<u32> = RELEASES.iter().map(|release| release.build).collect();
        let count = builds.len();
        builds.sort_unstable();
        builds.dedup();
        assert_eq!(builds.len(), count);
    }
}
