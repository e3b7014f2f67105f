//! Reads the mount table itself: asking the size of a network or FUSE file system whose server is
//! gone hangs for ever, so those are left out *before* anything touches them.

use super::{Disk, ProbeError};
use crate::{probes::line, scrub::homes};
use std::{ffi::OsStr, io, path::Path};

/// File systems that keep data on a local disk. Everything else is either the kernel's
/// (`proc`), in memory (`tmpfs`), always full by design (`squashfs`, `iso9660`), remote
/// (`nfs`, `cifs`) or able to hang (`fuse.*`). `fuseblk` is NTFS on a local disk.
const LOCAL: [&str; 16] = [
    "ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs", "reiserfs", "jfs", "vfat", "exfat",
    "ntfs", "ntfs3", "fuseblk", "hfsplus",
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
        mount: line(&homes(&mount.point)),
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
    let flagged = place
        .ancestors()
        .take(2)
        .any(|folder| std::fs::read_to_string(folder.join("removable")).is_ok_and(|flag| flag.trim() == "1"));
    on_usb || flagged
}
