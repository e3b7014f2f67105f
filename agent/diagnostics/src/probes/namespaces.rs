//! The network's probes on machines whose network is really broken: each test makes a network namespace of the kernel's,
//! breaks it, and runs itself once more inside. That takes root, and `ip`; without, a test says so and passes.
//!
//! ```text
//! client 10.99.0.2 ──── veth ──── router 10.99.0.1, and 192.0.2.53 behind it
//! ```

use super::all;
use crate::{findings, scope::Scope};
use helpbell_model::report::{Area, Finding, Machine, Severity};
use jiff::Timestamp;
use std::{
    env,
    net::IpAddr,
    process::Command,
    time::{Duration, Instant},
};

/// Tells the inner run which test it is.
const INSIDE: &str = "HELPBELL_TEST_NAMESPACE";
/// What the network's probes take beyond their limit on a busy machine.
const GRACE: Duration = Duration::from_secs(2);
/// The host on the internet of these tests.
const PUBLIC: &str = "192.0.2.53";

/// The two namespaces of one test, gone when it ends.
struct Namespaces {
    client: String,
    router: String,
}

impl Namespaces {
    /// `None` without the right to make any, or without the programs.
    fn new(test: &str) -> Option<Self> {
        let made = Self {
            client: format!("helpbell-{}-{test}-c", std::process::id()),
            router: format!("helpbell-{}-{test}-r", std::process::id()),
        };
        let both = [&made.client, &made.router]
            .into_iter()
            .all(|name| run(&["ip", "netns", "add", name]));
        both.then_some(made)
    }

    /// Runs a command in the client's namespace, which must succeed.
    fn client(&self, command: &str) {
        self.inside(&self.client, command);
    }

    fn router(&self, command: &str) {
        self.inside(&self.router, command);
    }

    fn inside(&self, namespace: &str, command: &str) {
        let words: Vec<&str> = ["ip", "netns", "exec", namespace]
            .into_iter()
            .chain(command.split(' '))
            .collect();
        assert!(run(&words), "{command}");
    }

    /// The cable, and everybody's right to send echoes.
    fn connect(&self) {
        assert!(run(&[
            "ip",
            "link",
            "add",
            "uplink",
            "netns",
            &self.client,
            "type",
            "veth",
            "peer",
            "name",
            "house",
            "netns",
            &self.router,
        ]));
        assert!(run(&[
            "ip",
            "netns",
            "exec",
            &self.client,
            "sysctl",
            "-qw",
            "net.ipv4.ping_group_range=0 2147483647",
        ]));
        self.client("ip address add 10.99.0.2/24 dev uplink");
        self.client("ip link set lo up");
        self.client("ip link set uplink up");
        self.router("ip link set house up");
        self.client("ip route add default via 10.99.0.1");
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        for name in [&self.client, &self.router] {
            run(&["ip", "netns", "delete", name]);
        }
    }
}

fn run(words: &[&str]) -> bool {
    let output = Command::new(words[0]).args(&words[1..]).output();
    output.is_ok_and(|output| output.status.success())
}

/// In the outer run: makes the namespaces, lets `breaks` break them, and runs the test again in the client's. In the
/// inner run: what is found there.
fn broken(test: &str, breaks: impl FnOnce(&Namespaces) -> bool) -> Option<Vec<Finding>> {
    if env::var(INSIDE).is_ok_and(|inside| inside == test) {
        return Some(found());
    }
    let Some(namespaces) = Namespaces::new(test) else {
        eprintln!("skipped: no right to make network namespaces");
        return None;
    };
    if !breaks(&namespaces) {
        eprintln!("skipped: iptables is not installed");
        return None;
    }
    let path = format!("{}::{test}", module_path!().split_once("::").unwrap().1);
    let output = Command::new("ip")
        .args(["netns", "exec", &namespaces.client])
        .arg(env::current_exe().unwrap())
        .args(["--exact", &path, "--nocapture"])
        .env(INSIDE, test)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains("1 passed"), "{said}");
    None
}

/// Asks the probes of the network side by side, each within its limit, and tells what they mean.
fn found() -> Vec<Finding> {
    let scope = Scope {
        public_servers: vec![PUBLIC.parse::<IpAddr>().unwrap()],
        ..Scope::default()
    };
    let asked: Vec<_> = all(&scope)
        .into_iter()
        .filter(|probe| probe.area == Area::Network)
        .map(|probe| {
            let scope = scope.clone();
            std::thread::spawn(move || {
                let began = Instant::now();
                let answer = (probe.ask)(&scope);
                let took = began.elapsed();
                assert!(took < probe.hard + GRACE, "{} took {took:?}", probe.name);
                (probe.name, answer)
            })
        })
        .collect();
    let mut machine = Machine::default();
    for asked in asked {
        match asked.join().unwrap() {
            (_, Ok(part)) => part.put_into(&mut machine),
            (name, Err(error)) => println!("{name}: {error}"),
        }
    }
    println!("{}", serde_json::to_string_pretty(&machine).unwrap());
    findings::about(&machine, Timestamp::now())
}

fn titles(found: &[Finding]) -> Vec<&str> {
    found.iter().map(|finding| finding.title.as_str()).collect()
}

#[test]
fn no_network_at_all_is_said_once() {
    if let Some(found) = broken("no_network_at_all_is_said_once", |_| true) {
        assert_eq!(titles(&found), ["Not connected to any network"]);
    }
}

#[test]
fn a_dead_gateway_is_said_once() {
    let broken = broken("a_dead_gateway_is_said_once", |namespaces| {
        // The cable is in, but nobody has the gateway's address.
        namespaces.connect();
        true
    });
    if let Some(found) = broken {
        assert_eq!(
            titles(&found),
            ["The gateway 10.99.0.1 does not answer, and neither does the internet"]
        );
    }
}

#[test]
fn a_dead_line_behind_a_living_gateway_is_said_once() {
    let broken = broken("a_dead_line_behind_a_living_gateway_is_said_once", |namespaces| {
        namespaces.connect();
        namespaces.router("ip address add 10.99.0.1/24 dev house");
        true
    });
    if let Some(found) = broken {
        assert_eq!(
            titles(&found),
            ["The internet does not answer, but the gateway 10.99.0.1 does"]
        );
    }
}

#[test]
fn a_lossy_gateway_is_told_with_its_loss() {
    let broken = broken("a_lossy_gateway_is_told_with_its_loss", |namespaces| {
        namespaces.connect();
        namespaces.router("ip address add 10.99.0.1/24 dev house");
        namespaces.router("ip address add 192.0.2.53/32 dev lo");
        namespaces.router("ip link set lo up");
        let drop =
            "iptables -A INPUT -p icmp -d 10.99.0.1 -m statistic --mode nth --every 2 --packet 0 -j DROP";
        run(&["iptables", "--version"]) && {
            namespaces.router(drop);
            true
        }
    });
    if let Some(found) = broken {
        let lossy = found
            .iter()
            .find(|finding| finding.title.contains("get lost"))
            .unwrap();
        assert_eq!(lossy.severity, Severity::Warning);
        // Every second of five, and it may begin with either.
        assert!(
            ["2", "3"].iter().any(
                |lost| lossy.title == format!("{lost} of 5 echoes from the gateway (10.99.0.1) get lost")
            ),
            "{lossy:?}"
        );
    }
}
