//! The local volumes of macOS: nothing remote.

use super::{Disk, ProbeError};
use crate::probes::line;
use sysinfo::{DiskRefreshKind, Disks};

pub(super) fn disks() -> Result<Vec<Disk>, ProbeError> {
    let disks = Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing().with_storage())?;
    Ok(disks
        .iter()
        .map(|disk| Disk {
            mount: line(&disk.mount_point().to_string_lossy()),
            device: line(&disk.name().to_string_lossy()),
            file_system: line(&disk.file_system().to_string_lossy()),
            total: disk.total_space(),
            available: disk.available_space(),
            removable: disk.is_removable(),
            read_only: disk.is_read_only(),
        })
        .collect())
}
