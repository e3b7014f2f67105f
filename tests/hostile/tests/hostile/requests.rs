//! The way out: what was not granted, what is more than it seems, and servers that are as hostile as the connector.

use crate::table::{Class, Fails, Row, all_fail};
use helpbell_hostile::{
    house::{self, House, beside_the_neighbour},
    psa::BOMB,
    scene::{Scene, context},
};
use helpbell_model::Effect;
use helpbell_sandbox::{Configured, Limits};
use std::{io::Write as _, sync::OnceLock};

/// Requests that must not leave, and what they ask for.
const FORBIDDEN: [(&str, &str); 24] = [
    ("elsewhere", "asks another server"),
    ("elsewhere-by-redirect", "follows a redirect to another server"),
    (
        "elsewhere-by-user",
        "writes the granted server as a user name: `http://psa.example@elsewhere.example/`",
    ),
    (
        "elsewhere-by-backslash",
        "hides another server behind a backslash: `http://psa.example\\@elsewhere.example/`",
    ),
    (
        "elsewhere-by-number",
        "writes the address as one number: `http://2130706433:…/`",
    ),
    (
        "elsewhere-by-octal",
        "writes the address in octal: `http://0177.0.0.01:…/`",
    ),
    (
        "elsewhere-by-mapped-address",
        "writes the address as IPv6: `http://[::ffff:127.0.0.1]:…/`",
    ),
    (
        "elsewhere-by-name",
        "asks the granted machine by another name and port",
    ),
    (
        "elsewhere-by-origin",
        "asks the granted server by https instead of http",
    ),
    ("metadata", "asks the cloud's metadata service"),
    ("other-path", "asks for a path that was not granted"),
    ("other-path-by-dots", "asks for `/read/../admin`"),
    ("other-path-by-encoded-dots", "asks for `/answer/%2e%2e/admin`"),
    ("other-path-by-encoded-slash", "asks for `/answer/..%2Fadmin`"),
    ("other-path-by-backslash", "asks for `/answer/..\\admin`"),
    ("other-method", "deletes where it may file"),
    ("trace", "sends TRACE"),
    ("connect", "sends CONNECT"),
    (
        "crlf-in-method",
        "ends the method with a line break and headers of its own",
    ),
    (
        "crlf-in-path",
        "ends the path with a line break and a second request",
    ),
    (
        "crlf-in-query",
        "ends the query with a line break and a second request",
    ),
    (
        "crlf-in-authority",
        "ends the host name with a line break and headers of its own",
    ),
    (
        "crlf-in-header",
        "ends a header with a line break and a second request",
    ),
    (
        "crlf-in-header-name",
        "ends a header's name with a line break and a second request",
    ),
];

static FLOODS: [Fails; 3] = [
    Fails {
        attack: "request-flood",
        does: "sends a thousand requests",
        code: "host.request-limit",
        effect: Effect::None,
    },
    Fails {
        attack: "request-flood-at-once",
        does: "begins two hundred requests and waits for none",
        code: "host.request-limit",
        effect: Effect::None,
    },
    Fails {
        attack: "upload-huge",
        does: "sends a body of 32 MiB",
        code: "host.request-too-large",
        effect: Effect::None,
    },
];

static SERVERS: [Fails; 8] = [
    server(
        "answer-endless",
        "a server answers without end",
        "host.answer-too-large",
    ),
    server(
        "answer-bomb",
        "a server answers with 100 MiB of nothing, packed small",
        "host.answer-too-large",
    ),
    server(
        "answer-endless-head",
        "a server sends headers without end",
        "host.connection-lost",
    ),
    server(
        "answer-many-headers",
        "a server sends 5,000 headers",
        "host.connection-lost",
    ),
    server(
        "answer-huge-header",
        "a server sends a header of 1 MiB",
        "host.connection-lost",
    ),
    server(
        "answer-cut",
        "a server ends in the middle of its answer",
        "host.connection-lost",
    ),
    server(
        "answer-not-http",
        "a server does not speak HTTP",
        "host.connection-lost",
    ),
    server(
        "answer-two-lengths",
        "a server announces two lengths",
        "host.connection-lost",
    ),
];

const fn server(attack: &'static str, does: &'static str, code: &'static str) -> Fails {
    Fails {
        attack,
        does,
        code,
        effect: Effect::None,
    }
}

static CRASHES: [Fails; 3] = [
    Fails {
        attack: "headers-huge",
        does: "sets headers of 400 kB",
        code: "host.trap",
        effect: Effect::None,
    },
    Fails {
        attack: "trap-before-sending",
        does: "crashes before it sends anything",
        code: "host.trap",
        effect: Effect::None,
    },
    Fails {
        attack: "trap-after-sending",
        does: "crashes after the PSA took its ticket",
        code: "host.trap",
        effect: Effect::Unknown,
    },
];

pub(crate) fn class() -> &'static Class {
    static CLASS: OnceLock<Class> = OnceLock::new();
    CLASS.get_or_init(|| {
        pack_the_bomb();
        house::run(async {
            let mut rows = beside_the_neighbour(FORBIDDEN.into_iter().map(forbidden)).await;
            rows.push(smuggled().await);
            rows.extend(all_fail(&FLOODS, |attack| Scene::limited(attack, small)).await);
            rows.extend(all_fail(&SERVERS, |attack| Scene::limited(attack, small)).await);
            rows.extend(beside_the_neighbour(SLOW.into_iter().map(slow)).await);
            rows.push(stolen().await);
            rows.extend(all_fail(&CRASHES, Scene::of).await);
            rows.push(examining().await);
            Class {
                title: "Requests",
                about: "One function decides what leaves, by exact origin, method and path template; what waits is bounded by the call's deadline. The servers of \
                        these tests listen on bare sockets and keep every byte. Control: where the operator fills in the other server's address, the same connector \
                        reaches it; where a connector may set a header, in `authenticate`, it arrives.",
                rows,
            }
        })
    })
}

fn small(limits: &mut Limits) {
    limits.requests = 20;
    limits.request_bytes = 1 << 20;
    limits.response_bytes = 1 << 20;
}

fn pack_the_bomb() {
    BOMB.get_or_init(|| {
        let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
        let nothing = vec![0; 1 << 20];
        for _ in 0..100 {
            packed.write_all(&nothing).unwrap();
        }
        packed.finish().unwrap()
    });
}

/// Whatever layer stops it: it fails, and nothing of it arrives anywhere.
async fn forbidden((attack, does): (&'static str, &'static str)) -> Row {
    let scene = Scene::of(attack).await;
    let call = scene.create().await;
    let failure = match &call.result {
        Ok(created) => panic!(
            "{attack} came through: {created:?}, {:?}",
            scene.psa.request_lines()
        ),
        Err(failure) => failure.clone(),
    };
    assert!(call.effect <= Effect::NotApplied, "{attack}: {:?}", call.effect);
    scene.reached_nothing_else();
    let lines = scene.psa.request_lines();
    assert!(
        lines.iter().all(|line| line == "GET /answer/redirect HTTP/1.1"),
        "{attack} arrived: {lines:?}"
    );
    if failure.code.starts_with("host.") {
        let words = scene.failed(&call, "host.egress-denied", call.effect);
        return Row::told(does, &words);
    }
    let words = scene.settled(&failure.message);
    let words = words.split(": ").last().unwrap_or_default();
    Row::silent(
        does,
        &format!("it never becomes a request; the connector is told: {words}"),
    )
}

/// Sends with each header that a connector may not set.
async fn smuggled() -> Row {
    let scene = Scene::limited("headers", |limits| limits.requests = 100).await;
    let call = scene.create().await;
    for received in scene.psa.received() {
        let head = received.head.to_ascii_lowercase();
        assert!(
            !head.contains("smuggled") && !head.contains("content-length: 4711"),
            "{head}"
        );
        assert_eq!(head.matches("\r\nhost:").count(), 1, "{head}");
        assert!(
            head.contains(&format!("\r\nhost: {}\r\n", scene.psa.authority())),
            "{head}"
        );
        assert_eq!(head.matches("\r\nauthorization:").count(), 1, "{head}");
    }
    assert!(call.result.is_ok(), "{:?}", call.result);
    Row::silent(
        "sets Host, Authorization, Cookie, Proxy-…, Forwarded, Connection, Transfer-Encoding, TE, Trailer, Upgrade, Expect or a wrong Content-Length",
        "the header is refused before there is a request, or does not leave",
    )
}

const SLOW: [(&str, &str); 3] = [
    ("answer-never", "a server never answers"),
    ("answer-drip", "a server sends a byte now and then"),
    ("answer-drip-head", "a server sends its headers byte by byte"),
];

/// The request's time and the call's end together; either may be noticed first.
async fn slow((attack, does): (&'static str, &'static str)) -> Row {
    let scene = Scene::hurried(attack).await;
    let call = scene.create().await;
    let code = call.result.as_ref().unwrap_err().code.clone();
    assert!(
        matches!(code.as_str(), "host.deadline" | "host.no-answer"),
        "{attack}: {code}"
    );
    scene.failed(&call, &code, Effect::None);
    Row::silent(
        does,
        "the call ends with its deadline: `host.deadline` or `host.no-answer`",
    )
}

/// A server that hands out cookies and asks for other credentials.
async fn stolen() -> Row {
    let scene = Scene::of("answer-echo").await;
    let call = scene.create().await;
    assert!(call.result.is_ok(), "{:?}", call.result);
    let told = &call.log[0].text;
    assert!(
        told.contains("content-type") && !told.contains("cookie") && !told.contains("authenticate"),
        "{told}"
    );
    Row::silent(
        "a server sets a cookie and asks for another password",
        "the connector sees neither; the next request carries none",
    )
}

async fn examining() -> Row {
    let scene = Scene::of("change-while-examining").await;
    let call = scene
        .session
        .examine(&context(), "x", Configured::default())
        .await;
    let words = scene.failed(&call, "host.egress-denied", Effect::NotApplied);
    // Being asked what changed is no occasion either.
    let asked = scene.session.changes(&context(), Some("x")).await;
    scene.failed(&asked, "host.egress-denied", Effect::NotApplied);
    assert!(scene.psa.tickets().is_empty());
    Row::told("files a ticket while it examines the integration", &words)
}

#[test]
fn nothing_leaves_that_was_not_granted_and_nothing_comes_in_without_bounds() {
    class();
}

#[test]
fn a_crash_while_a_request_is_under_way_never_counts_as_nothing_sent() {
    house::run(async {
        let scenes = (0..20).map(|_| async {
            let scene = Scene::of("trap-while-filing").await;
            let call = scene.create().await;
            assert_eq!(
                call.result.as_ref().unwrap_err().code,
                "host.trap",
                "{:?}",
                call.result
            );
            // What has arrived by now, or in a moment, was accounted for.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            let arrived = !scene.psa.tickets().is_empty();
            assert!(!arrived || call.effect == Effect::Unknown, "{:?}", call.effect);
        });
        beside_the_neighbour(scenes.collect::<Vec<_>>()).await;
    });
}

#[test]
fn control_the_other_server_is_reached_and_counted_where_it_was_granted() {
    house::run(async {
        let hostile = &House::open().await.hostile;
        let there = Scene::of("none").await;
        let scene = Scene::with(hostile, "none", |binding| {
            binding.settings[0].1 = format!("http://{}", there.elsewhere.authority());
        })
        .await;
        assert!(scene.create().await.result.is_ok());
        assert_eq!(
            (there.elsewhere.connections(), there.elsewhere.tickets().len()),
            (1, 1)
        );
    });
}

#[test]
fn control_a_header_arrives_where_a_connector_may_set_it() {
    house::run(async {
        let scene = Scene::of("secret-sent-to-sign-in").await;
        assert!(scene.session.authenticate().await.result.is_ok());
        let received = scene.psa.received();
        assert!(
            received[0].head.contains(helpbell_hostile::scene::CANARY),
            "{received:?}"
        );
    });
}
