//! What every store must do, written once against the trait.

use super::{
    ByHand, Custodian, FORGOTTEN_AT_ONCE, KEPT, Lease, Measured, Memory, Next, REFUSED_KEPT, Sqlite, State,
    Store, StoreError, Terms, forget_old,
};
use crate::{
    clock::after,
    journal::{Effort, Event},
    rules::{Changed, Orders, Ruling},
    submission::{
        Amendment, Submission,
        tests::{findings, press},
    },
};
use helpbell_model::{Attachment, Failure, FailureKind, PressId, ticket::AddedNote};
use jiff::Timestamp;
use std::time::Duration;

/// Bytes that open presses may hold in these tests.
const LIMIT: u64 = 64 << 10;
/// How long a claim lasts.
const LEASE: Duration = Duration::from_secs(100);

fn time(seconds: u64) -> Timestamp {
    after(
        "2026-11-23T09:30:00Z".parse().unwrap(),
        Duration::from_secs(seconds),
    )
}

fn submission(files: &[&[u8]]) -> Submission {
    let mut press = press("Hilfe 🆘 مساعدة");
    press.id = PressId::new();
    let files = files.iter().enumerate().map(|(index, bytes)| Attachment {
        name: format!("file \"{index}\".html"),
        content_type: "text/html".into(),
        bytes: bytes.to_vec(),
        reference: format!("{}/{index}", press.id),
    });
    let files = files.collect();
    Submission::new(press, findings(), files).unwrap()
}

fn terms(owner: &Custodian, seconds: u64) -> Terms {
    Terms {
        owner: owner.clone(),
        now: time(seconds),
        until: after(time(seconds), LEASE),
    }
}

async fn accept(store: &impl Store, seconds: u64) -> PressId {
    let submission = submission(&[b"a"]);
    store
        .accept(&submission, &Custodian::new(), time(seconds), vec![])
        .await
        .unwrap();
    submission.press.id
}

async fn what_was_accepted_comes_back_byte_for_byte(store: impl Store) {
    let (me, given) = (
        Custodian::new(),
        submission(&[&[0, 159, 146, 150], b"", b"same", b"same"]),
    );
    store.accept(&given, &me, time(0), vec![]).await.unwrap();
    assert_eq!(store.submission(given.press.id).await.unwrap(), given);
    let record = store.load(given.press.id).await.unwrap();
    assert_eq!((record.state, record.due_at), (State::Waiting, Some(time(0))));
    assert_eq!(record.accepted_by, me);
    assert_eq!(record.press.as_ref(), Some(&given.press));
    assert_eq!(
        record.files.iter().map(|file| file.bytes).collect::<Vec<_>>(),
        [4, 0, 4, 4]
    );
    let first = Event::Imported {
        from: "elsewhere".into(),
    };
    store
        .accept(&given, &Custodian::new(), time(9), vec![first])
        .await
        .unwrap();
    let again = store.load(given.press.id).await.unwrap();
    assert_eq!(
        (again.accepted_by, again.journal.len()),
        (me, 0),
        "the same press changes nothing"
    );
}

async fn presses_are_claimed_in_the_order_in_which_they_are_due_and_by_one_alone(store: impl Store) {
    let (me, other) = (Custodian::new(), Custodian::new());
    let (late, early) = (accept(&store, 5).await, accept(&store, 1).await);
    assert!(
        store.claim_due(&terms(&me, 0)).await.unwrap().is_none(),
        "nothing is due yet"
    );
    assert_eq!(store.next_due().await.unwrap(), Some(time(1)));
    let first = store.claim_due(&terms(&me, 10)).await.unwrap().unwrap();
    assert_eq!((first.lease.press, first.lease.epoch), (early, 1));
    let second = store.claim_due(&terms(&other, 10)).await.unwrap().unwrap();
    assert_eq!(second.lease.press, late);
    assert!(store.claim_due(&terms(&other, 10)).await.unwrap().is_none());
    assert!(matches!(
        store.claim(early, &terms(&other, 10)).await,
        Err(StoreError::Busy { .. })
    ));
    assert_eq!(
        store.next_due().await.unwrap(),
        Some(time(110)),
        "when the leases end"
    );
}

async fn whoever_slept_through_its_lease_changes_nothing_any_more(store: impl Store) {
    let (sleeper, other) = (Custodian::new(), Custodian::new());
    let press = accept(&store, 0).await;
    let old = store.claim_due(&terms(&sleeper, 0)).await.unwrap().unwrap().lease;
    let new = store.claim_due(&terms(&other, 101)).await.unwrap().unwrap().lease;
    let intent = || {
        vec![Event::Intent {
            effort: Effort::Ticket,
        }]
    };
    for result in [
        store.record(&old, time(102), intent(), Next::GoOn).await,
        store
            .record(&old, time(102), intent(), Next::Over(State::Delivered, None))
            .await,
        store.renew(&old, time(500)).await.map(drop),
    ] {
        assert!(matches!(result, Err(StoreError::LeaseLost(_))), "{result:?}");
    }
    assert!(store.load(press).await.unwrap().journal.is_empty());
    let renewed = store.renew(&new, time(400)).await.unwrap();
    store
        .record(&renewed, time(103), intent(), Next::Due(time(200)))
        .await
        .unwrap();
    let result = store.record(&renewed, time(104), intent(), Next::GoOn).await;
    assert!(
        matches!(result, Err(StoreError::LeaseLost(_))),
        "a lease that was given back is over"
    );
    let record = store.load(press).await.unwrap();
    assert_eq!((record.journal.len(), record.due_at), (1, Some(time(200))));
}

async fn a_press_that_is_over_keeps_its_story_and_loses_its_words(store: impl Store) {
    let me = Custodian::new();
    let press = accept(&store, 0).await;
    let lease = store.claim_due(&terms(&me, 0)).await.unwrap().unwrap().lease;
    let swept_at = time(120);
    store
        .record(
            &lease,
            time(1),
            vec![Event::Delivered],
            Next::Over(State::Delivered, Some(swept_at)),
        )
        .await
        .unwrap();
    let record = store.load(press).await.unwrap();
    assert_eq!(
        (record.state, record.press, record.files.len()),
        (State::Delivered, None, 0)
    );
    assert_eq!(record.journal.last().unwrap().event, Event::Delivered);
    assert!(matches!(
        store.submission(press).await,
        Err(StoreError::Over { .. })
    ));
    assert!(matches!(
        store.claim(press, &terms(&me, 500)).await,
        Err(StoreError::Over { .. })
    ));
    assert!(store.claim_due(&terms(&me, 119)).await.unwrap().is_none());
    let sweep = store.claim_due(&terms(&me, 120)).await.unwrap().unwrap();
    assert_eq!((sweep.lease.press, sweep.record.state), (press, State::Delivered));
}

async fn people_retry_discard_and_export_what_nobody_works_on(store: impl Store) {
    let me = Custodian::new();
    let press = accept(&store, 0).await;
    let lease = store.claim_due(&terms(&me, 0)).await.unwrap().unwrap().lease;
    let busy = store.by_hand(press, time(1), ByHand::Retry).await;
    assert!(matches!(busy, Err(StoreError::Busy { .. })), "{busy:?}");
    let why = Event::NeedsAttention { why: "x".into() };
    store
        .record(&lease, time(1), vec![why], Next::Attention)
        .await
        .unwrap();
    assert_eq!(store.next_due().await.unwrap(), None, "nothing goes on by itself");
    store.by_hand(press, time(2), ByHand::Retry).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(time(2)));
    store
        .by_hand(press, time(3), ByHand::Export { to: "there".into() })
        .await
        .unwrap();
    assert_eq!(store.load(press).await.unwrap().state, State::Moved);
    let over = store
        .by_hand(press, time(4), ByHand::Discard { why: "y".into() })
        .await;
    assert!(matches!(over, Err(StoreError::Over { .. })), "{over:?}");
    let unknown = PressId::new();
    let none = store.by_hand(unknown, time(4), ByHand::Retry).await;
    assert!(matches!(none, Err(StoreError::NoSuchPress(id)) if id == unknown));
}

async fn an_export_that_comes_home_is_open_again(store: impl Store) {
    let (me, given) = (Custodian::new(), submission(&[b"a"]));
    let press = given.press.id;
    store.accept(&given, &me, time(0), vec![]).await.unwrap();
    store
        .by_hand(press, time(1), ByHand::Export { to: "there".into() })
        .await
        .unwrap();
    let back = Event::Imported { from: "there".into() };
    store
        .accept(&given, &me, time(2), vec![Event::Retried, back.clone()])
        .await
        .unwrap();
    let record = store.load(press).await.unwrap();
    assert_eq!(
        (record.state, record.journal.last().map(|entry| &entry.event)),
        (State::Waiting, Some(&back))
    );
    assert_eq!(
        record.journal.len(),
        2,
        "the story came along; it is not told twice"
    );
    assert_eq!(store.submission(press).await.unwrap(), given);
}

/// Accepted with two files at 0; its report may be completed until 20.
async fn awaiting(store: &impl Store) -> Submission {
    let given = submission(&[b"first", b"second"]).awaiting(time(20));
    store
        .accept(&given, &Custodian::new(), time(0), vec![])
        .await
        .unwrap();
    given
}

/// Replaces the second file and adds one.
fn amendment(press: PressId) -> Amendment {
    let file = |name: &str, bytes: &[u8]| Attachment {
        name: format!("{name} later.html"),
        content_type: "text/plain".into(),
        bytes: bytes.to_vec(),
        reference: format!("{press}/{name}"),
    };
    Amendment {
        findings: findings().into_iter().rev().collect(),
        attachments: vec![file("1", b"more"), file("new", b"further")],
    }
}

fn noting() -> Vec<Event> {
    vec![Event::Intent { effort: Effort::Note }]
}

async fn a_report_that_is_awaited_is_completed_as_a_whole_and_once(store: impl Store) {
    let given = awaiting(&store).await;
    let press = given.press.id;
    assert_eq!(
        store.submission(press).await.unwrap(),
        given,
        "it says what it awaits"
    );
    let more = amendment(press);
    store.amend(press, more.clone(), time(5)).await.unwrap();
    let complete = store.submission(press).await.unwrap();
    let [first, second, new] = complete.attachments.as_slice() else {
        panic!("{complete:?}");
    };
    assert_eq!(first, &given.attachments[0], "what was not replaced stays");
    assert_eq!([second, new], [&more.attachments[0], &more.attachments[1]]);
    assert_eq!((&complete.findings, complete.awaits), (&more.findings, None));
    assert_eq!(complete.press, given.press);
    let record = store.load(press).await.unwrap();
    assert_eq!(record.files.len(), 3);
    assert_eq!(record.journal.last().unwrap().event, Event::Amended);

    let again = store.amend(press, Amendment::default(), time(6)).await;
    assert!(
        matches!(again, Err(StoreError::TooLate(id)) if id == press),
        "{again:?}"
    );
    assert_eq!(store.submission(press).await.unwrap(), complete);
}

async fn a_press_that_only_waits_for_its_report_is_due_when_it_is_complete_or_its_time_is_over(
    store: impl Store,
) {
    let me = Custodian::new();
    let press = awaiting(&store).await.press.id;
    let lease = store.claim(press, &terms(&me, 1)).await.unwrap().lease;
    store
        .record(&lease, time(2), vec![], Next::WhenReported)
        .await
        .unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(time(20)));
    store.amend(press, amendment(press), time(5)).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(time(5)));
    let claim = store.claim_due(&terms(&me, 5)).await.unwrap().unwrap();
    assert_eq!(claim.lease.press, press);
}

async fn a_press_whose_report_is_completed_while_somebody_works_on_it_need_not_wait_any_more(
    store: impl Store,
) {
    let press = awaiting(&store).await.press.id;
    let lease = store
        .claim(press, &terms(&Custodian::new(), 1))
        .await
        .unwrap()
        .lease;
    store.amend(press, amendment(press), time(5)).await.unwrap();
    let busy = store.load(press).await.unwrap();
    assert_eq!(
        busy.leased_until,
        Some(lease.until),
        "whoever works on it goes on"
    );
    store
        .record(&lease, time(6), vec![], Next::WhenReported)
        .await
        .unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(time(6)));
}

async fn a_press_that_waits_for_something_else_goes_on_waiting_when_its_report_is_complete(
    store: impl Store,
) {
    let press = awaiting(&store).await.press.id;
    let lease = store
        .claim(press, &terms(&Custodian::new(), 1))
        .await
        .unwrap()
        .lease;
    store
        .record(&lease, time(2), vec![], Next::Due(time(300)))
        .await
        .unwrap();
    store.amend(press, amendment(press), time(5)).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(time(300)));
    let press = awaiting(&store).await.press.id;
    let lease = store
        .claim(press, &terms(&Custodian::new(), 1))
        .await
        .unwrap()
        .lease;
    store
        .record(&lease, time(2), vec![], Next::Attention)
        .await
        .unwrap();
    store.amend(press, amendment(press), time(5)).await.unwrap();
    let record = store.load(press).await.unwrap();
    assert_eq!(
        (record.state, record.due_at),
        (State::Attention, None),
        "for a person"
    );
}

async fn a_report_is_not_completed_once_its_note_was_announced(store: impl Store) {
    let given = awaiting(&store).await;
    let press = given.press.id;
    let lease = store
        .claim(press, &terms(&Custodian::new(), 1))
        .await
        .unwrap()
        .lease;
    store.record(&lease, time(2), noting(), Next::GoOn).await.unwrap();
    let late = store.amend(press, amendment(press), time(3)).await;
    assert!(
        matches!(late, Err(StoreError::TooLate(id)) if id == press),
        "{late:?}"
    );
    let not_sent = vec![Event::NotApplied {
        effort: Effort::Note,
        failure: Failure::new(FailureKind::Unavailable, "test.down", "down"),
    }];
    store
        .record(&lease, time(4), not_sent, Next::Due(time(9)))
        .await
        .unwrap();
    let late = store.amend(press, amendment(press), time(5)).await;
    assert!(
        matches!(late, Err(StoreError::TooLate(_))),
        "another copy of it may be on its way: {late:?}"
    );
    assert_eq!(store.submission(press).await.unwrap(), given);
}

async fn a_report_is_not_completed_once_its_note_was_found(store: impl Store) {
    let given = awaiting(&store).await;
    let press = given.press.id;
    let lease = store
        .claim(press, &terms(&Custodian::new(), 1))
        .await
        .unwrap()
        .lease;
    let note = AddedNote {
        id: "1".into(),
        attachments: vec![],
        confirmed: true,
    };
    store
        .record(&lease, time(2), vec![Event::Noted { note }], Next::GoOn)
        .await
        .unwrap();
    let late = store.amend(press, amendment(press), time(3)).await;
    assert!(matches!(late, Err(StoreError::TooLate(_))), "{late:?}");
    assert_eq!(store.submission(press).await.unwrap(), given);
}

async fn nothing_is_added_to_a_press_that_awaits_nothing_is_over_or_unknown(store: impl Store) {
    let press = accept(&store, 0).await;
    let complete = store.amend(press, amendment(press), time(1)).await;
    assert!(matches!(complete, Err(StoreError::TooLate(_))), "{complete:?}");
    let press = awaiting(&store).await.press.id;
    let what = ByHand::Discard { why: "x".into() };
    store.by_hand(press, time(1), what).await.unwrap();
    let over = store.amend(press, amendment(press), time(2)).await;
    assert!(
        matches!(
            over,
            Err(StoreError::Over {
                state: State::Discarded,
                ..
            })
        ),
        "{over:?}"
    );
    let refused = awaiting(&store).await.press.id;
    let lease = store
        .claim(refused, &terms(&Custodian::new(), 1))
        .await
        .unwrap()
        .lease;
    let next = Next::Over(State::Refused, None);
    store.record(&lease, time(1), vec![], next).await.unwrap();
    let over = store.amend(refused, amendment(refused), time(2)).await;
    assert!(
        matches!(
            over,
            Err(StoreError::Over {
                state: State::Refused,
                ..
            })
        ),
        "{over:?}"
    );
    let unknown = PressId::new();
    let none = store.amend(unknown, amendment(unknown), time(2)).await;
    assert!(
        matches!(none, Err(StoreError::NoSuchPress(id)) if id == unknown),
        "{none:?}"
    );
}

async fn the_newest_presses_of_a_state_are_listed_first(store: impl Store) {
    let presses = [
        accept(&store, 1).await,
        accept(&store, 2).await,
        accept(&store, 3).await,
    ];
    store
        .by_hand(presses[1], time(4), ByHand::Discard { why: "x".into() })
        .await
        .unwrap();
    let list = async |states: &[State], most| {
        let found = store.list(states, most).await.unwrap();
        found.into_iter().map(|record| record.id).collect::<Vec<_>>()
    };
    assert_eq!(list(&[State::Waiting], 10).await, [presses[2], presses[0]]);
    assert_eq!(list(&[State::Waiting], 1).await, [presses[2]]);
    assert_eq!(list(&State::ALL, 10).await.len(), 3);
    assert_eq!(list(&[], 10).await, []);
}

/// Over since the second after it was accepted, in this state, with what is still due.
async fn over(store: &impl Store, seconds: u64, state: State, due: Option<Timestamp>) -> PressId {
    let press = accept(store, seconds).await;
    let lease = store
        .claim(press, &terms(&Custodian::new(), seconds))
        .await
        .unwrap()
        .lease;
    store
        .record(
            &lease,
            time(seconds + 1),
            vec![Event::Delivered],
            Next::Over(state, due),
        )
        .await
        .unwrap();
    press
}

async fn presses_that_were_over_long_ago_are_forgotten_the_oldest_first_and_no_others(store: impl Store) {
    let long_ago = [
        over(&store, 2, State::Discarded, None).await,
        over(&store, 1, State::Delivered, None).await,
        over(&store, 3, State::Discarded, None).await,
        over(&store, 4, State::Moved, None).await,
    ];
    let lately = over(&store, 50, State::Delivered, None).await;
    let swept = over(&store, 5, State::Delivered, Some(time(120))).await;
    let refused = over(&store, 8, State::Refused, None).await;
    let waiting = accept(&store, 6).await;
    let attention = accept(&store, 7).await;
    let lease = store
        .claim(attention, &terms(&Custodian::new(), 7))
        .await
        .unwrap()
        .lease;
    store
        .record(&lease, time(8), vec![], Next::Attention)
        .await
        .unwrap();
    // Accepted long ago, and over only now: what counts is the end.
    let slow = accept(&store, 0).await;
    store
        .by_hand(slow, time(60), ByHand::Discard { why: "x".into() })
        .await
        .unwrap();

    assert_eq!(store.prune(time(20), 1).await.unwrap(), 1);
    let first = store.load(long_ago[1]).await;
    assert!(matches!(first, Err(StoreError::NoSuchPress(_))), "{first:?}");
    assert_eq!(store.prune(time(20), 10).await.unwrap(), 3);
    assert_eq!(store.prune(time(20), 10).await.unwrap(), 0);
    for press in long_ago {
        let gone = store.load(press).await;
        assert!(matches!(gone, Err(StoreError::NoSuchPress(_))), "{gone:?}");
    }
    for press in [lately, swept, refused, waiting, attention, slow] {
        store.load(press).await.unwrap();
    }
    let open = store.list(&[State::Waiting, State::Attention], 10).await.unwrap();
    assert_eq!(open.len(), 2, "what is listed by default stays as it was");
    assert_eq!(
        store.prune(time(1_000), 10).await.unwrap(),
        2,
        "the sweep is still due, and the refused one has its words"
    );
    store.load(swept).await.unwrap();
    assert_eq!(store.forget_refused(time(1_000), 10).await.unwrap(), 1);
    assert_eq!(store.prune(time(1_000), 10).await.unwrap(), 1);
    let gone = store.load(refused).await;
    assert!(matches!(gone, Err(StoreError::NoSuchPress(_))), "{gone:?}");
}

/// A ruling whose words are nobody's business once the press is over.
fn ruled() -> Event {
    let shown = |name: &str, shown: &str| Changed {
        name: name.into(),
        shown: shown.into(),
        line: 1,
    };
    Event::Ruled(Box::new(Ruling {
        changes: vec![shown("msg", "'secret words'"), shown("team", "'Desk'")],
        output: "secret words".into(),
        orders: Orders {
            message: Some("secret words".into()),
            private_append: Some("secret words".into()),
            assigned: vec![("team".into(), "Desk".into())],
            ..Orders::default()
        },
        ..Ruling::default()
    }))
}

fn story(record: &super::Record) -> String {
    serde_json::to_string(&record.journal).unwrap()
}

async fn what_rules_made_of_the_words_is_gone_with_them(store: impl Store) {
    let press = accept(&store, 0).await;
    let terms = terms(&Custodian::new(), 0);
    let lease = store.claim(press, &terms).await.unwrap().lease;
    store
        .record(&lease, time(1), vec![ruled()], Next::GoOn)
        .await
        .unwrap();
    let open = store.load(press).await.unwrap();
    assert_eq!(
        open.journal.last().unwrap().event,
        ruled(),
        "it is needed until then"
    );
    store
        .record(
            &lease,
            time(2),
            vec![Event::Delivered],
            Next::Over(State::Delivered, None),
        )
        .await
        .unwrap();
    let over = store.load(press).await.unwrap();
    let told = story(&over);
    assert!(!told.contains("secret words") && told.contains("Desk"), "{told}");
    assert_eq!(
        (over.journal.len(), &over.journal[1].event),
        (2, &Event::Delivered),
        "everything else stays"
    );
}

/// Refused by a rule in this second. Gives the press and what was accepted.
async fn refused(store: &impl Store, seconds: u64) -> (PressId, Submission) {
    let given = submission(&[b"a", b"b"]);
    let press = given.press.id;
    let me = Custodian::new();
    store.accept(&given, &me, time(seconds), vec![]).await.unwrap();
    let lease = store.claim(press, &terms(&me, seconds)).await.unwrap().lease;
    let why = Event::Refused { why: "no".into() };
    let next = Next::Over(State::Refused, None);
    store
        .record(&lease, time(seconds), vec![ruled(), why], next)
        .await
        .unwrap();
    (press, given)
}

async fn a_refused_press_does_nothing_by_itself_and_goes_on_with_its_words_when_a_person_says_so(
    store: impl Store,
) {
    let (press, given) = refused(&store, 0).await;
    let me = Custodian::new();
    assert_eq!(store.next_due().await.unwrap(), None);
    assert!(store.claim_due(&terms(&me, 1_000)).await.unwrap().is_none());
    let claimed = store.claim(press, &terms(&me, 1)).await;
    assert!(matches!(claimed, Err(StoreError::Over { .. })), "{claimed:?}");
    let exported = store
        .by_hand(press, time(1), ByHand::Export { to: "x".into() })
        .await;
    assert!(matches!(exported, Err(StoreError::Over { .. })), "{exported:?}");
    store.by_hand(press, time(2), ByHand::Retry).await.unwrap();
    assert_eq!(store.submission(press).await.unwrap(), given);
    let claim = store.claim_due(&terms(&me, 2)).await.unwrap().unwrap();
    assert_eq!((claim.lease.press, claim.record.state), (press, State::Waiting));
}

async fn a_refused_press_that_is_discarded_loses_its_words_at_once(store: impl Store) {
    let (press, _) = refused(&store, 0).await;
    let discard = || ByHand::Discard { why: "y".into() };
    store.by_hand(press, time(1), discard()).await.unwrap();
    let record = store.load(press).await.unwrap();
    assert_eq!((record.state, record.press.is_none()), (State::Discarded, true));
    assert!(!story(&record).contains("secret words"));
    let again = store.by_hand(press, time(2), ByHand::Retry).await;
    assert!(matches!(again, Err(StoreError::Over { .. })), "{again:?}");
}

async fn a_refused_press_keeps_its_words_for_a_week_and_its_story_for_a_year(store: impl Store) {
    let (press, _) = refused(&store, 1).await;
    forget_old(&store, after(time(1), REFUSED_KEPT)).await.unwrap();
    assert!(store.submission(press).await.is_ok());
    let later = after(time(2), REFUSED_KEPT);
    forget_old(&store, later).await.unwrap();
    let gone = store.submission(press).await;
    assert!(matches!(gone, Err(StoreError::Over { .. })), "{gone:?}");
    let retried = store.by_hand(press, later, ByHand::Retry).await;
    assert!(matches!(retried, Err(StoreError::Over { .. })), "{retried:?}");
    let record = store.load(press).await.unwrap();
    assert_eq!((record.state, record.files.len()), (State::Refused, 0));
    assert!(!story(&record).contains("secret words"), "{}", story(&record));
    forget_old(&store, after(time(2), KEPT)).await.unwrap();
    let pruned = store.load(press).await;
    assert!(matches!(pruned, Err(StoreError::NoSuchPress(_))), "{pruned:?}");
}

async fn what_is_over_is_kept_for_a_year_and_a_day(store: impl Store) {
    let mut presses = Vec::new();
    for seconds in 0..u64::from(FORGOTTEN_AT_ONCE) + 1 {
        presses.push(over(&store, seconds, State::Delivered, None).await);
    }
    let kept = after(time(1), KEPT);
    assert_eq!(forget_old(&store, kept).await.unwrap(), 0);
    let later = after(kept, Duration::from_secs(u64::from(FORGOTTEN_AT_ONCE)));
    assert_eq!(
        forget_old(&store, later).await.unwrap(),
        u64::from(FORGOTTEN_AT_ONCE),
        "all but the last, in more than one batch"
    );
    store.load(*presses.last().unwrap()).await.unwrap();
}

async fn what_was_measured_of_a_lookup_is_kept_by_name(store: impl Store) {
    let measured = |ms| Measured {
        found_after_ms: ms,
        at: time(1),
    };
    assert_eq!(store.lookup("halo").await.unwrap(), None);
    store.remember_lookup("halo", measured(5)).await.unwrap();
    store.remember_lookup("halo", measured(7)).await.unwrap();
    assert_eq!(store.lookup("halo").await.unwrap(), Some(measured(7)));
    assert_eq!(store.lookup("other").await.unwrap(), None);
}

/// Each requirement, against each store.
macro_rules! conformance {
    ($($requirement:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test] async fn $requirement() { super::$requirement(super::Memory::default()).await })+
        }
        mod sqlite {
            $(#[tokio::test] async fn $requirement() {
                let folder = tempfile::tempdir().unwrap();
                let store = super::Sqlite::open_with(&folder.path().join("outbox"), super::LIMIT).await.unwrap();
                super::$requirement(store).await
            })+
        }
    };
}

conformance!(
    what_was_accepted_comes_back_byte_for_byte,
    presses_are_claimed_in_the_order_in_which_they_are_due_and_by_one_alone,
    whoever_slept_through_its_lease_changes_nothing_any_more,
    a_press_that_is_over_keeps_its_story_and_loses_its_words,
    people_retry_discard_and_export_what_nobody_works_on,
    an_export_that_comes_home_is_open_again,
    a_report_that_is_awaited_is_completed_as_a_whole_and_once,
    a_press_that_only_waits_for_its_report_is_due_when_it_is_complete_or_its_time_is_over,
    a_press_whose_report_is_completed_while_somebody_works_on_it_need_not_wait_any_more,
    a_press_that_waits_for_something_else_goes_on_waiting_when_its_report_is_complete,
    a_report_is_not_completed_once_its_note_was_announced,
    a_report_is_not_completed_once_its_note_was_found,
    nothing_is_added_to_a_press_that_awaits_nothing_is_over_or_unknown,
    the_newest_presses_of_a_state_are_listed_first,
    presses_that_were_over_long_ago_are_forgotten_the_oldest_first_and_no_others,
    what_is_over_is_kept_for_a_year_and_a_day,
    what_rules_made_of_the_words_is_gone_with_them,
    a_refused_press_does_nothing_by_itself_and_goes_on_with_its_words_when_a_person_says_so,
    a_refused_press_that_is_discarded_loses_its_words_at_once,
    a_refused_press_keeps_its_words_for_a_week_and_its_story_for_a_year,
    what_was_measured_of_a_lookup_is_kept_by_name,
);

/// A lease of nobody.
fn no_lease(press: PressId) -> Lease {
    Lease {
        press,
        epoch: 7,
        until: time(1_000),
    }
}

#[tokio::test]
async fn a_lease_that_was_never_given_counts_nothing() {
    let store = Memory::default();
    let press = accept(&store, 0).await;
    let result = store.record(&no_lease(press), time(1), vec![], Next::GoOn).await;
    assert!(matches!(result, Err(StoreError::LeaseLost(_))));
}
