use helpbell_connector::testing::ScriptedHost;
use helpbell_connector::{Authorization, Failure, FailureKind, Place, Secrets};

use super::*;

const TOKEN: &str = r#"{"access_token":"eyJ0","token_type":"Bearer","expires_in":3600,"scope":"all"}"#;

fn authenticate(host: &ScriptedHost, settings: &[(&str, &str)], key: &str) -> Result<Authorization, Failure> {
    super::authenticate(
        &host.call(settings),
        &Secrets::new(vec![("api-key".into(), key.into())]),
    )
}

fn hosted(host: &ScriptedHost) -> Result<Authorization, Failure> {
    authenticate(
        host,
        &[
            ("hosting", "hosted"),
            ("authorisation-server", "https://acme.halopsa.com/auth"),
        ],
        KEY,
    )
}

const KEY: &str = "Comp_a+123asd4asabcd:asdf/38judj234";
const SECRETS: [&str; 2] = ["asdf/38judj234", "asdf%2F38judj234"];

#[test]
fn a_hosted_key_becomes_a_bearer_token_for_the_resource_server_only() {
    let host = ScriptedHost::new();
    host.answer("POST", "/auth/token", 200, TOKEN);
    let authorization = hosted(&host).unwrap();
    let placement = &authorization.placements[0];
    assert_eq!(
        (placement.origin.as_str(), placement.value.as_str()),
        ("resource-server", "Bearer eyJ0")
    );
    assert!(matches!(&placement.place, Place::Header(name) if name == "Authorization"));
    assert_eq!(
        (authorization.placements.len(), authorization.expires_in_s),
        (1, Some(3600))
    );
    assert_eq!(
        authorization.identity.as_deref(),
        Some("tenant Comp_a, scopes all")
    );
    let sent = &host.requests()[0];
    assert_eq!(
        (sent.origin.as_str(), sent.query.as_str()),
        ("https://acme.halopsa.com", "tenant=Comp_a")
    );
    assert_eq!(
        sent.body,
        "grant_type=client_credentials&client_id=123asd4asabcd&client_secret=asdf%2F38judj234&scope=all"
    );
    assert!(
        sent.headers
            .contains(&("content-type".into(), "application/x-www-form-urlencoded".into()))
    );
}

#[test]
fn the_token_address_follows_the_authorisation_server_as_pasted() {
    assert_eq!(
        token_address("https://a.example/auth/", Some("t x")),
        "https://a.example/auth/token?tenant=t%20x"
    );
    assert_eq!(
        token_address("https://a.example", Some("t")),
        "https://a.example/token?tenant=t"
    );
    assert_eq!(
        token_address("https://halo.local/auth", None),
        "https://halo.local/auth/token"
    );
    assert_eq!(
        token_address("https://halo.local/Auth/", None),
        "https://halo.local/Auth/token"
    );
    assert_eq!(
        token_address("https://halo.local/", None),
        "https://halo.local/auth/token"
    );
    assert_eq!(
        token_address("https://halo.local:8443/itsm", None),
        "https://halo.local:8443/itsm/auth/token"
    );
}

#[test]
fn an_on_prem_key_is_exchanged_without_a_tenant() {
    let host = ScriptedHost::new();
    host.answer("POST", "/auth/token", 200, TOKEN);
    authenticate(
        &host,
        &[
            ("hosting", "on-prem"),
            ("authorisation-server", "http://halo.local"),
        ],
        "id:secret",
    )
    .unwrap();
    assert_eq!(host.requests()[0].query, "");
}

#[test]
fn a_wrong_secret_names_the_applications_screen_and_never_the_secret() {
    for (status, body) in [
        (
            401,
            r#"{"error":"invalid_client","error_description":"bad secret asdf/38judj234"}"#,
        ),
        (400, r#"{"error":"invalid_client","detail":"asdf%2F38judj234"}"#),
        (401, ""),
    ] {
        let host = ScriptedHost::new();
        host.answer("POST", "/auth/token", status, body);
        let failure = hosted(&host).unwrap_err();
        assert_eq!(
            (failure.kind, failure.code.as_str()),
            (FailureKind::Auth, "halo.invalid-client"),
            "{failure:?}"
        );
        assert!(failure.help.as_deref().unwrap().contains(APPLICATIONS_SCREEN));
        let all = format!("{failure:?}");
        assert!(SECRETS.iter().all(|secret| !all.contains(secret)), "{all}");
    }
}

#[test]
fn a_failing_server_hints_at_the_tenant_only_where_there_is_one() {
    let host = ScriptedHost::new();
    host.answer("POST", "/auth/token", 500, "");
    let failure = hosted(&host).unwrap_err();
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (FailureKind::Unavailable, "halo.tenant-unknown")
    );
    let on_prem = [
        ("hosting", "on-prem"),
        ("authorisation-server", "https://acme.halopsa.com/auth"),
    ];
    let failure = authenticate(&host, &on_prem, "id:secret").unwrap_err();
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (FailureKind::Unavailable, "halo.server-error")
    );
}

#[test]
fn a_refusal_is_explained_by_what_halo_says_of_itself() {
    let of = |hosting: &str, key: &str, status: u16, authinfo: &str| {
        let host = ScriptedHost::new();
        host.answer("POST", "/auth/token", status, "");
        host.answer("GET", "/api/authinfo", 200, authinfo);
        let settings = [
            ("hosting", hosting),
            ("resource-server", "https://acme.halopsa.com/api"),
            ("authorisation-server", "https://acme.halopsa.com/auth"),
        ];
        let failure = authenticate(&host, &settings, key).unwrap_err();
        let asked = host.requests().pop().unwrap();
        assert_eq!((asked.path.as_str(), asked.body.as_str()), ("/api/authinfo", ""));
        assert!(asked.headers.iter().all(|(name, _)| name != "authorization"));
        (
            failure.code,
            failure.field.unwrap_or_default(),
            failure.help.unwrap(),
        )
    };
    let acme = r#"{"auth_url":"https://acme.halopsa.com/auth","tenant_id":"acme"}"#;
    let (code, field, help) = of("hosted", "akme+id:s3cret", 500, acme);
    assert_eq!((code.as_str(), field.as_str()), (TENANT_UNKNOWN, "api-key"));
    assert!(help.contains("Put acme before the +"), "{help}");

    let (code, field, help) = of("on-prem", "id:s3cret", 500, acme);
    assert_eq!(
        (code.as_str(), field.as_str()),
        ("halo.tenant-missing", "hosting")
    );
    assert!(help.contains("Cloud Hosted") && help.contains("acme+"), "{help}");

    let none = r#"{"auth_url":"https://acme.halopsa.com/auth","tenant_id":""}"#;
    let (_, field, help) = of("hosted", "acme+id:s3cret", 500, none);
    assert!(
        field == "hosting" && help.contains("choose On-Prem"),
        "{field} {help}"
    );

    let elsewhere = r#"{"auth_url":"https://login.acme.example/auth","tenant_id":"acme"}"#;
    let (code, field, help) = of("hosted", "acme+id:s3cret", 404, elsewhere);
    assert_eq!(
        (code.as_str(), field.as_str()),
        (NO_TOKEN_SERVER, "authorisation-server")
    );
    assert!(help.contains("https://login.acme.example/auth"), "{help}");
}

#[test]
fn swapped_servers_and_a_token_too_much_are_told_from_the_addresses() {
    for (authorisation, resource, token, told) in [
        (
            "https://acme.halopsa.com/api",
            "https://acme.halopsa.com/auth",
            "/api/token",
            "swapped",
        ),
        (
            "https://acme.halopsa.com/auth/token",
            "https://acme.halopsa.com",
            "/auth/token/token",
            "/token",
        ),
    ] {
        let host = ScriptedHost::new();
        host.answer("POST", token, 404, "");
        let settings = [
            ("hosting", "hosted"),
            ("resource-server", resource),
            ("authorisation-server", authorisation),
        ];
        let failure = authenticate(&host, &settings, KEY).unwrap_err();
        assert_eq!(failure.code, NO_TOKEN_SERVER);
        assert!(failure.help.as_deref().unwrap().contains(told), "{failure:?}");
    }
}

#[test]
fn a_wrong_secret_is_not_asked_about_any_further() {
    let host = ScriptedHost::new();
    host.answer("POST", "/auth/token", 401, r#"{"error":"invalid_client"}"#);
    hosted(&host).unwrap_err();
    assert_eq!(host.requests().len(), 1);
}

#[test]
fn what_is_not_an_authorisation_server_is_said_to_be_none() {
    for (status, body) in [
        (200, "<html><title>Welcome</title></html>"),
        (404, ""),
        (200, "{}"),
        (200, "nonsense"),
        (302, ""),
        (405, ""),
    ] {
        let host = ScriptedHost::new();
        host.answer("POST", "/auth/token", status, body);
        let failure = hosted(&host).unwrap_err();
        assert_eq!(
            failure.code, "halo.not-an-authorisation-server",
            "{status} {body}"
        );
        assert_eq!(failure.field.as_deref(), Some("authorisation-server"));
    }
}

#[test]
fn a_busy_or_absent_server_is_no_fault_of_the_key() {
    let host = ScriptedHost::new();
    host.answer_with(
        "POST",
        "/auth/token",
        429,
        &[("retry-after", "30")],
        "Rate Limit Reached",
    );
    host.answer("POST", "/auth/token", 503, "<html>");
    host.fail("POST", "/auth/token", Failure::timeout("http.timeout", "slow"));
    let busy = hosted(&host).unwrap_err();
    assert_eq!(
        (busy.kind, busy.retry_after_ms),
        (FailureKind::RateLimited, Some(30_000))
    );
    assert_eq!(hosted(&host).unwrap_err().kind, FailureKind::Unavailable);
    assert_eq!(hosted(&host).unwrap_err().kind, FailureKind::Timeout);
}

#[test]
fn a_scope_or_grant_that_halo_refuses_points_at_the_application() {
    let host = ScriptedHost::new();
    host.answer("POST", "/auth/token", 400, r#"{"error":"invalid_scope"}"#);
    let failure = hosted(&host).unwrap_err();
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (FailureKind::Auth, "halo.token-refused")
    );
    assert!(failure.message.contains("invalid_scope"));
}

#[test]
fn a_malformed_key_is_never_sent() {
    let host = ScriptedHost::new();
    assert_eq!(
        authenticate(
            &host,
            &[("authorisation-server", "https://a.example/auth")],
            "id:secret"
        )
        .unwrap_err()
        .code,
        "halo.key-without-tenant"
    );
    assert!(host.requests().is_empty());
}
