//! Operating system, memory, uptime: quick questions to the system.

#[cfg(target_os = "linux")]
mod linux;

use super::{line, some_line};
use crate::part::ProbeError;
use helpbell_model::report::{Memory, OperatingSystem, Uptime};
use jiff::{Timestamp, tz::TimeZone};
use sysinfo::System;

/// Feature updates of Windows by build number, as Microsoft's release information lists them. Newer
/// builds than the last one here simply show no name.
const WINDOWS_RELEASES: [(u32, &str); 9] = [
    (19044, "21H2"),
    (19045, "22H2"),
    (22000, "21H2"),
    (22621, "22H2"),
    (22631, "23H2"),
    (26100, "24H2"),
    (26200, "25H2"),
    (18363, "1909"),
    (17763, "1809"),
];

pub(super) fn os() -> Result<OperatingSystem, ProbeError> {
    let version = System::os_version().ok().and_then(|text| some_line(&text));
    let kernel = System::kernel_version().ok().and_then(|text| some_line(&text));
    let name = if cfg!(windows) {
        let long = System::long_os_version().unwrap_or_else(|_| "Windows".to_owned());
        windows_name(&line(&long), kernel.as_deref())
    } else {
        named(&line(&System::name()?), version.as_deref())
    };
    Ok(OperatingSystem {
        name,
        id: line(&System::distribution_id()).to_lowercase(),
        version,
        kernel,
        architecture: line(&System::cpu_arch()),
        hostname: System::host_name()
            .map(|name| short_host(&name))
            .unwrap_or_default(),
        locale: sys_locale::get_locale().and_then(|locale| some_line(&locale)),
        time_zone: TimeZone::system().iana_name().and_then(some_line),
        ..more()
    })
}

/// What only the system itself can tell.
fn more() -> OperatingSystem {
    #[cfg(target_os = "linux")]
    {
        linux::more(std::path::Path::new("/"))
    }
    #[cfg(not(target_os = "linux"))]
    {
        OperatingSystem::default()
    }
}

/// `Debian GNU/Linux` and `12` to `Debian GNU/Linux 12`. A rolling distribution has no version.
fn named(name: &str, version: Option<&str>) -> String {
    match version {
        Some(version) if !name.ends_with(version) => format!("{name} {version}"),
        _ => name.to_owned(),
    }
}

/// `Windows 11 Pro` and build `26100` to `Windows 11 Pro 24H2`.
fn windows_name(name: &str, build: Option<&str>) -> String {
    let release = build
        .and_then(|build| build.parse::<u32>().ok())
        .filter(|_| !name.contains("Server"))
        .and_then(|build| WINDOWS_RELEASES.iter().find(|(known, _)| *known == build));
    match release {
        Some((_, release)) => format!("{name} {release}"),
        None => name.to_owned(),
    }
}

/// The host name without its domain.
fn short_host(name: &str) -> String {
    let name = line(name);
    name.split('.').next().unwrap_or_default().to_owned()
}

pub(super) fn memory() -> Result<Memory, ProbeError> {
    let mut system = System::new()?;
    system.refresh_memory();
    if system.total_memory() == 0 {
        return Err(ProbeError::Failed("the system reports no memory at all".into()));
    }
    Ok(Memory {
        total: system.total_memory(),
        available: system.available_memory(),
        swap_total: system.total_swap(),
        swap_used: system.used_swap(),
    })
}

pub(super) fn uptime() -> Result<Uptime, ProbeError> {
    let seconds = System::uptime()?;
    let booted_at = System::boot_time()
        .ok()
        .and_then(|seconds| i64::try_from(seconds).ok())
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    Ok(Uptime { seconds, booted_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_said_once() {
        assert_eq!(named("Debian GNU/Linux", Some("12")), "Debian GNU/Linux 12");
        assert_eq!(named("Arch Linux", None), "Arch Linux");
        assert_eq!(named("Fedora Linux 41", Some("41")), "Fedora Linux 41");
    }

    #[test]
    fn windows_is_named_with_its_feature_update() {
        assert_eq!(
            windows_name("Windows 11 Pro", Some("26100")),
            "Windows 11 Pro 24H2"
        );
        assert_eq!(windows_name("Windows 11 Pro", Some("99999")), "Windows 11 Pro");
        assert_eq!(
            windows_name("Windows Server 2025 Standard", Some("26100")),
            "Windows Server 2025 Standard"
        );
    }

    #[test]
    fn a_host_name_loses_its_domain() {
        assert_eq!(short_host("desk-7.corp.example.com"), "desk-7");
        assert_eq!(short_host(""), "");
    }

    #[test]
    fn this_machine_has_memory_and_an_operating_system() {
        let memory = memory().unwrap();
        assert!(memory.available <= memory.total, "{memory:?}");
        let os = os().unwrap();
        assert!(!os.name.is_empty() && !os.architecture.is_empty(), "{os:?}");
    }
}
