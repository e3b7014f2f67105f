//! The outbox: what is accepted is kept, shown, moved and delivered, by itself or by hand.

use helpbell_end_to_end::{
    Desk, Setup,
    network::{Fault, Relay, nobody},
    tickets::{assert_nothing_filed, assert_one_of_each, count},
    world::{self, MARIAS_SITE},
};
use psa_sandbox::halo::{Halo, Lag, Seed};

async fn hosted() -> Halo {
    world::halo(world::with_this_machine(MARIAS_SITE)).await
}

/// A press that is kept because its PSA is not there. Gives its id.
async fn kept(desk: &Desk) -> String {
    let told = desk.press().now().await.expect(3).json();
    told["press"].as_str().unwrap().to_owned()
}

async fn without_a_psa() -> Desk {
    let halo = hosted().await;
    Desk::with(&Setup::of(&halo).through(&nobody().await)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_is_accepted_before_anything_is_sent_and_says_so() {
    let desk = without_a_psa().await;
    let run = desk.press().aloud().await.expect(3);
    let press = desk.kept().await.pop().unwrap();
    assert!(
        run.stdout.starts_with(&format!("accepted {press}\n")),
        "{}",
        run.said()
    );
    assert!(run.stderr.contains("Nothing is lost"), "{}", run.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_waiting_a_press_is_delivered_by_a_process_in_the_background() {
    let halo = hosted().await;
    let desk = Desk::at(&halo).await;
    let told = desk.press_in_background().await.expect(0).json();
    assert_eq!(told["outcome"], "accepted");
    desk.until_delivered().await;
    assert_one_of_each(&halo);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_lists_what_is_open_and_shows_what_happened() {
    let desk = without_a_psa().await;
    assert!(
        desk.run(&["outbox", "list"])
            .await
            .expect(0)
            .stdout
            .contains("every press is delivered")
    );
    let press = kept(&desk).await;
    let list = desk.run(&["outbox", "list"]).await.expect(0).stdout;
    for part in [
        press.as_str(),
        "waiting",
        "Maria Rossi: The printer does nothing",
        "next try",
    ] {
        assert!(list.contains(part), "{part} is not in {list}");
    }
    let story = desk.run(&["outbox", "show", &press]).await.expect(0).stdout;
    assert!(
        story.contains("accepted") && story.contains("[host.unreachable]"),
        "{story}"
    );
    let json = desk
        .run(&["outbox", "show", &press, "--json"])
        .await
        .expect(0)
        .json();
    let mut events = json["journal"].as_array().unwrap().iter().rev();
    // Late results may have come in after it.
    let last = events.find(|entry| entry["event"]["event"] != "amended").unwrap();
    assert_eq!(last["event"]["event"], "try-ended");
    let unknown = "01936f7e-8c2a-7b3d-9e4f-5a6b7c8d9e0f";
    let run = desk.run(&["outbox", "show", unknown]).await.expect(2);
    assert!(run.stderr.contains("helpbell outbox list"), "{}", run.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discarded_press_has_no_ticket_and_loses_its_words() {
    let halo = hosted().await;
    let desk = Desk::with(&Setup::of(&halo).through(&nobody().await)).await;
    let press = kept(&desk).await;
    desk.run(&["outbox", "discard", &press, "--why", "a test"])
        .await
        .expect(0);
    desk.init(&Setup::of(&halo)).await.expect(0);
    let idle = desk.deliver().await.expect(0);
    assert!(idle.stderr.contains("nothing to deliver"), "{}", idle.said());
    assert_nothing_filed(&halo);
    let again = desk.run(&["deliver", &press]).await.expect(2);
    assert!(again.stderr.contains("is discarded already"), "{}", again.said());
    let story = desk.run(&["outbox", "show", &press]).await.expect(0).stdout;
    assert!(
        story.contains("discarded: a test") && !story.contains("The printer"),
        "{story}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_press_belongs_to_whoever_imports_it() {
    let halo = hosted().await;
    let (here, there) = (
        Desk::with(&Setup::of(&halo).through(&nobody().await)).await,
        Desk::at(&halo).await,
    );
    let (press, stick) = (kept(&here).await, there.path("stick").display().to_string());
    here.run(&["outbox", "export", &press, &stick]).await.expect(0);
    here.init(&Setup::of(&halo)).await.expect(0);
    here.deliver().await.expect(0);
    assert_nothing_filed(&halo);

    let folder = format!("{stick}/{press}");
    there.run(&["outbox", "import", &folder]).await.expect(0);
    there.deliver().await.expect(0);
    assert_one_of_each(&halo);
    assert!(
        count(&halo.ledger(), "GET /api/Tickets") >= 1,
        "it was looked up before it was sent"
    );

    // Nobody gets a second ticket out of the same folder.
    there.run(&["outbox", "import", &folder]).await.expect(0);
    there.deliver().await.expect(0);
    let third = Desk::at(&halo).await;
    third.run(&["outbox", "import", &folder]).await.expect(0);
    assert_eq!(third.deliver().await.expect(0).json()["adopted"], true);
    assert_one_of_each(&halo);
    let run = third.run(&["outbox", "import", "nowhere"]).await.expect(2);
    assert!(run.stderr.contains("is not an exported press"), "{}", run.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_press_is_set_aside_and_the_others_get_their_tickets() {
    let halo = hosted().await;
    let desk = Desk::with(&Setup::of(&halo).through(&nobody().await)).await;
    let (damaged, whole) = (kept(&desk).await, kept(&desk).await);
    let files = desk.state().join("outbox/files").join(&damaged);
    // All of them: one whose place another took, when late results came in, is read no more.
    for file in std::fs::read_dir(files).unwrap() {
        std::fs::write(file.unwrap().path(), b"something else").unwrap();
    }
    desk.init(&Setup::of(&halo)).await.expect(0);
    let run = desk.deliver().await.expect(3);
    assert!(
        run.stdout.contains("other bytes than were accepted"),
        "{}",
        run.said()
    );
    assert_one_of_each(&halo);
    assert_eq!(
        desk.kept().await,
        [damaged.as_str()],
        "{whole} is delivered, the other is not lost"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_lookup_can_be_trusted_a_person_decides() {
    let halo = hosted().await;
    let relay = Relay::to(halo.address().to_string()).await;
    let desk = Desk::with(&Setup::of(&halo).through(relay.address())).await;
    halo.adjust(|behaviour| behaviour.index_lag = Lag::Seconds(100_000))
        .unwrap();
    relay.fail_once("POST /api/Tickets", Fault::Drop);
    let told = desk.press().now().await.expect(3).json();
    assert_eq!(
        (told["state"].as_str(), told["effect"].as_str()),
        (Some("waiting"), Some("unknown")),
        "{told:#}"
    );
    let press = told["press"].as_str().unwrap();
    // The person has looked, found nothing, and says so; this Halo's index hides the first one.
    desk.run(&["outbox", "retry", press, "--file-again"])
        .await
        .expect(0);
    desk.run(&["deliver", press]).await;
    assert_eq!(halo.ledger().tickets.len(), 2, "as ordered");
}

#[tokio::test(flavor = "multi_thread")]
async fn presses_of_an_earlier_start_go_on_with_the_next_one() {
    let halo = hosted().await;
    let desk = Desk::with(&Setup::of(&halo).through(&nobody().await)).await;
    kept(&desk).await;
    desk.init(&Setup::of(&halo)).await.expect(0);
    desk.press_in_background().await.expect(0);
    desk.until_delivered().await;
    assert_eq!(halo.ledger().tickets.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_the_outbox_is_told_before_anything_is_accepted() {
    let halo = world::halo(Seed::default()).await;
    let desk = Desk::at(&halo).await;
    let state = desk.state();
    std::fs::remove_dir_all(&state).unwrap();
    std::fs::write(&state, b"a file, not a folder").unwrap();
    let run = desk.press().aloud().await.expect(1);
    assert!(!run.stdout.contains("accepted"), "{}", run.said());
    assert!(run.stderr.contains("failed to make"), "{}", run.said());
    assert_nothing_filed(&halo);
}
