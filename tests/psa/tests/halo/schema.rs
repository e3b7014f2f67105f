//! What departs from the vendor's schema is written down, and refused where the vendor would not read it.

use psa_sandbox::halo::ViolationKind;
use serde_json::json;

use crate::desk::{Desk, read};

#[tokio::test]
async fn an_unknown_field_is_refused_with_a_map_keyed_by_field_and_written_down() {
    let desk = Desk::open().await;
    let reply = desk.ticket(json!({"summary": "x", "hostname": "PC-7"})).await;
    assert_eq!(reply.status, 400);
    assert!(reply.any_json()["[0].hostname"].is_array(), "{}", reply.text);
    let ledger = desk.halo.ledger();
    assert!(ledger.tickets.is_empty());
    let violation = &ledger.violations[0];
    assert_eq!(
        (violation.kind, violation.field.as_str(), violation.refused),
        (ViolationKind::UnknownField, "[0].hostname", true)
    );
    let request = ledger
        .requests
        .iter()
        .find(|it| it.number == violation.request)
        .unwrap();
    assert_eq!((request.path.as_str(), request.status), ("/api/Tickets", 400));
}

#[tokio::test]
async fn a_permissive_instance_ignores_unknown_fields_and_still_writes_them_down() {
    let desk = Desk::with(|behaviour| behaviour.refuse_unknown_fields = false).await;
    let reply = desk.ticket(json!({"summary": "x", "hostname": "PC-7"})).await;
    assert_eq!(reply.status, 201);
    assert_eq!(reply.json().get("hostname"), None);
    let violations = desk.halo.ledger().violations;
    assert_eq!((violations.len(), violations[0].refused), (1, false));
    // A wrong type cannot be read, permissive or not.
    assert_eq!(desk.ticket(json!({"summary": 7})).await.status, 400);
}

#[tokio::test]
async fn wrong_types_are_refused_in_notes_and_files_too() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    let note = desk
        .note(json!({"ticket_id": id, "outcome_id": 7, "hiddenfromuser": "yes"}))
        .await;
    assert_eq!(
        (note.status, note.any_json()["[0].hiddenfromuser"][0].as_str()),
        (400, Some("expected boolean, found text"))
    );
    let nested =
        json!({"ticket_id": id, "outcome_id": 7, "attachments": [{"filename": "a", "contents": "eA=="}]});
    assert_eq!(desk.note(nested).await.status, 400);
    assert_eq!(
        desk.post("/Attachment", &json!([{"filename": 1, "ticket_id": id}]))
            .await
            .status,
        400
    );
    assert_eq!(desk.halo.ledger().violations.len(), 3);
    assert!(desk.halo.ledger().actions.is_empty());
}

#[tokio::test]
async fn unknown_and_unreadable_parameters_are_written_down_and_not_refused() {
    let desk = Desk::open().await;
    assert_eq!(
        desk.get("/Tickets?reference_number=5&open_only=perhaps&debug=true")
            .await
            .status,
        200
    );
    let ledger = desk.halo.ledger();
    let found: Vec<_> = ledger
        .violations
        .iter()
        .map(|it| (it.kind, it.field.as_str(), it.refused))
        .collect();
    assert_eq!(
        found,
        [
            (ViolationKind::UnknownParameter, "reference_number", false),
            (ViolationKind::WrongParameter, "open_only", false),
        ]
    );
    let request = ledger.requests.last().unwrap();
    assert_eq!(request.ignored_parameters, ["reference_number", "debug"]);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused_by_type_or_by_content() {
    let desk = Desk::open().await;
    let send = async |media_type: &str, body: &'static str| {
        let request = desk.http.post(desk.url("/api/Tickets")).bearer_auth(desk.token());
        let request = request.header("content-type", media_type.to_owned()).body(body);
        read(request.send().await.unwrap()).await
    };
    assert_eq!(send("text/plain", r#"[{"summary": "x"}]"#).await.status, 415);
    assert_eq!(send("application/json", "[{").await.status, 400);
    assert_eq!(
        send("application/json; charset=utf-8", r#"[{"summary": "x"}]"#)
            .await
            .status,
        201
    );
    assert_eq!(send("text/json", r#"[{"summary": "x"}]"#).await.status, 201);
    assert_eq!(
        send("application/vnd.api+json", r#"[{"summary": "x"}]"#)
            .await
            .status,
        201
    );
    assert_eq!(desk.halo.ledger().violations[0].kind, ViolationKind::WrongBody);
}
