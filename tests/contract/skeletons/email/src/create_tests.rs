use super::*;
use crate::bindings::exports::helpbell::psa::describe::RequestEffect;
use crate::describe::API;
use crate::glue::check::{REFERENCE, answer, assert_declared, body, context, draft, proves_refusal};

const FROM: &str = "helpbell@msp.example";
const SETTINGS: [(&str, &str); 3] = [
    ("server", "https://mail.msp.example"),
    ("from", FROM),
    ("to", "support@msp.example"),
];

fn session() -> Session {
    crate::auth::session_for_tests("https://mail.msp.example/jmap")
}

fn sender() -> Sender {
    Sender {
        api_path: "/",
        account: "u1".to_owned(),
        drafts: "d1".to_owned(),
        sent: "s1".to_owned(),
        identity: "i1".to_owned(),
    }
}

fn mail(draft: &Draft) -> (Value, Vec<Correction>) {
    let (request, corrections) = build_request(&context(&SETTINGS, None), draft, &sender()).unwrap();
    (
        body(&request)["methodCalls"][0][1]["create"]["mail"].clone(),
        corrections,
    )
}

#[test]
fn a_mail_is_a_declared_effect_that_carries_the_press_twice() {
    let (request, corrections) = build_request(&context(&SETTINGS, None), &draft(&[]), &sender()).unwrap();
    assert_declared(API, request.method, &request.path, RequestEffect::Effect);
    let (mail, _) = mail(&draft(&[]));
    assert_eq!(mail["messageId"], json!([format!("{REFERENCE}@msp.example")]));
    assert_eq!(mail["header:X-Helpbell-Reference:asText"], REFERENCE);
    assert_eq!(mail["to"], json!([{ "email": "support@msp.example" }]));
    assert!(corrections.is_empty());
}

#[test]
fn creating_and_submitting_are_one_request() {
    let (request, _) = build_request(&context(&SETTINGS, None), &draft(&[]), &sender()).unwrap();
    let calls = body(&request)["methodCalls"].as_array().unwrap().clone();
    let names: Vec<_> = calls.iter().map(|call| call[0].as_str().unwrap()).collect();
    assert_eq!(names, ["Email/set", "EmailSubmission/set"]);
    let submission = &calls[1][1];
    assert_eq!(
        submission["create"]["submission"],
        json!({ "identityId": "i1", "emailId": "#mail" })
    );
    assert_eq!(
        submission["onSuccessUpdateEmail"]["#submission"],
        json!({ "mailboxIds/d1": null, "mailboxIds/s1": true, "keywords/$draft": null })
    );
}

/// Whether the host takes this answer, with 200, as proof that no mail was sent.
fn proves_nothing_sent(said: &str) -> bool {
    proves_refusal(API, "POST", "/", &answer(200, said))
}

#[test]
fn looking_up_the_sender_is_declared_an_effect_and_its_answer_proves_that_it_was_none() {
    // Both go to one method and path: only what comes back tells them apart.
    let lookup = sender_request(&session());
    assert_declared(API, lookup.method, &lookup.path, RequestEffect::Effect);
    assert!(proves_nothing_sent(SENDER_FOUND));
}

#[test]
fn a_sender_survives_the_cache_and_what_is_no_sender_does_not() {
    assert_eq!(Sender::from_bytes(&sender().to_bytes()), Some(sender()));
    for kept in [
        "",
        "[]",
        "{}",
        r#"["/other","u1","d1","s1","i1"]"#,
        r#"["/","u1","d1","s1",1]"#,
    ] {
        assert_eq!(Sender::from_bytes(kept.as_bytes()), None, "{kept}");
    }
}

#[test]
fn the_person_is_answered_but_never_impersonated() {
    let (mail, _) = mail(&draft(&[]));
    assert_eq!(mail["from"], json!([{ "email": FROM }]));
    assert_eq!(
        mail["replyTo"],
        json!([{ "name": "Ada Lovelace", "email": "ada@example.com" }])
    );
}

#[test]
fn an_address_with_a_line_break_is_left_out_and_reported() {
    for email in ["", "ada", "a@b\r\nBcc: c@d"] {
        let mut draft = draft(&[]);
        draft.person.email = email.to_owned();
        let (mail, corrections) = mail(&draft);
        assert!(mail.get("replyTo").is_none(), "{email}");
        assert_eq!(corrections[0].used.as_deref(), Some(FROM));
    }
}

#[test]
fn a_disclaimer_is_text_in_both_bodies() {
    let (mail, _) = mail(&draft(&[("email_disclaimer", "<script>")]));
    assert!(
        mail["bodyValues"]["text"]["value"]
            .as_str()
            .unwrap()
            .starts_with("<script>\n\n")
    );
    assert!(
        mail["bodyValues"]["html"]["value"]
            .as_str()
            .unwrap()
            .starts_with("<p>&lt;script&gt;</p>")
    );
}

const SENDER_FOUND: &str = r#"{"methodResponses":[["Mailbox/get",{"list":[{"id":"x","role":null},
    {"id":"d","role":"drafts"},{"id":"s","role":"sent"}]},"mailboxes"],["Identity/get",{"list":
    [{"id":"1","email":"other@msp.example"},{"id":"2","email":"Helpbell@MSP.example"}]},"identities"]],
    "sessionState":"0"}"#;

#[test]
fn mailboxes_are_found_by_role_and_the_identity_by_address() {
    let found = read_sender(&session(), FROM, &answer(200, SENDER_FOUND)).unwrap();
    assert_eq!(
        (
            found.drafts.as_str(),
            found.sent.as_str(),
            found.identity.as_str()
        ),
        ("d", "s", "2")
    );
}

#[test]
fn a_sender_that_is_no_identity_is_blamed_on_the_setting() {
    let failure = read_sender(
        &session(),
        FROM,
        &answer(
            200,
            r#"{"methodResponses":[["Mailbox/get",{"list":[]},"mailboxes"],["Identity/get",{"list":[]},"identities"]]}"#,
        ),
    )
    .unwrap_err();
    assert_eq!(
        (failure.kind, failure.field.as_deref()),
        (FailureKind::Forbidden, Some("from"))
    );
}

/// With the members that a server may fill with null, and the answer to `onSuccessUpdateEmail`.
const SENT: &str = r#"{"methodResponses":[["Email/set",{"created":{"mail":{"id":"M1"}},"notCreated":null},"mail"],
    ["EmailSubmission/set",{"created":{"submission":{"id":"S1"}},"notCreated":null},"submission"],
    ["Email/set",{"updated":{"M1":null},"notUpdated":null},"submission"]],"sessionState":"0"}"#;

#[test]
fn a_sent_mail_is_read_although_a_third_answer_shares_the_id() {
    let ticket = read_answer(REFERENCE, FROM, &answer(200, SENT)).unwrap();
    assert_eq!(ticket.id, format!("{REFERENCE}@msp.example"));
}

#[test]
fn a_sent_mail_is_never_taken_for_a_refusal() {
    // `/notCreated` alone would lead to the null: a mail that was sent would be sent again.
    assert!(
        answer(200, SENT)
            .json()
            .unwrap()
            .pointer("/methodResponses/0/1/notCreated")
            .is_some()
    );
    assert!(!proves_nothing_sent(SENT));
}

/// Asserts that the connector fails so, and that the host, which sees the answer too, agrees with it.
fn assert_refused(said: &str, kind: FailureKind, words: &str) {
    let failure = read_answer(REFERENCE, FROM, &answer(200, said)).unwrap_err();
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (kind, "email.not-sent"),
        "{said}"
    );
    assert!(failure.message.contains(words), "{}", failure.message);
    assert!(proves_nothing_sent(said), "{said}");
}

#[test]
fn a_mail_that_was_not_made_is_a_failure_and_a_proven_refusal() {
    assert_refused(
        r#"{"methodResponses":[["Email/set",{"created":null,"notCreated":{"mail":{"type":"tooLarge",
        "description":"over 50 MB"}}},"mail"],["EmailSubmission/set",{"notCreated":{"submission":
        {"type":"invalidProperties"}}},"submission"]]}"#,
        FailureKind::InvalidInput,
        "over 50 MB",
    );
}

#[test]
fn a_mail_that_was_made_but_not_submitted_is_a_failure_and_a_proven_refusal() {
    assert_refused(
        r#"{"methodResponses":[["Email/set",{"created":{"mail":{"id":"M1"}}},"mail"],["EmailSubmission/set",
        {"created":null,"notCreated":{"submission":{"type":"forbiddenToSend","description":"over quota"}}},
        "submission"]]}"#,
        FailureKind::Forbidden,
        "over quota",
    );
}

#[test]
fn a_first_call_that_failed_as_a_whole_is_a_failure_and_a_proven_refusal() {
    assert_refused(
        r#"{"methodResponses":[["error",{"type":"serverUnavailable"},"mail"],
        ["error",{"type":"invalidResultReference"},"submission"]]}"#,
        FailureKind::Unavailable,
        "serverUnavailable",
    );
}

#[test]
fn a_second_call_that_failed_as_a_whole_proves_nothing() {
    // `serverPartialFail` may have sent it, and a pointer cannot ask which type it was.
    let said = r#"{"methodResponses":[["Email/set",{"created":{"mail":{"id":"M1"}}},"mail"],
        ["error",{"type":"serverPartialFail"},"submission"]]}"#;
    assert!(read_answer(REFERENCE, FROM, &answer(200, said)).is_err());
    assert!(!proves_nothing_sent(said));
}

#[test]
fn what_neither_confirms_nor_refuses_is_not_taken_for_a_mail() {
    for text in [
        "",
        "{}",
        r#"{"methodResponses":[]}"#,
        r#"{"methodResponses":[["Email/set",{},"mail"]]}"#,
    ] {
        let failure = read_answer(REFERENCE, FROM, &answer(200, text)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Internal, "{text}");
    }
}
