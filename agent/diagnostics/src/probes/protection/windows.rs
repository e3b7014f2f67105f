//! What protects a Windows machine: firmware, encryption, firewall, remote desktop, UAC, antivirus.

mod antivirus;

use antivirus::Product;

use crate::probes::some_line;
use crate::windows::registry::Registry;
#[cfg(windows)]
use crate::{
    part::ProbeError,
    windows::{protection, registry::ThisMachine, wmi},
};
use helpbell_model::report::Protection;
use jiff::Timestamp;
#[cfg(windows)]
use std::time::Duration;

const SECURE_BOOT: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\SecureBoot\State";
const FIREWALL: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy";
const FIREWALL_POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall";
const FIREWALL_SERVICE: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\mpssvc";
const OTHER_FIREWALLS: &str = r"HKLM\SOFTWARE\Microsoft\Security Center\Provider\Fw";
const REMOTE_DESKTOP: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server";
const REMOTE_DESKTOP_POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services";
const UAC: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System";

/// The three profiles of the firewall: their keys, and what people call them.
const PROFILES: [(&str, &str); 3] = [
    ("DomainProfile", "domain"),
    ("StandardProfile", "private"),
    ("PublicProfile", "public"),
];
/// `SERVICE_DISABLED`.
const DISABLED: u64 = 4;

/// What only calls can tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Seen {
    /// `System.Volume.BitLockerProtection` of the system's drive.
    bitlocker: Option<i32>,
    tpm: Option<String>,
    /// The Security Center's list, if it answered.
    antivirus: Option<Vec<Product>>,
}

/// How long the Security Center may take before the registry speaks for it.
#[cfg(windows)]
const SECURITY_CENTER: Duration = Duration::from_millis(2500);

#[cfg(windows)]
pub(super) fn ask() -> Result<Protection, ProbeError> {
    let system_drive = std::env::var("SystemDrive").unwrap_or_else(|_| "C:".to_owned());
    let seen = Seen {
        bitlocker: protection::bitlocker(format!(r"{system_drive}\")),
        tpm: protection::tpm(),
        antivirus: wmi::ask(
            r"ROOT\SecurityCenter2",
            "SELECT displayName, productState FROM AntiVirusProduct",
            SECURITY_CENTER,
        )
        .ok(),
    };
    let found = judge(&ThisMachine, &seen, Timestamp::now());
    if found == Protection::default() {
        return Err(ProbeError::unsupported(
            "this system tells nothing about its protection",
        ));
    }
    Ok(found)
}

fn judge(registry: &impl Registry, seen: &Seen, now: Timestamp) -> Protection {
    let (system_disk_encrypted, encryption) = bitlocker(seen.bitlocker);
    let (firewall, firewall_name) = firewall(registry);
    let remote_desktop = registry
        .is_on(REMOTE_DESKTOP_POLICY, "fDenyTSConnections")
        .or_else(|| registry.is_on(REMOTE_DESKTOP, "fDenyTSConnections"))
        .map(|denied| !denied);
    Protection {
        secure_boot: registry.is_on(SECURE_BOOT, "UEFISecureBootEnabled"),
        system_disk_encrypted,
        encryption: encryption.map(str::to_owned),
        tpm: seen.tpm.clone(),
        firewall,
        firewall_name,
        remote_desktop,
        remote_desktop_authenticated: registry
            .is_on(REMOTE_DESKTOP_POLICY, "UserAuthentication")
            .or_else(|| {
                registry.is_on(
                    &format!(r"{REMOTE_DESKTOP}\WinStations\RDP-Tcp"),
                    "UserAuthentication",
                )
            }),
        asks_before_changes: asks_before_changes(registry),
        antivirus: antivirus::list(registry, seen.antivirus.as_deref(), now),
    }
}

/// The shell's number: whether the drive is encrypted, and how to call it. A drive that is being encrypted or decrypted
/// is neither.
const fn bitlocker(number: Option<i32>) -> (Option<bool>, Option<&'static str>) {
    match number {
        // 6 is a drive that waits for its password.
        Some(1 | 6) => (Some(true), Some("BitLocker")),
        // Encrypted by the factory with a key that lies open until somebody signs in.
        Some(2 | 8) => (Some(false), None),
        Some(3) => (None, Some("BitLocker, still encrypting")),
        Some(4) => (None, Some("BitLocker, decrypting")),
        // The key lies open until the protection is resumed.
        Some(5) => (Some(true), Some("BitLocker, suspended")),
        _ => (None, None),
    }
}

/// Programs ask before they change the machine, administrators included.
fn asks_before_changes(registry: &impl Registry) -> Option<bool> {
    let on = registry.is_on(UAC, "EnableLUA")?;
    let silent = registry.number(UAC, "ConsentPromptBehaviorAdmin") == Some(0);
    Some(on && !silent)
}

/// Whether a firewall filters, and its name. Which profile is in use is not in the registry: if they differ, the name
/// says so and the rest is not known.
fn firewall(registry: &impl Registry) -> (Option<bool>, Option<String>) {
    if let Some(other) = other_firewall(registry) {
        return (Some(true), Some(other));
    }
    if registry.number(FIREWALL_SERVICE, "Start") == Some(DISABLED) {
        return (
            Some(false),
            Some("Windows Firewall (its service is disabled)".to_owned()),
        );
    }
    let switched = |profile: &str| {
        registry
            .is_on(&format!(r"{FIREWALL_POLICY}\{profile}"), "EnableFirewall")
            .or_else(|| registry.is_on(&format!(r"{FIREWALL}\{profile}"), "EnableFirewall"))
    };
    let named = |wanted: bool| {
        let names = PROFILES
            .iter()
            .filter(|(key, _)| switched(key) == Some(wanted))
            .map(|(_, name)| *name);
        names.collect::<Vec<_>>().join(", ")
    };
    let (on, off) = (named(true), named(false));
    match (on.is_empty(), off.is_empty()) {
        (true, true) => (None, None),
        (false, true) => (Some(true), Some(format!("Windows Firewall ({on})"))),
        (true, false) => (Some(false), Some("Windows Firewall".to_owned())),
        (false, false) => (None, Some(format!("Windows Firewall ({on}; off: {off})"))),
    }
}

/// A firewall of another maker that has signed in with the Security Center and is on.
fn other_firewall(registry: &impl Registry) -> Option<String> {
    registry.keys(OTHER_FIREWALLS).into_iter().find_map(|id| {
        let key = format!(r"{OTHER_FIREWALLS}\{id}");
        let state = antivirus::State(registry.number(&key, "STATE")?);
        let name = registry.text(&key, "DISPLAYNAME")?;
        state.is_on().then(|| some_line(&name)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::registry::Exported;
    use helpbell_model::report::Antivirus;

    fn judged(registry: &Exported) -> Protection {
        judge(
            registry,
            &Seen::default(),
            "2026-11-30T12:00:00Z".parse().unwrap(),
        )
    }

    #[test]
    fn a_well_kept_laptop_is_protected() {
        let protection = judge(
            &Exported::laptop(),
            &Seen {
                bitlocker: Some(1),
                tpm: Some("2.0".into()),
                antivirus: None,
            },
            "2026-11-30T12:00:00Z".parse().unwrap(),
        );
        assert_eq!(
            protection,
            Protection {
                secure_boot: Some(true),
                system_disk_encrypted: Some(true),
                encryption: Some("BitLocker".into()),
                tpm: Some("2.0".into()),
                firewall: Some(true),
                firewall_name: Some("Windows Firewall (domain, private, public)".into()),
                remote_desktop: Some(false),
                remote_desktop_authenticated: Some(true),
                asks_before_changes: Some(true),
                antivirus: Some(vec![Antivirus {
                    name: "Windows Defender".into(),
                    active: Some(true),
                    current: Some(true),
                    age_days: Some(0),
                }]),
            }
        );
    }

    #[test]
    fn an_empty_registry_means_not_known() {
        assert_eq!(judged(&Exported::default()), Protection::default());
    }

    #[test]
    fn profiles_that_differ_are_told_and_policies_win() {
        let one_off = Exported::laptop().and(
            r#"[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\WindowsFirewall\PublicProfile]
"EnableFirewall"=dword:00000000"#,
        );
        let protection = judged(&one_off);
        assert_eq!(protection.firewall, None);
        assert_eq!(
            protection.firewall_name.as_deref(),
            Some("Windows Firewall (domain, private; off: public)")
        );
    }

    #[test]
    fn another_firewall_or_none_is_told() {
        let disabled = Exported::laptop().and(
            r#"[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\mpssvc]
"Start"=dword:00000004"#,
        );
        assert_eq!(judged(&disabled).firewall, Some(false));
        let other = disabled.and(
            r#"[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Security Center\Provider\Fw\{1}]
"DISPLAYNAME"="Acme Firewall"
"STATE"=dword:00041000"#,
        );
        assert_eq!(judged(&other).firewall, Some(true));
        assert_eq!(judged(&other).firewall_name.as_deref(), Some("Acme Firewall"));
    }

    #[test]
    fn remote_desktop_and_its_password_follow_the_policy_first() {
        let open = Exported::laptop().and(
            r#"[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Terminal Server]
"fDenyTSConnections"=dword:00000000
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp]
"UserAuthentication"=dword:00000000"#,
        );
        let protection = judged(&open);
        assert_eq!(protection.remote_desktop, Some(true));
        assert_eq!(protection.remote_desktop_authenticated, Some(false));
        let closed = open.and(
            r#"[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services]
"fDenyTSConnections"=dword:00000001"#,
        );
        assert_eq!(judged(&closed).remote_desktop, Some(false));
    }

    #[test]
    fn asking_nobody_is_no_asking() {
        let silent = Exported::laptop().and(
            r#"[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System]
"ConsentPromptBehaviorAdmin"=dword:00000000"#,
        );
        assert_eq!(judged(&Exported::laptop()).asks_before_changes, Some(true));
        assert_eq!(judged(&silent).asks_before_changes, Some(false));
    }

    #[test]
    fn a_drive_between_two_states_is_neither() {
        assert_eq!(bitlocker(Some(2)), (Some(false), None));
        assert_eq!(bitlocker(Some(3)).0, None);
        assert_eq!(bitlocker(Some(5)), (Some(true), Some("BitLocker, suspended")));
        assert_eq!(bitlocker(Some(99)), (None, None));
        assert_eq!(bitlocker(None), (None, None));
    }
}
