//! The Redmine connector, written in JavaScript, against the real Redmine.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a step that fails must stop the test"
)]

use std::fs;

use helpbell_end_to_end::network::{Fault, Relay};
use helpbell_end_to_end::{Desk, Run};
use psa_sandbox::redmine::{Redmine, Wish};
use psa_sandbox::seen::Seen;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Says everything that a formatter of Redmine's could take for something else than words.
const TRICKY: &str = "grüße 日本 😀 <b>fett</b> <script>alert(1)</script> <img src=x> @maria !http://127.0.0.1/x.png! \
                      ![](http://127.0.0.1/y.png) {{include(Secret)}} [[Wiki]] #1 </pre> *b* _i_";

/// A computer where `helpbell init` has been run for this Redmine, through this address.
async fn desk(redmine: &Redmine, address: &str, key: &str, more: &[&str]) -> Desk {
    let desk = Desk::knowing("redmine").await;
    let world = redmine.world();
    let mut arguments: Vec<String> = [
        "init",
        "--force",
        "--connector",
        "redmine",
        "--key-stdin",
        "--allow-http",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.extend(["--allow-address", "127.0.0.1/32"].map(str::to_owned));
    for (name, value) in [
        ("server", format!("http://{address}")),
        ("project", "Help Desk".to_owned()),
        ("report-project", world.reports.clone()),
    ] {
        arguments.extend(["--set".to_owned(), format!("{name}={value}")]);
    }
    for default in more {
        arguments.extend(["--default".to_owned(), (*default).to_owned()]);
    }
    desk.run_with(&arguments, key.as_bytes()).await.expect(0);
    desk
}

async fn start() -> Redmine {
    Redmine::start().await.unwrap()
}

async fn desk_at(redmine: &Redmine, defaults: &[&str]) -> Desk {
    let world = redmine.world();
    let address = format!("127.0.0.1:{}", world.port);
    desk(redmine, &address, &world.api_key, defaults).await
}

/// The only issue.
async fn only_issue(redmine: &Redmine) -> Seen {
    let issues = redmine.issues().await.unwrap();
    assert_eq!(issues.len(), 1, "{issues:?}");
    redmine.seen(&issues[0]).await.unwrap()
}

fn field<'a>(seen: &'a Seen, name: &str) -> Option<&'a str> {
    let found = seen.fields.iter().find(|(field, _)| field == name);
    found.map(|(_, value)| value.as_str())
}

fn corrections(run: &Run) -> Vec<(String, Vec<String>)> {
    let run = run.json();
    let corrections = run["corrections"].as_array().unwrap();
    let nearest = |correction: &Value| {
        let nearest = correction["nearest"].as_array().unwrap();
        nearest
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect()
    };
    corrections
        .iter()
        .map(|correction| {
            (
                correction["field"].as_str().unwrap().to_owned(),
                nearest(correction),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_press_becomes_one_issue_whose_report_the_customer_cannot_read() {
    let redmine = start().await;
    let desk = desk_at(
        &redmine,
        &[
            "tracker=support",
            "priority=High",
            "category=Printing",
            "customfields=Floor : Attic",
        ],
    )
    .await;
    // Larger than one piece of a body, and with every byte in it.
    let bytes: Vec<u8> = (0..=255u8).cycle().take(3_000_001).collect();
    let file = desk.path("every byte.bin");
    fs::write(&file, &bytes).unwrap();
    let run = desk
        .press()
        .about(TRICKY)
        .option("--attach", file.to_str().unwrap())
        .now()
        .await
        .expect(0);
    assert_eq!(corrections(&run), []);
    let seen = only_issue(&redmine).await;
    assert_eq!(run.json()["ticket"]["id"], Value::from(seen.id.clone()));
    for (name, value) in [
        ("project", "Help Desk"),
        ("tracker", "Support"),
        ("priority", "High"),
        ("category", "Printing"),
        ("Floor", "Attic"),
    ] {
        assert_eq!(field(&seen, name), Some(value), "{name}");
    }
    assert!(seen.body.contains("grüße 日本 😀"), "{}", seen.body);
    assert_eq!(seen.attachments, []);
    let [note] = seen.notes.as_slice() else {
        panic!("{:?}", seen.notes);
    };
    assert!(note.private);
    assert!(note.attachments.len() >= 3, "{:?}", note.attachments);
    assert!(
        note.attachments.iter().all(|file| file.private),
        "{:?}",
        note.attachments
    );
    let sent = note
        .attachments
        .iter()
        .find(|file| file.size == bytes.len() as u64)
        .unwrap();
    assert_eq!(sent.sha256, sha256(&bytes));
}

#[tokio::test]
async fn words_stay_words_with_every_formatter() {
    for formatting in ["textile", "markdown", "common_mark", ""] {
        let redmine = Redmine::start_with(Wish {
            text_formatting: formatting.to_owned(),
            ..Wish::default()
        })
        .await
        .unwrap();
        let desk = desk_at(&redmine, &[]).await;
        desk.press().about(TRICKY).now().await.expect(0);
        let seen = only_issue(&redmine).await;
        let page = page(&redmine, &seen.id).await;
        let (_, description) = page.split_once("<div class=\"wiki\">").unwrap();
        let (description, _) = description.split_once("<div id=\"issue_tree\">").unwrap();
        for harm in [
            "<script>alert",
            "<img",
            "<b>fett",
            "<em>",
            "<strong>",
            "href=\"/users",
            "flash error",
            "wiki-page",
        ] {
            assert!(
                !description.contains(harm),
                "{formatting}: {harm} in\n{description}"
            );
        }
        assert!(description.contains("fett"), "{formatting}: {description}");
    }
}

/// The issue's page as a browser gets it.
async fn page(redmine: &Redmine, issue: &str) -> String {
    let page = redmine
        .ask(
            &redmine.world().technician_key,
            "GET",
            &format!("/issues/{issue}"),
            None,
        )
        .await
        .unwrap();
    assert_eq!(page.status, 200);
    String::from_utf8(page.body).unwrap()
}

#[tokio::test]
async fn names_that_do_not_exist_are_corrections_and_cost_no_ticket() {
    let redmine = start().await;
    let desk = desk_at(
        &redmine,
        &[
            "project=Help Dsk",
            "priority=Hihg",
            "category=Racks",
            "customfields=Floor : Cellar",
        ],
    )
    .await;
    let run = desk.press().now().await.expect(0);
    let mut told = corrections(&run);
    told.sort();
    let names: Vec<&str> = told.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(names, ["category", "customfields", "priority", "project"]);
    assert_eq!(told[2].1, ["High"]);
    assert_eq!(told[3].1, ["Help Desk"]);
    let seen = only_issue(&redmine).await;
    assert_eq!(field(&seen, "project"), Some("Help Desk"));
    assert!(
        seen.notes[0].text.contains("[Submission Errors]"),
        "{}",
        seen.notes[0].text
    );
    assert!(
        seen.notes[0].text.contains("is not included in the list"),
        "{}",
        seen.notes[0].text
    );
}

#[tokio::test]
async fn a_key_that_redmine_does_not_know_keeps_the_press_and_says_what_to_do() {
    let redmine = start().await;
    let address = format!("127.0.0.1:{}", redmine.world().port);
    let desk = desk(
        &redmine,
        &address,
        "0123456789012345678901234567890123456789",
        &[],
    )
    .await;
    let run = desk.press().now().await.expect(3);
    assert_eq!(run.json()["failure"]["code"], "redmine.key", "{}", run.said());
    assert!(run.said().contains("My account"), "{}", run.said());
    assert_eq!(redmine.issues().await.unwrap(), Vec::<String>::new());
    assert_eq!(desk.kept().await.len(), 1);
}

#[tokio::test]
async fn an_issue_whose_answer_was_lost_is_found_again_and_not_filed_twice() {
    let redmine = start().await;
    let relay = Relay::to(format!("127.0.0.1:{}", redmine.world().port)).await;
    let desk = desk(&redmine, relay.address(), &redmine.world().api_key, &[]).await;
    relay.fail_once("POST /issues.json", Fault::Drop);
    let run = desk.press().now().await.expect(0);
    assert!(relay.has_failed());
    assert_eq!(run.json()["adopted"], true, "{}", run.said());
    let seen = only_issue(&redmine).await;
    assert!(seen.notes[0].private);
}

#[tokio::test]
async fn a_note_whose_answer_was_lost_is_found_again_and_not_written_twice() {
    let redmine = start().await;
    let relay = Relay::to(format!("127.0.0.1:{}", redmine.world().port)).await;
    let desk = desk(&redmine, relay.address(), &redmine.world().api_key, &[]).await;
    relay.fail_once("PUT /issues/", Fault::BadGateway);
    desk.press().now().await.expect(0);
    assert!(relay.has_failed());
    let seen = only_issue(&redmine).await;
    assert_eq!(seen.notes.len(), 1, "{:?}", seen.notes);
    assert_eq!(seen.notes[0].attachments.len(), 2);
}

#[tokio::test]
async fn without_the_right_to_private_notes_nothing_private_is_written() {
    let redmine = start().await;
    let world = redmine.world();
    // In the project, Maria's role takes the place of the integration's own.
    let path = format!("/projects/{}/memberships.json", world.project);
    let members = redmine
        .ask(&world.admin_key, "GET", &path, None)
        .await
        .unwrap()
        .json();
    let of = |name: &str| {
        let all = members["memberships"].as_array().unwrap();
        all.iter()
            .find(|member| member["user"]["name"] == name)
            .unwrap()
            .clone()
    };
    let (ours, hers) = (of("Helpbell Integration"), of("Maria Rossi"));
    let role = json!({"membership": {"role_ids": [hers["roles"][0]["id"]]}});
    let path = format!("/memberships/{}.json", ours["id"]);
    assert_eq!(
        redmine
            .ask(&world.admin_key, "PUT", &path, Some(&role))
            .await
            .unwrap()
            .status,
        204
    );
    let desk = desk_at(&redmine, &[]).await;
    let run = desk.press().now().await.expect(4);
    assert_eq!(
        run.json()["note_failure"]["code"],
        "redmine.notes-not-private",
        "{}",
        run.said()
    );
    let seen = only_issue(&redmine).await;
    assert_eq!(seen.notes, []);
    assert_eq!(seen.attachments, []);
    let told = desk.run(&["doctor"]).await.expect(6);
    assert!(told.said().contains("Set notes as private"), "{}", told.said());
}

#[tokio::test]
async fn a_public_project_gets_no_report() {
    let redmine = start().await;
    let world = redmine.world();
    let path = format!("/projects/{}.json", world.reports);
    let public = json!({"project": {"is_public": true}});
    assert_eq!(
        redmine
            .ask(&world.admin_key, "PUT", &path, Some(&public))
            .await
            .unwrap()
            .status,
        204
    );
    let desk = desk_at(&redmine, &[]).await;
    let run = desk.press().now().await.expect(4);
    assert_eq!(
        run.json()["note_failure"]["code"],
        "redmine.reports-public",
        "{}",
        run.said()
    );
    let files = format!("/projects/{}/files.json", world.reports);
    let files = redmine
        .ask(&world.admin_key, "GET", &files, None)
        .await
        .unwrap()
        .json();
    assert_eq!(files["files"], json!([]));
}

#[tokio::test]
async fn an_administrators_key_recognises_the_person_and_lets_them_watch() {
    let redmine = start().await;
    let world = redmine.world();
    let address = format!("127.0.0.1:{}", world.port);
    let desk = desk(&redmine, &address, &world.admin_key, &[]).await;
    desk.press().now().await.expect(0);
    let seen = only_issue(&redmine).await;
    assert_eq!(seen.requester.as_deref(), Some("maria.rossi@bianchi.example"));
    assert!(seen.notes[0].private);
}

#[tokio::test]
async fn the_doctor_is_content_and_its_write_test_closes_what_it_filed() {
    let redmine = start().await;
    let desk = desk_at(&redmine, &["priority=High"]).await;
    let run = desk.run(&["doctor", "--write-test"]).await.expect(0);
    assert!(
        run.said().contains("members of Helpbell Reports"),
        "{}",
        run.said()
    );
    let seen = only_issue(&redmine).await;
    assert!(seen.closed, "{seen:?}");
    assert!(seen.notes.iter().all(|note| note.private), "{:?}", seen.notes);
    desk.edit("High", "Hihg");
    let run = desk.run(&["doctor"]).await.expect(5);
    assert!(run.said().contains("try: priority = \"High\""), "{}", run.said());
}

/// What Redmine really does with a file that a private note brings; the connector stands upon it.
#[tokio::test]
async fn redmine_shows_files_of_private_notes_to_everybody_who_sees_the_issue() {
    let redmine = start().await;
    let world = redmine.world();
    let issue = json!({"issue": {"project_id": world.project, "subject": "x"}});
    let made = redmine
        .ask(&world.api_key, "POST", "/issues.json", Some(&issue))
        .await
        .unwrap()
        .json();
    let id = made["issue"]["id"].to_string();
    let upload = redmine
        .upload(&world.api_key, "secret.txt", b"secret")
        .await
        .unwrap();
    let note = json!({"issue": {"notes": "private words", "private_notes": true, "uploads": [
        {"token": upload, "filename": "secret.txt", "content_type": "text/plain"},
    ]}});
    let path = format!("/issues/{id}.json");
    assert_eq!(
        redmine
            .ask(&world.api_key, "PUT", &path, Some(&note))
            .await
            .unwrap()
            .status,
        204
    );
    let seen = redmine.seen(&id).await.unwrap();
    assert!(seen.notes[0].private);
    assert_eq!(seen.attachments.len(), 1);
    assert!(
        !seen.attachments[0].private,
        "Redmine has learnt something: {seen:?}"
    );
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
