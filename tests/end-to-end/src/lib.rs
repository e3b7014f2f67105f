//! The whole way of a press, against real servers.
//!
//! Everything here is the surroundings of the program under test, none of it stands in for a part of it:
//!
//! ```text
//! Desk ──starts──► the helpbell program ──HTTP──► (Relay) ──► psa_sandbox::halo::Halo
//!  │ its own configuration, state folder,            │                  │
//!  │ environment and, if wanted, display             │ what networks do │ the ledger, on which tests assert
//! ```
//!
//! The program and the connector are built once per test run, unless they are given:
//!
//! | variable | says |
//! |---|---|
//! | `HELPBELL_BIN` | the `helpbell` program to test |
//! | `HELPBELL_CONNECTORS` | the folder that holds the connectors: `halo.wasm`, … |
//! | `HELPBELL_CHROMIUM` | the browser that looks at pages (default: what is found in `PATH`) |

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this crate is only used by tests, where a step that fails must stop the test"
)]

pub mod begun;
pub mod browser;
pub mod built;
pub mod compiled;
pub mod desk;
pub mod display;
pub mod inside;
pub mod machine;
pub mod markup;
pub mod network;
mod platform;
mod run;
mod setup;
pub mod tickets;
pub mod world;

pub use desk::{Desk, FAULTS, LEFT_OUT};
pub use platform::Platform;
pub use run::Run;
pub use setup::Setup;
