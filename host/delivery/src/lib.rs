//! Takes a press through the five steps to a ticket.
//!
//! ```text
//! Submission ─► 1 authenticate ─► 2 find contact, device ─► 3 draft ─► 4 create ticket ─► 5 private note ─► Receipt
//!     │                                                                                        │
//!     └────────────── kept in a folder whenever a step cannot be taken ◄───────────────────────┘
//! ```
//!
//! One press makes at most one ticket. A press that is delivered again is looked up by its
//! reference first, and so is one whose creation nobody confirmed.

mod compose;
mod deliver;
mod kept;
mod submission;

pub use deliver::{Delivered, Delivery, NotDelivered, Progress, Step, StepTrace};
pub use kept::{KeepError, Kept};
pub use submission::{Submission, SubmissionError};
