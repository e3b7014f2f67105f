//! Windows says which one it is in the registry.

use crate::{
    probes::{line, some_line},
    windows::registry::Registry,
};
use helpbell_model::report::OperatingSystem;
use jiff::Timestamp;

const VERSION: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";

/// The first build of Windows 11, whose product name still says 10.
const FIRST_WINDOWS_11: u32 = 22000;

/// What the registry tells. The rest of the system is the same question everywhere.
pub(super) fn os(registry: &impl Registry) -> OperatingSystem {
    let told = |name| registry.text(VERSION, name).and_then(|text| some_line(&text));
    let build = told("CurrentBuild").or_else(|| told("CurrentBuildNumber"));
    let number = build.as_deref().and_then(|build| build.parse().ok());
    let product = product(told("ProductName").as_deref(), number);
    // Before 20H2 the release was a number.
    let release = told("DisplayVersion").or_else(|| told("ReleaseId"));
    let version = version(&product).map(str::to_owned);
    OperatingSystem {
        name: match release {
            // A server is known by its year.
            Some(release) if !product.contains("Server") => format!("{product} {release}"),
            _ => product,
        },
        id: "windows".to_owned(),
        version: version
            .zip(build.as_deref())
            .map(|(version, build)| format!("{version} ({build})")),
        edition: told("EditionID"),
        kernel: build.map(|build| match registry.number(VERSION, "UBR") {
            Some(revision) => format!("{build}.{revision}"),
            None => build,
        }),
        installed_at: registry
            .number(VERSION, "InstallDate")
            .filter(|seconds| *seconds > 0)
            .and_then(|seconds| i64::try_from(seconds).ok())
            .and_then(|seconds| Timestamp::from_second(seconds).ok()),
        ..Default::default()
    }
}

/// `Windows 10 Pro` of build 26100 is `Windows 11 Pro`.
fn product(name: Option<&str>, build: Option<u32>) -> String {
    let name = line(name.unwrap_or("Windows"));
    let name = name.strip_prefix("Microsoft ").unwrap_or(&name);
    match name.strip_prefix("Windows 10") {
        Some(edition) if build.is_some_and(|build| build >= FIRST_WINDOWS_11) => {
            format!("Windows 11{edition}")
        }
        _ => name.to_owned(),
    }
}

/// The number people say: `11`, `8.1`, `2022`.
fn version(product: &str) -> Option<&str> {
    product
        .split(' ')
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::registry::Exported;

    #[test]
    fn windows_11_is_told_by_its_build_and_named_with_its_release() {
        let os = os(&Exported::laptop());
        assert_eq!(os.name, "Windows 11 Pro 24H2");
        assert_eq!(os.version.as_deref(), Some("11 (26100)"));
        assert_eq!(os.edition.as_deref(), Some("Professional"));
        assert_eq!(os.kernel.as_deref(), Some("26100.6699"));
        assert_eq!(os.installed_at.unwrap().to_string(), "2025-03-09T10:15:00Z");
    }

    #[test]
    fn a_server_is_known_by_its_year_and_an_old_release_by_its_number() {
        let server = Exported::of(
            r#"[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"ProductName"="Windows Server 2022 Standard"
"DisplayVersion"="21H2"
"CurrentBuild"="20348""#,
        );
        let os = super::os(&server);
        assert_eq!(os.name, "Windows Server 2022 Standard");
        assert_eq!(os.version.as_deref(), Some("2022 (20348)"));
        let old = Exported::of(
            r#"[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"ProductName"="Windows 10 Enterprise LTSC 2019"
"ReleaseId"="1809"
"CurrentBuildNumber"="17763""#,
        );
        let os = super::os(&old);
        assert_eq!(os.name, "Windows 10 Enterprise LTSC 2019 1809");
        assert_eq!(os.kernel.as_deref(), Some("17763"));
    }

    #[test]
    fn an_empty_registry_still_makes_a_system() {
        let os = os(&Exported::default());
        assert_eq!((os.name.as_str(), os.id.as_str()), ("Windows", "windows"));
        assert_eq!((os.version, os.kernel, os.installed_at), (None, None, None));
    }

    #[test]
    fn a_hostile_product_name_stays_one_line() {
        let hostile = Exported::of(
            "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion]\n\
             \"ProductName\"=\"Windows\u{202e} \u{1b}[2J<script>\"\n\
             \"CurrentBuild\"=\"999999999999\"",
        );
        assert_eq!(os(&hostile).name, "Windows [2J<script>");
    }
}
