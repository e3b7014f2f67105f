//! Halo's setting "Tickets with the default Client/Site must be moved before working on the Ticket": the
//! ticket of somebody unknown is filed, its note is not.

use helpbell_end_to_end::{
    Desk, Setup,
    tickets::{assert_one_of_each, count, only_ticket},
    world,
};
use psa_sandbox::halo::{
    AgentPermissions, AttachmentRecord, Behaviour, DefaultSiteRule, Deployment, Ledger, Seed,
};

async fn a_note_that_is_lost_is_told_and_added_later(rule: DefaultSiteRule, refusal: u16, code: &str) {
    let behaviour = Behaviour {
        default_site_rule: rule,
        default_site_refusal: refusal,
        ..Behaviour::default()
    };
    let halo = world::start(Seed::default(), Deployment::Hosted, behaviour).await;
    let setup = Setup::of(&halo);
    let desk = Desk::with(&setup).await;
    let run = desk
        .press()
        .by("Nora Newcomer", "nora@nowhere.example")
        .now()
        .await
        .expect(4);
    let told = run.json();
    let ticket = only_ticket(&halo.ledger()).id;
    assert_eq!(told["outcome"], "note-missing");
    assert_eq!(told["ticket"]["number"], ticket.to_string());
    assert_eq!(told["note_failure"]["code"], code, "{told:#}");
    let help = told["note_failure"]["help"].as_str().unwrap();
    assert!(
        help.contains("Tickets with the default Client/Site must be moved before working on the Ticket"),
        "{help}"
    );
    assert!(halo.ledger().actions.is_empty());
    let kept = desk.kept().await;
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (told["press"].as_str(), told["state"].as_str()),
        (Some(kept[0].as_str()), Some("attention"))
    );

    // While the setting is on, another try files nothing and loses nothing.
    let again = desk.run(&["deliver"]).await.expect(4);
    assert!(
        again.stdout.contains(&format!("Ticket {ticket} filed")),
        "{}",
        again.said()
    );
    assert!(
        again.stderr.contains("its private note does not"),
        "{}",
        again.said()
    );
    assert_eq!(only_ticket(&halo.ledger()).id, ticket);
    assert_eq!(desk.kept().await, kept);

    halo.adjust(|behaviour| behaviour.default_site_rule = DefaultSiteRule::Allow)
        .unwrap();
    let delivered = desk.deliver().await.expect(0).json();
    assert_eq!(delivered["ticket"]["number"], ticket.to_string());
    assert_eq!(count(&halo.ledger(), "POST /api/Tickets"), 1);
    assert_one_of_each(&halo);
    assert!(desk.kept().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_note_with_400_is_told_and_added_later() {
    a_note_that_is_lost_is_told_and_added_later(DefaultSiteRule::Reject, 400, "halo.default-site-rule").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_note_with_403_is_told_and_added_later() {
    a_note_that_is_lost_is_told_and_added_later(DefaultSiteRule::Reject, 403, "halo.default-site-rule").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_halo_accepts_and_drops_is_noticed_told_and_added_later() {
    a_note_that_is_lost_is_told_and_added_later(
        DefaultSiteRule::AcceptButDrop,
        400,
        "halo.default-site-rule",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_whom_halo_knows_are_not_touched_by_the_setting() {
    let behaviour = Behaviour {
        default_site_rule: DefaultSiteRule::Reject,
        ..Behaviour::default()
    };
    let halo = world::start(Seed::default(), Deployment::Hosted, behaviour).await;
    Desk::at(&halo).await.press().now().await.expect(0);
    assert_one_of_each(&halo);
}

/// The files that stand on the ticket itself.
fn on_ticket(ledger: &Ledger) -> Vec<&AttachmentRecord> {
    ledger
        .attachments
        .iter()
        .filter(|file| file.action_id == 0)
        .collect()
}

/// The report of a press whose note is refused is on the ticket, where its user cannot see it.
async fn the_report_is_attached_to_the_ticket_itself(behaviour: Behaviour) {
    let halo = world::start(Seed::default(), Deployment::Hosted, behaviour).await;
    let desk = Desk::at(&halo).await;
    let run = desk.press().by("Nora Newcomer", "nora@nowhere.example");
    let told = run.now().await.expect(4).json();
    let ledger = halo.ledger();
    let ticket = only_ticket(&ledger).id;
    let files = on_ticket(&ledger);
    let names: Vec<&str> = files.iter().map(|file| file.filename.as_str()).collect();
    assert!(
        names.iter().any(|name| name.ends_with(".html")),
        "the report: {names:?}"
    );
    assert_eq!(told["on_ticket"], serde_json::json!(names), "{told:#}");
    for file in &files {
        assert_eq!(file.ticket_id, ticket);
        assert!(file.private, "{} is visible to the user", file.filename);
        assert_ne!(file.size, 0);
    }
    assert!(ledger.violations.is_empty(), "{:#?}", ledger.violations);

    // A later try that is refused again attaches nothing twice.
    desk.deliver().await.expect(4);
    assert_eq!(on_ticket(&halo.ledger()).len(), names.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_a_note_that_is_refused_is_attached_to_the_ticket_itself_and_hidden() {
    for refusal in [400, 403] {
        the_report_is_attached_to_the_ticket_itself(Behaviour {
            default_site_rule: DefaultSiteRule::Reject,
            default_site_refusal: refusal,
            ..Behaviour::default()
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_a_note_that_is_dropped_is_attached_to_the_ticket_itself_and_hidden() {
    the_report_is_attached_to_the_ticket_itself(Behaviour {
        default_site_rule: DefaultSiteRule::AcceptButDrop,
        ..Behaviour::default()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_an_agent_who_may_write_no_notes_is_attached_to_the_ticket_itself_and_hidden() {
    the_report_is_attached_to_the_ticket_itself(Behaviour {
        agent_permissions: AgentPermissions {
            add_actions: false,
            ..AgentPermissions::default()
        },
        ..Behaviour::default()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_halo_without_a_fitting_outcome_gets_the_report_onto_the_ticket_itself() {
    let mut seed = Seed::default();
    seed.outcomes.retain(|outcome| outcome.send_email == 1);
    let halo = world::halo(seed).await;
    let told = Desk::at(&halo).await.press().now().await.expect(4).json();
    assert_eq!(told["note_failure"]["code"], "halo.outcome-missing", "{told:#}");
    let ledger = halo.ledger();
    let files = on_ticket(&ledger);
    assert!(
        !files.is_empty() && files.iter().all(|file| file.private),
        "{files:#?}"
    );
}
