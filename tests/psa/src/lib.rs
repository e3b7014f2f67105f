//! Local PSA servers that behave like the real ones.
//!
//! Each PSA is one module with its own `start`. [`halo`] is written here, because nobody may run the real one: it holds
//! everything in memory and keeps a ledger. The others start the real server, installed from its own packages, on
//! data of its own in a temporary folder. All bind the loopback interface only and know nothing of the clients that
//! are tried against them; [`seen`] is what each can be asked about a ticket.

#[cfg(unix)]
pub mod django_helpdesk;
pub mod halo;
#[cfg(unix)]
pub mod redmine;
#[cfg(unix)]
pub mod request_tracker;
pub mod seen;
