//! Whether the system waits for a restart.

#[cfg(target_os = "linux")]
mod linux;

use crate::part::ProbeError;
use helpbell_model::report::Restart;

pub(super) fn ask() -> Result<Restart, ProbeError> {
    #[cfg(target_os = "linux")]
    {
        linux::ask(std::path::Path::new("/"))
    }
    #[cfg(not(target_os = "linux"))]
    {
        Err(super::not_read_here())
    }
}
