//! Benchmarks. Each stands beside its floor or peer, measured in the same run on the same machine, turn by turn: a
//! number alone says more of the machine than of the program.
//!
//! ```text
//! main ─► press/     press to ticket, beside the same requests by a plain client
//!         delivery/  losing nothing, beside one flush of the disk
//!         sandbox/   running connectors, beside bare wasmtime and plain requests
//!         rules      the cookbook's rules on a press, beside starting CPython for them
//!         capture/   photographing three 4K monitors, beside python-mss, maim and scrot
//!         examination  examining a machine, beside fastfetch, lshw, hwinfo, inxi, fusioninventory
//!         metric     what is measured, against what, and whether the target holds
//! ```

mod capture;
mod delivery;
mod examination;
mod metric;
mod press;
mod rules;
mod sandbox;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use std::{path::PathBuf, process::ExitCode};

/// Benchmarks of Helpbell. `cargo xtask bench` builds what this needs and runs it.
#[derive(Debug, Parser)]
#[command(name = "helpbell-bench")]
struct Cli {
    /// The folder that holds halo.wasm and rules.wasm, built as they are shipped.
    #[arg(long, value_name = "FOLDER")]
    connectors: PathBuf,
    /// The helpbell program, built as it is shipped (default: beside this one).
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Only this benchmark.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Also write the results into this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Photograph the display for every line on standard input: the measured half of a benchmark.
    #[arg(long, hide = true)]
    photograph: Option<capture::Photograph>,
}

impl Cli {
    fn program(&self) -> Result<PathBuf> {
        if let Some(program) = &self.program {
            return Ok(program.clone());
        }
        let here = std::env::current_exe().context("failed to find this program")?;
        let beside = here.with_file_name(format!("helpbell{}", std::env::consts::EXE_SUFFIX));
        if !beside.exists() {
            bail!(
                "there is no {}; build it, or name another: --program FILE",
                beside.display()
            );
        }
        Ok(beside)
    }
}

/// What there is to measure.
const BENCHMARKS: [&str; 5] = ["press", "sandbox", "delivery", "rules", "agent"];

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("error: a target was missed");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, tells, and says whether all targets hold.
fn run(cli: &Cli) -> Result<bool> {
    if let Some(only) = &cli.only
        && !BENCHMARKS.contains(&only.as_str())
    {
        bail!(
            "there is no benchmark {only:?}; there are: {}",
            BENCHMARKS.join(", ")
        );
    }
    if let Some(what) = cli.photograph {
        return capture::photograph(what).map(|()| true);
    }
    let connector = cli.connectors.join("halo.wasm");
    let is_wanted = |name: &str| cli.only.as_deref().is_none_or(|only| only == name);
    let mut metrics = Vec::new();
    if is_wanted("press") {
        metrics.extend(press::measure(&connector)?);
    }
    if is_wanted("sandbox") {
        metrics.extend(sandbox::measure(&connector)?);
    }
    if is_wanted("delivery") {
        metrics.extend(delivery::measure()?);
    }
    if is_wanted("rules") {
        metrics.extend(rules::measure(&cli.connectors.join("rules.wasm"))?);
    }
    if is_wanted("agent") {
        metrics.extend(capture::measure()?);
        metrics.extend(examination::measure(&cli.program()?)?);
    }
    print!("{}", metric::table(&metrics));
    if let Some(file) = &cli.json {
        let text = format!("{:#}\n", metric::json(&metrics));
        std::fs::write(file, text).with_context(|| format!("failed to write {}", file.display()))?;
    }
    Ok(metrics.iter().all(|metric| metric.holds() != Some(false)))
}
