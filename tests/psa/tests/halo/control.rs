//! The control calls, the ledger over HTTP, and the handle's life.

use psa_sandbox::halo::{Halo, HaloConfig, HaloError, Ledger, Settings};
use reqwest::Method;
use serde_json::json;

use crate::desk::{Desk, client, read};

#[tokio::test]
async fn the_ledger_over_http_is_the_ledger_in_process() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    desk.note(json!({"ticket_id": id, "outcome_id": 7, "note": "n", "hiddenfromuser": true}))
        .await
        .json();
    let over_http: Ledger =
        serde_json::from_value(desk.call(Method::GET, "/_sandbox/ledger", None).await.json()).unwrap();
    assert_eq!(over_http, desk.halo.ledger());
    assert_eq!(
        (
            over_http.tickets.len(),
            over_http.actions.len(),
            over_http.requests.len()
        ),
        (1, 1, 3)
    );
    let settings: Settings =
        serde_json::from_value(desk.call(Method::GET, "/_sandbox/settings", None).await.json()).unwrap();
    assert_eq!(settings, desk.halo.settings());
}

#[tokio::test]
async fn switches_can_be_set_over_http_and_bad_ones_are_refused() {
    let desk = Desk::open().await;
    let patch =
        json!({"success_status": 200, "default_site_rule": "accept-but-drop", "index_lag": {"searches": 1}});
    let now = desk
        .call(Method::POST, "/_sandbox/behaviour", Some(&patch))
        .await
        .json();
    assert_eq!(now["success_status"], 200);
    assert_eq!(serde_json::to_value(desk.halo.behaviour()).unwrap(), now);
    for bad in [json!({"success_status": 500}), json!({"nonsense": 1})] {
        let reply = desk.call(Method::POST, "/_sandbox/behaviour", Some(&bad)).await;
        assert_eq!(reply.status, 400, "{bad}");
    }
    assert_eq!(serde_json::to_value(desk.halo.behaviour()).unwrap(), now);
}

#[tokio::test]
async fn reset_forgets_what_was_done_and_keeps_tokens_and_never_an_old_ticket_id() {
    let desk = Desk::open().await;
    let before = desk.maria("x").await;
    desk.halo
        .adjust(|behaviour| behaviour.success_status = 200)
        .unwrap();
    desk.call(Method::POST, "/_sandbox/reset", None).await.json();
    let ledger = desk.halo.ledger();
    assert!(ledger.tickets.is_empty() && ledger.requests.is_empty());
    assert_eq!(desk.halo.behaviour().success_status, 201);
    assert!(desk.maria("x").await > before);
}

#[tokio::test]
async fn the_clock_and_the_tokens_obey_over_http() {
    let desk = Desk::open().await;
    let hour = json!({"advance_seconds": 3600});
    assert_eq!(desk.get("/Team").await.status, 200);
    desk.call(Method::POST, "/_sandbox/clock", Some(&hour))
        .await
        .json();
    assert_eq!(desk.get("/Team").await.status, 401);
    assert_eq!(
        desk.call(Method::POST, "/_sandbox/clock", Some(&json!({})))
            .await
            .status,
        400
    );
    for path in ["/_sandbox/tokens/expire", "/_sandbox/tokens/revoke"] {
        let mut desk = Desk::open().await;
        desk.take_token("all").await;
        desk.call(Method::POST, path, None).await.json();
        assert_eq!(desk.get("/Team").await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn answers_are_dated_by_the_instances_own_clock() {
    let desk = Desk::open().await;
    let dated = async || {
        let answer = reqwest::get(format!("http://{}/api/authinfo", desk.halo.address()))
            .await
            .unwrap();
        let date = answer.headers()["date"].to_str().unwrap();
        jiff::fmt::rfc2822::parse(date).unwrap().timestamp()
    };
    let before = dated().await;
    desk.halo.advance(std::time::Duration::from_secs(7200));
    assert!(dated().await.as_second() - before.as_second() >= 7200);
}

#[tokio::test]
async fn a_stopped_instance_frees_its_port_and_a_taken_port_is_named() {
    let first = Halo::start(HaloConfig::default()).await.unwrap();
    let port = first.address().port();
    let error = Halo::start(HaloConfig {
        port,
        ..HaloConfig::default()
    })
    .await
    .unwrap_err();
    assert!(
        matches!(error, HaloError::Listen { port: taken, .. } if taken == port),
        "{error}"
    );
    first.shutdown().await;
    let second = Halo::start(HaloConfig {
        port,
        ..HaloConfig::default()
    })
    .await
    .unwrap();
    assert_eq!(second.address().port(), port);
}

#[tokio::test]
async fn a_start_with_a_switch_out_of_range_is_refused() {
    let mut config = HaloConfig::default();
    config.behaviour.page_cap = 0;
    assert!(matches!(
        Halo::start(config).await,
        Err(HaloError::Behaviour { .. })
    ));
}

#[tokio::test]
async fn two_instances_know_nothing_of_each_other() {
    let (one, two) = (Desk::open().await, Desk::open().await);
    one.maria("x").await;
    assert!(two.halo.ledger().tickets.is_empty());
    let request = client().get(two.url("/api/Tickets")).bearer_auth(one.token());
    assert_eq!(read(request.send().await.unwrap()).await.status, 401);
}
