//! Every attack is contained: the host lives, a neighbour works on, the failure is typed and names the connector,
//! and nothing reaches a server that was not granted. Each class has a control in which the same attack comes
//! through because what stops it is off.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on stops"
)]

mod answers;
mod computing;
mod documentation;
mod files;
mod host_calls;
mod program;
mod requests;
mod signing_in;
mod table;
