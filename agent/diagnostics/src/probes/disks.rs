//! Local file systems and their free space.

use crate::part::ProbeError;
use helpbell_model::report::Disk;

/// Rows in the report. A container host may mount hundreds; the fullest matter.
const MOST_DISKS: usize = 24;

pub(super) fn ask() -> Result<Vec<Disk>, ProbeError> {
    let mut disks = platform::disks()?;
    disks.retain(|disk| disk.total > 0);
    Ok(tidy(disks))
}

/// One entry per device (bind mounts and subvolumes show the same space again), the shortest
/// mount point wins; in the order of mount points.
fn tidy(mut disks: Vec<Disk>) -> Vec<Disk> {
    disks.sort_by(|a, b| {
        a.mount
            .len()
            .cmp(&b.mount.len())
            .then_with(|| a.mount.cmp(&b.mount))
    });
    let mut kept: Vec<Disk> = Vec::new();
    for disk in disks {
        if !kept
            .iter()
            .any(|other| other.device == disk.device && other.total == disk.total && !disk.device.is_empty())
        {
            kept.push(disk);
        }
    }
    if kept.len() > MOST_DISKS {
        kept.sort_by_key(|disk| disk.available);
        kept.truncate(MOST_DISKS);
    }
    kept.sort_by(|a, b| a.mount.cmp(&b.mount));
    kept
}

#[cfg(target_os = "linux")]
mod platform {
    //! Reads the mount table itself: asking the size of a network or FUSE file system whose server is
    //! gone hangs for ever, so those are left out *before* anything touches them.

    use super::super::line;
    use super::{Disk, ProbeError};
    use std::{ffi::OsStr, io, path::Path};

    /// File systems that keep data on a local disk. Everything else is either the kernel's
    /// (`proc`), in memory (`tmpfs`), always full by design (`squashfs`, `iso9660`), remote
    /// (`nfs`, `cifs`) or able to hang (`fuse.*`). `fuseblk` is NTFS on a local disk.
    const LOCAL: [&str; 16] = [
        "ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs", "reiserfs", "jfs", "vfat",
        "exfat", "ntfs", "ntfs3", "fuseblk", "hfsplus",
    ];

    pub(super) fn disks() -> Result<Vec<Disk>, ProbeError> {
        let table = std::fs::read_to_string("/proc/self/mounts").map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => ProbeError::Denied(error.to_string()),
            _ => ProbeError::Failed(format!("cannot read the mount table: {error}")),
        })?;
        Ok(mounts(&table)
            .into_iter()
            .filter_map(|mount| measured(&mount))
            .collect())
    }

    #[derive(Debug, PartialEq, Eq)]
    pub(super) struct Mount {
        pub(super) device: String,
        pub(super) point: String,
        pub(super) file_system: String,
    }

    /// The local mounts of a mount table as proc(5) describes it.
    pub(super) fn mounts(table: &str) -> Vec<Mount> {
        table
            .lines()
            .filter_map(|row| {
                let mut fields = row.split(' ');
                let (device, point, file_system) = (fields.next()?, fields.next()?, fields.next()?);
                let root_of_container = point == "/" && file_system == "overlay";
                (LOCAL.contains(&file_system) || root_of_container).then(|| Mount {
                    device: unescaped(device),
                    point: unescaped(point),
                    file_system: file_system.to_owned(),
                })
            })
            .collect()
    }

    /// The four characters the kernel writes in octal.
    fn unescaped(field: &str) -> String {
        field
            .replace("\\040", " ")
            .replace("\\011", "\t")
            .replace("\\012", "\n")
            .replace("\\134", "\\")
    }

    fn measured(mount: &Mount) -> Option<Disk> {
        // A file bind-mounted into a container is no disk of its own.
        if !Path::new(&mount.point).is_dir() {
            return None;
        }
        let size = rustix::fs::statvfs(&mount.point).ok()?;
        Some(Disk {
            mount: line(&mount.point),
            device: line(&mount.device),
            file_system: line(&mount.file_system),
            total: size.f_blocks.saturating_mul(size.f_frsize),
            // What is left for an ordinary program, without the reserve of root.
            available: size.f_bavail.saturating_mul(size.f_frsize),
            removable: removable(&mount.device),
            read_only: size.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
        })
    }

    /// Whether the kernel calls the disk of this partition removable, or it hangs on USB.
    fn removable(device: &str) -> bool {
        let Some(name) = Path::new(device).file_name().and_then(OsStr::to_str) else {
            return false;
        };
        let Ok(place) = Path::new("/sys/class/block").join(name).canonicalize() else {
            return false;
        };
        let on_usb = place
            .components()
            .any(|part| part.as_os_str().to_string_lossy().starts_with("usb"));
        // A partition's own folder lies in that of its disk.
        let flagged = place.ancestors().take(2).any(|folder| {
            std::fs::read_to_string(folder.join("removable")).is_ok_and(|flag| flag.trim() == "1")
        });
        on_usb || flagged
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    //! Windows lists fixed and removable drives only, macOS local volumes: nothing remote.

    use super::super::line;
    use super::{Disk, ProbeError};
    use sysinfo::{DiskRefreshKind, Disks};

    pub(super) fn disks() -> Result<Vec<Disk>, ProbeError> {
        let disks = Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing().with_storage())?;
        Ok(disks
            .iter()
            .map(|disk| Disk {
                // Windows says `C:\`; people say `C:`.
                mount: short(&line(&disk.mount_point().to_string_lossy())),
                device: line(&disk.name().to_string_lossy()),
                file_system: line(&disk.file_system().to_string_lossy()),
                total: disk.total_space(),
                available: disk.available_space(),
                removable: disk.is_removable(),
                read_only: disk.is_read_only(),
            })
            .collect())
    }

    fn short(mount: &str) -> String {
        mount
            .strip_suffix(":\\")
            .map_or_else(|| mount.to_owned(), |letter| format!("{letter}:"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(mount: &str, device: &str, available: u64) -> Disk {
        Disk {
            mount: mount.into(),
            device: device.into(),
            total: 100,
            available,
            ..Disk::default()
        }
    }

    #[test]
    fn a_device_mounted_twice_is_one_disk_under_its_shortest_name() {
        let kept = tidy(vec![
            disk("/var/lib/x", "/dev/sda1", 5),
            disk("/", "/dev/sda1", 5),
            disk("/home", "/dev/sda2", 5),
        ]);
        let mounts: Vec<&str> = kept.iter().map(|disk| disk.mount.as_str()).collect();
        assert_eq!(mounts, ["/", "/home"]);
    }

    #[test]
    fn volumes_without_a_label_stay_apart() {
        assert_eq!(tidy(vec![disk("C:", "", 5), disk("D:", "", 5)]).len(), 2);
    }

    #[test]
    fn of_too_many_disks_the_fullest_stay() {
        let many = (0..100)
            .map(|n| disk(&format!("/{n:03}"), &format!("/dev/{n}"), 1000 - n))
            .collect();
        let kept = tidy(many);
        assert_eq!(kept.len(), MOST_DISKS);
        assert_eq!(kept.last().unwrap().mount, "/099");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_that_can_hang_is_asked_for_its_size() {
        let table = "server:/share /mnt/nfs nfs4 rw 0 0\n\
            /dev/fuse /mnt/cloud fuse.sshfs rw 0 0\n\
            tmpfs /run tmpfs rw 0 0\n\
            /dev/loop3 /snap/core squashfs ro 0 0\n\
            /dev/nvme0n1p2 / ext4 rw,relatime 0 0\n\
            /dev/sdb1 /media/me/My\\040Disk fuseblk rw 0 0\n\
            broken row\n";
        let found: Vec<(String, String)> = platform::mounts(table)
            .into_iter()
            .map(|m| (m.device, m.point))
            .collect();
        assert_eq!(
            found,
            [
                ("/dev/nvme0n1p2".into(), "/".into()),
                ("/dev/sdb1".into(), "/media/me/My Disk".to_owned())
            ]
        );
    }

    #[test]
    fn no_disk_of_this_machine_has_more_space_than_it_is_large() {
        for disk in ask().unwrap() {
            assert!(disk.available <= disk.total && disk.total > 0, "{disk:?}");
        }
    }
}
