//! The sandbox with a real connector, the one for HaloPSA, and with files that are none.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on stops"
)]

mod code_cache;
mod egress;
mod loading;
mod sessions;
mod tenant;
