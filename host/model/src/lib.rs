//! The words of the domain, and nothing that does anything with them.
//!
//! One press flows one way, and each arrow of that way is a plain value from here:
//!
//! ```text
//! Press + Report ──► Submission ──► Draft ──► Ticket ──► Note ──► Receipt
//! (agent)            (accepted)     (rules)   (connector)         (person)
//! ```
//!
//! Depends on serde and little else; performs no I/O, so that the agent, the gateway and
//! every test can share it.

pub mod connector;
pub mod doctor;
pub mod failure;
pub mod press;
pub mod report;
pub mod rules;
pub mod text;
pub mod ticket;

pub use failure::{Effect, Failure, FailureKind};
pub use press::{DeviceFacts, Person, Press, PressId};
pub use ticket::{Attachment, Contact, ContactMatch, Correction, Device, Draft, Note, Receipt, Ticket};
