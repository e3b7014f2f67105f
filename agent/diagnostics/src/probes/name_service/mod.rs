//! Whether names are found: every configured server and a public one is asked for a name that exists for ever and for
//! one people work with, and the system in its own way.

mod question;

use super::{
    dial::{self, Question},
    line, network,
};
use crate::{part::ProbeError, run::in_words, scope::Scope};
use helpbell_model::report::{Lookup, NameService};
use std::{
    net::{IpAddr, SocketAddr, ToSocketAddrs as _},
    time::{Duration, Instant},
};

/// How long a server is waited for. Systems wait for five seconds, and by then nobody waits for them any more.
const WAIT: Duration = Duration::from_millis(2200);
/// Configured servers that are asked. Most systems ask three.
const MOST_SERVERS: usize = 4;
/// The machine's own way, files, caches and all.
const SYSTEM: &str = "system";

pub(super) fn ask(scope: &Scope) -> Result<NameService, ProbeError> {
    let public = scope.public_servers.first();
    let plan = Plan {
        configured: network::servers(&netdev::get_interfaces()),
        public: public.map(|server| SocketAddr::new(*server, network::NAME_PORT)),
        names: names(scope),
        system,
        wait: WAIT,
    };
    if plan.names.is_empty() {
        return Err(ProbeError::unsupported("there is no name to look for"));
    }
    Ok(NameService {
        lookups: look_up(&plan),
    })
}

/// Whom to ask for what.
struct Plan {
    configured: Vec<SocketAddr>,
    public: Option<SocketAddr>,
    names: Vec<String>,
    /// How the system itself looks.
    system: fn(&str) -> Result<(), String>,
    wait: Duration,
}

/// A name for ever, and the first site people work with. Addresses are no names.
fn names(scope: &Scope) -> Vec<String> {
    let site = scope.sites.first().map(|site| dial::host_and_port(site, 0).0);
    let mut names = vec![scope.control_name.as_str()];
    names.extend(site.filter(|site| *site != scope.control_name));
    names
        .into_iter()
        .filter(|name| !name.is_empty() && name.parse::<IpAddr>().is_err())
        .map(str::to_owned)
        .collect()
}

fn look_up(plan: &Plan) -> Vec<Lookup> {
    let configured = plan
        .configured
        .iter()
        .take(MOST_SERVERS)
        .map(|server| (Some(*server), true));
    let known = |server: &SocketAddr| plan.configured.contains(server);
    let public = plan
        .public
        .filter(|server| !known(server))
        .map(|server| (Some(server), false));
    let asked: Vec<_> = configured
        .chain(public)
        .chain([(None, true)])
        .flat_map(|(server, configured)| {
            plan.names
                .iter()
                .map(move |name| (server, configured, name.clone()))
        })
        .collect();
    let (wait, system) = (plan.wait, plan.system);
    let questions = asked
        .iter()
        .cloned()
        .map(|(server, _, name)| -> Question<_> {
            Box::new(move || {
                let began = Instant::now();
                let said = match server {
                    Some(server) => question::ask(server, &name, wait),
                    None => system(&name),
                };
                (said, began.elapsed())
            })
        })
        .collect();
    dial::all(wait, questions)
        .into_iter()
        .zip(asked)
        .map(|(answer, (server, configured, name))| {
            let silent = || (Err(format!("no answer within {}", in_words(wait))), wait);
            let (said, took) = answer.unwrap_or_else(silent);
            let answered = !matches!(&said, Err(note) if note.starts_with(NO_ANSWER));
            Lookup {
                server: server.map_or_else(|| SYSTEM.to_owned(), |server| server.ip().to_string()),
                configured,
                name: line(&name),
                found: said.is_ok(),
                ms: answered.then_some(dial::tenths(took)),
                note: said.err().unwrap_or_default(),
            }
        })
        .collect()
}

/// How the note of a server that kept silent begins.
const NO_ANSWER: &str = "no answer";

/// In the system's own way. It tells nobody why it fails.
fn system(name: &str) -> Result<(), String> {
    match (name, 0).to_socket_addrs() {
        Ok(mut addresses) => addresses.next().map(drop).ok_or_else(|| "no address".to_owned()),
        Err(_) => Err("not found".to_owned()),
    }
}

#[cfg(test)]
mod tests;
