//! Proxies as Windows keeps them, the person's and the machine's, and what its network service thinks.

use super::proxy::{self, Settings};
use crate::windows::registry::Registry;

/// What browsers and most programs go by.
const OF_PERSON: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings";
/// What services go by: a structure of bytes.
const OF_MACHINE: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections";
/// Where a policy says that the machine's settings are the person's too.
const POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\CurrentVersion\Internet Settings";
const FOR_ALL: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings";

/// Of `NLM_CONNECTIVITY`, by IPv4 and IPv6.
const INTERNET: [u32; 2] = [0x40, 0x400];
const LOCAL: u32 = 0x10 | 0x20 | 0x100 | 0x200;

#[cfg(windows)]
mod asked {
    use super::{super::environment, Settings, in_words, of_registry};
    use crate::windows::{network_list, registry::ThisMachine, within};
    use std::time::Duration;

    pub(in crate::probes::internet) fn settings(_: Duration) -> Settings {
        of_registry(&ThisMachine)
            .or_else(environment::settings)
            .unwrap_or_default()
    }

    pub(in crate::probes::internet) fn says(limit: Duration) -> Option<String> {
        let flags = within(limit, network_list::connectivity).ok().flatten()?;
        Some(in_words(flags).to_owned())
    }
}

#[cfg(windows)]
pub(super) use asked::{says, settings};

/// The person's settings; without any, the machine's.
fn of_registry(registry: &impl Registry) -> Option<Settings> {
    // 0 means that the person has no settings of their own.
    let key = match registry.number(POLICY, "ProxySettingsPerUser") {
        Some(0) => FOR_ALL,
        _ => OF_PERSON,
    };
    let text = |name| registry.text(key, name).filter(|text| !text.is_empty());
    let is_on = registry.is_on(key, "ProxyEnable") == Some(true);
    let settings = Settings {
        proxy: text("ProxyServer")
            .filter(|_| is_on)
            .and_then(|text| proxy::parse(&text)),
        script: text("AutoConfigURL"),
        except: proxy::exceptions(&text("ProxyOverride").unwrap_or_default()),
    };
    if settings.proxy.is_some() || settings.script.is_some() {
        return Some(settings);
    }
    of_services(&registry.bytes(OF_MACHINE, "WinHttpSettings")?)
}

/// What `netsh winhttp set proxy` writes: three numbers, of which the last has 2 for a proxy, then twice a length and as
/// many letters.
fn of_services(bytes: &[u8]) -> Option<Settings> {
    const WITH_PROXY: u32 = 2;
    let number = |at: usize| {
        let bytes = bytes.get(at..at.checked_add(4)?)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    let text = |at: usize| {
        let length = usize::try_from(number(at)?).ok()?;
        let begin = at.checked_add(4)?;
        let end = begin.checked_add(length)?;
        Some((String::from_utf8_lossy(bytes.get(begin..end)?).into_owned(), end))
    };
    if number(8)? & WITH_PROXY == 0 {
        return None;
    }
    let (proxy, end) = text(12)?;
    let except = text(end).map(|(except, _)| except).unwrap_or_default();
    Some(Settings {
        proxy: Some(proxy::parse(&proxy)?),
        script: None,
        except: proxy::exceptions(&except),
    })
}

/// What the flags of the network service mean.
fn in_words(flags: u32) -> &'static str {
    if INTERNET.iter().any(|internet| flags & internet != 0) {
        "internet"
    } else if flags & LOCAL != 0 {
        "connected, but no internet"
    } else if flags == 0 {
        "not connected"
    } else {
        "connected, but nothing travels"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::registry::Exported;
    use proptest::prelude::*;

    const PERSON: &str = r#"
[HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Internet Settings]
"ProxyEnable"=dword:00000001
"ProxyServer"="http=web.corp.example:80;https=secure.corp.example:3128"
"ProxyOverride"="*.corp.example;<local>"
"#;

    fn services(flags: u8, proxy: &str, except: &str) -> Vec<u8> {
        let mut bytes = vec![0x28, 0, 0, 0, 1, 0, 0, 0, flags, 0, 0, 0];
        for text in [proxy, except] {
            bytes.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
            bytes.extend(text.bytes());
        }
        bytes
    }

    #[test]
    fn the_persons_proxy_counts_while_it_is_switched_on() {
        let settings = of_registry(&Exported::of(PERSON)).unwrap();
        assert_eq!(
            settings.proxy.as_ref().unwrap().to_string(),
            "secure.corp.example:3128"
        );
        assert!(
            settings.proxy_for("desk.corp.example").is_none() && settings.proxy_for("intranet").is_none()
        );
        let off = PERSON.replace("00000001", "00000000");
        assert_eq!(of_registry(&Exported::of(&off)), None);
    }

    #[test]
    fn a_script_counts_without_a_switch() {
        let script = r#"
[HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Internet Settings]
"AutoConfigURL"="http://wpad.corp.example/proxy.pac"
"#;
        let settings = of_registry(&Exported::of(script)).unwrap();
        assert_eq!(
            settings.script.as_deref(),
            Some("http://wpad.corp.example/proxy.pac")
        );
    }

    #[test]
    fn a_policy_makes_the_machines_settings_everybodys() {
        let policy = r#"
[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\CurrentVersion\Internet Settings]
"ProxySettingsPerUser"=dword:00000000
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings]
"ProxyEnable"=dword:00000001
"ProxyServer"="all.corp.example:8080"
"#;
        let settings = of_registry(&Exported::of(PERSON).and(policy)).unwrap();
        assert_eq!(settings.proxy.unwrap().to_string(), "all.corp.example:8080");
    }

    #[test]
    fn the_proxy_of_services_is_read_from_its_bytes() {
        let settings = of_services(&services(3, "proxy.corp.example:8080", "<local>")).unwrap();
        assert_eq!(
            settings.proxy.as_ref().unwrap().to_string(),
            "proxy.corp.example:8080"
        );
        assert!(settings.proxy_for("intranet").is_none());
        assert_eq!(of_services(&services(1, "", "")), None);
        let hex: Vec<String> = services(3, "p:1", "")
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let machine = format!(
            "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Connections]\n\"WinHttpSettings\"=hex:{}\n",
            hex.join(",")
        );
        assert_eq!(
            of_registry(&Exported::of(&machine))
                .unwrap()
                .proxy
                .unwrap()
                .to_string(),
            "p:1"
        );
    }

    #[test]
    fn flags_are_told_in_words() {
        assert_eq!(
            [0x40, 0x400, 0x20, 0, 1].map(in_words),
            [
                "internet",
                "internet",
                "connected, but no internet",
                "not connected",
                "connected, but nothing travels"
            ]
        );
    }

    proptest! {
        #[test]
        fn no_structure_crashes_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            of_services(&bytes);
        }
    }
}
