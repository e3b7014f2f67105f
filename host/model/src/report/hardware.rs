//! Processor, memory, disks, graphics, batteries, printers, devices.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// The processor.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Cpu {
    /// Brand text, such as `AMD Ryzen 7 PRO 7840U`.
    pub brand: String,
    /// Logical processors the system schedules on.
    pub threads: u32,
    /// Physical cores.
    pub cores: Option<u32>,
    /// Load of the whole processor over a short sample, 0 to 100.
    pub load_percent: f32,
    /// Present clock in megahertz.
    pub mhz: Option<u64>,
    /// Hottest sensor, in degrees Celsius.
    pub celsius: Option<f32>,
    /// Processes ready to run, averaged over 1, 5 and 15 minutes (Unix only).
    pub load_average: Option<[f64; 3]>,
}

/// Memory and swap, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Memory {
    /// Installed and visible to the system.
    pub total: u64,
    /// What programs can still get without swapping.
    pub available: u64,
    /// Size of all swap or page files.
    pub swap_total: u64,
    /// In use of [`Self::swap_total`].
    pub swap_used: u64,
}

/// One mounted local file system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Disk {
    /// Where it is mounted: `C:`, `/home`.
    pub mount: String,
    /// The system's name of the device: `/dev/nvme0n1p2`, a volume label on Windows.
    pub device: String,
    /// `NTFS`, `ext4`.
    pub file_system: String,
    /// Size in bytes.
    pub total: u64,
    /// Bytes an ordinary program can still write.
    pub available: u64,
    /// A stick or card.
    pub removable: bool,
    /// Mounted read-only.
    pub read_only: bool,
}

/// One physical disk and what it says of its own health.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DiskHealth {
    /// `nvme0n1`, `PhysicalDrive0`.
    pub device: String,
    /// As its maker calls it.
    pub model: String,
    /// `SSD`, `HDD`, `NVMe`, `USB`, `Virtual`.
    pub kind: Option<String>,
    /// Size in bytes.
    pub bytes: Option<u64>,
    /// Its own verdict. `false` means: save the data now.
    pub healthy: Option<bool>,
    /// Degrees Celsius.
    pub celsius: Option<i32>,
    /// Share of its life that is used up, 0 to 100 and beyond.
    pub wear_percent: Option<u32>,
    /// Hours it has run.
    pub hours: Option<u64>,
    /// Sectors it had to give up, or spare ones it has used.
    pub reallocated: Option<u64>,
    /// Errors that lost data, since it was made.
    pub media_errors: Option<u64>,
    /// Why more is not known; empty if all is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A graphics processor.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Gpu {
    /// `Intel Iris Xe`, or what its bus tells: `10de:2684`.
    pub name: String,
    /// Program that drives it: `i915`, `nvidia`.
    pub driver: Option<String>,
    /// That program's version.
    pub driver_version: Option<String>,
    /// That program's date, as `2025-03-09`.
    pub driver_date: Option<String>,
    /// Its own memory in bytes.
    pub memory: Option<u64>,
    /// How busy it was, 0 to 100.
    pub load_percent: Option<f32>,
}

/// One battery.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Battery {
    /// As its maker calls it.
    pub model: Option<String>,
    /// Charge, 0 to 100.
    pub charge_percent: f32,
    /// `charging`, `discharging`, `full`, `empty`, `unknown`.
    pub state: String,
    /// What it can hold of what it could when new, 0 to 100.
    pub health_percent: Option<f32>,
    /// How often it was charged.
    pub cycles: Option<u32>,
    /// Watts in or out.
    pub watts: Option<f32>,
    /// Seconds until it is empty or full.
    pub seconds_left: Option<u64>,
}

/// A printer as this account sees it.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Printer {
    /// Name of the queue.
    pub name: String,
    /// The one programs choose by themselves.
    pub default: bool,
    /// In the system's words, bounded: `ready`, `paused`, `offline`, `paper jam`.
    pub state: String,
    /// It would print now.
    pub ready: Option<bool>,
    /// Jobs in the queue.
    pub jobs: u32,
    /// Of those, the ones in error or waiting for more than a few minutes.
    pub stuck_jobs: u32,
    /// Program that speaks to it.
    pub driver: Option<String>,
    /// Where it hangs: `USB001`, `10.0.0.9`, `\\server\queue`.
    pub port: Option<String>,
}

/// Devices that the system has trouble with, and what is plugged in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Devices {
    /// Those that do not work.
    pub problems: Vec<DeviceProblem>,
    /// Monitors by what they say of themselves: `DELL U2720Q`.
    pub displays: Vec<String>,
    /// Sound cards and headsets.
    pub audio: Vec<String>,
    /// Cameras.
    pub cameras: Vec<String>,
    /// Docking stations and hubs.
    pub docks: Vec<String>,
    /// Everything else on USB, by name.
    pub usb: Vec<String>,
}

/// A device that does not work.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DeviceProblem {
    /// Its name, or its hardware id.
    pub name: String,
    /// `Bluetooth`, `Camera`, `Net`.
    pub class: Option<String>,
    /// The system's number for what is wrong (Windows: the device manager's code).
    pub code: Option<u32>,
    /// What that means.
    pub meaning: String,
}
