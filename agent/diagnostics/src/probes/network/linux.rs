//! What Linux keeps in files: name servers, search domains, the kinds of tunnels.

use super::{NAME_PORT, server_of};
use crate::probes::linux::programs::Programs;
use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    time::Duration,
};

const RESOLV_CONF: &str = "etc/resolv.conf";
/// Where systemd-resolved keeps the servers it really asks; resolv.conf then names only its own stub on this machine.
const BEHIND_THE_STUB: &str = "run/systemd/resolve/resolv.conf";
/// Where the kernel describes its interfaces.
const INTERFACES: &str = "sys/class/net";
/// Exists while NetworkManager runs.
const NETWORK_MANAGER: &str = "run/NetworkManager";
/// How long NetworkManager is waited for.
const METERED_LIMIT: Duration = Duration::from_millis(250);
/// In the flags of a tunnel: it carries packets (a VPN), not frames (a virtual machine's).
const IFF_TUN: u32 = 1;

/// What resolv.conf(5) says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Resolving {
    /// With the link of an IPv6 address that needs one.
    servers: Vec<(IpAddr, Option<String>)>,
    domains: Vec<String>,
}

/// The configured name servers; those of the links if the configuration cannot be read.
pub(super) fn servers(found: &[netdev::Interface]) -> Vec<SocketAddr> {
    let Some(resolving) = read(Path::new("/")) else {
        let of_link = |link: &netdev::Interface| {
            link.dns_servers
                .iter()
                .map(|ip| server_of(link, *ip))
                .collect::<Vec<_>>()
        };
        return found.iter().flat_map(of_link).collect();
    };
    let address = |(ip, zone): (IpAddr, Option<String>)| {
        let link = zone.and_then(|zone| found.iter().find(|link| link.name == zone));
        link.map_or(SocketAddr::new(ip, NAME_PORT), |link| server_of(link, ip))
    };
    resolving.servers.into_iter().map(address).collect()
}

pub(super) fn search_domains(_: &[netdev::Interface]) -> Vec<String> {
    read(Path::new("/")).unwrap_or_default().domains
}

pub(super) fn is_vpn(interface: &netdev::Interface) -> bool {
    tunnel(Path::new("/"), &interface.name)
}

/// What NetworkManager says of the link with the default route.
pub(super) fn metered(found: &[netdev::Interface]) -> Option<bool> {
    let root = Path::new("/");
    let link = found.iter().find(|link| link.default)?;
    // Without it, there is nobody to ask.
    root.join(NETWORK_MANAGER).exists().then_some(())?;
    is_metered(&Programs::below(root, METERED_LIMIT), &link.name)
}

fn is_metered(programs: &Programs, link: &str) -> Option<bool> {
    let asked = ["-t", "-g", "GENERAL.METERED", "device", "show", link];
    let printed = programs
        .ask("nmcli", &asked)
        .ok()?
        .if_it_went_well("nmcli")
        .ok()?;
    // `yes`, `no`, either with `(guessed)`, or `unknown`.
    match printed.split_whitespace().next()? {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn read(root: &Path) -> Option<Resolving> {
    let named = listed(&std::fs::read_to_string(root.join(RESOLV_CONF)).ok()?);
    if !named.servers.is_empty() && named.servers.iter().all(|(ip, _)| ip.is_loopback()) {
        let behind = std::fs::read_to_string(root.join(BEHIND_THE_STUB))
            .map(|text| listed(&text))
            .unwrap_or_default();
        if !behind.servers.is_empty() {
            return Some(behind);
        }
    }
    Some(named)
}

/// The rows as resolv.conf(5) describes them; the last list of domains counts, and `.` is none.
fn listed(text: &str) -> Resolving {
    let mut resolving = Resolving::default();
    for row in text.lines() {
        let mut words = row.split_whitespace();
        match words.next() {
            Some("nameserver") => {
                let Some(word) = words.next() else { continue };
                let (address, zone) = word
                    .split_once('%')
                    .map_or((word, None), |(ip, zone)| (ip, Some(zone)));
                if let Ok(ip) = address.parse() {
                    resolving.servers.push((ip, zone.map(str::to_owned)));
                }
            }
            Some("search" | "domain") => {
                resolving.domains = words.filter(|domain| *domain != ".").map(str::to_owned).collect();
            }
            _ => {}
        }
    }
    resolving
}

/// Whether the kernel calls an interface a tunnel for packets, or WireGuard's.
fn tunnel(root: &Path, name: &str) -> bool {
    // The kernel allows no slash in a name, and this one came from elsewhere.
    if name.contains('/') || name.starts_with('.') {
        return false;
    }
    let of = |file: &str| std::fs::read_to_string(root.join(INTERFACES).join(name).join(file));
    let flags = of("tun_flags").ok();
    let flags = flags.and_then(|text| u32::from_str_radix(text.trim().trim_start_matches("0x"), 16).ok());
    flags.is_some_and(|flags| flags & IFF_TUN != 0)
        || of("uevent").is_ok_and(|text| text.lines().any(|row| row == "DEVTYPE=wireguard"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;
    use proptest::prelude::*;

    fn machine(files: &[(&str, &str)]) -> MadeUp {
        files.iter().fold(MadeUp::machine(), |machine, (path, text)| {
            machine.file(path, text)
        })
    }

    fn shown(resolving: &Resolving) -> Vec<String> {
        resolving.servers.iter().map(|(ip, _)| ip.to_string()).collect()
    }

    #[test]
    fn servers_are_read_with_zones_and_comments() {
        let text = "# made by a tool\nsearch old.example\nnameserver 10.0.0.2\nnameserver fe80::1%eth0\nnameserver oops\nnameserver\noptions edns0\nsearch corp.example lan\n";
        let resolving = listed(text);
        assert_eq!(shown(&resolving), ["10.0.0.2", "fe80::1"]);
        assert_eq!(resolving.servers[1].1.as_deref(), Some("eth0"));
        assert_eq!(resolving.domains, ["corp.example", "lan"]);
        assert_eq!(listed("search .\n").domains, Vec::<String>::new());
    }

    #[test]
    fn the_servers_behind_a_local_stub_are_shown() {
        let root = machine(&[(RESOLV_CONF, "nameserver 127.0.0.53\n")]);
        assert_eq!(shown(&read(root.root()).unwrap()), ["127.0.0.53"]);
        let root = machine(&[
            (RESOLV_CONF, "nameserver 127.0.0.53\n"),
            (
                BEHIND_THE_STUB,
                "nameserver 192.168.1.1\nnameserver 9.9.9.9\nsearch lan\n",
            ),
        ]);
        let resolving = read(root.root()).unwrap();
        assert_eq!(shown(&resolving), ["192.168.1.1", "9.9.9.9"]);
        assert_eq!(resolving.domains, ["lan"]);
    }

    #[test]
    fn an_unreadable_configuration_is_not_an_empty_one() {
        assert_eq!(read(machine(&[]).root()), None);
    }

    #[test]
    fn tunnels_for_packets_are_of_a_vpn_and_those_for_frames_are_not() {
        let root = machine(&[
            ("sys/class/net/tun0/tun_flags", "0x1101\n"),
            ("sys/class/net/tap0/tun_flags", "0x1002\n"),
            (
                "sys/class/net/office/uevent",
                "DEVTYPE=wireguard\nINTERFACE=office\n",
            ),
            ("sys/class/net/eth0/uevent", "INTERFACE=eth0\n"),
        ]);
        for (name, vpn) in [
            ("tun0", true),
            ("office", true),
            ("tap0", false),
            ("eth0", false),
            ("gone", false),
            ("../net/tun0", false),
        ] {
            assert_eq!(tunnel(root.root(), name), vpn, "{name}");
        }
    }

    #[test]
    fn whether_a_link_is_metered_is_network_managers_to_say() {
        let says = |script: &str| {
            let machine = MadeUp::machine().program("nmcli", script);
            is_metered(&Programs::below(machine.root(), Duration::from_secs(60)), "wlan0")
        };
        assert_eq!(says("echo 'yes (guessed)'"), Some(true));
        assert_eq!(says("echo no"), Some(false));
        assert_eq!(says("echo unknown"), None);
        assert_eq!(says("echo yes; exit 10"), None);
        assert_eq!(says("[ \"$6\" = wlan0 ] && echo yes"), Some(true));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_crash(text in "(nameserver|search|domain| |\t|\n|%|\\.|[0-9a-f:]{1,4}|\\PC){0,40}") {
            prop_assert!(listed(&text).servers.len() <= text.lines().count());
        }
    }
}
