//! How hot the processor is.

use crate::probes::linux::files::{entries, name, number, word};
use std::path::Path;

/// Drivers of sensors that lie in the processor: Intel, AMD (two of them), boards with an ARM.
const DRIVERS: [&str; 4] = ["coretemp", "k10temp", "zenpower", "cpu_thermal"];

/// The same as zones, on machines whose sensors have no driver of their own.
const ZONES: [&str; 3] = ["x86_pkg_temp", "cpu-thermal", "cpu_thermal"];

/// What a working sensor in a running processor shows, in degrees Celsius. Others are broken.
const PLAUSIBLE: std::ops::RangeInclusive<f32> = 1.0..=125.0;

pub(super) fn celsius(root: &Path) -> Option<f32> {
    let sensors = entries(root.join("sys/class/hwmon"))
        .into_iter()
        .filter(|sensor| word(sensor.join("name")).is_some_and(|name| DRIVERS.contains(&name.as_str())))
        .flat_map(entries)
        .filter(|file| {
            let name = name(file);
            name.starts_with("temp") && name.ends_with("_input")
        });
    let zones = entries(root.join("sys/class/thermal"))
        .into_iter()
        .filter(|zone| word(zone.join("type")).is_some_and(|kind| ZONES.contains(&kind.as_str())))
        .map(|zone| zone.join("temp"));
    sensors
        .chain(zones)
        .filter_map(|file| Some(number::<f32>(file)? / 1000.0))
        .filter(|celsius| PLAUSIBLE.contains(celsius))
        .max_by(f32::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;

    #[test]
    fn the_hottest_sensor_of_the_processor_counts_and_no_other_one() {
        let machine = MadeUp::machine()
            .file("sys/class/hwmon/hwmon0/name", "coretemp\n")
            .file("sys/class/hwmon/hwmon0/temp1_input", "61000\n")
            .file("sys/class/hwmon/hwmon0/temp2_input", "73500\n")
            .file("sys/class/hwmon/hwmon0/temp2_crit", "100000\n")
            .file("sys/class/hwmon/hwmon0/temp3_input", "-273150\n")
            .file("sys/class/hwmon/hwmon1/name", "nvme\n")
            .file("sys/class/hwmon/hwmon1/temp1_input", "80000\n");
        assert_eq!(celsius(machine.root()), Some(73.5));
    }

    #[test]
    fn a_zone_helps_where_no_driver_does_and_broken_sensors_are_left_out() {
        let machine = MadeUp::machine()
            .file("sys/class/thermal/thermal_zone0/type", "acpitz\n")
            .file("sys/class/thermal/thermal_zone0/temp", "27800\n");
        assert_eq!(celsius(machine.root()), None);
        let machine = machine
            .file("sys/class/thermal/thermal_zone1/type", "cpu-thermal\n")
            .file("sys/class/thermal/thermal_zone1/temp", "48312\n")
            .file("sys/class/thermal/thermal_zone2/type", "x86_pkg_temp\n")
            .file("sys/class/thermal/thermal_zone2/temp", "what?\n");
        assert_eq!(celsius(machine.root()), Some(48.312));
    }
}
