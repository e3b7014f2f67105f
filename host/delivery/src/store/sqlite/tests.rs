use super::{connection::check_durable, *};
use crate::submission::tests::{findings, press};
use std::sync::atomic::{AtomicBool, Ordering};

fn submission(bytes: &[u8]) -> Submission {
    let mut press = press("help");
    press.id = PressId::new();
    let file = Attachment {
        name: "report.html".into(),
        content_type: "text/html".into(),
        bytes: bytes.to_vec(),
        reference: format!("{}/report.html", press.id),
    };
    Submission::new(press, findings(), vec![file]).unwrap()
}

async fn accept(store: &Sqlite, submission: &Submission) -> Result<(), StoreError> {
    let me = Custodian::new();
    store.accept(submission, &me, Timestamp::UNIX_EPOCH, vec![]).await
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("outbox");
    (parent, folder)
}

#[tokio::test]
async fn what_was_accepted_is_there_for_the_next_process() {
    let (_parent, folder) = folder();
    let given = submission(b"bytes");
    accept(&Sqlite::open(&folder).await.unwrap(), &given)
        .await
        .unwrap();
    let again = Sqlite::open(&folder).await.unwrap();
    assert_eq!(again.submission(given.press.id).await.unwrap(), given);
}

#[tokio::test]
async fn two_processes_share_an_outbox() {
    let (_parent, folder) = folder();
    let (one, two) = (
        Sqlite::open(&folder).await.unwrap(),
        Sqlite::open(&folder).await.unwrap(),
    );
    let presses: Vec<Submission> = (0..40).map(|_| submission(b"x")).collect();
    let accepting = presses.iter().enumerate().map(async |(index, press)| {
        let store = if index % 2 == 0 { &one } else { &two };
        accept(store, press).await
    });
    futures::future::try_join_all(accepting).await.unwrap();
    assert_eq!(one.list(&[State::Waiting], 100).await.unwrap().len(), 40);
}

#[test]
fn a_connection_that_would_not_survive_a_power_cut_is_refused() {
    let (_parent, folder) = folder();
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("outbox.sqlite");
    let db = connect(&path).unwrap();
    db.pragma_update(None, "synchronous", "NORMAL").unwrap();
    let error = check_durable(&db, &path).unwrap_err();
    assert!(
        matches!(
            &error,
            StoreError::NotDurable {
                setting: "synchronous",
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("--state"), "{error}");
}

#[tokio::test]
async fn a_newer_outbox_is_left_alone() {
    let (_parent, folder) = folder();
    drop(Sqlite::open(&folder).await.unwrap());
    let db = Connection::open(folder.join("outbox.sqlite")).unwrap();
    db.pragma_update(None, "user_version", schema::FORMAT + 1)
        .unwrap();
    let error = Sqlite::open(&folder).await.err().unwrap();
    assert!(matches!(error, StoreError::Newer { .. }), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told_and_left_alone() {
    let (_parent, folder) = folder();
    private::folder(&folder).unwrap();
    let path = folder.join("outbox.sqlite");
    std::fs::write(
        &path,
        b"this is not a database, and long enough to be looked at twice",
    )
    .unwrap();
    let error = Sqlite::open(&folder).await.err().unwrap();
    assert!(error.to_string().contains("outbox.sqlite"), "{error}");
    assert!(std::fs::read(&path).unwrap().starts_with(b"this is not"));
}

#[tokio::test]
async fn a_flipped_bit_in_a_file_is_noticed_and_costs_that_press_alone() {
    let (_parent, folder) = folder();
    let store = Sqlite::open(&folder).await.unwrap();
    let (damaged, whole) = (submission(b"damaged"), submission(b"whole"));
    accept(&store, &damaged).await.unwrap();
    accept(&store, &whole).await.unwrap();
    let file = std::fs::read_dir(folder.join("files").join(damaged.press.id.to_string()))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let error = store.submission(damaged.press.id).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert_eq!(store.submission(whole.press.id).await.unwrap(), whole);
}

#[tokio::test]
async fn a_row_that_says_nonsense_is_set_aside_and_the_next_one_claimed() {
    let (_parent, folder) = folder();
    let store = Sqlite::open(&folder).await.unwrap();
    let (damaged, whole) = (submission(b"a"), submission(b"b"));
    accept(&store, &damaged).await.unwrap();
    accept(&store, &whole).await.unwrap();
    let db = Connection::open(folder.join("outbox.sqlite")).unwrap();
    db.execute(
        "UPDATE press SET words = '{\"no\": 1', due_at = -1 WHERE id = ?1",
        [damaged.press.id.to_string()],
    )
    .unwrap();
    let terms = Terms {
        owner: Custodian::new(),
        now: Timestamp::UNIX_EPOCH,
        until: Timestamp::from_second(100).unwrap(),
    };
    let claim = store.claim_due(&terms).await.unwrap().unwrap();
    assert_eq!(claim.lease.press, whole.press.id);
    let state: String = db
        .query_row(
            "SELECT state FROM press WHERE id = ?1",
            [damaged.press.id.to_string()],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(state, "attention");
}

#[tokio::test]
async fn a_full_outbox_says_so_until_something_is_over() {
    let (_parent, folder) = folder();
    let store = Sqlite::open_with(&folder, 5_000).await.unwrap();
    let (first, second) = (submission(&[1; 3_000]), submission(&[2; 3_000]));
    accept(&store, &first).await.unwrap();
    let error = accept(&store, &second).await.unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Full {
                open: 1,
                limit: 5_000,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("helpbell outbox list"), "{error}");
    let why = ByHand::Discard { why: "x".into() };
    store
        .by_hand(first.press.id, Timestamp::UNIX_EPOCH, why)
        .await
        .unwrap();
    accept(&store, &second).await.unwrap();
    assert!(
        !folder.join("files").join(first.press.id.to_string()).exists(),
        "its files are gone"
    );
}

fn more(press: PressId, bytes: &[u8]) -> Amendment {
    Amendment {
        findings: vec![],
        attachments: vec![Attachment {
            name: "report.html".into(),
            content_type: "text/html".into(),
            bytes: bytes.to_vec(),
            reference: format!("{press}/report.html"),
        }],
    }
}

#[tokio::test]
async fn a_completed_report_is_there_for_the_next_process() {
    let (_parent, folder) = folder();
    let given = submission(b"first").awaiting(Timestamp::from_second(20).unwrap());
    let store = Sqlite::open(&folder).await.unwrap();
    accept(&store, &given).await.unwrap();
    let press = given.press.id;
    store
        .amend(press, more(press, b"all"), Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    let again = Sqlite::open(&folder).await.unwrap();
    let complete = again.submission(press).await.unwrap();
    assert_eq!(complete.attachments[0].bytes, b"all");
    assert_eq!((complete.findings.len(), complete.awaits), (0, None));
}

#[tokio::test]
async fn a_report_for_which_there_is_no_room_stays_as_it_was() {
    let (_parent, folder) = folder();
    let store = Sqlite::open_with(&folder, 9_000).await.unwrap();
    let given = submission(&[1; 3_000]).awaiting(Timestamp::from_second(20).unwrap());
    accept(&store, &given).await.unwrap();
    let press = given.press.id;
    let full = store
        .amend(press, more(press, &[2; 6_000]), Timestamp::UNIX_EPOCH)
        .await;
    assert!(matches!(full, Err(StoreError::Full { open: 1, .. })), "{full:?}");
    assert_eq!(store.submission(press).await.unwrap(), given);
    assert!(store.load(press).await.unwrap().journal.is_empty());
    store
        .amend(press, more(press, &[2; 3_000]), Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    // What was replaced stays on disk, and counts, until the press is over.
    let next = submission(&[3; 3_000]);
    let full = accept(&store, &next).await;
    assert!(matches!(full, Err(StoreError::Full { .. })), "{full:?}");
    let why = ByHand::Discard { why: "x".into() };
    store.by_hand(press, Timestamp::UNIX_EPOCH, why).await.unwrap();
    accept(&store, &next).await.unwrap();
    assert!(!folder.join("files").join(press.to_string()).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_while_a_report_is_completed_reads_the_one_or_the_other() {
    let (_parent, folder) = folder();
    let (writing, reading) = (
        Sqlite::open(&folder).await.unwrap(),
        Sqlite::open(&folder).await.unwrap(),
    );
    for _ in 0..50 {
        let given = submission(b"first").awaiting(Timestamp::from_second(20).unwrap());
        let press = given.press.id;
        accept(&writing, &given).await.unwrap();
        let done = AtomicBool::new(false);
        let amend = async {
            writing
                .amend(press, more(press, b"all"), Timestamp::UNIX_EPOCH)
                .await
                .unwrap();
            done.store(true, Ordering::Release);
        };
        let read = async {
            loop {
                let is_done = done.load(Ordering::Acquire);
                let read = reading.submission(press).await.unwrap();
                let file = read.attachments[0].bytes.as_slice();
                match read.awaits {
                    Some(_) => assert_eq!((file, read.findings.len()), (&b"first"[..], 2)),
                    None => assert_eq!((file, read.findings.len()), (&b"all"[..], 0)),
                }
                if is_done {
                    assert_eq!(file, b"all");
                    break;
                }
            }
        };
        tokio::join!(amend, read);
    }
}

#[tokio::test]
async fn where_room_is_tight_refused_presses_lose_their_words_and_open_ones_do_not() {
    let (_parent, folder) = folder();
    let store = Sqlite::open_with(&folder, 9_000).await.unwrap();
    let (refused, open) = (submission(&[1; 3_000]), submission(&[2; 3_000]));
    accept(&store, &refused).await.unwrap();
    let terms = Terms {
        owner: Custodian::new(),
        now: Timestamp::UNIX_EPOCH,
        until: Timestamp::from_second(100).unwrap(),
    };
    let lease = store.claim(refused.press.id, &terms).await.unwrap().lease;
    let next = Next::Over(State::Refused, None);
    store
        .record(&lease, Timestamp::UNIX_EPOCH, vec![], next)
        .await
        .unwrap();
    accept(&store, &open).await.unwrap();
    assert!(
        store.submission(refused.press.id).await.is_ok(),
        "there is room for both"
    );

    let too_large = accept(&store, &submission(&[3; 9_000])).await;
    assert!(matches!(too_large, Err(StoreError::Full { .. })), "{too_large:?}");
    assert!(
        store.submission(refused.press.id).await.is_ok(),
        "what does not fit anyway takes nobody's words"
    );
    let third = submission(&[3; 3_000]);
    accept(&store, &third).await.unwrap();
    let gone = store.submission(refused.press.id).await;
    assert!(matches!(gone, Err(StoreError::Over { .. })), "{gone:?}");
    assert!(!folder.join("files").join(refused.press.id.to_string()).exists());
    for kept in [&open, &third] {
        assert_eq!(&store.submission(kept.press.id).await.unwrap(), kept);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn others_cannot_read_the_outbox() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_parent, folder) = folder();
    let store = Sqlite::open(&folder).await.unwrap();
    let given = submission(b"x");
    accept(&store, &given).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(
        mode(&folder.join("files").join(given.press.id.to_string())),
        0o700
    );
}
