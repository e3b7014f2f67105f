//! How long an examination may take.

use std::time::Duration;

/// How long the parts of an examination may take. A part that is not done by then is reported
/// as such and left behind; nothing else waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Ceiling for every probe. A probe's own deadline counts if it is earlier.
    pub probe: Duration,
    /// For photographing all screens together.
    pub screens: Duration,
}

/// A person who pressed the button waits at most this long after pressing Send; the probes run
/// while they type.
const PROBE_CEILING: Duration = Duration::from_secs(3);

/// Three 4K screens take about 100 ms; a machine in trouble may need thirty times that.
const SCREENS_LIMIT: Duration = Duration::from_secs(3);

impl Default for Limits {
    fn default() -> Self {
        Self {
            probe: PROBE_CEILING,
            screens: SCREENS_LIMIT,
        }
    }
}
