//! The diagnostic report of one machine, as plain values.
//!
//! ```text
//! Report ─┬─ machine    what the probes saw, each part absent if its probe failed
//!         ├─ findings   what a technician should know first, in plain words
//!         ├─ probes     which probe ran how, so that a gap explains itself
//!         └─ screens    one entry per monitor; the picture itself never enters the JSON
//! ```
//!
//! What is *not* here is deliberate: no command lines, no environments, no window titles, no
//! raw logs. The JSON of a report grows only by optional fields; whatever would break an older
//! reader raises [`REPORT_VERSION`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Version of the report's JSON. A reader that knows version N reads every report up to N.
pub const REPORT_VERSION: u32 = 1;

/// Everything one examination of one machine found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`REPORT_VERSION`] of the writer.
    pub version: u32,
    /// When the examination began, by this machine's clock.
    pub made_at: Timestamp,
    /// What the probes saw.
    pub machine: Machine,
    /// Most severe first.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// One entry per probe, in the order they were started.
    #[serde(default)]
    pub probes: Vec<ProbeRun>,
    /// One entry per monitor, or a single one whose note says why there is none.
    #[serde(default)]
    pub screens: Vec<Screen>,
}

impl Report {
    /// A report that knows nothing yet.
    #[must_use]
    pub fn new(made_at: Timestamp) -> Self {
        Self {
            version: REPORT_VERSION,
            made_at,
            machine: Machine::default(),
            findings: Vec::new(),
            probes: Vec::new(),
            screens: Vec::new(),
        }
    }

    /// The worst severity found in `area`; `None` if nothing was found there.
    #[must_use]
    pub fn worst(&self, area: Area) -> Option<Severity> {
        self.findings
            .iter()
            .filter(|finding| finding.area == area)
            .map(|finding| finding.severity)
            .max()
    }
}

/// What the probes saw. A part is `None` when its probe gave nothing; the probe log says why.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os: Option<OperatingSystem>,
    /// Maker, model and serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Product>,
    /// The processor and how busy it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Cpu>,
    /// Memory and swap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    /// Local file systems that hold data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disks: Option<Vec<Disk>>,
    /// Interfaces, gateway, name servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    /// Since when the machine runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uptime: Option<Uptime>,
    /// Whether the system waits for a restart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart: Option<Restart>,
    /// What protects the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protection: Option<Protection>,
    /// The hungriest processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processes: Option<TopProcesses>,
}

/// The operating system as it names itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatingSystem {
    /// As people say it: `Windows 11 Pro 24H2`, `Debian GNU/Linux 12`.
    pub name: String,
    /// Stable identity of the family: `windows`, `macos`, `debian`, `ubuntu`.
    pub id: String,
    /// Version as the system numbers it: `11 (26100)`, `12`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Kernel or build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// Instruction set, such as `x86_64`.
    pub architecture: String,
    /// Host name without domain.
    pub hostname: String,
}

/// What the maker calls the machine. Placeholders of careless makers are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// `LENOVO`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maker: Option<String>,
    /// `ThinkPad T14 Gen 4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Serial number, where the system tells it without extra rights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
}

/// The processor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cpu {
    /// Brand text, such as `AMD Ryzen 7 PRO 7840U`.
    pub brand: String,
    /// Logical processors the system schedules on.
    pub threads: u32,
    /// Load of the whole processor over a short sample, 0 to 100.
    pub load_percent: f32,
    /// Processes ready to run, averaged over 1, 5 and 15 minutes (Unix only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_average: Option<[f64; 3]>,
}

/// Memory and swap, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// How the machine is connected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// Without loopback; the one with the default route first.
    pub interfaces: Vec<Interface>,
    /// Addresses of the default gateway.
    pub gateway: Vec<String>,
    /// Name servers in the order they are asked.
    pub dns: Vec<String>,
}

/// One network interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// As people see it: `Ethernet 2`, `wlan0`.
    pub name: String,
    /// `Ethernet`, `Wi-Fi`, `Tunnel`, as the system classes it.
    pub kind: String,
    /// `aa:bb:cc:dd:ee:ff`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// IPv4 and IPv6 addresses with prefix length: `192.168.1.20/24`.
    pub addresses: Vec<String>,
    /// Up, with a carrier.
    pub up: bool,
    /// Made by software (virtual machine, container, tunnel) rather than a network card.
    pub virtual_interface: bool,
    /// The default route leaves here.
    pub default_route: bool,
    /// Link speed in bits per second, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<u64>,
}

/// Since when the machine runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uptime {
    /// Seconds since the last boot.
    pub seconds: u64,
    /// Moment of the last boot, by this machine's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booted_at: Option<Timestamp>,
}

/// Whether the system waits for a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restart {
    /// Installed updates take effect only after a restart.
    pub pending: bool,
    /// Which packages asked for it, where the system says so.
    #[serde(default)]
    pub packages: Vec<String>,
}

/// What protects the machine. `None` means not known, never "off".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// Only signed boot code runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure_boot: Option<bool>,
    /// The system disk is encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_disk_encrypted: Option<bool>,
}

/// The hungriest processes, hungriest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TopProcesses {
    /// How many processes were running.
    pub running: u32,
    /// By processor use over the sample.
    pub by_cpu: Vec<Process>,
    /// By resident memory.
    pub by_memory: Vec<Process>,
}

/// One process. Never its command line, environment or open files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Process {
    /// Name of the program.
    pub name: String,
    /// The system's number for it.
    pub pid: u32,
    /// Share of the *whole* processor over the sample, 0 to 100, as task managers show it.
    pub cpu_percent: f32,
    /// Resident memory in bytes.
    pub memory: u64,
}

/// Which of the four tiles a finding belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Area {
    /// Connection, gateway, name servers.
    Network,
    /// Operating system, updates, processes.
    Software,
    /// Processor, memory, disks.
    Hardware,
    /// What leaves the machine open.
    Security,
}

impl Area {
    /// All areas in the order of the tiles.
    pub const ALL: [Self; 4] = [Self::Network, Self::Software, Self::Hardware, Self::Security];
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Network => "Network",
            Self::Software => "Software",
            Self::Hardware => "Hardware",
            Self::Security => "Security",
        })
    }
}

/// How much a finding matters; ordered, the worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Likely to bother the person, now or soon.
    Warning,
    /// Broken or about to break.
    Problem,
}

/// One thing a technician should know before reading any table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which tile.
    pub area: Area,
    /// How much it matters.
    pub severity: Severity,
    /// Plain words with the number: `C: has 1.2 GB free of 237 GB`.
    pub title: String,
    /// What it means and what usually helps; one or two sentences, may be empty.
    pub detail: String,
}

/// How one probe went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeRun {
    /// `disks`, `network`.
    pub name: String,
    /// How it ended.
    pub status: ProbeStatus,
    /// From start to answer, or to the moment the waiting stopped, in milliseconds.
    pub ms: u64,
    /// Why it did not succeed; empty if it did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// How a probe ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProbeStatus {
    /// It answered.
    Ok,
    /// No answer before its deadline; a late one was dropped.
    Timeout,
    /// The system refused.
    Denied,
    /// This system has no such thing, or Helpbell cannot read it here.
    Unsupported,
    /// It failed.
    Error,
}

impl fmt::Display for ProbeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Timeout => "timeout",
            Self::Denied => "denied",
            Self::Unsupported => "unsupported",
            Self::Error => "error",
        })
    }
}

/// One monitor at the moment of the press.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    /// As the system names it: `DP-1`, `\\.\DISPLAY1`.
    pub name: String,
    /// Width in pixels; 0 if unknown.
    pub width: u32,
    /// Height in pixels; 0 if unknown.
    pub height: u32,
    /// The picture. Not part of the JSON: pictures travel in the HTML or as files of their own.
    #[serde(skip)]
    pub image: Option<ScreenImage>,
    /// What is to be said about the picture, such as why there is none; empty if all is well.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// An encoded picture.
#[derive(Clone, PartialEq, Eq)]
pub struct ScreenImage {
    /// `image/png` or `image/jpeg`.
    pub content_type: String,
    /// The encoded file.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for ScreenImage {
    /// Type and size only: a picture of someone's screen does not belong in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ScreenImage({}, {} bytes)",
            self.content_type,
            self.bytes.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(area: Area, severity: Severity) -> Finding {
        Finding {
            area,
            severity,
            title: "t".into(),
            detail: String::new(),
        }
    }

    #[test]
    fn the_worst_severity_of_an_area_counts_that_area_only() {
        let mut report = Report::new(Timestamp::UNIX_EPOCH);
        report.findings = vec![
            finding(Area::Hardware, Severity::Info),
            finding(Area::Hardware, Severity::Warning),
            finding(Area::Network, Severity::Problem),
        ];
        assert_eq!(report.worst(Area::Hardware), Some(Severity::Warning));
        assert_eq!(report.worst(Area::Network), Some(Severity::Problem));
        assert_eq!(report.worst(Area::Security), None);
    }

    #[test]
    fn a_picture_never_enters_the_json() {
        let screen = Screen {
            name: "DP-1".into(),
            width: 1,
            height: 1,
            image: Some(ScreenImage {
                content_type: "image/png".into(),
                bytes: vec![1, 2, 3],
            }),
            note: String::new(),
        };
        let json = serde_json::to_string(&screen).unwrap();
        assert_eq!(json, r#"{"name":"DP-1","width":1,"height":1}"#);
    }

    #[test]
    fn the_debug_text_of_a_picture_tells_its_size_only() {
        let image = ScreenImage {
            content_type: "image/png".into(),
            bytes: vec![77; 1000],
        };
        assert_eq!(format!("{image:?}"), "ScreenImage(image/png, 1000 bytes)");
    }

    #[test]
    fn a_report_with_fields_of_the_future_is_still_read() {
        let json =
            r#"{"version":1,"made_at":"2026-01-02T03:04:05Z","machine":{"quantum":true},"aura":"violet"}"#;
        let report: Report = serde_json::from_str(json).unwrap();
        assert_eq!(report.machine, Machine::default());
    }
}
