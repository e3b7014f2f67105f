//! The one way out: everything a connector sends passes through here.
//!
//! ```text
//! guest ── wasi:http ──► hook ──► policy::decide ──► (wire) ──► token injected ──► client ──► network
//!                          │         (pure)                         (work only)      └ resolve, drop special
//!                          └── every request leaves a trace                 addresses, dial the rest
//! ```

pub mod address;
pub(crate) mod client;
mod effect;
pub(crate) mod headers;
pub(crate) mod hook;
pub mod policy;
pub mod transport;
pub mod wire;

#[cfg(test)]
pub(crate) mod live;
#[cfg(test)]
mod table;
