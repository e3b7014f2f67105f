//! The doctor at a healthy Request Tracker, and at some that are not.

use super::desk::{Entered, only_ticket, told, tracker};
use serde_json::Value;

/// The worst finding of a check, as `warning: what`.
fn found(said: &Value, check: &str) -> String {
    let findings = said["findings"].as_array().unwrap();
    let of_it = findings.iter().find(|finding| told(finding, "/check") == check);
    let finding = of_it.unwrap_or_else(|| panic!("no finding of {check}: {said:#}"));
    format!("{}: {}", told(finding, "/severity"), told(finding, "/summary"))
}

#[tokio::test]
async fn a_healthy_integration_is_called_that_and_the_test_that_writes_proves_it() {
    let tracker = tracker("").await;
    let desk = Entered::of(&tracker)
        .with(&[("cf.Category", "Software"), ("owner", "lars")])
        .setting("asset-catalog", "General assets")
        .desk()
        .await;
    let run = desk.run(&["doctor", "--json"]).await.expect(0);
    let said = run.json();
    for check in ["server", "people", "queue", "defaults", "assets", "sign-in"] {
        assert!(found(&said, check).starts_with("ok: "), "{}", found(&said, check));
    }
    let run = desk.run(&["doctor", "--write-test", "--json"]).await.expect(0);
    let said = run.json();
    for check in [
        "write-test-ticket",
        "write-test-note",
        "write-test-lookup",
        "write-test-close",
    ] {
        assert!(found(&said, check).starts_with("ok: "), "{}", found(&said, check));
    }
    let ticket = only_ticket(&tracker).await;
    assert!(
        ticket.closed
            && ticket
                .notes
                .iter()
                .all(|note| note.text.contains("Helpbell") || !note.text.is_empty())
    );
    // With a ticket of its own there is more to see.
    let said = desk.run(&["doctor", "--json"]).await.expect(0).json();
    assert_eq!(found(&said, "comments"), "ok: private comments may be written");
}

#[tokio::test]
async fn what_is_set_up_wrongly_is_named_with_its_cure() {
    let tracker =
        tracker("revoke('helpbell', undef, qw(CommentOnTicket ModifyTicket ShowTicketComments));").await;
    let desk = Entered::of(&tracker)
        .with(&[
            ("queue", "Servise Desk"),
            ("cf.Category", "x"),
            ("priority", "Urgent"),
        ])
        .setting("asset-catalog", "Generl assets")
        .desk()
        .await;
    let filed = serde_json::json!({"Queue": "General", "Subject": "x"});
    tracker.file("helpbell", &filed).await.unwrap();
    let run = desk.run(&["doctor", "--json"]).await.expect(6);
    let said = run.json();
    assert!(found(&said, "queue").starts_with("problem: there is no queue named Servise Desk"));
    assert!(found(&said, "defaults").starts_with("warning: the default"));
    assert_eq!(
        found(&said, "comments"),
        "problem: Helpbell's user may not write comments"
    );
    assert_eq!(
        found(&said, "assets"),
        "warning: there is no catalog named Generl assets"
    );
    let suggested = said["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| told(f, "/check") == "queue")
        .unwrap();
    assert_eq!(
        suggested["suggestion"],
        serde_json::json!(["queue", "Service Desk"])
    );

    tracker
        .change("grant('helpbell', undef, 'CommentOnTicket');")
        .await
        .unwrap();
    let said = desk.run(&["doctor", "--json"]).await.expect(6).json();
    assert!(found(&said, "comments").starts_with("warning: Helpbell's user sees no comment"));
}

#[tokio::test]
async fn an_address_that_leads_elsewhere_is_named() {
    let tracker = tracker("").await;
    let wrong = format!("http://{}/rt/REST", tracker.address());
    let desk = Entered::of(&tracker).setting("server", &wrong).desk().await;
    let run = desk.run(&["doctor"]).await.expect(6);
    assert!(
        run.said().contains("the address at which technicians open RT"),
        "{}",
        run.said()
    );
}
