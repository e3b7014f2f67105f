//! Installed programs; all their names only where the provider wants that.

#[cfg(target_os = "linux")]
mod linux;

use crate::{part::ProbeError, scope::Scope};
use helpbell_model::report::Programs;

pub(super) fn ask(scope: &Scope) -> Result<Programs, ProbeError> {
    #[cfg(target_os = "linux")]
    {
        linux::ask(std::path::Path::new("/"), scope)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = scope;
        Err(super::not_read_here())
    }
}
