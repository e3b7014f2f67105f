use helpbell_connector::FailureKind;

use super::*;

const SECRET: &str = "helpbell:s3cret";
/// `helpbell:s3cret` as RFC 7617 wants it.
const BASIC: &str = "Basic aGVscGJlbGw6czNjcmV0";

fn delivery(authorization: Option<&str>, body: &str) -> Delivery {
    let mut headers = vec![(
        "content-type".to_owned(),
        "application/json; charset=utf-8".to_owned(),
    )];
    headers.extend(authorization.map(|value| ("authorization".to_owned(), value.to_owned())));
    Delivery {
        method: "POST".into(),
        path: "/".into(),
        query: Vec::new(),
        headers,
        body: body.as_bytes().to_vec(),
    }
}

fn ids(body: &str) -> Result<Vec<String>, String> {
    match parse(&delivery(Some(BASIC), body), Some(SECRET)) {
        Ok(hook) => {
            assert!(hook.reply.is_none(), "Halo wants no body");
            Ok(hook.ticket_ids)
        }
        Err(failure) => {
            assert_eq!(failure.kind, FailureKind::InvalidInput);
            assert!(
                failure
                    .help
                    .unwrap()
                    .contains("Configuration > Integration > Webhooks"),
                "{body}"
            );
            Err(failure.code)
        }
    }
}

const GUID: &str = "5f8d1c1e-0000-4000-8000-000000000001";

#[test]
fn every_documented_kind_of_payload_names_its_ticket() {
    let cases = [
        // Key fields.
        format!(
            r#"{{"id":"{GUID}","webhook_id":"{GUID}","event":"New Ticket Logged","object_id":1234,
            "timestamp":"2026-01-01T10:00:00","ticket":{{"id":1234,"summary":"x"}}}}"#
        ),
        // The full object, of an instance that leaves object_id out.
        format!(
            r#"{{"id":"{GUID}","event":"Ticket Updated","ticket":{{"id":1234,"status":{{"id":2,"name":"In Progress"}},
            "agent":{{"id":5}}}},"action":{{"id":3}}}}"#
        ),
        // Event information only.
        format!(r#"{{"id":"{GUID}","webhook_id":"{GUID}","event":"Ticket Updated","object_id":"1234"}}"#),
        // Older shapes, and a note of who did it.
        r#"{"event":"ticket updated by user","ticket_id":1234.0}"#.to_owned(),
        r#"{"event":" New Ticket Logged ","id":1234}"#.to_owned(),
    ];
    for body in cases {
        assert_eq!(ids(&body).unwrap(), ["1234"], "{body}");
    }
}

#[test]
fn a_batch_names_each_ticket_once_and_skips_events_nobody_asked_for() {
    let batch = r#"[{"event":"New Ticket Logged","object_id":7},{"event":"Ticket Updated","object_id":8},
        {"event":"Ticket Updated","object_id":7},{"event":"Ticket Deleted","object_id":9}]"#;
    assert_eq!(ids(batch).unwrap(), ["7", "8"]);
}

#[test]
fn anything_else_is_refused_by_name() {
    for (body, code) in [
        (
            r#"{"event":"Ticket Deleted","object_id":7}"#,
            "halo.webhook-event",
        ),
        (r#"{"object_id":7}"#, "halo.webhook-without-event"),
        (
            r#"{"event":"Ticket Updated","id":"5f8d1c1e"}"#,
            "halo.webhook-without-ticket",
        ),
        (
            r#"{"event":"Ticket Updated","object_id":"7/../8"}"#,
            "halo.webhook-without-ticket",
        ),
        (
            r#"{"event":"Ticket Updated","object_id":-1}"#,
            "halo.webhook-without-ticket",
        ),
        ("[]", "halo.webhook-empty"),
        ("[[]]", "halo.webhook-without-event"),
        ("null", "halo.webhook-without-event"),
        ("event=Ticket+Updated", "halo.webhook-unreadable"),
        ("", "halo.webhook-unreadable"),
    ] {
        assert_eq!(ids(body).unwrap_err(), code, "{body}");
    }
    let mut get = delivery(None, "{}");
    get.method = "GET".into();
    assert_eq!(parse(&get, None).unwrap_err().code, "halo.webhook-form");
    let mut form = delivery(None, "{}");
    form.headers[0].1 = "application/x-www-form-urlencoded".into();
    assert_eq!(parse(&form, None).unwrap_err().code, "halo.webhook-form");
}

#[test]
fn the_agreed_secret_is_taken_as_basic_and_as_bearer() {
    let body = r#"{"event":"Ticket Updated","object_id":7}"#;
    for authorization in [BASIC, "Bearer helpbell:s3cret"] {
        assert!(parse(&delivery(Some(authorization), body), Some(SECRET)).is_ok());
    }
}

#[test]
fn a_delivery_without_the_agreed_secret_is_refused_before_it_is_read() {
    for (authorization, secret, code) in [
        (None, Some(SECRET), "halo.webhook-unauthenticated"),
        (
            Some("Basic aGVscGJlbGw6czNjcmV1"),
            Some(SECRET),
            "halo.webhook-wrong-secret",
        ),
        (Some("Bearer"), Some(SECRET), "halo.webhook-wrong-secret"),
        (Some("Basic Og=="), Some(""), "halo.webhook-wrong-secret"),
        (Some(BASIC), None, "halo.webhook-secret-unknown"),
    ] {
        let failure = parse(&delivery(authorization, "not even JSON"), secret).unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Auth, code));
        assert!(!format!("{failure:?}").contains("s3cret"), "{failure:?}");
    }
}

#[test]
fn without_a_secret_an_unauthenticated_standard_webhook_is_taken() {
    let hook = parse(
        &delivery(None, r#"{"event":"Ticket Updated","object_id":7}"#),
        None,
    );
    assert_eq!(hook.map_err(|failure| failure.code).unwrap().ticket_ids, ["7"]);
}
