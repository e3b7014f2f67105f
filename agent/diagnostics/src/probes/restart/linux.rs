//! The flag that package scripts leave behind.

use super::{ProbeError, Restart};
use crate::probes::line;
use std::path::Path;

/// Written by Debian's and Ubuntu's package scripts; gone after the restart.
const FLAG: &str = "run/reboot-required";
/// One package a line, in the order they asked.
const PACKAGES: &str = "run/reboot-required.pkgs";
/// Only this package family keeps the flag; elsewhere its absence says nothing.
const PACKAGE_FAMILY: &str = "etc/debian_version";
/// Packages named in the report.
const MOST_PACKAGES: usize = 12;

pub(super) fn ask(root: &Path) -> Result<Restart, ProbeError> {
    if !root.join(FLAG).exists() {
        return if root.join(PACKAGE_FAMILY).exists() {
            Ok(Restart::default())
        } else {
            Err(ProbeError::unsupported("this distribution does not say"))
        };
    }
    let mut packages: Vec<String> = Vec::new();
    for name in std::fs::read_to_string(root.join(PACKAGES))
        .unwrap_or_default()
        .lines()
        .map(line)
    {
        if !name.is_empty() && !packages.contains(&name) && packages.len() < MOST_PACKAGES {
            packages.push(name);
        }
    }
    Ok(Restart {
        pending: true,
        packages,
        ..Default::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_of_the_package_scripts_means_a_restart_is_due() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("run")).unwrap();
        std::fs::write(root.path().join(FLAG), "*** System restart required ***\n").unwrap();
        std::fs::write(root.path().join(PACKAGES), "linux-image-6.1\nlibc6\nlibc6\n\n").unwrap();
        let restart = ask(root.path()).unwrap();
        assert_eq!(
            restart,
            Restart {
                pending: true,
                packages: vec!["linux-image-6.1".into(), "libc6".into()],
                ..Default::default()
            }
        );
    }

    #[test]
    fn a_missing_flag_means_something_only_where_the_flag_is_kept() {
        let root = tempfile::tempdir().unwrap();
        assert!(matches!(ask(root.path()), Err(ProbeError::Unsupported(_))));
        std::fs::create_dir(root.path().join("etc")).unwrap();
        std::fs::write(root.path().join(PACKAGE_FAMILY), "12.5\n").unwrap();
        assert_eq!(ask(root.path()).unwrap(), Restart::default());
    }
}
