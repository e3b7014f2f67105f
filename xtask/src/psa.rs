//! `cargo xtask psa NAME`: a local PSA by hand.

use crate::{
    build::{self, Profile},
    process,
    workspace::Workspace,
};
use anyhow::{Context as _, Result};
use std::process::{Command, Stdio};

/// Package and program of the local PSA servers.
pub(crate) const PSA_SANDBOX: &str = "psa-sandbox";

/// `cargo xtask psa`.
#[derive(Debug, clap::Args)]
// `--help` is the server's: it knows what it can do.
#[command(disable_help_flag = true)]
pub(crate) struct Arguments {
    /// Which PSA, such as halo, and what is handed on to it; --help lists both.
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required = true,
        value_name = "NAME [ARGUMENTS]"
    )]
    words: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    crate::prepare::c_compiler()?;
    if arguments.words.first().is_some_and(|name| name == "redmine") {
        crate::prepare::redmine()?;
    }
    build::programs(workspace, Profile::Dev, &[PSA_SANDBOX])
        .context("failed to build the local PSA servers")?;
    let mut psa = Command::new(workspace.program("debug", PSA_SANDBOX));
    psa.args(&arguments.words).stdin(Stdio::null());
    process::run(&mut psa)
}
