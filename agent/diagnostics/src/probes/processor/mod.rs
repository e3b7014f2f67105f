//! The processor and how busy it is.

#[cfg(target_os = "linux")]
mod linux;

use super::{SAMPLE, line};
use crate::{load::Load, part::ProbeError};
use helpbell_model::report::Cpu;
use sysinfo::{CpuRefreshKind, System};

pub(super) fn ask() -> Result<Cpu, ProbeError> {
    let mut system = System::new()?;
    let mut load = Load::begin()?;
    system.refresh_cpu_list(CpuRefreshKind::nothing().with_frequency());
    std::thread::sleep(SAMPLE);
    let load_percent = percent(load.percent()?);
    let Some(first) = system.cpus().first() else {
        return Err(ProbeError::Failed("the system lists no processor".into()));
    };
    let load_average = System::load_average()
        .ok()
        .map(|load| [load.one, load.five, load.fifteen])
        .filter(|load| load.iter().all(|value| value.is_finite()));
    Ok(Cpu {
        brand: line(first.brand()),
        threads: u32::try_from(system.cpus().len()).unwrap_or(u32::MAX),
        load_percent,
        load_average,
        cores: System::physical_core_count()
            .ok()
            .and_then(|count| u32::try_from(count).ok()),
        // Cores rest one by one; the fastest tells what the processor does when asked.
        mhz: system
            .cpus()
            .iter()
            .map(sysinfo::Cpu::frequency)
            .max()
            .filter(|mhz| *mhz > 0),
        celsius: celsius(),
    })
}

/// The hottest sensor of the processor.
fn celsius() -> Option<f32> {
    #[cfg(target_os = "linux")]
    {
        linux::celsius(std::path::Path::new("/"))
    }
    #[cfg(not(target_os = "linux"))]
    {
        None
    }
}

/// A share between 0 and 100 to one decimal, whatever rounding or a jumping clock made of it. More
/// decimals than a half-second sample holds would only pretend; JSON knows no NaN.
pub(super) fn percent(value: f32) -> f32 {
    if value.is_finite() {
        (value.clamp(0.0, 100.0) * 10.0).round() / 10.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_number_between_0_and_100() {
        assert_eq!(
            [f32::NAN, f32::INFINITY, -3.0, 12.5, 17.647_058, 170.0].map(percent),
            [0.0, 0.0, 0.0, 12.5, 17.6, 100.0]
        );
    }

    #[test]
    fn this_machine_has_a_processor() {
        assert!(ask().unwrap().threads > 0);
    }
}
