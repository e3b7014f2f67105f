//! The fault suite by hand, and the process that it kills.

use anyhow::Result;
use clap::{Parser, Subcommand};
use helpbell_faults::{
    deaths,
    disk::{self, Cut, Keeping},
    oracle::{self, Verdict},
    sim::{self, Without},
    troubles, worker,
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
    /// Let workers die at every edge of the store, by kill -9, freeze, come back to an old disk, meet a PSA that errs.
    Deaths {
        /// The connector.
        #[arg(long)]
        connector: PathBuf,
        /// How often each edge.
        #[arg(long, default_value_t = 20)]
        rounds: u32,
        /// Kills from outside.
        #[arg(long, default_value_t = 1_000)]
        kills: u32,
        /// Presses accepted meanwhile.
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
            rounds,
            kills,
            presses,
        } => runtime()?.block_on(die(&connector, rounds, kills, presses))?,
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

fn simulate(worlds: u64) -> Result<(&'static str, Value, bool)> {
    let mut all = sim::Verdict::default();
    for seed in 0..worlds {
        let verdict = sim::play(seed, Without::Nothing)?;
        if !verdict.is_good() {
            println!("seed {seed}: {verdict:?}");
        }
        all.accepted += verdict.accepted;
        all.lost += verdict.lost;
        all.doubled += verdict.doubled;
        all.merged += verdict.merged;
        all.incomplete += verdict.incomplete;
        all.stuck += verdict.stuck;
        all.deaths += verdict.deaths;
    }
    let value = json!({
        "worlds": worlds, "accepted": all.accepted, "deaths": all.deaths, "lost": all.lost,
        "doubled": all.doubled, "merged": all.merged, "incomplete": all.incomplete, "stuck": all.stuck,
    });
    Ok(("simulation", value, all.is_good()))
}

async fn cut(cuts: u32) -> Result<(&'static str, Value, bool)> {
    /// How long presses are accepted before the power goes.
    const LIFE: std::time::Duration = std::time::Duration::from_millis(700);
    let program = std::env::current_exe()?;
    let (mut product, mut control) = (Cut::default(), Cut::default());
    for round in 0..cuts {
        let one = disk::power_cut(&program, Keeping::Product, LIFE).await?;
        (product.accepted, product.lost) = (product.accepted + one.accepted, product.lost + one.lost);
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
    rounds: u32,
    kills: u32,
    presses: u32,
) -> Result<(&'static str, Value, bool)> {
    let folder = tempfile::tempdir()?;
    let compiled = folder.path().join("compiled");
    let tools = oracle::tools(&std::env::current_exe()?, connector, &compiled).await?;
    let told = |verdict: &Verdict| {
        json!({
            "accepted": verdict.accepted, "lost": verdict.lost, "doubled": verdict.doubled,
            "incomplete": verdict.incomplete,
        })
    };
    let mut edges = 0;
    let mut by_edge = Verdict::default();
    for _ in 0..rounds {
        let (count, verdict) = deaths::at_every_edge(&tools, |_| ()).await?;
        edges = count;
        by_edge = by_edge.plus(&verdict);
    }
    let by_kill = deaths::by_kill(&tools, kills, presses).await?;
    let (mut frozen, mut restored) = (Verdict::default(), Verdict::default());
    for _ in 0..rounds {
        frozen = frozen.plus(&troubles::frozen(&tools).await?);
        restored = restored.plus(&troubles::restored(&tools, |_| ()).await?);
    }
    let erring = troubles::erring(&tools, 0, presses).await?;
    let all = [&by_edge, &by_kill, &frozen, &restored, &erring];
    let good = all.iter().all(|verdict| verdict.is_good());
    let value = json!({
        "edges": {"edges": edges, "rounds": rounds, "verdict": told(&by_edge)},
        "kills": {"kills": kills, "verdict": told(&by_kill)},
        "frozen": {"rounds": rounds, "verdict": told(&frozen)},
        "restored": {"rounds": rounds, "verdict": told(&restored)},
        "a PSA that errs one time in ten": told(&erring),
    });
    Ok(("deaths", value, good))
}
