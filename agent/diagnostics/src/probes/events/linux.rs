//! Not read yet.

use super::{Events, ProbeError};
use crate::probes::not_read_here;
use std::path::Path;

pub(super) fn ask(_root: &Path) -> Result<Events, ProbeError> {
    Err(not_read_here())
}
