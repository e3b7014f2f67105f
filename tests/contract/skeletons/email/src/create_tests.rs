use super::*;
use crate::bindings::exports::helpbell::psa::describe::RequestEffect;
use crate::describe::SERVER;
use crate::glue::check::{REFERENCE, answer, assert_declared, body, context, draft};

const FROM: &str = "helpbell@msp.example";
const SETTINGS: [(&str, &str); 3] = [
    ("server", "mail.msp.example"),
    ("from", FROM),
    ("to", "support@msp.example"),
];

fn session() -> Session {
    crate::auth::session_for_tests(&Base::parse("mail.msp.example", "server").unwrap())
}

fn sender() -> Sender {
    Sender {
        drafts: "d1".to_owned(),
        sent: "s1".to_owned(),
        identity: "i1".to_owned(),
    }
}

fn mail(draft: &Draft) -> (Value, Vec<Correction>) {
    let (request, corrections) =
        build_request(&context(&SETTINGS, None), draft, &session(), &sender()).unwrap();
    (
        body(&request)["methodCalls"][0][1]["create"]["mail"].clone(),
        corrections,
    )
}

#[test]
fn a_mail_is_a_declared_effect_that_carries_the_press_twice() {
    let (request, corrections) =
        build_request(&context(&SETTINGS, None), &draft(&[]), &session(), &sender()).unwrap();
    assert_declared(SERVER, request.method, &request.path, RequestEffect::Effect);
    let (mail, _) = mail(&draft(&[]));
    assert_eq!(mail["messageId"], json!([format!("{REFERENCE}@msp.example")]));
    assert_eq!(mail["header:X-Helpbell-Reference:asText"], REFERENCE);
    assert_eq!(mail["to"], json!([{ "email": "support@msp.example" }]));
    assert!(corrections.is_empty());
}

#[test]
fn creating_and_submitting_are_one_request() {
    let (request, _) = build_request(&context(&SETTINGS, None), &draft(&[]), &session(), &sender()).unwrap();
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

#[test]
fn looking_up_the_sender_cannot_be_told_from_sending() {
    // The finding that this skeleton exists for: both go to one method and path.
    let lookup = sender_request(&session());
    assert_declared(SERVER, lookup.method, &lookup.path, RequestEffect::Effect);
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

#[test]
fn mailboxes_are_found_by_role_and_the_identity_by_address() {
    let found = read_sender(
        FROM,
        &answer(
            200,
            r#"{"methodResponses":[["Mailbox/get",{"list":[{"id":"x","role":null},{"id":"d","role":"drafts"},
            {"id":"s","role":"sent"}]},"mailboxes"],["Identity/get",{"list":[{"id":"1","email":"other@msp.example"},
            {"id":"2","email":"Helpbell@MSP.example"}]},"identities"]],"sessionState":"0"}"#,
        ),
    )
    .unwrap();
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

#[test]
fn a_sent_mail_is_read_although_a_third_answer_shares_the_id() {
    let ticket = read_answer(
        REFERENCE,
        FROM,
        &answer(
            200,
            r#"{"methodResponses":[["Email/set",{"created":{"mail":{"id":"M1"}}},"mail"],
            ["EmailSubmission/set",{"created":{"submission":{"id":"S1"}}},"submission"],
            ["Email/set",{"updated":{"M1":null}},"submission"]],"sessionState":"0"}"#,
        ),
    )
    .unwrap();
    assert_eq!(ticket.id, format!("{REFERENCE}@msp.example"));
}

#[test]
fn a_mail_that_was_made_but_not_submitted_is_a_failure() {
    let failure = read_answer(
        REFERENCE,
        FROM,
        &answer(
            200,
            r#"{"methodResponses":[["Email/set",{"created":{"mail":{"id":"M1"}}},"mail"],["EmailSubmission/set",
            {"created":null,"notCreated":{"submission":{"type":"forbiddenToSend","description":"over quota"}}},
            "submission"]]}"#,
        ),
    )
    .unwrap_err();
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (FailureKind::Forbidden, "email.not-sent")
    );
    assert!(failure.message.contains("over quota"));
}

#[test]
fn a_method_level_error_is_a_failure() {
    let failure = read_answer(
        REFERENCE,
        FROM,
        &answer(
            200,
            r#"{"methodResponses":[["error",{"type":"serverUnavailable"},"mail"]]}"#,
        ),
    )
    .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unavailable);
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
