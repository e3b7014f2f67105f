//! Devices in trouble, and what is plugged in.

#[cfg(any(target_os = "linux", windows, test))]
mod edid;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(windows, test))]
mod windows;

use crate::part::ProbeError;
use helpbell_model::report::Devices;

pub(super) fn ask() -> Result<Devices, ProbeError> {
    #[cfg(target_os = "linux")]
    {
        linux::ask(std::path::Path::new("/"))
    }
    #[cfg(windows)]
    {
        windows::ask()
    }
    #[cfg(not(any(target_os = "linux", windows)))]
    {
        Err(super::not_read_here())
    }
}
