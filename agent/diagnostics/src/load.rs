//! How busy all processors together are, from one look to the next.
//!
//! On Windows the kernel's own counters are read, which takes microseconds and always works. The performance counters
//! that sysinfo asks there can take 300 ms to open, are broken on many a machine, and then say 0 %.

use crate::part::ProbeError;

/// What the last look saw.
pub(crate) struct Load(platform::Counters);

impl Load {
    /// The first look.
    pub(crate) fn begin() -> Result<Self, ProbeError> {
        platform::Counters::begin().map(Self)
    }

    /// Percent since the last look. The system's counters tick every 10 ms at worst and sysinfo wants 200 ms between
    /// two looks.
    pub(crate) fn percent(&mut self) -> Result<f32, ProbeError> {
        self.0.percent().map(|percent| percent.clamp(0.0, 100.0))
    }
}

#[cfg(windows)]
mod platform {
    use super::ProbeError;
    use windows::Win32::{Foundation::FILETIME, System::Threading::GetSystemTimes};

    /// Time since the system started, all processors added up, in units of 100 ns.
    #[derive(Clone, Copy)]
    pub(super) struct Counters {
        idle: u64,
        /// Working or idle.
        all: u64,
    }

    impl Counters {
        pub(super) fn begin() -> Result<Self, ProbeError> {
            let [mut idle, mut kernel, mut user] = [FILETIME::default(); 3];
            #[expect(unsafe_code, reason = "the kernel's counters are read by a C function")]
            // SAFETY: the three places are valid for the call, which writes one FILETIME into each and keeps none.
            unsafe { GetSystemTimes(Some(&raw mut idle), Some(&raw mut kernel), Some(&raw mut user)) }
                .map_err(|error| ProbeError::Failed(format!("Windows does not tell: {}", error.message())))?;
            Ok(Self {
                idle: ticks(idle),
                // To Windows idling is work of the kernel's.
                all: ticks(kernel).saturating_add(ticks(user)),
            })
        }

        pub(super) fn percent(&mut self) -> Result<f32, ProbeError> {
            let (before, now) = (*self, Self::begin()?);
            *self = now;
            Ok(busy(
                now.idle.saturating_sub(before.idle),
                now.all.saturating_sub(before.all),
            ))
        }
    }

    fn ticks(time: FILETIME) -> u64 {
        u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime)
    }

    #[expect(clippy::cast_precision_loss, reason = "a share needs few digits")]
    fn busy(idle: u64, all: u64) -> f32 {
        if all == 0 {
            return 0.0;
        }
        100.0 * all.saturating_sub(idle) as f32 / all as f32
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_busy_share_is_what_was_not_idle() {
            assert_eq!([busy(25, 100), busy(100, 100), busy(0, 100)], [75.0, 0.0, 100.0]);
            assert_eq!(busy(0, 0), 0.0, "two looks at one moment");
        }
    }
}

#[cfg(not(windows))]
mod platform {
    use super::ProbeError;
    use sysinfo::System;

    pub(super) struct Counters(System);

    impl Counters {
        pub(super) fn begin() -> Result<Self, ProbeError> {
            let mut system = System::new()?;
            // Usage is counted between two samples; the first one only sets the mark.
            system.refresh_cpu_usage();
            Ok(Self(system))
        }

        #[expect(clippy::unnecessary_wraps, reason = "Windows may refuse")]
        pub(super) fn percent(&mut self) -> Result<f32, ProbeError> {
            self.0.refresh_cpu_usage();
            Ok(self.0.global_cpu_usage())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn a_processor_at_work_is_not_idle() {
        let mut load = Load::begin().unwrap();
        let began = Instant::now();
        let mut turns = 0_u64;
        while began.elapsed() < Duration::from_millis(300) {
            turns = std::hint::black_box(turns + 1);
        }
        let percent = load.percent().unwrap();
        assert!(percent > 0.0 && percent <= 100.0, "{percent} after {turns} turns");
    }
}
