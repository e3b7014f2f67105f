//! Mounted file systems of other machines, and the printers of CUPS. The list of mounts is the kernel's own: reading it
//! touches none of them.

use super::{IPP, Known, LPD, NFS, RAW, SMB};
use crate::{part::ProbeError, probes::linux::programs::Programs, scrub};
use std::{path::Path, time::Duration};

const MOUNTS: &str = "proc/self/mounts";
/// How long CUPS is waited for; the servers need the rest of the probe's time.
const CUPS: Duration = Duration::from_secs(1);

pub(super) fn known(root: &Path) -> Result<Vec<Known>, ProbeError> {
    let mounts = std::fs::read_to_string(root.join(MOUNTS))?;
    let mut known = mounted(&mounts);
    // No CUPS, no printers: nothing to tell.
    let printed = Programs::below(root, CUPS).ask("lpstat", &["-v"]);
    if let Ok(text) = printed.and_then(|printed| printed.if_it_went_well("lpstat")) {
        known.extend(printers(&text));
    }
    Ok(known)
}

/// The rows of proc_mounts(5) that name another machine.
fn mounted(mounts: &str) -> Vec<Known> {
    let rows = mounts.lines().filter_map(|row| {
        let mut fields = row.split(' ');
        let (source, point, kind) = (fields.next()?, fields.next()?, fields.next()?);
        let (server, kind, port) = match kind {
            "cifs" | "smb3" | "smbfs" => (server_of_unc(&plain(source))?, "smb", SMB),
            "nfs" | "nfs4" => (server_of_nfs(&plain(source))?, "nfs", NFS),
            _ => return None,
        };
        Some(Known {
            local: scrub::homes(&plain(point)),
            server,
            kind,
            port,
        })
    });
    rows.collect()
}

/// The kernel writes spaces and the like as three octal digits.
fn plain(field: &str) -> String {
    let mut plain = Vec::new();
    let mut bytes = field.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let code = (byte == b'\\').then(|| {
            (0..3).try_fold(0_u8, |code, _| {
                let digit = ahead.next().filter(|digit| (b'0'..=b'7').contains(digit))?;
                code.checked_mul(8)?.checked_add(digit - b'0')
            })
        });
        match code.flatten() {
            Some(code) => {
                plain.push(code);
                bytes = ahead;
            }
            None => plain.push(byte),
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// `//server/share`.
fn server_of_unc(source: &str) -> Option<String> {
    let rest = source
        .strip_prefix("//")
        .or_else(|| source.strip_prefix("\\\\"))?;
    rest.split(['/', '\\'])
        .next()
        .filter(|server| !server.is_empty())
        .map(str::to_owned)
}

/// `server:/path`, `[fd00::1]:/path`.
fn server_of_nfs(source: &str) -> Option<String> {
    let server = match source.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => source.split_once(":/")?.0,
    };
    Some(server.to_owned()).filter(|server| !server.is_empty())
}

/// Rows of `lpstat -v`: `device for NAME: ipp://server/printers/x`.
fn printers(text: &str) -> Vec<Known> {
    let rows = text.lines().filter_map(|row| {
        let (name, device) = row.strip_prefix("device for ")?.split_once(": ")?;
        let (scheme, rest) = device.split_once("://")?;
        let usual = match scheme {
            "ipp" | "ipps" | "http" | "https" => IPP,
            "socket" => RAW,
            "lpd" => LPD,
            "smb" => SMB,
            // On a cable, or found by itself.
            _ => return None,
        };
        let mut parts = rest.split('/');
        let mut authority = parts.next().unwrap_or_default();
        // `smb://WORKGROUP/server/printer`, where Windows' printers may stand below their workgroup.
        if let (SMB, Some(server), Some(_)) = (usual, parts.next(), parts.next()) {
            authority = server;
        }
        // A printer's address may carry the password to it.
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = host.split('?').next().unwrap_or_default();
        let (server, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, rest)) => (address, rest.strip_prefix(':')),
            None => host
                .split_once(':')
                .map_or((host, None), |(server, port)| (server, Some(port))),
        };
        let own = server.is_empty() || server == "localhost" || server.starts_with("127.");
        // A printer that was found by itself is named, not addressed.
        let found = server.contains("._tcp.");
        (!own && !found).then(|| Known {
            local: name.to_owned(),
            server: server.to_owned(),
            kind: "printer",
            port: port.and_then(|port| port.parse().ok()).unwrap_or(usual),
        })
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;

    const TABLE: &str = "proc /proc proc rw 0 0
/dev/sda1 / ext4 rw,relatime 0 0
//files.corp.example/common\\040data /mnt/common\\040data cifs rw,username=maria,addr=10.0.0.5 0 0
nas:/export/home /home/maria/nas nfs4 rw,addr=10.0.0.6 0 0
[fd00::6]:/export /srv/v6 nfs rw 0 0
nas /broken nfs rw 0 0
gvfsd-fuse /run/user/1000/gvfs fuse.gvfsd-fuse rw 0 0
";

    const CUPS_ROWS: &str = "device for Front_desk: ipp://print.corp.example/printers/front
device for Warehouse: socket://10.0.0.9:9101
device for Old: lpd://maria:s3cret@10.0.0.8/queue
device for Win: smb://WORKGROUP/server/queue
device for Local: usb://HP/LaserJet?serial=1
device for Found: ipps://HP%20Laser._ipps._tcp.local/
device for PDF: cups-pdf:/
device for Here: ipp://localhost:8631/x
";

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
    fn only_file_systems_of_other_machines_are_shares() {
        assert_eq!(
            rows(&mounted(TABLE)),
            [
                ("/mnt/common data", "files.corp.example", "smb", 445),
                ("/home/<user>/nas", "nas", "nfs", 2049),
                ("/srv/v6", "fd00::6", "nfs", 2049),
            ]
        );
    }

    #[test]
    fn printers_of_other_machines_are_told_without_what_signs_in() {
        let known = printers(CUPS_ROWS);
        assert_eq!(
            rows(&known),
            [
                ("Front_desk", "print.corp.example", "printer", 631),
                ("Warehouse", "10.0.0.9", "printer", 9101),
                ("Old", "10.0.0.8", "printer", 515),
                ("Win", "server", "printer", 445),
            ]
        );
    }

    #[test]
    fn a_machine_is_asked_for_both_and_may_lack_printers() {
        let machine = MadeUp::machine().file(MOUNTS, TABLE);
        assert_eq!(known(machine.root()).unwrap().len(), 3);
        let machine = machine.program("lpstat", "echo 'device for A: socket://10.0.0.9'");
        assert_eq!(known(machine.root()).unwrap().len(), 4);
    }

    #[test]
    fn octal_digits_are_characters_and_anything_else_stays() {
        assert_eq!(plain("a\\040b\\134c\\011d"), "a b\\c\td");
        assert_eq!(plain("\\9 \\04 \\777 \\"), "\\9 \\04 \\777 \\");
    }

    proptest! {
        #[test]
        fn no_table_of_mounts_crashes(text in "(//|\\[|\\]|:/| |cifs|nfs|\\\\0|[0-7]|\n|\\PC){0,60}") {
            mounted(&text);
        }

        #[test]
        fn no_list_of_printers_crashes_or_leaks(text in "device for (a|\\PC){0,5}: (ipp|socket|lpd)://me:SECRET@(\\[|\\]|:|[0-9]|h){0,9}/(\\PC){0,9}") {
            prop_assert!(printers(&text).iter().all(|share| !share.server.contains("SECRET")));
        }
    }
}
