//! What protects the machine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// What protects the machine. `None` means not known, never "off".
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Protection {
    /// Only signed boot code runs.
    pub secure_boot: Option<bool>,
    /// The system disk is encrypted.
    pub system_disk_encrypted: Option<bool>,
    /// How: `BitLocker`, `LUKS`, `FileVault`.
    pub encryption: Option<String>,
    /// Version of the security chip: `2.0`; empty if there is none.
    pub tpm: Option<String>,
    /// A firewall filters what comes in, on the network that is in use.
    pub firewall: Option<bool>,
    /// Which one, and for which profiles: `Windows Firewall (domain, private, public)`.
    pub firewall_name: Option<String>,
    /// Strangers may sign in to the desktop from the network.
    pub remote_desktop: Option<bool>,
    /// Signing in to the desktop from the network takes a password before it costs anything (Windows: NLA).
    pub remote_desktop_authenticated: Option<bool>,
    /// Programs ask before they change the machine (Windows: UAC).
    pub asks_before_changes: Option<bool>,
    /// Programs that look for malware; `None` if nobody can say.
    pub antivirus: Option<Vec<Antivirus>>,
}

/// A program that looks for malware.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Antivirus {
    /// Its name.
    pub name: String,
    /// It watches what is opened.
    pub active: Option<bool>,
    /// What it knows is current.
    pub current: Option<bool>,
    /// Days since what it knows was renewed.
    pub age_days: Option<u32>,
}
