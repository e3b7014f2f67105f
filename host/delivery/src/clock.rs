//! What time it is, for everything that is written down or waited for.
//!
//! Times on disk are wall-clock times, since they must mean something to another process and after a
//! restart. Tests run on a virtual clock: tokio's, moved on by `tokio::time::advance` or by itself.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::time::Instant;

/// A clock. Cheap to clone; clones show the same time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock(Kind);

#[derive(Debug, Clone, Copy, Default)]
enum Kind {
    #[default]
    System,
    Virtual {
        start: Timestamp,
        began: Instant,
    },
    Hurried {
        from: Timestamp,
        speed: u32,
    },
}

impl Clock {
    /// The machine's own.
    #[must_use]
    pub const fn system() -> Self {
        Self(Kind::System)
    }

    /// Starts at `start` and moves as tokio's time does.
    #[must_use]
    pub fn virtual_from(start: Timestamp) -> Self {
        Self(Kind::Virtual {
            start,
            began: Instant::now(),
        })
    }

    /// The machine's own until `from`, and since then so many times as fast: for tests with real
    /// processes, all of which must agree on the time.
    #[must_use]
    pub const fn hurried(from: Timestamp, speed: u32) -> Self {
        Self(Kind::Hurried { from, speed })
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self.0 {
            Kind::System => Timestamp::now(),
            Kind::Virtual { start, began } => after(start, began.elapsed()),
            Kind::Hurried { from, speed } => after(from, until(from, Timestamp::now()) * speed),
        }
    }

    /// Waits until then; not at all if that is past.
    pub async fn wait_until(&self, then: Timestamp) {
        tokio::time::sleep(self.real(until(self.now(), then))).await;
    }

    /// How long on the monotonic clock something takes that takes so long on this one.
    #[must_use]
    pub fn real(&self, duration: Duration) -> Duration {
        match self.0 {
            Kind::Hurried { speed, .. } => duration / speed.max(1),
            Kind::System | Kind::Virtual { .. } => duration,
        }
    }
}

/// The time so much later, or the last there is.
#[must_use]
pub fn after(time: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration)
        .ok()
        .and_then(|duration| time.checked_add(duration).ok())
        .unwrap_or(Timestamp::MAX)
}

/// The time so much earlier, or the first there is.
#[must_use]
pub fn before(time: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration)
        .ok()
        .and_then(|duration| time.checked_sub(duration).ok())
        .unwrap_or(Timestamp::MIN)
}

/// How long it is from one time to another; nothing if that lies before.
#[must_use]
pub fn until(from: Timestamp, to: Timestamp) -> Duration {
    to.duration_since(from).try_into().unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_virtual_clock_moves_with_tokios_time() {
        let clock = Clock::virtual_from(Timestamp::UNIX_EPOCH);
        clock
            .wait_until(after(Timestamp::UNIX_EPOCH, Duration::from_secs(3600)))
            .await;
        assert_eq!(clock.now().as_second(), 3600);
        assert_eq!(until(clock.now(), Timestamp::UNIX_EPOCH), Duration::ZERO);
    }
}
