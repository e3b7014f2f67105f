use helpbell_connector::testing::ScriptedHost;

use super::*;
use crate::test_support::{HOSTED, facts, host, maria};

fn found(host: &ScriptedHost, contact: Option<&Contact>, hostname: &str) -> Option<Device> {
    find(&host.call(&HOSTED), contact, &facts(hostname))
        .map_err(|failure| failure.message)
        .unwrap()
}

fn assets(assets: &[&str]) -> String {
    format!(
        r#"{{"record_count":{},"assets":[{}]}}"#,
        assets.len(),
        assets.join(",")
    )
}

#[test]
fn the_asset_with_exactly_this_name_at_the_contacts_client_is_found() {
    let host = host();
    host.answer(
        "GET",
        "/api/Asset",
        200,
        &assets(&[
            r#"{"id":5,"inventory_number":"PC-70","client_id":10}"#,
            r#"{"id":6,"inventory_number":"PC-7","client_id":11}"#,
            r#"{"id":7,"inventory_number":"ASSET0007","key_field":"pc-7","client_id":10,"site_id":100}"#,
            r#"{"id":4,"inventory_number":"PC-7","client_id":10,"inactive":true}"#,
        ]),
    );
    let device = found(&host, Some(&maria()), "PC-7").unwrap();
    assert_eq!(
        (device.id.as_str(), device.matched_by.as_str()),
        ("7", "hostname")
    );
    assert_eq!(
        device.extra,
        [
            ("client_id".to_owned(), "10".to_owned()),
            ("site_id".to_owned(), "100".to_owned())
        ]
    );
    let query = host.requests()[0].query.clone();
    assert!(
        query.starts_with("search=PC-7&") && query.ends_with("&client_id=10"),
        "{query}"
    );
}

#[test]
fn without_a_contact_every_client_is_searched() {
    let host = host();
    host.answer(
        "GET",
        "/api/Asset",
        200,
        &assets(&[r#"{"id":"9","inventory_number":"PC-7","client_id":11}"#]),
    );
    assert_eq!(found(&host, None, "pc-7").unwrap().id, "9");
    assert!(!host.requests()[0].query.contains("client_id"));
}

#[test]
fn a_remembered_machine_costs_no_request_but_another_clients_namesake_does() {
    let host = host();
    host.answer(
        "GET",
        "/api/Asset",
        200,
        &assets(&[r#"{"id":7,"inventory_number":"PC-7","client_id":10}"#]),
    );
    assert!(found(&host, Some(&maria()), "PC-7").is_some());
    assert_eq!(found(&host, Some(&maria()), "pc-7").unwrap().id, "7");
    assert_eq!(host.take_requests().len(), 1);
    let other = Contact {
        organisation: Some(("11".into(), "Fabrikam".into())),
        ..maria()
    };
    assert!(found(&host, Some(&other), "PC-7").is_none());
    assert_eq!(host.take_requests().len(), 1);
}

#[test]
fn a_missing_machine_is_looked_for_again_after_minutes() {
    let host = host();
    host.answer("GET", "/api/Asset", 200, &assets(&[]));
    assert!(found(&host, None, "PC-7").is_none());
    assert!(found(&host, None, "PC-7").is_none());
    assert_eq!(host.take_requests().len(), 1);
    host.pass_seconds(u64::from(UNKNOWN_TTL_S));
    assert!(found(&host, None, "PC-7").is_none());
    assert_eq!(host.take_requests().len(), 1);
}

#[test]
fn a_machine_without_a_name_is_not_searched() {
    let host = host();
    assert!(found(&host, None, "  ").is_none());
    assert!(host.requests().is_empty());
}

#[test]
fn a_missing_permission_says_which() {
    let host = host();
    host.answer("GET", "/api/Asset", 403, "");
    let failure = find(&host.call(&HOSTED), None, &facts("PC-7")).unwrap_err();
    assert!(failure.help.unwrap().contains("read:assets"));
}
