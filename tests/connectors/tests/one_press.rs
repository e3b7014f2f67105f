//! One press, filed by every connector: the same person, the same words, the same report. What differs, differs because
//! the PSA does, and stands here with its reason.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a step that fails must stop the test"
)]

use helpbell_conformance::Seen;
use helpbell_connector_tests::Trial;

const WORDS: &str = "The printer on the 2nd floor says “PC LOAD LETTER” — grüße, 日本語";

/// Where the report's page may have another ending than `.html`: django-helpdesk takes few kinds of files.
const RENAMED: [&str; 1] = ["django-helpdesk"];
/// Where the person stands somewhere else than in a field of their own: Redmine lets nobody file for another.
const WITHOUT_REQUESTER: [&str; 1] = ["redmine"];

async fn pressed(trial: &Trial) -> Seen {
    let desk = trial.desk().await;
    let run = desk
        .press()
        .about(WORDS)
        .flag("--no-screens")
        .now()
        .await
        .expect(0);
    let ticket = run.json()["ticket"]["id"].as_str().unwrap().to_owned();
    trial.witness().see(&ticket).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_press_says_the_same_in_every_psa() {
    let mut titles = vec![];
    for trial in Trial::all().await {
        let seen = pressed(&trial).await;
        let name = trial.connector;
        titles.push((name, seen.summary.clone()));

        assert!(seen.body.contains("grüße, 日本語"), "{name}: {}", seen.body);
        match &seen.requester {
            Some(address) => assert_eq!(address, "maria.rossi@bianchi.example", "{name}"),
            None => assert!(WITHOUT_REQUESTER.contains(&name), "{name}: nobody asked"),
        }
        assert!(!seen.closed, "{name}");
        let notes: Vec<_> = seen.notes.iter().filter(|note| note.private).collect();
        assert_eq!(
            (notes.len(), seen.notes.len()),
            (1, 1),
            "{name}: {:?}",
            seen.notes
        );
        let mut files: Vec<&str> = seen.files().map(|file| file.name.as_str()).collect();
        files.sort_unstable();
        let page = files.iter().filter(|file| file.contains(".html"));
        let data = files.iter().filter(|file| file.contains(".json"));
        assert_eq!(
            (page.count(), data.count(), files.len()),
            (1, 1, 2),
            "{name}: {files:?}"
        );
        let as_it_was = files
            .iter()
            .all(|file| file.ends_with(".html") || file.ends_with(".json"));
        assert_eq!(as_it_was, !RENAMED.contains(&name), "{name}: {files:?}");
    }
    let (_, first) = &titles[0];
    for (name, title) in &titles {
        assert_eq!(title, first, "{name}");
    }
}
