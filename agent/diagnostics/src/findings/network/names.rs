//! Name servers that keep silent, are slow, or do not find what others do.

use super::{listed, problem, warning};
use helpbell_model::report::{Finding, Lookup, NameService};

/// Milliseconds per name that people notice: a page asks for dozens.
const SLOW: f64 = 500.0;
/// How the machine's own way is called.
const SYSTEM: &str = "system";

pub(super) fn findings(names: Option<&NameService>) -> Vec<Finding> {
    let Some(names) = names else {
        return Vec::new();
    };
    let servers = servers(&names.lookups);
    let configured: Vec<&Server<'_>> = servers
        .iter()
        .filter(|server| server.configured && server.name != SYSTEM)
        .collect();
    let public = servers.iter().find(|server| !server.configured);
    let system_finds = servers
        .iter()
        .any(|server| server.name == SYSTEM && server.finds_all());
    let (answering, silent): (Vec<&Server<'_>>, Vec<&Server<'_>>) =
        configured.into_iter().partition(|server| !server.is_silent());
    let silent: Vec<&str> = silent.iter().map(|server| server.name).collect();
    let mut found = Vec::new();
    if !silent.is_empty() {
        let all = answering.is_empty() && !system_finds;
        found.push(if all {
            dead(&silent, public)
        } else {
            let title = format!("The DNS server {} does not answer, others do", listed(&silent));
            let detail = "Programs wait for it for seconds before they ask the next one: pages open slowly.";
            warning(title, detail)
        });
        if all {
            return found;
        }
    }
    found.extend(answering.iter().filter_map(|server| slow(server)));
    found.extend(missing(&answering, public));
    if found.is_empty() && !system_finds {
        found.extend(own_way(&servers, &answering));
    }
    found
}

/// One server with everything it was asked.
struct Server<'a> {
    name: &'a str,
    configured: bool,
    lookups: Vec<&'a Lookup>,
}

impl Server<'_> {
    fn is_silent(&self) -> bool {
        self.lookups.iter().all(|lookup| lookup.ms.is_none())
    }

    fn finds_all(&self) -> bool {
        self.lookups.iter().all(|lookup| lookup.found)
    }

    fn lookup(&self, name: &str) -> Option<&Lookup> {
        self.lookups.iter().copied().find(|lookup| lookup.name == name)
    }
}

fn servers(lookups: &[Lookup]) -> Vec<Server<'_>> {
    let mut servers: Vec<Server<'_>> = Vec::new();
    for lookup in lookups {
        match servers.iter_mut().find(|server| server.name == lookup.server) {
            Some(server) => server.lookups.push(lookup),
            None => servers.push(Server {
                name: &lookup.server,
                configured: lookup.configured,
                lookups: vec![lookup],
            }),
        }
    }
    servers
}

fn dead(silent: &[&str], public: Option<&Server<'_>>) -> Finding {
    let title = match silent {
        [one] => format!("The DNS server {one} does not answer"),
        several => format!("No DNS server answers: {}", listed(several)),
    };
    let detail = match public.filter(|public| !public.is_silent()) {
        Some(public) => format!(
            "No name is found, so web and mail fail. {} on the internet does answer: it is these servers, not the line.",
            public.name
        ),
        None => "No name is found, so web and mail fail although the line is up.".to_owned(),
    };
    problem(title, detail)
}

fn slow(server: &Server<'_>) -> Option<Finding> {
    let fastest = server
        .lookups
        .iter()
        .filter_map(|lookup| lookup.ms)
        .min_by(f64::total_cmp)?;
    (fastest >= SLOW).then(|| {
        let title = format!("The DNS server {} takes {fastest:.0} ms for a name", server.name);
        warning(title, "A page asks for dozens of names; everything opens slowly.")
    })
}

/// The first name that none of the machine's servers finds, though they answer.
fn missing(answering: &[&Server<'_>], public: Option<&Server<'_>>) -> Option<Finding> {
    let first = answering.first()?;
    let by_all = |name: &str| {
        answering
            .iter()
            .all(|server| server.lookup(name).is_some_and(|lookup| !lookup.found))
    };
    let lookup = first.lookups.iter().find(|lookup| by_all(&lookup.name))?;
    let name = &lookup.name;
    let elsewhere = public
        .and_then(|public| public.lookup(name))
        .filter(|lookup| lookup.found);
    Some(match elsewhere {
        Some(elsewhere) => {
            let title = format!(
                "{name} is not found by {}, but by {}",
                lookup.server, elsewhere.server
            );
            problem(
                title,
                format!(
                    "Asked for it, {}. A filter, an own zone of that name, or a server that has lost its way out.",
                    said(lookup)
                ),
            )
        }
        None => {
            let title = format!("The DNS server {} does not find {name}", lookup.server);
            problem(
                title,
                format!(
                    "Asked for it, {}. Web and mail fail where this name is needed.",
                    said(lookup)
                ),
            )
        }
    })
}

fn said(lookup: &Lookup) -> &str {
    if lookup.note.is_empty() {
        "it did not find it"
    } else {
        &lookup.note
    }
}

/// The servers find what the system does not.
fn own_way(servers: &[Server<'_>], answering: &[&Server<'_>]) -> Option<Finding> {
    let system = servers.iter().find(|server| server.name == SYSTEM)?;
    let lost = system.lookups.iter().find(|lookup| {
        let by_server = |server: &&Server<'_>| server.lookup(&lookup.name).is_some_and(|lookup| lookup.found);
        !lookup.found && answering.iter().any(by_server)
    })?;
    let title = format!("Programs do not find {}, although the DNS server does", lost.name);
    let detail = "Something on this computer stands between: the hosts file, the DNS service, a VPN or a security program.";
    Some(warning(title, detail))
}
