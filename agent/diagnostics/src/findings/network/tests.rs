//! One machine in one trouble each: what is said, and that nothing else is.

use super::*;
use helpbell_model::report::{
    Access, Internet, Lookup, NameService, Reachability, Reached, Share, Site, WifiLink,
};

fn reached(role: &str, address: &str, received: u32, ms: f64) -> Reached {
    Reached {
        role: role.into(),
        address: address.into(),
        by: "icmp".into(),
        sent: 5,
        received,
        average_ms: (received > 0).then_some(ms),
        worst_ms: (received > 0).then_some(ms * 1.5),
        jitter_ms: (received > 1).then_some(1.0),
        note: String::new(),
    }
}

fn lookup(server: &str, name: &str, ms: Option<f64>, note: &str) -> Lookup {
    Lookup {
        server: server.into(),
        configured: server != "1.1.1.1",
        name: name.into(),
        found: note.is_empty(),
        ms,
        note: note.into(),
    }
}

fn site(host: &str) -> Site {
    Site {
        host: host.into(),
        answered: true,
        status: Some(200),
        ms: Some(80.0),
        issuer: Some("DigiCert Inc".into()),
        inspected: Some(false),
        note: String::new(),
    }
}

fn share(local: &str, server: &str, kind: &str, note: &str) -> Share {
    Share {
        local: local.into(),
        server: server.into(),
        kind: kind.into(),
        reachable: Some(note.is_empty()),
        ms: None,
        note: note.into(),
    }
}

const NAMES: [&str; 2] = ["example.com", "login.microsoftonline.com"];

/// A machine in a house where all is well.
fn healthy() -> Machine {
    let interface = Interface {
        name: "eth0".into(),
        kind: "Ethernet".into(),
        addresses: vec!["192.168.1.20/24".into()],
        up: true,
        default_route: true,
        speed: Some(SLOW_WIRE),
        ..Interface::default()
    };
    let lookups = ["192.168.1.1", "10.0.0.2", "1.1.1.1", "system"]
        .into_iter()
        .flat_map(|server| NAMES.map(|name| lookup(server, name, Some(12.0), "")));
    Machine {
        network: Some(Network {
            interfaces: vec![interface],
            gateway: vec!["192.168.1.1".into()],
            dns: vec!["192.168.1.1".into(), "10.0.0.2".into()],
            ..Network::default()
        }),
        reachability: Some(Reachability {
            targets: vec![
                reached("gateway", "192.168.1.1", 5, 1.0),
                reached("gateway", "fe80::1", 5, 1.0),
                reached("internet", "1.1.1.1", 5, 12.0),
                reached("internet", "8.8.8.8", 5, 14.0),
            ],
        }),
        name_service: Some(NameService {
            lookups: lookups.collect(),
        }),
        internet: Some(Internet {
            access: Access::Open,
            clock_skew_seconds: Some(1),
            sites: vec![site("login.microsoftonline.com"), site("outlook.office365.com")],
            ..Internet::default()
        }),
        wifi: Some(Vec::new()),
        shares: Some(vec![share("Z:", "files.corp.example", "smb", "")]),
        ..Machine::default()
    }
}

fn with(change: impl FnOnce(&mut Machine)) -> Machine {
    let mut machine = healthy();
    change(&mut machine);
    machine
}

fn targets(machine: &mut Machine) -> &mut Vec<Reached> {
    &mut machine.reachability.as_mut().unwrap().targets
}

fn internet(machine: &mut Machine) -> &mut Internet {
    machine.internet.as_mut().unwrap()
}

/// Nothing answers that `is_dead` says is dead.
fn silence(machine: &mut Machine, is_dead: impl Fn(&Reached) -> bool) {
    for target in targets(machine).iter_mut().filter(|target| is_dead(target)) {
        *target = reached(&target.role, &target.address, 0, 0.0);
    }
}

/// What follows from an internet that does not answer, besides the echoes.
fn cut_off(machine: &mut Machine) {
    let internet = internet(machine);
    internet.access = Access::None;
    internet.clock_skew_seconds = None;
    for site in &mut internet.sites {
        *site = Site {
            host: site.host.clone(),
            note: "does not answer".into(),
            ..Site::default()
        };
    }
    ask_again(machine, |lookup| {
        (lookup.server != "192.168.1.1").then_some("no answer within 2 s")
    });
}

/// Lets the lookups end as `note` says; `None` leaves one as it is.
fn ask_again(machine: &mut Machine, note: impl Fn(&Lookup) -> Option<&'static str>) {
    for one in &mut machine.name_service.as_mut().unwrap().lookups {
        if let Some(note) = note(one) {
            let ms = (!note.starts_with("no answer")).then_some(9.0);
            *one = lookup(&one.server, &one.name, ms, note);
        }
    }
}

fn wifi(dbm: i32, band: &str) -> Option<Vec<WifiLink>> {
    Some(vec![WifiLink {
        interface: "wlan0".into(),
        signal_dbm: Some(dbm),
        band: Some(band.into()),
        ..WifiLink::default()
    }])
}

/// Every trouble that is recognised, with the machine that has it.
fn troubles() -> Vec<(&'static str, Machine)> {
    let off = "does not answer";
    vec![
        (
            "the gateway is dead",
            with(|machine| {
                silence(machine, |_| true);
                cut_off(machine);
                machine.shares = Some(vec![share("Z:", "files.corp.example", "smb", off)]);
            }),
        ),
        (
            "the line is dead",
            with(|machine| {
                silence(machine, |target| target.role == "internet");
                cut_off(machine);
            }),
        ),
        (
            "a portal is in the way",
            with(|machine| {
                silence(machine, |target| target.role == "internet");
                cut_off(machine);
                internet(machine).access = Access::Portal;
                internet(machine).portal = Some("login.hotel.example".into());
            }),
        ),
        (
            "the proxy is dead",
            with(|machine| {
                silence(machine, |target| target.role == "internet");
                cut_off(machine);
                internet(machine).proxy = Some("proxy.corp.example:3128".into());
                internet(machine).proxy_answers = Some(false);
            }),
        ),
        (
            "the proxy wants a sign-in",
            with(|machine| {
                internet(machine).proxy = Some("proxy.corp.example:3128".into());
                internet(machine).proxy_answers = Some(true);
                for site in &mut internet(machine).sites {
                    site.answered = false;
                    site.note = "cannot be asked: the proxy wants a sign-in".into();
                }
            }),
        ),
        (
            "the server of the proxy script is dead",
            with(|machine| {
                internet(machine).proxy_script = Some("http://wpad.corp.example/proxy.pac".into());
                internet(machine).proxy_script_answers = Some(false);
            }),
        ),
        (
            "the gateway loses echoes, and so does the way beyond",
            with(|machine| {
                for target in targets(machine).iter_mut() {
                    *target = reached(&target.role, &target.address, 3, 4.0);
                }
            }),
        ),
        (
            "the line loses echoes",
            with(|machine| {
                for target in targets(machine)
                    .iter_mut()
                    .filter(|target| target.role == "internet")
                {
                    target.received = 2;
                }
            }),
        ),
        (
            "the gateway is slow",
            with(|machine| {
                for target in targets(machine).iter_mut() {
                    target.average_ms = Some(340.0);
                }
            }),
        ),
        (
            "the line is uneven",
            with(|machine| {
                for target in targets(machine)
                    .iter_mut()
                    .filter(|target| target.role == "internet")
                {
                    target.jitter_ms = Some(61.0);
                }
            }),
        ),
        (
            "IPv6 leads nowhere",
            with(|machine| silence(machine, |target| target.address == "fe80::1")),
        ),
        (
            "no name server answers",
            with(|machine| {
                ask_again(machine, |lookup| match lookup.server.as_str() {
                    "1.1.1.1" => None,
                    "system" => Some("not found"),
                    _ => Some("no answer within 2 s"),
                });
                for site in &mut internet(machine).sites {
                    site.answered = false;
                    site.note = "its name is not found".into();
                }
                internet(machine).access = Access::None;
            }),
        ),
        (
            "one name server does not answer",
            with(|machine| {
                ask_again(machine, |lookup| {
                    (lookup.server == "10.0.0.2").then_some("no answer within 2 s")
                });
            }),
        ),
        (
            "a name server is slow",
            with(|machine| {
                for lookup in &mut machine.name_service.as_mut().unwrap().lookups {
                    if lookup.server == "10.0.0.2" {
                        lookup.ms = Some(912.0);
                    }
                }
            }),
        ),
        (
            "a name is kept from this machine",
            with(|machine| {
                ask_again(machine, |lookup| {
                    (lookup.configured && lookup.name == NAMES[1]).then_some("it says there is no such name")
                });
                internet(machine).sites[0].answered = false;
                internet(machine).sites[0].note = "its name is not found".into();
            }),
        ),
        (
            "the name servers have lost their way out",
            with(|machine| {
                ask_again(machine, |lookup| {
                    Some(if lookup.configured {
                        "it could not find out"
                    } else {
                        "no answer within 2 s"
                    })
                });
            }),
        ),
        (
            "the machine does not find what its servers do",
            with(|machine| {
                ask_again(machine, |lookup| {
                    (lookup.server == "system").then_some("not found")
                });
            }),
        ),
        (
            "one site is kept away",
            with(|machine| {
                internet(machine).sites[1].answered = false;
                internet(machine).sites[1].note = "refuses connections".into();
            }),
        ),
        (
            "all sites are kept away",
            with(|machine| {
                for site in &mut internet(machine).sites {
                    site.answered = false;
                    site.note = "does not answer".into();
                }
            }),
        ),
        (
            "connections are inspected",
            with(|machine| {
                for site in &mut internet(machine).sites {
                    site.inspected = Some(true);
                    site.issuer = Some("Web Filter Ltd.".into());
                }
            }),
        ),
        (
            "certificates are not believed",
            with(|machine| {
                for site in &mut internet(machine).sites {
                    site.inspected = None;
                    site.issuer = Some("Web Filter Ltd.".into());
                    site.note = "shows a certificate signed by nobody this computer trusts".into();
                }
            }),
        ),
        (
            "the clock is a year behind",
            with(|machine| {
                internet(machine).clock_skew_seconds = Some(-365 * 86_400);
                for site in &mut internet(machine).sites {
                    site.inspected = None;
                    site.note = "shows a certificate that is not valid yet by this computer's clock".into();
                }
            }),
        ),
        (
            "the clock is two minutes ahead",
            with(|machine| internet(machine).clock_skew_seconds = Some(120)),
        ),
        (
            "the Wi-Fi is weak",
            with(|machine| machine.wifi = wifi(-81, "2.4 GHz")),
        ),
        (
            "the Wi-Fi is on the crowded band",
            with(|machine| machine.wifi = wifi(-52, "2.4 GHz")),
        ),
        (
            "servers of drives and printers are dead",
            with(|machine| {
                machine.shares = Some(vec![
                    share("Z:", "files.corp.example", "smb", off),
                    share("Y:", "files.corp.example", "smb", off),
                    share("X:", "old-server", "smb", "its name is not found"),
                    share(
                        "Front desk",
                        "print.corp.example",
                        "printer",
                        "refuses connections",
                    ),
                    share("W:", "good.corp.example", "smb", ""),
                ]);
            }),
        ),
    ]
}

#[test]
fn a_machine_without_trouble_has_no_findings() {
    assert_eq!(findings(&healthy()), Vec::new());
}

#[test]
fn every_trouble_is_told_in_plain_words() {
    let mut told = String::new();
    for (trouble, machine) in troubles() {
        told += &format!("{trouble}\n");
        for finding in findings(&machine) {
            told += &format!(
                "  {:?} ({}): {}\n    {}\n",
                finding.severity, finding.area, finding.title, finding.detail
            );
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn one_cause_gives_one_finding() {
    for (trouble, machine) in troubles() {
        let expected = if trouble.starts_with("servers of") { 3 } else { 1 };
        let told = findings(&machine);
        assert_eq!(told.len(), expected, "{trouble}: {told:?}");
    }
}

#[test]
fn without_a_link_nothing_else_is_told() {
    for (trouble, mut machine) in troubles() {
        machine.network.as_mut().unwrap().interfaces[0].up = false;
        let titles: Vec<String> = findings(&machine)
            .into_iter()
            .map(|finding| finding.title)
            .collect();
        assert_eq!(titles, ["Not connected to any network"], "{trouble}");
    }
}

#[test]
fn a_gateway_that_takes_no_connections_is_not_called_dead() {
    let machine = with(|machine| {
        silence(machine, |_| true);
        cut_off(machine);
        for target in targets(machine).iter_mut() {
            target.by = "tcp".into();
        }
    });
    let titles: Vec<String> = findings(&machine)
        .into_iter()
        .map(|finding| finding.title)
        .collect();
    assert_eq!(titles, ["The internet does not answer"]);
}

#[test]
fn a_gateway_that_keeps_silent_by_principle_is_no_trouble() {
    let machine = with(|machine| silence(machine, |target| target.role == "gateway"));
    assert_eq!(findings(&machine), Vec::new());
}

#[test]
fn a_firewall_that_drops_echoes_is_no_trouble() {
    let machine = with(|machine| silence(machine, |_| true));
    assert_eq!(findings(&machine), Vec::new());
}

#[test]
fn a_public_name_server_that_is_kept_away_is_no_trouble() {
    let machine = with(|machine| {
        ask_again(machine, |lookup| {
            (!lookup.configured).then_some("no answer within 2 s")
        });
    });
    assert_eq!(findings(&machine), Vec::new());
}

#[test]
fn one_lost_echo_is_an_accident() {
    let machine = with(|machine| {
        for target in targets(machine).iter_mut() {
            target.received = 4;
        }
    });
    assert_eq!(findings(&machine), Vec::new());
}

#[test]
fn parts_that_are_missing_are_not_guessed() {
    for leave_out in 0..5_u8 {
        let machine = with(|machine| match leave_out {
            0 => machine.reachability = None,
            1 => machine.name_service = None,
            2 => machine.internet = None,
            3 => machine.shares = None,
            _ => {
                machine.reachability = None;
                machine.name_service = None;
                machine.internet = None;
                machine.wifi = None;
            }
        });
        assert_eq!(findings(&machine), Vec::new(), "{leave_out}");
    }
}
