//! Windows lists fixed and removable drives only, macOS local volumes: nothing remote.

use super::{Disk, ProbeError};
use crate::probes::line;
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
