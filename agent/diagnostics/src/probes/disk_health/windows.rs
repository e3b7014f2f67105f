//! Physical disks as Windows' storage management judges them.

use crate::probes::{line, some_line};
#[cfg(windows)]
use crate::{part::ProbeError, windows::wmi};
use helpbell_model::report::DiskHealth;
use serde::Deserialize;
#[cfg(windows)]
use std::time::Duration;

/// Disks in the report.
const MOST: usize = 16;
/// A drive tells 0 if it has no sensor, and nonsense if it is asked wrongly.
const SENSIBLE_CELSIUS: std::ops::RangeInclusive<u64> = 1..=120;

#[cfg(windows)]
const NAMESPACE: &str = r"ROOT\Microsoft\Windows\Storage";
#[cfg(windows)]
const DISKS: &str =
    "SELECT DeviceId, FriendlyName, MediaType, BusType, Size, HealthStatus FROM MSFT_PhysicalDisk";
/// For administrators.
#[cfg(windows)]
const COUNTERS: &str = "SELECT DeviceId, Temperature, Wear, PowerOnHours, ReadErrorsUncorrected FROM MSFT_StorageReliabilityCounter";

/// One disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Disk {
    device_id: Option<String>,
    friendly_name: Option<String>,
    media_type: Option<u16>,
    bus_type: Option<u16>,
    size: Option<u64>,
    health_status: Option<u16>,
}

/// What one disk counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Counter {
    device_id: Option<String>,
    temperature: Option<u16>,
    wear: Option<u8>,
    power_on_hours: Option<u32>,
    read_errors_uncorrected: Option<u64>,
}

/// How long each of the two questions may take; connecting alone takes a second on a busy machine.
#[cfg(windows)]
const PATIENCE: Duration = Duration::from_millis(2200);

#[cfg(windows)]
pub(super) fn ask() -> Result<Vec<DiskHealth>, ProbeError> {
    let disks: Vec<Disk> = wmi::ask(NAMESPACE, DISKS, PATIENCE)?;
    if disks.is_empty() {
        return Err(ProbeError::unsupported(
            "the storage management of Windows lists no disks",
        ));
    }
    let counters = wmi::ask::<Counter>(NAMESPACE, COUNTERS, PATIENCE);
    Ok(judge(&disks, counters.as_deref().map_err(ProbeError::words)))
}

/// Disks with their counters, or with the reason why there are none.
fn judge(disks: &[Disk], counters: Result<&[Counter], &str>) -> Vec<DiskHealth> {
    disks
        .iter()
        .take(MOST)
        .map(|disk| {
            let id = disk.device_id.as_deref().unwrap_or_default();
            let mut row = DiskHealth {
                device: line(&format!("PhysicalDrive{id}")),
                model: line(disk.friendly_name.as_deref().unwrap_or_default()),
                kind: kind(disk).map(str::to_owned),
                bytes: disk.size,
                // 0 is healthy, 1 a warning, 2 unhealthy, 5 not known.
                healthy: match disk.health_status {
                    Some(0) => Some(true),
                    Some(1 | 2) => Some(false),
                    _ => None,
                },
                ..DiskHealth::default()
            };
            match counters {
                Ok(counters) => {
                    let own = counters
                        .iter()
                        .find(|counter| counter.device_id.as_deref() == Some(id));
                    count(&mut row, own);
                }
                Err(why) => row.note = some_line(why).unwrap_or_default(),
            }
            row
        })
        .collect()
}

fn count(row: &mut DiskHealth, counter: Option<&Counter>) {
    let Some(counter) = counter else { return };
    row.celsius = counter
        .temperature
        .filter(|celsius| SENSIBLE_CELSIUS.contains(&u64::from(*celsius)))
        .map(i32::from);
    // Magnetic disks do not wear and say 0.
    row.wear_percent = counter
        .wear
        .filter(|_| row.kind.as_deref() != Some("HDD"))
        .map(u32::from);
    row.hours = counter.power_on_hours.filter(|hours| *hours > 0).map(u64::from);
    row.media_errors = counter.read_errors_uncorrected;
}

/// The way it is attached, where that says more than what it is made of.
const fn kind(disk: &Disk) -> Option<&'static str> {
    match (disk.bus_type, disk.media_type) {
        (Some(17), _) => Some("NVMe"),
        (Some(7), _) => Some("USB"),
        // Virtual, a file, a pool.
        (Some(14..=16), _) => Some("Virtual"),
        (_, Some(3)) => Some("HDD"),
        (_, Some(4)) => Some("SSD"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(json: &str) -> Disk {
        serde_json::from_str(json).unwrap()
    }

    fn laptop() -> Vec<Disk> {
        vec![
            disk(
                r#"{"DeviceId":"0","FriendlyName":"SAMSUNG MZVL2512HCJQ-00BL7","MediaType":4,"BusType":17,
                    "Size":512110190592,"HealthStatus":0}"#,
            ),
            disk(
                r#"{"DeviceId":"1","FriendlyName":"WDC WD10EZEX","MediaType":3,"BusType":11,"HealthStatus":1}"#,
            ),
            disk(
                r#"{"DeviceId":"2","FriendlyName":"Msft Virtual Disk","MediaType":0,"BusType":15,"HealthStatus":5}"#,
            ),
        ]
    }

    #[test]
    fn a_disk_is_told_with_its_verdict_and_what_it_counts() {
        let counters: Vec<Counter> = serde_json::from_str(
            r#"[{"DeviceId":"0","Temperature":41,"Wear":3,"PowerOnHours":4321,"ReadErrorsUncorrected":0},
                {"DeviceId":"1","Temperature":0,"Wear":0,"PowerOnHours":30123,"ReadErrorsUncorrected":12}]"#,
        )
        .unwrap();
        let told = judge(&laptop(), Ok(&counters));
        assert_eq!(
            told[0],
            DiskHealth {
                device: "PhysicalDrive0".into(),
                model: "SAMSUNG MZVL2512HCJQ-00BL7".into(),
                kind: Some("NVMe".into()),
                bytes: Some(512_110_190_592),
                healthy: Some(true),
                celsius: Some(41),
                wear_percent: Some(3),
                hours: Some(4321),
                media_errors: Some(0),
                ..DiskHealth::default()
            }
        );
        assert_eq!(
            (told[1].healthy, told[1].celsius, told[1].wear_percent),
            (Some(false), None, None)
        );
        assert_eq!((told[1].hours, told[1].media_errors), (Some(30123), Some(12)));
        assert_eq!(
            (told[2].healthy, told[2].kind.as_deref()),
            (None, Some("Virtual"))
        );
    }

    #[test]
    fn without_the_counters_the_reason_stands_with_the_disk() {
        let told = judge(&laptop(), Err("WMI wants an administrator"));
        assert_eq!(told[0].note, "WMI wants an administrator");
        assert_eq!(told[0].healthy, Some(true));
    }

    #[test]
    fn a_disk_that_tells_nothing_is_a_disk_nevertheless() {
        let told = judge(&[disk("{}")], Ok(&[]));
        assert_eq!(told[0].device, "PhysicalDrive");
        assert_eq!((told[0].healthy, told[0].kind.clone()), (None, None));
    }
}
