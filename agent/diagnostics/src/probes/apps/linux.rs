//! Not read yet.

use super::{App, ProbeError};
use crate::probes::not_read_here;
use std::path::Path;

pub(super) fn ask(_root: &Path) -> Result<Vec<App>, ProbeError> {
    Err(not_read_here())
}
