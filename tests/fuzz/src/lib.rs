//! Whatever comes in from outside, mangled.
//!
//! ```text
//! corpus/<target>/*  ──► campaign ──► mangle ──► target(&[u8])   must not panic, must hold its promises
//! regressions/<target>/*  ◄── inputs that broke a promise, made small; the tests run them ever after
//! ```
//!
//! A target is an ordinary function, run here by a loop on stable Rust, and by `cargo fuzz` with coverage
//! (`cargo-fuzz/`). What each promises stands beside it and in `docs/fuzzing.md`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a target that finds a broken promise stops"
)]

pub mod campaign;
pub mod mangle;
pub mod promises;
mod surroundings;
pub mod targets;
