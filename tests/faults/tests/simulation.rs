//! The rules of delivery in thousands of worlds of virtual time.
//!
//! `HELPBELL_SEED` plays one world again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use helpbell_faults::completions::at_every_point;
use helpbell_faults::sim::{Verdict, Without, first_bad, play};

/// Worlds per run of the suite; `cargo xtask faults` plays a hundred thousand.
const WORLDS: u64 = 500;
/// Worlds in which a control must fail at least once.
const CONTROL_WORLDS: u64 = 400;

#[test]
fn every_accepted_press_becomes_one_complete_ticket_or_is_refused_by_a_rule_in_every_world() {
    if let Some(seed) = std::env::var("HELPBELL_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
    {
        let verdict = play(seed, Without::Nothing).unwrap();
        assert!(verdict.is_good(), "seed {seed}: {verdict:#?}");
        return;
    }
    let mut all = Verdict::default();
    for seed in 0..WORLDS {
        let verdict = play(seed, Without::Nothing).unwrap();
        assert!(verdict.is_good(), "HELPBELL_SEED={seed}: {verdict:#?}");
        all = all.plus(&verdict);
    }
    println!("{WORLDS} worlds: {all:?}");
    assert!(
        all.accepted > 800 && all.refused > 20 && all.deaths > 800,
        "there was trouble enough: {all:?}"
    );
    assert!(
        all.completed > 100 && all.too_late > 20,
        "reports were completed in time and too late: {all:?}"
    );
}

#[test]
fn a_report_completed_at_any_point_while_a_process_dies_at_any_point_is_in_the_note_iff_it_was_taken() {
    let told = at_every_point(Without::Nothing).unwrap();
    println!("{told:?}");
    assert_eq!(told.bad, None);
    assert!(told.points > 30 && told.stories > 500, "{told:?}");
    let all = &told.verdict;
    assert!(
        all.accepted == told.stories && all.completed > 200 && all.too_late > 50,
        "{all:?}"
    );
}

#[test]
fn control_where_the_report_is_read_before_its_note_is_announced_some_point_shows_it() {
    let told = at_every_point(Without::LastReport).unwrap();
    println!("{:?}", told.bad);
    assert!(
        told.bad.is_some() && told.verdict.incomplete > 0,
        "so the proof proves nothing: {told:?}"
    );
}

/// The proof can fail: without this protection it does.
fn control(without: Without) {
    let bad = first_bad(CONTROL_WORLDS, without).unwrap();
    println!("without {without:?}: {bad:?}");
    assert!(
        bad.is_some(),
        "without {without:?} nothing went wrong, so the proof proves nothing about it"
    );
}

#[test]
fn control_unknown_outcomes_taken_for_failures_double_tickets() {
    control(Without::Classification);
}

#[test]
fn control_a_lookup_that_claims_to_be_strong_doubles_tickets() {
    control(Without::HonestLookup);
}

#[test]
fn control_sending_after_the_end_of_a_lease_doubles_tickets() {
    control(Without::LeaseEnd);
}

#[test]
fn control_without_fencing_a_sleeper_spoils_what_others_know() {
    control(Without::Fencing);
}

#[test]
fn control_effects_before_their_intent_double_tickets() {
    control(Without::IntentFirst);
}

#[test]
fn control_a_ruling_that_is_not_kept_leaves_a_ticket_and_its_note_at_odds() {
    control(Without::Ruling);
}

#[test]
fn control_a_report_that_is_read_before_its_note_is_announced_lacks_what_was_added() {
    control(Without::LastReport);
}
