//! What the tests ask of the ledger.

use psa_sandbox::halo::{ActionRecord, AttachmentRecord, Halo, Ledger, RequestRecord, TicketRecord};
use sha2::{Digest as _, Sha256};
use std::{fs, path::Path};

/// The only ticket there is.
///
/// # Panics
/// If there is none, or more.
#[track_caller]
#[must_use]
pub fn only_ticket(ledger: &Ledger) -> &TicketRecord {
    match ledger.tickets.as_slice() {
        [one] => one,
        other => panic!("{} tickets instead of one: {other:#?}", other.len()),
    }
}

/// The only note there is, which must be private.
///
/// # Panics
/// If there is none, or more, or people outside can see it.
#[track_caller]
#[must_use]
pub fn only_private_note(ledger: &Ledger) -> &ActionRecord {
    match ledger.actions.as_slice() {
        [one] => {
            assert!(one.hidden_from_user, "the note is visible: {one:#?}");
            assert!(!one.send_email, "the note is mailed: {one:#?}");
            one
        }
        other => panic!("{} notes instead of one: {other:#?}", other.len()),
    }
}

/// The files of a note.
#[must_use]
pub fn files_of<'a>(ledger: &'a Ledger, note: &ActionRecord) -> Vec<&'a AttachmentRecord> {
    ledger
        .attachments
        .iter()
        .filter(|file| file.ticket_id == note.ticket_id && file.action_id == note.id)
        .collect()
}

/// Checks that one ticket with one private note was filed and that Halo had nothing to object to.
///
/// # Panics
/// If not.
#[track_caller]
pub fn assert_one_of_each(halo: &Halo) {
    let ledger = halo.ledger();
    let ticket = only_ticket(&ledger);
    assert_eq!(only_private_note(&ledger).ticket_id, ticket.id);
    assert_no_violations(&ledger);
}

/// Checks that every request fitted the vendor's schema.
///
/// # Panics
/// With those that did not.
#[track_caller]
pub fn assert_no_violations(ledger: &Ledger) {
    assert!(ledger.violations.is_empty(), "{:#?}", ledger.violations);
}

/// Checks that nothing was filed.
///
/// # Panics
/// If something was, or was tried.
#[track_caller]
pub fn assert_nothing_filed(halo: &Halo) {
    let ledger = halo.ledger();
    assert!(
        ledger.tickets.is_empty() && ledger.actions.is_empty() && ledger.attachments.is_empty(),
        "{ledger:#?}"
    );
    let posts: Vec<String> = lines(&ledger)
        .into_iter()
        .filter(|line| line.starts_with("POST") && !line.ends_with("/token"))
        .collect();
    assert!(posts.is_empty(), "{posts:?}");
}

/// The requests in their order: `POST /api/Tickets`.
#[must_use]
pub fn lines(ledger: &Ledger) -> Vec<String> {
    ledger.requests.iter().map(line).collect()
}

/// How many requests are this one.
#[must_use]
pub fn count(ledger: &Ledger, wanted: &str) -> usize {
    ledger
        .requests
        .iter()
        .filter(|request| line(request) == wanted)
        .count()
}

fn line(request: &RequestRecord) -> String {
    format!("{} {}", request.method, request.path)
}

/// Checks that a note has a private page and its data, byte for byte the files that `--report-to` wrote into this folder.
///
/// # Panics
/// If not.
#[track_caller]
pub fn assert_same_files(attached: &[&AttachmentRecord], folder: &Path) {
    let mut written: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                hex::encode(Sha256::digest(fs::read(entry.path()).unwrap())),
            )
        })
        .collect();
    let mut attached: Vec<(String, String)> = attached
        .iter()
        .map(|file| {
            assert!(file.private && file.size > 0, "{file:?}");
            (file.filename.clone(), file.sha256.clone())
        })
        .collect();
    written.sort();
    attached.sort();
    assert_eq!(attached, written);
    let endings: Vec<&str> = written
        .iter()
        .filter_map(|(name, _)| name.rsplit('.').next())
        .collect();
    assert_eq!(endings, ["html", "json"]);
}
