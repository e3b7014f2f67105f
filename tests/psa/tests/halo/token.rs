//! The token endpoint and what tokens allow.

use std::time::Duration;

use psa_sandbox::halo::{Behaviour, Deployment, Halo, HaloConfig, RequestKind};
use serde_json::json;

use crate::desk::{Desk, Reply, client, credentials, read};

async fn ask(halo: &Halo, path: &str, fields: &[(&str, &str)]) -> Reply {
    let url = format!("http://{}{path}", halo.address());
    read(client().post(url).form(fields).send().await.unwrap()).await
}

fn form<'a>(id: &'a str, secret: &'a str, scope: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", secret),
        ("scope", scope),
    ]
}

#[tokio::test]
async fn a_hosted_token_is_given_at_both_paths_in_any_case_with_the_tenant_in_query_or_form() {
    let halo = Halo::start(HaloConfig::default()).await.unwrap();
    let (id, secret) = credentials(&halo);
    let plain = form(&id, &secret, "all");
    for path in [
        "/token?tenant=lantern",
        "/auth/token?tenant=lantern",
        "/Auth/Token?Tenant=LANTERN",
    ] {
        let answer = ask(&halo, path, &plain).await.json();
        assert_eq!(answer["token_type"], "Bearer");
        assert_eq!(answer["expires_in"], 3600);
        assert_eq!(
            answer["scope"],
            "edit:tickets read:assets read:crm read:customers read:tickets"
        );
    }
    let mut with_tenant = plain.clone();
    with_tenant.push(("tenant", "lantern"));
    assert_eq!(ask(&halo, "/auth/token", &with_tenant).await.status, 200);
    // Below the Resource Server there is no token endpoint.
    assert_eq!(ask(&halo, "/api/token?tenant=lantern", &plain).await.status, 404);
    assert_eq!(halo.ledger().count(RequestKind::Token), 4);
}

#[tokio::test]
async fn an_unknown_or_missing_tenant_is_answered_500() {
    let halo = Halo::start(HaloConfig::default()).await.unwrap();
    let (id, secret) = credentials(&halo);
    assert_eq!(
        ask(&halo, "/token?tenant=other", &form(&id, &secret, "all"))
            .await
            .status,
        500
    );
    assert_eq!(ask(&halo, "/token", &form(&id, &secret, "all")).await.status, 500);
    halo.adjust(|behaviour| behaviour.tenant_from_host = true)
        .unwrap();
    assert_eq!(ask(&halo, "/token", &form(&id, &secret, "all")).await.status, 200);
    assert_eq!(
        ask(&halo, "/token?tenant=other", &form(&id, &secret, "all"))
            .await
            .status,
        500
    );
}

#[tokio::test]
async fn an_on_premises_instance_asks_for_no_tenant() {
    let config = HaloConfig {
        deployment: Deployment::OnPremises,
        ..HaloConfig::default()
    };
    let halo = Halo::start(config).await.unwrap();
    let (id, secret) = credentials(&halo);
    assert!(!halo.settings().api_key.contains('+'));
    assert_eq!(halo.settings().tenant, None);
    assert_eq!(
        ask(&halo, "/auth/token", &form(&id, &secret, "all")).await.status,
        200
    );
}

#[tokio::test]
async fn a_wrong_secret_is_answered_401_invalid_client() {
    let halo = Halo::start(HaloConfig::default()).await.unwrap();
    let (id, secret) = credentials(&halo);
    for (id, secret) in [
        (id.as_str(), "wrong"),
        ("nobody", secret.as_str()),
        (id.as_str(), ""),
    ] {
        let reply = ask(&halo, "/token?tenant=lantern", &form(id, secret, "all")).await;
        assert_eq!(reply.status, 401);
        assert_eq!(reply.any_json()["error"], "invalid_client");
    }
}

#[tokio::test]
async fn an_inactive_application_gets_no_token() {
    let mut config = HaloConfig::default();
    for application in &mut config.seed.applications {
        application.active = false;
    }
    let application = config.seed.applications[0].clone();
    let halo = Halo::start(config).await.unwrap();
    let fields = form(&application.client_id, &application.client_secret, "all");
    assert_eq!(ask(&halo, "/token?tenant=lantern", &fields).await.status, 401);
}

#[tokio::test]
async fn only_form_encoded_client_credentials_are_understood() {
    let halo = Halo::start(HaloConfig::default()).await.unwrap();
    let (id, secret) = credentials(&halo);
    let mut other = form(&id, &secret, "all");
    other[0].1 = "password";
    let reply = ask(&halo, "/token?tenant=lantern", &other).await;
    assert_eq!(
        (reply.status, reply.any_json()["error"].as_str()),
        (400, Some("unsupported_grant_type"))
    );

    let url = format!("http://{}/token?tenant=lantern", halo.address());
    let body = json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret});
    let reply = read(client().post(url).json(&body).send().await.unwrap()).await;
    assert_eq!(
        (reply.status, reply.any_json()["error"].as_str()),
        (400, Some("invalid_request"))
    );
}

#[tokio::test]
async fn calls_without_a_good_token_are_answered_401_without_json() {
    let desk = Desk::open().await;
    for value in ["", "Bearer nonsense", "Basic Zm9v"] {
        let request = desk
            .http
            .get(desk.url("/api/Tickets"))
            .header("authorization", value);
        let reply = read(request.send().await.unwrap()).await;
        assert_eq!((reply.status, reply.text.as_str()), (401, ""));
    }
}

#[tokio::test]
async fn tokens_expire_by_the_clock_at_once_or_by_revocation() {
    let mut desk = Desk::with(|behaviour| behaviour.token_lifetime_seconds = 60).await;
    assert_eq!(desk.get("/Status").await.status, 200);
    desk.halo.advance(Duration::from_secs(59));
    assert_eq!(desk.get("/Status").await.status, 200);
    desk.halo.advance(Duration::from_secs(1));
    assert_eq!(desk.get("/Status").await.status, 401);

    desk.take_token("all").await;
    assert_eq!(desk.get("/Status").await.status, 200);
    desk.halo.expire_all_tokens();
    assert_eq!(desk.get("/Status").await.status, 401);

    desk.take_token("all").await;
    desk.halo.revoke_all_tokens();
    assert_eq!(desk.get("/Status").await.status, 401);
}

#[tokio::test]
async fn a_token_carries_only_what_was_asked_for_and_the_application_has() {
    let mut desk = Desk::open().await;
    desk.take_token("read:tickets read:assets admin").await;
    assert_eq!(desk.get("/Tickets").await.status, 200);
    assert_eq!(desk.get("/Asset").await.status, 200);
    assert_eq!(desk.get("/Users?search=maria").await.status, 401);
    assert_eq!(desk.get("/Client").await.status, 401);
    assert_eq!(desk.ticket(json!({"summary": "x"})).await.status, 401);
    assert_eq!(desk.note(json!({"ticket_id": 1})).await.status, 401);
    desk.halo
        .adjust(|behaviour| behaviour.under_scoped_status = 403)
        .unwrap();
    assert_eq!(desk.ticket(json!({"summary": "x"})).await.status, 403);

    desk.take_token("read:customers edit:tickets").await;
    assert_eq!(desk.get("/Site").await.status, 200);
    assert_eq!(desk.get("/Tickets").await.status, 403);
    assert_eq!(desk.get("/Asset").await.status, 403);
    assert!(desk.halo.ledger().tickets.is_empty());
}

#[tokio::test]
async fn customers_can_be_made_to_need_the_crm_scope_too() {
    let mut desk = Desk::with(|behaviour| behaviour.customers_need_crm = true).await;
    assert_eq!(desk.get("/Users").await.status, 200);
    desk.take_token("read:customers").await;
    assert_eq!(desk.get("/Users").await.status, 401);
}

#[tokio::test]
async fn a_scope_taken_away_after_the_token_was_issued_is_a_403() {
    let desk = Desk::open().await;
    desk.halo
        .adjust(|behaviour| behaviour.withdrawn_scopes = vec!["edit:tickets".into()])
        .unwrap();
    assert_eq!(desk.ticket(json!({"summary": "x"})).await.status, 403);
    assert_eq!(desk.get("/Tickets").await.status, 200);
}

#[tokio::test]
async fn an_application_without_an_agent_may_only_look_at_customers() {
    let mut desk = Desk::open().await;
    let seed = psa_sandbox::halo::Seed::default();
    let application = seed.applications.iter().find(|it| it.agent_id.is_none()).unwrap();
    desk.take_token_as(&application.client_id, &application.client_secret, "all")
        .await;
    assert_eq!(desk.get("/Tickets").await.status, 403);
    assert_eq!(desk.get("/Team").await.status, 403);
    assert_eq!(desk.get("/Users").await.status, 200);
}

#[tokio::test]
async fn authinfo_is_open_and_leads_to_the_token() {
    let halo = Halo::start(HaloConfig::default()).await.unwrap();
    let info = read(
        client()
            .get(format!("{}/authinfo", halo.resource_server()))
            .send()
            .await
            .unwrap(),
    )
    .await
    .json();
    assert_eq!(info["tenant_id"], "lantern");
    assert_eq!(info["auth_url"], halo.authorisation_server());
}

#[tokio::test]
async fn the_rate_limit_answers_429_with_the_recorded_text_until_the_window_has_rolled() {
    let desk = Desk::open().await;
    for _ in 0..300 {
        assert_eq!(desk.get("/Agent/me").await.status, 200);
    }
    let reply = desk.get("/Agent/me").await;
    assert_eq!(reply.status, 429);
    assert_eq!(
        reply.text,
        "Rate Limit Reached - 300 Requests per rolling 5 minute window"
    );
    assert_eq!(reply.header("retry-after"), "");
    desk.halo.advance(Duration::from_secs(300));
    assert_eq!(desk.get("/Agent/me").await.status, 200);
}

#[tokio::test]
async fn the_rate_limit_can_be_small_and_can_name_a_time_or_be_off() {
    let desk = Desk::open().await;
    let limited = json!({"rate_limit": {"requests": 2, "window_seconds": 10, "retry_after_seconds": 7}});
    desk.halo
        .set(Behaviour::default().patched(&limited).unwrap())
        .unwrap();
    assert_eq!(desk.get("/Team").await.status, 200);
    assert_eq!(desk.get("/Team").await.status, 200);
    let reply = desk.get("/Team").await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, "7"));
    desk.halo.adjust(|behaviour| behaviour.rate_limit = None).unwrap();
    assert_eq!(desk.get("/Team").await.status, 200);
}
