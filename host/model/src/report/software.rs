//! Processes, services, events, programs, updates.

use super::Moment;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// The hungriest processes, hungriest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TopProcesses {
    /// How many processes were running.
    pub running: u32,
    /// By processor use over the sample.
    pub by_cpu: Vec<Process>,
    /// By resident memory.
    pub by_memory: Vec<Process>,
    /// By what they read from and wrote to disks over the sample.
    pub by_disk: Vec<Process>,
}

/// One process. Never its command line, environment or open files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Process {
    /// Name of the program.
    pub name: String,
    /// The system's number for it.
    pub pid: u32,
    /// Share of the *whole* processor over the sample, 0 to 100, as task managers show it.
    pub cpu_percent: f32,
    /// Resident memory in bytes.
    pub memory: u64,
    /// Bytes read from and written to disks a second.
    pub disk: u64,
}

/// What the system wrote down as errors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Events {
    /// Over how many hours back.
    pub hours: u32,
    /// Alike ones together, the most frequent first.
    pub groups: Vec<EventGroup>,
    /// Further groups that were left out.
    pub left_out: u32,
    /// Programs and systems that crashed.
    pub crashes: Vec<Crash>,
    /// What could not be read; empty if all was.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Errors of one kind from one source.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EventGroup {
    /// Program or part of the system.
    pub source: String,
    /// The source's number for this kind.
    pub id: Option<u32>,
    /// Worse than an error.
    pub critical: bool,
    /// How often.
    pub count: u32,
    /// The last time.
    #[schemars(with = "Option<Moment>")]
    pub last: Option<Timestamp>,
    /// The last one's words, bounded and scrubbed.
    pub text: String,
}

/// Something that crashed.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Crash {
    /// The program; `the system` for a blue screen or a panic.
    pub what: String,
    /// When.
    #[schemars(with = "Option<Moment>")]
    pub at: Option<Timestamp>,
    /// The part at fault or the system's code, where it is told.
    pub detail: String,
}

/// Services that should run and do not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Services {
    /// How many there are.
    pub total: u32,
    /// How many run.
    pub running: u32,
    /// Those that failed, or that start by themselves and stand still.
    pub stopped: Vec<Service>,
    /// The ones everything hangs on (spooler, updates, time, DNS), with how they stand.
    pub key: Vec<Service>,
}

/// One service.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Service {
    /// The system's name for it: `Spooler`, `cups.service`.
    pub name: String,
    /// What it is called: `Print Spooler`.
    pub title: String,
    /// `running`, `stopped`, `failed`.
    pub state: String,
    /// What it ended with.
    pub exit_code: Option<i64>,
}

/// Installed programs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Programs {
    /// How many there are.
    pub count: u32,
    /// Installed or updated lately, the newest first.
    pub recent: Vec<Program>,
    /// All of them, where the provider wants that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<Program>,
}

/// One program.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Program {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Who made it.
    pub maker: Option<String>,
    /// Day it was installed or updated, as `2026-11-03`.
    pub installed: Option<String>,
}

/// The programs that people work with.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct App {
    /// `Microsoft 365`, `Outlook`, `Teams`, `OneDrive`, `Firefox`.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Where its updates come from: `Monthly Enterprise`.
    pub channel: Option<String>,
    /// It is running.
    pub running: Option<bool>,
    /// What else matters: `syncs 2 accounts`, `default browser`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// How current the system is.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Updates {
    /// When it last looked for updates.
    #[schemars(with = "Option<Moment>")]
    pub checked_at: Option<Timestamp>,
    /// When it last installed some.
    #[schemars(with = "Option<Moment>")]
    pub installed_at: Option<Timestamp>,
    /// Updates known and not installed.
    pub waiting: Option<u32>,
    /// Of those, the ones that close security holes.
    pub waiting_security: Option<u32>,
    /// Those that failed lately.
    pub failures: Vec<UpdateFailure>,
    /// Who decides: `Windows Update`, `WSUS`, `unattended-upgrades`.
    pub managed_by: Option<String>,
}

/// An update that failed.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UpdateFailure {
    /// The update: `KB5034441`, a package.
    pub name: String,
    /// When.
    #[schemars(with = "Option<Moment>")]
    pub at: Option<Timestamp>,
    /// The system's code.
    pub code: Option<String>,
}
