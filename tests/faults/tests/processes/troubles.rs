//! Workers that freeze, disks that are restored, PSAs that err.

use super::prepared;
use futures::future::try_join_all;
use helpbell_faults::{
    deaths::hide,
    troubles::{self, ERRORS},
};

/// Rounds and presses per run of the suite; `cargo xtask faults` does more.
const ROUNDS: usize = 3;
const PRESSES: u32 = 60;
/// Presses for each single way to err.
const PRESSES_EACH: u32 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_slept_through_its_lease_doubles_nothing() {
    let (_folder, tools) = prepared().await;
    let verdicts = try_join_all((0..ROUNDS).map(|_| troubles::frozen(&tools))).await;
    for verdict in verdicts.unwrap() {
        assert!(verdict.is_good() && verdict.accepted > 0, "{verdict:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_the_state_folder_doubles_nothing() {
    let (_folder, tools) = prepared().await;
    let verdict = troubles::restored(&tools, |_| Ok(())).await.unwrap();
    assert!(verdict.is_good() && verdict.accepted > 0, "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn control_an_older_copy_doubles_where_the_lookup_finds_nothing() {
    let (_folder, tools) = prepared().await;
    let verdict = troubles::restored(&tools, hide).await.unwrap();
    assert!(verdict.doubled > 0, "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_psa_that_errs_one_time_in_ten_gets_one_ticket_per_press() {
    let (_folder, tools) = prepared().await;
    for seed in 0..2 {
        let verdict = troubles::erring(&tools, &ERRORS, seed, PRESSES).await.unwrap();
        println!("seed {seed}: {verdict:?}");
        assert!(
            verdict.is_good() && verdict.accepted == PRESSES as usize,
            "{verdict:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_single_way_to_err_one_time_in_ten_costs_no_press_its_one_ticket() {
    let (_folder, tools) = prepared().await;
    for (seed, error) in (0..).zip(ERRORS) {
        let verdict = troubles::erring(&tools, &[error], seed, PRESSES_EACH)
            .await
            .unwrap();
        assert!(
            verdict.is_good() && verdict.accepted == PRESSES_EACH as usize,
            "{}: {verdict:?}",
            error.name()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn control_an_answer_that_is_lost_doubles_where_the_lookup_finds_nothing() {
    let (_folder, tools) = prepared().await;
    let verdict = troubles::erring_control(&tools).await.unwrap();
    assert_eq!(verdict.doubled, 1, "{verdict:?}");
}
