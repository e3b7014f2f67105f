//! The connection and what is reached over it.

use super::changes::{Changes, matched, shown};
use crate::units::bits_per_second;
use helpbell_model::report::{
    Access, Area, Interface, Internet, Lookup, Machine, NameService, Network, Reachability, Reached,
    Severity, Share, WifiLink,
};

const AREA: Area = Area::Network;

/// A link that became so many times slower is one on a bad cable or a bad port.
const SLOWER: u64 = 2;

pub(super) fn compare(old: &Machine, new: &Machine, changes: &mut Changes) {
    if let Some((old, new)) = changes.part("network", old.network.as_ref(), new.network.as_ref()) {
        network(old, new, changes);
    }
    if let Some((old, new)) = changes.part("internet", old.internet.as_ref(), new.internet.as_ref()) {
        internet(old, new, changes);
    }
    let echoes = changes.part("echoes", old.reachability.as_ref(), new.reachability.as_ref());
    if let Some((old, new)) = echoes {
        self::echoes(old, new, changes);
    }
    let lookups = changes.part(
        "name lookups",
        old.name_service.as_ref(),
        new.name_service.as_ref(),
    );
    if let Some((old, new)) = lookups {
        self::lookups(old, new, changes);
    }
    if let Some((old, new)) = changes.part("Wi-Fi", old.wifi.as_deref(), new.wifi.as_deref()) {
        wifi(old, new, changes);
    }
    if let Some((old, new)) = changes.part("shares", old.shares.as_deref(), new.shares.as_deref()) {
        shares(old, new, changes);
    }
}

fn network(old: &Network, new: &Network, changes: &mut Changes) {
    changes.set(AREA, Severity::Info, "the gateway", &old.gateway, &new.gateway);
    changes.set(AREA, Severity::Warning, "the DNS server", &old.dns, &new.dns);
    let domains = (&old.search_domains, &new.search_domains);
    // The first version of the report did not tell them.
    if !domains.0.is_empty() {
        changes.set(AREA, Severity::Info, "the search domain", domains.0, domains.1);
    }
    if let (Some(false), Some(true)) = (old.metered, new.metered) {
        changes.add(AREA, Severity::Info, "the connection is paid for by volume now");
    }
    let interfaces = matched(&old.interfaces, &new.interfaces, |interface| {
        interface.name.clone()
    });
    let named = |interface: &&Interface| shown(&interface.name);
    changes.extend(
        AREA,
        Severity::Info,
        interfaces
            .added
            .iter()
            .map(|new| format!("the interface {} is new", named(new))),
    );
    changes.extend(
        AREA,
        Severity::Info,
        interfaces
            .gone
            .iter()
            .map(|old| format!("the interface {} is gone", named(old))),
    );
    for (old, new) in interfaces.both {
        interface(old, new, changes);
    }
}

fn interface(old: &Interface, new: &Interface, changes: &mut Changes) {
    let name = shown(&new.name);
    match (old.up, new.up) {
        (true, false) => {
            let severity = if old.default_route {
                Severity::Warning
            } else {
                Severity::Info
            };
            changes.add(AREA, severity, format!("{name} is down now"));
        }
        (false, true) => changes.add(AREA, Severity::Info, format!("{name} is up now")),
        _ => {}
    }
    if old.default_route != new.default_route && new.default_route {
        changes.add(
            AREA,
            Severity::Info,
            format!("the default route leaves through {name} now"),
        );
    }
    let of = |what: &str| format!("the {what} of {name}");
    if old.up && new.up {
        let addresses = (&old.addresses, &new.addresses);
        changes.set(AREA, Severity::Info, &of("address"), addresses.0, addresses.1);
    }
    changes.value(
        AREA,
        Severity::Info,
        &of("MAC address"),
        old.mac.as_ref(),
        new.mac.as_ref(),
    );
    if let (Some(before), Some(after)) = (old.speed, new.speed) {
        let slower = after.saturating_mul(SLOWER) <= before;
        // Wireless links change their rate all the time.
        if slower && new.kind != "Wi-Fi" {
            let (before, after) = (bits_per_second(before), bits_per_second(after));
            changes.value(AREA, Severity::Warning, &of("speed"), Some(before), Some(after));
        }
    }
    let source = |dhcp: bool| if dhcp { "DHCP" } else { "fixed" };
    let sources = (old.dhcp.map(source), new.dhcp.map(source));
    changes.value(
        AREA,
        Severity::Warning,
        &of("way of getting an address"),
        sources.0,
        sources.1,
    );
}

fn internet(old: &Internet, new: &Internet, changes: &mut Changes) {
    let said = |access: Access| match access {
        Access::Open => Some("reached"),
        Access::Portal => Some("behind a sign-in"),
        Access::None => Some("not reached"),
        Access::Unknown => None,
    };
    let severity = if new.access == Access::Open {
        Severity::Info
    } else {
        Severity::Problem
    };
    changes.value(AREA, severity, "the internet", said(old.access), said(new.access));
    // No proxy is a value too: what is asked for is known when the part is there.
    let named = |proxy: &Option<String>| Some(proxy.clone().unwrap_or_default());
    changes.value(
        AREA,
        Severity::Warning,
        "the proxy",
        named(&old.proxy),
        named(&new.proxy),
    );
    let scripts = (named(&old.proxy_script), named(&new.proxy_script));
    changes.value(AREA, Severity::Warning, "the proxy script", scripts.0, scripts.1);
    let dead = |before: Option<bool>, now: Option<bool>| before == Some(true) && now == Some(false);
    if dead(old.proxy_answers, new.proxy_answers) {
        changes.add(AREA, Severity::Problem, "the proxy does not answer any more");
    }
    if dead(old.proxy_script_answers, new.proxy_script_answers) {
        changes.add(
            AREA,
            Severity::Problem,
            "the server of the proxy script does not answer any more",
        );
    }
    for (old, new) in matched(&old.sites, &new.sites, |site| site.host.clone()).both {
        let host = shown(&new.host);
        match (old.answered, new.answered) {
            (true, false) => changes.add(AREA, Severity::Warning, format!("{host} answers no longer")),
            (false, true) => changes.add(AREA, Severity::Info, format!("{host} answers again")),
            _ => {}
        }
        if let (Some(false), Some(true)) = (old.inspected, new.inspected) {
            changes.add(
                AREA,
                Severity::Warning,
                format!("connections to {host} are inspected now"),
            );
        }
    }
}

fn echoes(old: &Reachability, new: &Reachability, changes: &mut Changes) {
    let name = |target: &Reached| format!("{} {}", target.role, target.address);
    for (old, new) in matched(&old.targets, &new.targets, name).both {
        let lost = |target: &Reached| target.sent.saturating_sub(target.received);
        if lost(old) == 0 && lost(new) > 0 {
            let (address, role) = (shown(&new.address), shown(&new.role));
            changes.add(
                AREA,
                Severity::Warning,
                format!(
                    "{address} ({role}) loses {} of {} echoes now",
                    lost(new),
                    new.sent
                ),
            );
        }
    }
}

fn lookups(old: &NameService, new: &NameService, changes: &mut Changes) {
    let name = |lookup: &Lookup| format!("{} {}", lookup.server, lookup.name);
    for (old, new) in matched(&old.lookups, &new.lookups, name).both {
        let what = format!("{} at the name server {}", shown(&new.name), shown(&new.server));
        match (old.found, new.found) {
            (true, false) => changes.add(AREA, Severity::Warning, format!("{what} is found no longer")),
            (false, true) => changes.add(AREA, Severity::Info, format!("{what} is found again")),
            _ => {}
        }
    }
}

fn wifi(old: &[WifiLink], new: &[WifiLink], changes: &mut Changes) {
    for (old, new) in matched(old, new, |link| link.interface.clone()).both {
        let of = |what: &str| format!("the {what} of {}", shown(&new.interface));
        changes.value(
            AREA,
            Severity::Info,
            &of("network"),
            old.ssid.as_ref(),
            new.ssid.as_ref(),
        );
        let severity = if new.security.as_deref() == Some("open") {
            Severity::Warning
        } else {
            Severity::Info
        };
        let security = (old.security.as_ref(), new.security.as_ref());
        changes.value(AREA, severity, &of("protection"), security.0, security.1);
        changes.value(
            AREA,
            Severity::Info,
            &of("band"),
            old.band.as_ref(),
            new.band.as_ref(),
        );
    }
}

fn shares(old: &[Share], new: &[Share], changes: &mut Changes) {
    let name = |share: &Share| share.local.clone();
    let shares = matched(old, new, name);
    let told =
        |share: &&Share, what: &str| format!("{} at {} {what}", shown(&share.local), shown(&share.server));
    changes.extend(
        AREA,
        Severity::Info,
        shares.added.iter().map(|share| told(share, "is new")),
    );
    changes.extend(
        AREA,
        Severity::Info,
        shares.gone.iter().map(|share| told(share, "is gone")),
    );
    for (old, new) in &shares.both {
        let of = format!("the server of {}", shown(&new.local));
        changes.value(AREA, Severity::Info, &of, Some(&old.server), Some(&new.server));
        match (old.reachable, new.reachable) {
            (Some(true), Some(false)) => {
                changes.add(AREA, Severity::Problem, told(new, "does not answer any more"));
            }
            (Some(false), Some(true)) => changes.add(AREA, Severity::Info, told(new, "answers again")),
            _ => {}
        }
    }
}
