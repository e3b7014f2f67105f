//! Not read yet.

use super::{Account, ProbeError};
use crate::probes::not_read_here;
use std::path::Path;

pub(super) fn ask(_root: &Path) -> Result<Account, ProbeError> {
    Err(not_read_here())
}
