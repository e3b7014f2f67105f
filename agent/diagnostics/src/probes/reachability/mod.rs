//! Echoes from the gateway and from hosts on the internet: who answers, how fast, how evenly.
//!
//! ```text
//! target ──► 5 echoes, one every 200 ms ──► Reached
//!              icmp   where the system lets everybody send them
//!              tcp    else: how long the other side takes to accept or to refuse a connection
//! ```

#[cfg_attr(windows, path = "icmp_windows.rs")]
#[cfg_attr(not(windows), path = "icmp_unix.rs")]
mod icmp;
mod tcp;

use super::{
    dial::{self, Question},
    line,
};
use crate::{part::ProbeError, scope::Scope};
use helpbell_model::report::{Reachability, Reached};
use std::{
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6},
    thread,
    time::{Duration, Instant},
};

/// Echoes per target: one lost of five is bad luck or a bad cable, and the next press tells which.
const ECHOES: u32 = 5;
/// From one echo to the next. Routers drop what comes faster.
const PAUSE: Duration = Duration::from_millis(200);
/// How long one is waited for. A satellite answers in 700 ms.
const WAIT: Duration = Duration::from_secs(1);
/// Gateways that are asked: one of each family, and the same of a second link.
const MOST_GATEWAYS: usize = 4;
/// Hosts on the internet that are asked.
const MOST_SERVERS: usize = 4;

pub(super) fn ask(scope: &Scope) -> Result<Reachability, ProbeError> {
    let plan = Plan {
        gateways: gateways(&netdev::get_interfaces()),
        servers: scope
            .public_servers
            .iter()
            .map(|server| SocketAddr::new(*server, 0))
            .collect(),
        pause: PAUSE,
        wait: WAIT,
    };
    if plan.gateways.is_empty() && plan.servers.is_empty() {
        return Err(ProbeError::unsupported(
            "there is no gateway, and no host on the internet is named",
        ));
    }
    Ok(Reachability { targets: reach(plan) })
}

/// Who is asked, and how patiently.
struct Plan {
    gateways: Vec<SocketAddr>,
    servers: Vec<SocketAddr>,
    pause: Duration,
    wait: Duration,
}

/// The gateways of the default routes; if no route is marked as one, of whatever interface has any. An IPv6 gateway
/// is known by an address that every link has, so the link belongs to it.
fn gateways(interfaces: &[netdev::Interface]) -> Vec<SocketAddr> {
    let marked = interfaces.iter().any(|interface| interface.default);
    let mut found: Vec<SocketAddr> = Vec::new();
    for interface in interfaces.iter().filter(|interface| interface.default || !marked) {
        let Some(gateway) = &interface.gateway else {
            continue;
        };
        let v6 = |ip: Ipv6Addr| {
            let scope_id = if ip.is_unicast_link_local() {
                interface.index
            } else {
                0
            };
            SocketAddr::V6(SocketAddrV6::new(ip, 0, 0, scope_id))
        };
        let addresses = (gateway.ipv4.iter().map(|ip| SocketAddr::new(IpAddr::V4(*ip), 0)))
            .chain(gateway.ipv6.iter().map(|ip| v6(*ip)));
        for address in addresses {
            if !address.ip().is_unspecified() && !found.contains(&address) {
                found.push(address);
            }
        }
    }
    found
}

/// Asks everybody at the same time.
fn reach(plan: Plan) -> Vec<Reached> {
    let Plan {
        gateways,
        servers,
        pause,
        wait,
    } = plan;
    let with = |role, targets: Vec<SocketAddr>, most| {
        targets.into_iter().take(most).map(move |target| (role, target))
    };
    let targets: Vec<(&str, SocketAddr)> = with("gateway", gateways, MOST_GATEWAYS)
        .chain(with("internet", servers, MOST_SERVERS))
        .collect();
    let questions = targets
        .iter()
        .map(|&(role, target)| -> Question<Reached> { Box::new(move || echoes(role, target, pause, wait)) })
        .collect();
    // The last echo leaves after all pauses; without permission, a door is looked for first.
    let limit = pause * ECHOES + wait + tcp::SEARCH;
    dial::all(limit, questions)
        .into_iter()
        .zip(targets)
        .map(|(reached, (role, target))| {
            reached.unwrap_or_else(|| Reached {
                role: role.to_owned(),
                address: target.ip().to_string(),
                by: "icmp".to_owned(),
                note: "it was not asked in time".to_owned(),
                ..Reached::default()
            })
        })
        .collect()
}

fn echoes(role: &'static str, target: SocketAddr, pause: Duration, wait: Duration) -> Reached {
    let mut reached = if icmp::may_send(target.ip()) {
        let times = spread(pause, wait, move |number| icmp::echo(target, number, wait));
        summed("icmp", times)
    } else {
        let counts = if role == "gateway" {
            tcp::Counts::Both
        } else {
            tcp::Counts::Acceptance
        };
        match tcp::door(target, counts, tcp::SEARCH) {
            Ok(door) => summed("tcp", spread(pause, wait, move |_| tcp::echo(door, counts, wait))),
            Err(note) => Reached {
                by: "tcp".to_owned(),
                sent: 1,
                note,
                ..Reached::default()
            },
        }
    };
    role.clone_into(&mut reached.role);
    reached.address = target.ip().to_string();
    reached
}

/// What became of each echo, in the order they were sent; `None` if it did not come back.
type Times = Vec<io::Result<Option<Duration>>>;

/// Sends echoes at even intervals, whether or not those before have come back.
fn spread(
    pause: Duration,
    wait: Duration,
    echo: impl Fn(u16) -> io::Result<Option<Duration>> + Clone + Send + 'static,
) -> Times {
    let began = Instant::now();
    let questions = (0..ECHOES)
        .map(|number| -> Question<_> {
            let echo = echo.clone();
            let at = began + pause * number;
            Box::new(move || {
                thread::sleep(at.saturating_duration_since(Instant::now()));
                echo(u16::try_from(number).unwrap_or_default())
            })
        })
        .collect();
    // A little more than the slowest takes: its own word is better than none.
    let answers = dial::all(pause * ECHOES + wait, questions);
    answers
        .into_iter()
        .map(|answer| answer.unwrap_or(Ok(None)))
        .collect()
}

fn summed(by: &str, times: Times) -> Reached {
    let sent = u32::try_from(times.len()).unwrap_or(u32::MAX);
    let note = times.iter().find_map(|time| time.as_ref().err()).map(dial::words);
    let back: Vec<f64> = times
        .iter()
        .filter_map(|time| time.as_ref().ok().copied().flatten())
        .map(|time| rounded(time.as_secs_f64() * 1000.0))
        .collect();
    let steps: Vec<f64> = back
        .windows(2)
        .filter_map(|pair| Some((pair.last()? - pair.first()?).abs()))
        .collect();
    Reached {
        by: by.to_owned(),
        sent,
        received: u32::try_from(back.len()).unwrap_or(u32::MAX),
        average_ms: mean(&back),
        worst_ms: back.iter().copied().max_by(f64::total_cmp),
        jitter_ms: mean(&steps),
        note: if back.is_empty() {
            line(&note.unwrap_or_default())
        } else {
            String::new()
        },
        ..Reached::default()
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    let count = u32::try_from(values.len()).ok().filter(|count| *count > 0)?;
    Some(rounded(values.iter().sum::<f64>() / f64::from(count)))
}

/// Hundredths of a millisecond: a switch in the next room answers in 0.2.
fn rounded(ms: f64) -> f64 {
    (ms * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests;
