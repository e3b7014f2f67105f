//! Every connector against the server it was written for: the program `helpbell`, the connector's component and the
//! real PSA, started by `psa_sandbox` on data of its own. One file of `tests/` per PSA; this library is what the tests
//! of all of them share.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this crate is only used by tests, where a step that fails must stop the test"
)]

use futures::future::{BoxFuture, FutureExt as _};
use helpbell_conformance::{Person, Seen, Subject, Witness};
use helpbell_end_to_end::{Desk, built, compiled::compiled, world};
use helpbell_sandbox::{NetworkGrant, Sandbox, Transport};
use psa_sandbox::{django_helpdesk, redmine, request_tracker, seen};
use secrecy::SecretString;
use std::sync::Arc;

/// A connector that is tried against its PSA.
pub struct Trial {
    /// Its id.
    pub connector: &'static str,
    /// What it is written in.
    pub language: &'static str,
    /// As people know the PSA, with what was tried.
    pub psa: &'static str,
    /// Whether the PSA is the vendor's own program.
    pub real: bool,
    settings: Vec<(String, String)>,
    key: String,
    defaults: Vec<(String, String)>,
    witness: Arc<dyn Witness>,
}

impl Trial {
    /// All connectors, each with a server of its own that lives as long as the witness.
    pub async fn all() -> [Self; 4] {
        [
            halo().await,
            request_tracker().await,
            django_helpdesk().await,
            redmine().await,
        ]
    }

    /// What is tried.
    pub async fn subject(&self) -> Subject {
        let blank = subject(self.connector).await;
        let slot = blank.connector.description().secrets[0].name.clone();
        Subject {
            settings: self.settings.clone(),
            secrets: vec![(slot, SecretString::from(self.key.clone()))],
            defaults: self.defaults.clone(),
            ..blank
        }
    }

    /// A computer on which `helpbell init` has been run for it.
    pub async fn desk(&self) -> Desk {
        let desk = Desk::knowing(self.connector).await;
        desk.init_connector(
            self.connector,
            &self.settings,
            &self.defaults,
            &["--key-stdin"],
            &self.key,
        )
        .await
        .expect(0);
        desk
    }

    /// Who looks at its tickets.
    #[must_use]
    pub fn witness(&self) -> Arc<dyn Witness> {
        Arc::clone(&self.witness)
    }
}

/// All connectors by their ids.
pub const CONNECTORS: [&str; 4] = ["halo", "request-tracker", "django-helpdesk", "redmine"];

/// A connector without settings, as it is tried against a recording.
pub async fn subject(connector: &str) -> Subject {
    let sandbox = Sandbox::new(Some(compiled(connector).await)).unwrap();
    Subject {
        connector: sandbox.load(&built::connector(connector)).await.unwrap(),
        settings: vec![],
        secrets: vec![],
        defaults: vec![],
        person: Person {
            name: "Maria Rossi".into(),
            email: "maria.rossi@bianchi.example".into(),
        },
        network: NetworkGrant {
            allow_http: true,
            allow_addresses: vec!["127.0.0.1/32".parse().unwrap()],
        },
        transport: Transport::direct(),
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

async fn halo() -> Trial {
    let halo = world::halo(psa_sandbox::halo::Seed::default()).await;
    let shown = halo.settings();
    Trial {
        connector: "halo",
        language: "Rust",
        psa: "HaloPSA (the local one)",
        real: false,
        settings: pairs(&[
            ("hosting", "hosted"),
            ("resource-server", &shown.resource_server),
            ("authorisation-server", &shown.authorisation_server),
        ]),
        key: shown.api_key,
        defaults: pairs(&[("team", "1st Line Support")]),
        witness: By::asking(halo, |halo, ticket| {
            async move {
                halo.seen(&ticket)
                    .ok_or_else(|| format!("there is no ticket {ticket}"))
            }
            .boxed()
        }),
    }
}

async fn request_tracker() -> Trial {
    let desk = request_tracker::RequestTracker::start(request_tracker::Config::default())
        .await
        .unwrap();
    let shown = desk.settings();
    Trial {
        connector: "request-tracker",
        language: "Rust",
        psa: "Request Tracker 5.0.3",
        real: true,
        settings: pairs(&[("server", &shown.server)]),
        key: shown.token,
        defaults: pairs(&[("queue", "General")]),
        witness: By::asking(desk, |desk, ticket| {
            async move { desk.seen(&ticket).await.map_err(|error| format!("{error:#}")) }.boxed()
        }),
    }
}

async fn django_helpdesk() -> Trial {
    let desk = django_helpdesk::DjangoHelpdesk::start(django_helpdesk::Options::default())
        .await
        .unwrap();
    Trial {
        connector: "django-helpdesk",
        language: "Python",
        psa: "django-helpdesk 2.6.1",
        real: true,
        settings: pairs(&[("server", desk.address()), ("queue", "General")]),
        key: desk.key().to_owned(),
        defaults: vec![],
        witness: By::asking(desk, |desk, ticket| {
            async move { desk.seen(&ticket).await.map_err(|error| format!("{error:#}")) }.boxed()
        }),
    }
}

async fn redmine() -> Trial {
    let redmine = redmine::Redmine::start().await.unwrap();
    let world = redmine.world().clone();
    Trial {
        connector: "redmine",
        language: "JavaScript",
        psa: "Redmine 5.0.4",
        real: true,
        settings: pairs(&[
            ("server", &world.server),
            ("project", "Help Desk"),
            ("report-project", &world.reports),
        ]),
        // Redmine lets only administrators look for people by address.
        key: world.admin_key,
        defaults: vec![],
        witness: By::asking(redmine, |redmine, ticket| {
            async move { redmine.seen(&ticket).await.map_err(|error| format!("{error:#}")) }.boxed()
        }),
    }
}

type Ask<Server> = fn(Arc<Server>, String) -> BoxFuture<'static, Result<seen::Seen, String>>;

/// Asks a server that it keeps running.
struct By<Server> {
    server: Arc<Server>,
    ask: Ask<Server>,
}

impl<Server: Send + Sync + 'static> By<Server> {
    fn asking(server: Server, ask: Ask<Server>) -> Arc<dyn Witness> {
        Arc::new(Self {
            server: Arc::new(server),
            ask,
        })
    }
}

impl<Server: Send + Sync> Witness for By<Server> {
    fn see<'a>(&'a self, ticket: &'a str) -> BoxFuture<'a, Result<Seen, String>> {
        async move {
            let seen = (self.ask)(Arc::clone(&self.server), ticket.to_owned()).await?;
            // The same words on both sides, written down twice: the servers know nothing of what is tried against them.
            let told = serde_json::to_value(seen).map_err(|error| error.to_string())?;
            serde_json::from_value(told).map_err(|error| error.to_string())
        }
        .boxed()
    }
}
