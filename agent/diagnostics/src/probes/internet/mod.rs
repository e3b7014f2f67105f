//! Whether the internet answers, and whether somebody stands in between.
//!
//! ```text
//! settings ─► proxy, script        what programs are told to use
//!    │
//!    ├─► page     http, a text everybody knows: anything else is somebody who wants a sign-in first
//!    ├─► sites    https, each with its certificates: who signed them, and does the public trust that
//!    │              └─► Date: how wrong this machine's clock is
//!    └─► system   what the system itself thinks
//! ```
//!
//! All at once. Nothing about the person or the machine is sent, so even a connection whose certificate is wrong is
//! finished: what stands behind it is what the technician wants to know.

mod clock;
mod environment;
mod issuer;
#[cfg(target_os = "linux")]
mod linux;
mod page;
#[cfg(not(any(target_os = "linux", windows)))]
mod portable;
mod proxy;
mod site;
mod trust;
#[cfg(any(windows, test))]
mod windows;

#[cfg(target_os = "linux")]
use linux as here;
#[cfg(not(any(target_os = "linux", windows)))]
use portable as here;
#[cfg(windows)]
use windows as here;

use super::{
    dial::{self, Question, Until, http},
    line,
};
use crate::{part::ProbeError, scope::Scope};
use helpbell_model::report::{Access, Internet, Site};
use page::Page;
use proxy::{Proxy, Settings};
use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use trust::Trust;

/// For everything together; the probe's own limit is a little longer.
const LIMIT: Duration = Duration::from_millis(3600);
/// For the settings of the desktop, which a service may have to be asked for.
const SETTINGS_LIMIT: Duration = Duration::from_millis(400);
/// Sites that are asked.
const MOST_SITES: usize = 8;

pub(super) fn ask(scope: &Scope) -> Result<Internet, ProbeError> {
    let end = Instant::now() + LIMIT;
    let asked = dial::all(SETTINGS_LIMIT, vec![Box::new(|| here::settings(SETTINGS_LIMIT))]);
    let settings = asked.into_iter().flatten().next().unwrap_or_default();
    let plan = Plan {
        page: Page::known(),
        sites: scope.sites.iter().take(MOST_SITES).cloned().collect(),
        way: Way {
            settings,
            trust: Trust::of_this_machine(),
            private_too: false,
        },
        system: here::says,
        end,
    };
    Ok(look(plan))
}

/// What to ask, and how to get there.
struct Plan {
    page: Page,
    sites: Vec<String>,
    way: Way,
    /// What the system itself thinks, for at most so long.
    system: fn(Duration) -> Option<String>,
    end: Instant,
}

/// How others are reached, and who is believed.
#[derive(Clone)]
struct Way {
    settings: Settings,
    /// Why there is none, in words.
    trust: Result<Arc<Trust>, String>,
    /// Tell inspection at private addresses too: an own certificate of an own server is none.
    private_too: bool,
}

/// One of the many answers.
enum Told {
    Page(Access, Option<String>, Option<i64>),
    Site(Site, Option<i64>),
    System(Option<String>),
    Proxy(bool),
    Script(Option<bool>),
}

fn look(plan: Plan) -> Internet {
    let Plan {
        page,
        sites,
        way,
        system,
        end,
    } = plan;
    let left = move || end.saturating_duration_since(Instant::now());
    let Settings { proxy, script, .. } = way.settings.clone();
    let mut internet = Internet {
        proxy: proxy.as_ref().map(ToString::to_string),
        proxy_script: script.as_deref().map(proxy::shown_script),
        ..Internet::default()
    };
    let mut questions: Vec<Question<Told>> = vec![Box::new(move || Told::System(system(left())))];
    let page_way = way.clone();
    questions.push(Box::new(move || {
        let (access, portal, skew) = page.ask(&page_way, end);
        Told::Page(access, portal, skew)
    }));
    for name in &sites {
        let (name, way) = (name.clone(), way.clone());
        questions.push(Box::new(move || {
            let (site, skew) = site::ask(&name, &way, end);
            Told::Site(site, skew)
        }));
    }
    if let Some(proxy) = proxy {
        questions.push(Box::new(move || Told::Proxy(accepts(&proxy, left()))));
    }
    if let Some(script) = script {
        questions.push(Box::new(move || {
            Told::Script(proxy::server_of_script(&script).map(|server| accepts(&server, left())))
        }));
    }
    let mut skews = Vec::new();
    let mut of_page = None;
    for told in dial::all(left(), questions).into_iter().flatten() {
        match told {
            Told::Page(access, portal, skew) => {
                internet.access = access;
                internet.portal = portal;
                of_page = skew;
            }
            Told::Site(site, skew) => {
                internet.sites.push(site);
                skews.extend(skew);
            }
            Told::System(says) => internet.system_says = says,
            Told::Proxy(accepts) => internet.proxy_answers = Some(accepts),
            Told::Script(accepts) => internet.proxy_script_answers = accepts,
        }
    }
    if skews.is_empty() {
        skews.extend(of_page);
    }
    internet.clock_skew_seconds = clock::median(skews);
    late_sites(&mut internet.sites, &sites);
    internet
}

/// Whoever was not heard of in time is told as such.
fn late_sites(told: &mut Vec<Site>, asked: &[String]) {
    for name in asked {
        let host = line(dial::host_and_port(name, 0).0);
        if !told.iter().any(|site| site.host == host) {
            told.push(Site {
                host,
                note: "does not answer in time".to_owned(),
                ..Site::default()
            });
        }
    }
}

fn accepts(proxy: &Proxy, limit: Duration) -> bool {
    let end = Instant::now() + limit;
    dial::lookup(&proxy.host, proxy.port, limit)
        .and_then(|addresses| dial::connect(&addresses, end.saturating_duration_since(Instant::now())))
        .is_ok()
}

/// A connection to a host, itself or through a proxy.
struct Opened {
    stream: Until,
    /// The other end; none through a proxy.
    peer: Option<IpAddr>,
    /// Through a proxy that speaks HTTP.
    proxied: bool,
}

/// Connects to `host`, by the way the settings prescribe. The failure reads after the host's name.
fn open(way: &Way, host: &str, port: u16, end: Instant) -> Result<Opened, String> {
    let proxy = way.settings.proxy_for(host);
    let (to, at) = proxy.map_or((host, port), |proxy| (proxy.host.as_str(), proxy.port));
    let left = || end.saturating_duration_since(Instant::now());
    let direct = || {
        let addresses = dial::lookup(to, at, left())?;
        dial::connect(&addresses, left())
    };
    let stream = match (proxy, direct()) {
        (_, Ok(stream)) => stream,
        (None, Err(error)) => return Err(error),
        (Some(proxy), Err(error)) => return Err(format!("cannot be asked: the proxy {proxy} {error}")),
    };
    Ok(Opened {
        peer: proxy
            .is_none()
            .then(|| stream.peer_addr().ok().map(|peer| peer.ip()))
            .flatten(),
        proxied: proxy.is_some(),
        stream: Until::new(stream, end),
    })
}

/// The same, with a tunnel through the proxy, for everything that is not plain HTTP.
fn tunnel(way: &Way, host: &str, port: u16, end: Instant) -> Result<Opened, String> {
    let mut opened = open(way, host, port, end)?;
    if opened.proxied {
        let target = format!("{host}:{port}");
        let request = http::Request {
            method: "CONNECT",
            target: &target,
            host: &target,
        };
        let answer = http::head(&mut opened.stream, request)
            .map_err(|error| format!("cannot be asked: the proxy {error}"))?;
        match answer.status {
            200..=299 => {}
            407 => return Err("cannot be asked: the proxy wants a sign-in".to_owned()),
            status => return Err(format!("cannot be asked: the proxy says {status}")),
        }
    }
    Ok(opened)
}

#[cfg(test)]
mod tests;
