//! The environment, which every system has.

use super::proxy::{self, Settings};
use std::{env, time::Duration};

pub(super) fn settings(_: Duration) -> Settings {
    let proxy = ["https_proxy", "HTTPS_PROXY", "http_proxy"]
        .into_iter()
        .find_map(|name| proxy::parse(&env::var(name).ok()?));
    Settings {
        proxy,
        ..Settings::default()
    }
}

pub(super) const fn says(_: Duration) -> Option<String> {
    None
}
