//! Presses, from `init` to the ticket. The PSA is a process of the system that tests, reached over loopback.

use super::computer;
use helpbell_end_to_end::{
    Desk, Platform as _, Setup,
    network::nobody,
    tickets::{
        assert_no_violations, assert_one_of_each, assert_same_files, count, files_of, only_private_note,
        only_ticket,
    },
    world::{self, MARIA, MARIAS_SITE, THIS_MACHINE},
};
use helpbell_windows_tests::{HOST_NAME, USER_NAME, Wine};
use psa_sandbox::halo::{Halo, Misdeed, Rule};
use std::{fs, process::Stdio, sync::Arc, time::Duration};

/// The process in the background files its ticket within this, however busy the machine is. It waits longer for an answer.
const IN_THE_BACKGROUND: Duration = Duration::from_secs(25);

async fn hosted() -> Halo {
    world::halo(world::with_machine(MARIAS_SITE, HOST_NAME)).await
}

/// A computer where `helpbell init` has been run with these settings.
async fn configured(wine: &Arc<Wine>, setup: &Setup) -> Desk {
    let desk = computer(wine).await;
    desk.init(setup).await.expect(0);
    desk
}

pub(super) async fn a_press_becomes_one_ticket_with_a_private_note_and_two_files(wine: Arc<Wine>) {
    let halo = hosted().await;
    let desk = configured(&wine, &Setup::of(&halo)).await;
    let doctor = desk.run(&["doctor", "--json"]).await.json();
    assert!(
        doctor["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|finding| finding["severity"] != "problem"),
        "{doctor:#}"
    );
    assert!(halo.ledger().tickets.is_empty(), "an examination files nothing");

    let receipt = desk
        .press()
        .about("Der Drucker <b>tut nichts</b> & blinkt 🖨️")
        .option("--report-to", &desk.told("the reports"))
        .now()
        .await
        .expect(0)
        .json();
    let ledger = halo.ledger();
    let ticket = only_ticket(&ledger);
    assert_eq!((ticket.user_id, ticket.site_id), (MARIA, MARIAS_SITE));
    assert_eq!(
        ticket.asset_ids,
        [THIS_MACHINE],
        "found by the name it has on Windows"
    );
    let details = ticket.sent["details_html"].as_str().unwrap();
    for part in [
        "Der Drucker &lt;b&gt;tut nichts&lt;/b&gt; &amp; blinkt 🖨️",
        "&lt;IMG SRC=X&gt;",
        "Neill &amp; Söhne",
        receipt["press"].as_str().unwrap(),
    ] {
        assert!(details.contains(part), "{part} is not in {details}");
    }
    assert!(
        !details.contains(HOST_NAME) && !details.contains(USER_NAME),
        "{details}"
    );
    assert_eq!(receipt["outcome"], "delivered");
    assert_eq!(receipt["note"]["confirmed"], true);

    let note = only_private_note(&ledger);
    assert_same_files(&files_of(&ledger, note), &desk.path("the reports"));
    let page = fs::read_dir(desk.path("the reports"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "html"))
        .unwrap();
    assert!(
        fs::read_to_string(page).unwrap().contains("data:image/"),
        "the screen is in the report"
    );
    assert_no_violations(&ledger);
    assert!(desk.kept().await.is_empty());
}

pub(super) async fn a_press_that_finds_no_psa_is_kept_and_delivered_later(wine: Arc<Wine>) {
    let halo = hosted().await;
    let setup = Setup::of(&halo);
    let desk = configured(&wine, &setup.clone().through(&nobody().await)).await;
    desk.press().now().await.expect(3);
    assert_eq!(desk.kept().await.len(), 1);
    assert!(halo.ledger().requests.is_empty());

    desk.init(&setup).await.expect(0);
    desk.deliver().await.expect(0);
    assert_one_of_each(&halo);
    assert!(desk.kept().await.is_empty());
}

/// Whoever reads what the press says hears its end at once, and not that of the process in the background.
pub(super) async fn a_press_that_is_not_waited_for_is_delivered_in_the_background(wine: Arc<Wine>) {
    let halo = hosted().await;
    let desk = configured(&wine, &Setup::of(&halo)).await;
    halo.misbehave(Rule::new(Misdeed::Hang).on("POST", "/Tickets").times(1))
        .unwrap();
    let mut press = wine.program();
    press
        .args([
            "--config",
            &desk.told("helpbell.toml"),
            "--state",
            &desk.told("state"),
        ])
        .args([
            "press",
            "--no-dialog",
            "--no-wait",
            "--json",
            "--message",
            "The printer does nothing",
        ])
        .env("HELPBELL_CONNECTORS", wine.path(desk.connectors()))
        // Wine, other than Windows, gives standard error of its own to every process.
        .stdout(Stdio::piped());
    let pressed = tokio::task::spawn_blocking(move || press.output())
        .await
        .unwrap()
        .unwrap();
    assert!(pressed.status.success(), "{pressed:?}");
    let told: serde_json::Value = serde_json::from_slice(&pressed.stdout).unwrap();
    assert_eq!(told["outcome"], "accepted", "{told:#}");
    tokio::time::timeout(IN_THE_BACKGROUND, halo.until_held(1))
        .await
        .expect("whoever pressed waited for the process in the background");
    halo.release();
    desk.until_delivered().await;
    assert_one_of_each(&halo);
}

pub(super) async fn a_press_whose_process_is_killed_after_the_ticket_was_filed_becomes_no_second_one(
    wine: Arc<Wine>,
) {
    let halo = hosted().await;
    let desk = configured(&wine, &Setup::of(&halo)).await;
    halo.misbehave(Rule::new(Misdeed::Hang).on("POST", "/Tickets").applied().times(1))
        .unwrap();
    tokio::select! {
        run = desk.press().now() => panic!("it ended by itself: {}", run.said()),
        // The press is dropped, and so its process killed.
        () = halo.until_held(1) => {}
    }
    assert_eq!(
        halo.ledger().tickets.len(),
        1,
        "Halo has the ticket, and nobody heard of it"
    );
    assert_eq!(desk.kept().await.len(), 1, "the press is still on disk");

    end_the_lease(&desk);
    let receipt = desk.deliver().await.expect(0).json();
    assert_eq!(receipt["adopted"], true, "{receipt:#}");
    assert_eq!(count(&halo.ledger(), "POST /api/Tickets"), 1);
    assert_one_of_each(&halo);
    assert!(desk.kept().await.is_empty());
}

/// What three minutes do: whoever was killed holds its press no longer.
fn end_the_lease(desk: &Desk) {
    let outbox = rusqlite::Connection::open(desk.state().join("outbox/outbox.sqlite")).unwrap();
    let ended = outbox
        .execute(
            "UPDATE press SET leased_until = 0 WHERE leased_until IS NOT NULL",
            [],
        )
        .unwrap();
    assert_eq!(ended, 1, "the killed process held the press");
}
