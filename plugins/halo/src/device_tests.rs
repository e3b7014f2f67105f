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
    assert!(query.starts_with("search=PC-7&client_id=10&"), "{query}");
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

/// A machine with the serial number 5CG1234XYZ and the address 3c:52:82:1a:07:c4, called RENAMED now.
fn renamed() -> DeviceFacts {
    DeviceFacts {
        serial: Some("5CG1234XYZ".into()),
        macs: vec!["3c:52:82:1a:07:c4".into()],
        ..facts("RENAMED")
    }
}

/// A host at which the name is not found, and whose client has these assets.
fn host_with(listed: &[&str]) -> ScriptedHost {
    let host = host();
    host.answer("GET", "/api/Asset", 200, &assets(&[]));
    host.answer("GET", "/api/Asset", 200, &assets(listed));
    host
}

/// The id and by what it was recognised.
fn recognised(listed: &[&str], facts: &DeviceFacts) -> Option<(String, String)> {
    let host = host_with(listed);
    let device = find(&host.call(&HOSTED), Some(&maria()), facts).unwrap();
    device.map(|device| (device.id, device.matched_by))
}

fn by(id: &str, matched_by: &str) -> Option<(String, String)> {
    Some((id.to_owned(), matched_by.to_owned()))
}

/// What was asked since the last time: `search` or `list` each.
fn asked(host: &ScriptedHost) -> Vec<&'static str> {
    let queries: Vec<String> = host.requests().into_iter().map(|sent| sent.query).collect();
    host.take_requests();
    queries
        .iter()
        .map(|query| {
            if query.starts_with("search=") {
                "search"
            } else {
                "list"
            }
        })
        .collect()
}

const BY_SERIAL: &str = r#"{"id":7,"inventory_number":"A7","key_field":"PC-7","key_field2":"5cg1234xyz","client_id":10,"site_id":100}"#;
const BY_MAC: &str = r#"{"id":8,"inventory_number":"A8","key_field":"PC-8","client_id":10,"fields":[
    {"id":1,"name":"Serial Number","value":null},{"id":2,"name":"Memory","value":16},
    {"id":3,"name":"Network","value":"98-FA-9B-20-5E-11, 3C-52-82-1A-07-C4"}]}"#;

#[test]
fn a_renamed_machine_is_found_by_its_serial_number_in_one_list_of_the_clients_assets() {
    let host = host_with(&[BY_MAC, BY_SERIAL]);
    let device = find(&host.call(&HOSTED), Some(&maria()), &renamed())
        .unwrap()
        .unwrap();
    assert_eq!(
        (
            device.id.as_str(),
            device.name.as_str(),
            device.matched_by.as_str()
        ),
        ("7", "A7", "serial")
    );
    assert_eq!(device.extra.len(), 2, "{device:?}");
    assert_eq!(
        host.requests()[1].query,
        "client_id=10&includeassetfields=true&pageinate=true&page_size=500&page_no=1"
    );
    assert_eq!(host.requests().len(), 2);
}

#[test]
fn serial_numbers_and_addresses_are_found_in_key_fields_and_in_fields_of_any_name() {
    assert_eq!(recognised(&[BY_MAC], &renamed()), by("8", "mac"));
    for member in ["key_field", "key_field2", "key_field3", "inventory_number"] {
        let serial = format!(r#"{{"id":7,"{member}":"5CG-1234-XYZ","client_id":10}}"#);
        assert_eq!(recognised(&[&serial], &renamed()), by("7", "serial"), "{member}");
        let mac = format!(r#"{{"id":7,"{member}":"3C52.821A.07C4","client_id":10}}"#);
        assert_eq!(recognised(&[&mac], &renamed()), by("7", "mac"), "{member}");
    }
    let field = r#"{"id":7,"client_id":10,"fields":[{"name":"Service Tag","value":"5CG1234XYZ"}]}"#;
    assert_eq!(recognised(&[field], &renamed()), by("7", "serial"));
    let number = r#"{"id":7,"client_id":10,"fields":[{"name":"Service Tag","value":4471820937}]}"#;
    let numbered = DeviceFacts {
        serial: Some("4471820937".into()),
        ..facts("RENAMED")
    };
    assert_eq!(recognised(&[number], &numbered), by("7", "serial"));
}

#[test]
fn the_search_by_name_comes_first_whatever_a_serial_number_says() {
    let host = host();
    let named = r#"{"id":9,"inventory_number":"RENAMED","client_id":10}"#;
    host.answer("GET", "/api/Asset", 200, &assets(&[BY_SERIAL, named]));
    let device = find(&host.call(&HOSTED), Some(&maria()), &renamed())
        .unwrap()
        .unwrap();
    assert_eq!(
        (device.id.as_str(), device.matched_by.as_str()),
        ("9", "hostname")
    );
    assert_eq!(asked(&host), ["search"]);
}

#[test]
fn an_inactive_asset_or_another_clients_is_never_taken() {
    let other = |asset: &str| asset.replace("\"client_id\":10", "\"client_id\":11");
    let inactive = |asset: &str| asset.replace("\"client_id\":10", "\"inactive\":true,\"client_id\":10");
    let nobodys = |asset: &str| asset.replace("\"client_id\":10", "\"client_id\":null");
    for asset in [BY_SERIAL, BY_MAC] {
        for wrong in [other(asset), inactive(asset), nobodys(asset)] {
            assert_eq!(recognised(&[&wrong], &renamed()), None, "{wrong}");
        }
        // Nor do they make the right one doubtful.
        let twin = inactive(asset).replacen("\"id\":", "\"id\":9", 1);
        assert!(recognised(&[&twin, asset], &renamed()).is_some());
    }
}

#[test]
fn what_two_active_assets_carry_proves_nothing() {
    let twin = |asset: &str| asset.replacen("\"id\":", "\"id\":9", 1);
    assert_eq!(recognised(&[BY_SERIAL, &twin(BY_SERIAL)], &renamed()), None);
    assert_eq!(recognised(&[BY_MAC, &twin(BY_MAC)], &renamed()), None);
    assert_eq!(
        recognised(&[BY_SERIAL, &twin(BY_SERIAL), BY_MAC], &renamed()),
        by("8", "mac"),
        "the address is its own proof"
    );
    assert_eq!(
        recognised(&[BY_SERIAL, BY_SERIAL], &renamed()),
        by("7", "serial"),
        "the same asset on two pages is one"
    );
    let two = DeviceFacts {
        macs: vec!["3c:52:82:1a:07:c4".into(), "94:57:a5:d0:31:72".into()],
        serial: None,
        ..renamed()
    };
    let second = r#"{"id":5,"client_id":10,"fields":[{"name":"MAC","value":"94:57:a5:d0:31:72"}]}"#;
    assert_eq!(recognised(&[BY_MAC, &twin(BY_MAC), second], &two), by("5", "mac"));
}

#[test]
fn an_address_that_the_inventory_saw_at_a_machine_of_another_serial_number_proves_nothing() {
    let docked = BY_MAC.replacen("\"value\":null", "\"value\":\"PF1XG8K2\"", 1);
    assert_eq!(recognised(&[&docked], &renamed()), None);
    let unknown = DeviceFacts {
        serial: None,
        ..renamed()
    };
    assert_eq!(
        recognised(&[&docked], &unknown),
        by("8", "mac"),
        "nothing contradicts it"
    );
    let placeholder = BY_MAC.replacen("\"value\":null", "\"value\":\"Default string\"", 1);
    assert_eq!(recognised(&[&placeholder], &renamed()), by("8", "mac"));
}

#[test]
fn placeholders_and_shared_addresses_are_not_even_looked_for() {
    let host = host_with(&[BY_SERIAL]);
    let nothing = DeviceFacts {
        serial: Some("To be filled by O.E.M.".into()),
        macs: vec![
            "00:15:5d:00:00:00".into(),
            "00:00:00:00:00:00".into(),
            "02:42:ac:11:00:02".into(),
        ],
        ..facts("RENAMED")
    };
    assert!(
        find(&host.call(&HOSTED), Some(&maria()), &nothing)
            .unwrap()
            .is_none()
    );
    assert_eq!(asked(&host), ["search"]);
}

#[test]
fn without_a_known_client_nothing_is_listed() {
    let host = host_with(&[BY_SERIAL]);
    assert!(find(&host.call(&HOSTED), None, &renamed()).unwrap().is_none());
    assert_eq!(asked(&host), ["search"]);
}

#[test]
fn a_machine_without_a_name_is_looked_for_by_its_hardware() {
    let host = host();
    host.answer("GET", "/api/Asset", 200, &assets(&[BY_SERIAL]));
    let nameless = DeviceFacts {
        hostname: String::new(),
        ..renamed()
    };
    assert!(
        find(&host.call(&HOSTED), Some(&maria()), &nameless)
            .unwrap()
            .is_some()
    );
    assert_eq!(asked(&host), ["list"]);
}

#[test]
fn a_machine_recognised_by_its_hardware_is_remembered_like_any_other() {
    for listed in [BY_SERIAL, BY_MAC] {
        let host = host_with(&[listed]);
        let call = host.call(&HOSTED);
        let again = || {
            let device = find(&call, Some(&maria()), &renamed()).unwrap().unwrap();
            (device.id, device.name, device.matched_by, device.extra)
        };
        let first = again();
        assert_eq!(asked(&host), ["search", "list"]);
        host.pass_seconds(u64::from(LISTED_TTL_S));
        assert_eq!(again(), first);
        assert_eq!(asked(&host), Vec::<&str>::new());
    }
}

#[test]
fn a_machine_that_is_not_in_the_inventory_costs_one_list_in_a_working_day() {
    let host = host_with(&[]);
    let call = host.call(&HOSTED);
    let miss = || {
        assert!(find(&call, Some(&maria()), &renamed()).unwrap().is_none());
        asked(&host)
    };
    assert_eq!(miss(), ["search", "list"]);
    assert_eq!(miss(), Vec::<&str>::new());
    host.pass_seconds(u64::from(UNKNOWN_TTL_S));
    assert_eq!(miss(), ["search"], "it may have been added under its name");
    host.pass_seconds(u64::from(LISTED_TTL_S));
    assert_eq!(miss(), ["search", "list"]);
}

#[test]
fn another_dock_costs_nothing_but_another_machine_of_the_same_name_is_looked_for() {
    let docked = DeviceFacts {
        macs: vec!["98:fa:9b:20:5e:11".into()],
        ..renamed()
    };
    let host = host_with(&[BY_SERIAL]);
    let call = host.call(&HOSTED);
    assert!(find(&call, Some(&maria()), &renamed()).unwrap().is_some());
    asked(&host);
    assert!(find(&call, Some(&maria()), &docked).unwrap().is_some());
    assert_eq!(asked(&host), Vec::<&str>::new());

    let unnumbered = |facts: DeviceFacts| DeviceFacts {
        serial: None,
        ..facts
    };
    let host = host_with(&[BY_MAC]);
    let call = host.call(&HOSTED);
    assert!(
        find(&call, Some(&maria()), &unnumbered(renamed()))
            .unwrap()
            .is_some()
    );
    asked(&host);
    host.forget_answers("GET", "/api/Asset");
    host.answer("GET", "/api/Asset", 200, &assets(&[]));
    assert!(
        find(&call, Some(&maria()), &unnumbered(docked))
            .unwrap()
            .is_none()
    );
    assert_eq!(asked(&host), ["search", "list"]);
}

#[test]
fn a_list_that_halo_cannot_gather_costs_the_ticket_its_machine_once_and_not_its_existence() {
    for (status, body) in [
        (504, ""),
        (500, ""),
        (400, r#"{"Message":"unknown parameter"}"#),
        (200, "{}"),
    ] {
        let host = host();
        host.answer("GET", "/api/Asset", 200, &assets(&[]));
        host.answer("GET", "/api/Asset", status, body);
        host.answer("GET", "/api/Asset", 200, &assets(&[]));
        let call = host.call(&HOSTED);
        let failure = find(&call, Some(&maria()), &renamed()).unwrap_err();
        assert_eq!(
            (failure.kind, failure.code.as_str()),
            (FailureKind::Internal, "halo.assets-unlisted"),
            "{status}"
        );
        assert!(failure.help.unwrap().contains("by its name only"));
        asked(&host);
        assert!(find(&call, Some(&maria()), &renamed()).unwrap().is_none());
        assert_eq!(asked(&host), ["search"], "{status}");
    }
}

#[test]
fn what_is_not_about_the_list_stops_as_everywhere_and_the_list_is_asked_for_again() {
    let host = host();
    host.answer("GET", "/api/Asset", 200, &assets(&[]));
    host.answer("GET", "/api/Asset", 429, "Rate Limit Reached");
    host.answer("GET", "/api/Asset", 200, &assets(&[]));
    host.answer("GET", "/api/Asset", 200, &assets(&[BY_SERIAL]));
    let call = host.call(&HOSTED);
    let failure = find(&call, Some(&maria()), &renamed()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::RateLimited);
    asked(&host);
    assert!(find(&call, Some(&maria()), &renamed()).unwrap().is_some());
    assert_eq!(asked(&host), ["search", "list"]);
}

#[test]
fn after_a_refused_ticket_the_machine_is_looked_for_from_the_beginning() {
    let host = host_with(&[]);
    let call = host.call(&HOSTED);
    assert!(find(&call, Some(&maria()), &renamed()).unwrap().is_none());
    asked(&host);
    forget(&call, Some(&maria()), &renamed());
    assert!(find(&call, Some(&maria()), &renamed()).unwrap().is_none());
    assert_eq!(asked(&host), ["search", "list"]);
}
