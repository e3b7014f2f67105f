//! Search domains and costs on Windows.

use crate::windows::registry::Registry;

const TCPIP: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";
const INTERFACES: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces";

/// `NLM_CONNECTION_COST`: paid for by volume, or up to a limit.
const FIXED: u32 = 2;
const VARIABLE: u32 = 4;
const OVER_THE_LIMIT: u32 = 0x1_0000;
const ROAMING: u32 = 0x4_0000;

#[cfg(windows)]
mod asked {
    use super::{domains, is_metered};
    use crate::windows::{network_list, registry::ThisMachine, within};
    use netdev::interface::types::InterfaceType;
    use std::time::Duration;

    pub(in crate::probes::network) use super::super::portable::servers;

    /// How long the service that knows the costs is waited for.
    const COST_LIMIT: Duration = Duration::from_millis(200);

    pub(in crate::probes::network) fn search_domains(_: &[netdev::Interface]) -> Vec<String> {
        domains(&ThisMachine)
    }

    /// What Windows dials itself; others are known by their names.
    pub(in crate::probes::network) fn is_vpn(interface: &netdev::Interface) -> bool {
        interface.if_type == InterfaceType::Ppp
    }

    pub(in crate::probes::network) fn metered(_: &[netdev::Interface]) -> Option<bool> {
        let cost = within(COST_LIMIT, network_list::cost).ok().flatten()?;
        is_metered(cost)
    }
}

#[cfg(windows)]
pub(super) use asked::{is_vpn, metered, search_domains, servers};

/// The list of the policy or of the person; without one, the machine's own domain and those of its links.
fn domains(registry: &impl Registry) -> Vec<String> {
    let list = registry.text(TCPIP, "SearchList").unwrap_or_default();
    let listed: Vec<String> = list
        .split([',', ' '])
        .filter(|domain| !domain.is_empty())
        .map(str::to_owned)
        .collect();
    if !listed.is_empty() {
        return listed;
    }
    let links = registry
        .keys(INTERFACES)
        .into_iter()
        .map(|link| format!("{INTERFACES}\\{link}"));
    let mut domains: Vec<String> = Vec::new();
    for key in [TCPIP.to_owned()].into_iter().chain(links) {
        // What somebody typed goes before what a server gave.
        let given = ["Domain", "DhcpDomain"]
            .into_iter()
            .filter_map(|name| registry.text(&key, name));
        let domain = given.into_iter().find(|domain| !domain.is_empty());
        domains.extend(domain.filter(|domain| !domains.contains(domain)));
    }
    domains
}

/// `None` where the service does not know.
const fn is_metered(cost: u32) -> Option<bool> {
    if cost == 0 {
        return None;
    }
    Some(cost & (FIXED | VARIABLE | OVER_THE_LIMIT | ROAMING) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::registry::Exported;

    #[test]
    fn a_list_of_domains_goes_before_those_of_the_links() {
        let links = r#"
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters]
"Domain"="corp.example"
"SearchList"=""
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\{1}]
"DhcpDomain"="lan"
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\Interfaces\{2}]
"Domain"=""
"DhcpDomain"="corp.example"
"#;
        assert_eq!(domains(&Exported::of(links)), ["corp.example", "lan"]);
        let policy = r#"
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters]
"SearchList"="a.example,b.example"
"#;
        assert_eq!(
            domains(&Exported::of(links).and(policy)),
            ["a.example", "b.example"]
        );
        assert_eq!(domains(&Exported::default()), Vec::<String>::new());
    }

    #[test]
    fn costs_are_known_unlimited_or_by_volume() {
        assert_eq!(
            [0, 1, 2, 4, 0x4_0001].map(is_metered),
            [None, Some(false), Some(true), Some(true), Some(true)]
        );
    }
}
