//! Drives by letter, none of other machines.

use super::{Disk, ProbeError};
use crate::{probes::line, windows::drives};

pub(super) fn disks() -> Result<Vec<Disk>, ProbeError> {
    let drives = drives::local();
    if drives.is_empty() {
        return Err(ProbeError::unsupported("this system lists no drives"));
    }
    Ok(drives
        .into_iter()
        .map(|drive| Disk {
            device: line(&drive.device),
            file_system: line(&drive.file_system),
            ..drive
        })
        .collect())
}
