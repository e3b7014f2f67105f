//! `cargo xtask fuzz`: the fuzz targets of `tests/fuzz`, in release.

use crate::{
    build::{self, Profile},
    prepare, process, show,
    workspace::Workspace,
};
use anyhow::{Context as _, Result};
use std::fs;

/// Package and program of the fuzz targets.
const FUZZ: &str = "helpbell-fuzz";

/// `cargo xtask fuzz`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask fuzz                          every target for a minute
  cargo xtask fuzz policy --seconds 600     one target for ten minutes
  cargo xtask fuzz answers --runs 1000 --seed 7

An input that breaks a promise is made small and kept in tests/fuzz/regressions, where the tests run it from then on; the exit
code is 1. With coverage: see docs/fuzzing.md.")]
pub(crate) struct Arguments {
    /// Only this target.
    target: Option<String>,
    /// Seconds per target.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// So many inputs per target instead.
    #[arg(long, conflicts_with = "seconds")]
    runs: Option<u64>,
    /// Which inputs are made; the same seed makes the same.
    #[arg(long)]
    seed: Option<u64>,
}

/// Every target has a folder of inputs, by which it is known here without being built.
const CORPUS: &str = "tests/fuzz/corpus";

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    if let Some(target) = &arguments.target {
        check(workspace, target)?;
    }
    prepare::toolchain(workspace)?;
    show::heading("Building the connectors");
    build::connectors(workspace)?;
    show::heading("Building the fuzz targets");
    build::programs(workspace, Profile::Release, &[FUZZ]).context("failed to build the fuzz targets")?;
    show::heading("Mangling");
    let mut fuzz = std::process::Command::new(workspace.program("release", FUZZ));
    fuzz.env("HELPBELL_CONNECTORS", workspace.connector_folder());
    fuzz.args(&arguments.target);
    match arguments.runs {
        Some(runs) => fuzz.args(["--runs", &runs.to_string()]),
        None => fuzz.args(["--seconds", &arguments.seconds.to_string()]),
    };
    if let Some(seed) = arguments.seed {
        fuzz.args(["--seed", &seed.to_string()]);
    }
    process::run(&mut fuzz)
}

/// Says so before anything is built where there is no such target.
fn check(workspace: &Workspace, target: &str) -> Result<()> {
    let corpus = workspace.root.join(CORPUS);
    let failed = || format!("failed to list {}", corpus.display());
    let mut known = Vec::new();
    for folder in fs::read_dir(&corpus).with_context(failed)? {
        known.push(
            folder
                .with_context(failed)?
                .file_name()
                .to_string_lossy()
                .into_owned(),
        );
    }
    known.sort();
    if known.iter().any(|name| name == target) {
        return Ok(());
    }
    Err(show::usage(
        format!("there is no target {target:?}"),
        format!("there are: {}", known.join(", ")),
    ))
}
