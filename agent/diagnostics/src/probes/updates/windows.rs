//! When Windows last looked for updates and installed some, and what failed.

#[cfg(windows)]
use crate::{
    part::ProbeError,
    probes::events::windows::record,
    windows::{event_log::EventLog, registry::ThisMachine},
};
use crate::{
    probes::{events::windows::record::Record, line, some_line},
    windows::registry::Registry,
};
use helpbell_model::report::{UpdateFailure, Updates};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// What the update client wrote down about the last month (2592000000 ms): installed, failed.
#[cfg(windows)]
const SELECT: &str = "*[System[Provider[@Name='Microsoft-Windows-WindowsUpdateClient'] and \
    (EventID=19 or EventID=20) and TimeCreated[timediff(@SystemTime) <= 2592000000]]]";

const RESULTS: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\Results";
const POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate";
const MANAGED: &str = r"HKLM\SOFTWARE\Microsoft\PolicyManager\current\device\Update";

/// An update was installed: its title, its identity.
const INSTALLED: u32 = 19;
/// An update failed: its code, its title, its identity.
const FAILED: u32 = 20;

/// Comes several times a day and says nothing about how current the rest is: what Defender knows.
const DEFINITIONS: &str = "KB2267602";

/// Records that are looked at; a month has about a hundred.
#[cfg(windows)]
const MOST_RECORDS: usize = 1000;
/// Failures in the report.
const MOST_FAILURES: usize = 10;

/// The two sources; a log that cannot be read leaves the registry.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "other systems may fail")]
pub(super) fn ask() -> Result<Updates, ProbeError> {
    let mut records = Vec::new();
    if let Ok(mut log) = EventLog::ask("System", SELECT) {
        while let Some(record) = log.next().filter(|_| records.len() < MOST_RECORDS) {
            records.extend(record.xml().as_deref().and_then(record::parse));
        }
    }
    Ok(judge(&ThisMachine, &records))
}

/// What the registry keeps, with the update client's records, the newest first.
fn judge(registry: &impl Registry, records: &[Record]) -> Updates {
    let result = |what: &str| {
        registry
            .text(&format!(r"{RESULTS}\{what}"), "LastSuccessTime")
            .and_then(|text| moment(&text))
    };
    let installed = records
        .iter()
        .filter(|record| record.id == INSTALLED && !title(record).contains(DEFINITIONS))
        .filter_map(|record| record.at)
        .max();
    Updates {
        checked_at: result("Detect"),
        installed_at: result("Install").max(installed),
        waiting: None,
        waiting_security: None,
        failures: failures(records),
        managed_by: Some(managed_by(registry).to_owned()),
    }
}

/// What failed and was not installed afterwards, each update once.
fn failures(records: &[Record]) -> Vec<UpdateFailure> {
    let mut failures: Vec<UpdateFailure> = Vec::new();
    for record in records.iter().filter(|record| record.id == FAILED) {
        let title = title(record);
        let cured = records
            .iter()
            .any(|other| other.id == INSTALLED && self::title(other) == title && other.at >= record.at);
        let name = name(title);
        if !cured && failures.len() < MOST_FAILURES && !failures.iter().any(|other| other.name == name) {
            failures.push(UpdateFailure {
                name,
                at: record.at,
                code: record.data.first().and_then(|code| some_line(code)),
            });
        }
    }
    failures
}

fn title(record: &Record) -> &str {
    let index = usize::from(record.id == FAILED);
    record.data.get(index).map(String::as_str).unwrap_or_default()
}

/// The number by which everybody knows an update, or its title.
fn name(title: &str) -> String {
    let number = title.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| {
        word.strip_prefix("KB")
            .is_some_and(|digits| digits.len() >= 6 && digits.chars().all(|c| c.is_ascii_digit()))
    });
    line(number.unwrap_or(title))
}

/// `2026-11-30 05:12:44`, in universal time.
fn moment(text: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime("%Y-%m-%d %H:%M:%S", text.trim()).ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

fn managed_by(registry: &impl Registry) -> &'static str {
    let own_server = registry.is_on(&format!(r"{POLICY}\AU"), "UseWUServer") == Some(true)
        && registry
            .text(POLICY, "WUServer")
            .is_some_and(|server| !server.is_empty());
    if own_server {
        "WSUS"
    } else if registry.has(MANAGED) {
        "Windows Update, managed by policy"
    } else {
        "Windows Update"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::registry::Exported;

    fn record(id: u32, at: &str, data: &[&str]) -> Record {
        Record {
            source: "Microsoft-Windows-WindowsUpdateClient".into(),
            id,
            level: 4,
            at: Some(at.parse().unwrap()),
            data: data.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    const CUMULATIVE: &str =
        "2026-11 Cumulative Update for Windows 11 Version 24H2 for x64-based Systems (KB5068861)";
    const DEFENDER: &str =
        "Security Intelligence Update for Microsoft Defender Antivirus - KB2267602 (Version 1.421.1023.0)";

    #[test]
    fn what_defender_learns_is_no_installed_update() {
        let records = [
            record(19, "2026-11-30T04:00:00Z", &[DEFENDER, "{1}", "1"]),
            record(19, "2026-11-20T04:00:00Z", &[CUMULATIVE, "{2}", "1"]),
        ];
        let updates = judge(&Exported::laptop(), &records);
        assert_eq!(updates.checked_at.unwrap().to_string(), "2026-11-30T05:12:44Z");
        assert_eq!(updates.installed_at.unwrap().to_string(), "2026-11-20T04:00:00Z");
        assert_eq!(updates.managed_by.as_deref(), Some("Windows Update"));
    }

    #[test]
    fn a_failure_counts_until_the_same_update_is_installed() {
        let failed = |at| record(20, at, &["0x80070643", CUMULATIVE, "{2}", "1"]);
        let others = [
            record(
                20,
                "2026-11-29T04:00:00Z",
                &["0x800f0922", "Acme - Firmware - 1.48", "{3}", "1"],
            ),
            failed("2026-11-28T04:00:00Z"),
            failed("2026-11-27T04:00:00Z"),
        ];
        let updates = judge(&Exported::default(), &others);
        let told: Vec<_> = updates
            .failures
            .iter()
            .map(|failure| (failure.name.as_str(), failure.code.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("Acme - Firmware - 1.48", Some("0x800f0922")),
                ("KB5068861", Some("0x80070643"))
            ]
        );
        let cured = [
            record(19, "2026-11-29T04:00:00Z", &[CUMULATIVE]),
            failed("2026-11-28T04:00:00Z"),
        ];
        assert!(judge(&Exported::default(), &cured).failures.is_empty());
    }

    #[test]
    fn a_server_of_ones_own_is_named() {
        let own = Exported::of(
            r#"[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate]
"WUServer"="http://wsus.contoso.example:8530"
[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU]
"UseWUServer"=dword:00000001"#,
        );
        assert_eq!(judge(&own, &[]).managed_by.as_deref(), Some("WSUS"));
    }

    #[test]
    fn a_moment_that_is_none_is_not_known() {
        for text in ["", "yesterday", "2026-13-01 00:00:00"] {
            assert_eq!(moment(text), None);
        }
    }

    #[test]
    fn a_number_is_found_in_any_title() {
        assert_eq!(name(CUMULATIVE), "KB5068861");
        assert_eq!(name("KBolt driver KB12"), "KBolt driver KB12");
    }
}
