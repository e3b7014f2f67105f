//! Presses of the real program, with the connector in its sandbox, against the local HaloPSA.
//!
//! Every test starts its own Halo and its own computer, and judges by Halo's ledger.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on stops"
)]

mod commands;
mod configuration;
mod default_site;
mod defaults;
mod doctor;
mod doubt;
mod filing;
mod foreign_text;
mod late;
mod machines;
mod misconfigurations;
mod outbox;
mod people;
mod requests;
mod rules;
mod screens;
#[cfg(unix)]
mod scripts;
mod secrets;
mod tokens;
mod trouble;
