//! Whose ticket it becomes.

use helpbell_end_to_end::{
    Desk, Setup,
    tickets::{assert_no_violations, assert_one_of_each, only_ticket},
    world::{self, MARIA, MARIAS_CLIENT, MARIAS_SITE},
};
use psa_sandbox::halo::Seed;

/// The contact for people whom Halo does not know, and the client and site it stands under.
const UNREGISTERED: (i64, i64, i64) = (50, 1, 1);

#[tokio::test(flavor = "multi_thread")]
async fn somebody_unknown_comes_from_the_catch_all_contact_and_asks_to_be_registered() {
    // Even though this machine is somebody's asset: nobody says that the stranger works there.
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    let desk = Desk::at(&halo).await;
    let press = desk
        .press()
        .by("Nora Newcomer", "nora@nowhere.example")
        .option("--phone", "+44 20 7946 0123")
        .option("--company", "Newcomers Ltd");
    let receipt = press.now().await.expect(0).json();
    assert_eq!(receipt["contact"]["matched_by"], "catch-all");

    let ledger = halo.ledger();
    let ticket = only_ticket(&ledger);
    assert_eq!((ticket.user_id, ticket.client_id, ticket.site_id), UNREGISTERED);
    assert_eq!(
        (ticket.client_name.as_str(), ticket.site_name.as_str()),
        ("Unknown", "Unknown")
    );
    assert_eq!(ticket.asset_ids, Vec::<i64>::new());
    let details = ticket.sent["details_html"].as_str().unwrap();
    for typed in [
        "[User Registration Requested]",
        "Nora Newcomer",
        "nora@nowhere.example",
        "+44 20 7946 0123",
        "Newcomers Ltd",
    ] {
        assert!(details.contains(typed), "{typed} is not in {details}");
    }
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_catch_all_contact_can_be_chosen() {
    let mut seed = Seed::default();
    for user in seed.users.iter_mut().filter(|user| user.id == UNREGISTERED.0) {
        user.email = "catch-all@lantern.example".to_owned();
    }
    let halo = world::halo(seed).await;
    let desk = Desk::at(&halo).await;
    desk.edit(
        "unregistered-contact = \"unregistered@helpdeskbuttons.com\"",
        "unregistered-contact = \"Catch-All@lantern.example\"",
    );
    desk.press()
        .by("Nora Newcomer", "nora@nowhere.example")
        .now()
        .await
        .expect(0);
    assert_eq!(only_ticket(&halo.ledger()).user_id, UNREGISTERED.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_catch_all_contact_the_ticket_is_filed_all_the_same() {
    let mut seed = Seed::default();
    seed.users.retain(|user| user.id != UNREGISTERED.0);
    let halo = world::halo(seed).await;
    let receipt = Desk::at(&halo)
        .await
        .press()
        .by("Nora Newcomer", "nora@nowhere.example")
        .now()
        .await
        .expect(0)
        .json();
    assert_eq!(receipt["contact"], serde_json::Value::Null);
    let ledger = halo.ledger();
    assert_eq!(
        (only_ticket(&ledger).user_id, only_ticket(&ledger).client_id),
        (0, 1)
    );
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_at_two_clients_always_goes_to_the_same_one() {
    let halo = world::halo(Seed::default()).await;
    let seen: Vec<(i64, i64)> = {
        let mut seen = vec![];
        for _ in 0..2 {
            // A new computer each time: nothing is remembered.
            Desk::at(&halo)
                .await
                .press()
                .by("Dana", "dana@freelance.example")
                .now()
                .await
                .expect(0);
            let ledger = halo.ledger();
            let ticket = only_ticket(&ledger);
            seen.push((ticket.user_id, ticket.client_id));
            assert_one_of_each(&halo);
            halo.reset();
        }
        seen
    };
    assert_eq!(seen, [(95, 15), (95, 15)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_has_left_is_unknown() {
    let halo = world::halo(Seed::default()).await;
    let receipt = Desk::at(&halo)
        .await
        .press()
        .by("Ingrid Sauer", "ingrid.sauer@hartmann.example")
        .now()
        .await
        .expect(0)
        .json();
    assert_eq!(receipt["contact"]["matched_by"], "catch-all");
    let ledger = halo.ledger();
    let ticket = only_ticket(&ledger);
    assert_eq!((ticket.user_id, ticket.client_id, ticket.site_id), UNREGISTERED);
    assert_no_violations(&ledger);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_recognised_whatever_its_case_and_never_by_a_part() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::at(&halo).await;
    desk.press()
        .by("M", " Maria.ROSSI@Bianchi.example ")
        .now()
        .await
        .expect(0);
    assert_eq!(only_ticket(&halo.ledger()).user_id, MARIA);
    halo.reset();
    // Part of `anna.maria.rossi@…` and of `maria.rossini@…`, and nobody's address.
    desk.press()
        .by("M", "rossi@bianchi.example")
        .now()
        .await
        .expect(0);
    assert_eq!(only_ticket(&halo.ledger()).user_id, UNREGISTERED.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_clients_computer_of_the_same_name_is_not_taken() {
    // This machine's name at a site of another client.
    let halo = world::halo(world::with_this_machine(103)).await;
    let receipt = Desk::at(&halo).await.press().now().await.expect(0).json();
    assert_eq!(receipt["device"], serde_json::Value::Null);
    let ledger = halo.ledger();
    let ticket = only_ticket(&ledger);
    assert_eq!((ticket.client_id, ticket.asset_ids.len()), (MARIAS_CLIENT, 0));
    assert_no_violations(&ledger);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_the_press_is_filed_as_somebody_unknown() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::with(&Setup::of(&halo)).await;
    desk.press().by("Maria", "").now().await.expect(0);
    assert_eq!(only_ticket(&halo.ledger()).user_id, UNREGISTERED.0);
    assert_one_of_each(&halo);
}
