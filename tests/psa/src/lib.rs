//! Local PSA servers that behave like the real ones.
//!
//! Each PSA is one module with its own `start`, its own switches and its own ledger; [`halo`] is the first. They bind
//! the loopback interface only, hold everything in memory and know nothing of the clients that are tried against them.

pub mod halo;
