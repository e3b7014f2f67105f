//! `cargo xtask faults`: the fault suite of `tests/faults` in full, in release.

use crate::{
    build::{self, Profile},
    prepare, process, show,
    workspace::Workspace,
};
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
  cargo xtask faults --only points          one part: worlds, points, kills, frozen, restored, erring, sagas or cuts
  cargo xtask test --only faults            what continuous integration runs, with every control

Power cuts need root and loop devices. The exit code is 1 when anything was lost or doubled, or a control held.")]
pub(crate) struct Arguments {
    /// A hundredth of everything.
    #[arg(long)]
    small: bool,
    /// Only this part; may be repeated.
    #[arg(long, value_enum, value_name = "PART")]
    only: Vec<Part>,
    /// Presses accepted while processes are killed, and as many while the PSA errs.
    #[arg(long, default_value_t = 10_000)]
    presses: u32,
    /// Processes killed.
    #[arg(long, default_value_t = 1_000)]
    kills: u32,
    /// Power cuts.
    #[arg(long, default_value_t = 100)]
    cuts: u32,
    /// Rounds in which a process dies at every named point of a delivery, sleeps through its lease, gets an old disk back.
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// Simulated worlds, by seed from 0.
    #[arg(long, default_value_t = 100_000)]
    seeds: u32,
    /// Also write the results into this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What can be run by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Worlds of virtual time.
    Worlds,
    /// Dying at every named point.
    Points,
    /// kill -9 at any time.
    Kills,
    /// Workers that sleep through their lease.
    Frozen,
    /// Older copies of the state folder.
    Restored,
    /// A PSA that errs one time in ten.
    Erring,
    /// Tokens and keys that end halfway, storms of 429.
    Sagas,
    /// Power cuts.
    Cuts,
}

impl Part {
    /// Those with processes that die; the fault suite calls them by the same names.
    const DEATHS: [Self; 6] = [
        Self::Points,
        Self::Kills,
        Self::Frozen,
        Self::Restored,
        Self::Erring,
        Self::Sagas,
    ];

    fn name(self) -> String {
        let value = clap::ValueEnum::to_possible_value(&self);
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// What `--small` divides by.
const SMALL: u32 = 100;

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    prepare::toolchain(workspace)?;
    show::heading("Building the connectors");
    build::connectors(workspace)?;
    show::heading("Building the fault suite");
    build::programs(workspace, Profile::Release, &[FAULTS]).context("failed to build the fault suite")?;

    let count = |number: u32| {
        let number = if arguments.small {
            number.div_ceil(SMALL)
        } else {
            number
        };
        number.to_string()
    };
    let connector = workspace.connector_folder().join("halo.wasm");
    let wanted = |part: Part| arguments.only.is_empty() || arguments.only.contains(&part);
    let mut parts: Vec<(&str, Vec<String>)> = Vec::new();
    if wanted(Part::Worlds) {
        parts.push((
            "Worlds of virtual time",
            vec!["simulate".into(), "--worlds".into(), count(arguments.seeds)],
        ));
    }
    let deaths = Part::DEATHS.into_iter().filter(|part| wanted(*part));
    let only: Vec<String> = deaths
        .flat_map(|part| ["--only".to_owned(), part.name()])
        .collect();
    if !only.is_empty() {
        let mut words = vec![
            "deaths".into(),
            "--connector".into(),
            connector.display().to_string(),
            "--rounds".into(),
            count(arguments.rounds),
            "--kills".into(),
            count(arguments.kills),
            "--presses".into(),
            count(arguments.presses),
        ];
        words.extend(only);
        parts.push(("Processes that die", words));
    }
    if wanted(Part::Cuts) {
        parts.push((
            "Power cuts",
            vec!["cuts".into(), "--cuts".into(), count(arguments.cuts)],
        ));
    }
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
