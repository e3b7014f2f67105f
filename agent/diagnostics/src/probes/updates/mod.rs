//! How current the system is.

#[cfg(target_os = "linux")]
mod linux;

use crate::part::ProbeError;
use helpbell_model::report::Updates;

pub(super) fn ask() -> Result<Updates, ProbeError> {
    #[cfg(target_os = "linux")]
    {
        linux::ask(std::path::Path::new("/"))
    }
    #[cfg(not(target_os = "linux"))]
    {
        Err(super::not_read_here())
    }
}
