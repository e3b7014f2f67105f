//! Takes presses into custody and to their tickets.
//!
//! ```text
//! Submission ─► Store::accept ═ "accepted" ─► claim ─► Courier: decide ─► act ─► journal ─► … ─► Receipt
//!                (on disk)                      ▲                                   │
//!                                               └── due again ◄── wait, retry ◄─────┘
//! ```
//!
//! A press that is accepted is on disk and ends as delivered, refused by a rule, or discarded by a
//! person; until then it goes on by itself or says why it needs one. It makes at most one ticket, as
//! far as the PSA's lookup reaches: see [`decide`](saga::decide()).

pub mod clock;
mod compose;
mod delivery;
pub mod journal;
pub mod parcel;
mod psa;
pub mod rules;
pub mod saga;
pub mod store;
mod submission;
mod trace;
mod worker;

pub use clock::Clock;
pub use delivery::{Delivery, Rehearsed, Stopped};
pub use psa::Psa;
pub use saga::{Courier, Outcome, Stand};
pub use store::{Custodian, Store, StoreError};
pub use submission::{Amendment, Submission, SubmissionError};
pub use trace::{Observer, Progress, Step, StepTrace};
pub use worker::{LOOK_EVERY, Pace, Stop, Worker};
