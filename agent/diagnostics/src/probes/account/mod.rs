//! Whose account this is, and to what the machine belongs. The directory is never asked: its server may be out of reach.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(windows, test))]
mod windows;

use crate::part::ProbeError;
use helpbell_model::report::Account;

pub(super) fn ask() -> Result<Account, ProbeError> {
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
