use super::*;
use crate::test_support::{SETTINGS, host};
use helpbell_connector::FailureKind;
use helpbell_connector::testing::ScriptedHost;

const TICKET: &str = "/rt/REST/2.0/ticket/5";

fn rt(status: &str, changes: &[&str]) -> ScriptedHost {
    let host = host();
    let changes: Vec<String> = changes
        .iter()
        .map(|to| format!(r#"{{"ref":"lifecycle","to":"{to}"}}"#))
        .collect();
    host.answer(
        "GET",
        TICKET,
        200,
        &format!(
            r#"{{"id":5,"Subject":"Printer","Status":"{status}","LastUpdated":"2026-11-25T10:44:13Z",
                "Owner":{{"id":"lars","RealName":"Lars Berg"}},"Requestor":[{{"id":"maria.rossi"}}],
                "_hyperlinks":[{}]}}"#,
            changes.join(",")
        ),
    );
    host.answer("GET", "/rt/REST/2.0/ticket/5/history", 200, r#"{"items":[]}"#);
    host
}

#[test]
fn a_ticket_tells_its_status_its_owner_and_what_it_means() {
    for (status, phase) in PHASES {
        let state = get(&rt(status, &[]).call(&SETTINGS), "5").unwrap();
        assert_eq!((state.status.as_str(), state.phase.as_str()), (status, phase));
        assert_eq!(state.agent.as_deref(), Some("Lars Berg"));
        assert_eq!(state.updated.as_deref(), Some("2026-11-25T10:44:13Z"));
    }
}

#[test]
fn rt_is_asked_what_a_status_of_the_operators_means() {
    for (items, phase) in [("", "open"), (r#"{"id":"5"}"#, "closed")] {
        let host = rt("delivered", &[]);
        host.answer(
            "GET",
            "/rt/REST/2.0/tickets",
            200,
            &format!(r#"{{"items":[{items}]}}"#),
        );
        assert_eq!(get(&host.call(&SETTINGS), "5").unwrap().phase, phase);
    }
}

#[test]
fn the_last_answer_is_somebody_elses_and_never_a_comment() {
    let host = rt("open", &[]);
    host.forget_answers("GET", "/rt/REST/2.0/ticket/5/history");
    host.answer(
        "GET",
        "/rt/REST/2.0/ticket/5/history",
        200,
        r#"{"items":[{"id":"9","Type":"Comment","Creator":{"id":"lars"}},{"id":"8","Type":"Correspond","Creator":{"id":"maria.rossi"}},
            {"id":"7","Type":"Correspond","Creator":{"id":"lars"}},{"id":"6","Type":"Correspond","Creator":{"id":"lars"}}]}"#,
    );
    host.answer(
        "GET",
        "/rt/REST/2.0/transaction/7/attachments",
        200,
        r#"{"items":[{"ContentType":"multipart/mixed","Content":""},{"ContentType":"text/html","Filename":"x.html","Content":"file"},
            {"ContentType":"text/html","Filename":"","Content":"<p>Is it &amp; <b>on</b>?</p>"}]}"#,
    );
    let state = get(&host.call(&SETTINGS), "5").unwrap();
    assert_eq!(state.last_public_note.as_deref(), Some("Is it & on ?"));
}

#[test]
fn closing_takes_a_status_that_is_within_reach_and_sees_whether_rt_took_it() {
    let host = rt("open", &["stalled", "resolved", "rejected"]);
    host.answer_with(
        "POST",
        "/rt/REST/2.0/ticket/5/comment",
        201,
        &[("location", "/transaction/9")],
        "[]",
    );
    // RT says 201 to the comment and leaves the status.
    let failure = close(&host.call(&SETTINGS), "5", "a <duplicate>").unwrap_err();
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (FailureKind::Forbidden, "request-tracker.cannot-close")
    );
    let sent = host
        .requests()
        .into_iter()
        .find(|sent| sent.method == "POST")
        .unwrap()
        .json();
    assert_eq!(
        (sent["Status"].as_str(), sent["Content"].as_str()),
        (Some("resolved"), Some("<p>a &lt;duplicate&gt;</p>"))
    );

    assert!(failure.help.unwrap().contains("ModifyTicket"));
}

#[test]
fn closing_takes_what_the_operators_lifecycle_offers_and_resolved_where_nothing_is_offered() {
    for (offered, sent_status) in [(&["open", "done"][..], "done"), (&["open"], "resolved")] {
        let host = rt("stalled", offered);
        host.answer_with(
            "POST",
            "/rt/REST/2.0/ticket/5/comment",
            201,
            &[("location", "/transaction/9")],
            "[]",
        );
        close(&host.call(&SETTINGS), "5", "x").unwrap_err();
        let sent = host
            .requests()
            .into_iter()
            .find(|sent| sent.method == "POST")
            .unwrap()
            .json();
        assert_eq!(sent["Status"], sent_status);
    }
}

#[test]
fn a_ticket_that_is_closed_gets_its_reason_only() {
    let host = rt("resolved", &["open"]);
    host.answer_with(
        "POST",
        "/rt/REST/2.0/ticket/5/comment",
        201,
        &[("location", "/transaction/9")],
        "[]",
    );
    close(&host.call(&SETTINGS), "5", "x").unwrap();
    let sent = host
        .requests()
        .into_iter()
        .find(|sent| sent.method == "POST")
        .unwrap()
        .json();
    assert!(sent.get("Status").is_none());
}

#[test]
fn an_id_that_is_no_number_reaches_no_path() {
    for id in ["", "../queue/1", "5/take", "x"] {
        let host = host();
        assert_eq!(
            get(&host.call(&SETTINGS), id).unwrap_err().kind,
            FailureKind::NotFound
        );
        assert!(host.requests().is_empty());
    }
}
