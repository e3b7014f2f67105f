//! How many requests a press costs, token requests included, and what is kept to make it so few.

use helpbell_end_to_end::{
    Desk, Setup,
    machine::Machine,
    network::Relay,
    tickets::{assert_one_of_each, lines, only_ticket},
    world::{self, MARIAS_SITE, THIS_MACHINE},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_warm_press_of_somebody_new_at_a_new_computer_is_at_most_five_requests() {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    let desk = Desk::at(&halo).await;
    desk.press().now().await.expect(0);
    halo.reset();

    // Another client's person: neither she nor the computer among her client's assets was asked for before.
    desk.press()
        .by("Priya Patel", "priya.patel@northgate-dental.example")
        .now()
        .await
        .expect(0);
    let ledger = halo.ledger();
    assert_eq!(
        lines(&ledger),
        [
            "GET /api/Users",
            "GET /api/Asset",
            "POST /api/Tickets",
            "POST /api/Actions",
            "GET /api/Actions"
        ]
    );
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_of_a_remembered_person_at_a_remembered_computer_is_three_requests() {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    let desk = Desk::at(&halo).await;
    desk.press().now().await.expect(0);
    halo.reset();

    let receipt = desk.press().now().await.expect(0).json();
    let ledger = halo.ledger();
    assert_eq!(
        lines(&ledger),
        ["POST /api/Tickets", "POST /api/Actions", "GET /api/Actions"]
    );
    assert_eq!(receipt["requests"], 3);
    assert_eq!(only_ticket(&ledger).asset_ids, [THIS_MACHINE]);
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_not_in_the_inventory_costs_one_request_more_once() {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    let desk = Desk::at(&halo).await;
    desk.press().now().await.expect(0);
    let stranger = Machine {
        hostname: "BROUGHT-FROM-HOME",
        serial: "5CD9999ZZZ",
        mac: "3c:52:82:99:99:99",
    };
    let delivered = async || {
        desk.kept_press_on(
            &halo,
            ("Priya Patel", "priya.patel@northgate-dental.example"),
            stranger,
        )
        .await;
        let receipt = desk.deliver().await.expect(0).json();
        assert_eq!(receipt["device"], serde_json::Value::Null, "{receipt:#}");
        assert_one_of_each(&halo);
        lines(&halo.ledger())
    };
    // A kept press is looked up before anything else; a press that is delivered at once is not.
    let looked_up = "GET /api/Tickets";
    assert_eq!(
        delivered().await,
        [
            looked_up,
            "GET /api/Users",
            "GET /api/Asset",
            "GET /api/Asset",
            "POST /api/Tickets",
            "POST /api/Actions",
            "GET /api/Actions"
        ]
    );
    assert_eq!(
        delivered().await,
        [
            looked_up,
            "POST /api/Tickets",
            "POST /api/Actions",
            "GET /api/Actions"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn defaults_cost_requests_only_the_first_time() {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    let setup = Setup::of(&halo)
        .default("team", "2nd Line Support")
        .default("agent", "Unassigned")
        .default("priority", "High");
    let desk = Desk::with(&setup).await;
    desk.press().now().await.expect(0);
    halo.reset();
    desk.press().now().await.expect(0);
    let ledger = halo.ledger();
    assert_eq!(
        lines(&ledger),
        ["POST /api/Tickets", "POST /api/Actions", "GET /api/Actions"]
    );
    assert_eq!(only_ticket(&ledger).team, "2nd Line Support");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_token_and_key_can_be_read_by_nobody_without_the_key() {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    let relay = Relay::to(halo.address().to_string()).await;
    let setup = Setup::of(&halo).through(relay.address());
    let desk = Desk::with(&setup).await;
    let run = desk.press().flag("-v").flag("-v").now().await.expect(0);

    let tokens = relay.tokens();
    let [token] = tokens.as_slice() else {
        panic!("one token was given out: {tokens:?}")
    };
    let (id_and_tenant, secret) = setup.key.split_once(':').unwrap();
    let sealed: Vec<_> = std::fs::read_dir(desk.state().join("tokens")).unwrap().collect();
    assert_eq!(sealed.len(), 1, "the token is kept: {sealed:?}");
    desk.assert_state_without(&[token, secret, id_and_tenant, &setup.key]);
    run.assert_without(&[token, secret]);

    // That the kept token is used proves that it was in there.
    desk.press().now().await.expect(0);
    assert_eq!(relay.tokens().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_token_serves_no_other_key() {
    let mut seed = world::with_this_machine(MARIAS_SITE);
    let mut second = seed.applications[0].clone();
    (second.client_id, second.client_secret) = ("second-application".to_owned(), "second-secret".to_owned());
    seed.applications.push(second);
    let halo = world::halo(seed).await;
    let setup = Setup::of(&halo);
    let desk = Desk::with(&setup).await;
    desk.press().now().await.expect(0);
    halo.reset();

    let other = Setup {
        key: "lantern+second-application:second-secret".to_owned(),
        ..setup
    };
    desk.init(&other).await.expect(0);
    desk.press().now().await.expect(0);
    assert_eq!(
        lines(&halo.ledger()).first().map(String::as_str),
        Some("POST /auth/token")
    );
}
