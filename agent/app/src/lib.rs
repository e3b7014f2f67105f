//! Helpbell: a help button for computers that somebody looks after.
//!
//! ```text
//! run ──► commands ─┬─ config   helpbell.toml, the key, connectors.lock
//!                   ├─ gathering  screens and examination, while the person writes
//!                   ├─ collect  the files that go with a press
//!                   ├─ source   dispatcher rules as they stand in a file
//!                   ├─ deliver  helpbell-delivery over helpbell-sandbox
//!                   └─ show     what people read; JSON for programs
//! ```

mod cli;
mod collect;
mod commands;
mod config;
mod error;
mod gathering;
mod places;
mod show;
mod source;

#[doc(hidden)]
pub mod fuzzing;

use clap::Parser as _;
use std::process::ExitCode;

/// The whole program: reads the arguments, does what they say, and tells how it went.
#[must_use]
pub fn run() -> ExitCode {
    let cli = cli::Cli::parse();
    start_log(cli.verbose);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            anstream::eprintln!("error: failed to start: {error}");
            return ExitCode::from(error::INTERNAL);
        }
    };
    let outcome = runtime.block_on(commands::run(cli));
    // A probe that hangs in the system must not keep the program from ending.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code,
        Err(error) => {
            show::failed(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Logs go to standard error. `HELPBELL_LOG` takes directives such as `helpbell_sandbox=debug`.
fn start_log(verbose: u8) {
    use tracing_subscriber::{EnvFilter, fmt};
    let level = match verbose {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_env("HELPBELL_LOG").unwrap_or_else(|_| {
        EnvFilter::new(format!(
            "error,helpbell={level},helpbell_sandbox={level},helpbell_delivery={level}"
        ))
    });
    let colours =
        std::io::IsTerminal::is_terminal(&std::io::stderr()) && std::env::var_os("NO_COLOR").is_none();
    fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        .without_time()
        .with_target(false)
        .init();
}
