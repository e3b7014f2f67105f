//! Batteries as Windows and macOS describe them.

use super::{Battery, ProbeError};
use crate::probes::some_line;
use starship_battery::{
    Manager, State,
    units::{power::watt, ratio::percent, time::second},
};

/// Batteries told. Large laptops have two.
const MOST: usize = 4;
/// A time left beyond this, in seconds, is the quotient of two small numbers and no time.
const LONGEST: f32 = 4.0 * 24.0 * 60.0 * 60.0;

pub(super) fn ask() -> Result<Vec<Battery>, ProbeError> {
    let failed = |error: starship_battery::Error| ProbeError::Failed(error.to_string());
    let batteries = Manager::new().map_err(failed)?.batteries().map_err(failed)?;
    Ok(batteries
        .flatten()
        .take(MOST)
        .map(|battery| told(&battery))
        .collect())
}

fn told(battery: &starship_battery::Battery) -> Battery {
    let left = match battery.state() {
        State::Charging => battery.time_to_full(),
        State::Discharging => battery.time_to_empty(),
        State::Unknown | State::Empty | State::Full | State::Paused => None,
    };
    let known = |number: f32| Some(number).filter(|number| number.is_finite() && *number > 0.0);
    Battery {
        model: battery.model().and_then(some_line),
        charge_percent: known(battery.state_of_charge().get::<percent>())
            .unwrap_or_default()
            .min(100.0),
        state: state(battery.state()).to_owned(),
        health_percent: known(battery.state_of_health().get::<percent>()).map(|share| share.min(100.0)),
        // Many firmwares do not count, and say 0.
        cycles: battery.cycle_count().filter(|cycles| *cycles > 0),
        watts: known(battery.energy_rate().get::<watt>().abs()),
        seconds_left: left
            .map(|left| left.get::<second>())
            .and_then(known)
            .filter(|seconds| *seconds < LONGEST)
            .map(whole),
    }
}

const fn state(state: State) -> &'static str {
    match state {
        State::Charging => "charging",
        State::Discharging => "discharging",
        State::Empty => "empty",
        // Held back by a charging limit, and as good as full.
        State::Full | State::Paused => "full",
        State::Unknown => "unknown",
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positive, and a few days at most"
)]
fn whole(seconds: f32) -> u64 {
    seconds as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_batteries_of_this_machine_hold_what_a_battery_can() {
        match ask() {
            Ok(batteries) => assert!(batteries.iter().all(|battery| battery.charge_percent <= 100.0)),
            Err(error) => assert!(!error.words().is_empty()),
        }
    }
}
