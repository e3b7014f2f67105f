//! Files: by their own call, inside tickets and inside notes.

use serde_json::json;

use crate::desk::Desk;

/// "hello" in base64, and its SHA-256.
const HELLO: &str = "aGVsbG8=";
const HELLO_SHA256: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

#[tokio::test]
async fn a_file_is_stored_listed_and_given_back_byte_for_byte() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    let file =
        json!([{"filename": "Bericht é.html", "ticket_id": id, "data_base64": HELLO, "showforusers": false}]);
    let reply = desk.post("/Attachment", &file).await;
    assert_eq!(reply.status, 201);
    let stored = reply.json();
    assert_eq!(
        (stored["filename"].as_str(), stored["filesize"].as_i64()),
        (Some("Bericht é.html"), Some(5))
    );
    let link = stored["link"].as_str().unwrap();
    assert!(link.starts_with(&desk.halo.resource_server()), "{link}");

    let back = desk.get(&format!("/Attachment/{}", stored["id"])).await;
    assert_eq!(back.text, "hello");
    assert!(
        back.header("content-disposition").starts_with("attachment; "),
        "{back:?}"
    );
    let list = desk.get(&format!("/Attachment?ticket_id={id}")).await.json();
    for key in [
        "type",
        "unique_id",
        "action_id",
        "page_no",
        "page_size",
        "folders",
    ] {
        assert!(list.get(key).is_some(), "{key}");
    }
    assert_eq!(list["record_count"], 1);
    assert_eq!(
        desk.get(&format!("/Tickets/{id}")).await.json()["attachment_count"],
        1
    );
    let record = desk.halo.ledger().attachments[0].clone();
    assert_eq!(
        (record.size, record.sha256.as_str(), record.private),
        (5, HELLO_SHA256, true)
    );
}

#[tokio::test]
async fn files_inside_tickets_and_notes_hang_where_they_came_in() {
    let desk = Desk::open().await;
    let ticket = json!({"summary": "x", "attachments": [{"filename": "a.txt", "data": HELLO}]});
    let id = desk.ticket(ticket).await.json()["id"].as_i64().unwrap();
    let data_url = format!("data:text/plain;base64,{HELLO}");
    let note = json!({
        "ticket_id": id, "outcome_id": 7, "hiddenfromuser": true,
        "attachments": [{"filename": "b.txt", "data_base64": HELLO}, {"filename": "c.txt", "data_base64": data_url}],
    });
    let action = desk.note(note).await.json();
    assert_eq!(action["attachment_count"], 2);
    let ledger = desk.halo.ledger();
    let places: Vec<_> = ledger
        .attachments
        .iter()
        .map(|file| (file.action_id, file.private))
        .collect();
    let number = action["id"].as_i64().unwrap();
    assert_eq!(places, [(0, false), (number, true), (number, true)]);
    assert!(ledger.attachments.iter().all(|file| file.sha256 == HELLO_SHA256));
    assert_eq!(ledger.actions[0].attachment_ids.len(), 2);
    assert_eq!(
        ledger.actions[0].sent["attachments"][0]["data_base64"],
        "(8 characters)"
    );

    let path = format!("/Actions?ticket_id={id}&excludesys=true&includeattachments=true");
    assert_eq!(
        desk.get(&path).await.json()["actions"][0]["attachments"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let of_note = desk
        .get(&format!("/Attachment?ticket_id={id}&action_id={number}"))
        .await
        .json();
    assert_eq!(of_note["record_count"], 2);
}

#[tokio::test]
async fn a_file_needs_a_name_bytes_and_a_place() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    for file in [
        json!({"ticket_id": id, "data_base64": HELLO}),
        json!({"ticket_id": id, "filename": "a.txt"}),
        json!({"ticket_id": id, "filename": "a.txt", "data_base64": "not base64!"}),
        json!({"ticket_id": 5, "filename": "a.txt", "data_base64": HELLO}),
        json!({"filename": "a.txt", "data_base64": HELLO}),
        json!({"ticket_id": id, "action_id": 77, "filename": "a.txt", "data_base64": HELLO}),
    ] {
        assert_eq!(
            desk.post("/Attachment", &json!([file])).await.status,
            400,
            "{file}"
        );
    }
    assert!(desk.halo.ledger().attachments.is_empty());
}

#[tokio::test]
async fn a_damaged_file_stores_no_half_ticket_and_no_half_note() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    let bad = json!([{"filename": "a.txt", "data_base64": "?"}]);
    assert_eq!(
        desk.ticket(json!({"summary": "y", "attachments": bad}))
            .await
            .status,
        400
    );
    assert_eq!(
        desk.note(json!({"ticket_id": id, "outcome_id": 7, "attachments": bad}))
            .await
            .status,
        400
    );
    let ledger = desk.halo.ledger();
    assert_eq!((ledger.tickets.len(), ledger.actions.len()), (1, 0));
}

#[tokio::test]
async fn a_deleted_file_is_gone() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    let file = json!([{"filename": "a.txt", "ticket_id": id, "data_base64": HELLO}]);
    let file = desk.post("/Attachment", &file).await.json()["id"].clone();
    assert_eq!(
        desk.delete(&format!("/Attachment/{file}")).await.json()["id"],
        file
    );
    assert_eq!(desk.get(&format!("/Attachment/{file}")).await.status, 404);
}
