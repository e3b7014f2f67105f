//! A local HaloPSA: the vendor's token endpoint, tickets, actions, attachments and lookups over HTTP.
//!
//! It is written from public evidence of the real server, not from any client. What evidence leaves open stands behind
//! a switch of [`Behaviour`]; what a client gets wrong against the vendor's schema stands in the [`Ledger`].
//!
//! ```no_run
//! # async fn example() -> Result<(), psa_sandbox::halo::HaloError> {
//! use psa_sandbox::halo::{Behaviour, Halo, HaloConfig, Lag};
//!
//! let halo = Halo::start(HaloConfig::default()).await?;
//! halo.adjust(|behaviour| behaviour.index_lag = Lag::Searches(2))?;
//! println!("Resource Server {}", halo.resource_server());
//! // … drive a client …
//! assert_eq!(halo.ledger().tickets.len(), 1);
//! halo.shutdown().await;
//! # Ok(()) }
//! ```

mod behaviour;
mod clock;
mod config;
mod control;
mod ledger;
mod line;
pub mod misbehaviour;
mod page;
mod permission;
mod query;
mod reply;
mod rights;
mod routes;
pub mod schema;
pub mod seed;
mod server;
mod settings;
mod sight;
mod store;
mod text;
mod token;
mod traffic;
pub mod webhooks;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

pub use behaviour::{
    AgentList, Behaviour, DefaultSiteRule, Lag, MandatoryFields, PAGE_CAP, RATE_LIMIT_REQUESTS,
    RATE_LIMIT_WINDOW_SECONDS, RateLimit, TOKEN_LIFETIME_SECONDS,
};
pub use config::{Deployment, HaloConfig};
pub use ledger::{
    ActionRecord, AttachmentRecord, Ledger, RequestKind, RequestRecord, TicketRecord, Violation,
    ViolationKind,
};
pub use misbehaviour::{Misbehaviour, Misdeed, Random, RetryAfter, Rule};
pub use rights::{AgentPermissions, AgentlessLookups, INTEGRATION_SCOPES, Login};
pub use seed::{LoginType, Seed};
pub use settings::Settings;
pub use webhooks::{Authentication, Batch, DeliveryRecord, Event, Form, Payload, Webhook};

use line::{Cutter, Lines};
use server::Shared;
use store::Store;

/// How long open requests may take to end on shutdown.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);

/// Why the local HaloPSA could not do what was asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HaloError {
    /// The port could not be taken.
    #[error("listen on 127.0.0.1:{port}; choose another port, or 0 for any free one")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// The seed document is not usable.
    #[error("read the seed: {reason}")]
    Seed {
        /// What is wrong with it.
        reason: String,
    },
    /// The schema list is not usable.
    #[error("read the vendor's schema: {reason}")]
    Schema {
        /// What is wrong with it.
        reason: String,
    },
    /// A webhook leads where deliveries may not go, or there is no such webhook or delivery.
    #[error("set up the webhook: {reason}")]
    Webhook {
        /// What is wrong with it.
        reason: String,
    },
    /// A switch has no such name or value.
    #[error("change the behaviour: {reason}")]
    Behaviour {
        /// What is wrong with it.
        reason: String,
    },
}

/// A running instance. It stops when this handle is dropped.
#[derive(Debug)]
pub struct Halo {
    address: SocketAddr,
    shared: Shared,
    /// Never sent: dropping it stops the server.
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Halo {
    /// Starts an instance on 127.0.0.1 within the current tokio runtime.
    ///
    /// # Errors
    /// [`HaloError::Listen`] when the port is taken; [`HaloError::Behaviour`] when a switch is out of range.
    pub async fn start(config: HaloConfig) -> Result<Self, HaloError> {
        let port = config.port;
        let schema = schema::Schema::load()?;
        let config = HaloConfig {
            behaviour: config.behaviour.checked()?,
            ..config
        };
        let listen = |source| HaloError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let shared = Shared::new(Store::new(config, schema));
        let (jobs, queued) = mpsc::unbounded_channel();
        shared.lock().webhooks.connect(jobs);
        // Ends with the instance: the store holds the only sender.
        tokio::spawn(webhooks::run(shared.weak(), queued));
        let app = Router::new()
            .fallback(server::serve)
            .with_state(shared.clone())
            .into_make_service_with_connect_info::<Cutter>();
        let (stop, stopped) = oneshot::channel::<()>();
        let held = shared.clone();
        let task = tokio::spawn(async move {
            let serving = axum::serve(Lines(listener), app).with_graceful_shutdown(async move {
                // Ends when the sender is dropped, by `shutdown` or with the handle.
                let _ = stopped.await;
                // Requests that hang on purpose would keep the instance alive.
                held.lock().misbehaviour.clear();
            });
            if let Err(error) = serving.await {
                tracing::error!(%error, "the local HaloPSA stopped");
            }
        });
        Ok(Self {
            address,
            shared,
            stop,
            task,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything a connector is configured with.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings::of(&self.shared.lock(), &self.address.to_string())
    }

    /// The "Resource Server" of Halo's API screen: base of API calls, ending in `/api`.
    #[must_use]
    pub fn resource_server(&self) -> String {
        self.settings().resource_server
    }

    /// The "Authorisation Server" of Halo's API screen: base of the token endpoint, ending in `/auth`.
    #[must_use]
    pub fn authorisation_server(&self) -> String {
        self.settings().authorisation_server
    }

    /// A copy of what the instance holds and what was done to it.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.shared.lock().ledger()
    }

    /// The switches as they stand.
    #[must_use]
    pub fn behaviour(&self) -> Behaviour {
        self.shared.lock().behaviour.clone()
    }

    /// Replaces all switches.
    ///
    /// # Errors
    /// [`HaloError::Behaviour`] when a value is out of range; the old switches stay.
    pub fn set(&self, behaviour: Behaviour) -> Result<(), HaloError> {
        self.shared.lock().behaviour = behaviour.checked()?;
        Ok(())
    }

    /// Changes some switches.
    ///
    /// # Errors
    /// [`HaloError::Behaviour`] when a value is out of range; the old switches stay.
    pub fn adjust(&self, change: impl FnOnce(&mut Behaviour)) -> Result<(), HaloError> {
        let mut store = self.shared.lock();
        let mut behaviour = store.behaviour.clone();
        change(&mut behaviour);
        store.behaviour = behaviour.checked()?;
        Ok(())
    }

    /// Moves the instance's clock forward: tokens age, rate windows roll, index lag passes, answers are dated later.
    pub fn advance(&self, by: Duration) {
        self.shared.lock().clock.advance(by);
    }

    /// Makes every token in circulation expire now.
    pub fn expire_all_tokens(&self) {
        let mut store = self.shared.lock();
        let now = store.now();
        store.tokens.expire_all(now);
    }

    /// Forgets every token in circulation.
    pub fn revoke_all_tokens(&self) {
        self.shared.lock().tokens.revoke_all();
    }

    /// Forgets tickets, files, webhooks and recorded traffic, ends misbehaviour and returns to the first behaviour. Tokens stay valid, the clock
    /// keeps its offset and ticket ids go on.
    pub fn reset(&self) {
        self.shared.lock().reset();
    }

    /// Stops the instance and waits until open requests are answered and the port is free.
    pub async fn shutdown(self) {
        let Self { stop, mut task, .. } = self;
        drop(stop);
        if tokio::time::timeout(SHUTDOWN_GRACE, &mut task).await.is_err() {
            // A client that holds a request open must not hold the test too.
            task.abort();
        }
    }
}
