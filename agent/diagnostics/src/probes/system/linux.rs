//! What a Linux system tells of itself besides its name.

use crate::probes::{linux::files::text, some_line};
use helpbell_model::report::OperatingSystem;
use jiff::Timestamp;
use std::{fs, path::Path};

/// Where the distribution describes itself; the second one is the first one's place on small systems.
const RELEASE: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];

/// What is written once, by the installer or at the first start.
const WRITTEN_ONCE: [&str; 2] = ["var/log/installer", "etc/machine-id"];

/// In seconds since 1970: the summer of 1991. A file that claims to be older knows nothing of its age.
const BEFORE_LINUX: i64 = 680_000_000;

pub(super) fn more(root: &Path) -> OperatingSystem {
    let release = RELEASE.iter().find_map(|path| text(root.join(path)));
    OperatingSystem {
        edition: release.as_deref().and_then(|release| value(release, "VARIANT")),
        installed_at: WRITTEN_ONCE.iter().find_map(|path| made_at(&root.join(path))),
        ..Default::default()
    }
}

/// When something was made, or last changed on file systems that do not keep that.
fn made_at(path: &Path) -> Option<Timestamp> {
    let facts = fs::metadata(path).ok()?;
    // Images are often built with the times set to nothing.
    [facts.created(), facts.modified()]
        .into_iter()
        .flatten()
        .filter_map(|made| Timestamp::try_from(made).ok())
        .find(|made| made.as_second() > BEFORE_LINUX)
}

/// The value of one name in a file such as os-release(5).
fn value(release: &str, name: &str) -> Option<String> {
    let value = release
        .lines()
        .find_map(|row| row.trim().strip_prefix(name)?.strip_prefix('='))?;
    some_line(&value.replace(['"', '\''], "").replace('\\', ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;

    #[test]
    fn the_edition_is_the_variant_of_the_distribution() {
        let machine = MadeUp::machine().file(
            "etc/os-release",
            "NAME=\"Fedora Linux\"\nVARIANT_ID=workstation\nVARIANT=\"Workstation Edition\"\n",
        );
        assert_eq!(
            more(machine.root()).edition.as_deref(),
            Some("Workstation Edition")
        );
    }

    #[test]
    fn a_system_was_installed_when_its_id_was_written() {
        let empty = MadeUp::machine();
        assert_eq!(more(empty.root()), OperatingSystem::default());
        let machine = empty.file("etc/machine-id", "3d12\n");
        let age = Timestamp::now().duration_since(more(machine.root()).installed_at.unwrap());
        assert!(age.as_hours().abs() < 24, "{age:?}");
    }

    #[test]
    fn a_time_of_nothing_is_no_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("machine-id");
        fs::write(&file, "").unwrap();
        let epoch = std::time::SystemTime::UNIX_EPOCH;
        fs::File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(epoch)
            .unwrap();
        // The time of its making counts where the file system keeps it.
        assert!(made_at(&file).is_none_or(|made| made.as_second() > BEFORE_LINUX));
    }

    proptest! {
        #[test]
        fn any_release_file_gives_a_shown_line_or_nothing(text in "(VARIANT=)?\\PC{0,300}") {
            if let Some(value) = value(&text, "VARIANT") {
                prop_assert!(!value.is_empty() && value.chars().count() <= 120);
            }
        }
    }
}
