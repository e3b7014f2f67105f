//! Workers that freeze, disks that are restored, PSAs that err: with real processes against the local Halo.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use helpbell_end_to_end::built;
use helpbell_faults::{
    oracle::{Tools, tools},
    troubles,
};
use psa_sandbox::halo::{Halo, Lag};
use std::path::Path;
use tempfile::TempDir;

/// Rounds and presses per run of the suite; `cargo xtask faults` does more.
const ROUNDS: u64 = 3;
const PRESSES: u32 = 40;

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
async fn a_worker_that_slept_through_its_lease_doubles_nothing() {
    let (_folder, tools) = prepared().await;
    for _ in 0..ROUNDS {
        let verdict = troubles::frozen(&tools).await.unwrap();
        assert!(verdict.is_good() && verdict.accepted > 0, "{verdict:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_the_state_folder_doubles_nothing() {
    let (_folder, tools) = prepared().await;
    let verdict = troubles::restored(&tools, |_| ()).await.unwrap();
    assert!(verdict.is_good() && verdict.accepted > 0, "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn control_an_older_copy_doubles_where_the_lookup_finds_nothing() {
    let (_folder, tools) = prepared().await;
    let hide = |halo: &Halo| {
        halo.adjust(|behaviour| behaviour.index_lag = Lag::Seconds(1_000_000))
            .unwrap();
    };
    let verdict = troubles::restored(&tools, hide).await.unwrap();
    assert!(verdict.doubled > 0, "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_psa_that_errs_one_time_in_ten_gets_one_ticket_per_press() {
    let (_folder, tools) = prepared().await;
    for seed in 0..ROUNDS {
        let verdict = troubles::erring(&tools, seed, PRESSES).await.unwrap();
        println!("seed {seed}: {verdict:?}");
        assert!(
            verdict.is_good() && verdict.accepted == PRESSES as usize,
            "{verdict:?}"
        );
    }
}
