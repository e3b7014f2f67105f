//! Interfaces, gateway, name servers. Reads what the system has configured; sends nothing.

use super::{line, some_line};
use crate::part::ProbeError;
use helpbell_model::report::{Interface, Network};
use netdev::interface::{state::OperState, types::InterfaceType};
use std::net::IpAddr;

/// Rows in the report. A container host may have hundreds; the connected and physical ones matter.
const MOST_INTERFACES: usize = 24;
/// Addresses shown per interface. Temporary IPv6 addresses pile up.
const MOST_ADDRESSES: usize = 8;
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
        for server in &interface.dns_servers {
            let server = server.to_string();
            if !network.dns.contains(&server) {
                network.dns.push(server);
            }
        }
    }
    #[cfg(target_os = "linux")]
    {
        network.dns = name_servers::read(std::path::Path::new("/")).unwrap_or(network.dns);
    }
    network.interfaces = ordered(
        found
            .iter()
            .filter(|interface| !interface.is_loopback())
            .map(told)
            .collect(),
    );
    Ok(network)
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
        name,
        ..Default::default()
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

#[cfg(target_os = "linux")]
mod name_servers {
    use std::{net::IpAddr, path::Path};

    const RESOLV_CONF: &str = "etc/resolv.conf";
    /// Where systemd-resolved keeps the servers it really asks; resolv.conf then names only its
    /// own stub on this machine.
    const BEHIND_THE_STUB: &str = "run/systemd/resolve/resolv.conf";

    /// The configured servers; `None` if the configuration cannot be read.
    pub(super) fn read(root: &Path) -> Option<Vec<String>> {
        let servers = listed(&std::fs::read_to_string(root.join(RESOLV_CONF)).ok()?);
        if !servers.is_empty() && servers.iter().all(IpAddr::is_loopback) {
            let behind = std::fs::read_to_string(root.join(BEHIND_THE_STUB))
                .map(|text| listed(&text))
                .unwrap_or_default();
            if !behind.is_empty() {
                return Some(behind.iter().map(ToString::to_string).collect());
            }
        }
        Some(servers.iter().map(ToString::to_string).collect())
    }

    /// The `nameserver` rows as resolv.conf(5) describes them; an IPv6 address may carry a zone.
    fn listed(text: &str) -> Vec<IpAddr> {
        text.lines()
            .filter_map(|row| {
                let mut words = row.split_whitespace();
                (words.next()? == "nameserver").then(|| words.next())?
            })
            .filter_map(|address| address.split('%').next()?.parse().ok())
            .collect()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn servers_are_read_with_zones_and_comments() {
            let text = "# made by a tool\nsearch corp.example\nnameserver 10.0.0.2\nnameserver fe80::1%eth0\nnameserver oops\n";
            let servers: Vec<String> = listed(text).iter().map(ToString::to_string).collect();
            assert_eq!(servers, ["10.0.0.2", "fe80::1"]);
        }

        #[test]
        fn the_servers_behind_a_local_stub_are_shown() {
            let root = tempfile::tempdir().unwrap();
            let write = |path: &str, text: &str| {
                let path = root.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            };
            write(RESOLV_CONF, "nameserver 127.0.0.53\n");
            assert_eq!(read(root.path()).unwrap(), ["127.0.0.53"]);
            write(BEHIND_THE_STUB, "nameserver 192.168.1.1\nnameserver 9.9.9.9\n");
            assert_eq!(read(root.path()).unwrap(), ["192.168.1.1", "9.9.9.9"]);
        }

        #[test]
        fn an_unreadable_configuration_is_not_an_empty_one() {
            let root = tempfile::tempdir().unwrap();
            assert_eq!(read(root.path()), None);
        }
    }
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
