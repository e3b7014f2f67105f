//! Runs connectors: loads, limits and calls them, and decides what leaves the machine.
//!
//! A connector is a component somebody else wrote. It gets a fresh instance per call, bounded time
//! and memory, no files, no sockets, and one way out: `wasi:http`, through a policy that knows
//! exactly which requests the operator granted. The guest that files tickets never sees a secret or
//! a token: the host adds it after the policy has spoken.
//!
//! ```text
//! Sandbox::load ──► Connector ──► Session::bind(settings, secret, grant) ──► session.create(…) ──► Call
//!  (per process)    (per file)    (per tenant)                               (fresh instance)
//! ```

mod authenticate;
mod authorized;
mod binding;
mod bounds;
mod call;
#[cfg(test)]
mod canaries;
mod code_cache;
mod contract;
mod dispatcher;
pub mod egress;
mod engine;
mod guest;
mod guest_cache;
mod limits;
mod load;
mod optional;
pub mod private;
mod reach;
mod rules;
mod run;
mod secret_forms;
mod session;
mod token;

pub use binding::{BindError, Binding};
pub use call::{Call, LogLevel, LogLine, RequestTrace};
pub use egress::{
    policy::{Cure, NetworkGrant},
    transport::{Authorities, Proxy, Resolver, Transport},
    wire,
};
pub use engine::Sandbox;
pub use limits::{LIMIT_KEYS, LimitKey, Limits};
pub use load::{Connector, LoadError};
pub use optional::{Changes, Configured, Hook, WebhookDelivery};
pub use reach::{NotReached, Reach, Reached};
pub use rules::{RuleEngine, SOURCE_BYTES};
pub use session::{CallContext, Session};
pub use token::Secrets;
