//! The help desk page: what people see, and that content from outside cannot do anything there.

use reqwest::Method;
use serde_json::json;

use crate::desk::{Desk, Reply};

async fn page(desk: &Desk, path: &str) -> Reply {
    desk.call(Method::GET, path, None).await
}

#[tokio::test]
async fn the_list_and_the_ticket_show_what_was_filed() {
    let desk = Desk::open().await;
    assert!(page(&desk, "/").await.text.contains("No tickets here"));
    let fields = json!({
        "summary": "Screen <flickers>", "details_html": "<p>since <b>Monday</b></p>", "user_id": 70, "client_id": 13,
        "site_id": 103, "assets": [{"id": 21}],
    });
    let id = desk.ticket(fields).await.json()["id"].as_i64().unwrap();
    let note = json!({
        "ticket_id": id, "outcome_id": 7, "note_html": "<p>Disk is full</p>", "hiddenfromuser": true,
        "attachments": [{"filename": "report.html", "data_base64": "PGgxPlI8L2gxPg=="}],
    });
    desk.note(note).await.json();
    let list = page(&desk, "/").await;
    assert!(list.header("content-type").starts_with("text/html"));
    assert!(list.text.contains("Screen &#60;flickers&#62;"), "{}", list.text);
    assert!(list.text.contains("SURGERY1") && list.text.contains("Northgate Dental Practice"));
    let ticket = page(&desk, &format!("/ticket?id={id}")).await.text;
    for part in [
        "<p>since <b>Monday</b></p>",
        "<p>Disk is full</p>",
        "Private · hidden from user",
        "report.html",
        "SURGERY1",
        "Priya Patel",
    ] {
        assert!(ticket.contains(part), "{part} in {ticket}");
    }
    desk.ticket(json!({"id": id, "status_id": 9})).await.json();
    assert!(page(&desk, "/").await.text.contains("No tickets here"));
    assert!(page(&desk, "/?show=closed").await.text.contains("SURGERY1"));
    assert_eq!(page(&desk, "/ticket?id=5").await.status, 404);
    assert_eq!(page(&desk, "/ticket").await.status, 404);
}

#[tokio::test]
async fn content_from_outside_cannot_run_load_or_send_anything() {
    let desk = Desk::open().await;
    let evil = "<script>alert(1)</script><img src=\"http://127.0.0.1/x.gif\" onerror=\"alert(2)\"><p onclick=\"alert(3)\">ok</p>";
    let file = json!([{"filename": "<i>.html", "data_base64": "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="}]);
    let fields = json!({"summary": "<script>alert(0)</script>", "details_html": evil, "attachments": file});
    let id = desk.ticket(fields).await.json()["id"].as_i64().unwrap();
    desk.note(
        json!({"ticket_id": id, "outcome_id": 7, "note_html": evil, "who": "<script>alert(4)</script>"}),
    )
    .await
    .json();
    for path in ["/", &format!("/ticket?id={id}"), "/requests", "/violations"] {
        let reply = page(&desk, path).await;
        let policy = reply.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("script-src"),
            "{policy}"
        );
        for gone in ["<script", "onerror", "onclick", "<img"] {
            assert!(!reply.text.contains(gone), "{gone} on {path}: {}", reply.text);
        }
    }
    let shown = page(&desk, "/view/attachment/1").await;
    assert!(shown.header("content-type").starts_with("text/html"));
    assert!(
        shown
            .header("content-security-policy")
            .starts_with("sandbox; default-src 'none'")
    );
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    assert!(
        page(&desk, "/download/attachment/1")
            .await
            .header("content-disposition")
            .starts_with("attachment")
    );
}

#[tokio::test]
async fn files_a_browser_should_not_show_are_offered_for_saving() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    for (n, (name, content_type)) in [
        ("a.zip", ""),
        ("b.svg", "image/svg+xml"),
        ("c.html", "application/xhtml+xml"),
    ]
    .iter()
    .enumerate()
    {
        let file =
            json!([{"filename": name, "ticket_id": id, "data_base64": "eA==", "content_type": content_type}]);
        desk.post("/Attachment", &file).await.json();
        let reply = page(&desk, &format!("/view/attachment/{}", n + 1)).await;
        assert!(
            reply.header("content-disposition").starts_with("attachment"),
            "{name}"
        );
    }
    assert_eq!(page(&desk, "/view/attachment/99").await.status, 404);
}

#[tokio::test]
async fn violations_and_requests_are_shown() {
    let desk = Desk::open().await;
    assert!(page(&desk, "/violations").await.text.contains("None."));
    desk.ticket(json!({"summary": "x", "hostname": "PC"})).await;
    let violations = page(&desk, "/violations").await.text;
    assert!(
        violations.contains("[0].hostname") && violations.contains("unknown field"),
        "{violations}"
    );
    let requests = page(&desk, "/requests").await.text;
    assert!(
        requests.contains("POST /api/Tickets") && requests.contains(">400<"),
        "{requests}"
    );
    assert!(
        page(&desk, "/style.css")
            .await
            .text
            .contains(".status-9{--tone:#757575}")
    );
    let asked = desk.halo.ledger().requests.len();
    assert_eq!(
        page(&desk, "/favicon.ico").await.header("content-type"),
        "image/svg+xml"
    );
    assert_eq!(desk.halo.ledger().requests.len(), asked);
    assert_eq!(page(&desk, "/api/violations").await.status, 404);
}
