//! Operating system, memory, uptime: quick questions to the system.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(windows, test))]
mod windows;

use super::{line, some_line};
use crate::part::ProbeError;
use helpbell_model::report::{Memory, OperatingSystem, Uptime};
use jiff::{Timestamp, tz::TimeZone};
use sysinfo::System;

pub(super) fn os() -> Result<OperatingSystem, ProbeError> {
    Ok(OperatingSystem {
        architecture: line(&System::cpu_arch()),
        hostname: System::host_name()
            .map(|name| short_host(&name))
            .unwrap_or_default(),
        // Programs without a language say `C`.
        locale: sys_locale::get_locale()
            .and_then(|locale| some_line(&locale))
            .filter(|locale| locale != "C" && locale != "POSIX"),
        time_zone: TimeZone::system().iana_name().and_then(some_line),
        ..itself()?
    })
}

/// What the system calls itself, and what only it can tell.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "other systems may fail")]
fn itself() -> Result<OperatingSystem, ProbeError> {
    Ok(windows::os(&crate::windows::registry::ThisMachine))
}

/// What the system calls itself, and what only it can tell.
#[cfg(not(windows))]
fn itself() -> Result<OperatingSystem, ProbeError> {
    let version = System::os_version().ok().and_then(|text| some_line(&text));
    #[cfg(target_os = "linux")]
    let more = linux::more(std::path::Path::new("/"));
    #[cfg(not(target_os = "linux"))]
    let more = OperatingSystem::default();
    Ok(OperatingSystem {
        name: named(&line(&System::name()?), version.as_deref()),
        id: line(&System::distribution_id()).to_lowercase(),
        version,
        kernel: System::kernel_version().ok().and_then(|text| some_line(&text)),
        ..more
    })
}

#[cfg(any(not(windows), test))]
/// `Debian GNU/Linux` and `12` to `Debian GNU/Linux 12`. A rolling distribution has no version.
fn named(name: &str, version: Option<&str>) -> String {
    match version {
        Some(version) if !name.ends_with(version) => format!("{name} {version}"),
        _ => name.to_owned(),
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
