//! What the doctor says of a Halo that is set up well, and of one that does not answer.

use helpbell_connector::testing::{START_UNIX, ScriptedHost};

use super::*;
use crate::test_support::{HOSTED, MARIA, OUTCOMES, UNREGISTERED, users};

const AUTHINFO: &str = r#"{"auth_url":"https://acme.halopsa.com/auth","tenant_id":"acme"}"#;
const ALL_FIVE: &str = "tenant acme, scopes edit:tickets read:assets read:crm read:customers read:tickets";
/// [`START_UNIX`] as a server writes it.
const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// A Halo that is set up as the guide says.
fn healthy() -> ScriptedHost {
    let host = ScriptedHost::new();
    host.answer_with("GET", "/api/authinfo", 200, &[("date", DATE)], AUTHINFO);
    host.answer("GET", "/api/Tickets", 200, r#"{"record_count":0,"tickets":[]}"#);
    host.answer("GET", "/api/Users", 200, &users(&[MARIA, UNREGISTERED]));
    host.answer("GET", "/api/Client", 200, r#"{"record_count":0,"clients":[]}"#);
    host.answer("GET", "/api/Asset", 200, r#"{"record_count":0,"assets":[]}"#);
    host.answer("GET", "/api/TicketType", 200, r#"[{"id":1,"name":"Incident"}]"#);
    host.answer("GET", "/api/Agent", 200, r#"[{"id":1,"name":"Unassigned"}]"#);
    host.answer("GET", "/api/Team", 200, r#"[{"id":3,"name":"1st Line"}]"#);
    host.answer(
        "GET",
        "/api/Category",
        200,
        r#"[{"id":11,"value":"Hardware>Desktop"}]"#,
    );
    host.answer("GET", "/api/Outcome", 200, OUTCOMES);
    host.answer(
        "GET",
        "/api/Webhook",
        200,
        r#"[{"id":"5f8d","name":"Helpbell","url":"https://gw.example/hook/x","type":0,"method":0,"active":true,
        "content_type":"application/json"}]"#,
    );
    host
}

/// Settings as the guide has them, with what the host adds.
fn settings<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("token:identity", ALL_FIVE),
        ("default:agent", "Unassigned"),
        ("default:impact", "3"),
        ("default:urgency", "3"),
        ("default:category_1", "Hardware > Desktop"),
        ("webhook:url", "https://gw.example/hook/x/"),
    ];
    let mut all: Vec<_> = HOSTED.iter().chain(&usual).copied().collect();
    all.retain(|(name, _)| !more.iter().any(|(other, _)| name == other));
    all.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    all
}

fn found(host: &ScriptedHost, check: &str, more: &[(&str, &str)]) -> Vec<Finding> {
    let findings = examine(&host.call(&settings(more)), check)
        .map_err(|failure| format!("{check}: {}", failure.message))
        .unwrap();
    let writes = host.requests().iter().filter(|sent| sent.method != "GET").count();
    assert_eq!(writes, 0, "{check} sends reads only");
    for finding in &findings {
        assert!(
            ["ok", "note", "warning", "problem"].contains(&finding.severity.as_str())
                && !finding.summary.is_empty(),
            "{finding:?}"
        );
        // Whoever reads of something amiss reads why it matters and what to click.
        if finding.severity == PROBLEM || finding.severity == WARNING {
            assert!(!finding.why.is_empty() && !finding.cure.is_empty(), "{finding:?}");
            assert!(finding.cure.iter().all(|step| !step.is_empty()), "{finding:?}");
        }
        let anchors = [
            "unregistered-contact",
            "api-application",
            "permissions",
            "login-type",
            "servers",
            "key",
            "defaults",
            "note-permission",
            "webhook",
        ];
        let guide = finding.guide.as_deref().unwrap_or_default();
        assert!(
            anchors
                .iter()
                .any(|anchor| guide == format!("docs/halo.md#{anchor}")),
            "{guide}"
        );
    }
    findings
}

#[test]
fn a_halo_set_up_as_the_guide_says_has_no_warning_in_any_check() {
    let host = healthy();
    for check in checks() {
        for finding in found(&host, &check.id, &[]) {
            let expected = if check.id == "note-permission" { NOTE } else { OK };
            assert_eq!(finding.severity, expected, "{}: {}", check.id, finding.summary);
        }
    }
}

#[test]
fn a_check_that_does_not_exist_is_a_typed_failure() {
    let host = healthy();
    let failure = examine(&host.call(&HOSTED), "weather").unwrap_err();
    assert_eq!(failure.code, "halo.no-such-check");
}

#[test]
fn what_has_nothing_to_do_with_the_settings_stays_a_typed_failure() {
    for check in checks() {
        let host = ScriptedHost::new();
        for path in [
            "authinfo",
            "Tickets",
            "Users",
            "Client",
            "Asset",
            "TicketType",
            "Agent",
            "Category",
            "Outcome",
            "Webhook",
        ] {
            host.answer("GET", &format!("/api/{path}"), 429, "Rate Limit Reached");
        }
        let failure = examine(&host.call(&settings(&[])), &check.id);
        if !matches!(check.id.as_str(), "permission-edit-tickets" | "clock") {
            assert_eq!(
                failure.unwrap_err().kind,
                FailureKind::RateLimited,
                "{}",
                check.id
            );
        }
    }
}

#[test]
fn a_host_that_does_not_send_is_no_missing_permission() {
    let host = ScriptedHost::new();
    host.fail(
        "GET",
        "/api/Asset",
        Failure::forbidden("http.denied", "not granted"),
    );
    let failure = examine(&host.call(&settings(&[])), "permission-read-assets").unwrap_err();
    assert_eq!(failure.code, "http.denied");
}

#[test]
fn without_a_token_the_settings_alone_are_judged() {
    let host = ScriptedHost::new();
    host.fail(
        "GET",
        "/api/authinfo",
        Failure::auth("halo.invalid-client", "no token"),
    );
    let bare = [("authorisation-server", "https://acme.halopsa.com")];
    assert_eq!(
        found(&host, "servers", &bare)[0].suggestion.as_ref().unwrap().1,
        "https://acme.halopsa.com/auth"
    );
    let failure = examine(&host.call(&settings(&[])), "servers").unwrap_err();
    assert_eq!(failure.code, "halo.invalid-client");
}

#[test]
fn servers_that_work_are_not_blamed_for_how_they_look() {
    let bare = [("authorisation-server", "https://acme.halopsa.com")];
    assert_eq!(found(&healthy(), "servers", &bare)[0].severity, OK);
}

#[test]
fn a_resource_server_without_a_path_is_well() {
    let host = healthy();
    let bare = [("resource-server", "https://acme.halopsa.com")];
    assert_eq!(found(&host, "servers", &bare)[0].severity, OK);
    let on_prem = [
        ("resource-server", "https://halo.local:8443"),
        ("authorisation-server", "https://halo.local:8443"),
        ("hosting", "on-prem"),
        ("token:identity", ""),
    ];
    host.forget_answers("GET", "/api/authinfo");
    host.answer(
        "GET",
        "/api/authinfo",
        200,
        r#"{"auth_url":"https://HALO.local:8443/auth/","tenant_id":""}"#,
    );
    assert_eq!(found(&host, "servers", &on_prem)[0].severity, OK);
}

#[test]
fn defaults_are_compared_with_what_halo_has_now() {
    let host = healthy();
    let team = [("default:team", "1st Line")];
    assert_eq!(found(&host, "defaults", &team)[0].severity, OK);
    host.forget_answers("GET", "/api/Team");
    host.answer("GET", "/api/Team", 200, r#"[{"id":4,"name":"Second Line"}]"#);
    assert_eq!(found(&host, "defaults", &team)[0].severity, WARNING);
}

#[test]
fn the_clock_is_told_from_the_answers_date() {
    let host = healthy();
    assert!(found(&host, "clock", &[])[0].summary.contains("within 0 s"));
    host.pass_seconds(servers::SKEW_S + 1);
    let late = &found(&host, "clock", &[])[0];
    assert!(
        late.severity == WARNING && late.summary.contains("301 s ahead of"),
        "{late:?}"
    );
    assert_eq!(START_UNIX, 784_111_777, "the date above is the host's beginning");
    host.forget_answers("GET", "/api/authinfo");
    host.answer("GET", "/api/authinfo", 200, AUTHINFO);
    assert_eq!(found(&host, "clock", &[])[0].severity, NOTE);
}

#[path = "doctor_table_tests.rs"]
mod table;
