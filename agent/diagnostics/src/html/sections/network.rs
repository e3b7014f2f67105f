//! How the machine is connected, and how far it gets.

use crate::{
    html::{
        table::{Cell, Table, Values, yes_no},
        verdicts::{PROBLEM, WARNING},
    },
    units::bits_per_second,
};
use helpbell_model::report::{
    Access, Interface, Internet, Lookup, Machine, NameService, Network, Reachability, Reached, Share, Site,
    WifiLink,
};

/// Seconds a clock may be wrong before signing in begins to fail: Kerberos takes five minutes, one-time codes half a
/// minute.
const CLOCK_SECONDS: u64 = 30;

pub(super) fn tables(machine: &Machine) -> Vec<Table> {
    let mut tables = vec![connection(machine.network.as_ref(), machine.internet.as_ref())];
    tables.extend(machine.network.as_ref().map(interfaces));
    tables.extend(machine.wifi.as_deref().map(wifi));
    tables.extend(machine.reachability.as_ref().map(echoes));
    tables.extend(machine.name_service.as_ref().map(lookups));
    tables.extend(machine.internet.as_ref().map(sites));
    tables.extend(machine.shares.as_deref().map(shares));
    tables
}

fn connection(network: Option<&Network>, internet: Option<&Internet>) -> Table {
    let mut values = Values::default();
    let mut summary = "";
    if let Some(internet) = internet {
        let tone;
        (summary, tone) = access(internet.access);
        values.add_marked("Internet", summary, tone);
        values.maybe("Sign-in page", internet.portal.as_deref());
        values.maybe("The system says", internet.system_says.as_deref());
    }
    if let Some(network) = network {
        values.add("Gateway", network.gateway.join(", "));
        values.add("DNS servers", network.dns.join(", "));
        values.add("Search domains", network.search_domains.join(", "));
        values.maybe("Paid for by volume", network.metered.map(yes_no));
    }
    if let Some(internet) = internet {
        for (name, address, answers) in [
            ("Proxy", &internet.proxy, internet.proxy_answers),
            (
                "Proxy script",
                &internet.proxy_script,
                internet.proxy_script_answers,
            ),
        ] {
            let address = address.as_deref().unwrap_or_default();
            match answers {
                Some(false) => values.add_marked(name, format!("does not answer: {address}"), PROBLEM.class),
                _ => values.add(name, address),
            }
        }
        if let Some(seconds) = internet.clock_skew_seconds {
            let tone = if seconds.unsigned_abs() > CLOCK_SECONDS {
                WARNING.class
            } else {
                ""
            };
            values.add_marked("Clock", clock(seconds), tone);
        }
    }
    Table::values("Connection", summary, values)
}

const fn access(access: Access) -> (&'static str, &'static str) {
    match access {
        Access::Open => ("reached", ""),
        Access::Portal => ("wants a sign-in first", PROBLEM.class),
        Access::None => ("not reached", PROBLEM.class),
        Access::Unknown => ("", ""),
    }
}

fn clock(ahead: i64) -> String {
    match ahead {
        0 => "right".to_owned(),
        seconds => {
            let way = if seconds > 0 { "ahead" } else { "behind" };
            format!("{} {way}", crate::units::duration(seconds.unsigned_abs()))
        }
    }
}

fn interfaces(network: &Network) -> Table {
    let up = network.interfaces.iter().filter(|interface| interface.up).count();
    Table::of(
        "Interfaces",
        format!("{up} of {} up", network.interfaces.len()),
        &["Interface", "Kind", "State", "Addresses", "MAC", "Speed"],
        &network.interfaces,
        |interface| {
            vec![
                Cell::text(&interface.name),
                Cell::text(&interface.kind),
                Cell::text(&state(interface)),
                Cell::list(&interface.addresses),
                Cell::maybe(interface.mac.as_deref()),
                Cell::maybe_number(interface.speed.map(bits_per_second)),
            ]
        },
    )
}

fn state(interface: &Interface) -> String {
    let mut state = if interface.up { "up" } else { "down" }.to_owned();
    for (flag, word) in [
        (interface.default_route, "default route"),
        (interface.vpn, "VPN"),
        (interface.virtual_interface, "virtual"),
        (interface.dhcp == Some(true), "DHCP"),
        (interface.dhcp == Some(false), "fixed address"),
    ] {
        if flag {
            state = format!("{state}, {word}");
        }
    }
    state
}

fn wifi(links: &[WifiLink]) -> Table {
    let summary = links.iter().find_map(|link| link.signal_dbm).map(dbm);
    Table::of(
        "Wi-Fi",
        summary.unwrap_or_default(),
        &[
            "Interface",
            "Network",
            "Signal",
            "Channel",
            "Sends",
            "Receives",
            "Security",
            "Note",
        ],
        links,
        |link| {
            let signal = [
                link.signal_dbm.map(dbm),
                link.quality_percent.map(|percent| format!("{percent} %")),
            ];
            let channel = [
                link.band.clone(),
                link.channel.map(|number| format!("channel {number}")),
            ];
            vec![
                Cell::text(&link.interface),
                Cell::maybe(link.ssid.as_deref()),
                Cell::text(&known(signal)),
                Cell::text(&known(channel)),
                Cell::maybe_number(link.rate.map(bits_per_second)),
                Cell::maybe_number(link.receive_rate.map(bits_per_second)),
                Cell::maybe(link.security.as_deref()),
                Cell::long(&link.note),
            ]
        },
    )
}

fn dbm(strength: i32) -> String {
    // A real minus sign: a hyphen breaks the line.
    let sign = if strength < 0 { "−" } else { "" };
    format!("{sign}{} dBm", strength.unsigned_abs())
}

fn known<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn ms(milliseconds: f64) -> String {
    format!("{milliseconds:.0} ms")
}

fn echoes(reachability: &Reachability) -> Table {
    let lost = |target: &Reached| target.sent.saturating_sub(target.received);
    let losing = reachability
        .targets
        .iter()
        .filter(|target| lost(target) > 0)
        .count();
    let summary = if losing == 0 {
        "nothing lost".to_owned()
    } else {
        format!("{losing} of {} lose some", reachability.targets.len())
    };
    Table::of(
        "Echoes",
        summary,
        &[
            "To",
            "Address",
            "By",
            "Came back",
            "Average",
            "Slowest",
            "Jitter",
            "Note",
        ],
        &reachability.targets,
        |target| {
            let tone = match (lost(target), target.received) {
                (0, _) => "",
                (_, 0) => PROBLEM.class,
                _ => WARNING.class,
            };
            let back = Cell::number(format!("{} of {}", target.received, target.sent));
            vec![
                Cell::text(&target.role),
                Cell::text(&target.address),
                Cell::text(&target.by),
                back.marked(!tone.is_empty(), tone),
                Cell::maybe_number(target.average_ms.map(ms)),
                Cell::maybe_number(target.worst_ms.map(ms)),
                Cell::maybe_number(target.jitter_ms.map(ms)),
                Cell::long(&target.note),
            ]
        },
    )
}

fn lookups(service: &NameService) -> Table {
    let found = service.lookups.iter().filter(|lookup| lookup.found).count();
    Table::of(
        "Name lookups",
        format!("{found} of {} found", service.lookups.len()),
        &["Server", "Name", "Found", "Took", "Note"],
        &service.lookups,
        |lookup: &Lookup| {
            let server = if lookup.configured {
                lookup.server.clone()
            } else {
                format!("{} (for comparison)", lookup.server)
            };
            vec![
                Cell::text(&server),
                Cell::text(&lookup.name),
                Cell::text(yes_no(lookup.found)).marked(!lookup.found, WARNING.class),
                Cell::maybe_number(lookup.ms.map(ms)),
                Cell::long(&lookup.note),
            ]
        },
    )
}

fn sites(internet: &Internet) -> Table {
    let answered = internet.sites.iter().filter(|site| site.answered).count();
    Table::of(
        "Sites over HTTPS",
        format!("{answered} of {} answered", internet.sites.len()),
        &["Site", "Answered", "Took", "Certificate from", "Note"],
        &internet.sites,
        |site: &Site| {
            let status = site
                .status
                .map(|status| format!(" ({status})"))
                .unwrap_or_default();
            let issuer = match (&site.issuer, site.inspected) {
                (Some(issuer), Some(true)) => format!("{issuer} (inspected)"),
                (Some(issuer), _) => issuer.clone(),
                (None, Some(true)) => "inspected".to_owned(),
                (None, _) => String::new(),
            };
            vec![
                Cell::text(&site.host),
                Cell::text(&format!("{}{status}", yes_no(site.answered)))
                    .marked(!site.answered, WARNING.class),
                Cell::maybe_number(site.ms.map(ms)),
                Cell::text(&issuer).marked(site.inspected == Some(true), WARNING.class),
                Cell::long(&site.note),
            ]
        },
    )
}

fn shares(shares: &[Share]) -> Table {
    let dead = shares
        .iter()
        .filter(|share| share.reachable == Some(false))
        .count();
    let summary = if dead == 0 {
        shares.len().to_string()
    } else {
        format!("{dead} of {} do not answer", shares.len())
    };
    Table::of(
        "Drives and queues of other machines",
        summary,
        &["Here", "Server", "Kind", "Server answers", "Took", "Note"],
        shares,
        |share| {
            vec![
                Cell::text(&share.local),
                Cell::text(&share.server),
                Cell::text(&share.kind),
                Cell::maybe(share.reachable.map(yes_no))
                    .marked(share.reachable == Some(false), PROBLEM.class),
                Cell::maybe_number(share.ms.map(ms)),
                Cell::long(&share.note),
            ]
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_told_with_its_direction() {
        assert_eq!(
            [0, 90, -7200].map(clock),
            ["right", "1 minute ahead", "2 hours behind"]
        );
    }

    #[test]
    fn a_state_names_all_that_is_special() {
        let interface = Interface {
            up: true,
            vpn: true,
            dhcp: Some(false),
            ..Interface::default()
        };
        assert_eq!(state(&interface), "up, VPN, fixed address");
    }

    #[test]
    fn losing_everything_is_worse_than_losing_some() {
        let target = |received| Reached {
            sent: 5,
            received,
            ..Reached::default()
        };
        let table = echoes(&Reachability {
            targets: vec![target(5), target(4), target(0)],
        });
        let tones: Vec<&str> = table.rows.iter().map(|row| row[3].tone).collect();
        assert_eq!(tones, ["", "warning", "problem"]);
        assert_eq!(table.summary, "2 of 3 lose some");
    }
}
