//! Stories with real processes in which nobody dies for good: a frozen worker, a restored disk, a PSA that errs.

use crate::{
    deaths::hide,
    oracle::{Oracle, Task, Tools, Verdict},
    worker::{self, Manner},
};
use anyhow::{Context as _, Result, bail, ensure};
use helpbell_delivery::{Store as _, journal::Event, store::State};
use psa_sandbox::halo::{Halo, HaloError, Misdeed, RetryAfter, Rule};
use std::{path::Path, process::Command, time::Duration};
use tokio::time::{sleep, timeout};

/// Longer than a lease of three minutes on the workers' clock.
const FROZEN: Duration = Duration::from_millis(2_400);
/// Presses of a worker that is frozen.
const PRESSES_FROZEN: u32 = 12;
/// Of them, so many at most are past the request at which it is frozen: every hand still has one.
const PAST: std::ops::RangeInclusive<u32> = 0..=8;
/// A worker that a busy machine holds up for longer than a lease has not all hands at that request at the same time.
/// Such a story is begun anew, so often at most.
const BEGINNINGS: usize = 4;
/// How often the accepted presses are counted meanwhile.
const COUNTED_EVERY: Duration = Duration::from_millis(1);
/// What is waited for has happened by then, or never will.
const PATIENCE: Duration = Duration::from_secs(20);
/// Presses read from an outbox: all there are.
const LISTED: u32 = 1_000;
/// Presses of a disk that is restored.
const PRESSES_RESTORED: u32 = 12;
/// Where the worker dies whose disk is copied: half of its tickets are filed, the others are not.
const HALFWAY: &str = "after create #6";
/// How often a PSA that errs does so.
const ERRS: f64 = 0.1;
/// A late answer comes after so many milliseconds: nobody waits beyond the end of a lease, two seconds on
/// the workers' clock.
const LATE_MS: u32 = 2_500;
/// What a `Retry-After` of either form asks for, in seconds: less than the first wait of the product.
const ASKED_S: u32 = 3;
/// Presses delivered at a time to a PSA that errs: most hands wait for a request that hangs.
const HANDS: usize = 8;
/// Presses accepted before they are worked off: each hand has some.
const HANDFUL: u32 = 24;

/// What a PSA that errs does. Each comes as well after the request was carried out as instead of that, but
/// for answers that are late, mangled or mislabelled, whose requests are always carried out, and for 429,
/// which says that the request was not. What a PSA means, such as "not found" or "forbidden", is no error.
pub const ERRORS: [Misdeed; 13] = [
    Misdeed::RateLimited429,
    Misdeed::Exception500,
    Misdeed::BadGateway502,
    Misdeed::Unavailable503,
    Misdeed::GatewayTimeout504,
    Misdeed::Reset,
    Misdeed::Truncated,
    Misdeed::Redirect302,
    Misdeed::Html200,
    Misdeed::JsonAsText,
    Misdeed::Empty200,
    Misdeed::Hang,
    Misdeed::Latency,
];

/// A worker stands still for longer than its lease while another takes over, and then goes on. It stands
/// still when each of its hands has sent a ticket or a note and has no answer yet: so it holds no lock of the
/// outbox, which would keep the other waiting too.
///
/// # Errors
/// If a worker cannot be run or stopped, or nothing was taken over.
pub async fn frozen(tools: &Tools) -> Result<Verdict> {
    for _ in 0..BEGINNINGS {
        if let Some(verdict) = frozen_if_it_gets_there(tools).await? {
            return Ok(verdict);
        }
    }
    bail!("no worker had all hands at the request at which it should be frozen")
}

/// None if the worker never had all hands there.
async fn frozen_if_it_gets_there(tools: &Tools) -> Result<Option<Verdict>> {
    let oracle = Oracle::new(tools).await?;
    let hands = u32::try_from(worker::HANDS)?;
    let path = if fastrand::bool() { "/Tickets" } else { "/Actions" };
    let hang = Rule::new(Misdeed::Hang).on("POST", path).applied();
    oracle
        .halo()
        .misbehave(hang.after(fastrand::u32(PAST)).times(hands))?;
    let task = |accept| Task {
        accept,
        manner: Manner::Product { every_ms: 0 },
        ..Task::default()
    };
    let sleeper = oracle.start(task(PRESSES_FROZEN))?;
    let got_there = timeout(PATIENCE, async {
        oracle.halo().until_held(worker::HANDS).await;
        while oracle.owed() < PRESSES_FROZEN as usize {
            sleep(COUNTED_EVERY).await;
        }
    });
    if got_there.await.is_err() {
        return Ok(None);
    }
    let id = sleeper.id().context("the worker ended too soon to be frozen")?;
    signal(id, "STOP")?;
    let other = oracle.start(task(0))?;
    sleep(FROZEN).await;
    signal(id, "CONT")?;
    oracle.halo().release();
    for running in [sleeper, other] {
        let status = running.end(None).await?;
        ensure!(status.success(), "a worker failed: {status}");
    }
    let verdict = settled(&oracle).await?;
    ensure!(
        was_taken_over(&oracle).await?,
        "nothing was taken over, so nothing is proved"
    );
    Ok(Some(verdict))
}

/// Whether somebody looked for what another process may have done before: nobody else has reason to.
async fn was_taken_over(oracle: &Oracle) -> Result<bool> {
    let records = oracle.outbox().await?.list(&State::ALL, LISTED).await?;
    let entries = records.iter().flat_map(|record| &record.journal);
    Ok(entries
        .filter(|entry| entry.epoch > 1)
        .any(|entry| matches!(entry.event, Event::Looked { .. })))
}

/// The state folder is put back to how it was while presses were under way, after all were delivered.
/// `prepare` makes the Halo ready.
///
/// # Errors
/// If a worker cannot be run.
pub async fn restored(tools: &Tools, prepare: fn(&Halo) -> Result<(), HaloError>) -> Result<Verdict> {
    let oracle = Oracle::new(tools).await?;
    prepare(oracle.halo())?;
    let first = oracle
        .run(Task {
            accept: PRESSES_RESTORED,
            die_at: Some(HALFWAY.to_owned()),
            ..Task::default()
        })
        .await?;
    ensure!(!first.success(), "the worker that should die halfway did not");
    let backup = oracle.state().with_extension("backup");
    copy(&oracle.state(), &backup)?;
    oracle.let_the_psa_finish().await;
    oracle.finish().await?;
    std::fs::remove_dir_all(oracle.state())?;
    copy(&backup, &oracle.state())?;
    settled(&oracle).await
}

/// Every tenth request goes wrong in one of these ways.
///
/// # Errors
/// If a worker cannot be run.
pub async fn erring(tools: &Tools, among: &[Misdeed], seed: u64, presses: u32) -> Result<Verdict> {
    let oracle = Oracle::new(tools).await?;
    misbehave(oracle.halo(), among, seed)?;
    let status = oracle
        .run(Task {
            accept: presses,
            manner: Manner::Alone {
                hands: HANDS,
                handful: HANDFUL,
            },
            ..Task::default()
        })
        .await?;
    oracle.halo().behave();
    ensure!(status.success(), "the worker failed: {status}");
    settled(&oracle).await
}

/// The control of [`erring`]: a ticket is filed and its answer lost, and the PSA's lookup finds nothing. Its
/// verdict must tell of a second ticket.
///
/// # Errors
/// If a worker cannot be run.
pub async fn erring_control(tools: &Tools) -> Result<Verdict> {
    let oracle = Oracle::new(tools).await?;
    hide(oracle.halo())?;
    let lost = Rule::new(Misdeed::Reset)
        .on("POST", "/Tickets")
        .applied()
        .times(1);
    oracle.halo().misbehave(lost)?;
    let status = oracle
        .run(Task {
            accept: 1,
            ..Task::default()
        })
        .await?;
    ensure!(status.success(), "the worker failed: {status}");
    Ok(oracle.judge())
}

/// Makes every tenth request go wrong, each of these ways as often as the others.
fn misbehave(halo: &Halo, among: &[Misdeed], seed: u64) -> Result<(), HaloError> {
    let mut left = 1.0;
    for misdeed in among {
        let ways = ways(*misdeed);
        let chance = ERRS / count(among.len()) / count(ways.len());
        for (seed, way) in (seed..).zip(ways) {
            // A rule sees only what those before it let pass.
            halo.misbehave(way.by_chance(chance / left, seed))?;
            left -= chance;
        }
    }
    Ok(())
}

/// How one error comes about.
fn ways(misdeed: Misdeed) -> Vec<Rule> {
    let rule = Rule::new(misdeed);
    let asking = |retry_after| Rule {
        retry_after,
        ..Rule::new(misdeed)
    };
    match misdeed {
        Misdeed::RateLimited429 => vec![
            rule,
            asking(RetryAfter::Seconds(ASKED_S)),
            asking(RetryAfter::Date(ASKED_S)),
        ],
        Misdeed::Unavailable503 => vec![
            rule,
            asking(RetryAfter::Seconds(ASKED_S)),
            asking(RetryAfter::Date(ASKED_S)).applied(),
        ],
        Misdeed::Latency => vec![Rule {
            latency_ms: LATE_MS,
            ..rule.applied()
        }],
        misdeed if misdeed.needs_the_answer() => vec![rule],
        _ => vec![rule.clone(), rule.applied()],
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// One more worker finds nothing left to do, and the ledger is judged.
async fn settled(oracle: &Oracle) -> Result<Verdict> {
    oracle.finish().await?;
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
