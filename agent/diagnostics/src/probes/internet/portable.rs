//! The environment, which every system has.

use super::{environment, proxy::Settings};
use std::time::Duration;

pub(super) fn settings(_: Duration) -> Settings {
    environment::settings().unwrap_or_default()
}

pub(super) const fn says(_: Duration) -> Option<String> {
    None
}
