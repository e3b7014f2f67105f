//! Workers that die: at every edge of the store, one after another, and by kill -9 at any time.

use crate::oracle::{Oracle, Task, Tools, Verdict};
use anyhow::{Result, ensure};
use psa_sandbox::halo::Halo;
use std::time::Duration;

/// No press touches the store so often; without this bound a fault of the harness would never end.
const MOST_EDGES: u32 = 200;
/// Stories at a time: each mostly waits for a lease to end.
const AT_A_TIME: usize = 4;
/// Shortest and longest life of a worker that is killed, in milliseconds.
const LIFE_MS: std::ops::Range<u64> = 50..800;
/// Presses that one worker accepts before it is killed, at most.
const PRESSES_PER_LIFE: u32 = 40;

/// One press per edge of the store: a worker dies there, another finds what it left. Each story has a Halo
/// of its own, made ready by `prepare`. Gives how many edges a press has, and what became of all presses.
///
/// # Errors
/// If a worker cannot be run.
pub async fn at_every_edge(tools: &Tools, prepare: impl Fn(&Halo)) -> Result<(u32, Verdict)> {
    let (mut all, mut edge) = (Verdict::default(), 0);
    loop {
        let stories = (1..=AT_A_TIME as u32).map(|ahead| one_edge(tools, edge + ahead, &prepare));
        let mut died = 0;
        for story in join_all(stories).await {
            let (was_reached, verdict) = story?;
            ensure!(
                verdict.is_good(),
                "after dying at an edge beyond {edge}: {verdict:?}"
            );
            all = all.plus(&verdict);
            died += u32::from(was_reached);
        }
        edge += died;
        if died < AT_A_TIME as u32 {
            return Ok((edge, all));
        }
        ensure!(edge < MOST_EDGES, "a press touches the store without end");
    }
}

/// Gives whether the worker got as far as that edge.
async fn one_edge(tools: &Tools, edge: u32, prepare: &impl Fn(&Halo)) -> Result<(bool, Verdict)> {
    let oracle = Oracle::new(tools).await?;
    prepare(oracle.halo());
    let first = oracle
        .run(Task {
            accept: 1,
            die_at: edge,
            ..Task::default()
        })
        .await?;
    let second = oracle.run(Task::default()).await?;
    ensure!(
        second.success(),
        "the worker that came after edge {edge} failed: {second}"
    );
    Ok((!first.success(), oracle.judge()))
}

/// Workers that accept and deliver, each killed after a moment, until so many were killed and so many
/// presses accepted; then one that finishes.
///
/// # Errors
/// If a worker cannot be run.
pub async fn by_kill(tools: &Tools, kills: u32, presses: u32) -> Result<Verdict> {
    let oracle = Oracle::new(tools).await?;
    let mut killed = 0;
    while killed < kills || oracle.judge().accepted < presses as usize {
        let status = oracle
            .run(Task {
                accept: PRESSES_PER_LIFE,
                every_ms: 3,
                die_at: 0,
                kill_after: Some(Duration::from_millis(fastrand::u64(LIFE_MS))),
            })
            .await?;
        killed += u32::from(!status.success());
    }
    let last = oracle.run(Task::default()).await?;
    ensure!(last.success(), "the worker that should finish failed: {last}");
    Ok(oracle.judge())
}

/// All of them, at the same time.
async fn join_all<T>(stories: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures::future::join_all(stories).await
}
