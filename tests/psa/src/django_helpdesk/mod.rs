//! The real django-helpdesk, from its own packages, on a free port and a database of its own.
//!
//! | folder | holds |
//! |---|---|
//! | `target/psa/django-helpdesk-…` | its packages, its site and the database it begins with; made once ([`install`]) |
//! | a temporary one | the database, files and mail of one desk; gone with it |
//!
//! ```no_run
//! # async fn example() -> Result<(), psa_sandbox::django_helpdesk::DjangoHelpdeskError> {
//! use psa_sandbox::django_helpdesk::{DjangoHelpdesk, Options};
//!
//! let desk = DjangoHelpdesk::start(Options::default()).await?;
//! println!("{} {}", desk.address(), desk.key());
//! // … drive a client …
//! assert!(desk.seen("2").await?.notes.iter().all(|note| note.private));
//! # Ok(()) }
//! ```

mod install;

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};

pub use install::install;

use crate::seen::Seen;

/// Whom Helpbell signs in as. A colon in the password is allowed, and clients must cope.
const KEY: &str = "helpbell:desk:secret-1";

/// It takes two seconds on an idle machine, and tens beside a compiler.
const STARTS_WITHIN: Duration = Duration::from_secs(120);

/// Why the desk could not do what was asked of it.
#[derive(Debug, thiserror::Error)]
#[error("{doing}: {why}")]
pub struct DjangoHelpdeskError {
    doing: String,
    why: String,
}

impl DjangoHelpdeskError {
    fn new(doing: impl Into<String>, why: impl std::fmt::Display) -> Self {
        Self {
            doing: doing.into(),
            why: why.to_string(),
        }
    }
}

/// How a desk is set up.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// 0 takes any free port.
    pub port: u16,
    /// Where it tells of new tickets and follow-ups.
    pub webhook: Option<String>,
    /// File endings it takes; none for the stock list.
    pub extensions: Option<String>,
    /// The setting that mails everything to the person who asked, private follow-ups too.
    pub mail_everything: bool,
}

/// A desk. Ends when dropped.
#[derive(Debug)]
pub struct DjangoHelpdesk {
    // Its standard input stays open as long as this process lives, however it ends.
    _stdin: ChildStdin,
    _process: Child,
    data: TempDir,
    python: std::path::PathBuf,
    site: std::path::PathBuf,
    address: String,
}

impl DjangoHelpdesk {
    /// Starts one, with the packages installed first where they are not yet.
    ///
    /// # Errors
    /// If they cannot be installed, or the server does not start.
    pub async fn start(options: Options) -> Result<Self, DjangoHelpdeskError> {
        let folder = tokio::task::spawn_blocking(install)
            .await
            .map_err(|error| DjangoHelpdeskError::new("install django-helpdesk", error))??;
        let starting = |error: std::io::Error| DjangoHelpdeskError::new("start django-helpdesk", error);
        let data = tempfile::Builder::new()
            .prefix("django-helpdesk-")
            .tempdir()
            .map_err(starting)?;
        std::fs::copy(install::seed(&folder), data.path().join("desk.sqlite3")).map_err(starting)?;
        let (python, site) = (install::python(&folder), install::site(&folder));
        let mut command = at_site(&python, &site, data.path());
        command
            .arg("serve.py")
            .arg(options.port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(data.path().join("log")).map_err(starting)?)
            .kill_on_drop(true);
        if let Some(webhook) = &options.webhook {
            command
                .env("HELPDESK_NEW_TICKET_WEBHOOK_URLS", webhook)
                .env("HELPDESK_FOLLOWUP_WEBHOOK_URLS", webhook);
        }
        if let Some(extensions) = &options.extensions {
            command.env("HELPDESK_EXTENSIONS", extensions);
        }
        if options.mail_everything {
            command.env("HELPDESK_MAIL_EVERYTHING", "1");
        }
        let mut process = command.spawn().map_err(starting)?;
        let missing = || DjangoHelpdeskError::new("start django-helpdesk", "its streams are missing");
        let stdin = process.stdin.take().ok_or_else(missing)?;
        let mut said = BufReader::new(process.stdout.take().ok_or_else(missing)?).lines();
        let port = tokio::time::timeout(STARTS_WITHIN, said.next_line())
            .await
            .map_err(|error| DjangoHelpdeskError::new("start django-helpdesk", error))?
            .map_err(starting)?
            .ok_or_else(|| {
                let log = std::fs::read_to_string(data.path().join("log")).unwrap_or_default();
                DjangoHelpdeskError::new("start django-helpdesk", log)
            })?;
        Ok(Self {
            _stdin: stdin,
            _process: process,
            address: format!("http://127.0.0.1:{}", port.trim()),
            data,
            python,
            site,
        })
    }

    /// Where it is: the setting `server`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// User and password of its staff user for Helpbell: the secret `api-key`.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        KEY
    }

    /// What it holds of a ticket: as staff see it, and as the person who asked does.
    ///
    /// # Errors
    /// If there is no such ticket.
    pub async fn seen(&self, ticket: &str) -> Result<Seen, DjangoHelpdeskError> {
        self.ask(&["seen", ticket]).await
    }

    /// The ids of all tickets, oldest first; 1 is there from the beginning.
    ///
    /// # Errors
    /// If the desk does not answer.
    pub async fn tickets(&self) -> Result<Vec<String>, DjangoHelpdeskError> {
        self.ask(&["tickets"]).await
    }

    /// The agent Agnes answers publicly; gives the follow-up's number.
    ///
    /// # Errors
    /// If the desk refuses it.
    pub async fn reply(&self, ticket: &str, text: &str) -> Result<u64, DjangoHelpdeskError> {
        self.ask(&["reply", ticket, text]).await
    }

    /// The texts of all mails that went to a person, oldest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn mails_to(&self, person: &str) -> Result<Vec<String>, DjangoHelpdeskError> {
        self.ask(&["mails", person]).await
    }

    async fn ask<T: DeserializeOwned>(&self, arguments: &[&str]) -> Result<T, DjangoHelpdeskError> {
        let doing = || format!("ask django-helpdesk for {}", arguments.join(" "));
        let output = at_site(&self.python, &self.site, self.data.path())
            .arg("witness.py")
            .arg(&self.address)
            .arg(self.data.path())
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(|error| DjangoHelpdeskError::new(doing(), error))?;
        if !output.status.success() {
            return Err(DjangoHelpdeskError::new(
                doing(),
                String::from_utf8_lossy(&output.stderr),
            ));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| DjangoHelpdeskError::new(doing(), error))
    }
}

/// A program of the site's, with nothing of the caller's Python or proxies.
fn at_site(python: &Path, site: &Path, data: &Path) -> Command {
    let mut command = Command::new(python);
    command
        .current_dir(site)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LANG", "C.UTF-8")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("HELPDESK_DATA", data);
    command
}
