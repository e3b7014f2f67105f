//! What Windows lists under "installed apps". Never `Win32_Product`, which repairs what it lists.

#[cfg(windows)]
use crate::{part::ProbeError, scope::Scope, windows::registry::ThisMachine};
use crate::{probes::some_line, windows::registry::Registry};
use helpbell_model::report::Program;
#[cfg(windows)]
use helpbell_model::report::Programs;
use jiff::civil::Date;
#[cfg(windows)]
use jiff::{Timestamp, tz::TimeZone};

/// For everybody, for everybody in 32 bits, for this account.
const PLACES: [&str; 3] = [
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall",
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall",
    r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall",
];

#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "other systems may fail")]
pub(super) fn ask(scope: &Scope) -> Result<Programs, ProbeError> {
    Ok(super::told(
        programs(&ThisMachine),
        scope.program_names,
        Timestamp::now().to_zoned_datetime(TimeZone::system()).date(),
    ))
}

/// Every installed program, as the settings of Windows show them.
fn programs(registry: &impl Registry) -> Vec<Program> {
    let mut programs: Vec<Program> = PLACES
        .iter()
        .flat_map(|place| {
            let keys = registry.keys(place).into_iter();
            keys.filter_map(move |key| program(registry, &format!(r"{place}\{key}")))
        })
        .collect();
    // The same program may stand in two places.
    programs.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    programs.dedup_by(|a, b| (&a.name, &a.version) == (&b.name, &b.version));
    programs
}

/// One entry, unless it is a part of another program or an update of one.
fn program(registry: &impl Registry, key: &str) -> Option<Program> {
    let told = |name| registry.text(key, name).and_then(|text| some_line(&text));
    let name = told("DisplayName")?;
    let is_part = registry.is_on(key, "SystemComponent") == Some(true) || told("ParentKeyName").is_some();
    (!is_part).then(|| Program {
        name,
        version: told("DisplayVersion"),
        maker: told("Publisher"),
        installed: told("InstallDate").and_then(|date| day(&date)),
    })
}

/// `20261124` to `2026-11-24`. Some installers write the date as they like; that is no date.
fn day(text: &str) -> Option<String> {
    let date = Date::strptime("%Y%m%d", text).ok()?;
    Some(date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::registry::Exported;

    #[test]
    fn programs_of_all_places_are_listed_and_parts_of_others_are_not() {
        let found: Vec<(String, Option<String>)> = programs(&Exported::laptop())
            .into_iter()
            .map(|program| (program.name, program.installed))
            .collect();
        assert_eq!(
            found,
            [
                ("7-Zip 24.08 (x64)".to_owned(), None),
                ("Acme VPN Client".to_owned(), Some("2026-11-24".to_owned())),
                ("Old Ledger".to_owned(), Some("2019-04-01".to_owned())),
                ("Zoom Workplace".to_owned(), Some("2026-11-02".to_owned())),
            ]
        );
    }

    #[test]
    fn a_program_in_two_places_is_listed_once() {
        let twice = Exported::laptop().and(
            r#"[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\7-Zip]
"DisplayName"="7-Zip 24.08 (x64)"
"DisplayVersion"="24.08""#,
        );
        assert_eq!(programs(&twice).len(), programs(&Exported::laptop()).len());
    }

    #[test]
    fn a_date_of_another_kind_is_no_date() {
        for text in ["24.11.2026", "11/24/2026", "20261324", "", "2026"] {
            assert_eq!(day(text), None, "{text:?}");
        }
    }
}
