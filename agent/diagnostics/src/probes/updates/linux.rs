//! Not read yet.

use super::{ProbeError, Updates};
use crate::probes::not_read_here;
use std::path::Path;

pub(super) fn ask(_root: &Path) -> Result<Updates, ProbeError> {
    Err(not_read_here())
}
