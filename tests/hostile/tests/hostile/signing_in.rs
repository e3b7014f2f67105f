//! `authenticate`, the one function that sees the secret.

use crate::table::{Class, Fails, Row, all_fail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use helpbell_hostile::{
    house::{self, House, beside_the_neighbour},
    scene::{CANARY, SECRET, SHORT, Scene, context},
};
use helpbell_model::Effect;
use std::sync::OnceLock;

const fn refused(attack: &'static str, does: &'static str, code: &'static str) -> Fails {
    Fails {
        attack,
        does,
        code,
        effect: Effect::None,
    }
}

static REFUSED: [Fails; 19] = [
    refused(
        "placement-crlf",
        "ends the authorisation with a line break and a header of its own",
        "host.authorization-refused",
    ),
    refused(
        "placement-crlf-name",
        "names a header with line breaks in it",
        "host.authorization-refused",
    ),
    refused(
        "placement-host",
        "authorises with a Host header, for another server behind the same address",
        "host.authorization-refused",
    ),
    refused(
        "placement-length",
        "authorises with a Content-Length",
        "host.authorization-refused",
    ),
    refused(
        "placement-framing",
        "authorises with a Transfer-Encoding",
        "host.authorization-refused",
    ),
    refused(
        "placement-proxy",
        "authorises with a Proxy-Authorization",
        "host.authorization-refused",
    ),
    refused(
        "placement-twice",
        "authorises with two Authorization headers",
        "host.authorization-refused",
    ),
    refused(
        "placement-flood",
        "authorises with 5,000 headers",
        "host.authorization-refused",
    ),
    refused(
        "placement-huge",
        "authorises with a header of 1 MiB",
        "host.authorization-refused",
    ),
    refused(
        "placement-for-no-origin",
        "puts the key into requests to a server of its choice",
        "host.authorization-refused",
    ),
    refused(
        "endpoint-outside",
        "finds the PSA at an address outside its origins",
        "host.endpoint-outside",
    ),
    refused(
        "endpoint-of-another-kind",
        "finds the PSA at `javascript:…`",
        "host.authorization-refused",
    ),
    refused(
        "endpoint-with-escapes",
        "finds the PSA at an address of terminal escapes",
        "host.authorization-refused",
    ),
    refused(
        "endpoint-huge",
        "finds the PSA at an address of 1 MiB",
        "host.authorization-refused",
    ),
    refused(
        "endpoint-secret-as-host",
        "finds the PSA at a host whose name is the key, in hexadecimal",
        "host.authorization-refused",
    ),
    refused(
        "endpoint-secret-as-path",
        "finds the PSA at a path that is the key, percent-encoded",
        "host.authorization-refused",
    ),
    refused(
        "endpoint-secret-as-base64",
        "finds the PSA at a path that is the key, in base64",
        "host.authorization-refused",
    ),
    refused(
        "signing-in-recursion",
        "calls itself without end while signing in",
        "host.trap",
    ),
    refused(
        "signing-in-memory-at-once",
        "asks for a gibibyte while signing in",
        "host.memory-limit",
    ),
];

/// Requests of `authenticate` that were not granted for it.
static ELSEWHERE: [Fails; 2] = [
    Fails {
        attack: "secret-sent-elsewhere",
        does: "sends the key to another server while signing in",
        code: "host.egress-denied",
        effect: Effect::None,
    },
    Fails {
        attack: "secret-sent-with-a-work-request",
        does: "sends the key with a request that was granted for work, not for signing in",
        code: "host.egress-denied",
        effect: Effect::None,
    },
];

/// Every usual form of the key.
fn forms() -> Vec<String> {
    let of_bytes = |form: &dyn Fn(u8) -> String| SECRET.bytes().map(form).collect::<String>();
    vec![
        CANARY.to_owned(),
        serde_json::to_string(CANARY)
            .unwrap()
            .trim_matches('"')
            .to_owned(),
        SECRET
            .chars()
            .map(|c| format!("\\u{:04x}", u32::from(c)))
            .collect(),
        of_bytes(&|byte| format!("%{byte:02X}")),
        hex::encode(CANARY),
        hex::encode(SECRET),
        STANDARD.encode(SECRET).trim_end_matches('=').to_owned(),
    ]
}

/// Checks that the key stands nowhere in it.
#[track_caller]
fn without_the_key(what: &str, text: &str) {
    for form in forms() {
        assert!(!text.contains(&form), "{what} holds the key as {form}: {text}");
    }
}

pub(crate) fn class() -> &'static Class {
    static CLASS: OnceLock<Class> = OnceLock::new();
    CLASS.get_or_init(|| {
        house::run(async {
            let mut rows = beside_the_neighbour(TOLD.into_iter().map(told)).await;
            rows.extend(beside_the_neighbour(IDENTITIES.into_iter().map(identity)).await);
            rows.extend(all_fail(&REFUSED, Scene::of).await);
            rows.extend(all_fail(&ELSEWHERE, Scene::of).await);
            rows.push(endless().await);
            rows.push(left_behind().await);
            rows.push(for_another_origin().await);
            Class {
                title: "Signing in",
                about: "`authenticate` runs alone: its own instance, its own requests, no cache, no files, a log nobody reads. What it returns is looked at before \
                        anything of it is kept. Control: between two calls that file tickets, what one leaves in the cache the other finds.",
                rows,
            }
        })
    })
}

const TOLD: [(&str, &str); 7] = [
    (
        "secret-in-failure-raw",
        "fails with the key in code, message, help and field",
    ),
    ("secret-in-failure-base64", "the same in base64"),
    ("secret-in-failure-hex", "the same in hexadecimal"),
    ("secret-in-failure-url", "the same percent-encoded"),
    ("secret-in-failure-json", "the same as JSON escapes"),
    ("secret-in-panic-raw", "panics with the key in its last words"),
    ("secret-in-panic-base64", "the same in base64"),
];

async fn told((attack, does): (&'static str, &'static str)) -> Row {
    let scene = Scene::of(attack).await;
    let call = scene.session.authenticate().await;
    let failure = call.result.clone().unwrap_err();
    let everything = format!(
        "{failure:?} {} {:?}",
        serde_json::to_string(&failure).unwrap(),
        call.log
    );
    without_the_key(attack, &everything);
    Row::told(does, &scene.settled(&failure.message))
}

const IDENTITIES: [(&str, &str, &str); 4] = [
    (
        "secret-in-identity-raw",
        "tells the operator the key as its identity",
        "the identity shown is `[secret]`",
    ),
    (
        "secret-in-identity-base64",
        "the same in base64",
        "the identity shown is `[secret]`",
    ),
    (
        "secret-in-identity-reversed",
        "the same, disguised so that no search finds it (backwards)",
        "the operator sees the disguised key; no call that files tickets does: an examination, which is told the identity, may not write the cache",
    ),
    (
        "identity-with-escapes",
        "tells the operator an identity of terminal escapes",
        "hidden characters are gone",
    ),
];

/// The identity is told to examinations, which try to pass it on.
async fn identity((attack, does, outcome): (&'static str, &'static str, &'static str)) -> Row {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let scene = Scene::with(&House::open().await.hostile, attack, |binding| {
        binding.state_folder = Some(state);
    })
    .await;
    assert!(scene.session.authenticate().await.result.is_ok(), "{attack}");
    let identity = scene.session.identity().await.unwrap();
    without_the_key(attack, &identity);
    assert!(
        identity.chars().all(helpbell_model::text::is_shown),
        "{identity:?}"
    );
    let examined = scene
        .session
        .examine(&context(), "x", helpbell_sandbox::Configured::default())
        .await;
    assert!(examined.result.is_ok(), "{attack}: {:?}", examined.result);
    assert!(scene.create().await.result.is_ok());
    if attack.starts_with("secret-") {
        assert_eq!(scene.psa.tickets(), [r#"{"summary":"nothing"}"#], "{attack}");
    }
    Row::silent(does, outcome)
}

async fn endless() -> Row {
    let scene = Scene::limited("signing-in-loop", |limits| limits.deadline = SHORT).await;
    let words = scene.failed(&scene.session.authenticate().await, "host.deadline", Effect::None);
    Row::told("computes without end while signing in", &words)
}

/// Puts the key wherever a later call might find it.
async fn left_behind() -> Row {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let scene = Scene::with(&House::open().await.hostile, "secret-left-behind", |binding| {
        binding.state_folder = Some(state.clone());
    })
    .await;
    let signed_in = scene.session.authenticate().await;
    assert!(
        signed_in.result.is_ok() && signed_in.log.is_empty(),
        "{:?}",
        signed_in.log
    );
    let call = scene.create().await;
    assert!(
        call.result.is_ok() && call.log.is_empty(),
        "{:?} {:?}",
        call.result,
        call.log
    );
    assert_eq!(scene.psa.tickets(), [r#"{"summary":"nothing"}"#]);
    for path in files_below(&state) {
        without_the_key(
            &path.display().to_string(),
            &String::from_utf8_lossy(&std::fs::read(&path).unwrap()),
        );
    }
    Row::silent(
        "leaves the key in the cache, a file, the log, standard output and its memory, for a call that files tickets",
        "that call finds nothing: there is no cache and no file while signing in, its log is dropped, and each call has an instance of its own",
    )
}

fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files_below(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

async fn for_another_origin() -> Row {
    let scene = Scene::of("placement-for-another-origin").await;
    assert!(scene.create().await.result.is_ok());
    for received in scene.psa.received() {
        assert!(!received.head.contains("x-key"), "{}", received.head);
    }
    Row::silent(
        "authorises for another of its own origins",
        "the value goes with granted requests to that origin only, whose address the operator filled in",
    )
}

#[test]
fn the_secret_stays_where_it_is_seen() {
    class();
}

#[test]
fn control_what_a_call_that_files_tickets_leaves_the_next_one_finds() {
    house::run(async {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        for found in ["nothing", "left by a ticket"] {
            let scene = Scene::with(&House::open().await.hostile, "left-by-a-ticket", |binding| {
                binding.state_folder = Some(state.clone());
            })
            .await;
            assert!(scene.create().await.result.is_ok());
            assert_eq!(scene.psa.tickets(), [format!(r#"{{"summary":"{found}"}}"#)]);
        }
    });
}
