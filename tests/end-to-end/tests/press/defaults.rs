//! The operator's integration defaults.

use helpbell_end_to_end::{
    Desk, Setup,
    tickets::{assert_one_of_each, only_private_note, only_ticket},
    world,
};
use psa_sandbox::halo::{Behaviour, Deployment, MandatoryFields, Seed};

fn all(setup: Setup) -> Setup {
    setup
        .default("agent", "Chiara Greco")
        .default("team", "2nd Line Support")
        .default("ticketType", "Service Request")
        .default("priority", "High")
        .default("state", "In Progress")
        .default("impact", "3")
        .default("urgency", "2")
        .default("category_1", "Hardware>Printer")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_default_arrives_as_halos_own_id_or_name() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::with(&all(Setup::of(&halo))).await;
    let receipt = desk.press().now().await.expect(0).json();
    assert_eq!(receipt["corrections"], serde_json::json!([]));

    let ledger = halo.ledger();
    let ticket = only_ticket(&ledger);
    assert_eq!(ticket.agent_id, 4);
    assert_eq!(ticket.team, "2nd Line Support");
    assert_eq!(ticket.ticket_type_id, 3);
    assert_eq!(ticket.priority_id, 2);
    assert_eq!(ticket.status_id, 2);
    for (field, value) in [
        ("impact", serde_json::json!(3)),
        ("urgency", serde_json::json!(2)),
        ("category_1", serde_json::json!("Hardware>Printer")),
    ] {
        assert_eq!(ticket.sent[field], value, "{field}");
    }
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn unassigned_keeps_the_integrations_own_agent_off_the_ticket() {
    let halo = world::halo(Seed::default()).await;
    Desk::at(&halo).await.press().now().await.expect(0);
    assert_eq!(
        only_ticket(&halo.ledger()).agent_id,
        5,
        "without a default Halo assigns the integration's agent"
    );
    halo.reset();
    Desk::with(&Setup::of(&halo).default("agent", "Unassigned"))
        .await
        .press()
        .now()
        .await
        .expect(0);
    assert_eq!(only_ticket(&halo.ledger()).agent_id, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_halo_does_not_have_costs_a_correction_and_never_the_ticket() {
    let halo = world::halo(Seed::default()).await;
    let setup = Setup::of(&halo)
        .default("team", "1st Lime Support")
        .default("priority", "Hihg")
        .default("impact", "severe")
        .default("tema", "Projects")
        .default("ticketType", "Service Request");
    let receipt = Desk::with(&setup).await.press().now().await.expect(0).json();

    let corrections = receipt["corrections"].as_array().unwrap();
    let of = |field: &str| {
        corrections
            .iter()
            .find(|correction| correction["field"] == field)
            .expect(field)
    };
    assert_eq!(corrections.len(), 4, "{corrections:#?}");
    assert_eq!(of("team")["nearest"][0], "1st Line Support");
    assert_eq!(of("priority")["nearest"][0], "High");
    assert_eq!(of("tema")["nearest"][0], "team");
    assert!(
        of("impact")["reason"].as_str().unwrap().contains("whole number"),
        "{corrections:#?}"
    );

    let ledger = halo.ledger();
    let ticket = only_ticket(&ledger);
    assert_eq!(
        (ticket.ticket_type_id, ticket.team.as_str()),
        (3, "1st Line Support"),
        "what is right is taken, the rest is Halo's"
    );
    let note = &only_private_note(&ledger).note_html;
    assert!(note.contains("[Submission Errors]"), "{note}");
    for told in [
        "1st Lime Support",
        "Nearest: 1st Line Support",
        "Hihg",
        "Nearest: High",
        "severe",
        "tema",
    ] {
        assert!(note.contains(told), "{told} is not in {note}");
    }
    let details = ticket.sent["details_html"].as_str().unwrap();
    assert!(
        !details.contains("Submission Errors"),
        "the person does not see it: {details}"
    );
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn mandatory_fields_are_told_and_the_kept_press_goes_out_once_they_are_set() {
    let mandatory = MandatoryFields {
        ticket_type_id: None,
        fields: vec!["impact".to_owned(), "urgency".to_owned()],
    };
    let behaviour = Behaviour {
        mandatory_fields: vec![mandatory],
        ..Behaviour::default()
    };
    let halo = world::start(Seed::default(), Deployment::Hosted, behaviour).await;
    let desk = Desk::at(&halo).await;
    let kept = desk.press().now().await.expect(3).json();
    let help = kept["failure"]["help"].as_str().unwrap();
    assert!(
        help.contains("mandatory impact and urgency") && help.contains("defaults"),
        "{help}"
    );
    assert_eq!(kept["effect"], "not-applied");
    assert!(halo.ledger().tickets.is_empty());

    desk.init(&Setup::of(&halo).default("impact", "3").default("urgency", "3"))
        .await
        .expect(0);
    desk.deliver().await.expect(0);
    assert_one_of_each(&halo);
    assert!(desk.kept().await.is_empty());
}
