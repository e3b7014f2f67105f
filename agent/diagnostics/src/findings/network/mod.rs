//! The network, from the cable outwards. One cause gives one finding: whatever must fail because something nearer has
//! failed is not told again.
//!
//! ```text
//! link ─► gateway ─► portal, proxy, internet ─► names ─► sites, clock
//!   └─► Wi-Fi            └─► shares
//! ```

mod links;
mod names;
mod shares;
mod sites;
mod way;
mod wifi;

use super::finding;
use crate::units::bits_per_second;
use helpbell_model::report::{Area, Finding, Interface, Machine, Network, Severity};
use std::net::{IpAddr, Ipv6Addr};

/// A wired link slower than this, in bits per second, is usually a bad cable or an old switch port.
const SLOW_WIRE: u64 = 1_000_000_000;

pub(super) fn findings(machine: &Machine) -> Vec<Finding> {
    let Some(network) = &machine.network else {
        return Vec::new();
    };
    let mut found = self_assigned(network);
    if !network.interfaces.iter().any(connected) {
        let names: Vec<&str> = network
            .interfaces
            .iter()
            .filter(|interface| !interface.virtual_interface)
            .map(|interface| interface.name.as_str())
            .collect();
        let detail = if names.is_empty() {
            "There is no network card the system knows of.".to_owned()
        } else {
            format!("None of {} has a link and an address.", names.join(", "))
        };
        found.push(problem("Not connected to any network".to_owned(), detail));
        // Without a network, a missing gateway or name server is no news.
        return found;
    }
    let no_way =
        network.gateway.is_empty() && !network.interfaces.iter().any(|interface| interface.default_route);
    if no_way {
        let detail = "The machine reaches its own network only: no internet, no other sites.";
        found.push(problem("No default gateway".to_owned(), detail));
    }
    if network.dns.is_empty() {
        let detail =
            "Names such as example.com cannot be found, so web and mail fail although the link is up.";
        found.push(problem("No DNS server is configured".to_owned(), detail));
    }
    found.extend(network.interfaces.iter().filter_map(slow_wire));
    found.extend(wifi::findings(machine.wifi.as_deref().unwrap_or_default()));
    if !no_way {
        found.extend(beyond(machine));
    }
    found
}

/// What lies behind the link.
fn beyond(machine: &Machine) -> Vec<Finding> {
    let way = way::Way::of(machine);
    let mut found = way.findings();
    if !way.gateway_is_dead() {
        found.extend(shares::findings(machine.shares.as_deref().unwrap_or_default()));
    }
    if !way.is_open() {
        return found;
    }
    found.extend(links::findings(machine));
    let names = names::findings(machine.name_service.as_ref());
    let names_fail = names.iter().any(|finding| finding.severity == Severity::Problem);
    found.extend(names);
    found.extend(sites::findings(machine.internet.as_ref(), names_fail));
    found
}

fn problem(title: String, detail: impl Into<String>) -> Finding {
    finding(Area::Network, Severity::Problem, title, detail)
}

fn warning(title: String, detail: impl Into<String>) -> Finding {
    finding(Area::Network, Severity::Warning, title, detail)
}

fn info(title: String, detail: impl Into<String>) -> Finding {
    finding(Area::Network, Severity::Info, title, detail)
}

/// `a`, `a and b`, `a, b and 3 more`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    }
}

fn addresses(interface: &Interface) -> impl Iterator<Item = IpAddr> {
    interface
        .addresses
        .iter()
        .filter_map(|address| address.split('/').next()?.parse().ok())
}

/// Up, with an address that others can answer to.
fn connected(interface: &Interface) -> bool {
    interface.up && addresses(interface).any(|ip| !link_local(ip))
}

fn link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local() || ip == Ipv6Addr::LOCALHOST,
    }
}

/// A card that is up but got no address from anyone gives itself one (RFC 3927).
fn self_assigned(network: &Network) -> Vec<Finding> {
    network
        .interfaces
        .iter()
        .filter(|interface| interface.up && !interface.virtual_interface)
        .filter_map(|interface| {
            let mut v4 = addresses(interface).filter(IpAddr::is_ipv4);
            let first = v4.next()?;
            (link_local(first) && v4.all(link_local)).then(|| {
                let title = format!("{} gave itself the address {first}", interface.name);
                let detail = "The network's DHCP server did not answer: check cable, switch port, VLAN and the server.";
                warning(title, detail)
            })
        })
        .collect()
}

fn slow_wire(interface: &Interface) -> Option<Finding> {
    let speed = interface.speed.filter(|speed| *speed < SLOW_WIRE)?;
    let wired = interface.kind == "Ethernet" && interface.up && !interface.virtual_interface;
    wired.then(|| {
        let title = format!("{} runs at {}", interface.name, bits_per_second(speed));
        let detail =
            "Slower than a gigabit: often a damaged cable, an old switch port or a phone in between.";
        info(title, detail)
    })
}

#[cfg(test)]
#[path = "tests.rs"]
mod troubles;

#[cfg(test)]
mod tests {
    use super::*;

    fn ethernet(addresses: &[&str]) -> Interface {
        Interface {
            name: "eth0".into(),
            kind: "Ethernet".into(),
            addresses: addresses.iter().map(ToString::to_string).collect(),
            up: true,
            default_route: true,
            speed: Some(SLOW_WIRE),
            ..Interface::default()
        }
    }

    fn healthy() -> Network {
        Network {
            interfaces: vec![ethernet(&["192.168.1.20/24", "fe80::1/64"])],
            gateway: vec!["192.168.1.1".into()],
            dns: vec!["192.168.1.1".into()],
            ..Default::default()
        }
    }

    fn titles(network: Network) -> Vec<String> {
        let machine = Machine {
            network: Some(network),
            ..Machine::default()
        };
        findings(&machine)
            .into_iter()
            .map(|finding| finding.title)
            .collect()
    }

    #[test]
    fn a_connected_machine_has_no_findings() {
        assert_eq!(titles(healthy()), Vec::<String>::new());
    }

    #[test]
    fn a_machine_without_a_link_is_not_connected() {
        let mut network = healthy();
        network.interfaces[0].up = false;
        network.gateway.clear();
        network.dns.clear();
        assert_eq!(titles(network), ["Not connected to any network"]);
        assert_eq!(titles(Network::default()), ["Not connected to any network"]);
    }

    #[test]
    fn a_self_assigned_address_is_no_connection_and_points_to_dhcp() {
        let network = Network {
            interfaces: vec![ethernet(&["169.254.7.7/16", "fe80::1/64"])],
            ..healthy()
        };
        assert_eq!(
            titles(network),
            [
                "eth0 gave itself the address 169.254.7.7",
                "Not connected to any network"
            ]
        );
    }

    #[test]
    fn a_missing_gateway_is_a_problem_unless_a_tunnel_carries_the_default_route() {
        let mut network = Network {
            gateway: Vec::new(),
            ..healthy()
        };
        assert_eq!(titles(network.clone()), Vec::<String>::new());
        network.interfaces[0].default_route = false;
        assert_eq!(titles(network), ["No default gateway"]);
    }

    #[test]
    fn a_missing_name_server_is_a_problem() {
        assert_eq!(
            titles(Network {
                dns: Vec::new(),
                ..healthy()
            }),
            ["No DNS server is configured"]
        );
    }

    #[test]
    fn a_wire_slower_than_a_gigabit_is_worth_knowing() {
        let mut network = healthy();
        network.interfaces[0].speed = Some(100_000_000);
        assert_eq!(titles(network.clone()), ["eth0 runs at 100 Mbit/s"]);
        network.interfaces[0].kind = "Wi-Fi".into();
        assert_eq!(titles(network), Vec::<String>::new());
    }
}
