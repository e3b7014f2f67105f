//! The report as others see it: a browser, a validator, a screen reader, another program, and somebody who chose a name
//! to do harm.
//!
//! ```text
//! laptop ──► hostile ──► helpbell_diagnostics::html ──► a page ─┬─ browser   what it does, how it looks
//!                                                               └─ tools     whether it is HTML, and for everyone
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this crate is only used by tests, where a step that fails must stop the test"
)]

pub mod browser;
pub mod hostile;
pub mod laptop;
pub mod tools;

/// Set to write pictures and the schema into `docs` anew.
pub const UPDATE: &str = "HELPBELL_UPDATE_DOCS";

/// The folder `docs` of the project.
#[must_use]
pub fn docs() -> std::path::PathBuf {
    std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"))
}

/// Whether what is in `docs` shall be written anew.
#[must_use]
pub fn updating() -> bool {
    std::env::var_os(UPDATE).is_some()
}
