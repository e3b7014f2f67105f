//! Batteries: charge, health, cycles.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod portable;

use crate::part::ProbeError;
use helpbell_model::report::Battery;

pub(super) fn ask() -> Result<Vec<Battery>, ProbeError> {
    #[cfg(target_os = "linux")]
    {
        linux::ask(std::path::Path::new("/"))
    }
    #[cfg(not(target_os = "linux"))]
    {
        portable::ask()
    }
}
