//! Processes that die.

use super::prepared;
use helpbell_faults::{deaths, points::WORST};

/// Kills and presses per run of the suite; `cargo xtask faults` does a thousand and ten thousand.
const KILLS: u32 = 25;
const PRESSES: u32 = 150;
/// Fewer points than this, and the harness misses some.
const POINTS: usize = 25;

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_at_any_point_of_a_delivery_leaves_a_press_that_becomes_one_ticket() {
    let (_folder, tools) = prepared().await;
    let points = deaths::rehearse(&tools).await.unwrap();
    for point in &points {
        println!("{}: {}", point.scene.name, point.name);
    }
    assert!(points.len() >= POINTS, "only {} points", points.len());
    assert!(points.iter().any(|point| point.name == WORST));
    let verdict = deaths::at_every_point(&tools, &points).await.unwrap();
    println!("{} points: {verdict:?}", points.len());
    assert!(
        verdict.is_good() && verdict.accepted > 0 && verdict.accepted <= points.len(),
        "{verdict:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_rehearsals_reach_the_same_points_in_the_same_order() {
    let (_folder, tools) = prepared().await;
    let names = async || {
        let points = deaths::rehearse(&tools).await.unwrap();
        points.into_iter().map(|point| point.name).collect::<Vec<_>>()
    };
    assert_eq!(names().await, names().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn control_a_lookup_that_never_finds_anything_doubles_the_ticket() {
    let (_folder, tools) = prepared().await;
    let verdict = deaths::control(&tools).await.unwrap();
    assert_eq!(verdict.doubled, 1, "so the proof proves nothing: {verdict:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_killed_at_any_time_lose_and_double_nothing() {
    let (_folder, tools) = prepared().await;
    let verdict = deaths::by_kill(&tools, KILLS, PRESSES, |_| ()).await.unwrap();
    println!("{KILLS} kills: {verdict:?}");
    assert!(
        verdict.is_good() && verdict.accepted >= PRESSES as usize,
        "{verdict:?}"
    );
}
