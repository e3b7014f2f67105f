//! The fault suite by hand, and the process that it kills.

use anyhow::Result;
use clap::{Parser, Subcommand};
use helpbell_faults::{
    completions,
    disk::{self, Cut, Keeping},
    full::{self, Part, Scale},
    oracle,
    sim::{self, Without},
    worker,
};
use serde_json::{Value, json};
use std::{path::PathBuf, process::ExitCode};

/// The fault suite of Helpbell.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play worlds of virtual time.
    Simulate {
        /// How many.
        #[arg(long, default_value_t = 100_000)]
        worlds: u64,
    },
    /// Let workers die at every point and by kill -9, freeze, come back to an old disk, meet a PSA that errs.
    Deaths {
        /// The connector.
        #[arg(long)]
        connector: PathBuf,
        /// Only this part; may be repeated.
        #[arg(long, value_enum)]
        only: Vec<Part>,
        /// How often each point, each frozen worker, each restored disk.
        #[arg(long, default_value_t = 20)]
        rounds: u32,
        /// Kills from outside.
        #[arg(long, default_value_t = 1_000)]
        kills: u32,
        /// Presses accepted meanwhile, and as many while the PSA errs.
        #[arg(long, default_value_t = 10_000)]
        presses: u32,
    },
    /// Cut the power of a disk that accepts presses, so many times.
    Cuts {
        /// How often.
        #[arg(long, default_value_t = 100)]
        cuts: u32,
    },
    /// Accept presses into a folder until killed.
    #[command(hide = true)]
    Hoard {
        /// The folder.
        folder: PathBuf,
        /// How they are kept.
        #[arg(long, value_enum)]
        keeping: disk::Keeping,
    },
    /// Deliver as told in a file; made to be killed.
    #[command(hide = true)]
    Worker {
        /// The file.
        orders: PathBuf,
    },
}

fn main() -> Result<ExitCode> {
    let (name, value, good) = match Cli::parse().command {
        Command::Worker { orders } => {
            runtime()?.block_on(worker::work(&worker::orders(&orders)?))?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Hoard { folder, keeping } => {
            runtime()?.block_on(disk::hoard(&folder, keeping))?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Simulate { worlds } => simulate(worlds)?,
        Command::Cuts { cuts } => runtime()?.block_on(cut(cuts))?,
        Command::Deaths {
            connector,
            only,
            rounds,
            kills,
            presses,
        } => {
            let parts = if only.is_empty() { Part::ALL.to_vec() } else { only };
            let scale = Scale {
                rounds,
                kills,
                presses,
            };
            runtime()?.block_on(die(&connector, &parts, scale))?
        }
    };
    println!("{}", json!({name: value, "holds": good}));
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// Worlds after which a control that still holds proves nothing.
const CONTROL_WORLDS: u64 = 400;
/// How often the progress of worlds is told.
const TOLD_EVERY: u64 = 10_000;

fn simulate(worlds: u64) -> Result<(&'static str, Value, bool)> {
    let mut all = sim::Verdict::default();
    for seed in 0..worlds {
        let verdict = sim::play(seed, Without::Nothing)?;
        if !verdict.is_good() {
            println!("seed {seed}: {verdict:?}");
        }
        all = all.plus(&verdict);
        if (seed + 1).is_multiple_of(TOLD_EVERY) {
            eprintln!("worlds: {} of {worlds}", seed + 1);
        }
    }
    let (mut controls, mut failed) = (serde_json::Map::new(), true);
    for without in Without::EACH {
        let bad = sim::first_bad(CONTROL_WORLDS, without)?;
        eprintln!("worlds: without {without:?}: {bad:?}");
        failed &= bad.is_some();
        let world = bad.map(|(world, _)| world);
        controls.insert(format!("without {without:?}"), json!({"fails in world": world}));
    }
    let (anywhere, is_proved) = complete_anywhere()?;
    let value = json!({
        "worlds": worlds, "accepted": all.accepted, "refused": all.refused, "deaths": all.deaths, "lost": all.lost,
        "doubled": all.doubled, "merged": all.merged, "incomplete": all.incomplete,
        "misjudged": all.misjudged, "stuck": all.stuck, "completed": all.completed, "too late": all.too_late,
        "controls": controls, "completed anywhere": anywhere,
    });
    Ok(("simulation", value, all.is_good() && failed && is_proved))
}

/// Reports completed at every point, beside their control.
fn complete_anywhere() -> Result<(Value, bool)> {
    let told = completions::at_every_point(Without::Nothing)?;
    if let Some(bad) = &told.bad {
        println!("{bad}");
    }
    let control = completions::at_every_point(Without::LastReport)?;
    let value = json!({
        "points": told.points, "stories": told.stories, "completed": told.verdict.completed,
        "too late": told.verdict.too_late, "incomplete": told.verdict.incomplete,
        "control": {"incomplete": control.verdict.incomplete},
    });
    Ok((value, told.bad.is_none() && control.bad.is_some()))
}

async fn cut(cuts: u32) -> Result<(&'static str, Value, bool)> {
    /// How long presses are accepted before the power goes.
    const LIFE: std::time::Duration = std::time::Duration::from_millis(700);
    let program = std::env::current_exe()?;
    let (mut product, mut control) = (Cut::default(), Cut::default());
    for round in 0..cuts {
        let one = disk::power_cut(&program, Keeping::Product, LIFE).await?;
        (product.accepted, product.lost) = (product.accepted + one.accepted, product.lost + one.lost);
        eprintln!("power cuts: {} of {cuts}", round + 1);
        // The control shows that the method sees losses; a few are enough.
        if round % 10 == 0 {
            let one = disk::power_cut(&program, Keeping::Unflushed, LIFE).await?;
            (control.accepted, control.lost) = (control.accepted + one.accepted, control.lost + one.lost);
        }
    }
    let value = json!({
        "cuts": cuts, "accepted": product.accepted, "lost": product.lost,
        "control": {"accepted": control.accepted, "lost": control.lost},
    });
    Ok(("power cuts", value, product.lost == 0 && control.lost > 0))
}

async fn die(
    connector: &std::path::Path,
    parts: &[Part],
    scale: Scale,
) -> Result<(&'static str, Value, bool)> {
    let folder = tempfile::tempdir()?;
    let compiled = folder.path().join("compiled");
    let tools = oracle::tools(&std::env::current_exe()?, connector, &compiled).await?;
    let (value, good) = full::run(&tools, parts, scale).await;
    Ok(("deaths", value, good))
}
