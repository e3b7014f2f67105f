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
    assert_eq!(host.take_requests().len(), 2, "by name, then by address");
}

#[test]
fn a_missing_machine_costs_one_search_each_and_is_looked_for_again_after_minutes() {
    let host = host();
    host.answer("GET", "/api/Asset", 200, &assets(&[]));
    let facts = DeviceFacts {
        serial: Some("5CG1234XYZ".into()),
        macs: vec!["aa:bb:cc:dd:ee:ff".into(), "11:22:33:44:55:66".into()],
        ..facts("PC-7")
    };
    let miss = || {
        assert!(find(&host.call(&HOSTED), None, &facts).unwrap().is_none());
        let searched: Vec<String> = host
            .requests()
            .iter()
            .map(|sent| sent.query.split('&').next().unwrap_or_default().to_owned())
            .collect();
        host.take_requests();
        searched
    };
    let all = [
        "search=PC-7",
        "search=5CG1234XYZ",
        "search=aa%3Abb%3Acc%3Add%3Aee%3Aff",
    ];
    assert_eq!(miss(), all);
    assert_eq!(miss(), Vec::<String>::new());
    host.pass_seconds(u64::from(UNKNOWN_TTL_S));
    assert_eq!(miss(), all);
}

#[test]
fn a_machine_is_known_by_its_serial_number_or_its_address_where_the_name_is_not_there() {
    let by = |asset: &str, serial: Option<&str>| {
        let host = host();
        host.answer("GET", "/api/Asset", 200, &assets(&[asset]));
        let facts = DeviceFacts {
            serial: serial.map(str::to_owned),
            ..facts("RENAMED")
        };
        let device = find(&host.call(&HOSTED), Some(&maria()), &facts).unwrap();
        device.map(|device| (device.id, device.matched_by))
    };
    let known = |matched_by: &str| Some(("7".to_owned(), matched_by.to_owned()));
    let serial =
        r#"{"id":7,"inventory_number":"A7","key_field":"PC-7","key_field2":"5cg1234xyz","client_id":10}"#;
    assert_eq!(by(serial, Some("5CG1234XYZ")), known("serial"));
    let mac = r#"{"id":7,"inventory_number":"A7","key_field3":"AA-BB-CC-DD-EE-FF","client_id":10}"#;
    assert_eq!(by(mac, None), known("mac"));
    assert_eq!(by(&mac.replace("AA-BB", "AA-BC"), None), None);
    let foreign = serial.replace("\"client_id\":10", "\"client_id\":11");
    assert_eq!(by(&foreign, Some("5CG1234XYZ")), None);
}

#[test]
fn a_makers_placeholder_or_a_serial_number_that_stands_twice_proves_nothing() {
    let host = host();
    let twin = |id: u32| format!(r#"{{"id":{id},"key_field2":"5CG1234XYZ","client_id":10}}"#);
    host.answer("GET", "/api/Asset", 200, &assets(&[&twin(7), &twin(8)]));
    let with = |serial: &str| DeviceFacts {
        serial: Some(serial.to_owned()),
        macs: Vec::new(),
        ..facts("RENAMED")
    };
    let call = host.call(&HOSTED);
    assert!(find(&call, None, &with("5CG1234XYZ")).unwrap().is_none());
    host.take_requests();
    for placeholder in [
        "Default string",
        "To be filled by O.E.M.",
        "None",
        "0",
        "1234",
        " ",
    ] {
        assert!(find(&call, None, &with(placeholder)).unwrap().is_none());
    }
    assert!(host.take_requests().is_empty());
}

#[test]
fn a_machine_without_a_name_a_number_and_an_address_is_not_searched() {
    let host = host();
    let nothing = DeviceFacts {
        macs: Vec::new(),
        ..facts("  ")
    };
    assert!(find(&host.call(&HOSTED), None, &nothing).unwrap().is_none());
    assert!(host.requests().is_empty());
}

#[test]
fn a_missing_permission_says_which() {
    let host = host();
    host.answer("GET", "/api/Asset", 403, "");
    let failure = find(&host.call(&HOSTED), None, &facts("PC-7")).unwrap_err();
    assert!(failure.help.unwrap().contains("read:assets"));
}
