//! The flag that package scripts leave behind, and kernels that are installed and do not run yet.

use super::{ProbeError, Restart};
use crate::probes::{
    line,
    linux::files::{entries, name, text, word},
};
use std::{
    cmp::Ordering,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

/// Written by Debian's and Ubuntu's package scripts; gone after the restart.
const FLAG: &str = "run/reboot-required";
/// One package a line, in the order they asked.
const PACKAGES: &str = "run/reboot-required.pkgs";
/// Only this package family keeps the flag; elsewhere its absence says nothing.
const PACKAGE_FAMILY: &str = "etc/debian_version";
/// Packages named in the report.
const MOST_PACKAGES: usize = 12;

/// Where updates wait that are installed at the next start (systemd.offline-updates(7)).
const OFFLINE_UPDATE: [&str; 2] = ["system-update", "etc/system-update"];

pub(super) fn ask(root: &Path) -> Result<Restart, ProbeError> {
    let flagged = root.join(FLAG).exists();
    let kernels = kernels(root);
    let mut asked: Vec<String> = Vec::new();
    if flagged {
        let packages = text(root.join(PACKAGES)).unwrap_or_default();
        asked.extend(packages.lines().map(line));
    }
    if OFFLINE_UPDATE
        .iter()
        .any(|link| fs::symlink_metadata(root.join(link)).is_ok())
    {
        asked.push("updates prepared for the next start".to_owned());
    }
    let kernel = newer_kernel(root, &kernels);
    if let Some(kernel) = &kernel {
        asked.push(kernel.clone());
    }
    let pending = flagged || !asked.is_empty();
    if !pending && kernels.is_empty() && !root.join(PACKAGE_FAMILY).exists() {
        return Err(ProbeError::unsupported("this distribution does not say"));
    }
    let mut packages: Vec<String> = Vec::new();
    for name in asked {
        if !name.is_empty() && !packages.contains(&name) && packages.len() < MOST_PACKAGES {
            packages.push(name);
        }
    }
    Ok(Restart {
        pending,
        packages,
        ..Default::default()
    })
}

/// An installed kernel: its version, and its image.
struct Kernel {
    version: String,
    image: PathBuf,
}

/// The installed kernels, where their files are named by version.
fn kernels(root: &Path) -> Vec<Kernel> {
    let of_boot = entries(root.join("boot")).into_iter().filter_map(|image| {
        let version = name(&image).strip_prefix("vmlinuz-")?.to_owned();
        Some(Kernel { version, image })
    });
    let of_modules = entries(root.join("usr/lib/modules"))
        .into_iter()
        .map(|folder| Kernel {
            version: name(&folder),
            image: folder.join("vmlinuz"),
        });
    of_boot
        .chain(of_modules)
        .filter(|kernel| kernel.version.starts_with(|c: char| c.is_ascii_digit()))
        .filter(|kernel| !kernel.version.contains("rescue") && kernel.image.is_file())
        .collect()
}

/// The kernel a restart would bring, in words. One that was there at the start already was not chosen then, and one of
/// another flavour is another kernel.
fn newer_kernel(root: &Path, kernels: &[Kernel]) -> Option<String> {
    let running = word(root.join("proc/sys/kernel/osrelease"))?;
    let booted_at: i64 = text(root.join("proc/stat"))?
        .lines()
        .find_map(|row| row.strip_prefix("btime "))?
        .trim()
        .parse()
        .ok()?;
    // Of a machine whose running kernel was never installed here, such as a container, nothing is known.
    let related = |kernel: &&Kernel| flavour(&kernel.version) == flavour(&running);
    let newest = kernels
        .iter()
        .filter(related)
        // Packages bring their images with the time they were built at; when one came here is in the change time.
        .filter(|kernel| fs::metadata(&kernel.image).is_ok_and(|image| image.ctime() > booted_at))
        .max_by(|a, b| compared(&a.version, &b.version))?;
    let newer = compared(&newest.version, &running) == Ordering::Greater;
    newer.then(|| line(&format!("kernel {} (running is {running})", newest.version)))
}

/// `amd64`, `generic`, `x86_64`.
fn flavour(version: &str) -> &str {
    version.rsplit(['-', '.']).next().unwrap_or(version)
}

/// Versions in their order: numbers by value, everything else as text.
fn compared(a: &str, b: &str) -> Ordering {
    let (a, b) = (parts(a), parts(b));
    a.cmp(&b)
}

/// `6.1.0-18-amd64` to 6, 1, 0, 18, `amd64`. Text comes before numbers: `rc1` before the release's `0`.
fn parts(version: &str) -> Vec<(u64, &str)> {
    version
        .split(['.', '-', '_', '+', '~'])
        .map(|part| match part.parse::<u64>() {
            Ok(number) => (number.saturating_add(1), ""),
            Err(_) => (0, part),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;

    #[test]
    fn the_flag_of_the_package_scripts_means_a_restart_is_due() {
        let machine = MadeUp::machine()
            .file(FLAG, "*** System restart required ***\n")
            .file(PACKAGES, "linux-image-6.1\nlibc6\nlibc6\n\n");
        assert_eq!(
            ask(machine.root()).unwrap(),
            Restart {
                pending: true,
                packages: vec!["linux-image-6.1".into(), "libc6".into()],
                ..Default::default()
            }
        );
    }

    #[test]
    fn a_missing_flag_means_something_only_where_the_flag_is_kept() {
        let machine = MadeUp::machine();
        assert!(matches!(ask(machine.root()), Err(ProbeError::Unsupported(_))));
        let machine = machine.file(PACKAGE_FAMILY, "12.5\n");
        assert_eq!(ask(machine.root()).unwrap(), Restart::default());
    }

    fn running(version: &str, booted_at: &str) -> MadeUp {
        MadeUp::machine()
            .file("proc/sys/kernel/osrelease", format!("{version}\n"))
            .file("proc/stat", format!("cpu 1 2 3\nbtime {booted_at}\n"))
            .file(&format!("boot/vmlinuz-{version}"), "")
    }

    const LONG_AGO: &str = "1000000000";
    const JUST_NOW: &str = "9000000000";

    #[test]
    fn a_kernel_that_came_since_the_start_asks_for_a_restart() {
        let machine = running("6.8.5-301.fc40.x86_64", LONG_AGO)
            .file("usr/lib/modules/6.8.11-300.fc40.x86_64/vmlinuz", "")
            .file("boot/vmlinuz-0-rescue-3d1219c7.x86_64", "");
        let restart = ask(machine.root()).unwrap();
        assert!(restart.pending);
        assert_eq!(
            restart.packages,
            ["kernel 6.8.11-300.fc40.x86_64 (running is 6.8.5-301.fc40.x86_64)"]
        );
    }

    #[test]
    fn an_older_kernel_another_flavour_and_one_that_was_not_chosen_ask_for_nothing() {
        for machine in [
            running("6.1.0-18-amd64", LONG_AGO),
            running("6.1.0-18-amd64", LONG_AGO).file("boot/vmlinuz-6.1.0-9-amd64", ""),
            running("6.1.0-18-amd64", LONG_AGO).file("boot/vmlinuz-6.1.0-20-cloud", ""),
            running("6.1.0-18-amd64", JUST_NOW).file("boot/vmlinuz-6.1.0-20-amd64", ""),
        ] {
            assert_eq!(ask(machine.root()), Ok(Restart::default()));
        }
    }

    #[test]
    fn updates_prepared_for_the_next_start_are_told() {
        let machine =
            running("6.8.5-301.fc40.x86_64", LONG_AGO).link("system-update", "/var/lib/dnf/system-upgrade");
        assert_eq!(
            ask(machine.root()).unwrap().packages,
            ["updates prepared for the next start"]
        );
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (older, newer) in [
            ("6.1.0-9-amd64", "6.1.0-18-amd64"),
            ("6.8.0-rc1", "6.8.0-1"),
            ("6.8", "6.8.1"),
        ] {
            assert_eq!(compared(older, newer), Ordering::Less, "{older} {newer}");
        }
    }

    proptest! {
        #[test]
        fn the_order_of_versions_is_an_order(a in "[0-9a-z.-]{0,12}", b in "[0-9a-z.-]{0,12}") {
            prop_assert_eq!(compared(&a, &b), compared(&b, &a).reverse());
        }
    }
}
