//! `cargo xtask conformance`: all connectors through the conformance kit, at the servers they were written for.

use crate::{
    build, prepare, process, show,
    workspace::{Workspace, XTASK},
};
use anyhow::{Context as _, Result};
use std::path::PathBuf;

/// The test that this is.
const TEST: &str = "conformance";

/// `cargo xtask conformance`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask conformance                    every connector at its PSA; docs/conformance.md must tell the same
  cargo xtask conformance --update           writes docs/conformance.md anew
  cargo xtask conformance --record           also records the exchanges anew, into plugins/*/recorded
  cargo xtask conformance --json table.json")]
pub(crate) struct Arguments {
    /// Write docs/conformance.md anew.
    #[arg(long)]
    update: bool,
    /// Record the exchanges that travel with each connector anew.
    #[arg(long)]
    record: bool,
    /// Write the reports as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    show::heading("Preparing");
    prepare::toolchain(workspace)?;
    prepare::test_programs()?;
    build::all_connectors(workspace)?;
    build::programs(workspace, build::Profile::Dev, &["helpbell"])?;
    show::heading("Conformance");
    let mut cargo = process::cargo(&workspace.root);
    cargo
        .args([
            "test",
            // The whole workspace's choice of features, so that builds are shared with `cargo xtask test`.
            "--workspace",
            "--exclude",
            XTASK,
            "--test",
            TEST,
            "--",
            "--nocapture",
        ])
        .env("HELPBELL_CONNECTORS", workspace.connector_folder())
        .env("HELPBELL_BIN", workspace.program("debug", "helpbell"));
    let here = std::env::current_dir().context("failed to tell the current folder")?;
    for (name, wanted) in [
        ("HELPBELL_UPDATE_DOCS", arguments.update),
        ("HELPBELL_RECORD", arguments.record),
    ] {
        if wanted {
            cargo.env(name, "1");
        }
    }
    if let Some(json) = &arguments.json {
        cargo.env("HELPBELL_CONFORMANCE_JSON", here.join(json));
    }
    process::run(&mut cargo)
}
