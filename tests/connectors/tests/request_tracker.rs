//! The program and its connector against a real Request Tracker 5.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops")]

#[path = "request_tracker/changes.rs"]
mod changes;
#[path = "request_tracker/desk.rs"]
mod desk;
#[path = "request_tracker/doctor.rs"]
mod doctor;
#[path = "request_tracker/filing.rs"]
mod filing;
#[path = "request_tracker/trouble.rs"]
mod trouble;
