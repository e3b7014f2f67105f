use helpbell_connector::FailureKind;
use helpbell_connector::testing::ScriptedHost;

use super::*;
use crate::test_support::{HOSTED, OUTCOMES, host};

const STATUSES: &str = r#"[{"id":1,"name":"New","type":0},{"id":4,"name":"With Supplier","type":1},
    {"id":8,"name":"Cancelled","type":2},{"id":9,"name":"Closed","type":2}]"#;

fn halo(ticket: &str, actions: &str) -> ScriptedHost {
    let host = host();
    host.answer("GET", "/api/Status", 200, STATUSES);
    host.answer(
        "GET",
        "/api/Agent",
        200,
        r#"[{"id":1,"name":"Unassigned"},{"id":5,"name":"Ann"}]"#,
    );
    host.answer("GET", "/api/Outcome", 200, OUTCOMES);
    host.answer("GET", "/api/Tickets/1234", 200, ticket);
    host.answer(
        "GET",
        "/api/Actions",
        200,
        &format!(r#"{{"actions":[{actions}]}}"#),
    );
    host
}

fn state(ticket: &str, actions: &str) -> TicketState {
    get(&halo(ticket, actions).call(&HOSTED), "1234")
        .map_err(|failure| failure.message)
        .unwrap()
}

#[test]
fn a_ticket_is_shown_with_its_names() {
    let state = state(
        r#"{"id":1234,"summary":"Printer","status_id":4,"agent_id":5,"last_update":"2026-11-02T10:11:12.5"}"#,
        "",
    );
    assert_eq!(
        (
            state.summary.as_str(),
            state.status.as_str(),
            state.phase.as_str()
        ),
        ("Printer", "With Supplier", "waiting")
    );
    assert_eq!(
        (state.agent.as_deref(), state.updated.as_deref()),
        (Some("Ann"), Some("2026-11-02T10:11:12.5Z"))
    );
    assert_eq!(
        state.ticket.url.as_deref(),
        Some("https://acme.halopsa.com/ticket?id=1234")
    );
}

#[test]
fn the_type_of_a_status_and_not_its_name_decides_the_phase() {
    assert_eq!(state(r#"{"id":1234,"status_id":8}"#, "").phase, "closed");
    assert_eq!(
        state(
            r#"{"id":1234,"status_id":1,"agent_id":1,"last_update":"1899-12-30T00:00:00"}"#,
            ""
        )
        .phase,
        "open"
    );
    let host = halo(
        r#"{"id":1234,"status_id":8,"status_name":"Closed (Duplicate)"}"#,
        "",
    );
    host.forget_answers("GET", "/api/Status");
    host.answer("GET", "/api/Status", 403, "");
    let state = get(&host.call(&HOSTED), "1234")
        .map_err(|failure| failure.message)
        .unwrap();
    assert_eq!(
        (state.phase.as_str(), state.status.as_str()),
        ("closed", "Closed (Duplicate)")
    );
}

#[test]
fn nobody_and_no_date_are_absent() {
    let state = state(
        r#"{"id":1234,"status_id":1,"agent_id":1,"last_update":"1899-12-30T00:00:00"}"#,
        "",
    );
    assert_eq!((state.agent, state.updated), (None, None));
}

#[test]
fn the_last_public_word_of_somebody_else_is_shown_and_never_a_private_one() {
    let state = state(
        r#"{"id":1234,"status_id":1,"user_name":"Maria"}"#,
        r#"{"id":1,"who":"Ann","datetime":"2026-11-02T10:00:00","hiddenfromuser":false,"note":"First"},
           {"id":2,"who":"Ann","datetime":"2026-11-02T12:00:00","hiddenfromuser":false,"note":"","note_html":"<p>We look&nbsp;into it</p>"},
           {"id":3,"who":"Ann","datetime":"2026-11-02T13:00:00","hiddenfromuser":true,"note":"private"},
           {"id":4,"who":"Ann","datetime":"2026-11-02T14:00:00","note":"who knows"},
           {"id":5,"who":"Maria","datetime":"2026-11-02T15:00:00","hiddenfromuser":false,"note":"Any news?"}"#,
    );
    assert_eq!(state.last_public_note.as_deref(), Some("We look into it"));
}

#[test]
fn a_ticket_that_does_not_exist_is_not_found() {
    let host = host();
    host.answer("GET", "/api/Tickets/77", 404, "");
    assert_eq!(
        get(&host.call(&HOSTED), "77").unwrap_err().kind,
        FailureKind::NotFound
    );
    assert_eq!(
        get(&host.call(&HOSTED), "7/../../Agent").unwrap_err().kind,
        FailureKind::NotFound
    );
    assert_eq!(
        host.requests().len(),
        1,
        "what is no number is never put into a path"
    );
}

#[test]
fn closing_writes_the_reason_and_then_sets_the_status_called_closed() {
    let host = halo("{}", "");
    host.answer("POST", "/api/Actions", 201, r#"{"id":3}"#);
    host.answer("POST", "/api/Tickets", 201, r#"{"id":1234}"#);
    close(&host.call(&HOSTED), "1234", "duplicate of <5>")
        .map_err(|failure| failure.message)
        .unwrap();
    let sent = host.requests();
    let (note, status) = (sent[2].json(), sent[3].json());
    assert_eq!(
        (note[0]["note_html"].as_str(), note[0]["hiddenfromuser"].as_bool()),
        (Some("<p>duplicate of &lt;5&gt;</p>"), Some(true))
    );
    assert_eq!(status, json!([{"id": 1234, "status_id": 9}]));
}

#[test]
fn a_refused_reason_does_not_keep_a_duplicate_open_but_is_reported() {
    let host = halo("{}", "");
    host.answer("POST", "/api/Actions", 403, "");
    host.answer("POST", "/api/Tickets", 200, r#"{"id":1234}"#);
    assert_eq!(
        close(&host.call(&HOSTED), "1234", "test").unwrap_err().code,
        "halo.default-site-rule"
    );
    assert_eq!(
        host.take_requests().last().map(String::as_str),
        Some("POST /api/Tickets")
    );
}
