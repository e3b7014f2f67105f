//! Notes: outcome, privacy, numbering, status changes and the default Client/Site rule.

use psa_sandbox::halo::{DefaultSiteRule, Lag};
use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn a_note_without_an_outcome_is_refused_with_the_recorded_exception() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    for fields in [
        json!({"ticket_id": id, "note": "n"}),
        json!({"ticket_id": id, "note": "n", "outcome": " "}),
    ] {
        let reply = desk.note(fields).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.message(), "An Outcome must be entered for this Action");
    }
    assert!(desk.halo.ledger().actions.is_empty());
    desk.halo
        .adjust(|behaviour| behaviour.outcome_required = false)
        .unwrap();
    assert_eq!(desk.note(json!({"ticket_id": id, "note": "n"})).await.status, 201);
}

#[tokio::test]
async fn a_private_note_is_stored_hidden_and_its_plain_text_rebuilt_from_the_html() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    let html = "<p>Disk <b>full</b></p><p>Memory ok &amp; well</p>";
    let note = json!({
        "ticket_id": id, "outcome_id": 7, "note": "something else", "note_html": html, "hiddenfromuser": true,
        "who_type": 1, "sendemail": false, "timetaken": 0,
    });
    let action = desk.note(note).await.json();
    assert_eq!(action["ticket_id"], id);
    assert_eq!(action["outcome"], "Private Note");
    assert_eq!(action["hiddenfromuser"], true);
    assert_eq!(action["note"], "Disk full\nMemory ok & well");
    assert_eq!(action["actionby_application_id"], "Helpbell");
    assert_eq!(action["actionby_agent_id"], 5);
    assert!(uuid_like(&action["guid"]), "{action}");

    let path = format!("/Actions?ticket_id={id}&excludesys=true");
    let list = desk.get(&path).await.json();
    assert_eq!(
        (list["ticket_id"].as_i64(), list["record_count"].as_i64()),
        (Some(id), Some(1))
    );
    assert_eq!(list["actions"][0]["note"], "Disk full\nMemory ok & well");
    assert_eq!(list["actions"][0].get("note_html"), None);
    let list = desk.get(&format!("{path}&includehtmlnote=true")).await.json();
    assert_eq!(list["actions"][0]["note_html"], html);
    assert_eq!(
        desk.get(&format!("{path}&excludeprivate=true")).await.json()["record_count"],
        0
    );

    let record = desk.halo.ledger().actions[0].clone();
    assert!(record.hidden_from_user && !record.send_email);
    assert_eq!((record.outcome_id, record.note_html.as_str()), (7, html));
}

fn uuid_like(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 36)
}

#[tokio::test]
async fn a_note_is_visible_to_the_user_unless_it_says_otherwise() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    desk.note(json!({"ticket_id": id, "outcome_id": 7, "note": "n"}))
        .await
        .json();
    assert!(!desk.halo.ledger().actions[0].hidden_from_user);
}

#[tokio::test]
async fn action_ids_are_unique_only_within_a_ticket() {
    let desk = Desk::open().await;
    let (a, b) = (desk.maria("a").await, desk.maria("b").await);
    let mut numbers = Vec::new();
    for ticket in [a, b, a] {
        let note = json!({"ticket_id": ticket, "outcome_id": 7, "note": format!("on {ticket}")});
        numbers.push(desk.note(note).await.json()["id"].as_i64().unwrap());
    }
    // The server's own opening action has number 1.
    assert_eq!(numbers, [2, 2, 3]);
    for ticket in [a, b] {
        let action = desk.get(&format!("/Actions/2?ticket_id={ticket}")).await.json();
        assert_eq!(action["note"], format!("on {ticket}"));
    }
    assert_eq!(desk.get("/Actions/2").await.status, 400);
    assert_eq!(desk.get(&format!("/Actions/3?ticket_id={b}")).await.status, 404);
    assert_eq!(
        desk.delete(&format!("/Actions/2?ticket_id={a}")).await.json()["id"],
        2
    );
    assert_eq!(desk.get(&format!("/Actions/2?ticket_id={a}")).await.status, 404);
    assert_eq!(desk.get(&format!("/Actions/2?ticket_id={b}")).await.status, 200);
}

#[tokio::test]
async fn the_opening_action_can_be_left_out_and_is_never_in_the_ledger() {
    let desk = Desk::open().await;
    let with = desk.maria("x").await;
    assert_eq!(
        desk.get(&format!("/Actions?ticket_id={with}")).await.json()["record_count"],
        1
    );
    desk.halo
        .adjust(|behaviour| behaviour.opening_action = false)
        .unwrap();
    let without = desk.maria("x").await;
    assert_eq!(
        desk.get(&format!("/Actions?ticket_id={without}")).await.json()["record_count"],
        0
    );
    assert!(desk.halo.ledger().actions.is_empty());
}

#[tokio::test]
async fn a_note_changes_the_status_only_when_it_carries_a_new_one() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    desk.note(json!({"ticket_id": id, "outcome_id": 7, "note": "n"}))
        .await
        .json();
    assert_eq!(desk.get(&format!("/Tickets/{id}")).await.json()["status_id"], 1);
    let action = desk
        .note(json!({"ticket_id": id, "outcome_id": 7, "note": "n", "new_status": "2"}))
        .await
        .json();
    assert_eq!(
        (action["old_status"].as_i64(), action["new_status"].as_i64()),
        (Some(1), Some(2))
    );
    assert_eq!(desk.get(&format!("/Tickets/{id}")).await.json()["status_id"], 2);
    assert_eq!(
        desk.note(json!({"ticket_id": id, "outcome_id": 7, "new_status": 77}))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_note_needs_a_known_ticket_and_a_known_outcome_id() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    assert_eq!(
        desk.note(json!({"ticket_id": 5, "outcome_id": 7})).await.status,
        400
    );
    assert_eq!(desk.note(json!({"outcome_id": 7, "note": "n"})).await.status, 400);
    assert_eq!(
        desk.note(json!({"ticket_id": id, "outcome_id": 77})).await.status,
        400
    );
    assert_eq!(
        desk.note(json!({"ticket_id": id, "outcome": "Private note"}))
            .await
            .json()["outcome_id"],
        7
    );
    assert_eq!(
        desk.note(json!({"ticket_id": id, "outcome": "Anything else"}))
            .await
            .json()["outcome_id"],
        0
    );
    assert_eq!(desk.halo.ledger().actions.len(), 2);
}

#[tokio::test]
async fn a_note_with_an_id_changes_that_note() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    let note = desk
        .note(json!({"ticket_id": id, "outcome_id": 7, "note": "n", "hiddenfromuser": true}))
        .await
        .json();
    let changed = desk
        .note(json!({"ticket_id": id, "id": note["id"], "note": "better"}))
        .await
        .json();
    assert_eq!(
        (changed["note"].as_str(), changed["outcome_id"].as_i64()),
        (Some("better"), Some(7))
    );
    assert_eq!(changed["hiddenfromuser"], true);
    assert_eq!(desk.halo.ledger().actions.len(), 1);
    assert_eq!(
        desk.note(json!({"ticket_id": id, "id": 99, "note": "better"}))
            .await
            .status,
        404
    );
}

async fn unregistered(desk: &Desk) -> i64 {
    let fields = json!({"summary": "x", "user_id": 50, "client_id": 1, "site_id": 1});
    desk.ticket(fields).await.json()["id"].as_i64().unwrap()
}

#[tokio::test]
async fn the_default_site_rule_can_refuse_notes_of_unregistered_people_only() {
    let desk = Desk::with(|behaviour| behaviour.default_site_rule = DefaultSiteRule::Reject).await;
    let (unknown, known) = (unregistered(&desk).await, desk.maria("x").await);
    let note = |id: i64| json!({"ticket_id": id, "outcome_id": 7, "note": "n"});
    let reply = desk.note(note(unknown)).await;
    assert_eq!(reply.status, 400);
    assert!(
        reply.message().contains("default Client/Site must be moved"),
        "{}",
        reply.message()
    );
    desk.halo
        .adjust(|behaviour| behaviour.default_site_refusal = 403)
        .unwrap();
    assert_eq!(desk.note(note(unknown)).await.status, 403);
    assert_eq!(desk.note(note(known)).await.status, 201);

    // Once the ticket is moved, the rule no longer holds.
    desk.ticket(json!({"id": unknown, "client_id": 12, "site_id": 101}))
        .await
        .json();
    assert_eq!(desk.note(note(unknown)).await.status, 201);
}

#[tokio::test]
async fn the_default_site_rule_can_accept_a_note_and_lose_it() {
    let desk = Desk::with(|behaviour| behaviour.default_site_rule = DefaultSiteRule::AcceptButDrop).await;
    let id = unregistered(&desk).await;
    let reply = desk
        .note(json!({"ticket_id": id, "outcome_id": 7, "note": "n"}))
        .await;
    assert_eq!(reply.status, 201);
    let number = reply.json()["id"].as_i64().unwrap();
    assert_eq!(
        desk.get(&format!("/Actions/{number}?ticket_id={id}"))
            .await
            .status,
        404
    );
    assert!(desk.halo.ledger().actions.is_empty());
}

#[tokio::test]
async fn an_action_lag_hides_a_new_note_from_lists() {
    let desk = Desk::with(|behaviour| behaviour.action_lag = Lag::Searches(1)).await;
    let id = desk.maria("x").await;
    desk.note(json!({"ticket_id": id, "outcome_id": 7, "note": "n"}))
        .await
        .json();
    let path = format!("/Actions?ticket_id={id}&excludesys=true");
    assert_eq!(desk.get(&path).await.json()["record_count"], 0);
    assert_eq!(desk.get(&path).await.json()["record_count"], 1);
}
