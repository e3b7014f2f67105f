//! Drives any connector through the whole contract and says what it keeps and what it breaks.
//!
//! ```text
//!             ┌─ checks ──► helpbell_sandbox::Session ──► Line ──► a server, real or the practice desk
//! run(…) ─────┤                                            │  └──► or a recording, played back
//!             └─ Report                                    ├ hears what left
//!                                                          └ lets the server seem down, slow, or confused
//! ```
//!
//! A check asks what a press relies on: that a ticket is found again by its reference, that a private note is private,
//! that a file arrives byte by byte, that a wrong value costs a correction and not the ticket. Where the contract
//! itself cannot tell (who sees a note?), a [`Witness`] is asked: a client of the author's that looks at the ticket
//! without the connector. What nobody can tell is skipped, with the reason, and never counted as passed.
//!
//! Against a server of the author's the exchanges can be recorded into a folder that travels with the connector;
//! played back, the same run needs no server. Recordings hold no secrets: see [`wire`].

mod checks;
pub mod practice;
mod report;
mod run;
mod scenario;
mod subject;
pub mod wire;
mod witness;

pub use report::{Calls, Outcome, Report, Verdict};
pub use run::{CHECKS, CannotRun, run};
pub use subject::{Person, Source, Subject};
pub use witness::{Command, Seen, SeenFile, SeenNote, Witness};
