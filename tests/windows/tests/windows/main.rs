//! What the program does on Windows, as far as Wine goes.
//!
//! Wine is installed and started once, by the first test that wants it, and shut down after the last.

#[cfg(target_os = "linux")]
mod suite;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    suite::run()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
