//! Graphics processors and what drives them.

#[cfg(target_os = "linux")]
mod linux;

use crate::part::ProbeError;
use helpbell_model::report::Gpu;

pub(super) fn ask() -> Result<Vec<Gpu>, ProbeError> {
    #[cfg(target_os = "linux")]
    {
        linux::ask(std::path::Path::new("/"))
    }
    #[cfg(not(target_os = "linux"))]
    {
        Err(super::not_read_here())
    }
}
