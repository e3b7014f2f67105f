//! How much goes out and comes in.

use super::*;
use crate::LimitKey;
use std::io::Write as _;

fn here(server: &Server) -> (String, NetworkGrant) {
    (format!("http://{}", server.address), network(&["127.0.0.1/32"]))
}

/// A call with these limits at this server.
fn call(server: &Server, limits: Limits) -> Guestless {
    let (origin, network) = here(server);
    Guestless::new(
        policy(&origin, &network),
        client(&network, &Transport::direct()),
        limits,
    )
}

#[track_caller]
fn assert_beyond(answer: Answer, code: &str, key: &str) {
    let failure = answer.unwrap_err();
    assert_eq!(failure.code, code, "{failure:?}");
    let help = failure.help.unwrap();
    assert!(help.contains(&format!("raise `{key}` under [limits]")), "{help}");
}

fn compressed(size: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b' '; size]).unwrap();
    let body = encoder.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

#[tokio::test]
async fn an_answer_that_swells_when_decompressed_ends_at_the_bound() {
    const BOUND: usize = 1 << 20;
    let limits = Limits {
        response_bytes: BOUND,
        ..Limits::work()
    };
    let bomb = Server::answering(GRANTED, 0, compressed(64 * BOUND)).await;
    let (origin, _) = here(&bomb);
    let mut egress = call(&bomb, limits);
    assert_beyond(
        egress.get(&format!("{origin}/x")).await,
        "host.answer-too-large",
        "response-mib",
    );
    // The control: as many bytes as are allowed arrive whole.
    let fitting = Server::answering(GRANTED, 0, compressed(BOUND)).await;
    let (origin, _) = here(&fitting);
    let (_, headers, body) = call(&fitting, limits).get(&format!("{origin}/x")).await.unwrap();
    assert_eq!(body.len(), BOUND);
    assert!(!headers.contains_key("content-encoding"));
}

#[tokio::test]
async fn an_answer_in_an_encoding_that_was_not_asked_for_is_no_answer() {
    let server = Server::answering(GRANTED, 0, answer("200 OK", "content-encoding: br\r\n", "??")).await;
    let (origin, _) = here(&server);
    let request = http::Request::get(format!("{origin}/x"))
        .header("accept-encoding", "br")
        .header("range", "bytes=0-3");
    let failure = call(&server, Limits::work())
        .send(request, Bytes::new())
        .await
        .unwrap_err();
    assert_eq!(failure.code, "host.answer-encoded", "{failure:?}");
    let head = server.requests().remove(0).to_ascii_lowercase();
    assert!(
        head.contains("accept-encoding: gzip") && !head.contains("br\r\n"),
        "{head}"
    );
    assert!(!head.contains("range:"), "{head}");
}

#[tokio::test]
async fn headers_are_bounded_in_both_directions() {
    let many = |count: usize| (0..count).map(|n| format!("x-{n}: y\r\n")).collect::<String>();
    let limits = Limits {
        headers: 20,
        header_bytes: 4 << 10,
        ..Limits::work()
    };
    for headers in [many(30), format!("x: {}\r\n", "y".repeat(5 << 10))] {
        let server = Server::answering(GRANTED, 0, answer("200 OK", &headers, "")).await;
        let (origin, _) = here(&server);
        assert_beyond(
            call(&server, limits).get(&format!("{origin}/x")).await,
            "host.answer-headers",
            "headers",
        );
    }
    let server = Server::answering(GRANTED, 0, answer("200 OK", &many(10), "")).await;
    let (origin, _) = here(&server);
    let mut request = http::Request::get(format!("{origin}/x"));
    for n in 0..30 {
        request = request.header(format!("x-{n}"), "y");
    }
    assert_beyond(
        call(&server, limits).send(request, Bytes::new()).await,
        "host.header-limit",
        "headers",
    );
    assert_eq!(server.connections(), 0);
    call(&server, limits).get(&format!("{origin}/x")).await.unwrap();

    // As many as an operator may allow, which is more than HTTP libraries take by themselves.
    let most = usize::try_from(LimitKey::named("headers").unwrap().largest).unwrap();
    let generous = Limits {
        headers: most,
        ..Limits::work()
    };
    for (count, fits) in [(most - 10, true), (most + 10, false)] {
        let server = Server::answering(GRANTED, 0, answer("200 OK", &many(count), "")).await;
        let answer = call(&server, generous)
            .get(&format!("{}/x", here(&server).0))
            .await;
        assert_eq!(answer.is_ok(), fits, "{count} headers: {answer:?}");
    }
}

#[tokio::test]
async fn bodies_are_bounded_one_by_one_and_together() {
    let server = Server::answering(GRANTED, 0, answer("200 OK", "", &"y".repeat(1_000))).await;
    let (origin, _) = here(&server);
    let post = |egress: &mut Guestless, size: usize| {
        egress.send(
            http::Request::post(format!("{origin}/x")),
            Bytes::from(vec![b'x'; size]),
        )
    };
    let limits = Limits {
        request_bytes: 2_000,
        total_bytes: 5_000,
        ..Limits::work()
    };
    assert_beyond(
        post(&mut call(&server, limits), 2_001).await,
        "host.request-too-large",
        "request-mib",
    );
    assert_eq!(server.connections(), 0);
    // Each takes two thousand bytes out and one thousand in: the second leaves less than its answer.
    let mut egress = call(&server, limits);
    post(&mut egress, 2_000).await.unwrap();
    assert_beyond(post(&mut egress, 1_500).await, "host.byte-limit", "total-mib");
    assert_beyond(post(&mut egress, 1_000).await, "host.byte-limit", "total-mib");
}

#[tokio::test]
async fn more_requests_at_once_than_allowed_wait_for_their_turn() {
    const AT_ONCE: usize = 2;
    let server = Server::answering(GRANTED, 0, answer("200 OK", "", "")).await;
    let (origin, _) = here(&server);
    let limits = Limits {
        concurrent_requests: AT_ONCE,
        ..Limits::work()
    };
    let mut egress = call(&server, limits);
    let url = format!("{origin}/x");
    let requests = (0..3 * AT_ONCE).map(|_| egress.send(http::Request::get(&url), Bytes::new()));
    let answers = futures::future::join_all(requests.collect::<Vec<_>>()).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert!(
        server.connections() <= AT_ONCE,
        "{} connections",
        server.connections()
    );
}

#[tokio::test]
async fn an_answer_is_waited_for_no_longer_than_the_call_may_last() {
    let silent = Server::answering(GRANTED, 0, "").await;
    let (origin, _) = here(&silent);
    let limits = Limits {
        deadline: std::time::Duration::from_millis(300),
        ..Limits::work()
    };
    let failure = call(&silent, limits)
        .get(&format!("{origin}/x"))
        .await
        .unwrap_err();
    assert_eq!(failure.code, "host.no-answer", "{failure:?}");
    assert!(
        failure.message.contains("ms") && !failure.message.contains("30s"),
        "{failure:?}"
    );
}
