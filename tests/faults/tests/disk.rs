//! Disks that lose power or fill up. Needs root and loop devices; without them only continuous
//! integration insists.

use helpbell_faults::disk::{Keeping, full_disk, may_mount, power_cut};
use std::{path::Path, time::Duration};

/// How long presses are accepted before the power goes.
const LIFE: Duration = Duration::from_millis(700);
/// Cuts per run of the suite; `cargo xtask faults` makes a hundred.
const CUTS: usize = 3;
/// A disk that is soon full, in kilobytes.
const SMALL_DISK_KB: u32 = 600;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_helpbell-faults"))
}

fn can_run() -> bool {
    if may_mount() {
        return true;
    }
    println!("skipped: this account may not mount file systems");
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_takes_back_nothing_that_was_accepted() {
    if !can_run() {
        return;
    }
    for _ in 0..CUTS {
        let cut = power_cut(program(), Keeping::Product, LIFE).await.unwrap();
        println!("{cut:?}");
        assert!(cut.accepted > 0 && cut.lost == 0, "{cut:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_flushing_a_power_cut_loses_presses() {
    if !can_run() {
        return;
    }
    let cut = power_cut(program(), Keeping::Unflushed, LIFE).await.unwrap();
    println!("{cut:?}");
    assert!(cut.lost > 0, "the cut is no cut: {cut:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_before_anything_is_accepted_and_loses_nothing() {
    if !can_run() {
        return;
    }
    let (cut, reason) = full_disk(SMALL_DISK_KB).await.unwrap();
    println!("{cut:?}: {reason}");
    assert!(cut.accepted > 0 && cut.lost == 0, "{cut:?}");
    assert!(
        reason.contains("outbox") || reason.contains("failed to"),
        "{reason}"
    );
}
