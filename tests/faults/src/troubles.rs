//! Stories with real processes in which nobody dies: a frozen worker, a restored disk, a PSA that errs.

use crate::oracle::{Oracle, Task, Tools, Verdict};
use anyhow::{Context as _, Result, ensure};
use psa_sandbox::halo::{Halo, Misdeed, Random};
use std::{path::Path, process::Command, time::Duration};

/// Longer than a lease of three minutes on the workers' clock.
const FROZEN: Duration = Duration::from_millis(2_400);
/// Presses of a story.
const PRESSES: u32 = 12;
/// Milliseconds between two.
const EVERY_MS: u64 = 15;
/// When a worker is frozen, in milliseconds after its start: while it delivers.
const FREEZE_AFTER_MS: std::ops::Range<u64> = 150..500;
/// Edges of the store after which a worker has accepted its presses and delivered some.
const HALFWAY: u32 = 40;

/// What a PSA does one time in ten. Hanging is left out: it only makes the story longer.
const MISDEEDS: [Misdeed; 9] = [
    Misdeed::RateLimited429,
    Misdeed::Exception500,
    Misdeed::BadGateway502,
    Misdeed::Unavailable503,
    Misdeed::GatewayTimeout504,
    Misdeed::Reset,
    Misdeed::Truncated,
    Misdeed::Html200,
    Misdeed::Empty200,
];

/// A worker stands still for longer than its lease while another takes over, and then goes on.
///
/// # Errors
/// If a worker cannot be run or stopped.
pub async fn frozen(tools: &Tools) -> Result<Verdict> {
    let oracle = Oracle::new(tools).await?;
    let task = Task {
        accept: PRESSES,
        every_ms: EVERY_MS,
        ..Task::default()
    };
    let sleeper = oracle.start(task)?;
    tokio::time::sleep(Duration::from_millis(fastrand::u64(FREEZE_AFTER_MS))).await;
    let id = sleeper.id().context("the worker ended too soon to be frozen")?;
    signal(id, "STOP")?;
    let other = oracle.start(Task::default())?;
    tokio::time::sleep(FROZEN).await;
    signal(id, "CONT")?;
    for worker in [sleeper, other] {
        let status = worker.end(None).await?;
        ensure!(status.success(), "a worker failed: {status}");
    }
    settled(&oracle).await
}

/// The state folder is put back to how it was while presses were under way, after all were delivered.
/// `prepare` makes the Halo ready.
///
/// # Errors
/// If a worker cannot be run.
pub async fn restored(tools: &Tools, prepare: impl Fn(&Halo)) -> Result<Verdict> {
    let oracle = Oracle::new(tools).await?;
    prepare(oracle.halo());
    oracle
        .run(Task {
            accept: PRESSES,
            die_at: HALFWAY,
            ..Task::default()
        })
        .await?;
    let backup = oracle.state().with_extension("backup");
    copy(&oracle.state(), &backup)?;
    oracle.run(Task::default()).await?;
    std::fs::remove_dir_all(oracle.state())?;
    copy(&backup, &oracle.state())?;
    settled(&oracle).await
}

/// Every tenth request goes wrong in one of many ways, whether it is carried out or not.
///
/// # Errors
/// If a worker cannot be run.
pub async fn erring(tools: &Tools, seed: u64, presses: u32) -> Result<Verdict> {
    let oracle = Oracle::new(tools).await?;
    oracle.halo().misbehave_at_random(Some(Random {
        seed,
        rate: 0.1,
        among: MISDEEDS.to_vec(),
    }))?;
    let task = Task {
        accept: presses,
        every_ms: EVERY_MS,
        ..Task::default()
    };
    let worker = oracle.start(task)?;
    // Long enough for every press to meet trouble, then the PSA recovers.
    tokio::time::sleep(Duration::from_millis(u64::from(presses) * EVERY_MS * 2)).await;
    oracle.halo().behave();
    let status = worker.end(None).await?;
    ensure!(status.success(), "the worker failed: {status}");
    settled(&oracle).await
}

/// One more worker finds nothing left to do, and the ledger is judged.
async fn settled(oracle: &Oracle) -> Result<Verdict> {
    let last = oracle.run(Task::default()).await?;
    ensure!(last.success(), "the last worker failed: {last}");
    Ok(oracle.judge())
}

fn signal(process: u32, name: &str) -> Result<()> {
    let status = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(process.to_string())
        .status()?;
    ensure!(status.success(), "kill -{name} failed: {status}");
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    ensure!(status.success(), "cp failed: {status}");
    Ok(())
}
