//! RT is asked what changed, and no change is missed.

use super::desk::{Entered, tracker};
use helpbell_end_to_end::built;
use helpbell_model::connector::Grant;
use helpbell_sandbox::{Binding, CallContext, Limits, NetworkGrant, Sandbox, Session, Transport};
use psa_sandbox::request_tracker::RequestTracker;
use serde_json::json;

async fn session(tracker: &RequestTracker) -> Session {
    let connector = Sandbox::new(None)
        .unwrap()
        .load(&built::connector("request-tracker"))
        .await
        .unwrap();
    assert!(connector.polls() && connector.examines() && !connector.receives_webhooks());
    let entered = Entered::of(tracker);
    let binding = Binding {
        tenant: "test".to_owned(),
        settings: entered.settings,
        secrets: vec![("token".to_owned(), entered.key.into())],
        grant: Grant::everything(connector.description(), connector.sha256()),
        network: NetworkGrant {
            allow_http: true,
            allow_addresses: vec!["127.0.0.1/32".parse().unwrap()],
        },
        transport: Transport::direct(),
        state_folder: None,
        limits: Limits::work(),
    };
    Session::bind(connector, binding).unwrap()
}

fn context() -> CallContext {
    CallContext {
        press: None,
        locale: "en".to_owned(),
        not_after: None,
    }
}

async fn file(tracker: &RequestTracker, user: &str, subject: &str) -> String {
    let ticket = json!({"Queue": "General", "Subject": subject, "Requestor": "maria.rossi@bianchi.example"});
    tracker.file(user, &ticket).await.unwrap()
}

#[tokio::test]
async fn every_ticket_that_changed_is_named_however_many_change_within_one_second() {
    let tracker = tracker("").await;
    let session = session(&tracker).await;
    let mine = [
        file(&tracker, "helpbell", "a").await,
        file(&tracker, "helpbell", "b").await,
    ];
    let began = session.changes(&context(), None).await.result.unwrap();
    assert_eq!((began.ticket_ids.len(), began.more), (0, false), "from now on");

    // A technician answers one; a ticket of somebody else's is none of ours.
    let others = file(&tracker, "lars", "c").await;
    let answer = json!({"Content": "<p>Is it <b>on</b>?</p>", "ContentType": "text/html"});
    tracker
        .write("lars", &mine[0], "correspond", &answer)
        .await
        .unwrap();
    let changes = session
        .changes(&context(), Some(&began.cursor))
        .await
        .result
        .unwrap();
    assert!(
        changes.ticket_ids.contains(&mine[0]) && !changes.ticket_ids.contains(&others),
        "{changes:?}"
    );
    let state = session.get(&context(), &mine[0]).await.result.unwrap();
    assert_eq!(state.last_public_note.as_deref(), Some("Is it on ?"));

    // More than a page of them, all stamped with the very second of the cursor, after it was given.
    let many = "my $now = RT::Date->new($system); $now->SetToNow; for my $n (1 .. 230) { \
                my $ticket = RT::Ticket->new(RT::CurrentUser->new('helpbell')); \
                my ($id) = $ticket->Create(Queue => 'General', Subject => \"many $n\", _RecordTransaction => 0); \
                $ticket->__Set(Field => 'LastUpdated', Value => $now->ISO); print \"$id\\n\"; }";
    let made = tracker.change(many).await.unwrap();
    let made: Vec<&str> = made.lines().collect();
    assert_eq!(made.len(), 230);
    let (mut named, mut cursor) = (Vec::new(), changes.cursor);
    loop {
        let changes = session.changes(&context(), Some(&cursor)).await.result.unwrap();
        named.extend(changes.ticket_ids);
        cursor = changes.cursor;
        if !changes.more {
            break;
        }
    }
    let missed: Vec<_> = made
        .iter()
        .filter(|id| !named.iter().any(|named| named == *id))
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[tokio::test]
async fn a_ticket_tells_what_became_of_it_and_never_what_is_private() {
    let tracker = tracker("").await;
    let session = session(&tracker).await;
    let id = file(&tracker, "helpbell", "Printer").await;
    let private = json!({"Content": "a secret", "ContentType": "text/plain"});
    tracker.write("lars", &id, "comment", &private).await.unwrap();
    let hers = json!({"Content": "it still does nothing", "ContentType": "text/plain"});
    tracker
        .write("maria.rossi", &id, "correspond", &hers)
        .await
        .unwrap();
    let state = session.get(&context(), &id).await.result.unwrap();
    assert_eq!(
        (state.summary.as_str(), state.last_public_note),
        ("Printer", None)
    );
    assert_eq!(state.agent, None);

    let spoken = json!({"Content": "Try again.", "ContentType": "text/plain", "Status": "stalled"});
    tracker.write("lars", &id, "correspond", &spoken).await.unwrap();
    let state = session.get(&context(), &id).await.result.unwrap();
    assert_eq!(
        (state.status.as_str(), state.phase.as_str()),
        ("stalled", "waiting")
    );
    assert_eq!(state.last_public_note.as_deref(), Some("Try again."));

    session
        .close(&context(), &id, "a <duplicate>")
        .await
        .result
        .unwrap();
    let seen = tracker.seen(&id).await.unwrap();
    assert!(seen.closed);
    let last = seen.notes.last().unwrap();
    assert!(last.private && last.text.contains("a &lt;duplicate&gt;"));
    let state = session.get(&context(), &id).await.result.unwrap();
    assert_eq!(state.phase, "closed");
    assert_eq!(
        state.last_public_note.as_deref(),
        Some("Try again."),
        "never the reason"
    );
}

#[tokio::test]
async fn lists_are_rts_own_and_tell_what_they_depend_on() {
    let tracker = tracker("").await;
    let session = session(&tracker).await;
    let choices = async |field: &str| {
        let parents = [("queue".to_owned(), "Service Desk".to_owned())];
        let found = session.choices(&context(), field, &parents).await.result.unwrap();
        found.into_iter().map(|choice| choice.label).collect::<Vec<_>>()
    };
    assert_eq!(choices("queue").await, ["General", "Service Desk"]);
    assert_eq!(choices("cf.category").await, ["Hardware", "Software", "Network"]);
    assert_eq!(
        choices("status").await,
        ["new", "open", "stalled", "resolved", "rejected", "deleted"]
    );
    assert_eq!(choices("priority").await, ["Low", "Medium", "High"]);
    assert_eq!(choices("owner").await, ["Nobody"]);
    let owned = json!({"Queue": "General", "Subject": "x", "Owner": "lars"});
    tracker.file("helpbell", &owned).await.unwrap();
    assert_eq!(choices("owner").await, ["Nobody", "Lars Berg"]);
}
