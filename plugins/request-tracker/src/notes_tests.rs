use super::*;
use crate::test_support::{REFERENCE, SETTINGS, attachment, host, ticket};
use helpbell_connector::testing::ScriptedHost;

const COMMENTING: &str = "/rt/REST/2.0/ticket/5/comment";
const HISTORY: &str = "/rt/REST/2.0/ticket/5/history";
const FILES: &str = "/rt/REST/2.0/transaction/48/attachments";

fn reference() -> String {
    format!("{REFERENCE}/report")
}

fn note(attachments: Vec<Attachment>) -> Note {
    Note {
        private: true,
        html: "<p>All is well</p>".into(),
        text: "All is well".into(),
        attachments,
        reference: reference(),
    }
}

/// A file as RT lists it.
fn kept(name: &str, reference: &str, size: u64) -> String {
    let headers = format!(
        r#"Content-Type: text/html;\n charset=\"utf-8\";\n helpbell=\"{reference}\";\n name=\"{name}\""#
    );
    format!(r#"{{"id":"27","Filename":"{name}","ContentLength":"{size}","Headers":"{headers}"}}"#)
}

fn rt(kind: &str, files: &[String]) -> ScriptedHost {
    let host = host();
    let place = [("location", "http://elsewhere/rt/REST/2.0/transaction/48")];
    host.answer_with("POST", COMMENTING, 201, &place, r#"["Comments added"]"#);
    let history =
        format!(r#"{{"items":[{{"id":"48","Type":"{kind}","Data":"x"}},{{"id":"41","Type":"Create"}}]}}"#);
    host.answer("GET", HISTORY, 200, &history);
    let text =
        r#"{"id":"26","Filename":"","ContentLength":"8","Headers":"Content-Type: text/html"}"#.to_owned();
    let all: Vec<String> = files.iter().cloned().chain([text]).collect();
    host.answer("GET", FILES, 200, &format!(r#"{{"items":[{}]}}"#, all.join(",")));
    host
}

#[test]
fn a_note_is_a_comment_with_its_files_and_is_read_back() {
    let host = rt(
        COMMENT,
        &[kept("report.html", &format!("{REFERENCE}/report.html"), 5)],
    );
    let file = attachment(&host, "report.html", "text/html; charset=utf-8", b"hello");
    let added = add(&host.call(&SETTINGS), &ticket(), &note(vec![file])).unwrap();
    assert_eq!((added.id.as_str(), added.confirmed), ("48", true));
    assert_eq!(added.attachments, [format!("{REFERENCE}/report.html")]);
    let body = host.requests()[0].json();
    assert!(marker::carries(body["Subject"].as_str().unwrap(), &reference()));
    assert_eq!(body["ContentType"], "text/html");
    let sent = &body["Attachments"][0];
    assert_eq!(
        (sent["FileName"].as_str(), sent["FileContent"].as_str()),
        (Some("report.html"), Some("aGVsbG8="))
    );
    assert_eq!(
        sent["FileType"],
        format!("text/html; charset=utf-8; helpbell=\"{REFERENCE}/report.html\"")
    );
}

#[test]
fn names_and_types_that_rt_spoils_are_sent_so_that_it_does_not() {
    let host = rt(COMMENT, &[]);
    let files = [
        ("größe 日本.txt", "text/plain"),
        ("a.eml", "message/rfc822"),
        ("b", "nonsense\"; x=\""),
    ];
    let files = files.map(|(name, kind)| Attachment {
        reference: format!("{REFERENCE}/attached-0"),
        ..attachment(&host, name, kind, b"x")
    });
    add(&host.call(&SETTINGS), &ticket(), &note(files.into())).unwrap();
    let body = host.requests()[0].json();
    assert!(
        body["Attachments"][0]["FileName"]
            .as_str()
            .unwrap()
            .starts_with("=?UTF-8?B?")
    );
    for index in 0..3 {
        let kind = body["Attachments"][index]["FileType"].as_str().unwrap();
        assert!(kind.starts_with("application/octet-stream; helpbell="), "{kind}");
    }
}

#[test]
fn a_file_that_was_cut_off_or_is_empty_is_not_called_there() {
    let host = rt(
        COMMENT,
        &[kept("report.html", &format!("{REFERENCE}/report.html"), 4)],
    );
    let cut = attachment(&host, "report.html", "text/html", b"hello");
    let empty = attachment(&host, "empty", "text/plain", b"");
    let added = add(&host.call(&SETTINGS), &ticket(), &note(vec![cut, empty.clone()])).unwrap();
    assert_eq!((added.attachments.len(), added.confirmed), (0, false));
    // RT refuses a note with an empty file in it.
    assert_eq!(
        host.requests()[0].json()["Attachments"].as_array().unwrap().len(),
        1
    );
    let failure = attach(&host.call(&SETTINGS), &ticket(), &empty).unwrap_err();
    assert_eq!(failure.code, "request-tracker.empty-file");
}

#[test]
fn a_file_that_rt_says_it_cut_off_is_not_called_there_whatever_its_size() {
    let host = host();
    let names = ["a.bin", "b.bin", "whole.bin"];
    let files = names.map(|name| attachment(&host, name, "application/octet-stream", b"hello"));
    let [cut, dropped, whole] = files.each_ref().map(|file| file.reference.clone());
    let listed = [
        kept("a.bin", &cut, 5),
        kept("b.bin.txt", &dropped, 5),
        kept("whole.bin", &whole, 5),
    ];
    host.answer_with("POST", COMMENTING, 201, &[("location", "/transaction/48")], "[]");
    host.answer(
        "GET",
        FILES,
        200,
        &format!(r#"{{"items":[{}]}}"#, listed.join(",")),
    );
    // One of an earlier note says nothing of this one.
    host.answer(
        "GET",
        HISTORY,
        200,
        r#"{"items":[{"id":"50","Type":"AttachmentDrop","Data":"b.bin"},{"id":"49","Type":"AttachmentTruncate","Data":"a.bin"},
            {"id":"48","Type":"Comment"},{"id":"40","Type":"AttachmentDrop","Data":"whole.bin"}]}"#,
    );
    let added = add(&host.call(&SETTINGS), &ticket(), &note(files.into())).unwrap();
    assert_eq!((added.attachments, added.confirmed), (vec![whole], false));
}

#[test]
fn a_comment_that_became_an_answer_is_a_failure() {
    let host = rt(CORRESPOND, &[]);
    let failure = add(&host.call(&SETTINGS), &ticket(), &note(vec![])).unwrap_err();
    assert_eq!(
        (failure.code.as_str(), failure.kind),
        ("request-tracker.note-visible", FailureKind::Forbidden)
    );
}

#[test]
fn a_note_that_cannot_be_read_back_is_not_written_twice() {
    let host = host();
    host.answer_with("POST", COMMENTING, 201, &[("location", "/transaction/48")], "[]");
    host.answer("GET", HISTORY, 403, r#"{"message":"Forbidden"}"#);
    let file = attachment(&host, "a", "image/png", b"x");
    let added = add(&host.call(&SETTINGS), &ticket(), &note(vec![file])).unwrap();
    assert_eq!((added.attachments.len(), added.confirmed), (1, false));
}

#[test]
fn a_missing_right_is_named_whatever_status_rt_gives_it() {
    for (status, words) in [(403, "Forbidden"), (400, "Permission Denied")] {
        let host = host();
        host.answer("POST", COMMENTING, status, &format!(r#"{{"message":"{words}"}}"#));
        let failure = add(&host.call(&SETTINGS), &ticket(), &note(vec![])).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Forbidden, "{status}");
        assert!(failure.help.unwrap().contains("CommentOnTicket"));
    }
}

#[test]
fn a_note_is_found_by_its_subject_with_all_files_of_helpbells_on_the_ticket() {
    let host = host();
    let subject = format!("Helpbell report [hb:{}]", reference());
    let longer = format!("Helpbell report [hb:{}/x]", reference());
    host.answer(
        "GET",
        "/rt/REST/2.0/ticket/5/history",
        200,
        &format!(
            r#"{{"items":[{{"id":"41","Type":"Create","Data":"{subject}"}},{{"id":"48","Type":"Comment","Data":"{subject}\n"}},
                {{"id":"49","Type":"Comment","Data":"{longer}"}}]}}"#
        ),
    );
    let files = [kept("a", "r/1", 5), kept("b", "r/2", 5)].join(",");
    host.answer(
        "GET",
        "/rt/REST/2.0/ticket/5/attachments",
        200,
        &format!(r#"{{"items":[{files}]}}"#),
    );
    let found = find(&host.call(&SETTINGS), &ticket(), &reference()).unwrap();
    let [one] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!((one.id.as_str(), one.confirmed), ("48", true));
    assert_eq!(one.attachments, ["r/1", "r/2"]);
    assert!(
        find(&host.call(&SETTINGS), &ticket(), "other")
            .unwrap()
            .is_empty()
    );
}
