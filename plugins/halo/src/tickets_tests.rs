use helpbell_connector::testing::ScriptedHost;

use super::*;
use crate::test_support::{HOSTED, REFERENCE, draft, host};

fn created(host: &ScriptedHost, draft: &Draft) -> Created {
    create(&host.call(&HOSTED), draft)
        .map_err(|failure| failure.message)
        .unwrap()
}

#[test]
fn a_press_becomes_one_post_of_an_array_of_one() {
    let host = host();
    host.answer(
        "POST",
        "/api/Tickets",
        201,
        r#"{"id":1234,"summary":"x","dateclosed":"1899-12-30T00:00:00"}"#,
    );
    let created = created(&host, &draft(&[("impact", "3")]));
    assert_eq!(
        (created.ticket.id.as_str(), created.ticket.number.as_str()),
        ("1234", "1234")
    );
    assert_eq!(
        created.ticket.url.as_deref(),
        Some("https://acme.halopsa.com/ticket?id=1234")
    );
    let [sent] = &host.requests()[..] else {
        panic!("exactly one request: {:?}", host.requests())
    };
    let footer = format!("<p style=\"color:#888;font-size:11px\">[hb:{REFERENCE}]</p>");
    assert_eq!(
        sent.json(),
        json!([{
            "summary": "Printer \"down\"",
            "details_html": format!("<p>It does not print</p>{footer}"),
            "third_party_id_string": REFERENCE,
            "user_id": 55, "client_id": 10, "site_id": 100,
            "assets": [{"id": 7, "client_id": 10, "site_id": 100}],
            "impact": 3,
        }])
    );
    assert!(
        sent.headers
            .contains(&("accept".into(), "application/json".into()))
    );
}

#[test]
fn every_shape_of_a_good_answer_is_read() {
    let wide: String = (0..900)
        .map(|n| format!("\"f{n}\":\"{}\",", "x".repeat(90)))
        .collect();
    let wide = format!("{{{wide}\"id\":\"8\",\"nested\":{{\"id\":9}}}}");
    for (status, body, id) in [
        (200, r#"{"id":5}"#, "5"),
        (201, r#"[{"id":"6"}]"#, "6"),
        (201, r#"{"id":7.0}"#, "7"),
        (201, &wide, "8"),
    ] {
        let host = host();
        host.answer("POST", "/api/Tickets", status, body);
        assert_eq!(created(&host, &draft(&[])).ticket.id, id);
    }
}

#[test]
fn a_ticket_without_contact_and_device_leaves_them_out() {
    let host = host();
    host.answer("POST", "/api/Tickets", 201, r#"{"id":1}"#);
    created(
        &host,
        &Draft {
            contact: None,
            device: None,
            ..draft(&[])
        },
    );
    let sent = host.requests()[0].json();
    let members: Vec<&str> = sent[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["details_html", "summary", "third_party_id_string"]);
}

#[test]
fn a_resource_server_without_a_path_gets_the_vendors_api_path() {
    let host = host();
    host.answer("POST", "/api/Tickets", 201, r#"{"id":1}"#);
    host.answer("POST", "/halo/API/Tickets", 201, r#"{"id":3}"#);
    let url = |settings: &[(&str, &str)]| {
        let created = create(&host.call(settings), &draft(&[]))
            .map_err(|failure| failure.message)
            .unwrap();
        created.ticket.url.unwrap()
    };
    assert_eq!(
        url(&[("resource-server", "https://h.example/")]),
        "https://h.example/ticket?id=1"
    );
    assert_eq!(
        url(&[("resource-server", "https://h.example/halo/API/")]),
        "https://h.example/halo/ticket?id=3"
    );
}

#[test]
fn the_web_address_wins_over_the_resource_server() {
    let host = host();
    host.answer("POST", "/api/Tickets", 201, r#"{"id":1}"#);
    let settings = [
        ("resource-server", "https://h.example/api/"),
        ("web-address", "https://desk.example/"),
    ];
    let created = create(&host.call(&settings), &draft(&[]))
        .map_err(|failure| failure.message)
        .unwrap();
    assert_eq!(
        created.ticket.url.as_deref(),
        Some("https://desk.example/ticket?id=1")
    );
}

#[test]
fn a_mandatory_field_is_named_with_the_guides_cure() {
    for (message, field) in [
        ("Please enter a value for Impact", "impact"),
        ("Urgency is mandatory", "urgency"),
        ("A Category must be selected", "category_1"),
    ] {
        let host = host();
        let body = format!(r#"{{"ClassName":"System.Exception","Message":"{message}"}}"#);
        host.answer("POST", "/api/Tickets", 400, &body);
        let failure = create(&host.call(&HOSTED), &draft(&[])).unwrap_err();
        assert_eq!(
            (failure.kind, failure.field.as_deref()),
            (FailureKind::InvalidInput, Some(field))
        );
        assert!(
            failure.message.contains(message) && failure.help.is_some(),
            "{failure:?}"
        );
    }
}

#[test]
fn after_a_refusal_nothing_remembered_is_trusted() {
    let host = host();
    host.answer("GET", "/api/Team", 200, r#"[{"id":3,"name":"1st Line"}]"#);
    host.answer("POST", "/api/Tickets", 400, r#"{"Message":"Invalid site"}"#);
    let call = host.call(&HOSTED);
    let fields = [("team", "1st Line")];
    assert!(create(&call, &draft(&fields)).is_err());
    assert!(create(&call, &draft(&fields)).is_err());
    assert_eq!(
        host.take_requests(),
        [
            "GET /api/Team",
            "POST /api/Tickets",
            "GET /api/Team",
            "POST /api/Tickets"
        ]
    );
}

#[test]
fn a_good_status_without_an_id_is_no_ticket() {
    for body in [r#"{"summary":"x"}"#, "[]", "null"] {
        let host = host();
        host.answer("POST", "/api/Tickets", 201, body);
        assert_eq!(
            create(&host.call(&HOSTED), &draft(&[])).unwrap_err().kind,
            FailureKind::Internal,
            "{body}"
        );
    }
}

#[test]
fn only_a_ticket_with_exactly_this_reference_is_found() {
    let host = host();
    host.answer(
        "GET",
        "/api/Tickets",
        200,
        &format!(
            r#"{{"record_count":4,"tickets":[
            {{"id":1,"third_party_id_string":"{REFERENCE}"}},
            {{"id":2,"details":"please help [hb:{REFERENCE}]"}},
            {{"id":3,"third_party_id_string":"other","details":"[hb:{REFERENCE}-2]"}},
            {{"id":4,"third_party_id_string":"x","details":"unrelated"}}]}}"#
        ),
    );
    host.answer(
        "GET",
        "/api/Tickets/3",
        200,
        r#"{"id":3,"third_party_id_string":"other","details":"[hb:x]"}"#,
    );
    let overwritten = format!(r#"{{"id":4,"third_party_id_string":"x","details":"[hb:{REFERENCE}]"}}"#);
    host.answer("GET", "/api/Tickets/4", 200, &overwritten);
    let found = find(&host.call(&HOSTED), REFERENCE)
        .map_err(|failure| failure.message)
        .unwrap();
    let ids: Vec<&str> = found.iter().map(|ticket| ticket.id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "4"]);
    assert!(
        host.requests()[0]
            .query
            .starts_with(&format!("search_details=hb%3A{REFERENCE}&"))
    );
}

#[test]
fn a_list_that_leaves_the_text_out_is_completed_ticket_by_ticket() {
    let host = host();
    host.answer(
        "GET",
        "/api/Tickets",
        200,
        r#"{"record_count":2,"tickets":[{"id":1,"summary":"a"},{"id":2,"details":"cut o…"}]}"#,
    );
    host.answer("GET", "/api/Tickets/1", 200, r#"{"id":1,"details":"no"}"#);
    host.answer(
        "GET",
        "/api/Tickets/2",
        200,
        &format!(r#"{{"id":2,"details_html":"<p>[hb:{REFERENCE}]</p>"}}"#),
    );
    let found = find(&host.call(&HOSTED), REFERENCE)
        .map_err(|failure| failure.message)
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, "2");
}

#[test]
fn a_search_that_returns_everything_is_not_followed_without_end() {
    let host = host();
    let all: Vec<String> = (0..500).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
    host.answer(
        "GET",
        "/api/Tickets",
        200,
        &format!(r#"{{"tickets":[{}]}}"#, all.join(",")),
    );
    for id in 0..500 {
        host.answer(
            "GET",
            &format!("/api/Tickets/{id}"),
            200,
            &format!(r#"{{"id":{id},"details":"no"}}"#),
        );
    }
    assert!(
        find(&host.call(&HOSTED), REFERENCE)
            .map_err(|failure| failure.message)
            .unwrap()
            .is_empty()
    );
    assert_eq!(host.requests().len(), 1 + CANDIDATES);
}

#[test]
fn an_empty_reference_finds_nothing_and_asks_nothing() {
    let host = host();
    assert!(
        find(&host.call(&HOSTED), "")
            .map_err(|failure| failure.message)
            .unwrap()
            .is_empty()
    );
    assert!(host.requests().is_empty());
}

/// Halo's answer to a field that the ticket type does not have.
const NOT_FOR_THIS_TYPE: &str =
    r#"{"ClassName":"System.Exception","Message":"Impact is not valid for the Ticket Type Incident"}"#;

#[test]
fn a_field_that_halo_refuses_by_name_is_left_out_once_and_reported() {
    let host = host();
    host.answer("POST", "/api/Tickets", 400, NOT_FOR_THIS_TYPE);
    host.answer("POST", "/api/Tickets", 201, r#"{"id":7}"#);
    let created = created(&host, &draft(&[("impact", "3"), ("urgency", "2")]));
    assert_eq!(created.ticket.id, "7");
    let [correction] = &created.corrections[..] else {
        panic!("{:?}", created.corrections)
    };
    assert_eq!(
        (correction.field.as_str(), correction.given.as_str()),
        ("impact", "3")
    );
    assert!(
        correction.reason.contains("not valid for the Ticket Type"),
        "{correction:?}"
    );
    let sent: Vec<Value> = host
        .requests()
        .iter()
        .map(|sent| sent.json()[0].clone())
        .collect();
    assert_eq!(
        (sent[0].get("impact"), sent[1].get("impact")),
        (Some(&json!(3)), None)
    );
    assert_eq!(sent[1]["urgency"], 2);
}

#[test]
fn a_second_refusal_is_final() {
    let host = host();
    host.answer("POST", "/api/Tickets", 400, NOT_FOR_THIS_TYPE);
    let fields = [("impact", "3"), ("urgency", "2")];
    let failure = create(&host.call(&HOSTED), &draft(&fields)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::InvalidInput);
    assert!(failure.help.is_some());
    assert_eq!(host.requests().len(), 2);
}

#[test]
fn nothing_is_sent_twice_unless_halo_certainly_refused_it() {
    for (status, body) in [
        (500, NOT_FOR_THIS_TYPE),
        (403, NOT_FOR_THIS_TYPE),
        (429, "impact"),
        (504, "impact"),
    ] {
        let host = host();
        host.answer("POST", "/api/Tickets", status, body);
        assert!(create(&host.call(&HOSTED), &draft(&[("impact", "3")])).is_err());
        assert_eq!(host.requests().len(), 1, "{status}");
    }
    let cut = host();
    cut.fail(
        "POST",
        "/api/Tickets",
        Failure::timeout("http.timeout", "impact is not valid"),
    );
    assert!(create(&cut.call(&HOSTED), &draft(&[("impact", "3")])).is_err());
    assert_eq!(cut.requests().len(), 1);
}

#[test]
fn every_way_of_halo_to_fail_is_typed_and_has_a_cure() {
    let answers: [(u16, &str); 14] = [
        (400, ""),
        (400, r#"{"[0].site_id":["The value 'x' is not valid."]}"#),
        (
            400,
            r#"{"ClassName":"System.NullReferenceException","Message":"Object reference not set"}"#,
        ),
        (401, ""),
        (403, ""),
        (404, ""),
        (404, "<html><title>404</title></html>"),
        (408, ""),
        (409, "{}"),
        (
            429,
            "Rate Limit Reached - 300 Requests per rolling 5 minute window",
        ),
        (500, r#"{"Message":"boom"}"#),
        (502, "<html><title>Bad gateway</title></html>"),
        (200, "<html><title>Sign in</title></html>"),
        (200, r#"{"cut": "#),
    ];
    for (status, body) in answers {
        let host = host();
        host.answer("POST", "/api/Tickets", status, body);
        host.answer("GET", "/api/Tickets", status, body);
        host.answer("GET", "/api/Users", status, body);
        let call = host.call(&HOSTED);
        let person = draft(&[]).person;
        for failure in [
            create(&call, &draft(&[])).unwrap_err(),
            find(&call, REFERENCE).unwrap_err(),
            contact::find(&call, &person).unwrap_err(),
        ] {
            assert!(failure.help.is_some(), "{status} {body}: {failure:?}");
            assert!(failure.code.starts_with("halo."), "{failure:?}");
        }
    }
}
