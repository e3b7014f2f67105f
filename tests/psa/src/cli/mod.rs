//! The command line: one file per PSA.

#[cfg(unix)]
mod django_helpdesk;
mod halo;
#[cfg(unix)]
mod redmine;
#[cfg(unix)]
mod request_tracker;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use psa_sandbox::halo::schema::derive::derive;
use std::path::{Path, PathBuf};

/// Local PSA servers that behave like the real ones, and real ones on data of their own.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a local HaloPSA until interrupted.
    Halo(halo::Arguments),
    /// Run the real Request Tracker on data of its own until interrupted.
    #[cfg(unix)]
    RequestTracker(request_tracker::Arguments),
    /// Run the real django-helpdesk on data of its own until interrupted.
    #[cfg(unix)]
    DjangoHelpdesk(django_helpdesk::Arguments),
    /// Run the real Redmine on data of its own until interrupted.
    #[cfg(unix)]
    Redmine(redmine::Arguments),
    /// Derive the committed schema list from HaloPSA's OpenAPI document and print it.
    DeriveSchema {
        /// The OpenAPI document (JSON).
        file: PathBuf,
    },
}

pub(crate) async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Halo(arguments) => halo::run(arguments).await,
        #[cfg(unix)]
        Command::RequestTracker(arguments) => request_tracker::run(arguments).await,
        #[cfg(unix)]
        Command::DjangoHelpdesk(arguments) => django_helpdesk::run(arguments).await,
        #[cfg(unix)]
        Command::Redmine(arguments) => redmine::run(arguments).await,
        Command::DeriveSchema { file } => {
            let schema = derive(&read(&file)?)?;
            println!(
                "{}",
                serde_json::to_string_pretty(&schema).context("write the schema list")?
            );
            Ok(())
        }
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))
}
