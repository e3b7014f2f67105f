//! Examinations that take longer than Send waits: the ticket goes out at once, and the rest follows into its one note.

use helpbell_end_to_end::{
    Desk, FAULTS, Run, Setup,
    begun::Begun,
    network::nobody,
    tickets::{assert_one_of_each, files_of, only_private_note, only_ticket},
    world::{self, MARIAS_SITE},
};
use jiff::Timestamp;
use psa_sandbox::halo::Halo;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fs;

/// Send waits three seconds, and nobody waits longer than five for this probe.
const ANSWERS_LATE: &str = "protection=slow:4300";
/// The same probe, which never answers.
const NEVER_ANSWERS: &str = "protection=hang";
/// What the report says of it at Send.
const STILL: &str = "Still examining the protection";

async fn hosted() -> Halo {
    world::halo(world::with_this_machine(MARIAS_SITE)).await
}

/// The only note, as Halo got it.
fn note(halo: &Halo) -> String {
    only_private_note(&halo.ledger()).note_html.clone()
}

/// What the journal of a press says: when, and which event.
async fn journal(desk: &Desk, press: &str) -> Vec<(Timestamp, Value)> {
    let story = desk
        .run(&["outbox", "show", press, "--json"])
        .await
        .expect(0)
        .json();
    let entries = story["journal"].as_array().unwrap();
    let entry = |entry: &Value| {
        (
            entry["at"].as_str().unwrap().parse().unwrap(),
            entry["event"].clone(),
        )
    };
    entries.iter().map(entry).collect()
}

async fn was_completed(desk: &Desk, press: &str) -> bool {
    journal(desk, press)
        .await
        .iter()
        .any(|(_, event)| event["event"] == "amended")
}

fn pressed(run: &Run) -> String {
    run.json()["press"].as_str().unwrap().to_owned()
}

/// Presses, and comes back as soon as the press is told as accepted.
async fn accepted(desk: &Desk, more: &[&str]) -> Begun {
    let mut arguments = vec![
        "press",
        "--no-dialog",
        "--name",
        "Maria Rossi",
        "--email",
        "maria.rossi@bianchi.example",
        "--message",
        "The printer does nothing",
    ];
    arguments.extend(more);
    let mut begun = desk.begin(&arguments);
    begun.until_said("accepted").await;
    begun
}

#[tokio::test(flavor = "multi_thread")]
async fn what_answers_after_send_has_waited_is_in_the_one_note_all_the_same() {
    let halo = hosted().await;
    let desk = Desk::at(&halo).await.with_variable(FAULTS, ANSWERS_LATE);
    let reports = desk.path("reports");
    let folder = reports.display().to_string();
    let run = desk.press().option("--report-to", &folder).now().await.expect(0);
    assert_one_of_each(&halo);
    assert!(
        was_completed(&desk, &pressed(&run)).await,
        "it was late: {}",
        run.said()
    );
    assert!(!note(&halo).contains(STILL), "{}", note(&halo));

    let written: Vec<Vec<u8>> = fs::read_dir(&reports)
        .unwrap()
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect();
    let ledger = halo.ledger();
    let mut sent: Vec<&str> = files_of(&ledger, only_private_note(&ledger))
        .iter()
        .map(|file| file.sha256.as_str())
        .collect();
    let mut digests: Vec<String> = written
        .iter()
        .map(|file| hex::encode(Sha256::digest(file)))
        .collect();
    sent.sort_unstable();
    digests.sort_unstable();
    assert_eq!(sent, digests, "what was sent is what was written at last");
    let report = written
        .iter()
        .find_map(|file| serde_json::from_slice::<Value>(file).ok())
        .unwrap();
    let probes = report["probes"].as_array().unwrap();
    let late = probes.iter().find(|probe| probe["name"] == "protection").unwrap();
    assert!(
        late["status"] != "pending" && late["ms"].as_u64().unwrap() > 4_000,
        "{late}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_told_before_its_note_is_told_once() {
    let halo = hosted().await;
    let desk = Desk::at(&halo).await.with_variable(FAULTS, ANSWERS_LATE);
    let run = desk.press().aloud().await.expect(0);
    assert_one_of_each(&halo);
    let number = only_ticket(&halo.ledger()).id;
    let told = run.stdout.matches(&format!("Ticket {number} filed")).count();
    assert_eq!(told, 1, "{}", run.said());
    let (ticket, note) = (
        run.stdout.find("Ticket"),
        run.stdout.find("private note with the report"),
    );
    assert!(ticket.is_some() && ticket < note, "{}", run.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_that_does_not_wait_stays_for_late_results_and_says_at_once_that_it_is_accepted() {
    let halo = hosted().await;
    let desk = Desk::at(&halo).await.with_variable(FAULTS, ANSWERS_LATE);
    let run = desk.press_in_background().await.expect(0);
    assert_eq!(run.json()["outcome"], "accepted");
    assert!(was_completed(&desk, &pressed(&run)).await, "{}", run.said());
    desk.until_delivered().await;
    assert_one_of_each(&halo);
    assert!(!note(&halo).contains(STILL), "{}", note(&halo));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_the_note_goes_out_at_its_time_and_says_what_is_missing() {
    let halo = hosted().await;
    let desk = Desk::at(&halo).await.with_variable(FAULTS, NEVER_ANSWERS);
    accepted(&desk, &["--no-wait"]).await.kill().await;
    let press = desk.kept().await.pop().unwrap();

    let ticket = desk.run(&["deliver", &press, "--json"]).await.expect(4).json();
    assert_eq!(ticket["outcome"], "note-missing", "{ticket:#}");
    let _ = only_ticket(&halo.ledger());
    assert!(halo.ledger().actions.is_empty(), "the note has time");
    let time: Timestamp = ticket["next_try"].as_str().unwrap().parse().unwrap();

    desk.run(&["deliver", "--until-settled", "--json"])
        .await
        .expect(0);
    assert_one_of_each(&halo);
    assert!(note(&halo).contains(STILL), "{}", note(&halo));
    assert!(!was_completed(&desk, &press).await);
    let announced = journal(&desk, &press)
        .await
        .into_iter()
        .find(|(_, event)| event["event"] == "intent" && event["effort"] == "note");
    assert!(announced.unwrap().0 >= time, "and not before {time}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_interrupts_the_wait_for_late_results_loses_nothing() {
    let halo = hosted().await;
    let desk = Desk::with(&Setup::of(&halo).through(&nobody().await))
        .await
        .with_variable(FAULTS, NEVER_ANSWERS);
    let begun = accepted(&desk, &[]).await;
    begun.interrupt().await;
    let run = begun.end().await.expect(3);
    assert!(run.stderr.contains("Nothing is lost"), "{}", run.said());
    let press = desk.kept().await.pop().unwrap();
    assert!(run.stderr.contains(&press), "{}", run.said());
    desk.init(&Setup::of(&halo)).await.expect(0);
    desk.run(&["deliver", "--until-settled", "--json"])
        .await
        .expect(0);
    assert_one_of_each(&halo);
}
