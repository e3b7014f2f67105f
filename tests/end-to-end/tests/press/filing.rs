//! The main job: one press becomes one ticket with one private report.

use helpbell_end_to_end::{
    Desk, Setup,
    tickets::{assert_no_violations, assert_same_files, files_of, only_private_note, only_ticket},
    world::{self, MARIA, MARIAS_CLIENT, MARIAS_SITE, THIS_MACHINE},
};
use psa_sandbox::halo::{Behaviour, Deployment};

#[tokio::test(flavor = "multi_thread")]
async fn a_press_at_a_hosted_halo_is_one_ticket_with_one_private_report() {
    files_everything_once(Deployment::Hosted, |_| {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_at_an_on_prem_halo_is_one_ticket_with_one_private_report() {
    files_everything_once(Deployment::OnPremises, |_| {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_pasted_without_their_paths_are_understood() {
    let without_api = |setup: &mut Setup| setup.resource_server = setup.resource_server.replace("/api", "");
    files_everything_once(Deployment::Hosted, without_api).await;
    files_everything_once(Deployment::OnPremises, |setup| {
        without_api(setup);
        setup.authorisation_server = setup.authorisation_server.replace("/auth", "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_pasted_with_slashes_and_blanks_are_understood() {
    files_everything_once(Deployment::Hosted, |setup| {
        setup.resource_server = format!(" {}/ ", setup.resource_server);
        setup.authorisation_server.push_str("//");
        setup.key = format!("  {}\n\n", setup.key);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_halo_that_answers_200_and_numbers_notes_from_one_is_understood() {
    let behaviour = Behaviour {
        success_status: 200,
        opening_action: false,
        ..Behaviour::default()
    };
    let halo = world::start(
        world::with_this_machine(MARIAS_SITE),
        Deployment::Hosted,
        behaviour,
    )
    .await;
    let receipt = Desk::at(&halo).await.press().now().await.expect(0).json();
    assert_eq!(receipt["note"]["confirmed"], true);
    helpbell_end_to_end::tickets::assert_one_of_each(&halo);
}

/// One press of Maria at her computer, and everything that must have come of it.
async fn files_everything_once(deployment: Deployment, paste: impl FnOnce(&mut Setup)) {
    let halo = world::start(
        world::with_this_machine(MARIAS_SITE),
        deployment,
        Behaviour::default(),
    )
    .await;
    let mut setup = Setup::of(&halo);
    paste(&mut setup);
    let desk = Desk::with(&setup).await;
    let reports = desk.path("reports");
    let press = desk
        .press()
        .about("The printer does <b>nothing</b>\nsince this morning & it blinks")
        .option("--phone", "+44 20 7946 0999")
        .option("--selection", "This is an emergency")
        .option("--selection", "Several people are affected")
        .option("--report-to", &reports.display().to_string());
    let receipt = press.now().await.expect(0).json();

    let ledger = halo.ledger();
    let ticket = only_ticket(&ledger);
    assert_eq!(
        (ticket.user_id, ticket.client_id, ticket.site_id),
        (MARIA, MARIAS_CLIENT, MARIAS_SITE)
    );
    assert_eq!(ticket.asset_ids, [THIS_MACHINE]);
    assert_eq!(ticket.summary, "The printer does <b>nothing</b> since this…");
    let details = ticket.sent["details_html"].as_str().unwrap();
    let hostname = world::hostname();
    for part in [
        "The printer does &lt;b&gt;nothing&lt;/b&gt;<br>since this morning &amp; it blinks",
        "<b>Report Summary</b>",
        "<td><b>Name</b></td><td>Maria Rossi</td>",
        "<td><b>Email</b></td><td>maria.rossi@bianchi.example</td>",
        "<td><b>Phone</b></td><td>+44 20 7946 0999</td>",
        &format!("<td><b>Computer</b></td><td>{hostname}</td>"),
        "<td><b>Selections</b></td><td>This is an emergency, Several people are affected</td>",
    ] {
        assert!(details.contains(part), "{part} is not in {details}");
    }
    assert!(!details.contains("User Registration Requested"), "{details}");
    let reference = receipt["press"].as_str().unwrap();
    assert!(
        details.contains(reference),
        "the ticket can be found again by its reference: {details}"
    );

    let note = only_private_note(&ledger);
    assert_eq!(note.ticket_id, ticket.id);
    assert_eq!((note.outcome.as_str(), note.outcome_id), ("Private Note", 7));
    assert!(note.note_html.contains("Helpbell report"), "{}", note.note_html);
    assert_same_files(&files_of(&ledger, note), &reports);
    assert_no_violations(&ledger);

    assert_eq!(receipt["outcome"], "delivered");
    assert_eq!(receipt["ticket"]["number"], ticket.id.to_string());
    assert_eq!(receipt["adopted"], false);
    assert_eq!(receipt["contact"]["matched_by"], "email");
    assert_eq!(receipt["device"]["id"], THIS_MACHINE.to_string());
    assert_eq!(receipt["note"]["confirmed"], true);
    assert_eq!(receipt["corrections"], serde_json::json!([]));
    assert_eq!(receipt["problems"], serde_json::json!([]));
    let url = receipt["ticket"]["url"].as_str().unwrap();
    assert_eq!(url, format!("http://{}/ticket?id={}", halo.address(), ticket.id));
    assert_eq!(desk.kept().await, Vec::<String>::new());
    // What the program says it sent is what Halo saw, the token request included.
    assert_eq!(receipt["requests"], ledger.requests.len());
}
