//! Mapped drives, remembered and connected, and printers of other machines: read from the registry and the redirectors'
//! list, never from the drives.

use super::{Known, RAW, SMB};
use crate::windows::registry::Registry;

/// The drives a person's profile remembers: one key per letter.
const DRIVES: &str = r"HKCU\Network";
/// Printers of print servers: one key per printer, `,,server,printer`.
const PRINTERS: &str = r"HKCU\Printers\Connections";
/// Printers with an address of their own: one key per port.
const PORTS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Print\Monitors\Standard TCP/IP Port\Ports";

#[cfg(windows)]
pub(super) fn known() -> Vec<Known> {
    use crate::windows::{connections, registry::ThisMachine, within};
    use std::time::Duration;

    /// How long the redirectors are waited for; the servers need the rest of the probe's time.
    const LIST_LIMIT: Duration = Duration::from_millis(700);

    let connected = within(LIST_LIMIT, connections::connected).unwrap_or_default();
    let connected = connected
        .into_iter()
        .map(|connection| (connection.local, connection.remote, connection.printer));
    all(&ThisMachine, connected)
}

/// What the registry knows, and what is connected besides: letter, path, and whether it is a printer.
fn all(registry: &impl Registry, connected: impl Iterator<Item = (String, String, bool)>) -> Vec<Known> {
    let mut known = drives(registry);
    for (local, remote, printer) in connected {
        let kind = if printer { "printer" } else { "smb" };
        let local = if local.is_empty() {
            share_of(&remote)
        } else {
            local
        };
        let Some(server) = server_of(&remote) else {
            continue;
        };
        if !known.iter().any(|share| share.local.eq_ignore_ascii_case(&local)) {
            known.push(Known {
                local,
                server,
                kind,
                port: SMB,
            });
        }
    }
    known.extend(printers(registry));
    known
}

fn drives(registry: &impl Registry) -> Vec<Known> {
    let letters = registry.keys(DRIVES).into_iter();
    letters
        .filter_map(|letter| {
            let remote = registry.text(&format!("{DRIVES}\\{letter}"), "RemotePath")?;
            Some(Known {
                local: format!("{}:", letter.to_uppercase()),
                server: server_of(&remote)?,
                kind: "smb",
                port: SMB,
            })
        })
        .collect()
}

fn printers(registry: &impl Registry) -> Vec<Known> {
    let served = registry.keys(PRINTERS).into_iter().filter_map(|key| {
        let (server, printer) = key.trim_start_matches(',').split_once(',')?;
        Some(Known {
            local: printer.to_owned(),
            server: server.to_owned(),
            kind: "printer",
            port: SMB,
        })
    });
    let own = registry.keys(PORTS).into_iter().filter_map(|port| {
        let key = format!("{PORTS}\\{port}");
        let address = ["HostName", "IPAddress"]
            .into_iter()
            .filter_map(|name| registry.text(&key, name));
        let server = address.into_iter().find(|address| !address.is_empty())?;
        let door = registry
            .number(&key, "PortNumber")
            .and_then(|door| u16::try_from(door).ok());
        Some(Known {
            local: port,
            server,
            kind: "printer",
            port: door.filter(|door| *door > 0).unwrap_or(RAW),
        })
    });
    served
        .chain(own)
        .filter(|known| !known.server.is_empty())
        .collect()
}

/// `\\server\share`; a server of WebDAV may name its door (`server@SSL@443`), which is not that of SMB.
fn server_of(remote: &str) -> Option<String> {
    let server = remote.strip_prefix(r"\\")?.split('\\').next()?;
    let smb = !server.is_empty() && !server.contains('@');
    smb.then(|| server.to_owned())
}

/// What follows the server.
fn share_of(remote: &str) -> String {
    remote.rsplit('\\').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::registry::Exported;

    const REGISTRY: &str = r#"
[HKEY_CURRENT_USER\Network\z]
"RemotePath"="\\\\files.corp.example\\common"
"UserName"="CORP\\maria"
[HKEY_CURRENT_USER\Network\y]
"RemotePath"="\\\\cloud.example@SSL@443\\dav"
[HKEY_CURRENT_USER\Printers\Connections\,,print.corp.example,Front desk]
"Provider"="win32spl.dll"
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Print\Monitors\Standard TCP/IP Port\Ports\IP_10.0.0.9]
"HostName"="10.0.0.9"
"IPAddress"=""
"PortNumber"=dword:0000238c
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Print\Monitors\Standard TCP/IP Port\Ports\Empty]
"HostName"=""
"#;

    fn rows(known: &[Known]) -> Vec<(&str, &str, &str, u16)> {
        known
            .iter()
            .map(|share| {
                (
                    share.local.as_str(),
                    share.server.as_str(),
                    share.kind,
                    share.port,
                )
            })
            .collect()
    }

    #[test]
    fn drives_printers_and_what_is_connected_besides_are_known_once() {
        let connected = [
            ("Z:", r"\\files.corp.example\common", false),
            ("X:", r"\\other\data", false),
            ("", r"\\other\IPC$", false),
            ("W:", "not a path", false),
        ];
        let connected =
            connected.map(|(local, remote, printer)| (local.to_owned(), remote.to_owned(), printer));
        let known = all(&Exported::of(REGISTRY), connected.into_iter());
        assert_eq!(
            rows(&known),
            [
                ("Z:", "files.corp.example", "smb", 445),
                ("X:", "other", "smb", 445),
                ("IPC$", "other", "smb", 445),
                ("Front desk", "print.corp.example", "printer", 445),
                ("IP_10.0.0.9", "10.0.0.9", "printer", 9100),
            ]
        );
    }

    #[test]
    fn a_machine_without_any_has_none() {
        assert_eq!(all(&Exported::default(), std::iter::empty()), Vec::new());
    }
}
