//! What rules come to: as the guide promises, as in CPython, and under attack.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops")]

mod attacks;
mod documented;
mod errors;
mod guide;
mod hostile;
mod language;
mod repeatable;
mod told;
