//! What goes wrong: refused tokens, lost answers, rights that are missing.

use super::desk::{Entered, configured, only_private_note, only_ticket, requests, told, tracker};
use helpbell_end_to_end::network::{Fault, Relay};
use psa_sandbox::request_tracker::Config;

#[tokio::test]
async fn a_wrong_token_keeps_the_press_and_is_told_with_its_cure() {
    let tracker = tracker("").await;
    let wrong = Entered {
        key: "1-37-00000000000000000000000000000000".to_owned(),
        ..Entered::of(&tracker)
    };
    let desk = wrong.desk().await;
    let run = desk.press().now().await.expect(3);
    let said = run.json();
    assert_eq!(said["failure"]["kind"], "auth", "{said:#}");
    assert!(told(&said, "/failure/help").contains("Auth Tokens"), "{said:#}");
    assert_eq!(
        (tracker.tickets().await.unwrap().len(), desk.kept().await.len()),
        (0, 1)
    );

    Entered::of(&tracker).init(&desk).await;
    let kept = desk.kept().await;
    desk.run(&["outbox", "retry", &kept[0]]).await;
    desk.deliver().await;
    only_private_note(&only_ticket(&tracker).await);
    assert_eq!(desk.kept().await.len(), 0);
}

#[tokio::test]
async fn user_and_password_do_as_well_as_a_token() {
    let tracker = tracker("").await;
    let with_password = Entered {
        key: tracker.settings().password,
        ..Entered::of(&tracker)
    };
    let desk = with_password.desk().await;
    desk.press().now().await.expect(0);
    only_private_note(&only_ticket(&tracker).await);
    desk.assert_state_without(&["helpbell-password"]);
}

/// Both answers that can be lost are lost, in every way.
#[tokio::test]
async fn a_ticket_whose_answer_was_lost_is_found_and_not_filed_again() {
    let tracker = tracker("").await;
    let relay = Relay::to(tracker.address()).await;
    let through = format!("http://{}/rt", relay.address());
    let desk = Entered::of(&tracker).setting("server", &through).desk().await;
    let mut filed = 0;
    for (lost, fault) in [
        ("POST /rt/REST/2.0/ticket ", Fault::Drop),
        ("POST /rt/REST/2.0/ticket ", Fault::BadGateway),
        ("POST /rt/REST/2.0/ticket/", Fault::Drop),
        ("POST /rt/REST/2.0/ticket/", Fault::BadGateway),
    ] {
        relay.fail_once(lost, fault);
        let run = desk.press().now().await;
        assert!(relay.has_failed(), "{lost}");
        if run.code != Some(0) {
            desk.run(&["deliver", "--until-settled", "--json"])
                .await
                .expect(0);
        }
        filed += 1;
        let tickets = tracker.tickets().await.unwrap();
        assert_eq!(tickets.len(), filed, "{lost} {fault:?}");
        let ticket = tracker.seen(&tickets[filed - 1]).await.unwrap();
        assert_eq!(
            only_private_note(&ticket).attachments.len(),
            2,
            "{lost} {fault:?}"
        );
        if lost.ends_with(' ') && run.code == Some(0) {
            assert!(requests(&run).contains(&"GET /REST/2.0/tickets".to_owned()));
            assert_eq!(run.json()["adopted"], true);
        }
    }
}

#[tokio::test]
async fn without_the_right_to_comment_the_ticket_is_filed_and_the_right_is_named() {
    let tracker = tracker("revoke('helpbell', undef, qw(CommentOnTicket ModifyTicket));").await;
    let desk = Entered::of(&tracker).desk().await;
    let run = desk.press().now().await.expect(4);
    let said = run.json();
    let help = told(&said, "/note_failure/help");
    assert!(help.contains("CommentOnTicket"), "{said:#}");
    let ticket = only_ticket(&tracker).await;
    assert!(ticket.notes.is_empty() && ticket.attachments.is_empty());
    // Cured, the press goes on with its note, on the same ticket.
    tracker
        .change("grant('helpbell', undef, 'CommentOnTicket');")
        .await
        .unwrap();
    desk.deliver().await.expect(0);
    only_private_note(&only_ticket(&tracker).await);
}

#[tokio::test]
async fn without_the_right_to_file_the_press_is_kept() {
    let changes = "revoke('helpbell', undef, 'CreateTicket'); revoke('Everyone', undef, 'CreateTicket');";
    let tracker = tracker(changes).await;
    let desk = Entered::of(&tracker).desk().await;
    let said = desk.press().now().await.expect(3).json();
    assert!(told(&said, "/failure/help").contains("CreateTicket"), "{said:#}");
    assert_eq!(tracker.tickets().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_file_that_rt_cuts_off_is_noticed() {
    let tracker = configured(Config {
        site: "Set($MaxAttachmentSize, 5000); Set($TruncateLongAttachments, 1);".to_owned(),
        ..Config::default()
    })
    .await;
    let desk = Entered::of(&tracker).desk().await;
    let file = desk.path("long.bin");
    std::fs::write(&file, vec![7; 20_000]).unwrap();
    let run = desk
        .press()
        .option("--attach", &file.display().to_string())
        .now()
        .await;
    let said = run.json();
    let kept = said["note"]["attachments"].as_array().unwrap();
    assert!(
        !kept
            .iter()
            .any(|reference| reference.as_str().unwrap().contains("attached-")),
        "{said:#}"
    );
    assert!(run.said().contains("MaxAttachmentSize"), "{}", run.said());
}
