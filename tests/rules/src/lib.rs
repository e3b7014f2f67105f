//! Dispatcher rules: what the guide promises, beside CPython, and under attack.
//!
//! ```text
//! cases/*.py ─┐                 ┌─► the engine (rules.wasm) ─► Ended ─┐
//! programs   ─┼─► Case + Given ─┤                                     ├─► differences
//!             │                 └─► CPython (python3)       ─► Ended ─┘
//! docs/rules.md ─► Example + its table ─► the engine ─► what the table says
//! ```
//!
//! The engine is found as connectors are: in the folder that `HELPBELL_CONNECTORS` names.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this crate is only used by tests, where a step that fails must stop the test"
)]

pub mod cases;
pub mod compare;
pub mod cpython;
pub mod engine;
pub mod given;
pub mod page;
pub mod programs;

pub use given::Given;
