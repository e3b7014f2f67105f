//! What identifies this machine to a PSA.

use crate::{
    limits::Limits,
    probes,
    run::{self, Isolation},
    scope::Scope,
};
use helpbell_model::{
    press::DeviceFacts,
    report::{Interface, Machine},
    text::one_line,
};
use std::net::Ipv4Addr;

/// Characters of an account name; Windows allows 104 for a domain account, Linux 32.
const USER_CHARS: usize = 120;

/// Asks this machine who it is: three quick probes under the default [`Limits`], no waiting
/// beyond them. What a probe does not tell stays empty.
#[must_use]
pub fn device_facts() -> DeviceFacts {
    let limits = Limits::default();
    let running = run::begin(probes::identity(), limits, Scope::default(), Isolation::none());
    running.wait(limits.whole);
    facts_of(&running.round().machine)
}

/// The same out of an examination already made, without asking again. The account is that of
/// this process.
#[must_use]
pub fn facts_of(machine: &Machine) -> DeviceFacts {
    let interfaces = machine
        .network
        .as_ref()
        .map(|network| network.interfaces.as_slice())
        .unwrap_or_default();
    DeviceFacts {
        hostname: machine
            .os
            .as_ref()
            .map(|os| os.hostname.clone())
            .unwrap_or_default(),
        macs: macs(interfaces),
        serial: machine
            .product
            .as_ref()
            .and_then(|product| product.serial.clone()),
        ip: local_ip(interfaces),
        os: machine.os.as_ref().map(|os| os.name.clone()).unwrap_or_default(),
        user: user(|name| std::env::var(name).ok()),
    }
}

/// Hardware addresses of physical interfaces, the one with the default route first. Adapters of
/// virtual machines and containers share addresses between machines and would match a stranger's
/// device. Inside a virtual machine there is no physical one: then the default route's counts.
fn macs(interfaces: &[Interface]) -> Vec<String> {
    let mut ordered: Vec<&Interface> = interfaces
        .iter()
        .filter(|interface| !interface.virtual_interface)
        .collect();
    if ordered.iter().all(|interface| interface.mac.is_none()) {
        ordered = interfaces
            .iter()
            .filter(|interface| interface.default_route)
            .collect();
    }
    ordered.sort_by_key(|interface| (!interface.default_route, !interface.up));
    let mut macs: Vec<String> = Vec::new();
    for mac in ordered.into_iter().filter_map(|interface| interface.mac.as_ref()) {
        let mac = mac.to_lowercase();
        if !macs.contains(&mac) {
            macs.push(mac);
        }
    }
    macs
}

/// The IPv4 address of the interface with the default route.
fn local_ip(interfaces: &[Interface]) -> Option<String> {
    interfaces
        .iter()
        .filter(|interface| interface.default_route)
        .flat_map(|interface| &interface.addresses)
        .filter_map(|address| address.split('/').next())
        .find(|address| address.parse::<Ipv4Addr>().is_ok())
        .map(str::to_owned)
}

/// The account as the session names it. Asking the directory instead can take half a minute
/// where its server is out of reach.
pub(crate) fn user(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    ["USERNAME", "USER", "LOGNAME"]
        .into_iter()
        .filter_map(variable)
        .map(|name| one_line(&name, USER_CHARS))
        .find(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::report::{Network, OperatingSystem, Product};

    fn interface(mac: &str, virtual_interface: bool, default_route: bool, addresses: &[&str]) -> Interface {
        Interface {
            mac: Some(mac.into()).filter(|mac: &String| !mac.is_empty()),
            virtual_interface,
            default_route,
            addresses: addresses.iter().map(ToString::to_string).collect(),
            up: true,
            ..Interface::default()
        }
    }

    #[test]
    fn virtual_addresses_are_left_out_and_the_default_route_comes_first() {
        let interfaces = [
            interface("02:42:aa:00:00:01", true, false, &[]),
            interface("AA:00:00:00:00:01", false, false, &[]),
            interface("aa:00:00:00:00:02", false, true, &[]),
            interface("aa:00:00:00:00:01", false, false, &[]),
            interface("", false, false, &[]),
        ];
        assert_eq!(macs(&interfaces), ["aa:00:00:00:00:02", "aa:00:00:00:00:01"]);
    }

    #[test]
    fn a_virtual_machine_is_known_by_the_address_of_its_default_route() {
        let interfaces = [
            interface("02:42:aa:00:00:01", true, false, &[]),
            interface("00:15:5d:00:00:07", true, true, &[]),
        ];
        assert_eq!(macs(&interfaces), ["00:15:5d:00:00:07"]);
    }

    #[test]
    fn the_local_address_is_the_ipv4_of_the_default_route() {
        let interfaces = [
            interface("", false, false, &["10.9.9.9/8"]),
            interface("", false, true, &["fe80::1/64", "192.168.1.20/24"]),
        ];
        assert_eq!(local_ip(&interfaces).as_deref(), Some("192.168.1.20"));
        assert_eq!(local_ip(&interfaces[..1]), None);
    }

    #[test]
    fn the_account_is_the_first_variable_that_is_not_empty() {
        let session = |name: &str| match name {
            "USERNAME" => Some("  ".to_owned()),
            "USER" => Some("maria\u{202e}".to_owned()),
            _ => None,
        };
        assert_eq!(user(session).as_deref(), Some("maria"));
        assert_eq!(user(|_| None), None);
    }

    #[test]
    fn facts_come_from_the_examination() {
        let machine = Machine {
            os: Some(OperatingSystem {
                name: "Debian GNU/Linux 12".into(),
                hostname: "desk-7".into(),
                ..Default::default()
            }),
            product: Some(Product {
                serial: Some("PF3X".into()),
                ..Default::default()
            }),
            network: Some(Network::default()),
            ..Machine::default()
        };
        let facts = facts_of(&machine);
        assert_eq!(
            (facts.hostname.as_str(), facts.os.as_str()),
            ("desk-7", "Debian GNU/Linux 12")
        );
        assert_eq!(facts.serial.as_deref(), Some("PF3X"));
    }

    #[test]
    fn this_machine_has_a_name() {
        assert!(!device_facts().hostname.is_empty());
    }
}
