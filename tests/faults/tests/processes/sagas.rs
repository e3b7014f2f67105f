//! Tokens and keys that end between a ticket and its note, and storms of 429.

use super::prepared;
use helpbell_faults::sagas::{self, MOST_ASKED};
use helpbell_model::FailureKind;
use psa_sandbox::halo::{Halo, RetryAfter};

/// What a `Retry-After` of either form asks for, in seconds: more than the first wait of the product.
const ASKED_S: u32 = 7;

async fn the_note_follows_all_the_same(how: fn(&Halo)) {
    let (_folder, tools) = prepared().await;
    let verdict = sagas::token_ends(&tools, how).await.unwrap();
    assert!(verdict.is_good() && verdict.accepted == 2, "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_between_ticket_and_note_costs_neither() {
    the_note_follows_all_the_same(Halo::expire_all_tokens).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_between_ticket_and_note_costs_neither() {
    the_note_follows_all_the_same(Halo::revoke_all_tokens).await;
}

/// What holds meanwhile is the control of the two above: where no new token is to be had there is no note.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_taken_back_between_ticket_and_note_keeps_the_press_waiting_with_a_reason_until_it_works()
 {
    let (_folder, tools) = prepared().await;
    let ended = sagas::key_ends(&tools).await.unwrap();
    assert_eq!(ended.reason.kind, FailureKind::Auth, "{ended:?}");
    assert!(ended.reason.help.is_some(), "{ended:?}");
    let meanwhile = &ended.meanwhile;
    assert_eq!(
        (
            meanwhile.accepted,
            meanwhile.lost,
            meanwhile.doubled,
            meanwhile.incomplete
        ),
        (2, 0, 0, 1),
        "the second ticket is there and its note is not"
    );
    assert!(ended.afterwards.is_good(), "{ended:?}");
}

async fn is_weathered(retry_after: RetryAfter) {
    let (_folder, tools) = prepared().await;
    let storm = sagas::storm(&tools, retry_after).await.unwrap();
    println!("{retry_after:?}: {storm:?}");
    assert!(storm.verdict.is_good() && storm.verdict.accepted > 0, "{storm:?}");
    assert!(storm.asked <= MOST_ASKED, "{storm:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_429_without_a_header_is_met_with_few_requests_and_costs_nobody_a_ticket() {
    is_weathered(RetryAfter::Absent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_429_that_names_seconds_is_met_with_few_requests_and_costs_nobody_a_ticket() {
    is_weathered(RetryAfter::Seconds(ASKED_S)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_429_that_names_a_date_is_met_with_few_requests_and_costs_nobody_a_ticket() {
    is_weathered(RetryAfter::Date(ASKED_S)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_a_breaker_a_storm_meets_many_requests() {
    let (_folder, tools) = prepared().await;
    let storm = sagas::storm_control(&tools).await.unwrap();
    assert!(storm.asked > MOST_ASKED, "{storm:?}");
}
