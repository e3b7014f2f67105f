//! Batteries as the kernel's power supply class shows them.

use super::{Battery, ProbeError};
use crate::probes::linux::files::{entries, number, word};
use std::path::Path;

/// Batteries told. Large laptops have two.
const MOST: usize = 4;

/// The kernel counts in millionths of a watt, volt, ampere and hour.
const MILLIONTH: f64 = 1e-6;
const SECONDS_PER_HOUR: f64 = 3600.0;
/// A time left beyond this, in seconds, is the quotient of two small numbers and no time.
const LONGEST: f64 = 4.0 * 24.0 * SECONDS_PER_HOUR;

pub(super) fn ask(root: &Path) -> Result<Vec<Battery>, ProbeError> {
    let supplies = entries(root.join("sys/class/power_supply"));
    Ok(supplies
        .iter()
        .filter_map(|supply| battery(supply))
        .take(MOST)
        .collect())
}

/// The machine's own battery, not that of a mouse or a headset.
fn battery(supply: &Path) -> Option<Battery> {
    let told = |name: &str| word(supply.join(name));
    let amount = |name: &str| number::<f64>(supply.join(name)).filter(|amount| *amount > 0.0);
    let of_a_device = told("scope").is_some_and(|scope| scope == "Device");
    let there = told("present").is_none_or(|present| present != "0");
    if told("type")? != "Battery" || of_a_device || !there {
        return None;
    }
    // Some count energy, some charge; both are the same to a share.
    let whole = amount("energy_full").or_else(|| amount("charge_full"));
    let designed = amount("energy_full_design").or_else(|| amount("charge_full_design"));
    let now = amount("energy_now").or_else(|| amount("charge_now"));
    let charge = amount("capacity").or_else(|| Some(100.0 * now? / whole?));
    let flow = amount("power_now").or_else(|| amount("current_now"));
    let watts = amount("power_now")
        .map(|power| power * MILLIONTH)
        .or_else(|| Some(amount("current_now")? * MILLIONTH * amount("voltage_now")? * MILLIONTH));
    let state = match told("status").unwrap_or_default().as_str() {
        "Charging" => "charging",
        "Discharging" => "discharging",
        // Held back by a charging limit, and as good as full.
        "Full" | "Not charging" => "full",
        _ => "unknown",
    };
    let to_go = match state {
        "discharging" => now,
        "charging" => whole.zip(now).map(|(whole, now)| whole - now),
        _ => None,
    };
    let seconds = to_go
        .zip(flow)
        .map(|(to_go, flow)| to_go / flow * SECONDS_PER_HOUR);
    Some(Battery {
        model: told("model_name").or_else(|| told("manufacturer")),
        charge_percent: charge.map_or(0.0, share),
        state: state.to_owned(),
        health_percent: whole
            .zip(designed)
            .map(|(whole, designed)| share(100.0 * whole / designed)),
        cycles: number(supply.join("cycle_count")).filter(|cycles| *cycles > 0),
        watts: watts.map(to_one_decimal),
        seconds_left: seconds
            .filter(|seconds| (0.0..LONGEST).contains(seconds))
            .map(whole_seconds),
    })
}

fn share(percent: f64) -> f32 {
    to_one_decimal(percent.clamp(0.0, 100.0))
}

#[expect(clippy::cast_possible_truncation, reason = "shown with one decimal")]
fn to_one_decimal(value: f64) -> f32 {
    ((value * 10.0).round() / 10.0) as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and LONGEST"
)]
const fn whole_seconds(seconds: f64) -> u64 {
    seconds as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;

    fn supply(machine: MadeUp, name: &str, facts: &[(&str, &str)]) -> MadeUp {
        facts.iter().fold(machine, |machine, (fact, value)| {
            machine.file(
                &format!("sys/class/power_supply/{name}/{fact}"),
                format!("{value}\n"),
            )
        })
    }

    /// As a ThinkPad shows it.
    const ENERGY: [(&str, &str); 10] = [
        ("type", "Battery"),
        ("present", "1"),
        ("status", "Discharging"),
        ("capacity", "47"),
        ("energy_full", "29520000"),
        ("energy_full_design", "52500000"),
        ("energy_now", "13870000"),
        ("power_now", "6935000"),
        ("cycle_count", "612"),
        ("model_name", "5B10W51829"),
    ];

    #[test]
    fn a_worn_battery_tells_charge_health_and_time_left() {
        let machine = supply(MadeUp::machine(), "BAT0", &ENERGY);
        assert_eq!(
            ask(machine.root()).unwrap(),
            [Battery {
                model: Some("5B10W51829".into()),
                charge_percent: 47.0,
                state: "discharging".into(),
                health_percent: Some(56.2),
                cycles: Some(612),
                watts: Some(6.9),
                seconds_left: Some(7200),
            }]
        );
    }

    #[test]
    fn a_battery_that_counts_charge_is_understood_too() {
        let machine = supply(
            MadeUp::machine(),
            "BAT1",
            &[
                ("type", "Battery"),
                ("status", "Charging"),
                ("charge_full", "4000000"),
                ("charge_full_design", "4000000"),
                ("charge_now", "3000000"),
                ("current_now", "2000000"),
                ("voltage_now", "12000000"),
                ("cycle_count", "0"),
            ],
        );
        let battery = ask(machine.root()).unwrap().remove(0);
        assert_eq!(
            (battery.charge_percent, battery.health_percent),
            (75.0, Some(100.0))
        );
        assert_eq!((battery.watts, battery.seconds_left), (Some(24.0), Some(1800)));
        assert_eq!(battery.cycles, None);
    }

    #[test]
    fn mains_empty_bays_and_batteries_of_mice_are_none() {
        let machine = supply(MadeUp::machine(), "AC", &[("type", "Mains"), ("online", "1")]);
        let machine = supply(
            machine,
            "hidpp_battery_0",
            &[("type", "Battery"), ("scope", "Device"), ("capacity", "5")],
        );
        let machine = supply(machine, "BAT1", &[("type", "Battery"), ("present", "0")]);
        assert_eq!(ask(machine.root()).unwrap(), []);
        assert_eq!(ask(MadeUp::machine().root()).unwrap(), []);
    }

    #[test]
    fn numbers_that_make_no_sense_are_left_out() {
        let machine = supply(
            MadeUp::machine(),
            "BAT0",
            &[
                ("type", "Battery"),
                ("capacity", "400"),
                ("energy_full", "-5"),
                ("energy_full_design", "x"),
                ("power_now", "NaN"),
                ("status", "\u{202e}"),
            ],
        );
        let battery = ask(machine.root()).unwrap().remove(0);
        assert_eq!(battery.charge_percent, 100.0);
        assert_eq!(battery.state, "unknown");
        assert_eq!((battery.health_percent, battery.watts), (None, None));
    }
}
