//! Not read yet.

use super::{ProbeError, Programs};
use crate::{probes::not_read_here, scope::Scope};
use std::path::Path;

pub(super) fn ask(_root: &Path, _scope: &Scope) -> Result<Programs, ProbeError> {
    Err(not_read_here())
}
