//! What a connector returns: sizes, characters, addresses, and lies.

use crate::table::{Class, Fails, Row, all_fail};
use helpbell_hostile::{
    house::{self, beside_the_neighbour},
    scene::{Scene, context, file, person, ticket},
};
use helpbell_model::{DeviceFacts, Effect, Failure, Note, PressId, text};
use helpbell_sandbox::{Configured, WebhookDelivery};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// Characters of the longest text that people are shown.
const TEXT_CHARS: usize = 2_000;
/// Bytes of a whole answer as JSON.
const ANSWER_BYTES: usize = 8 << 20;

static LIES: [Fails; 6] = [
    Fails {
        attack: "answers-gigantic",
        does: "files a ticket and answers with texts of a mebibyte each",
        code: "host.trap",
        effect: Effect::Unknown,
    },
    Fails {
        attack: "success-without-request",
        does: "says that it filed a ticket, and sent nothing",
        code: "host.nothing-filed",
        effect: Effect::None,
    },
    Fails {
        attack: "success-after-a-read",
        does: "says that it filed a ticket, and only read",
        code: "host.nothing-filed",
        effect: Effect::None,
    },
    Fails {
        attack: "success-though-refused",
        does: "says that it filed a ticket that the PSA refused",
        code: "host.nothing-filed",
        effect: Effect::NotApplied,
    },
    Fails {
        attack: "answers-not-utf8",
        does: "files a ticket and answers with text that is no UTF-8",
        code: "host.trap",
        effect: Effect::Unknown,
    },
    Fails {
        attack: "answers-aliased",
        does: "files a ticket and answers with 20,000 texts of 16 MiB that all lie in one place",
        code: "host.trap",
        effect: Effect::Unknown,
    },
];

pub(crate) fn class() -> &'static Class {
    static CLASS: OnceLock<Class> = OnceLock::new();
    CLASS.get_or_init(|| {
        house::run(async {
            let mut rows = all_fail(&LIES, Scene::of).await;
            let bounded = ["answers-huge", "answers-escapes", "answers-many"];
            beside_the_neighbour(bounded.into_iter().map(every_answer)).await;
            rows.push(Row::silent(
                "answers every call with texts of 64 KiB",
                "texts are cut, names at 300 characters and sentences at 2,000",
            ));
            rows.push(Row::silent(
                "answers every call with terminal escapes, direction overrides and lines that look like ours",
                "hidden characters are gone, and a line break ends nothing: see “In front of people”",
            ));
            rows.push(Row::silent(
                "answers every call with lists of 20,000 entries",
                "lists are cut at 1,000 entries, except pick-lists",
            ));
            rows.extend(beside_the_neighbour(URLS.into_iter().map(url)).await);
            rows.push(another_ticket().await);
            rows.push(forged_code().await);
            Class {
                title: "Answers",
                about: "What a connector returns is bounded and stripped before anything looks at it, and the host keeps its own account of what was sent. \
                        Controls: the raw answers hold what was taken out; the same connector, honest, files its ticket.",
                rows,
            }
        })
    })
}

/// Every text within, but what only the connector reads.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| *name != "extra")
            .for_each(|(_, member)| texts(member, found)),
        _ => {}
    }
}

/// Checks that an answer may be shown to people.
#[track_caller]
fn showable(function: &str, value: &impl serde::Serialize) {
    let value = serde_json::to_value(value).unwrap();
    assert!(
        value.to_string().len() <= ANSWER_BYTES,
        "{function}: {} bytes",
        value.to_string().len()
    );
    let mut found = vec![];
    texts(&value, &mut found);
    for text in found {
        let hidden: Vec<char> = text
            .chars()
            .filter(|c| *c != '\n' && !text::is_shown(*c))
            .collect();
        assert!(hidden.is_empty(), "{function}: {hidden:?} in {text:?}");
        assert!(
            text.chars().count() <= TEXT_CHARS,
            "{function}: {} characters",
            text.chars().count()
        );
    }
}

/// Calls everything that answers, and looks at what is left of the answers.
async fn every_answer(attack: &'static str) {
    let scene = Scene::of(attack).await;
    let (session, context) = (&scene.session, context());
    let (contact, _) = match session.find_contact(&context, &person()).await.result.unwrap() {
        Some((contact, how)) => (Some(contact), how),
        None => (None, helpbell_model::ContactMatch::CatchAll),
    };
    showable("find-contact", &contact);
    if let Some(contact) = &contact {
        let bytes: usize = contact
            .extra
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        assert!(bytes <= 16 << 10, "{bytes} bytes of extra");
    }
    let device = session.find_device(&context, None, &DeviceFacts::default()).await;
    showable("find-device", &device.result.unwrap());
    showable(
        "choices",
        &session.choices(&context, "team", &[]).await.result.unwrap(),
    );
    showable("create", &scene.create().await.result.unwrap());
    let found = session
        .find_tickets(&context, PressId::new())
        .await
        .result
        .unwrap();
    assert!(found.len() <= 1_000);
    showable("find-by-reference", &found);
    showable("get", &session.get(&context, "7").await.result.unwrap());
    let note = Note {
        private: true,
        html: String::new(),
        text: String::new(),
        attachments: vec![],
        reference: "report".to_owned(),
    };
    showable(
        "add",
        &session.add_note(&context, &ticket(), note).await.result.unwrap(),
    );
    let attached = session
        .attach(&context, &ticket(), None, file())
        .await
        .result
        .unwrap();
    showable("attach", &attached);
    let notes = session
        .find_notes(&context, &ticket(), "report")
        .await
        .result
        .unwrap();
    showable("find-notes", &notes);
    let checks = session.checks(&context).await.result.unwrap();
    assert!(checks.len() <= 1_000);
    let checks: Vec<_> = checks
        .iter()
        .map(|check| json!([check.id, check.title]))
        .collect();
    showable("checks", &checks);
    showable(
        "examine",
        &session
            .examine(&context, "x", Configured::default())
            .await
            .result
            .unwrap(),
    );
    let hook = session
        .read_webhook(WebhookDelivery::default(), None)
        .await
        .result
        .unwrap();
    assert!(hook.ticket_ids.len() <= 1_000);
    showable("verify-and-parse", &hook.ticket_ids);
    match session.changes(&context, None).await.result {
        Ok(changes) => showable("changes-since", &changes.ticket_ids),
        // Ids or a cursor that were cut off would lose changes.
        Err(failure) => assert_eq!(failure.code, "host.too-many-changes", "{attack}"),
    }
    // Its status is none that could be sent.
    assert_eq!(hook.reply, None);
    if let Some(attack) = attack.strip_prefix("answers-").filter(|attack| *attack != "many") {
        let failing = Scene::of(&format!("failing-{attack}")).await;
        let failure = failing.create().await.result.unwrap_err();
        showable("a failure", &failure);
    }
}

const URLS: [(&str, &str); 5] = [
    (
        "url-javascript",
        "gives a ticket the address `javascript:alert(…)`",
    ),
    (
        "url-data",
        "gives a ticket the address `data:text/html,<script>…`",
    ),
    ("url-file", "gives a ticket the address `file:///etc/passwd`"),
    (
        "url-with-a-user",
        "gives a ticket the address `https://psa.example.com@evil.example/…`",
    ),
    (
        "url-with-escapes",
        "gives a ticket an https address with terminal escapes and a line break in it",
    ),
];

async fn url((attack, does): (&'static str, &'static str)) -> Row {
    let scene = Scene::of(attack).await;
    let (ticket, _) = scene.create().await.result.unwrap();
    let Some(url) = ticket.url else {
        return Row::silent(does, "the ticket is filed; it has no address");
    };
    assert!(
        url.starts_with("https://psa.example.com/") && url.chars().all(|c| c.is_ascii_graphic()),
        "{url}"
    );
    Row::silent(does, &format!("the ticket is filed; its address is `{url}`"))
}

async fn another_ticket() -> Row {
    let scene = Scene::of("another-ticket").await;
    let call = scene.session.get(&context(), "7").await;
    let words = scene.failed(&call, "host.another-ticket", Effect::None);
    Row::told("is asked for one ticket and answers with another", &words)
}

/// The guest's code is its text, which begins as the host's own codes do.
async fn forged_code() -> Row {
    let scene = Scene::with(&house::House::open().await.hostile, "failing-text", |binding| {
        binding
            .settings
            .push(("text".to_owned(), "host.egress-denied".to_owned()));
    })
    .await;
    let failure: Failure = scene.create().await.result.unwrap_err();
    assert_eq!(failure.code, "connector.host.egress-denied");
    Row::silent(
        "fails with a code of ours, `host.egress-denied`, and a cure of its own",
        "the code becomes `connector.host.egress-denied`: codes that begin with `host.` are the host's alone",
    )
}

#[test]
fn answers_are_bounded_stripped_and_held_against_what_was_sent() {
    class();
}

#[test]
fn control_an_honest_answer_is_believed_and_kept_whole() {
    house::run(async {
        let scene = Scene::with(&house::House::open().await.hostile, "answers-text", |binding| {
            binding
                .settings
                .push(("text".to_owned(), "Größe 17 🖨️".to_owned()));
        })
        .await;
        let call = scene.create().await;
        assert_eq!(call.effect, Effect::Applied);
        let (ticket, corrections) = call.result.unwrap();
        assert_eq!(
            (ticket.number.as_str(), ticket.id.as_str()),
            ("Größe 17 🖨️", "Größe 17 🖨️")
        );
        assert_eq!(corrections[0].nearest, ["Größe 17 🖨️"]);
    });
}
