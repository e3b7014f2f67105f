//! `cargo xtask bench`: the benchmarks of `tests/bench`, in release.

use crate::{
    build::{self, Profile},
    prepare, process, show,
    workspace::Workspace,
};
use anyhow::{Context as _, Result};
use std::path::PathBuf;

/// Package and program of the benchmarks.
const BENCH: &str = "helpbell-bench";

/// `cargo xtask bench`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask bench                          everything; a table on standard output
  cargo xtask bench --only press --json press.json

The exit code is 1 when a target is missed.")]
pub(crate) struct Arguments {
    /// Only this benchmark.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Also write the results into this file:
    /// {"metric": {"value", "unit", "against", "ratio", "target", "holds"}}.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    prepare::toolchain(workspace)?;
    show::heading("Building the connectors");
    build::connectors(workspace)?;
    let is_wanted = |name: &str| arguments.only.as_deref().is_none_or(|only| only == name);
    if is_wanted("agent") {
        prepare::photographs()?;
    }
    if is_wanted("rules") {
        // They are measured beside CPython.
        prepare::python()?;
        build::rules(workspace, Profile::Release)?;
    }
    show::heading("Building the benchmarks");
    build::programs(workspace, Profile::Release, &[BENCH]).context("failed to build the benchmarks")?;
    show::heading("Measuring");
    let mut bench = std::process::Command::new(workspace.program("release", BENCH));
    bench.arg("--connectors").arg(workspace.connector_folder());
    if let Some(only) = &arguments.only {
        bench.args(["--only", only]);
    }
    if let Some(json) = &arguments.json {
        bench.arg("--json").arg(json);
    }
    process::run(bench.stdin(std::process::Stdio::null()))
}
