use super::*;
use crate::test_support::{REFERENCE, SETTINGS, draft, host, person};
use helpbell_connector::json::json;
use helpbell_connector::testing::ScriptedHost;
use helpbell_connector::{Contact, Device};

const TICKET: &str = "/rt/REST/2.0/ticket";
const TICKETS: &str = "/rt/REST/2.0/tickets";

fn filing(status: u16, answer: &str) -> ScriptedHost {
    let host = host();
    host.answer("POST", TICKET, status, answer);
    host
}

fn sent(host: &ScriptedHost) -> Vec<Value> {
    let posts = host.requests().into_iter().filter(|sent| sent.method == "POST");
    posts.map(|sent| sent.json()).collect()
}

#[test]
fn a_ticket_refers_to_its_press_and_its_machine_and_asks_in_the_persons_name() {
    let host = filing(201, r#"{"id":"5","type":"ticket"}"#);
    let mut draft = draft(&[("queue", "service desk")]);
    draft.contact = Some(Contact {
        id: "maria".into(),
        name: "Maria".into(),
        email: Some("maria.rossi@bianchi.example".into()),
        organisation: None,
        site: None,
        extra: vec![],
    });
    draft.device = Some(Device {
        id: "7".into(),
        name: "PC-7".into(),
        matched_by: "hostname".into(),
        extra: vec![],
    });
    let created = create(&host.call(&SETTINGS), &draft).unwrap();
    assert_eq!((created.ticket.id.as_str(), created.corrections.len()), ("5", 0));
    assert_eq!(
        created.ticket.url.as_deref(),
        Some("https://rt.example/rt/Ticket/Display.html?id=5")
    );
    let body = sent(&host).remove(0);
    assert_eq!(
        (
            &body["Queue"],
            &body["Subject"],
            &body["Requestor"],
            &body["ContentType"]
        ),
        (
            &json!("3"),
            &json!("Printer \"down\""),
            &json!("maria.rossi@bianchi.example"),
            &json!("text/html")
        )
    );
    assert_eq!(
        body["RefersTo"],
        json!([format!("urn:uuid:{REFERENCE}"), "asset:7"])
    );
    assert!(marker::carries(body["Content"].as_str().unwrap(), REFERENCE));
}

#[test]
fn a_name_that_is_no_address_asks_for_nobody() {
    let host = filing(201, r#"{"id":"5"}"#);
    let mut draft = draft(&[]);
    draft.person = person("root");
    create(&host.call(&SETTINGS), &draft).unwrap();
    assert!(sent(&host)[0].get("Requestor").is_none());
}

#[test]
fn a_queue_that_was_closed_since_is_answered_with_another_one() {
    let host = host();
    let call = host.call(&SETTINGS);
    let fields = draft(&[("queue", "Service Desk")]);
    host.answer(
        "POST",
        TICKET,
        403,
        r#"{"message":"No permission to create tickets in the queue '3'"}"#,
    );
    host.answer("POST", TICKET, 201, r#"{"id":"6"}"#);
    fields::resolve(&rest::desk(&call).unwrap(), &fields.fields).unwrap();
    host.forget_answers("GET", "/rt/REST/2.0/queues/all");
    let other =
        r#"{"items":[{"id":"4","Name":"Orders","Lifecycle":"orders","_hyperlinks":[{"ref":"create"}]}]}"#;
    host.answer("GET", "/rt/REST/2.0/queues/all", 200, other);
    let created = create(&call, &fields).unwrap();
    assert_eq!(created.corrections[0].used.as_deref(), Some("Orders"));
    let queues: Vec<_> = sent(&host).iter().map(|body| body["Queue"].clone()).collect();
    assert_eq!(queues, ["3", "4"]);
}

#[test]
fn a_refusal_without_another_queue_names_the_right() {
    let host = filing(
        403,
        r#"{"message":"No permission to create tickets in the queue '3'"}"#,
    );
    let failure = create(&host.call(&SETTINGS), &draft(&[])).unwrap_err();
    assert!(failure.message.contains("No permission to create tickets"));
    assert!(
        failure
            .help
            .unwrap()
            .contains("CreateTicket in the queue Service Desk")
    );
    assert_eq!(sent(&host).len(), 1);
}

#[test]
fn a_status_that_a_new_ticket_may_not_have_is_left_out_once() {
    let host = host();
    host.answer(
        "POST",
        TICKET,
        400,
        r#"{"message":"New tickets can not have status 'deleted' in this queue."}"#,
    );
    host.answer("POST", TICKET, 201, r#"{"id":"6"}"#);
    let created = create(&host.call(&SETTINGS), &draft(&[("status", "deleted")])).unwrap();
    assert_eq!(created.ticket.id, "6");
    let [correction] = created.corrections.as_slice() else {
        panic!("{:?}", created.corrections)
    };
    assert_eq!(
        (correction.field.as_str(), correction.given.as_str()),
        ("status", "deleted")
    );
    assert!(correction.reason.contains("can not have status"));
    let statuses: Vec<_> = sent(&host)
        .iter()
        .map(|body| body.get("Status").cloned())
        .collect();
    assert_eq!(statuses, [Some(json!("deleted")), None]);
}

#[test]
fn an_outcome_in_doubt_is_never_tried_again_here() {
    for status in [500, 502, 504] {
        let host = filing(status, "{}");
        create(&host.call(&SETTINGS), &draft(&[("status", "open")])).unwrap_err();
        assert_eq!(sent(&host).len(), 1, "{status}");
    }
}

#[test]
fn a_ticket_that_cannot_be_read_back_is_a_ticket_all_the_same() {
    let host = filing(201, r#"{"id":"5"}"#);
    host.answer("GET", "/rt/REST/2.0/ticket/5", 403, r#"{"message":"Forbidden"}"#);
    let created = create(&host.call(&SETTINGS), &draft(&[("cf.Category", "Hardware")])).unwrap();
    assert_eq!((created.ticket.id.as_str(), created.corrections.len()), ("5", 0));
    assert!(
        host.log_lines()
            .iter()
            .any(|line| line.contains("could not be read back"))
    );
}

#[test]
fn only_a_ticket_that_refers_to_exactly_this_press_is_found() {
    let host = host();
    let link = |id: &str, url: &str| {
        format!(
            r#"{{"id":"{id}","_hyperlinks":[{{"ref":"self"}},{{"ref":"refers-to","type":"external","_url":"{url}"}}]}}"#
        )
    };
    let upper = format!("urn:uuid:{}", REFERENCE.to_uppercase());
    let items = [
        link("5", &format!("urn:uuid:{REFERENCE}")),
        link("6", &upper),
        link("7", "urn:uuid:other"),
    ];
    host.answer(
        "GET",
        TICKETS,
        200,
        &format!(r#"{{"items":[{}]}}"#, items.join(",")),
    );
    let found = find(&host.call(&SETTINGS), REFERENCE).unwrap();
    assert_eq!(
        found.iter().map(|ticket| ticket.id.as_str()).collect::<Vec<_>>(),
        ["5"]
    );
    let asked = &host.requests()[0].query;
    assert!(
        asked.contains(&format!("RefersTo%20%3D%20%27urn%3Auuid%3A{REFERENCE}%27")),
        "{asked}"
    );
}
