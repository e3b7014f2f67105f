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

mod hardware;
mod network;
mod security;
mod software;
mod system;

pub use hardware::{Battery, Cpu, DeviceProblem, Devices, Disk, DiskHealth, Gpu, Memory, Printer};
pub use network::{
    Access, Interface, Internet, Lookup, NameService, Network, Reachability, Reached, Share, Site, WifiLink,
};
pub use security::{Antivirus, Protection};
pub use software::{
    App, Crash, EventGroup, Events, Process, Program, Programs, Service, Services, TopProcesses,
    UpdateFailure, Updates,
};
pub use system::{
    Account, Foreground, Joined, Monitor, OperatingSystem, Product, Restart, ScriptRun, Session, SessionKind,
    Uptime, Usage,
};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use std::fmt;

/// A moment as it stands in JSON, for the schema.
#[derive(JsonSchema)]
#[schemars(transparent, extend("format" = "date-time"))]
struct Moment(#[expect(dead_code, reason = "only its shape counts")] String);

/// Version of the report's JSON. A reader that knows version N reads every report up to N.
pub const REPORT_VERSION: u32 = 2;

/// Everything one examination of one machine found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// [`REPORT_VERSION`] of the writer.
    pub version: u32,
    /// When the examination began, by this machine's clock.
    #[schemars(with = "Moment")]
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
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Machine {
    /// The session, its monitors and the program in front, at the moment of the press.
    pub session: Option<Session>,
    /// The operating system.
    pub os: Option<OperatingSystem>,
    /// Maker, model and serial number.
    pub product: Option<Product>,
    /// Whose account it is, and to what the machine belongs.
    pub account: Option<Account>,
    /// The processor and how busy it was.
    pub cpu: Option<Cpu>,
    /// Memory and swap.
    pub memory: Option<Memory>,
    /// How busy the machine was while the person wrote.
    pub usage: Option<Usage>,
    /// Graphics processors.
    pub gpus: Option<Vec<Gpu>>,
    /// Local file systems that hold data.
    pub disks: Option<Vec<Disk>>,
    /// Physical disks and their health.
    pub disk_health: Option<Vec<DiskHealth>>,
    /// Batteries; an empty list is a machine without one.
    pub batteries: Option<Vec<Battery>>,
    /// Printers and their queues.
    pub printers: Option<Vec<Printer>>,
    /// Devices in trouble, and what is plugged in.
    pub devices: Option<Devices>,
    /// Interfaces, gateway, name servers.
    pub network: Option<Network>,
    /// Echoes from the gateway and beyond.
    pub reachability: Option<Reachability>,
    /// Whether names are found.
    pub name_service: Option<NameService>,
    /// Whether the internet answers, proxies, the clock.
    pub internet: Option<Internet>,
    /// Wireless links; an empty list is a machine without one.
    pub wifi: Option<Vec<WifiLink>>,
    /// Drives and print servers of other machines.
    pub shares: Option<Vec<Share>>,
    /// Since when the machine runs.
    pub uptime: Option<Uptime>,
    /// Whether the system waits for a restart.
    pub restart: Option<Restart>,
    /// How current the system is.
    pub updates: Option<Updates>,
    /// Errors and crashes of the last day.
    pub events: Option<Events>,
    /// Services that should run and do not.
    pub services: Option<Services>,
    /// Installed programs.
    pub programs: Option<Programs>,
    /// The programs that people work with.
    pub apps: Option<Vec<App>>,
    /// What protects the machine.
    pub protection: Option<Protection>,
    /// The hungriest processes.
    pub processes: Option<TopProcesses>,
    /// What the provider's own scripts brought.
    pub scripts: Option<Vec<ScriptRun>>,
}

/// Which of the four tiles a finding belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProbeRun {
    /// `disks`, `network`.
    pub name: String,
    /// How it ended.
    pub status: ProbeStatus,
    /// From start to answer, or to the moment the waiting stopped, in milliseconds.
    pub ms: u64,
    /// Milliseconds within which a healthy machine answers; 0 if not told.
    #[serde(default)]
    pub usual_ms: u64,
    /// Milliseconds after which nobody waits for it any more; 0 if not told.
    #[serde(default)]
    pub limit_ms: u64,
    /// Why it did not succeed; empty if it did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// How a probe ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProbeStatus {
    /// It answered.
    Ok,
    /// No answer before its deadline; a late one was dropped.
    Timeout,
    /// Still at work when the report was written; its answer follows.
    #[default]
    Pending,
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
            Self::Pending => "pending",
            Self::Denied => "denied",
            Self::Unsupported => "unsupported",
            Self::Error => "error",
        })
    }
}

/// One monitor at the moment of the press.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
