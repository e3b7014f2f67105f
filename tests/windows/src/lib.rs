//! The program for Windows, run by Wine on the system that tests.
//!
//! ```text
//! Desk (helpbell-end-to-end) ──starts──► helpbell.exe ──HTTP──► psa_sandbox::halo::Halo, a process of this system
//!                                          │ Wine: a Windows of its own in a temporary folder
//!                                          └ an X server of its own, whose screen is photographed
//! ```
//!
//! What this proves of a real Windows, and what it does not: `docs/windows.md`.
//!
//! | variable | says |
//! |---|---|
//! | `HELPBELL_WINDOWS_BIN` | the `helpbell.exe` to test (default: built) |
//! | `HELPBELL_CONNECTORS` | the folder that holds the connectors |

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this crate is only used by tests, where a step that fails must stop the test"
)]

mod wine;

pub use wine::{HOST_NAME, USER_NAME, Wine};
