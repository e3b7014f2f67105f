//! Devices in trouble, and what is plugged in.

#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "not every system hands out EDIDs")
)]
mod edid;
#[cfg(target_os = "linux")]
mod linux;

use crate::part::ProbeError;
use helpbell_model::report::Devices;

pub(super) fn ask() -> Result<Devices, ProbeError> {
    #[cfg(target_os = "linux")]
    {
        linux::ask(std::path::Path::new("/"))
    }
    #[cfg(not(target_os = "linux"))]
    {
        Err(super::not_read_here())
    }
}
