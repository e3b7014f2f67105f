//! What protects the machine: Secure Boot, encryption, firewall, programs against malware.

#[cfg(target_os = "linux")]
mod linux;

use crate::part::ProbeError;
use helpbell_model::report::Protection;

pub(super) fn ask() -> Result<Protection, ProbeError> {
    #[cfg(target_os = "linux")]
    {
        linux::ask(std::path::Path::new("/"))
    }
    #[cfg(not(target_os = "linux"))]
    {
        Err(super::not_read_here())
    }
}
