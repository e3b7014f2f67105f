//! The fuzz targets by hand.

use anyhow::Result;
use clap::{Parser, builder::PossibleValuesParser};
use helpbell_fuzz::{
    campaign::{self, Until},
    targets::{TARGETS, Target},
};
use std::{
    io::IsTerminal as _,
    process::ExitCode,
    time::{Duration, Instant},
};

/// Runs fuzz targets with mangled inputs; `cargo xtask fuzz` builds what this needs and runs it.
#[derive(Debug, Parser)]
#[command(name = "helpbell-fuzz")]
struct Cli {
    /// Only this target.
    #[arg(value_parser = PossibleValuesParser::new(TARGETS.map(|target| target.name)))]
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

/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(1);

fn main() -> Result<ExitCode> {
    let cli = Cli::parse();
    let chosen: Vec<&Target> = TARGETS
        .iter()
        .filter(|target| cli.target.as_deref().is_none_or(|name| name == target.name))
        .collect();
    let until = cli
        .runs
        .map_or(Until::Time(Duration::from_secs(cli.seconds)), Until::Runs);
    let seed = cli.seed.unwrap_or_else(|| fastrand::u64(..));
    let mut broken = 0;
    for target in chosen {
        let corpus: Vec<Vec<u8>> = campaign::corpus(target.name)?
            .into_iter()
            .map(|(_, bytes)| bytes)
            .collect();
        let (began, mut told) = (Instant::now(), Instant::now());
        let report = campaign::run(target, &corpus, until, seed, |runs| {
            if told.elapsed() >= PROGRESS && std::io::stderr().is_terminal() {
                told = Instant::now();
                eprint!("\r{}: {runs} inputs", target.name);
            }
        });
        let took = began.elapsed().as_secs_f64();
        match report.broken {
            None => println!(
                "{:<14} {:>9} inputs in {took:.0} s, seed {seed}",
                target.name, report.runs
            ),
            Some((input, said)) => {
                broken += 1;
                let file = campaign::keep(target.name, &input)?;
                println!(
                    "{:<14} BROKEN after {} inputs, seed {seed}: {said}\n  kept as {}; the tests run it from now on: cargo xtask test --only fuzz",
                    target.name,
                    report.runs,
                    file.display()
                );
            }
        }
    }
    Ok(if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
