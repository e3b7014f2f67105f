//! Real processes with a real disk, killed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use helpbell_end_to_end::built;
use helpbell_faults::{
    deaths,
    oracle::{Tools, tools},
};
use psa_sandbox::halo::{Halo, Lag};
use std::path::Path;
use tempfile::TempDir;

/// Kills and presses per run of the suite; `cargo xtask faults` does a thousand and ten thousand.
const KILLS: u32 = 25;
const PRESSES: u32 = 150;
/// How often the control may try to fail.
const CONTROL_TRIES: u32 = 4;
/// Fewer edges than this, and the harness misses some: accept, claim, intents and outcomes have two each.
const EDGES: u32 = 12;

async fn prepared() -> (TempDir, Tools) {
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_helpbell-faults"));
    let tools = tools(
        program,
        &built::connector("halo"),
        &folder.path().join("compiled"),
    )
    .await
    .unwrap();
    (folder, tools)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_at_any_edge_of_the_store_leaves_a_press_that_becomes_one_ticket() {
    let (_folder, tools) = prepared().await;
    let (edges, verdict) = deaths::at_every_edge(&tools, |_| ()).await.unwrap();
    println!("{edges} edges: {verdict:?}");
    assert!(edges >= EDGES, "only {edges} edges");
    assert!(verdict.is_good() && verdict.accepted > 0, "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn control_a_lookup_that_never_finds_anything_doubles_tickets() {
    let (_folder, tools) = prepared().await;
    let hide = |halo: &Halo| {
        halo.adjust(|behaviour| behaviour.index_lag = Lag::Seconds(1_000_000))
            .unwrap()
    };
    // Whether a death falls between effect and outcome depends on how the machine is loaded: it has some tries.
    for _ in 0..CONTROL_TRIES {
        if let Err(failed) = deaths::at_every_edge(&tools, hide).await {
            let failed = failed.to_string();
            assert!(failed.contains("doubled: 1"), "{failed}");
            return;
        }
    }
    panic!("nothing was doubled, so the proof proves nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_killed_at_any_time_lose_and_double_nothing() {
    let (_folder, tools) = prepared().await;
    let verdict = deaths::by_kill(&tools, KILLS, PRESSES).await.unwrap();
    println!("{KILLS} kills: {verdict:?}");
    assert!(
        verdict.is_good() && verdict.accepted >= PRESSES as usize,
        "{verdict:?}"
    );
}
