//! Interfaces, gateway, name servers. Reads what the system has configured; sends nothing.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod portable;
#[cfg(any(windows, test))]
mod windows;

#[cfg(target_os = "linux")]
use linux as here;
#[cfg(not(any(target_os = "linux", windows)))]
use portable as here;
#[cfg(windows)]
use windows as here;

use super::{line, some_line};
use crate::part::ProbeError;
use helpbell_model::report::{Interface, Network};
use netdev::interface::{state::OperState, types::InterfaceType};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// Rows in the report. A container host may have hundreds; the connected and physical ones matter.
const MOST_INTERFACES: usize = 24;
/// Addresses shown per interface. Temporary IPv6 addresses pile up.
const MOST_ADDRESSES: usize = 8;
/// Domains that are shown. Windows tries no more than 50, and nobody waits that long.
const MOST_DOMAINS: usize = 8;
/// Servers that are shown. Most systems ask three at most.
const MOST_SERVERS: usize = 8;
/// Where servers are asked.
pub(super) const NAME_PORT: u16 = 53;
/// What Windows calls the name servers of a link that was given none: addresses of a kind given up in 2004.
const NO_SERVERS: [u16; 4] = [0xfec0, 0, 0, 0xffff];
/// Adapters of virtual machines, containers and tunnels by the name people see, in lower case, where
/// the system classes them as plain Ethernet.
const VIRTUAL_NAMES: [&str; 13] = [
    "vethernet",
    "virtualbox",
    "vmware",
    "vmnet",
    "vboxnet",
    "docker",
    "veth",
    "virbr",
    "br-",
    "tap",
    "tun",
    "wg",
    "zerotier",
];

/// What the adapters of VPN programs have in their names, in lower case.
const VPN_NAMES: [&str; 20] = [
    "anyconnect",
    "check point",
    "cloudflare warp",
    "f5 networks vpn",
    "fortinet",
    "globalprotect",
    "juniper networks",
    "nordlynx",
    "openvpn",
    "pangp",
    "pulse secure",
    "sonicwall",
    "sophos",
    "tailscale",
    "tap-windows",
    "vpn",
    "watchguard",
    "wireguard",
    "zerotier",
    "zscaler",
];

pub(super) fn ask() -> Result<Network, ProbeError> {
    let found = netdev::get_interfaces();
    if found.is_empty() {
        return Err(ProbeError::Failed(
            "the system lists no interface, not even loopback".into(),
        ));
    }
    let mut network = Network::default();
    for interface in &found {
        if let Some(gateway) = &interface.gateway
            && (interface.default || network.gateway.is_empty())
        {
            if interface.default {
                network.gateway.clear();
            }
            let addresses = gateway
                .ipv4
                .iter()
                .map(|ip| IpAddr::V4(*ip))
                .chain(gateway.ipv6.iter().map(|ip| IpAddr::V6(*ip)));
            network.gateway.extend(
                addresses
                    .filter(|ip| !ip.is_unspecified())
                    .map(|ip| ip.to_string()),
            );
        }
    }
    network.dns = servers(&found)
        .iter()
        .map(|server| server.ip().to_string())
        .take(MOST_SERVERS)
        .collect();
    network.search_domains = here::search_domains(&found)
        .iter()
        .filter_map(|domain| some_line(domain.trim_end_matches('.')))
        .take(MOST_DOMAINS)
        .collect();
    network.metered = here::metered(&found);
    network.interfaces = ordered(
        found
            .iter()
            .filter(|interface| !interface.is_loopback())
            .map(told)
            .collect(),
    );
    Ok(network)
}

/// The name servers of all links that are up, in the order they are asked.
pub(super) fn servers(found: &[netdev::Interface]) -> Vec<SocketAddr> {
    let mut servers: Vec<SocketAddr> = Vec::new();
    for server in here::servers(found) {
        if !servers.contains(&server) && !is_placeholder(server.ip()) {
            servers.push(server);
        }
    }
    servers
}

/// A server as a link knows it: IPv6 addresses of that link need it.
fn server_of(interface: &netdev::Interface, server: IpAddr) -> SocketAddr {
    match server {
        IpAddr::V6(ip) if ip.is_unicast_link_local() => {
            SocketAddr::V6(SocketAddrV6::new(ip, NAME_PORT, 0, interface.index))
        }
        ip => SocketAddr::new(ip, NAME_PORT),
    }
}

fn is_placeholder(server: IpAddr) -> bool {
    let is_old = |ip: Ipv6Addr| ip.segments().starts_with(&NO_SERVERS);
    server.is_unspecified() || matches!(server, IpAddr::V6(ip) if is_old(ip))
}

fn told(interface: &netdev::Interface) -> Interface {
    let name = interface
        .friendly_name
        .as_deref()
        .and_then(some_line)
        .unwrap_or_else(|| line(&interface.name));
    let description = interface.description.as_deref().unwrap_or_default();
    let addresses = interface
        .ipv4
        .iter()
        .map(ToString::to_string)
        .chain(interface.ipv6.iter().map(ToString::to_string));
    Interface {
        kind: line(&kind(interface.if_type)),
        mac: interface
            .mac_addr
            .map(|mac| mac.to_string())
            .filter(|mac| !null_mac(mac)),
        addresses: addresses.take(MOST_ADDRESSES).collect(),
        up: interface.is_up() && matches!(interface.oper_state, OperState::Up | OperState::Unknown),
        virtual_interface: !interface.is_physical() || virtual_name(&name) || virtual_name(description),
        default_route: interface.default,
        // Drivers say 0 or the largest number for "not known".
        speed: interface
            .transmit_speed
            .filter(|speed| (1..u64::from(u32::MAX) * 1000).contains(speed)),
        dhcp: interface.dhcp_v4_enabled,
        vpn: here::is_vpn(interface) || vpn_name(&name) || vpn_name(description),
        name,
    }
}

/// The class of an interface in the words people use.
fn kind(class: InterfaceType) -> String {
    match class {
        InterfaceType::Ethernet
        | InterfaceType::GigabitEthernet
        | InterfaceType::FastEthernetT
        | InterfaceType::FastEthernetFx => "Ethernet".to_owned(),
        InterfaceType::Wireless80211 => "Wi-Fi".to_owned(),
        InterfaceType::Wwan | InterfaceType::Wwanpp | InterfaceType::Wwanpp2 | InterfaceType::Wman => {
            "Mobile network".to_owned()
        }
        InterfaceType::UnknownWithValue(_) => "Unknown".to_owned(),
        other => other.name(),
    }
}

/// Whether a name is that of an adapter made by software.
fn virtual_name(name: &str) -> bool {
    let name = name.to_lowercase();
    VIRTUAL_NAMES.iter().any(|known| name.starts_with(known))
        || ["hyper-v", "virtualbox", "vmware", "wireguard", "tap-windows"]
            .iter()
            .any(|known| name.contains(known))
}

/// Whether a name is that of a VPN's adapter.
fn vpn_name(name: &str) -> bool {
    let name = name.to_lowercase();
    VPN_NAMES.iter().any(|known| name.contains(known))
}

/// All zeros or all ones: no address at all.
fn null_mac(mac: &str) -> bool {
    let mut digits = mac.chars().filter(char::is_ascii_hexdigit);
    let Some(first @ ('0' | 'f' | 'F')) = digits.next() else {
        return false;
    };
    digits.all(|digit| digit.eq_ignore_ascii_case(&first))
}

/// The one with the default route first, then connected, then physical ones; bounded.
fn ordered(mut interfaces: Vec<Interface>) -> Vec<Interface> {
    interfaces.sort_by_key(|interface| {
        (
            !interface.default_route,
            !interface.up,
            interface.virtual_interface,
        )
    });
    interfaces.truncate(MOST_INTERFACES);
    interfaces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_none_are_recognised() {
        for mac in ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "FF:ff:FF:ff:FF:ff"] {
            assert!(null_mac(mac), "{mac}");
        }
        for mac in ["00:00:00:00:00:01", "aa:aa:aa:aa:aa:aa", ""] {
            assert!(!null_mac(mac), "{mac}");
        }
    }

    #[test]
    fn adapters_of_virtual_machines_are_recognised_by_name() {
        for name in [
            "vEthernet (Default Switch)",
            "VMware Network Adapter VMnet8",
            "docker0",
            "Microsoft Hyper-V Network Adapter",
        ] {
            assert!(virtual_name(name), "{name}");
        }
        for name in ["Ethernet 2", "wlan0", "enp3s0", "Intel(R) Wi-Fi 6E AX211"] {
            assert!(!virtual_name(name), "{name}");
        }
    }

    #[test]
    fn adapters_of_vpn_programs_are_recognised_by_name() {
        for name in [
            "PANGP Virtual Ethernet Adapter #2",
            "Fortinet SSL VPN Virtual Ethernet Adapter",
            "tailscale0",
            "Office VPN",
        ] {
            assert!(vpn_name(name), "{name}");
        }
        for name in ["vEthernet (WSL)", "Intel(R) Ethernet Connection", "eth0"] {
            assert!(!vpn_name(name), "{name}");
        }
    }

    #[test]
    fn servers_that_stand_for_none_are_none() {
        for server in ["fec0:0:0:ffff::1", "fec0:0:0:ffff::3", "0.0.0.0", "::"] {
            assert!(is_placeholder(server.parse().unwrap()), "{server}");
        }
        for server in ["fe80::1", "fd00::1", "192.168.1.1", "127.0.0.53"] {
            assert!(!is_placeholder(server.parse().unwrap()), "{server}");
        }
    }

    #[test]
    fn a_server_on_the_link_keeps_the_link() {
        let mut interface = netdev::Interface::dummy();
        interface.index = 4;
        assert_eq!(
            server_of(&interface, "fe80::1".parse().unwrap()).to_string(),
            "[fe80::1%4]:53"
        );
        assert_eq!(
            server_of(&interface, "10.0.0.2".parse().unwrap()).to_string(),
            "10.0.0.2:53"
        );
    }

    #[test]
    fn the_default_route_comes_first_and_virtual_interfaces_last() {
        let interface = |name: &str, default_route, up, virtual_interface| Interface {
            name: name.into(),
            default_route,
            up,
            virtual_interface,
            ..Interface::default()
        };
        let names: Vec<String> = ordered(vec![
            interface("docker0", false, true, true),
            interface("eth1", false, false, false),
            interface("eth0", false, true, false),
            interface("wlan0", true, true, false),
        ])
        .into_iter()
        .map(|interface| interface.name)
        .collect();
        assert_eq!(names, ["wlan0", "eth0", "docker0", "eth1"]);
    }

    #[test]
    fn this_machine_lists_no_loopback() {
        let network = ask().unwrap();
        assert!(
            network.interfaces.iter().all(|interface| interface.name != "lo"),
            "{network:?}"
        );
    }
}
