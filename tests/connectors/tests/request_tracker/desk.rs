//! A computer with Helpbell that is set up for a Request Tracker.

use helpbell_end_to_end::{Desk, Run};
use psa_sandbox::{
    request_tracker::{Config, RequestTracker, is_installed},
    seen::{Seen, SeenNote},
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A Request Tracker with this changed in its world.
pub(crate) async fn tracker(changes: &str) -> RequestTracker {
    configured(Config {
        changes: changes.to_owned(),
        ..Config::default()
    })
    .await
}

/// A Request Tracker.
pub(crate) async fn configured(config: Config) -> RequestTracker {
    assert!(
        is_installed(),
        "next: cargo xtask test, which installs Request Tracker"
    );
    RequestTracker::start(config).await.unwrap()
}

/// What an operator enters.
pub(crate) struct Entered {
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) defaults: Vec<(String, String)>,
    pub(crate) key: String,
}

impl Entered {
    pub(crate) fn of(tracker: &RequestTracker) -> Self {
        let shown = tracker.settings();
        Self {
            settings: vec![("server".to_owned(), shown.server)],
            defaults: vec![("queue".to_owned(), "Service Desk".to_owned())],
            key: shown.token,
        }
    }

    pub(crate) fn with(mut self, defaults: &[(&str, &str)]) -> Self {
        let pairs = defaults
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.defaults
            .retain(|(name, _)| !defaults.iter().any(|(other, _)| other == name));
        self.defaults.extend(pairs);
        self
    }

    pub(crate) fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(other, _)| other != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) async fn init(&self, desk: &Desk) {
        let init = desk.init_connector(
            "request-tracker",
            &self.settings,
            &self.defaults,
            &["--key-stdin"],
            &self.key,
        );
        init.await.expect(0);
    }

    pub(crate) async fn desk(&self) -> Desk {
        let desk = Desk::knowing("request-tracker").await;
        self.init(&desk).await;
        desk
    }
}

/// The only ticket there is.
pub(crate) async fn only_ticket(tracker: &RequestTracker) -> Seen {
    let all = tracker.tickets().await.unwrap();
    let [one] = all.as_slice() else {
        panic!("{} tickets instead of one", all.len());
    };
    tracker.seen(one).await.unwrap()
}

/// The only note of a ticket, which the person must not see, nor its files.
#[track_caller]
pub(crate) fn only_private_note(ticket: &Seen) -> &SeenNote {
    let [note] = ticket.notes.as_slice() else {
        panic!("{} notes instead of one: {ticket:#?}", ticket.notes.len());
    };
    assert!(note.private, "the person who asked sees the note: {note:#?}");
    assert!(
        note.attachments.iter().all(|file| file.private),
        "the person who asked gets a file: {note:#?}"
    );
    note
}

/// A ticket's field as the server shows it.
pub(crate) fn field<'a>(ticket: &'a Seen, name: &str) -> &'a str {
    let found = ticket.fields.iter().find(|(known, _)| known == name);
    found.map_or("", |(_, value)| value.as_str())
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>();
    digits.concat()
}

/// A member of the program's JSON.
pub(crate) fn told<'a>(said: &'a Value, pointer: &str) -> &'a str {
    said.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Which requests the program sent, as `POST /REST/2.0/ticket`.
pub(crate) fn requests(run: &Run) -> Vec<String> {
    let said = run.json();
    let steps = said
        .get("steps")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let requests = steps
        .iter()
        .filter_map(|step| step.get("requests")?.as_array())
        .flatten();
    requests
        .map(|request| format!("{} {}", told(request, "/method"), told(request, "/path")))
        .collect()
}
