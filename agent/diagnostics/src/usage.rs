//! How busy the machine is while the person writes: one line of numbers for the report's sparklines.

use crate::{load::Load, units::millis};
use helpbell_model::report::Usage;
use std::{
    ffi::OsStr,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};
use sysinfo::{MemoryRefreshKind, Networks, System};

/// The system's counters tick every 10 ms at worst and sysinfo wants 200 ms between two looks.
const EVERY: Duration = Duration::from_millis(250);

/// Samples that are kept. With more, every second one goes and the rest are taken half as often: a person may take an
/// hour to write.
const MOST: usize = 120;

/// Samples until it is stopped, or dropped.
#[derive(Debug)]
pub(crate) struct Sampler {
    usage: Arc<Mutex<Usage>>,
    /// Its end is the sign to stop.
    _stop: mpsc::Sender<()>,
}

impl Sampler {
    /// Begins. A machine that cannot be sampled has no samples.
    pub(crate) fn begin() -> Self {
        let usage = Arc::new(Mutex::new(Usage::default()));
        let (stop, stopped) = mpsc::channel::<()>();
        let shared = Arc::clone(&usage);
        // Without a thread there are no samples, which the report can do without.
        let _ = thread::Builder::new()
            .name("usage".to_owned())
            .spawn(move || sample(&shared, &stopped));
        Self { usage, _stop: stop }
    }

    /// What was seen up to now; nothing before the first sample.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let usage = self.usage.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (!usage.cpu_percent.is_empty()).then_some(usage)
    }
}

fn sample(usage: &Mutex<Usage>, stopped: &mpsc::Receiver<()>) {
    let (Ok(mut system), Ok(mut networks)) = (System::new(), Networks::new_with_refreshed_list()) else {
        return;
    };
    let Ok(mut load) = Load::begin() else {
        return;
    };
    let mut every = EVERY;
    let mut since = Instant::now();
    while stopped.recv_timeout(every) == Err(mpsc::RecvTimeoutError::Timeout) {
        let Ok(cpu_percent) = load.percent() else {
            return;
        };
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        networks.refresh(true);
        let seconds = since.elapsed().as_secs_f64();
        since = Instant::now();
        let mut usage = usage.lock().unwrap_or_else(PoisonError::into_inner);
        usage.every_ms = millis(every);
        usage.cpu_percent.push(cpu_percent);
        usage.memory_percent.push(memory_percent(&system));
        let outside = || {
            networks
                .iter()
                .filter(|(name, _)| !is_loopback(name))
                .map(|(_, data)| data)
        };
        usage.received.push(per_second(
            outside().map(sysinfo::NetworkData::received).sum(),
            seconds,
        ));
        usage.sent.push(per_second(
            outside().map(sysinfo::NetworkData::transmitted).sum(),
            seconds,
        ));
        if usage.cpu_percent.len() > MOST {
            thin(&mut usage);
            every *= 2;
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a percentage of bytes")]
#[expect(clippy::cast_possible_truncation, reason = "0 to 100")]
fn memory_percent(system: &System) -> f32 {
    let total = system.total_memory().max(1);
    let used = total.saturating_sub(system.available_memory());
    (used as f64 * 100.0 / total as f64) as f32
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate of a sparkline"
)]
fn per_second(bytes: u64, seconds: f64) -> u64 {
    if seconds > 0.0 {
        (bytes as f64 / seconds) as u64
    } else {
        0
    }
}

fn is_loopback(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name == "lo" || name == "lo0" || name.starts_with("Loopback")
}

/// Every second sample goes, and those that stay count for twice the time.
fn thin(usage: &mut Usage) {
    fn halve<T>(samples: &mut Vec<T>) {
        let mut index = 0;
        samples.retain(|_| {
            index += 1;
            index % 2 == 0
        });
    }
    halve(&mut usage.cpu_percent);
    halve(&mut usage.memory_percent);
    halve(&mut usage.received);
    halve(&mut usage.sent);
    usage.every_ms *= 2;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_in_while_it_runs_and_agree_in_number() {
        let sampler = Sampler::begin();
        let usage = loop {
            if let Some(usage) = sampler.usage() {
                break usage;
            }
            thread::yield_now();
        };
        let count = usage.cpu_percent.len();
        assert_eq!(
            (count, count, count),
            (usage.memory_percent.len(), usage.received.len(), usage.sent.len())
        );
        assert!(
            usage
                .memory_percent
                .iter()
                .all(|percent| (0.0..=100.0).contains(percent))
        );
    }

    #[test]
    fn half_the_samples_tell_of_the_same_time() {
        let mut usage = Usage {
            every_ms: 250,
            cpu_percent: vec![1.0, 2.0, 3.0, 4.0],
            memory_percent: vec![1.0, 2.0, 3.0, 4.0],
            received: vec![1, 2, 3, 4],
            sent: vec![1, 2, 3, 4],
        };
        thin(&mut usage);
        assert_eq!((usage.every_ms, usage.received), (500, vec![2, 4]));
        assert_eq!(usage.cpu_percent, [2.0, 4.0]);
    }
}
