//! Errors and crashes of the last day, alike ones together.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(windows, test))]
pub(super) mod windows;

use crate::part::ProbeError;
use helpbell_model::report::Events;

pub(super) fn ask() -> Result<Events, ProbeError> {
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
