//! The programs that people work with.

#[cfg(target_os = "linux")]
mod linux;

use crate::part::ProbeError;
use helpbell_model::report::App;

pub(super) fn ask() -> Result<Vec<App>, ProbeError> {
    #[cfg(target_os = "linux")]
    {
        linux::ask(std::path::Path::new("/"))
    }
    #[cfg(not(target_os = "linux"))]
    {
        Err(super::not_read_here())
    }
}
