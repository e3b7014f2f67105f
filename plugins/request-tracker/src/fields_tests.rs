use super::*;
use crate::rest::desk;
use crate::test_support::{SETTINGS, host};
use helpbell_connector::json::json;
use helpbell_connector::testing::ScriptedHost;

fn resolved(host: &ScriptedHost, fields: &[(&str, &str)]) -> Resolved {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    resolve(&desk(&host.call(&SETTINGS)).unwrap(), &fields).unwrap()
}

#[test]
fn without_a_queue_the_first_that_takes_tickets_is_used() {
    let none = resolved(&host(), &[]);
    assert_eq!(
        (none.queue.id.as_str(), none.corrections.len(), none.members.len()),
        ("3", 0, 0)
    );
    let missing = resolved(&host(), &[("queue", "General")]);
    assert_eq!(missing.queue.label, "Service Desk");
    let [correction] = missing.corrections.as_slice() else {
        panic!("{:?}", missing.corrections)
    };
    assert_eq!(correction.used.as_deref(), Some("Service Desk"));
    assert_eq!(
        resolved(&host(), &[("queue", "4")]).queue.label,
        "Orders",
        "by number, too"
    );
}

#[test]
fn without_any_queue_the_right_is_named() {
    let host = ScriptedHost::new();
    host.answer("GET", "/rt/REST/2.0/queues/all", 200, r#"{"items":[]}"#);
    let failure = resolve(&desk(&host.call(&SETTINGS)).unwrap(), &[]).err().unwrap();
    assert!(failure.help.unwrap().contains("CreateTicket"));
    // The right may be given at once.
    assert!(host.call(&SETTINGS).cached_json("queues").is_none());
}

#[test]
fn names_become_what_rt_wants() {
    let host = host();
    host.answer("GET", "/rt/REST/2.0/users", 200, r#"{"items":[]}"#);
    host.answer(
        "GET",
        "/rt/REST/2.0/users",
        200,
        r#"{"items":[{"id":"lars","RealName":"Lars Berg"}]}"#,
    );
    let found = resolved(
        &host,
        &[
            ("owner", "lars berg"),
            ("status", "Stalled"),
            ("priority", "high"),
            ("cf.category", "hardware"),
            ("cf_Operating_system", "Windows"),
            ("cf.Category ", " "),
        ],
    );
    assert_eq!(found.corrections.len(), 0, "{:?}", found.corrections);
    assert_eq!(
        Value::Object(found.members),
        json!({"Owner": "lars", "Status": "stalled", "Priority": "100", "CustomFields": {"3": "Hardware", "2": "Windows"}})
    );
    assert_eq!(resolved(&host, &[("priority", "17")]).members["Priority"], "17");
}

#[test]
fn what_does_not_exist_is_a_correction_with_the_nearest() {
    let host = host();
    host.answer("GET", "/rt/REST/2.0/users", 200, r#"{"items":[]}"#);
    let fields = [
        ("owner", "nobody at all"),
        ("status", "opne"),
        ("priority", "Hihg"),
        ("cf.Category", "Softwear"),
        ("cf.Catgory", "x"),
        ("cf.Picture", "x"),
        ("cf.Minutes", "5"),
        ("team", "x"),
    ];
    let found = resolved(&host, &fields);
    assert!(found.members.is_empty(), "{:?}", found.members);
    let of: Vec<_> = found
        .corrections
        .iter()
        .map(|wrong| {
            (
                wrong.field.as_str(),
                wrong.nearest.first().map_or("", String::as_str),
            )
        })
        .collect();
    assert_eq!(
        of,
        [
            ("owner", "Nobody"),
            ("status", "open"),
            ("priority", "High"),
            ("cf.Category", "Software"),
            ("cf.Catgory", "Category"),
            ("cf.Picture", ""),
            ("cf.Minutes", ""),
            ("team", ""),
        ]
    );
}

#[test]
fn statuses_of_another_lifecycle_are_gathered_from_its_tickets() {
    let host = host();
    host.answer(
        "GET",
        "/rt/REST/2.0/tickets",
        200,
        r#"{"items":[{"id":"1","Status":"ordered","_hyperlinks":[{"ref":"lifecycle","to":"delivered"},{"ref":"self"}]}]}"#,
    );
    let found = resolved(&host, &[("queue", "Orders"), ("status", "Delivered")]);
    assert_eq!(found.members["Status"], "delivered");
    let missing = resolved(&host, &[("queue", "Orders"), ("status", "open")]);
    assert!(missing.members.is_empty() && missing.corrections.len() == 1);
}

#[test]
fn what_rt_dropped_without_a_word_is_noticed() {
    let asked = |field: &str, custom: Option<&str>, value: &str| Asked {
        field: field.to_owned(),
        given: value.to_owned(),
        custom: custom.map(str::to_owned),
        value: value.to_owned(),
    };
    let ticket = json!({
        "Owner": {"id": "Nobody"},
        "CustomFields": [{"name": "Category", "values": ["Hardware"]}, {"name": "Hostname", "values": []}],
    });
    let all = [
        asked("owner", None, "lars"),
        asked("cf.Category", Some("Category"), "hardware"),
        asked("cf.Hostname", Some("Hostname"), "PC-7"),
    ];
    let dropped = dropped(&all, &ticket);
    let fields: Vec<_> = dropped
        .iter()
        .map(|wrong| (wrong.field.as_str(), wrong.used.as_deref()))
        .collect();
    assert_eq!(fields, [("owner", Some("Nobody")), ("cf.Hostname", None)]);
    assert!(dropped[0].reason.contains("OwnTicket"));
}

#[test]
fn the_operators_priorities_count() {
    let host = host();
    let call = host.call(&[
        SETTINGS[0],
        ("priorities", "Egal=10, Dringend = 90, broken, x = y"),
    ]);
    let list = priorities(&call);
    let labels: Vec<_> = list
        .entries
        .iter()
        .map(|entry| (entry.id.as_str(), entry.label.as_str()))
        .collect();
    assert_eq!(labels, [("10", "Egal"), ("90", "Dringend")]);
}

#[test]
fn a_custom_field_is_named_in_both_spellings() {
    assert_eq!(custom_name("cf.Operating system"), Some("Operating system"));
    assert_eq!(custom_name("cf.{Operating system}"), Some("Operating system"));
    assert_eq!(custom_name("cf_Hostname"), Some("Hostname"));
    assert_eq!((custom_name("cf."), custom_name("queue")), (None, None));
}
