//! A real Request Tracker 5, from the packages of Debian and Ubuntu.
//!
//! Each instance has its own configuration, its own copy of a seeded SQLite database and its own folder for everything
//! else, and is gone without a trace when dropped. Mail that it would send is kept in its folder.
//!
//! ```text
//! RequestTracker ──starts──► rt-server (Starlet) on 127.0.0.1:PORT/rt
//!   │                           │
//!   └ temporary folder:  site.pm  rt.sqlite  mail/  mason/  sessions/
//! ```
//!
//! The world: the queues General and Service Desk; the custom fields Hostname (every queue) and Category (Service Desk:
//! Hardware, Software, Network); Maria Rossi and Paolo Bianchi, who may see and answer their own tickets; Lars Berg, a
//! technician; `helpbell`, with the rights that the guide asks for; the assets PC-7 and, twice, PC-8.

mod client;
mod look;
mod server;

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;
use tokio::sync::OnceCell;

use crate::seen::Seen;
use client::Client;
use server::Server;

pub use server::is_installed;

/// How an instance shall be.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// TCP port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// Statements that change the world before it starts; `world.pl` says in which words.
    pub changes: String,
    /// Further lines for RT's own configuration, such as `Set($MaxAttachmentSize, 1000);`.
    pub site: String,
}

/// What an operator pastes.
#[derive(Debug, Clone, Serialize)]
pub struct Settings {
    /// The address of RT.
    pub server: String,
    /// Token of the user `helpbell`.
    pub token: String,
    /// The same user with its password.
    pub password: String,
}

/// A running Request Tracker.
#[derive(Debug)]
pub struct RequestTracker {
    server: Server,
    tokens: Vec<(String, String)>,
}

impl RequestTracker {
    /// Starts one. The database is made once per process, which takes some ten seconds.
    ///
    /// # Errors
    /// If the packages are missing, or what they brought does not run.
    pub async fn start(config: Config) -> Result<Self> {
        let seeded = seeded().await?;
        let server = Server::prepare(config.port, &config.site)?;
        std::fs::write(server.database(), &seeded.database).context("write the database")?;
        if !config.changes.is_empty() {
            server.run(&config.changes).await?;
        }
        let server = server.start().await?;
        Ok(Self {
            server,
            tokens: seeded.tokens.clone(),
        })
    }

    /// `127.0.0.1:1234`.
    #[must_use]
    pub fn address(&self) -> String {
        self.server.address()
    }

    /// What an operator pastes.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            server: format!("http://{}/rt", self.address()),
            token: self.token("helpbell").to_owned(),
            password: "helpbell:helpbell-password".to_owned(),
        }
    }

    /// A user's token.
    #[must_use]
    pub fn token(&self, user: &str) -> &str {
        let known = self.tokens.iter().find(|(name, _)| name == user);
        known.map_or("", |(_, token)| token.as_str())
    }

    /// Changes the world while it runs; `world.pl` says in which words. Gives what the statements print.
    ///
    /// # Errors
    /// What Perl says.
    pub async fn change(&self, statements: &str) -> Result<String> {
        self.server.run(statements).await
    }

    /// The mails that would have been sent, as they are, in no order.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn mails(&self) -> Result<Vec<String>> {
        self.server.mails()
    }

    /// The numbers of all tickets, lowest first.
    ///
    /// # Errors
    /// If RT does not answer.
    pub async fn tickets(&self) -> Result<Vec<String>> {
        look::tickets(&self.client("root")).await
    }

    /// What is there of a ticket: as root has it, beside what the person who asked sees and may download.
    ///
    /// # Errors
    /// If RT does not answer, or there is no such ticket.
    pub async fn seen(&self, ticket: &str) -> Result<Seen> {
        let person = |user: &str| Some(self.client(user)).filter(|_| !self.token(user).is_empty());
        look::seen(&self.client("root"), person, ticket).await
    }

    /// Writes something on a ticket as somebody: `correspond` for what the person shall see, `comment` for what they
    /// shall not, with RT's own members such as `Attachments`.
    ///
    /// # Errors
    /// If RT does not take it.
    pub async fn write(&self, user: &str, ticket: &str, how: &str, body: &serde_json::Value) -> Result<()> {
        let path = format!("/ticket/{ticket}/{how}");
        self.client(user).post(&path, body).await?.created()
    }

    /// Files a ticket as somebody and gives its number.
    ///
    /// # Errors
    /// If RT does not take it.
    pub async fn file(&self, user: &str, ticket: &serde_json::Value) -> Result<String> {
        let answer = self.client(user).post("/ticket", ticket).await?;
        let id = answer
            .json()?
            .get("id")
            .and_then(|id| id.as_str().map(str::to_owned));
        id.with_context(|| format!("file a ticket: {answer:?}"))
    }

    /// The folder that holds everything of this instance.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.server.folder()
    }

    fn client(&self, user: &str) -> Client {
        Client::new(self.address(), self.token(user).to_owned())
    }
}

/// A database with the world in it.
struct Seeded {
    database: Vec<u8>,
    tokens: Vec<(String, String)>,
}

/// The database, made once per process and kept in memory, so that nothing of it is left.
async fn seeded() -> Result<&'static Seeded> {
    static SEEDED: OnceCell<Seeded> = OnceCell::const_new();
    SEEDED
        .get_or_try_init(|| async {
            let server = Server::prepare(0, "")?;
            server.make_database().await?;
            let told = server.run(include_str!("seed.pl")).await?;
            let tokens = told
                .lines()
                .filter_map(|line| line.split_once(' '))
                .map(|(name, token)| (name.to_owned(), token.to_owned()));
            Ok(Seeded {
                tokens: tokens.collect(),
                database: std::fs::read(server.database()).context("read the database")?,
            })
        })
        .await
}
