use super::*;
use crate::test_support::{SETTINGS, host};
use helpbell_connector::testing::ScriptedHost;

/// The findings of a check as `severity: summary`.
fn found(host: &ScriptedHost, check: &str, settings: &[(&str, &str)]) -> Vec<String> {
    let all: Vec<_> = SETTINGS.iter().chain(settings).copied().collect();
    let findings = examine(&host.call(&all), check).unwrap();
    for finding in &findings {
        let cured = finding.severity == OK || !finding.cure.is_empty();
        assert!(cured && finding.guide.is_some(), "{finding:?}");
    }
    findings
        .iter()
        .map(|finding| format!("{}: {}", finding.severity, finding.summary))
        .collect()
}

#[test]
fn every_paragraph_that_is_named_is_in_the_guide() {
    const GUIDE: &str = include_str!("../../../docs/request-tracker.md");
    // The host's own checks have theirs there, too.
    for anchor in [
        "server",
        "user",
        "rights",
        "defaults",
        "assets",
        "limits",
        "note-permission",
        "configuration",
        "network",
        "sign-in",
        "clock",
        "write-test",
        "not-examined",
    ] {
        assert!(GUIDE.contains(&format!("<a id=\"{anchor}\"></a>")), "{anchor}");
    }
}

#[test]
fn every_check_can_be_examined_and_no_other() {
    let host = host();
    for check in checks() {
        let failure = examine(&host.call(&[]), &check.id).unwrap_err();
        assert_eq!(failure.code, "settings.missing", "{}", check.id);
    }
    assert_eq!(
        examine(&host.call(&SETTINGS), "x").unwrap_err().code,
        "request-tracker.no-such-check"
    );
}

#[test]
fn an_older_version_is_told_and_a_web_page_is_not_taken_for_rt() {
    let host = host();
    host.answer("GET", "/rt/REST/2.0/rt", 200, r#"{"Version":"4.4.6"}"#);
    assert_eq!(
        found(&host, "server", &[]),
        ["note: this is Request Tracker 4.4.6"]
    );
    let page = ScriptedHost::new();
    page.answer(
        "GET",
        "/rt/REST/2.0/rt",
        404,
        "<!DOCTYPE html><title>Page not found</title>",
    );
    assert!(found(&page, "server", &[])[0].starts_with("problem: this is not Request Tracker's API"));
}

#[test]
fn whoever_may_not_search_people_is_told_apart_from_whoever_is_not_privileged() {
    let answers = [
        (200, r#"{"items":[{"id":"Nobody","Name":"Nobody"}]}"#, "ok"),
        (
            200,
            r#"{"items":[{"id":"a","Name":"a"},{"id":"Nobody","Name":"Nobody"}]}"#,
            "warning",
        ),
        (403, r#"{"message":"Forbidden"}"#, "problem"),
    ];
    for (status, body, severity) in answers {
        let host = host();
        host.answer("GET", "/rt/REST/2.0/users", status, body);
        assert!(found(&host, "people", &[])[0].starts_with(severity), "{body}");
    }
}

#[test]
fn a_default_queue_that_is_not_there_is_a_problem_with_the_nearest() {
    assert_eq!(
        found(&host(), "queue", &[("default:queue", "orders")]),
        ["ok: tickets go to the queue Orders"]
    );
    assert!(found(&host(), "queue", &[])[0].starts_with("note: no default says which queue"));
    let host = host();
    let call = host.call(&[SETTINGS[0], ("default:queue", "Order")]);
    let findings = examine(&call, "queue").unwrap();
    assert_eq!(findings[0].severity, PROBLEM);
    assert_eq!(
        findings[0].suggestion,
        Some(("queue".to_owned(), "Orders".to_owned()))
    );
}

#[test]
fn every_default_is_examined_as_a_press_would() {
    let host = host();
    let good = [
        ("default:queue", "Service Desk"),
        ("default:cf.Category", "hardware"),
        ("default:status", "open"),
    ];
    assert_eq!(
        found(&host, "defaults", &good),
        ["ok: all 2 defaults exist in Request Tracker"]
    );
    let wrong = [("default:cf.Category", "x"), ("default:priority", "Urgent")];
    let told = found(&host, "defaults", &wrong);
    assert_eq!(told.len(), 2);
    assert!(
        told.iter().all(|told| told.starts_with("warning: the default ")),
        "{told:?}"
    );
}

#[test]
fn comments_are_judged_by_what_may_be_done_to_a_ticket() {
    let may = r#"{"items":[{"id":"5","_hyperlinks":[{"ref":"comment"}]}]}"#;
    let may_not = r#"{"items":[{"id":"5","_hyperlinks":[{"ref":"self"}]}]}"#;
    let of = |tickets: &str, history: &str| {
        let host = host();
        host.answer("GET", "/rt/REST/2.0/tickets", 200, tickets);
        host.answer("GET", "/rt/REST/2.0/ticket/5/history", 200, history);
        found(&host, "comments", &[]).remove(0)
    };
    let with = r#"{"items":[{"id":"1","Type":"Create"},{"id":"2","Type":"Comment"}]}"#;
    let without = r#"{"items":[{"id":"1","Type":"Create"}]}"#;
    assert_eq!(of(may, with), "ok: private comments may be written");
    assert!(of(may, without).starts_with("warning: Helpbell's user sees no comment"));
    let may_change = r#"{"items":[{"id":"5","_hyperlinks":[{"ref":"lifecycle","to":"open"}]}]}"#;
    assert!(of(may_change, with).starts_with("ok: "));
    assert!(of(may_not, with).starts_with("problem: Helpbell's user may not write comments"));
    assert!(of(r#"{"items":[]}"#, with).starts_with("note: "));
}

#[test]
fn a_catalog_is_examined_only_where_one_is_set() {
    let host = host();
    host.answer(
        "GET",
        "/rt/REST/2.0/catalogs/all",
        200,
        r#"{"items":[{"id":"1","Name":"General assets"}]}"#,
    );
    assert!(found(&host, "assets", &[])[0].starts_with("ok: no computers"));
    assert!(found(&host, "assets", &[("asset-catalog", "general assets")])[0].starts_with("ok: computers"));
    let told = found(&host, "assets", &[("asset-catalog", "Generl assets")]);
    assert_eq!(told, ["warning: there is no catalog named Generl assets"]);
}
