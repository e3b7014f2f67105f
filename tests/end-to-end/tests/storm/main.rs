//! Many presses against one local HaloPSA: through random misbehaviour, and from many machines at once.
//!
//! They are delivered within this process, each by a session of its own that holds and remembers what a new process
//! would. Nothing stands in for a part of the product: the connector runs in its sandbox and speaks HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on stops"
)]

mod crowd;
mod judge;
mod patience;
mod weather;
