//! Answers that are lost after Halo has acted: nobody knows whether there is a ticket, so the press looks.

use helpbell_end_to_end::{
    Desk, Setup,
    network::{Fault, Relay},
    tickets::{assert_one_of_each, count, only_ticket},
    world::{self, MARIAS_SITE},
};
use psa_sandbox::halo::{Halo, Lag};

/// A Halo behind a relay that can lose answers, and a computer that knows only the relay.
async fn behind_a_relay() -> (Halo, Relay, Desk) {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    let relay = Relay::to(halo.address().to_string()).await;
    let desk = Desk::with(&Setup::of(&halo).through(relay.address())).await;
    (halo, relay, desk)
}

async fn a_filed_ticket_is_adopted(fault: Fault) {
    let (halo, relay, desk) = behind_a_relay().await;
    relay.fail_once("POST /api/Tickets", fault);
    let receipt = desk.press().now().await.expect(0).json();
    assert!(relay.has_failed());
    let ledger = halo.ledger();
    assert_eq!(receipt["adopted"], true);
    assert_eq!(receipt["ticket"]["number"], only_ticket(&ledger).id.to_string());
    assert_eq!(
        count(&ledger, "POST /api/Tickets"),
        1,
        "filing is never tried again blindly"
    );
    assert_one_of_each(&halo);
    assert!(desk.kept().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_whose_answer_was_lost_is_found_and_adopted() {
    a_filed_ticket_is_adopted(Fault::Drop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_behind_a_gateway_that_failed_is_found_and_adopted() {
    a_filed_ticket_is_adopted(Fault::BadGateway).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_cannot_be_found_yet_is_adopted_by_a_later_try() {
    let (halo, relay, desk) = behind_a_relay().await;
    halo.adjust(|behaviour| behaviour.index_lag = Lag::Seconds(600))
        .unwrap();
    relay.fail_once("POST /api/Tickets", Fault::Drop);
    let told = desk.press().now().await.expect(3).json();
    assert_eq!(told["effect"], "unknown", "{told:#}");
    assert_eq!(halo.ledger().tickets.len(), 1, "Halo has it all the same");
    assert_eq!(desk.kept().await.len(), 1);

    halo.advance(std::time::Duration::from_secs(601));
    let receipt = desk.deliver().await.expect(0).json();
    assert_eq!(receipt["adopted"], true);
    assert_eq!(count(&halo.ledger(), "POST /api/Tickets"), 1);
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_whose_answer_was_lost_is_not_written_twice() {
    let (halo, relay, desk) = behind_a_relay().await;
    relay.fail_once("POST /api/Actions", Fault::Drop);
    let run = desk.press().now().await;
    assert!(relay.has_failed());
    // Whether the press notices at once or with the next try is its affair; one note is what counts.
    if run.code == Some(4) {
        desk.deliver().await.expect(0);
    } else {
        run.expect(0);
    }
    assert_eq!(count(&halo.ledger(), "POST /api/Tickets"), 1);
    assert_one_of_each(&halo);
    assert!(desk.kept().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_cannot_be_read_back_is_told_as_unconfirmed_and_not_written_twice() {
    let (halo, relay, desk) = behind_a_relay().await;
    relay.fail_once("GET /api/Actions", Fault::BadGateway);
    let receipt = desk.press().now().await.expect(0).json();
    assert_eq!(receipt["note"]["confirmed"], false, "{receipt:#}");
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_a_question_keeps_the_press_without_a_ticket() {
    let (halo, relay, desk) = behind_a_relay().await;
    relay.fail_once("GET /api/Users", Fault::Drop);
    let told = desk.press().now().await.expect(3).json();
    assert_eq!(
        (told["failure"]["kind"].as_str(), told["effect"].as_str()),
        (Some("unavailable"), Some("none")),
        "{told:#}"
    );
    assert!(halo.ledger().tickets.is_empty());
    desk.deliver().await.expect(0);
    assert_one_of_each(&halo);
}
