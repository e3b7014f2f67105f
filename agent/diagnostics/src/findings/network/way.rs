//! How far one gets: to the gateway, to the internet, or to somebody in between.

use super::{info, problem, warning};
use helpbell_model::report::{Access, Finding, Internet, Machine, Reached};
use std::net::IpAddr;

/// How echoes are sent that every gateway answers. One that takes no connections may still be there.
const ECHO: &str = "icmp";

/// How far one gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Nobody was asked, or what was heard is not clear.
    Unknown,
    /// Nothing behind the link answers.
    Nowhere,
    /// The internet does not answer; the gateway does, or cannot be asked.
    Gateway,
    /// Somebody wants a sign-in first.
    Portal,
    /// The proxy that programs are told to use is dead.
    DeadProxy,
    /// The internet answers.
    Internet,
}

/// The evidence.
pub(super) struct Way<'a> {
    targets: &'a [Reached],
    internet: Option<&'a Internet>,
    reach: Reach,
}

impl<'a> Way<'a> {
    pub(super) fn of(machine: &'a Machine) -> Self {
        let targets = machine
            .reachability
            .as_ref()
            .map_or(&[][..], |reachability| &reachability.targets);
        let internet = machine.internet.as_ref();
        // One that only answers may be somebody in between who has nothing to say.
        let public_finds = machine.name_service.as_ref().is_some_and(|names| {
            names
                .lookups
                .iter()
                .any(|lookup| !lookup.configured && lookup.found)
        });
        Self {
            targets,
            internet,
            reach: reach(targets, internet, public_finds),
        }
    }

    /// Names and sites may be judged.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.reach, Reach::Internet | Reach::Unknown)
    }

    /// Nothing behind the link answers, so nothing else can.
    pub(super) fn gateway_is_dead(&self) -> bool {
        self.reach == Reach::Nowhere
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut found: Vec<Finding> = self.main().into_iter().collect();
        let script = self.internet.and_then(|internet| {
            let dead = internet.proxy_script_answers == Some(false);
            internet.proxy_script.as_ref().filter(|_| dead)
        });
        if let (Some(script), true) = (script, self.is_open()) {
            let title = format!("The server of the proxy script {script} does not answer");
            let detail = "Programs wait for it before they open a page. Outside the office the setting may be meant for a network that is not there.";
            found.push(warning(title, detail));
        }
        found.extend(self.dead_v6());
        found
    }

    fn main(&self) -> Option<Finding> {
        let gateway =
            of_role(self.targets, "gateway").max_by_key(|target| (target.received > 0, !is_v6(target)));
        let answers = gateway.is_some_and(|target| target.received > 0);
        let gateway = gateway.map(|target| target.address.as_str());
        match self.reach {
            Reach::Unknown | Reach::Internet => None,
            Reach::Nowhere => {
                let title = format!(
                    "The gateway {} does not answer, and neither does the internet",
                    gateway.unwrap_or_default()
                );
                let detail = "The link is up, but nothing is at its other end: check the router, the Wi-Fi or the cable to it, and whether the address fits this network.";
                Some(problem(title, detail))
            }
            Reach::Gateway if !answers => {
                let detail =
                    "Neither echoes nor pages come back: check the router, its line and the firewall.";
                Some(problem("The internet does not answer".to_owned(), detail))
            }
            Reach::Gateway => {
                let title = format!(
                    "The internet does not answer, but the gateway {} does",
                    gateway.unwrap_or_default()
                );
                let detail = "The trouble lies behind the gateway: its line, the provider or a firewall. Others here have it too.";
                Some(problem(title, detail))
            }
            Reach::Portal => {
                let portal = self.internet.and_then(|internet| internet.portal.as_ref());
                let title = match portal {
                    Some(host) => format!("Somebody wants a sign-in before the internet opens: {host}"),
                    None => "Somebody wants a sign-in before the internet opens".to_owned(),
                };
                let detail = "Open any page in a browser and sign in or accept the terms. Until then, mail and programs fail.";
                Some(problem(title, detail))
            }
            Reach::DeadProxy => {
                let proxy = self
                    .internet
                    .and_then(|internet| internet.proxy.as_deref())
                    .unwrap_or_default();
                let title = format!("The proxy {proxy} does not answer");
                let detail = "Programs are told to reach the internet through it. Start it, connect the network it belongs to, or take it out of the settings.";
                Some(problem(title, detail))
            }
        }
    }

    /// Where IPv4 works and IPv6 leads nowhere, programs try the one in vain before the other.
    fn dead_v6(&self) -> Option<Finding> {
        let answers = |target: &&Reached, v6: bool| is_v6(target) == v6 && target.received > 0;
        let mut gateways = of_role(self.targets, "gateway");
        let v4_works = gateways.clone().any(|target| answers(&target, false));
        let v6_works = gateways.clone().any(|target| answers(&target, true));
        let dead = gateways.find(|target| is_v6(target) && target.by == ECHO)?;
        (v4_works && !v6_works).then(|| {
            let title = format!("The IPv6 gateway {} does not answer", dead.address);
            let detail = "IPv4 works. Pages open slowly where programs try IPv6 first.";
            info(title, detail)
        })
    }
}

fn is_v6(target: &Reached) -> bool {
    target.address.parse().is_ok_and(|ip: IpAddr| ip.is_ipv6())
}

pub(super) fn of_role<'a>(
    targets: &'a [Reached],
    role: &'a str,
) -> impl Iterator<Item = &'a Reached> + Clone {
    targets.iter().filter(move |target| target.role == role)
}

fn reach(targets: &[Reached], internet: Option<&Internet>, public_finds: bool) -> Reach {
    let answers = |role| of_role(targets, role).any(|target| target.received > 0);
    let access = internet.map_or(Access::Unknown, |internet| internet.access);
    let sites = internet.map_or(&[][..], |internet| &internet.sites);
    // A portal can pose as any site, but not with a certificate that is believed.
    let genuine = sites.iter().any(|site| site.answered && site.note.is_empty());
    if access == Access::Portal && !genuine {
        return Reach::Portal;
    }
    if internet.is_some_and(|internet| internet.proxy_answers == Some(false)) && !genuine {
        return Reach::DeadProxy;
    }
    let open = answers("internet")
        || access == Access::Open
        || sites.iter().any(|site| site.answered)
        || public_finds;
    if open {
        return Reach::Internet;
    }
    let internet_asked = of_role(targets, "internet").any(|target| target.sent > 0) || access == Access::None;
    let gateway_echoes = of_role(targets, "gateway").any(|target| target.by == ECHO && target.sent > 0);
    match (internet_asked, gateway_echoes, answers("gateway")) {
        (false, ..) => Reach::Unknown,
        (true, true, false) => Reach::Nowhere,
        (true, ..) => Reach::Gateway,
    }
}
