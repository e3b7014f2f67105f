//! Connectors that attack their host, and what the host does about it.
//!
//! ```text
//! guest/  one component, many attacks ──► Scene: one attack, a PSA of its own, a server nothing may reach
//!                                           │
//!                                           └──► House: one sandbox for all, and a neighbour that must go on working
//! ```
//!
//! Every attack is made while a neighbour works on the same engine. What came of it, in the words that an operator
//! reads, becomes a row of `docs/hostile-connectors.md`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this crate is only used by tests, where a step that fails must stop the test"
)]

pub mod components;
pub mod house;
#[cfg(target_os = "linux")]
pub mod memory;
pub mod psa;
pub mod scene;
