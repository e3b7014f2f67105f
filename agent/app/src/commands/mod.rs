//! One file per command.

mod background;
pub(crate) mod connector;
mod deliver;
mod doctor;
mod init;
mod key;
mod late;
mod open;
mod outbox;
mod press;
mod probe;
mod report;
mod rules;

use crate::{
    cli::{Cli, Command},
    error::AppError,
    places,
};
use clap::CommandFactory as _;
use std::{path::PathBuf, process::ExitCode};

/// Where this run reads and keeps things.
pub(crate) struct Places {
    /// The configuration file.
    pub config: PathBuf,
    /// The folder for everything that outlives the process.
    pub state: PathBuf,
    /// Whether a process in the background may go on with what is left.
    pub background: bool,
}

/// Runs the command.
pub(crate) async fn run(cli: Cli) -> Result<ExitCode, AppError> {
    let here = Places {
        config: places::config(cli.config.as_deref()),
        state: places::state(cli.state.as_deref()),
        background: !cli.no_background,
    };
    match cli.command {
        Command::Init(args) => init::run(cli.config, &here, args).await,
        Command::Key(args) => key::run(&here, args).await,
        Command::Press(args) => press::run(&here, args).await,
        Command::Deliver(args) => deliver::run(&here, args).await,
        Command::Outbox(command) => outbox::run(&here, command).await,
        Command::Rules(command) => rules::run(&here, command).await,
        Command::Report(args) => report::run(&here, args).await,
        Command::Probe(args) => probe::run(&here, args),
        Command::Doctor(args) => doctor::run(&here, args).await,
        Command::Connector(command) => connector::run(&here, command).await,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "helpbell", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}
