//! What every system tells of its links; more is not read here.

use super::server_of;
use std::net::SocketAddr;

pub(super) fn servers(found: &[netdev::Interface]) -> Vec<SocketAddr> {
    let of_link = |link: &netdev::Interface| {
        link.dns_servers
            .iter()
            .map(|ip| server_of(link, *ip))
            .collect::<Vec<_>>()
    };
    found.iter().flat_map(of_link).collect()
}

#[cfg(not(windows))]
pub(super) const fn search_domains(_: &[netdev::Interface]) -> Vec<String> {
    Vec::new()
}

#[cfg(not(windows))]
pub(super) fn is_vpn(interface: &netdev::Interface) -> bool {
    interface.is_tun()
}

#[cfg(not(windows))]
pub(super) const fn metered(_: &[netdev::Interface]) -> Option<bool> {
    None
}
