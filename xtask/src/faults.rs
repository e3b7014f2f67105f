//! `cargo xtask faults`: the fault suite of `tests/faults` in full, in release.

use crate::{build, prepare, process, show, workspace::Workspace};
use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};
use std::{fs, path::PathBuf, process::Command};

/// Package and program of the fault suite.
const FAULTS: &str = "helpbell-faults";

/// `cargo xtask faults`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask faults --json faults.json     a hundred thousand worlds, a thousand kills, a hundred power cuts; an hour
  cargo xtask faults --small                the same in minutes
  cargo xtask test --only faults            what continuous integration runs, with every control

Power cuts need root and loop devices. The exit code is 1 when anything was lost or doubled, or a control held.")]
pub(crate) struct Arguments {
    /// A hundredth of everything.
    #[arg(long)]
    small: bool,
    /// Presses accepted while processes are killed.
    #[arg(long, default_value_t = 10_000)]
    presses: u32,
    /// Processes killed.
    #[arg(long, default_value_t = 1_000)]
    kills: u32,
    /// Power cuts.
    #[arg(long, default_value_t = 100)]
    cuts: u32,
    /// Rounds in which a process dies at every edge of its store.
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// Simulated worlds, by seed from 0.
    #[arg(long, default_value_t = 100_000)]
    seeds: u32,
    /// Also write the results into this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What `--small` divides by.
const SMALL: u32 = 100;

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    prepare::toolchain(workspace)?;
    show::heading("Building the connectors");
    build::connectors(workspace)?;
    show::heading("Building the fault suite");
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["build", "--release", "--package", FAULTS]);
    process::run(&mut cargo).context("failed to build the fault suite")?;

    let count = |number: u32| {
        let number = if arguments.small {
            number.div_ceil(SMALL)
        } else {
            number
        };
        number.to_string()
    };
    let connector = workspace.connector_folder().join("halo.wasm");
    let parts: [(&str, Vec<String>); 3] = [
        (
            "Worlds of virtual time",
            vec!["simulate".into(), "--worlds".into(), count(arguments.seeds)],
        ),
        (
            "Processes that die",
            vec![
                "deaths".into(),
                "--connector".into(),
                connector.display().to_string(),
                "--rounds".into(),
                count(arguments.rounds),
                "--kills".into(),
                count(arguments.kills),
                "--presses".into(),
                count(arguments.presses),
            ],
        ),
        (
            "Power cuts",
            vec!["cuts".into(), "--cuts".into(), count(arguments.cuts)],
        ),
    ];
    let (mut told, mut failed) = (Map::new(), Vec::new());
    for (what, words) in parts {
        show::heading(what);
        let mut command = Command::new(workspace.program("release", FAULTS));
        let output = process::output(command.args(&words))?;
        let text = String::from_utf8_lossy(&output.stdout);
        print!("{text}");
        if let Some(Value::Object(line)) = text
            .lines()
            .last()
            .and_then(|line| serde_json::from_str(line).ok())
        {
            told.extend(line.into_iter().filter(|(name, _)| name != "holds"));
        }
        if !output.status.success() {
            failed.push(what);
        }
    }
    if let Some(file) = &arguments.json {
        fs::write(file, serde_json::to_vec_pretty(&told)?)
            .with_context(|| format!("failed to write {}", file.display()))?;
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!("failed: {}", failed.join(", "))
}
