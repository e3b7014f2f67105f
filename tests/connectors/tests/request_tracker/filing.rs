//! A press becomes a ticket with a private note, and nothing of it is lost or shown to the wrong people.

use super::desk::{Entered, field, only_private_note, only_ticket, requests, sha256, told, tracker};
use std::fs;

#[tokio::test]
async fn a_press_becomes_a_ticket_of_its_person_with_a_note_that_is_private() {
    let tracker = tracker("").await;
    let desk = Entered::of(&tracker)
        .with(&[
            ("owner", "lars berg"),
            ("cf.Category", "hardware"),
            ("priority", "High"),
            ("status", "Open"),
        ])
        .setting("asset-catalog", "general assets")
        .desk()
        .await;
    let reports = desk.path("reports");
    let run = desk
        .press()
        .by("Maria Rossi", "Maria.Rossi@bianchi.example")
        .option("--report-to", &reports.display().to_string());
    let run = run.now().await.expect(0);
    let said = run.json();
    assert_eq!(said["outcome"], "delivered", "{said:#}");
    assert_eq!(
        (told(&said, "/contact/name"), told(&said, "/contact/matched_by")),
        ("Maria Rossi", "email")
    );
    assert_eq!(
        (&said["corrections"], &said["problems"]),
        (&serde_json::json!([]), &serde_json::json!([]))
    );
    assert_eq!(said["note"]["confirmed"], true);

    let ticket = only_ticket(&tracker).await;
    assert_eq!(ticket.id, told(&said, "/ticket/number"));
    assert_eq!(ticket.summary, "The printer does nothing");
    assert_eq!(ticket.requester.as_deref(), Some("maria.rossi@bianchi.example"));
    assert!(ticket.body.contains("The printer does nothing") && ticket.attachments.is_empty());
    assert_eq!((ticket.status.as_str(), ticket.closed), ("open", false));
    let shown = ["Queue", "Owner", "Priority", "Category"].map(|name| field(&ticket, name));
    assert_eq!(shown, ["Service Desk", "lars", "100", "Hardware"]);
    assert_eq!(
        field(&ticket, "RefersTo"),
        format!("urn:uuid:{}", told(&said, "/press"))
    );

    let note = only_private_note(&ticket);
    assert!(note.text.contains("Helpbell report"));
    let mut written: Vec<_> = fs::read_dir(&reports)
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                sha256(&fs::read(path).unwrap()),
            )
        })
        .collect();
    let mut kept: Vec<_> = note
        .attachments
        .iter()
        .map(|file| (file.name.clone(), file.sha256.clone()))
        .collect();
    written.sort();
    kept.sort();
    assert_eq!((kept.len(), &kept), (2, &written), "byte for byte");
    for mail in tracker.mails().unwrap() {
        assert!(
            !mail.contains("helpbell-report") && !mail.contains("Helpbell report"),
            "{mail}"
        );
    }
    desk.assert_state_without(&[tracker.token("helpbell")]);
}

#[tokio::test]
async fn a_second_press_sends_four_requests() {
    let tracker = tracker("").await;
    let desk = Entered::of(&tracker).desk().await;
    desk.press().now().await.expect(0);
    let second = desk.press().now().await.expect(0);
    assert_eq!(
        requests(&second),
        [
            "POST /REST/2.0/ticket",
            "POST /REST/2.0/ticket/{id}/comment",
            "GET /REST/2.0/ticket/{id}/history",
            "GET /REST/2.0/transaction/{id}/attachments",
        ]
    );
}

#[tokio::test]
async fn any_text_is_kept_and_harmless() {
    let tracker = tracker("").await;
    let desk = Entered::of(&tracker).desk().await;
    let (file, bytes) = (
        desk.path("größe 日本 \"1\".txt"),
        b"caf\xe9\r\n\xff\xfe\0".to_vec(),
    );
    fs::write(&file, &bytes).unwrap();
    let message = "Größe 日本 😀 <script>alert(1)</script> & \"x\" 'y' \\ %s ${1} __CurrentUser__";
    let run = desk
        .press()
        .about(message)
        .option("--attach", &file.display().to_string())
        .now()
        .await
        .expect(0);
    assert_eq!(run.json()["note"]["confirmed"], true, "{}", run.said());
    let ticket = only_ticket(&tracker).await;
    assert!(
        ticket
            .summary
            .starts_with("Größe 日本 😀 <script>alert(1)</script>"),
        "{}",
        ticket.summary
    );
    assert!(
        ticket
            .body
            .contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot; &#39;y&#39; \\ %s ${1}")
    );
    assert!(!ticket.body.contains("<script>"));
    let note = only_private_note(&ticket);
    let kept = note.attachments.iter().find(|kept| kept.sha256 == sha256(&bytes));
    let kept = kept.unwrap_or_else(|| panic!("the file is not there byte for byte: {note:#?}"));
    assert!(kept.name.contains("größe 日本"), "{}", kept.name);
}

#[tokio::test]
async fn somebody_unknown_asks_under_their_address() {
    let tracker = tracker("").await;
    let desk = Entered::of(&tracker).desk().await;
    desk.press()
        .by("Nora Neu", "nora.neu@new.example")
        .now()
        .await
        .expect(0);
    let ticket = only_ticket(&tracker).await;
    assert_eq!(ticket.requester.as_deref(), Some("nora.neu@new.example"));
    assert!(ticket.body.contains("[User Registration Requested]"));
    only_private_note(&ticket);
}

#[tokio::test]
async fn values_that_do_not_exist_cost_the_ticket_nothing_but_themselves() {
    let tracker = tracker("make_user('olga', 'Olga Outside', 'olga@desk.example', 1);").await;
    let desk = Entered::of(&tracker)
        .with(&[
            ("queue", "Servise Desk"),
            ("status", "wating"),
            ("priority", "Hihg"),
            ("owner", "Olga Outside"),
            ("cf.Category", "Hardwear"),
            ("cf.Nonsense", "1"),
            ("cf.Hostname", "PC-7"),
        ])
        .desk()
        .await;
    let run = desk.press().now().await.expect(0);
    let said = run.json();
    let corrections = said["corrections"].as_array().unwrap();
    let nearest = |field: &str| {
        let found = corrections
            .iter()
            .find(|correction| told(correction, "/field") == field);
        let found = found.unwrap_or_else(|| panic!("no correction of {field}: {said:#}"));
        (
            told(found, "/nearest/0").to_owned(),
            told(found, "/used").to_owned(),
        )
    };
    let pair = |nearest: &str, used: &str| (nearest.to_owned(), used.to_owned());
    assert_eq!(nearest("queue"), pair("Service Desk", "General"));
    assert_eq!(nearest("priority"), pair("High", ""));
    // She is there, but may not own tickets: RT drops her without a word, and the ticket is read back.
    assert_eq!(nearest("owner"), pair("", "Nobody"));
    // Category belongs to the queue that does not exist.
    assert_eq!(nearest("cf.Nonsense").1, "");
    assert_eq!(corrections.len(), 6, "{corrections:#?}");
    let ticket = only_ticket(&tracker).await;
    assert_eq!(
        (field(&ticket, "Queue"), field(&ticket, "Hostname")),
        ("General", "PC-7")
    );
    assert!(only_private_note(&ticket).text.contains("Servise Desk"));

    // In the right queue its own values are the nearest.
    Entered::of(&tracker)
        .with(&[("cf.Category", "Hardwear"), ("status", "stald")])
        .init(&desk)
        .await;
    let said = desk.press().now().await.expect(0).json();
    let corrections = said["corrections"].as_array().unwrap();
    let mut nearest: Vec<_> = corrections
        .iter()
        .map(|correction| told(correction, "/nearest/0"))
        .collect();
    // Their order is helpbell.toml's, and not what this is about.
    nearest.sort_unstable();
    assert_eq!(nearest, ["Hardware", "stalled"]);
}
