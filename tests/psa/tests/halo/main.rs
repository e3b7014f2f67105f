//! Drives the local HaloPSA with a plain HTTP client over loopback, one rule of the vendor at a time.
#![expect(
    clippy::panic,
    reason = "an answer that cannot be read fails the test, with its text"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]
#![expect(
    clippy::indexing_slicing,
    reason = "JSON answers are read by name, and a missing name fails the test"
)]

mod attachments;
mod control;
mod desk;
mod fields;
mod lookups;
mod misbehaviour;
mod notes;
mod page;
mod people;
mod rights;
mod schema;
mod settings;
mod ticket_list;
mod tickets;
mod token;
mod webhooks;
