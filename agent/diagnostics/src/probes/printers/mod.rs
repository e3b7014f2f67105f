//! Printers and their queues. A spooler may never answer.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(windows, test))]
mod windows;

use crate::part::ProbeError;
use helpbell_model::report::Printer;

pub(super) fn ask() -> Result<Vec<Printer>, ProbeError> {
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
