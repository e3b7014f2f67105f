use helpbell_connector::json::json;
use helpbell_connector::testing::ScriptedHost;

use super::*;
use crate::test_support::{HOSTED, host};

fn with_lists() -> ScriptedHost {
    let host = host();
    let guid = "f6c1bd4e-5d0c-4b5a-9d2e-000000000000";
    host.answer(
        "GET",
        "/api/Priority",
        200,
        &format!(
            r#"[{{"id":"{guid}","slaid":1,"priorityid":1,"name":"Critical"}},{{"id":"x","slaid":1,"priorityid":4,"name":"Low"}},
            {{"id":"y","slaid":2,"priorityid":4,"name":"Low"}},{{"id":"z","priorityid":9,"name":"Secret","ishidden":true}}]"#
        ),
    );
    host.answer(
        "GET",
        "/api/Status",
        200,
        r#"[{"id":1,"name":"New","shortname":"N","type":0},{"id":2,"name":"In Progress","type":0},{"id":9,"name":"Closed","type":2}]"#,
    );
    host.answer(
        "GET",
        "/api/Team",
        200,
        r#"[{"id":3,"name":"1st Line"},{"id":4,"name":"Projects","inactive":true}]"#,
    );
    host.answer(
        "GET",
        "/api/TicketType",
        200,
        r#"[{"id":1,"name":"Incident"},{"id":3,"name":"Service Request"}]"#,
    );
    host.answer(
        "GET",
        "/api/Agent",
        200,
        r#"{"record_count":1,"agents":[{"id":5,"name":"Ann"}]}"#,
    );
    host.answer(
        "GET",
        "/api/Category",
        200,
        r#"[{"id":11,"value":"Hardware>Desktop","category_name":"Desktop"},{"id":12,"value":"Software","category_name":"Software"}]"#,
    );
    host
}

fn resolved(host: &ScriptedHost, fields: &[(&str, &str)]) -> Resolved {
    let call = host.call(&HOSTED);
    let api = Api::new(&call).unwrap();
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    resolve(&api, &fields).map_err(|failure| failure.message).unwrap()
}

#[test]
fn names_become_what_a_ticket_wants() {
    let host = with_lists();
    let resolved = resolved(
        &host,
        &[
            ("priority", "low"),
            ("state", "In progress"),
            ("team", "1ST LINE"),
            ("ticketType", "Service Request"),
            ("agent", "ann"),
            ("impact", "3"),
            ("urgency", " 2 "),
            ("category_1", "hardware > desktop"),
            ("category_2", ""),
        ],
    );
    assert_eq!(
        Value::Object(resolved.members),
        json!({"priority_id": 4, "status_id": 2, "team": "1st Line", "tickettype_id": 3, "agent_id": 5, "impact": 3,
               "urgency": 2, "category_1": "Hardware>Desktop"})
    );
    assert_eq!(resolved.corrections.len(), 0);
}

#[test]
fn ids_are_taken_too() {
    let resolved = resolved(
        &with_lists(),
        &[
            ("priority", "1"),
            ("state", "9"),
            ("team", "3"),
            ("category_1", "11"),
        ],
    );
    assert_eq!(
        Value::Object(resolved.members),
        json!({"priority_id": 1, "status_id": 9, "team": "1st Line", "category_1": "Hardware>Desktop"})
    );
}

#[test]
fn unassigned_is_agent_one_whether_or_not_the_list_names_it() {
    let host = with_lists();
    assert_eq!(resolved(&host, &[("agent", "unassigned")]).members["agent_id"], 1);
    let listed = with_lists();
    listed.forget_answers("GET", "/api/Agent");
    listed.answer("GET", "/api/Agent", 200, r#"[{"id":31,"name":"Unassigned"}]"#);
    assert_eq!(
        resolved(&listed, &[("agent", "Unassigned")]).members["agent_id"],
        31
    );
    let forbidden = with_lists();
    forbidden.forget_answers("GET", "/api/Agent");
    forbidden.answer("GET", "/api/Agent", 403, "");
    let unlisted = resolved(&forbidden, &[("agent", "Unassigned")]);
    assert_eq!(
        (&unlisted.members["agent_id"], unlisted.corrections.len()),
        (&json!(1), 0)
    );
}

#[test]
fn an_unknown_name_is_left_to_halo_and_corrected_with_near_misses() {
    let resolved = resolved(
        &with_lists(),
        &[("priority", "Lwo"), ("team", "Projects"), ("impact", "high")],
    );
    assert!(resolved.members.is_empty());
    let [priority, team, impact] = &resolved.corrections[..] else {
        panic!("{:?}", resolved.corrections)
    };
    assert_eq!(
        (
            priority.field.as_str(),
            priority.given.as_str(),
            priority.used.as_deref()
        ),
        ("priority", "Lwo", None)
    );
    assert_eq!(priority.nearest, ["Low"]);
    assert_eq!(
        team.reason, "Halo has no team named Projects",
        "inactive ones do not count"
    );
    assert!(impact.reason.contains("whole number"));
}

#[test]
fn a_field_that_halo_does_not_have_is_corrected() {
    let resolved = resolved(&with_lists(), &[("prioritty", "Low")]);
    assert_eq!(resolved.corrections[0].nearest, ["priority"]);
}

#[test]
fn a_list_that_may_not_be_read_costs_the_field_and_not_the_ticket() {
    for status in [403, 404, 500] {
        let host = with_lists();
        host.forget_answers("GET", "/api/Team");
        host.answer("GET", "/api/Team", status, "");
        let resolved = resolved(&host, &[("team", "1st Line"), ("impact", "3")]);
        assert_eq!(Value::Object(resolved.members), json!({"impact": 3}));
        assert!(
            resolved.corrections[0].reason.contains("could not be read"),
            "{status}"
        );
    }
}

#[test]
fn a_halo_that_cannot_answer_now_is_tried_again_later() {
    for failure in [
        Failure::timeout("http.timeout", "slow"),
        Failure::unavailable("http.failed", "gone"),
        Failure::forbidden("http.denied", "not granted"),
    ] {
        let host = host();
        let kind = failure.kind;
        host.fail("GET", "/api/Team", failure);
        let call = host.call(&HOSTED);
        let api = Api::new(&call).unwrap();
        let refused = resolve(&api, &[("team".to_owned(), "1st Line".to_owned())])
            .err()
            .unwrap();
        assert_eq!(refused.kind, kind);
    }
    let host = host();
    host.answer("GET", "/api/Team", 429, "Rate Limit Reached");
    let call = host.call(&HOSTED);
    let refused = resolve(&Api::new(&call).unwrap(), &[("team".to_owned(), "x".to_owned())])
        .err()
        .unwrap();
    assert_eq!(refused.kind, FailureKind::RateLimited);
}

#[test]
fn only_lists_of_fields_that_are_set_are_read_and_only_once() {
    let host = with_lists();
    resolved(&host, &[("team", "1st Line"), ("priority", ""), ("impact", "3")]);
    assert_eq!(host.take_requests(), ["GET /api/Team"]);
    resolved(&host, &[("team", "1st Line")]);
    assert!(host.take_requests().is_empty());
}

#[test]
fn the_four_categories_are_four_lists() {
    let host = with_lists();
    resolved(&host, &[("category_1", "Software"), ("category_4", "Desktop")]);
    let queries: Vec<String> = host.requests().into_iter().map(|sent| sent.query).collect();
    assert_eq!(queries, ["type_id=1", "type_id=4"]);
}

#[test]
fn custom_fields_are_named_by_their_ids_alone_or_in_one_field() {
    let resolved = resolved(
        &host(),
        &[
            ("customfield_180", "PC-7"),
            ("181", "a: b"),
            ("customfields", "182 : red\n\n customfield_183: x:y "),
        ],
    );
    assert_eq!(
        Value::Object(resolved.members),
        json!({"customfields": [{"id": 180, "value": "PC-7"}, {"id": 181, "value": "a: b"},
               {"id": 182, "value": "red"}, {"id": 183, "value": "x:y"}]})
    );
    assert!(resolved.corrections.is_empty());
}

#[test]
fn a_custom_field_without_an_id_is_corrected() {
    let resolved = resolved(
        &host(),
        &[("customfields", "colour : red\n5 : blue"), ("customfield_x", "y")],
    );
    assert_eq!(
        Value::Object(resolved.members),
        json!({"customfields": [{"id": 5, "value": "blue"}]})
    );
    let fields: Vec<&str> = resolved
        .corrections
        .iter()
        .map(|wrong| wrong.field.as_str())
        .collect();
    assert_eq!(fields, ["customfields", "customfield_x"]);
    assert_eq!(resolved.corrections[0].given, "colour : red");
}

#[test]
fn novalidate_is_true_false_or_corrected() {
    let sent = |given| {
        let resolved = resolved(&host(), &[("_novalidate", given)]);
        (
            resolved.members.get("_novalidate").cloned(),
            resolved.corrections.len(),
        )
    };
    assert_eq!(sent("True"), (Some(json!(true)), 0));
    assert_eq!(sent("1"), (Some(json!(true)), 0));
    assert_eq!(sent("false"), (None, 0));
    assert_eq!(sent("maybe"), (None, 1));
}

#[test]
fn a_severity_below_one_does_not_exist() {
    let resolved = resolved(&host(), &[("impact", "0"), ("urgency", "-1")]);
    assert!(resolved.members.is_empty());
    assert_eq!(resolved.corrections.len(), 2);
}

#[test]
fn the_field_that_a_refusal_names_first_is_the_one_it_is_about() {
    let taken: Vec<Taken> = [
        ("ticketType", "tickettype_id", "ticket type"),
        ("state", "status_id", "status"),
        ("impact", "impact", "impact"),
        ("category_1", "category_1", "category 1"),
        ("180", "customfields", "custom field"),
    ]
    .into_iter()
    .map(|(field, member, noun)| Taken {
        field: field.to_owned(),
        given: "x".to_owned(),
        member: member.to_owned(),
        noun,
    })
    .collect();
    let about = |words: &str| refused(&taken, &lower_case(words)).map(|taken| taken.field.as_str());
    assert_eq!(
        about("Impact is not valid for the Ticket Type Incident"),
        Some("impact")
    );
    assert_eq!(about("status_id: The value '9' is not valid."), Some("state"));
    assert_eq!(
        about("Category 1 is not used by this Ticket Type"),
        Some("category_1")
    );
    assert_eq!(about("Custom field 180 does not belong here"), Some("180"));
    assert_eq!(about("Invalid site"), None);
    assert_eq!(about("Impact is mandatory for the Ticket Type Incident"), None);
    assert_eq!(about("Please select a Status"), None);
}
