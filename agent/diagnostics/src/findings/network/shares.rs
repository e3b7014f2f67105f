//! Servers of drives and printers that do not answer. One finding per server, with everything that hangs on it.

use super::{listed, problem, warning};
use helpbell_model::report::{Finding, Share};

/// Findings about servers. Where more are dead, it is the way to all of them.
const MOST: usize = 4;

pub(super) fn findings(shares: &[Share]) -> Vec<Finding> {
    let dead = |share: &&Share| share.reachable == Some(false);
    let mut servers: Vec<&str> = Vec::new();
    for share in shares.iter().filter(dead) {
        if !servers.contains(&share.server.as_str()) {
            servers.push(&share.server);
        }
    }
    let about = |server: &&str| {
        let of_server: Vec<&Share> = shares
            .iter()
            .filter(dead)
            .filter(|share| share.server == **server)
            .collect();
        finding(server, &of_server)
    };
    servers.iter().take(MOST).filter_map(about).collect()
}

fn finding(server: &str, shares: &[&Share]) -> Option<Finding> {
    let first = shares.first()?;
    let names: Vec<&str> = shares.iter().map(|share| share.local.as_str()).collect();
    let names = listed(&names);
    let says = if first.note.is_empty() {
        "does not answer"
    } else {
        &first.note
    };
    // The note is about the name, not about the server.
    let says = match says.strip_prefix("its name ") {
        Some(rest) => format!("The name of the server {server} {rest}"),
        None => format!("The server {server} {says}"),
    };
    Some(if shares.iter().all(|share| share.kind == "printer") {
        let title = format!("{says}, so printing to {names} fails");
        warning(title, "The printer or its server is off, or in another network.")
    } else {
        let title = format!("{says}, so {names} cannot be used");
        let detail = "The server is off, or reached by VPN only. Programs that touch it hang, the file manager among them.";
        problem(title, detail)
    })
}
