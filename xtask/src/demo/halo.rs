//! The local Halo of a demo: started, asked, waited for.

use crate::{
    process::{self, Running},
    show::cured,
};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

/// A server on the loopback interface answers at once; one that has not done so by then never will.
const ANSWER: Duration = Duration::from_secs(30);

/// A running local Halo. It ends with this value.
pub(super) struct Halo {
    running: Running,
    /// Setting `resource-server`.
    resource_server: String,
    /// Setting `authorisation-server`.
    authorisation_server: String,
    /// The secret.
    pub(super) api_key: String,
    /// Address of the help desk page; ends in `/`.
    pub(super) page: String,
    /// Address of what it holds, as JSON.
    pub(super) ledger: String,
}

impl Halo {
    /// Starts it and waits for the line in which it tells its settings: it listens by then.
    pub(super) fn start(program: &Path, port: u16, seed: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["halo", "--json", "--port", &port.to_string()]);
        command.arg("--seed").arg(seed);
        let mut running = process::start(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
        let told = running
            .0
            .stdout
            .take()
            .context("failed to listen to the local Halo")?;
        let mut line = String::new();
        BufReader::new(told)
            .read_line(&mut line)
            .context("failed to listen to the local Halo")?;
        let Ok(settings) = serde_json::from_str::<Value>(&line) else {
            // Why stands above, in its own words.
            let cure = "give a port that nothing listens on with --port, or leave it out";
            return Err(cured("failed to start the local Halo", cure));
        };
        let text = |name: &str| {
            let value = settings.get(name).and_then(Value::as_str);
            value
                .map(str::to_owned)
                .with_context(|| format!("failed to start the local Halo: it tells no `{name}`"))
        };
        Ok(Self {
            running,
            resource_server: text("resource_server")?,
            authorisation_server: text("authorisation_server")?,
            api_key: text("api_key")?,
            page: text("page")?,
            ledger: text("ledger")?,
        })
    }

    /// The connector's settings by name.
    pub(super) fn settings(&self) -> [(&'static str, &str); 3] {
        [
            ("hosting", "hosted"),
            ("resource-server", &self.resource_server),
            ("authorisation-server", &self.authorisation_server),
        ]
    }

    /// What it holds, and what was done to it.
    pub(super) fn ledger(&self) -> Result<Value> {
        let body = get(&self.ledger).with_context(|| format!("failed to read {}", self.ledger))?;
        serde_json::from_str(&body).with_context(|| format!("failed to read {}: it is no JSON", self.ledger))
    }

    /// Waits until it ends, which Ctrl+C makes it do.
    pub(super) fn wait(&mut self) -> Result<()> {
        let status = self
            .running
            .0
            .wait()
            .context("failed to wait for the local Halo")?;
        if status.success() {
            return Ok(());
        }
        bail!("the local Halo ended by itself ({status})")
    }
}

/// One GET of a plain address. The workshop has no HTTP client, and HTTP/1.0 takes none: the answer ends with the
/// connection.
fn get(address: &str) -> Result<String> {
    let rest = address
        .strip_prefix("http://")
        .context("it is no plain http address")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host).context("nothing listens there")?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.write_all(format!("GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    body(&answer).map(str::to_owned)
}

fn body(answer: &str) -> Result<&str> {
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .context("the answer is not complete")?;
    let status = head.lines().next().unwrap_or_default();
    if status.split(' ').nth(1) != Some("200") {
        bail!("the answer is {status:?}");
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_of_a_good_answer_is_what_follows_its_head() {
        assert_eq!(
            body("HTTP/1.0 200 OK\r\na: b\r\n\r\n{}\r\n\r\n").unwrap(),
            "{}\r\n\r\n"
        );
    }

    #[test]
    fn any_other_answer_is_an_error_that_tells_its_status() {
        let error = body("HTTP/1.0 404 Not Found\r\n\r\nx").unwrap_err();
        assert!(error.to_string().contains("404"), "{error}");
        assert!(body("HTTP/1.0 200 OK\r\n").is_err());
    }

    #[test]
    fn an_address_is_asked_with_one_request() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/_sandbox/ledger", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = BufReader::new(stream.try_clone().unwrap());
            let mut first = String::new();
            request.read_line(&mut first).unwrap();
            stream
                .write_all(b"HTTP/1.0 200 OK\r\n\r\n{\"tickets\":[]}")
                .unwrap();
            first
        });
        assert_eq!(get(&address).unwrap(), "{\"tickets\":[]}");
        assert_eq!(server.join().unwrap(), "GET /_sandbox/ledger HTTP/1.0\r\n");
    }
}
