//! Which machine this is, what runs on it, and who uses it.

use super::Moment;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// The operating system as it names itself.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct OperatingSystem {
    /// As people say it: `Windows 11 Pro 24H2`, `Debian GNU/Linux 12`.
    pub name: String,
    /// Stable identity of the family: `windows`, `macos`, `debian`, `ubuntu`.
    pub id: String,
    /// Version as the system numbers it: `11 (26100)`, `12`.
    pub version: Option<String>,
    /// Which of several products of one version: `Professional`, `Enterprise`.
    pub edition: Option<String>,
    /// Kernel or build.
    pub kernel: Option<String>,
    /// Instruction set, such as `x86_64`.
    pub architecture: String,
    /// Host name without domain.
    pub hostname: String,
    /// When it was installed.
    #[schemars(with = "Option<Moment>")]
    pub installed_at: Option<Timestamp>,
    /// Language and region of the session, as BCP 47: `de-AT`.
    pub locale: Option<String>,
    /// Time zone of the machine: `Europe/Vienna`.
    pub time_zone: Option<String>,
}

/// What the maker calls the machine. Placeholders of careless makers are left out.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Product {
    /// `LENOVO`.
    pub maker: Option<String>,
    /// `ThinkPad T14 Gen 4`.
    pub model: Option<String>,
    /// Serial number, where the system tells it without extra rights.
    pub serial: Option<String>,
    /// `Laptop`, `Desktop`, `Virtual machine`.
    pub form: Option<String>,
    /// Version of the firmware (BIOS or UEFI).
    pub firmware: Option<String>,
    /// Date of the firmware, as `2024-05-17`.
    pub firmware_date: Option<String>,
    /// Names this installation and no other one, without telling the system's own machine id: a digest of it.
    pub machine_id: Option<String>,
    /// The virtual machine or container it is: `KVM`, `VMware`, `Docker`.
    pub virtualization: Option<String>,
}

/// Since when the machine runs.
#[skip_serializing_none]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Uptime {
    /// Seconds since the last boot.
    pub seconds: u64,
    /// Moment of the last boot, by this machine's clock.
    #[schemars(with = "Option<Moment>")]
    pub booted_at: Option<Timestamp>,
}

/// Whether the system waits for a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Restart {
    /// Installed updates take effect only after a restart.
    pub pending: bool,
    /// Which packages or components asked for it, where the system says so.
    pub packages: Vec<String>,
    /// Files wait to be replaced at the next start. Installers leave this behind for years: worth knowing, and no more.
    pub files_waiting: bool,
}

/// Whose account this is, and to what the machine belongs.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Account {
    /// Name of the account the press came from.
    pub user: String,
    /// As the directory knows the person: `Maria Rossi`.
    pub full_name: Option<String>,
    /// User principal name: `maria@contoso.com`.
    pub principal: Option<String>,
    /// Domain or workgroup the machine belongs to.
    pub domain: Option<String>,
    /// How it belongs there.
    pub joined: Option<Joined>,
    /// The account may change the whole machine (administrator, root, a member of `sudo` or `wheel`).
    pub administrator: Option<bool>,
    /// When the password has to be changed.
    #[schemars(with = "Option<Moment>")]
    pub password_expires: Option<Timestamp>,
    /// Other accounts with a session at the moment; how many, not who.
    pub other_sessions: Option<u32>,
}

/// How a machine belongs to an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Joined {
    /// To none.
    Workgroup,
    /// Active Directory, Samba or FreeIPA.
    Domain,
    /// Microsoft Entra ID alone.
    Entra,
    /// Both of them.
    Hybrid,
}

/// The session at the moment of the press.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Session {
    /// Where the person sits.
    pub kind: SessionKind,
    /// What draws the windows: `x11`, `wayland`, `windows`, `macos`.
    pub display: Option<String>,
    /// `GNOME`, `KDE`.
    pub desktop: Option<String>,
    /// The screen is locked.
    pub locked: Option<bool>,
    /// The program in front. Never its window's title.
    pub foreground: Option<Foreground>,
    /// Programs that keep themselves out of pictures of the screen.
    pub hidden_from_capture: Vec<String>,
    /// The monitors; the primary one first.
    pub monitors: Vec<Monitor>,
}

/// Where the person of a session sits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SessionKind {
    /// In front of the machine.
    Console,
    /// Far away: RDP, Citrix, VNC, xrdp.
    Remote,
    /// At a terminal over the network.
    Ssh,
    /// Nobody: a service or a task.
    None,
    /// Not known.
    #[default]
    Unknown,
}

/// The program in front.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Foreground {
    /// Name of the program: `OUTLOOK.EXE`, `firefox`.
    pub name: String,
    /// The system's number for its process.
    pub pid: Option<u32>,
}

/// One monitor as the session uses it.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Monitor {
    /// As the system names it: `DP-1`, `\\.\DISPLAY1`.
    pub name: String,
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Place of its left edge, in pixels of the whole desktop.
    pub x: i32,
    /// Place of its upper edge.
    pub y: i32,
    /// How much larger than usual things are drawn: 100, 150, 200.
    pub scale_percent: Option<u32>,
    /// The one with the task bar.
    pub primary: bool,
    /// Pictures a second.
    pub refresh_hz: Option<f32>,
}

/// How busy the machine was while the person wrote, sampled evenly.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Usage {
    /// Milliseconds between two samples.
    pub every_ms: u64,
    /// Load of the whole processor, 0 to 100, oldest first.
    pub cpu_percent: Vec<f32>,
    /// Memory in use, 0 to 100.
    pub memory_percent: Vec<f32>,
    /// Bytes received a second, over all interfaces but loopback.
    pub received: Vec<u64>,
    /// Bytes sent a second.
    pub sent: Vec<u64>,
}

/// What one of the provider's own scripts brought.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ScriptRun {
    /// Its file's name.
    pub name: String,
    /// Milliseconds it took.
    pub ms: u64,
    /// What it ended with; none if it was ended.
    pub exit_code: Option<i32>,
    /// What it wrote to be appended to the ticket.
    pub append: Option<String>,
    /// Names of the files it left to be attached.
    pub files: Vec<String>,
    /// What went wrong; empty if nothing did.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}
