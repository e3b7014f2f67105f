//! Not read yet.

use super::{ProbeError, Services};
use crate::probes::not_read_here;
use std::path::Path;

pub(super) fn ask(_root: &Path) -> Result<Services, ProbeError> {
    Err(not_read_here())
}
