//! Drives, folders and printers of other machines: does the server's door answer. Nothing of a share itself is
//! touched, since whoever touches a dead one waits with it.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(windows, test))]
mod windows;

use super::{
    dial::{self, Question},
    line,
};
use crate::part::ProbeError;
use helpbell_model::report::Share;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How long a server is waited for, its name included. One in the house answers in milliseconds.
const WAIT: Duration = Duration::from_secs(1);
/// Servers that are asked.
const MOST_SERVERS: usize = 12;
/// Shares that are told. A script at logon connects a dozen.
const MOST_SHARES: usize = 32;

const SMB: u16 = 445;
#[cfg(target_os = "linux")]
const NFS: u16 = 2049;
/// The doors of printers and print servers: IPP, raw data, LPD.
#[cfg(target_os = "linux")]
const IPP: u16 = 631;
const RAW: u16 = 9100;
#[cfg(target_os = "linux")]
const LPD: u16 = 515;

/// One share before anybody was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    /// How it is known here.
    local: String,
    /// A host's name or address.
    server: String,
    /// `smb`, `nfs`, `printer`.
    kind: &'static str,
    /// The server's door.
    port: u16,
}

pub(super) fn ask() -> Result<Vec<Share>, ProbeError> {
    #[cfg(target_os = "linux")]
    {
        linux::known(std::path::Path::new("/")).map(|known| reach(known, WAIT))
    }
    #[cfg(windows)]
    {
        Ok(reach(windows::known(), WAIT))
    }
    #[cfg(not(any(target_os = "linux", windows)))]
    {
        Err(super::not_read_here())
    }
}

/// Asks every server once, all at the same time.
fn reach(mut known: Vec<Known>, wait: Duration) -> Vec<Share> {
    known.truncate(MOST_SHARES);
    let mut doors: Vec<(String, u16)> = Vec::new();
    for share in &known {
        let door = (share.server.clone(), share.port);
        if !doors.contains(&door) && doors.len() < MOST_SERVERS {
            doors.push(door);
        }
    }
    let questions = doors
        .iter()
        .cloned()
        .map(|(server, port)| -> Question<Result<Duration, String>> {
            Box::new(move || knock(&server, port, wait))
        })
        .collect();
    let answers: BTreeMap<(String, u16), _> = doors.into_iter().zip(dial::all(wait, questions)).collect();
    known
        .into_iter()
        .map(|share| {
            let answer = answers.get(&(share.server.clone(), share.port));
            let (reachable, ms, note) = match answer {
                Some(Some(Ok(took))) => (Some(true), Some(dial::tenths(*took)), String::new()),
                Some(Some(Err(note))) => (Some(false), None, note.clone()),
                Some(None) => (Some(false), None, "does not answer".to_owned()),
                None => (None, None, "not asked: there are too many servers".to_owned()),
            };
            Share {
                local: line(&share.local),
                server: line(&share.server),
                kind: share.kind.to_owned(),
                reachable,
                ms,
                note,
            }
        })
        .collect()
}

/// How long a server takes to open its door.
fn knock(server: &str, port: u16, wait: Duration) -> Result<Duration, String> {
    let end = Instant::now() + wait;
    let addresses = dial::lookup(server, port, wait)?;
    let began = Instant::now();
    dial::connect(&addresses, end.saturating_duration_since(began))?;
    Ok(began.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, TcpListener};

    /// Longer than any test run.
    const AMPLE: Duration = Duration::from_secs(600);

    fn share(local: &str, server: &str, port: u16) -> Known {
        Known {
            local: local.to_owned(),
            server: server.to_owned(),
            kind: "smb",
            port,
        }
    }

    fn listener() -> (TcpListener, u16) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    #[test]
    fn open_doors_closed_ones_and_unknown_names_are_told_apart() {
        let (_open, open) = listener();
        let (_, closed) = listener();
        let told = reach(
            vec![
                share("Z:", "127.0.0.1", open),
                share("Y:", "127.0.0.1", closed),
                share("X:", "no such server", open),
            ],
            AMPLE,
        );
        let rows: Vec<_> = told
            .iter()
            .map(|share| (share.local.as_str(), share.reachable, share.note.as_str()))
            .collect();
        assert_eq!(
            rows,
            [
                ("Z:", Some(true), ""),
                ("Y:", Some(false), "refuses connections"),
                ("X:", Some(false), "its name is not found"),
            ]
        );
        assert!(told[0].ms.is_some() && told[1].ms.is_none());
    }

    #[test]
    fn a_server_with_many_shares_is_asked_once() {
        let (open, port) = listener();
        let shares = (0..5)
            .map(|drive| share(&format!("{drive}:"), "127.0.0.1", port))
            .collect();
        assert!(
            reach(shares, AMPLE)
                .iter()
                .all(|share| share.reachable == Some(true))
        );
        open.set_nonblocking(true).unwrap();
        assert!(open.accept().is_ok());
        assert!(open.accept().is_err());
    }

    #[test]
    fn of_too_many_servers_the_rest_is_told_as_not_asked() {
        let (_, closed) = listener();
        let shares = (1..=20)
            .map(|host| share("Z:", &format!("127.0.0.{host}"), closed))
            .collect();
        let told = reach(shares, AMPLE);
        assert_eq!(
            told.iter().filter(|share| share.reachable == Some(false)).count(),
            MOST_SERVERS
        );
        assert!(
            told.iter()
                .skip(MOST_SERVERS)
                .all(|share| share.note.starts_with("not asked"))
        );
        let many = (0..100).map(|_| share("Z:", "127.0.0.1", closed)).collect();
        assert_eq!(reach(many, AMPLE).len(), MOST_SHARES);
    }

    #[test]
    fn hostile_names_become_lines() {
        let told = reach(vec![share("a\u{202e}\nb", "x y\u{1b}[2J", 1)], AMPLE);
        assert_eq!(
            (told[0].local.as_str(), told[0].server.as_str()),
            ("a b", "x y[2J")
        );
    }
}
