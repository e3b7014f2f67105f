//! Creating, changing, reading and deleting tickets.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn a_ticket_is_answered_as_one_wide_object_with_201() {
    let desk = Desk::open().await;
    let reply = desk
        .ticket(json!({
            "summary": "Printer down", "details_html": "<p>Out of <b>paper</b></p>", "tickettype_id": 1,
            "priority_id": 3, "status_id": 2, "team": "2nd line support", "agent_id": 1, "user_id": 55,
            "client_id": 12, "site_id": 101, "impact": 3, "urgency": 3, "category_1": "Hardware>Desktop",
            "assets": [{"id": 7}], "customfields": [{"id": 180, "value": "PC-7"}], "third_party_id_string": "abc",
        }))
        .await;
    assert_eq!(reply.status, 201);
    let ticket = reply.json();
    assert!(
        ticket.as_object().unwrap().len() >= 150,
        "only {} fields",
        ticket.as_object().unwrap().len()
    );
    for (field, value) in [
        ("summary", json!("Printer down")),
        ("details", json!("Out of paper")),
        ("status_name", json!("In Progress")),
        ("team", json!("2nd Line Support")),
        ("client_name", json!("Bianchi & Figli S.r.l.")),
        ("site_name", json!("Milano - Sede")),
        ("user_name", json!("Maria Rossi")),
        ("agent_id", json!(1)),
        ("impact", json!(3)),
        ("category_1", json!("Hardware>Desktop")),
        ("third_party_id_string", json!("abc")),
        ("attachment_count", json!(0)),
        ("dateclosed", json!("1899-12-30T00:00:00")),
        ("deadlinedate", json!("1899-12-30T00:00:00")),
    ] {
        assert_eq!(ticket[field], value, "{field}");
    }
    assert_eq!(ticket["assets"][0]["key_field"], "PC-7");
    assert_eq!(ticket["customfields"][0]["value"], "PC-7");
    let logged = ticket["dateoccurred"].as_str().unwrap();
    assert!(
        logged.starts_with("20") && !logged.ends_with('Z') && !logged.contains('+'),
        "{logged}"
    );

    let again = desk
        .get(&format!("/Tickets/{}?includedetails=true", ticket["id"]))
        .await;
    assert_eq!(again.status, 200);
    assert_eq!(again.json()["details_html"], "<p>Out of <b>paper</b></p>");
    let record = desk.halo.ledger().tickets[0].clone();
    assert_eq!(record.sent["third_party_id_string"], "abc");
    assert_eq!(
        (record.user_id, record.client_id, record.site_id, record.asset_ids),
        (55, 12, 101, vec![7])
    );
}

#[tokio::test]
async fn older_instances_answer_200() {
    let desk = Desk::with(|behaviour| behaviour.success_status = 200).await;
    let reply = desk.ticket(json!({"summary": "x"})).await;
    assert_eq!(reply.status, 200);
    let id = reply.json()["id"].as_i64().unwrap();
    assert_eq!(
        desk.note(json!({"ticket_id": id, "outcome_id": 7, "note": "n"}))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn paths_work_in_any_case_with_and_without_the_api_prefix() {
    let desk = Desk::open().await;
    let body = json!([{"summary": "x"}]);
    for path in ["/api/Tickets", "/tickets", "/API/TICKETS", "/Tickets/"] {
        assert_eq!(
            desk.call(Method::POST, path, Some(&body)).await.status,
            201,
            "{path}"
        );
    }
    assert_eq!(desk.get("/Nonsense").await.status, 404);
    assert_eq!(
        desk.call(Method::POST, "/api//tickets", Some(&body)).await.status,
        404
    );
    assert_eq!(
        desk.call(Method::PUT, "/api/tickets", Some(&body)).await.status,
        501
    );
    assert_eq!(desk.halo.ledger().tickets.len(), 4);
}

#[tokio::test]
async fn several_tickets_answer_the_last_unless_all_are_asked_for() {
    let desk = Desk::open().await;
    let two = json!([{"summary": "one"}, {"summary": "two"}]);
    assert_eq!(desk.post("/Tickets", &two).await.json()["summary"], "two");
    let all = desk.post("/Tickets?returnall=true", &two).await.json();
    assert_eq!(all.as_array().unwrap().len(), 2);
    assert_eq!(all[0]["summary"], "one");
    assert_eq!(desk.halo.ledger().tickets.len(), 4);
}

#[tokio::test]
async fn the_object_call_takes_one_object_and_the_plain_call_an_array() {
    let desk = Desk::open().await;
    assert_eq!(
        desk.post("/Tickets/Object", &json!({"summary": "one"}))
            .await
            .json()["summary"],
        "one"
    );
    assert_eq!(
        desk.post("/Tickets/Object", &json!([{"summary": "one"}]))
            .await
            .status,
        400
    );
    assert_eq!(
        desk.post("/Tickets", &json!({"summary": "one"})).await.status,
        400
    );
    assert_eq!(desk.post("/Tickets", &json!([])).await.status, 400);
    assert_eq!(desk.halo.ledger().tickets.len(), 1);
}

#[tokio::test]
async fn an_id_makes_it_an_update_of_only_what_is_sent() {
    let desk = Desk::open().await;
    let id = desk.maria("before").await;
    let reply = desk.ticket(json!({"id": id, "status_id": 9})).await.json();
    assert_eq!(reply["summary"], "before");
    assert_eq!(reply["status_name"], "Closed");
    assert_ne!(reply["dateclosed"], "1899-12-30T00:00:00");
    assert_eq!(reply["user_id"], 55);
    let reply = desk
        .ticket(json!({"id": id.to_string(), "status_id": "2", "summary": "after"}))
        .await
        .json();
    assert_eq!(
        (reply["summary"].as_str(), reply["status_id"].as_i64()),
        (Some("after"), Some(2))
    );
    assert_eq!(reply["dateclosed"], "1899-12-30T00:00:00");
    assert_eq!(desk.ticket(json!({"id": 5, "status_id": 9})).await.status, 400);
    assert_eq!(desk.halo.ledger().tickets.len(), 1);
}

#[tokio::test]
async fn client_site_and_user_must_fit_together() {
    let desk = Desk::open().await;
    for (fields, part) in [
        (
            json!({"client_id": 12, "site_id": 103}),
            "Site 103 does not belong",
        ),
        (
            json!({"client_id": 13, "site_id": 101, "user_id": 55}),
            "does not belong to the Client",
        ),
        (
            json!({"client_id": 12, "site_id": 102, "user_id": 55}),
            "does not belong to the Site",
        ),
        (json!({"client_id": 12, "user_id": 55}), "A Site must be entered"),
        (
            json!({"client_id": 999, "site_id": 101}),
            "Client 999 does not exist",
        ),
        (json!({"site_id": 999}), "Site 999 does not exist"),
        (json!({"user_id": 999, "site_id": 0}), "User 999 does not exist"),
    ] {
        let mut ticket = fields.clone();
        ticket["summary"] = json!("x");
        let reply = desk.ticket(ticket).await;
        assert_eq!(reply.status, 400, "{fields}");
        assert!(reply.message().contains(part), "{fields}: {}", reply.message());
    }
    assert!(desk.halo.ledger().tickets.is_empty());
}

#[tokio::test]
async fn what_is_not_said_about_the_person_follows_from_what_is() {
    let desk = Desk::open().await;
    let parties = async |fields: Value| {
        let mut ticket = fields;
        ticket["summary"] = json!("x");
        let answer = desk.ticket(ticket).await.json();
        [
            answer["client_id"].clone(),
            answer["site_id"].clone(),
            answer["user_id"].clone(),
        ]
    };
    assert_eq!(parties(json!({})).await, [1, 1, -1]);
    assert_eq!(parties(json!({"client_id": 13})).await, [13, 103, -1]);
    assert_eq!(parties(json!({"site_id": 107})).await, [15, 107, -1]);
    // A site of 0 counts as sent: production integrations do exactly this.
    assert_eq!(parties(json!({"user_id": 61, "site_id": 0})).await, [12, 102, 61]);
    assert_eq!(
        parties(json!({"user_id": -1, "client_id": 15, "site_id": 106})).await,
        [15, 106, -1]
    );
    desk.halo
        .adjust(|behaviour| behaviour.site_required_with_user = false)
        .unwrap();
    assert_eq!(parties(json!({"user_id": 61})).await, [12, 102, 61]);
}

#[tokio::test]
async fn ids_and_names_nobody_configured_are_refused_with_a_serialised_exception() {
    let desk = Desk::open().await;
    for fields in [
        json!({"status_id": 77}),
        json!({"tickettype_id": 77}),
        json!({"priority_id": 77}),
        json!({"agent_id": 77}),
        json!({"agent_id": 6}),
        json!({"team": "Nobody"}),
        json!({"team_id": 77}),
        json!({"category_1": "Hardware>Abacus"}),
        json!({"assets": [{"id": 7777}]}),
        json!({"customfields": [{"id": 7777, "value": "x"}]}),
    ] {
        let mut ticket = fields.clone();
        ticket["summary"] = json!("x");
        let reply = desk.ticket(ticket).await;
        assert_eq!(reply.status, 400, "{fields}");
        assert!(!reply.message().is_empty());
    }
    assert_eq!(desk.ticket(json!({"summary": "  "})).await.status, 400);
    assert!(desk.halo.ledger().tickets.is_empty());
}

#[tokio::test]
async fn a_ticket_without_an_agent_goes_to_the_applications_own() {
    let desk = Desk::open().await;
    assert_eq!(
        desk.ticket(json!({"summary": "x"})).await.json()["agent_name"],
        "Helpbell"
    );
    assert_eq!(
        desk.ticket(json!({"summary": "x", "agent_id": 1})).await.json()["agent_name"],
        "Unassigned"
    );
}

#[tokio::test]
async fn mandatory_fields_are_asked_for_per_ticket_type_and_novalidate_skips_them() {
    let patch =
        json!({"mandatory_fields": [{"ticket_type_id": 1, "fields": ["impact", "urgency", "category_1"]}]});
    let desk = Desk::with(|behaviour| *behaviour = behaviour.patched(&patch).unwrap()).await;
    let reply = desk.ticket(json!({"summary": "x", "impact": 3})).await;
    assert_eq!(
        (reply.status, reply.message().as_str()),
        (400, "Urgency is mandatory for the Ticket Type Incident")
    );
    let whole = json!({"summary": "x", "impact": 3, "urgency": 3, "category_1": "Hardware"});
    assert_eq!(desk.ticket(whole).await.status, 201);
    assert_eq!(
        desk.ticket(json!({"summary": "x", "tickettype_id": 3}))
            .await
            .status,
        201
    );
    assert_eq!(
        desk.ticket(json!({"summary": "x", "_novalidate": true}))
            .await
            .status,
        201
    );
}

#[tokio::test]
async fn validate_only_checks_and_stores_nothing() {
    let desk = Desk::open().await;
    let reply = desk.ticket(json!({"summary": "x", "_validate_only": true})).await;
    assert_eq!(reply.json()["id"], 0);
    assert_eq!(
        desk.ticket(json!({"summary": "x", "status_id": 77, "_validate_only": true}))
            .await
            .status,
        400
    );
    assert!(desk.halo.ledger().tickets.is_empty());
}

#[tokio::test]
async fn a_deleted_ticket_is_gone_with_its_notes_and_files() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    desk.note(json!({"ticket_id": id, "outcome_id": 7, "attachments": [{"filename": "a.txt", "data_base64": "eA=="}]}))
        .await
        .json();
    assert_eq!(
        desk.delete(&format!("/Tickets/{id}?reason=test")).await.json()["id"],
        id
    );
    assert_eq!(desk.get(&format!("/Tickets/{id}")).await.status, 404);
    assert_eq!(desk.delete(&format!("/Tickets/{id}")).await.status, 404);
    let ledger = desk.halo.ledger();
    assert!(ledger.tickets.is_empty() && ledger.actions.is_empty() && ledger.attachments.is_empty());
}

#[tokio::test]
async fn an_id_that_is_no_number_is_a_field_error() {
    let desk = Desk::open().await;
    let reply = desk.get("/Tickets/abc").await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.any_json()["id"][0], "The value 'abc' is not valid.");
}
