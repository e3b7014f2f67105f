//! How long an examination may take.

use std::time::Duration;

/// How long the parts of an examination may take. A part that is not done by then is reported
/// as such and left behind; nothing else waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Ceiling for every probe. A probe's own deadline counts if it is earlier.
    pub probe: Duration,
    /// For everything together, from the beginning on.
    pub whole: Duration,
    /// For photographing all screens together.
    pub screens: Duration,
    /// For the desktop's portal in a Wayland session, which may ask the person first.
    pub portal: Duration,
}

/// The slowest probes (a provider's own scripts) may take half of it, and nothing waits in a row for more than two.
const WHOLE: Duration = Duration::from_secs(20);

/// Three 4K screens take about 100 ms; a machine in trouble may need thirty times that.
const SCREENS_LIMIT: Duration = Duration::from_secs(3);

/// A portal that may answers within a second; one that asks the person first is answered by then, or will not be.
const PORTAL_LIMIT: Duration = Duration::from_secs(8);

/// Somebody who pressed Send waits so long for probes that are still at work; the rest follows.
pub const PATIENCE: Duration = Duration::from_secs(3);

impl Default for Limits {
    fn default() -> Self {
        Self {
            probe: WHOLE,
            whole: WHOLE,
            screens: SCREENS_LIMIT,
            portal: PORTAL_LIMIT,
        }
    }
}
