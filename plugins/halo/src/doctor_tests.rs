//! Each misconfiguration that the setup guide warns of, or allows, and what the doctor says of it.

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

/// One misconfiguration: what is wrong, the settings and answers that make it so, and the finding.
struct Row<'a> {
    wrong: &'a str,
    settings: &'a [(&'a str, &'a str)],
    answers: &'a [(&'a str, u16, &'a str)],
    check: &'a str,
    severity: &'a str,
    says: &'a str,
    suggestion: Option<(&'a str, &'a str)>,
}

const NOTHING: Row<'_> = Row {
    wrong: "",
    settings: &[],
    answers: &[],
    check: "",
    severity: PROBLEM,
    says: "",
    suggestion: None,
};

#[test]
fn every_misconfiguration_of_the_guide_is_named_with_its_cure() {
    let no_agent = [
        ("/api/TicketType", 403, ""),
        ("/api/Agent", 403, ""),
        ("/api/Tickets", 403, ""),
    ];
    let inactive = users(&[&UNREGISTERED.replace("\"client_id\"", "\"inactive\":true,\"client_id\"")]);
    let homeless = users(&[r#"{"id":2,"emailaddress":"unregistered@helpdeskbuttons.com"}"#]);
    let twice = users(&[UNREGISTERED, UNREGISTERED]);
    let rows = [
        Row {
            wrong: "the servers are swapped",
            settings: &[
                ("resource-server", "https://acme.halopsa.com/auth"),
                ("authorisation-server", "https://acme.halopsa.com/api"),
            ],
            answers: &[("/auth/authinfo", 404, "")],
            check: "servers",
            says: "swapped",
            suggestion: Some(("resource-server", "https://acme.halopsa.com/api")),
            ..NOTHING
        },
        Row {
            wrong: "the Authorisation Server stands in both fields",
            settings: &[("resource-server", "https://acme.halopsa.com/auth")],
            answers: &[("/auth/authinfo", 404, "")],
            check: "servers",
            says: "address of the Authorisation Server",
            suggestion: Some(("resource-server", "https://acme.halopsa.com/api")),
            ..NOTHING
        },
        Row {
            wrong: "the Resource Server stands in both fields",
            settings: &[("authorisation-server", "https://acme.halopsa.com/api/")],
            check: "servers",
            says: "address of the Resource Server",
            suggestion: Some(("authorisation-server", "https://acme.halopsa.com/auth")),
            ..NOTHING
        },
        Row {
            wrong: "the Authorisation Server lacks its path",
            settings: &[("authorisation-server", "https://acme.halopsa.com")],
            check: "servers",
            says: "lacks its /auth",
            suggestion: Some(("authorisation-server", "https://acme.halopsa.com/auth")),
            ..NOTHING
        },
        Row {
            wrong: "the token address was pasted",
            settings: &[("authorisation-server", "https://acme.halopsa.com/auth/token/")],
            check: "servers",
            says: "/token",
            suggestion: Some(("authorisation-server", "https://acme.halopsa.com/auth")),
            ..NOTHING
        },
        Row {
            wrong: "the web page's address was pasted",
            settings: &[("resource-server", "https://acme.halopsa.com/tickets?area=1")],
            answers: &[("/tickets", 200, "<html><title>Halo</title></html>")],
            check: "servers",
            says: "not Halo's API",
            suggestion: Some(("resource-server", "https://acme.halopsa.com/api")),
            ..NOTHING
        },
        Row {
            wrong: "something else than Halo answers",
            answers: &[("/api/authinfo", 200, "<html><title>Router</title></html>")],
            check: "servers",
            says: "Router",
            ..NOTHING
        },
        Row {
            wrong: "an old Halo does not tell where its tokens come from",
            answers: &[("/api/authinfo", 404, "")],
            check: "servers",
            severity: NOTE,
            says: "not compared",
            ..NOTHING
        },
        Row {
            wrong: "another Halo's Authorisation Server was pasted",
            settings: &[("authorisation-server", "https://other.halopsa.com/auth")],
            check: "servers",
            severity: WARNING,
            says: "names https://acme.halopsa.com/auth",
            suggestion: Some(("authorisation-server", "https://acme.halopsa.com/auth")),
            ..NOTHING
        },
        Row {
            wrong: "Cloud Hosted is chosen for an On-Prem Halo",
            answers: &[(
                "/api/authinfo",
                200,
                r#"{"auth_url":"https://acme.halopsa.com/auth","tenant_id":""}"#,
            )],
            check: "servers",
            severity: WARNING,
            says: "no tenant",
            suggestion: Some(("hosting", "on-prem")),
            ..NOTHING
        },
        Row {
            wrong: "the key carries another tenant",
            settings: &[("token:identity", "tenant akme, scopes read:tickets")],
            check: "servers",
            severity: WARNING,
            says: "the tenant acme",
            suggestion: Some(("api-key", "acme+client_id:client_secret")),
            ..NOTHING
        },
        Row {
            wrong: "the clock is wrong",
            answers: &[],
            check: "clock",
            severity: WARNING,
            says: "behind",
            ..NOTHING
        },
        Row {
            wrong: "no agent is selected",
            answers: &no_agent,
            check: "login-type",
            says: "does not work as an agent",
            ..NOTHING
        },
        Row {
            wrong: "the agent may not see one list",
            answers: &[("/api/Agent", 403, "")],
            check: "login-type",
            severity: WARNING,
            says: "may not read every list",
            ..NOTHING
        },
        Row {
            wrong: "read:tickets is missing",
            settings: &[(
                "token:identity",
                "scopes edit:tickets read:assets read:crm read:customers",
            )],
            answers: &[("/api/Tickets", 401, "")],
            check: "permission-read-tickets",
            says: "lacks the permission read:tickets",
            ..NOTHING
        },
        Row {
            wrong: "edit:tickets is missing",
            settings: &[(
                "token:identity",
                "scopes read:tickets read:assets read:crm read:customers",
            )],
            check: "permission-edit-tickets",
            says: "lacks the permission edit:tickets",
            ..NOTHING
        },
        Row {
            wrong: "read:customers is missing",
            settings: &[(
                "token:identity",
                "scopes edit:tickets read:assets read:crm read:tickets",
            )],
            answers: &[("/api/Users", 401, ""), ("/api/Client", 401, "")],
            check: "permission-read-customers",
            says: "lacks the permission read:customers",
            ..NOTHING
        },
        Row {
            wrong: "read:customers is missing, and read:crm is not blamed for it",
            settings: &[(
                "token:identity",
                "scopes edit:tickets read:assets read:crm read:tickets",
            )],
            answers: &[("/api/Users", 401, ""), ("/api/Client", 401, "")],
            check: "permission-read-crm",
            severity: OK,
            says: "lacks read:customers",
            ..NOTHING
        },
        Row {
            wrong: "read:crm is missing",
            settings: &[(
                "token:identity",
                "scopes edit:tickets read:assets read:customers read:tickets",
            )],
            answers: &[("/api/Users", 401, ""), ("/api/Client", 401, "")],
            check: "permission-read-crm",
            says: "lacks the permission read:crm",
            ..NOTHING
        },
        Row {
            wrong: "read:crm is missing where nothing needs it",
            settings: &[(
                "token:identity",
                "scopes edit:tickets read:assets read:customers read:tickets",
            )],
            check: "permission-read-crm",
            severity: WARNING,
            says: "does not carry read:crm",
            ..NOTHING
        },
        Row {
            wrong: "read:assets is missing",
            settings: &[(
                "token:identity",
                "scopes edit:tickets read:crm read:customers read:tickets",
            )],
            answers: &[("/api/Asset", 403, "")],
            check: "permission-read-assets",
            says: "lacks the permission read:assets",
            ..NOTHING
        },
        Row {
            wrong: "a permission is missing and the token does not tell",
            settings: &[("token:identity", "tenant acme, scopes all")],
            answers: &[("/api/Asset", 403, "")],
            check: "permission-read-assets",
            says: "read:assets is missing, or the selected agent",
            ..NOTHING
        },
        Row {
            wrong: "the agent may less than the application",
            answers: &[("/api/Asset", 403, "")],
            check: "permission-read-assets",
            says: "the agent may not use it",
            ..NOTHING
        },
        Row {
            wrong: "nobody can tell whether tickets may be edited",
            settings: &[("token:identity", "")],
            check: "permission-edit-tickets",
            severity: NOTE,
            says: "cannot be seen without writing",
            ..NOTHING
        },
        Row {
            wrong: "the unregistered contact was not created",
            answers: &[("/api/Users", 200, r#"{"users":[]}"#)],
            check: "unregistered-contact",
            says: "no contact unregistered@helpdeskbuttons.com",
            ..NOTHING
        },
        Row {
            wrong: "the unregistered contact has another address than the setting",
            settings: &[("unregistered-contact", "help@msp.example")],
            check: "unregistered-contact",
            says: "no contact help@msp.example",
            suggestion: Some(("unregistered-contact", "unregistered@helpdeskbuttons.com")),
            ..NOTHING
        },
        Row {
            wrong: "the unregistered contact is inactive",
            answers: &[("/api/Users", 200, &inactive)],
            check: "unregistered-contact",
            says: "is inactive",
            ..NOTHING
        },
        Row {
            wrong: "the unregistered contact belongs nowhere",
            answers: &[("/api/Users", 200, &homeless)],
            check: "unregistered-contact",
            says: "no client and site",
            ..NOTHING
        },
        Row {
            wrong: "there are two unregistered contacts",
            answers: &[("/api/Users", 200, &twice)],
            check: "unregistered-contact",
            severity: WARNING,
            says: "2 contacts",
            ..NOTHING
        },
        Row {
            wrong: "a default does not exist in Halo",
            settings: &[("default:team", "1st Lin")],
            check: "defaults",
            severity: WARNING,
            says: "no team named 1st Lin",
            suggestion: Some(("default:team", "1st Line")),
            ..NOTHING
        },
        Row {
            wrong: "a default that the field cannot hold",
            settings: &[("default:impact", "low")],
            check: "defaults",
            severity: WARNING,
            says: "whole number",
            ..NOTHING
        },
        Row {
            wrong: "impact and urgency have no default",
            settings: &[("default:urgency", "")],
            check: "defaults",
            severity: NOTE,
            says: "impact and urgency",
            suggestion: Some(("default:urgency", "3")),
            ..NOTHING
        },
        Row {
            wrong: "the agent has no default",
            settings: &[("default:agent", "")],
            check: "defaults",
            severity: NOTE,
            says: "the agent",
            suggestion: Some(("default:agent", "Unassigned")),
            ..NOTHING
        },
        Row {
            wrong: "the outcome of the setting does not exist",
            settings: &[("private-note-outcome", "Privat Note")],
            check: "private-note-outcome",
            severity: WARNING,
            says: "no Outcome Privat Note",
            ..NOTHING
        },
        Row {
            wrong: "no outcome fits",
            answers: &[("/api/Outcome", 200, r#"[{"id":16,"outcome":"Email User"}]"#)],
            check: "private-note-outcome",
            says: "no Outcome for private notes",
            ..NOTHING
        },
        Row {
            wrong: "the outcomes may not be read",
            answers: &[("/api/Outcome", 403, "")],
            check: "private-note-outcome",
            severity: WARNING,
            says: "could not be read",
            ..NOTHING
        },
        Row {
            wrong: "tickets with the default Client/Site must be moved",
            check: "note-permission",
            severity: NOTE,
            says: "Tickets with the default Client/Site must be moved before working on the Ticket",
            ..NOTHING
        },
        Row {
            wrong: "there is no webhook",
            answers: &[(
                "/api/Webhook",
                200,
                r#"[{"name":"Other","url":"https://o.example"}]"#,
            )],
            check: "webhook",
            severity: NOTE,
            says: "no webhook",
            ..NOTHING
        },
        Row {
            wrong: "the webhook is off and sends a form",
            answers: &[(
                "/api/Webhook",
                200,
                r#"[{"url":"https://gw.example/hook/x","active":false,"content_type":"application/x-www-form-urlencoded"}]"#,
            )],
            check: "webhook",
            severity: WARNING,
            says: "not enabled, its Content Type is not application/json",
            ..NOTHING
        },
        Row {
            wrong: "webhooks may not be read",
            answers: &[("/api/Webhook", 403, "")],
            check: "webhook",
            severity: NOTE,
            says: "may not be read",
            ..NOTHING
        },
    ];
    for row in rows {
        let host = healthy();
        for (path, status, body) in row.answers {
            host.forget_answers("GET", path);
            host.answer("GET", path, *status, body);
        }
        if row.check == "clock" {
            host.forget_answers("GET", "/api/authinfo");
            host.answer_with(
                "GET",
                "/api/authinfo",
                200,
                &[("date", "Sun, 06 Nov 1994 09:49:37 GMT")],
                AUTHINFO,
            );
        }
        let findings = found(&host, row.check, row.settings);
        let named = findings.iter().find(|finding| finding.summary.contains(row.says));
        let named = named.unwrap_or_else(|| panic!("{}: {findings:?}", row.wrong));
        assert_eq!(named.severity, row.severity, "{}: {}", row.wrong, named.summary);
        if let Some((setting, value)) = row.suggestion {
            let wanted = Some((setting.to_owned(), value.to_owned()));
            assert_eq!(named.suggestion, wanted, "{}", row.wrong);
        }
    }
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
