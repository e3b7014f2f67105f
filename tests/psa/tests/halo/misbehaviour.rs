//! Trouble on demand: what a client sees of it, and what the ledger says was done.

use std::time::Duration;

use psa_sandbox::halo::misbehaviour::MISDEEDS;
use psa_sandbox::halo::{Misbehaviour, Misdeed, Random, RequestKind, RequestRecord, RetryAfter, Rule};
use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, Reply, client, read};

/// Long enough for any answer that comes at all, short enough to give up within.
const PATIENCE: Duration = Duration::from_secs(20);

fn tickets(misdeed: Misdeed) -> Rule {
    Rule::new(misdeed).on("POST", "/Tickets")
}

async fn file(desk: &Desk) -> Reply {
    desk.ticket(json!({"summary": "x"})).await
}

/// Files a ticket and gives the error the client meets in place of an answer.
async fn broken(desk: &Desk) -> reqwest::Error {
    let request = desk.http.post(desk.url("/api/Tickets")).bearer_auth(desk.token());
    match request
        .json(&json!([{"summary": "x"}]))
        .timeout(PATIENCE)
        .send()
        .await
    {
        Err(error) => error,
        Ok(response) => response.bytes().await.unwrap_err(),
    }
}

fn last(desk: &Desk) -> RequestRecord {
    desk.halo.ledger().requests.last().unwrap().clone()
}

fn filed(desk: &Desk) -> usize {
    desk.halo.ledger().tickets.len()
}

#[tokio::test]
async fn answers_with_a_wrong_status_do_not_take_effect_and_the_ledger_says_so() {
    let desk = Desk::open().await;
    for (misdeed, status, part) in [
        (Misdeed::RateLimited429, 429, "Rate Limit Reached - 300 Requests"),
        (Misdeed::Exception500, 500, "\"ClassName\":\"System.Exception\""),
        (Misdeed::BadGateway502, 502, "<h1>502 Bad Gateway</h1>"),
        (Misdeed::Unavailable503, 503, "unavailable"),
        (Misdeed::GatewayTimeout504, 504, "504 Gateway Timeout"),
        (Misdeed::Html200, 200, "<title>Sign in"),
        (Misdeed::Empty200, 200, ""),
        (Misdeed::Empty403, 403, ""),
        (Misdeed::Empty404, 404, ""),
    ] {
        desk.halo.misbehave(tickets(misdeed)).unwrap();
        let reply = file(&desk).await;
        assert_eq!(reply.status, status, "{misdeed:?}");
        assert!(
            reply.text.contains(part) && part.is_empty() == reply.text.is_empty(),
            "{}",
            reply.text
        );
        let record = last(&desk);
        assert_eq!(
            (record.misdeed, record.status, record.applied),
            (Some(misdeed), status, false)
        );
        desk.halo.behave();
    }
    assert_eq!(filed(&desk), 0);
    assert_eq!(file(&desk).await.status, 201);
    let record = last(&desk);
    assert_eq!((record.misdeed, record.applied), (None, true));
}

#[tokio::test]
async fn a_wrong_answer_can_hide_a_ticket_that_was_filed() {
    let desk = Desk::open().await;
    for (n, misdeed) in [
        Misdeed::Exception500,
        Misdeed::GatewayTimeout504,
        Misdeed::Empty200,
        Misdeed::Html200,
    ]
    .into_iter()
    .enumerate()
    {
        desk.halo.misbehave(tickets(misdeed).applied().times(1)).unwrap();
        let reply = file(&desk).await;
        assert!(serde_json::from_str::<Value>(&reply.text).is_err() || reply.status == 500);
        assert_eq!(filed(&desk), n + 1, "{misdeed:?}");
        assert!(last(&desk).applied);
    }
}

#[tokio::test]
async fn a_retry_after_comes_as_seconds_as_a_date_or_not_at_all() {
    let desk = Desk::open().await;
    for (misdeed, retry_after) in [
        (Misdeed::RateLimited429, RetryAfter::Seconds(7)),
        (Misdeed::RateLimited429, RetryAfter::Date(60)),
        (Misdeed::RateLimited429, RetryAfter::Absent),
        (Misdeed::Unavailable503, RetryAfter::Seconds(2)),
    ] {
        desk.halo
            .misbehave(Rule {
                retry_after,
                ..tickets(misdeed).times(1)
            })
            .unwrap();
        let reply = file(&desk).await;
        let header = reply.header("retry-after");
        match retry_after {
            RetryAfter::Absent => assert_eq!(header, ""),
            RetryAfter::Seconds(seconds) => assert_eq!(header, seconds.to_string()),
            RetryAfter::Date(_) => {
                let at = jiff::fmt::rfc2822::parse(header).unwrap().timestamp();
                let ahead = at.duration_since(jiff::Timestamp::now()).as_secs();
                assert!((1..=60).contains(&ahead), "{header}");
            }
        }
    }
}

#[tokio::test]
async fn a_reset_connection_is_an_error_before_and_after_the_ticket_is_filed() {
    let desk = Desk::open().await;
    desk.halo.misbehave(tickets(Misdeed::Reset).times(1)).unwrap();
    let error = broken(&desk).await;
    assert!(error.is_request() && !error.is_timeout(), "{error:?}");
    assert!(format!("{error:?}").contains("ConnectionReset"), "{error:?}");
    assert_eq!(
        (filed(&desk), last(&desk).status, last(&desk).applied),
        (0, 0, false)
    );
    desk.halo
        .misbehave(tickets(Misdeed::Reset).applied().times(1))
        .unwrap();
    broken(&desk).await;
    assert_eq!(
        (filed(&desk), last(&desk).status, last(&desk).applied),
        (1, 0, true)
    );
    assert_eq!(file(&desk).await.status, 201);
}

#[tokio::test]
async fn a_truncated_answer_has_the_right_head_and_too_little_body() {
    let desk = Desk::open().await;
    desk.halo.misbehave(tickets(Misdeed::Truncated).times(1)).unwrap();
    let request = desk.http.post(desk.url("/api/Tickets")).bearer_auth(desk.token());
    let mut response = request.json(&json!([{"summary": "x"}])).send().await.unwrap();
    assert_eq!(response.status(), 201);
    let claimed = response.content_length().unwrap();
    let mut got = 0;
    let error = loop {
        match response.chunk().await {
            Ok(Some(part)) => got += part.len() as u64,
            Ok(None) => panic!("the answer ended as if it were whole, after {got} of {claimed} bytes"),
            Err(error) => break error,
        }
    };
    assert_eq!(got, claimed / 2, "{error}");
    assert_eq!(filed(&desk), 1);
}

#[tokio::test]
async fn json_can_be_called_text_and_a_redirect_can_lead_anywhere() {
    let desk = Desk::open().await;
    desk.halo
        .misbehave(tickets(Misdeed::JsonAsText).times(1))
        .unwrap();
    let reply = file(&desk).await;
    assert_eq!(reply.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(reply.json()["summary"], "x");
    let plain = client_without_redirects();
    for to in ["/auth/login", "http://127.0.0.1:9/elsewhere"] {
        desk.halo
            .misbehave(Rule {
                location: Some(to.to_owned()),
                ..Rule::new(Misdeed::Redirect302).on("GET", "/Tickets/*").times(1)
            })
            .unwrap();
        let request = plain.get(desk.url("/tickets/1")).bearer_auth(desk.token());
        let reply = read(request.send().await.unwrap()).await;
        assert_eq!((reply.status, reply.header("location")), (302, to));
    }
}

fn client_without_redirects() -> reqwest::Client {
    // For the provider that reqwest wants.
    drop(client());
    let builder = reqwest::Client::builder().no_proxy();
    builder
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_request_that_hangs_is_carried_out_when_released_to_a_client_still_there() {
    let desk = Desk::open().await;
    desk.halo.misbehave(tickets(Misdeed::Hang)).unwrap();
    let (reply, ()) = tokio::join!(file(&desk), async {
        desk.halo.until_held(1).await;
        assert_eq!((filed(&desk), last(&desk).status), (0, 0));
        assert_eq!(desk.halo.misbehaviour().held, 1);
        // Others are not held up.
        assert_eq!(desk.get("/Team").await.status, 200);
        desk.halo.release();
    });
    assert_eq!(reply.status, 201);
    desk.halo.until_held(0).await;
    let ledger = desk.halo.ledger();
    let record = ledger.requests.iter().find(|it| it.misdeed.is_some()).unwrap();
    assert_eq!(
        (record.status, record.applied, ledger.tickets.len()),
        (201, true, 1)
    );
}

#[tokio::test]
async fn a_client_that_goes_away_from_a_hanging_request_leaves_no_ticket_or_one() {
    for (rule, left) in [(tickets(Misdeed::Hang), 0), (tickets(Misdeed::Hang).applied(), 1)] {
        let desk = Desk::open().await;
        desk.halo.misbehave(rule).unwrap();
        tokio::select! {
            reply = file(&desk) => panic!("it was answered: {reply:?}"),
            () = desk.halo.until_held(1) => {}
        }
        // The request's future is gone, and with it the connection.
        desk.halo.until_held(0).await;
        desk.halo.behave();
        assert_eq!(
            (filed(&desk), last(&desk).status, last(&desk).applied),
            (left, 0, left == 1)
        );
    }
}

#[tokio::test]
async fn a_reset_of_the_instance_forgets_requests_that_hang() {
    let desk = Desk::open().await;
    desk.halo.misbehave(tickets(Misdeed::Hang)).unwrap();
    let (reply, ()) = tokio::join!(file(&desk), async {
        desk.halo.until_held(1).await;
        desk.halo.reset();
    });
    assert_eq!(reply.status, 503);
    let ledger = desk.halo.ledger();
    assert!(ledger.tickets.is_empty() && ledger.requests.is_empty());
    assert_eq!(file(&desk).await.status, 201);
}

#[tokio::test]
async fn latency_delays_the_right_answer() {
    let desk = Desk::open().await;
    let slow = Rule {
        latency_ms: 120,
        ..tickets(Misdeed::Latency)
    };
    desk.halo.misbehave(slow).unwrap();
    let started = std::time::Instant::now();
    assert_eq!(file(&desk).await.status, 201);
    assert!(started.elapsed() >= Duration::from_millis(120));
    assert_eq!(last(&desk).misdeed, Some(Misdeed::Latency));
    assert!(last(&desk).applied);
}

#[tokio::test]
async fn the_token_endpoint_can_go_wrong_too_and_only_what_matches_does() {
    let mut desk = Desk::open().await;
    desk.halo
        .misbehave(
            Rule::new(Misdeed::Unavailable503)
                .on("POST", "/auth/token")
                .times(1),
        )
        .unwrap();
    assert_eq!(file(&desk).await.status, 201);
    let url = format!("{}/token?tenant=lantern", desk.halo.authorisation_server());
    let reply = read(desk.http.post(url).send().await.unwrap()).await;
    assert_eq!((reply.status, last(&desk).counted_as), (503, RequestKind::Token));
    desk.take_token("all").await;
}

#[tokio::test]
async fn random_mode_is_the_same_for_the_same_seed() {
    let run = async |seed| {
        let desk = Desk::open().await;
        // Those that end the connection differ in the client's error only.
        let among: Vec<Misdeed> = MISDEEDS.into_iter().filter(|it| *it != Misdeed::Hang).collect();
        desk.halo
            .misbehave_at_random(Some(Random {
                seed,
                rate: 0.4,
                among,
            }))
            .unwrap();
        for _ in 0..60 {
            let request = desk.http.get(desk.url("/api/Team")).bearer_auth(desk.token());
            if let Ok(response) = request.send().await {
                drop(response.bytes().await);
            }
        }
        let records = desk.halo.ledger().requests;
        let deeds: Vec<_> = records.iter().map(|it| (it.misdeed, it.applied)).collect();
        assert!((1..60).contains(&records.iter().filter(|it| it.misdeed.is_some()).count()));
        deeds
    };
    let (one, again, other) = (run(7).await, run(7).await, run(8).await);
    assert_eq!(one, again);
    assert_ne!(one, other);
}

#[tokio::test]
async fn trouble_is_set_and_ended_over_http() {
    let desk = Desk::open().await;
    let path = "/_sandbox/misbehaviour";
    let rules = json!([
        {"misdeed": "rate-limited-429", "method": "post", "path": "/tickets", "count": 1, "retry_after": {"seconds": 3}},
        {"misdeed": "empty-404", "path": "/Team", "probability": 0.0},
    ]);
    desk.call(Method::POST, path, Some(&rules)).await.json();
    let reply = file(&desk).await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, "3"));
    assert_eq!(file(&desk).await.status, 201);
    assert_eq!(desk.get("/Team").await.status, 200);
    let state = desk.call(Method::GET, path, None).await.json();
    let state: Misbehaviour = serde_json::from_value(state).unwrap();
    assert_eq!(state, desk.halo.misbehaviour());
    assert_eq!(
        (
            state.rules[0].matched,
            state.rules[0].struck,
            state.rules[1].struck
        ),
        (2, 1, 0)
    );

    let random = json!({"random": {"seed": 1, "rate": 1.0, "among": ["empty-403"]}});
    desk.call(Method::POST, path, Some(&random)).await.json();
    assert_eq!(desk.get("/Team").await.status, 403);
    desk.call(Method::POST, path, Some(&json!({"random": null})))
        .await
        .json();
    assert_eq!(desk.get("/Team").await.status, 200);
    desk.call(Method::DELETE, &format!("{path}/0"), None).await.json();
    assert_eq!(
        desk.call(Method::DELETE, &format!("{path}/5"), None).await.status,
        404
    );
    assert_eq!(desk.halo.misbehaviour().rules.len(), 1);
    desk.call(Method::DELETE, path, None).await.json();
    assert!(desk.halo.misbehaviour().rules.is_empty());

    for bad in [
        json!({"misdeed": "explode"}),
        json!({"misdeed": "reset", "probability": 2.0}),
        json!({"misdeed": "truncated", "apply": false}),
        json!({"misdeed": "reset", "path": "Tickets"}),
        json!({"misdeed": "reset", "colour": "red"}),
        json!({"misdeed": "latency", "latency_ms": 600_001}),
        json!([{"misdeed": "reset"}, {"misdeed": "redirect-302", "location": "a\nb"}]),
        json!({"random": {"seed": 1, "rate": -0.1}}),
    ] {
        let reply = desk.call(Method::POST, path, Some(&bad)).await;
        assert_eq!(reply.status, 400, "{bad}");
    }
    assert!(desk.halo.misbehaviour().rules.is_empty() && desk.halo.misbehaviour().random.is_none());
}

#[tokio::test]
async fn a_stopped_instance_lets_hanging_requests_go() {
    let desk = Desk::open().await;
    desk.halo.misbehave(tickets(Misdeed::Hang)).unwrap();
    let Desk { halo, http, .. } = desk;
    let url = format!("{}/Tickets", halo.resource_server());
    let hanging = tokio::spawn(http.post(url).json(&json!([])).send());
    halo.until_held(1).await;
    halo.shutdown().await;
    let answer = hanging.await.unwrap();
    assert!(answer.is_err() || answer.unwrap().status() == 401);
}
