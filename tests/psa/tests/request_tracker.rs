//! The real Request Tracker, started and looked at without a connector.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use psa_sandbox::request_tracker::{Config, RequestTracker, is_installed};
use serde_json::json;

/// `hello` in base64, and its SHA-256.
const HELLO: (&str, &str) = (
    "aGVsbG8=",
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
);

async fn desk(config: Config) -> RequestTracker {
    assert!(
        is_installed(),
        "next: cargo xtask test, which installs Request Tracker"
    );
    RequestTracker::start(config).await.unwrap()
}

#[tokio::test]
async fn what_is_private_is_told_by_what_the_person_sees() {
    let desk = desk(Config::default()).await;
    let filed = json!({
        "Queue": "Service Desk", "Subject": "Printer", "Requestor": "maria.rossi@bianchi.example",
        "Content": "<p>It does <b>nothing</b></p>", "ContentType": "text/html", "CustomFields": {"Category": "Hardware"},
    });
    let ticket = desk.file("helpbell", &filed).await.unwrap();
    let note = |words: &str| {
        let file =
            json!({"FileName": "hello.bin", "FileType": "application/octet-stream", "FileContent": HELLO.0});
        json!({"Content": words, "ContentType": "text/plain", "Attachments": [file]})
    };
    desk.write("helpbell", &ticket, "comment", &note("for technicians"))
        .await
        .unwrap();
    desk.write("lars", &ticket, "correspond", &note("for everybody"))
        .await
        .unwrap();

    let seen = desk.seen(&ticket).await.unwrap();
    assert_eq!(seen.summary, "Printer");
    assert_eq!(seen.body, "<p>It does <b>nothing</b></p>");
    assert_eq!(seen.requester.as_deref(), Some("maria.rossi@bianchi.example"));
    assert!(
        seen.fields
            .contains(&("Category".to_owned(), "Hardware".to_owned()))
    );
    assert!(
        seen.fields
            .contains(&("Queue".to_owned(), "Service Desk".to_owned()))
    );
    let notes: Vec<_> = seen
        .notes
        .iter()
        .map(|note| (note.text.as_str(), note.private))
        .collect();
    assert_eq!(notes, [("for technicians", true), ("for everybody", false)]);
    for (note, private) in seen.notes.iter().zip([true, false]) {
        let [file] = note.attachments.as_slice() else {
            panic!("{note:?}")
        };
        assert_eq!(
            (file.size, file.sha256.as_str(), file.private),
            (5, HELLO.1, private)
        );
    }
    // What RT would have mailed is kept, and only what is for her went to Maria.
    let mails = desk.mails().unwrap();
    let hers: Vec<_> = mails
        .iter()
        .filter(|mail| mail.contains("maria.rossi@"))
        .collect();
    assert!(hers.iter().any(|mail| mail.contains("for everybody")));
    assert!(!hers.iter().any(|mail| mail.contains("for technicians")));
}

#[tokio::test]
async fn instances_are_their_own_and_leave_nothing() {
    let (one, other) = tokio::join!(
        desk(Config::default()),
        desk(Config {
            changes: "revoke('helpbell', undef, 'CreateTicket'); revoke('Everyone', undef, 'CreateTicket');"
                .into(),
            ..Config::default()
        })
    );
    let ticket = json!({"Queue": "General", "Subject": "x"});
    one.file("helpbell", &ticket).await.unwrap();
    other.file("helpbell", &ticket).await.unwrap_err();
    assert_eq!(
        (
            one.tickets().await.unwrap().len(),
            other.tickets().await.unwrap().len()
        ),
        (1, 0)
    );
    let (folder, address) = (one.folder().to_owned(), one.address());
    drop(one);
    assert!(!folder.exists());
    std::net::TcpStream::connect(address).unwrap_err();
}
