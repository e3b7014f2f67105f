//! Custom fields per ticket type, the four categories, serial numbers, closing, and what `_novalidate` skips.

use psa_sandbox::halo::MandatoryFields;
use serde_json::{Value, json};

use crate::desk::Desk;

/// Tied to the ticket type "Change Request" (2) in the built-in world.
const CHANGE_WINDOW: i64 = 183;

fn ids(list: &Value) -> Vec<i64> {
    let rows = list.as_array().unwrap_or_else(|| panic!("no array: {list}"));
    rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_custom_field_of_another_ticket_type_is_refused() {
    let desk = Desk::open().await;
    let ticket = |kind: i64| json!({"summary": "x", "tickettype_id": kind, "customfields": [{"id": CHANGE_WINDOW, "value": "Sunday"}]});
    let reply = desk.ticket(ticket(1)).await;
    assert_eq!(
        (reply.status, reply.message().as_str()),
        (
            400,
            "The Custom Field Change window is not available for the Ticket Type Incident"
        )
    );
    assert!(desk.halo.ledger().tickets.is_empty());
    let change = desk.ticket(ticket(2)).await.json();
    assert!(ids(&change["customfields"]).contains(&CHANGE_WINDOW));
    let plain = desk.ticket(json!({"summary": "x"})).await.json();
    assert_eq!(ids(&plain["customfields"]), [180, 181, 182]);
}

#[tokio::test]
async fn novalidate_skips_the_screens_rules_and_not_ids_that_lead_nowhere() {
    let desk = Desk::open().await;
    desk.halo
        .adjust(|behaviour| {
            behaviour.mandatory_fields = vec![MandatoryFields {
                ticket_type_id: None,
                fields: vec!["impact".into()],
            }];
        })
        .unwrap();
    let fields = [{
        let window = json!([{"id": CHANGE_WINDOW, "value": "Sunday"}]);
        json!({"summary": "x", "tickettype_id": 1, "customfields": window})
    }];
    for mut ticket in fields {
        assert_eq!(desk.ticket(ticket.clone()).await.status, 400);
        ticket["_novalidate"] = json!(true);
        let answer = desk.ticket(ticket).await.json();
        assert!(ids(&answer["customfields"]).contains(&CHANGE_WINDOW));
    }
    for nowhere in [
        json!({"customfields": [{"id": 7777, "value": "x"}]}),
        json!({"status_id": 77}),
        json!({"category_2": "Nonsense"}),
        json!({"summary": ""}),
    ] {
        let mut ticket = json!({"summary": "x", "_novalidate": true});
        ticket
            .as_object_mut()
            .unwrap()
            .extend(nowhere.as_object().unwrap().clone());
        assert_eq!(desk.ticket(ticket).await.status, 400, "{nowhere}");
    }
}

#[tokio::test]
async fn a_custom_field_can_be_mandatory() {
    let desk = Desk::open().await;
    desk.halo
        .adjust(|behaviour| {
            behaviour.mandatory_fields = vec![MandatoryFields {
                ticket_type_id: Some(2),
                fields: vec!["CFChangeWindow".into()],
            }];
        })
        .unwrap();
    let reply = desk.ticket(json!({"summary": "x", "tickettype_id": 2})).await;
    assert_eq!(
        reply.message(),
        "Change window is mandatory for the Ticket Type Change Request"
    );
    for field in [json!({"id": CHANGE_WINDOW}), json!({"name": "CFChangeWindow"})] {
        let mut field = field;
        field["value"] = json!("Sunday");
        let ticket = json!({"summary": "x", "tickettype_id": 2, "customfields": [field]});
        assert_eq!(desk.ticket(ticket).await.status, 201);
    }
    assert_eq!(desk.ticket(json!({"summary": "x"})).await.status, 201);
}

#[tokio::test]
async fn all_four_categories_are_kept_by_path_and_by_id_and_are_lists_of_their_own() {
    let desk = Desk::open().await;
    let paths = [
        "Hardware>Desktop",
        "Fixed remotely",
        "Worn part",
        "Monitoring>Help button",
    ];
    let ticket = desk
        .ticket(json!({
            "summary": "x", "category_1": paths[0], "category_2": paths[1], "category_3": paths[2],
            "categoryid_4": 91,
        }))
        .await
        .json();
    let list = desk.get("/Tickets").await.json();
    for (n, path) in (1..).zip(paths) {
        assert_eq!(ticket[format!("category_{n}")], path);
        assert_eq!(list["tickets"][0][format!("category_{n}")], path);
        let rows = desk.get(&format!("/Category?type_id={n}")).await.json();
        assert!(rows.as_array().unwrap().iter().any(|row| row["value"] == path));
    }
    assert_eq!(ticket["categoryid_3"], 81);
    // A path of another field's list is unknown here.
    for wrong in [
        json!({"category_2": "Hardware>Desktop"}),
        json!({"category_3": "Fixed remotely"}),
        json!({"categoryid_4": 81}),
    ] {
        let mut ticket = wrong.clone();
        ticket["summary"] = json!("x");
        assert_eq!(desk.ticket(ticket).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_device_is_found_by_its_serial_number() {
    let desk = Desk::open().await;
    let found = desk.get("/Asset?search=CZC1178W2B").await.json();
    assert_eq!(ids(&found["assets"]), [9]);
    assert_eq!(found["assets"][0]["key_field2"], "CZC1178W2B");
    assert_eq!(
        ids(&desk.get("/Asset?search=czc1178").await.json()["assets"]),
        [9]
    );
    let elsewhere = desk.get("/Asset?search=CZC1178W2B&client_id=13").await.json();
    assert_eq!(elsewhere["record_count"], 0);
    let tag_only = "/Asset?search=CZC1178W2B&search_inventory_number_only=true";
    assert_eq!(desk.get(tag_only).await.json()["record_count"], 0);
}

#[tokio::test]
async fn tickets_close_and_open_again_by_status_of_the_ticket_or_of_a_note() {
    let desk = Desk::open().await;
    let (one, two) = (desk.maria("one").await, desk.maria("two").await);
    let lists = async || {
        (
            ids(&desk.get("/Tickets?open_only=true").await.json()["tickets"]),
            ids(&desk.get("/Tickets?closed_only=true").await.json()["tickets"]),
        )
    };
    assert_eq!(lists().await, (vec![two, one], vec![]));
    desk.ticket(json!({"id": one, "status_id": 9})).await.json();
    assert_eq!(lists().await, (vec![two], vec![one]));
    let note = |id: i64, status: Value| json!({"ticket_id": id, "outcome_id": 19, "note": "n", "new_status": status});
    // Resolved is of the closed kind too, and clients send the status as text.
    let answer = desk.note(note(two, json!("8"))).await.json();
    assert_eq!(
        (answer["old_status"].as_i64(), answer["new_status"].as_i64()),
        (Some(1), Some(8))
    );
    assert_eq!(lists().await, (vec![], vec![two, one]));
    desk.note(note(two, json!("4"))).await.json();
    assert_eq!(lists().await, (vec![two], vec![one]));
    let again = desk.get(&format!("/Tickets/{two}")).await.json();
    assert_eq!(again["dateclosed"], "1899-12-30T00:00:00");
    // A note without a status of its own changes none.
    desk.note(json!({"ticket_id": one, "outcome_id": 7, "note": "n"}))
        .await
        .json();
    assert_eq!(lists().await, (vec![two], vec![one]));
}
