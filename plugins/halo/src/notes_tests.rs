use helpbell_connector::json::json;
use helpbell_connector::testing::ScriptedHost;

use super::*;
use crate::test_support::{HOSTED, OUTCOMES as OUTCOME_LIST, REFERENCE, attachment, host, ticket};

const NOTE: &str = "0193a1f2-7c11-7d5e-9a55-0123456789ab/note";

fn note(attachments: Vec<Attachment>) -> Note {
    Note {
        private: true,
        html: "<p>report</p>".into(),
        text: "report".into(),
        attachments,
        reference: NOTE.into(),
    }
}

/// A host whose Halo keeps notes: the listing after the POST holds `kept`.
fn keeping(kept: &str) -> ScriptedHost {
    let host = host();
    host.answer("GET", "/api/Outcome", 200, OUTCOME_LIST);
    host.answer("POST", "/api/Actions", 201, r#"{"id":3,"ticket_id":1234}"#);
    host.answer(
        "GET",
        "/api/Actions",
        200,
        &format!(r#"{{"ticket_id":1234,"record_count":1,"actions":[{kept}]}}"#),
    );
    host
}

fn kept(hidden: bool, attachments: &str) -> String {
    format!(
        r#"{{"id":3,"ticket_id":1234,"hiddenfromuser":{hidden},"note":"report [hb:{NOTE}]",
        "note_html":"<p>report</p><p>[hb:{NOTE}]</p>","attachments":[{attachments}]}}"#
    )
}

fn added(host: &ScriptedHost, note: &Note) -> AddedNote {
    add(&host.call(&HOSTED), &ticket(), note)
        .map_err(|failure| failure.message)
        .unwrap()
}

#[test]
fn a_private_note_with_its_report_is_one_post_and_one_reading_back() {
    let file = r#"{"id":81,"filename":"report.html","desc":"[hb:0193a1f2-7c11-7d5e-9a55-0123456789ab/report.html]"}"#;
    let host = keeping(&kept(true, file));
    let blob = host.add_blob(b"<b>");
    let added = added(&host, &note(vec![attachment(blob, "report.html")]));
    assert_eq!((added.id.as_str(), added.confirmed), ("1234/3", true));
    assert_eq!(added.attachments, [format!("{REFERENCE}/report.html")]);
    let sent = host.requests();
    assert_eq!(
        host.take_requests(),
        ["GET /api/Outcome", "POST /api/Actions", "GET /api/Actions"]
    );
    assert_eq!(
        sent[1].json(),
        json!([{
            "ticket_id": 1234, "outcome_id": 7, "outcome": "Private / Internal Note",
            "note_html": format!("<p>report</p><p style=\"color:#888;font-size:11px\">[hb:{NOTE}]</p>"),
            "hiddenfromuser": true, "sendemail": false,
            "attachments": [{
                "filename": "report.html", "content_type": "text/html", "showforusers": false,
                "desc": format!("[hb:{REFERENCE}/report.html]"), "data_base64": "PGI+",
            }],
        }])
    );
    assert_eq!(
        sent[2].query,
        "ticket_id=1234&excludesys=true&includehtmlnote=true&includeattachments=true"
    );
}

#[test]
fn several_files_and_hostile_names_make_valid_json() {
    let host = keeping(&kept(true, ""));
    let (a, b) = (host.add_blob(b""), host.add_blob(b"ab"));
    let hostile = attachment(b, "a\"},{\"x\\.html");
    added(&host, &note(vec![attachment(a, "empty.json"), hostile]));
    let sent = host.requests()[1].json();
    assert_eq!(sent[0]["attachments"][0]["data_base64"], "");
    assert_eq!(sent[0]["attachments"][1]["data_base64"], "YWI=");
    assert_eq!(sent[0]["attachments"][1]["filename"], "a\"},{\"x\\.html");
}

#[test]
fn a_note_that_halo_accepts_and_drops_names_the_setting_to_uncheck() {
    let other = r#"{"id":1,"hiddenfromuser":true,"note":"somebody else's [hb:0193a1f2-7c11-7d5e-9a55-0123456789ab/notes]"}"#;
    for listed in ["", other] {
        let failure = add(&keeping(listed).call(&HOSTED), &ticket(), &note(vec![])).unwrap_err();
        assert_eq!(
            (failure.kind, failure.code.as_str()),
            (FailureKind::Forbidden, "halo.default-site-rule")
        );
        let help = failure.help.unwrap();
        assert!(
            help.contains("Tickets with the default Client/Site must be moved before working on the Ticket"),
            "{help}"
        );
    }
}

#[test]
fn a_note_that_shows_up_late_is_waited_for() {
    let host = keeping("");
    host.answer(
        "GET",
        "/api/Actions",
        200,
        &format!(r#"{{"actions":[{}]}}"#, kept(true, "")),
    );
    assert!(added(&host, &note(vec![])).confirmed);
    assert_eq!(host.paused_ms(), READ_AGAIN_MS[0]);
}

#[test]
fn a_refused_note_names_the_setting_too() {
    for (status, body, code, kind) in [
        (403, "", "halo.default-site-rule", FailureKind::Forbidden),
        (
            400,
            r#"{"Message":"You do not have access to this Action"}"#,
            "halo.default-site-rule",
            FailureKind::Forbidden,
        ),
        (
            400,
            r#"{"Message":"This ticket must be moved from the default site"}"#,
            "halo.default-site-rule",
            FailureKind::Forbidden,
        ),
        (
            400,
            r#"{"Message":"Something else"}"#,
            "halo.refused",
            FailureKind::InvalidInput,
        ),
    ] {
        let host = keeping("");
        host.forget_answers("POST", "/api/Actions");
        host.answer("POST", "/api/Actions", status, body);
        let failure = add(&host.call(&HOSTED), &ticket(), &note(vec![])).unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (kind, code), "{body}");
        assert!(
            failure.help.unwrap().contains("must be moved before working"),
            "{body}"
        );
    }
}

#[test]
fn a_missing_outcome_points_at_the_setting() {
    let host = keeping("");
    host.forget_answers("POST", "/api/Actions");
    host.answer(
        "POST",
        "/api/Actions",
        400,
        r#"{"ClassName":"System.Exception","Message":"An Outcome must be entered for this Action","StackTraceString":null}"#,
    );
    let failure = add(&host.call(&HOSTED), &ticket(), &note(vec![])).unwrap_err();
    assert_eq!(
        (failure.code.as_str(), failure.field.as_deref()),
        ("halo.outcome-missing", Some("private-note-outcome"))
    );
    assert!(failure.message.contains("An Outcome must be entered"));
    assert!(
        host.call(&HOSTED).cached_json("outcome").is_none(),
        "the remembered outcomes are not trusted any more"
    );
}

#[test]
fn a_note_that_the_person_can_see_is_reported_at_once() {
    let failure = add(&keeping(&kept(false, "")).call(&HOSTED), &ticket(), &note(vec![])).unwrap_err();
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (FailureKind::Forbidden, "halo.note-visible")
    );
}

#[test]
fn a_file_that_did_not_arrive_leaves_the_note_unconfirmed() {
    let host = keeping(&kept(true, r#"{"id":81,"filename":"report.html"}"#));
    let files = vec![
        attachment(host.add_blob(b"a"), "report.html"),
        attachment(host.add_blob(b"b"), "report.json"),
    ];
    let added = added(&host, &note(files));
    assert_eq!((added.attachments.len(), added.confirmed), (1, false));
}

#[test]
fn files_that_are_only_counted_are_believed_to_be_there() {
    let action = format!(r#"{{"id":3,"hiddenfromuser":true,"note":"[hb:{NOTE}]","attachment_count":1}}"#);
    let host = keeping(&action);
    let added = added(&host, &note(vec![attachment(host.add_blob(b"a"), "report.html")]));
    assert_eq!((added.attachments.len(), added.confirmed), (1, true));
}

#[test]
fn a_note_that_cannot_be_read_back_is_unconfirmed_but_not_lost() {
    let host = keeping("");
    host.forget_answers("GET", "/api/Actions");
    host.answer("GET", "/api/Actions", 504, "");
    let added = added(&host, &note(vec![]));
    assert_eq!((added.id.as_str(), added.confirmed), ("1234/3", false));
}

#[test]
fn the_outcome_comes_from_the_setting_by_name_or_id_else_by_its_usual_name() {
    let sent = |setting: Option<&str>, list: &str| {
        let host = keeping(&kept(true, ""));
        host.forget_answers("GET", "/api/Outcome");
        host.answer("GET", "/api/Outcome", 200, list);
        let mut settings = HOSTED.to_vec();
        settings.extend(setting.map(|name| ("private-note-outcome", name)));
        add(&host.call(&settings), &ticket(), &note(vec![]))
            .map_err(|failure| failure.message)
            .unwrap();
        host.requests()
            .into_iter()
            .find(|sent| sent.method == "POST")
            .unwrap()
            .json()[0]["outcome_id"]
            .clone()
    };
    assert_eq!(sent(None, OUTCOME_LIST), 7);
    assert_eq!(sent(Some("email user"), OUTCOME_LIST), 16);
    assert_eq!(sent(Some("5"), OUTCOME_LIST), 5);
    assert_eq!(
        sent(Some("No such"), OUTCOME_LIST),
        7,
        "the note matters more than a misspelt setting"
    );
    assert_eq!(
        sent(
            None,
            r#"[{"id":2,"outcome":"Internal Note"},{"id":3,"outcome":"Private Note"}]"#
        ),
        3
    );
    assert_eq!(
        sent(
            None,
            r#"[{"id":2,"outcome":"Notiz"},{"id":7,"outcome":"Vermerk"}]"#
        ),
        7,
        "stock id"
    );
}

#[test]
fn an_outcomes_id_is_taken_at_its_word_and_looked_up_only_when_halo_refuses_it() {
    let mut settings = HOSTED.to_vec();
    settings.push(("private-note-outcome", "99"));
    let host = keeping(&kept(true, ""));
    add(&host.call(&settings), &ticket(), &note(vec![]))
        .map_err(|failure| failure.message)
        .unwrap();
    assert_eq!(host.take_requests(), ["POST /api/Actions", "GET /api/Actions"]);

    let host = keeping(&kept(true, ""));
    host.forget_answers("POST", "/api/Actions");
    let unknown = r#"{"ClassName":"System.Exception","Message":"The Outcome 99 does not exist."}"#;
    host.answer("POST", "/api/Actions", 400, unknown);
    host.answer("POST", "/api/Actions", 201, r#"{"id":3,"ticket_id":1234}"#);
    add(&host.call(&settings), &ticket(), &note(vec![]))
        .map_err(|failure| failure.message)
        .unwrap();
    let sent = host.requests();
    let outcomes: Vec<_> = sent
        .iter()
        .filter(|sent| sent.method == "POST")
        .map(|sent| sent.json()[0]["outcome_id"].clone())
        .collect();
    assert_eq!(outcomes, [99, 7], "the note matters more than a misspelt setting");
}

#[test]
fn without_any_outcome_that_fits_nothing_is_sent() {
    let host = keeping("");
    host.forget_answers("GET", "/api/Outcome");
    host.answer(
        "GET",
        "/api/Outcome",
        200,
        r#"[{"id":16,"outcome":"Email User"}]"#,
    );
    assert_eq!(
        add(&host.call(&HOSTED), &ticket(), &note(vec![]))
            .unwrap_err()
            .code,
        "halo.outcome-missing"
    );
    assert_eq!(host.take_requests(), ["GET /api/Outcome"]);
}

#[test]
fn outcomes_that_may_not_be_listed_fall_back_to_the_stock_one() {
    let host = keeping(&kept(true, ""));
    host.forget_answers("GET", "/api/Outcome");
    host.answer("GET", "/api/Outcome", 403, "");
    assert!(added(&host, &note(vec![])).confirmed);
    assert_eq!(host.requests()[1].json()[0]["outcome_id"], 7);
}

#[test]
fn one_more_file_goes_to_the_action_within_its_ticket() {
    let host = host();
    host.answer(
        "POST",
        "/api/Attachment",
        201,
        r#"{"id":81,"filename":"late.html","filesize":2}"#,
    );
    let file = attachment(host.add_blob(b"ab"), "late.html");
    let id = attach(&host.call(&HOSTED), &ticket(), Some("1234/3"), &file)
        .map_err(|f| f.message)
        .unwrap();
    assert_eq!(id, "81");
    attach(&host.call(&HOSTED), &ticket(), None, &file)
        .map_err(|f| f.message)
        .unwrap();
    let sent = host.requests();
    assert_eq!(
        sent[0].json(),
        json!([{
            "filename": "late.html", "content_type": "text/html", "showforusers": false, "ticket_id": 1234,
            "action_id": 3, "desc": format!("[hb:{REFERENCE}/late.html]"), "data_base64": "YWI=",
        }])
    );
    assert_eq!(sent[1].json()[0].get("action_id"), None);
}

#[test]
fn notes_are_found_again_by_exactly_their_reference() {
    let file = format!(r#"{{"id":81,"filename":"report.html","desc":"[hb:{REFERENCE}/report.html]"}}"#);
    let other = r#"{"id":4,"hiddenfromuser":true,"note":"[hb:0193a1f2-7c11-7d5e-9a55-0123456789ab/note2]"}"#;
    let host = keeping(&format!("{},{other}", kept(true, &file)));
    let found = find(&host.call(&HOSTED), &ticket(), NOTE)
        .map_err(|failure| failure.message)
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].id.as_str(), found[0].confirmed), ("1234/3", true));
    assert_eq!(found[0].attachments, [format!("{REFERENCE}/report.html")]);
}
