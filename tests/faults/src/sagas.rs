//! Deliveries that something stops halfway, with real processes: a token that ends between the ticket and
//! its note, a key that is taken back there, and a PSA that answers everybody "too many requests".

use crate::{
    oracle::{Oracle, Running, Task, Tools, Verdict},
    worker::Manner,
};
use anyhow::{Context as _, Result, ensure};
use helpbell_delivery::{Store as _, journal::Course, store::State};
use helpbell_model::Failure;
use psa_sandbox::halo::{Halo, Misdeed, RetryAfter, Rule};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Presses of a storm.
const PRESSES: u32 = 40;
/// Milliseconds between two of them.
const EVERY_MS: u64 = 5;
/// How long a storm lasts: four and a half minutes on the workers' clock, in which each press by itself
/// would be tried about six times.
const STORM: Duration = Duration::from_secs(3);
/// Requests that a storm may meet. Three failures close the breaker, four hands may be on their way by then,
/// and it opens for one after 5, 15, 35, 75, 155 and 315 seconds; some are allowed for a machine so busy that
/// the storm lasts longer.
pub const MOST_ASKED: usize = 20;
/// Whatever is waited for has happened by then, or never will.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often the outbox is looked into meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Everything about a press whose key was taken back.
#[derive(Debug)]
pub struct KeyEnded {
    /// Why the press waits meanwhile, as its journal says.
    pub reason: Failure,
    /// What the PSA held meanwhile.
    pub meanwhile: Verdict,
    /// What it held after the key worked again.
    pub afterwards: Verdict,
}

/// What a storm came to.
#[derive(Debug)]
pub struct Storm {
    /// Requests sent while it lasted.
    pub asked: usize,
    /// What the PSA held afterwards.
    pub verdict: Verdict,
}

/// A second press whose ticket is filed and whose note is on its way: the PSA has its request and does not
/// yet look at it. The token is that of the first press, by another process: one that was obtained a moment
/// ago and is refused lacks a permission, and is not asked for again.
async fn halfway(oracle: &Oracle) -> Result<Running> {
    let first = Task {
        accept: 1,
        ..Task::default()
    };
    let status = oracle.run(first).await?;
    ensure!(status.success(), "the first worker failed: {status}");
    oracle
        .halo()
        .misbehave(Rule::new(Misdeed::Hang).on("POST", "/Actions").times(1))?;
    let worker = oracle.start(Task {
        accept: 1,
        manner: Manner::Product { every_ms: 0 },
        ..Task::default()
    })?;
    timeout(PATIENCE, oracle.halo().until_held(1))
        .await
        .context("no note was sent")?;
    Ok(worker)
}

async fn end(worker: Running) -> Result<()> {
    let status = worker.end(None).await?;
    ensure!(status.success(), "the worker failed: {status}");
    Ok(())
}

/// The token ends between ticket and note, in this way.
///
/// # Errors
/// If the worker cannot be run.
pub async fn token_ends(tools: &Tools, how: fn(&Halo)) -> Result<Verdict> {
    let oracle = Oracle::new(tools).await?;
    let worker = halfway(&oracle).await?;
    how(oracle.halo());
    oracle.halo().release();
    end(worker).await?;
    Ok(oracle.judge())
}

/// The key is taken back between ticket and note, and given again once the press says why it waits.
///
/// # Errors
/// If the worker cannot be run, or the press does not say why it waits.
pub async fn key_ends(tools: &Tools) -> Result<KeyEnded> {
    let oracle = Oracle::new(tools).await?;
    let worker = halfway(&oracle).await?;
    oracle.halo().revoke_all_tokens();
    oracle
        .halo()
        .adjust(|behaviour| behaviour.client_credentials = false)?;
    oracle.halo().release();
    let reason = timeout(PATIENCE, why_it_waits(&oracle))
        .await
        .context("the press does not wait for a reason")??;
    let meanwhile = oracle.judge();
    oracle
        .halo()
        .adjust(|behaviour| behaviour.client_credentials = true)?;
    end(worker).await?;
    Ok(KeyEnded {
        reason,
        meanwhile,
        afterwards: oracle.judge(),
    })
}

/// The failure for which the one press waits, as soon as it does.
async fn why_it_waits(oracle: &Oracle) -> Result<Failure> {
    let outbox = oracle.outbox().await?;
    loop {
        for record in outbox.list(&[State::Waiting], 1).await? {
            let failure = Course::of(&record.journal).last_failure;
            if let Some((failure, _)) = failure.filter(|_| record.leased_until.is_none()) {
                return Ok(failure);
            }
        }
        sleep(LOOK_EVERY).await;
    }
}

/// A storm in which every request is answered with 429 and this header, and what comes after it.
///
/// # Errors
/// If the worker cannot be run.
pub async fn storm(tools: &Tools, retry_after: RetryAfter) -> Result<Storm> {
    weather(tools, retry_after, Manner::Product { every_ms: EVERY_MS }).await
}

/// The control of [`storm`]: the same with a worker that has no breaker. It must ask more often.
///
/// # Errors
/// If the worker cannot be run.
pub async fn storm_control(tools: &Tools) -> Result<Storm> {
    weather(tools, RetryAfter::Absent, Manner::Reckless).await
}

async fn weather(tools: &Tools, retry_after: RetryAfter, manner: Manner) -> Result<Storm> {
    let oracle = Oracle::new(tools).await?;
    oracle.halo().misbehave(Rule {
        retry_after,
        ..Rule::new(Misdeed::RateLimited429)
    })?;
    let worker = oracle.start(Task {
        accept: PRESSES,
        manner,
        ..Task::default()
    })?;
    timeout(PATIENCE, async {
        while oracle.halo().ledger().requests.is_empty() {
            sleep(LOOK_EVERY).await;
        }
    })
    .await
    .context("nothing was asked")?;
    sleep(STORM).await;
    let asked = oracle.halo().ledger().requests.len();
    oracle.halo().behave();
    end(worker).await?;
    Ok(Storm {
        asked,
        verdict: oracle.judge(),
    })
}
