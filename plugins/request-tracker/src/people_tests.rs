use super::*;
use crate::test_support::{SETTINGS, facts, host, person};

const USERS: &str = "/rt/REST/2.0/users";

#[test]
fn a_person_is_found_by_exactly_their_address_and_remembered() {
    let host = host();
    host.answer(
        "GET",
        USERS,
        200,
        r#"{"items":[{"id":"root","EmailAddress":"root@localhost"},
            {"id":"maria.rossi","RealName":"Maria Rossi","EmailAddress":"Maria.Rossi@bianchi.example"}]}"#,
    );
    for _ in 0..2 {
        let found = find_contact(&host.call(&SETTINGS), &person(" maria.rossi@BIANCHI.example "))
            .unwrap()
            .unwrap();
        assert_eq!(
            (found.contact.id.as_str(), found.contact.name.as_str()),
            ("maria.rossi", "Maria Rossi")
        );
        assert_eq!(found.matched_by, "email");
    }
    assert_eq!(host.take_requests(), [format!("GET {USERS}")]);
}

#[test]
fn an_answer_to_another_question_finds_nobody() {
    // RT ignores a field that the user may not search for, and lists everybody.
    let host = host();
    host.answer(
        "GET",
        USERS,
        200,
        r#"{"items":[{"id":"root","EmailAddress":"root@localhost"},{"id":"x"}]}"#,
    );
    assert!(
        find_contact(&host.call(&SETTINGS), &person("maria.rossi@bianchi.example"))
            .unwrap()
            .is_none()
    );
}

#[test]
fn only_one_plain_address_asks() {
    for address in ["a@b", "jö+it@example.com", "O'Neill@x.example"] {
        assert_eq!(address_of(&person(address)), Some(address));
    }
    let none = [
        "",
        "root",
        "14",
        "@",
        "a@",
        "@b",
        "a@b, c@d",
        "a@b;c@d",
        "A B <a@b>",
        "a@b@c",
        "a\n@b",
        "\"a\"@b",
        "a@b c",
    ];
    for address in none {
        assert_eq!(address_of(&person(address)), None, "{address:?}");
    }
    let host = host();
    assert!(
        find_contact(&host.call(&SETTINGS), &person("root"))
            .unwrap()
            .is_none()
    );
    assert!(host.requests().is_empty());
}

#[test]
fn a_machine_is_the_only_active_asset_of_its_name_in_the_catalog() {
    let with_catalog = [SETTINGS[0], ("asset-catalog", "general ASSETS")];
    let host = host();
    host.answer(
        "GET",
        "/rt/REST/2.0/catalogs/all",
        200,
        r#"{"items":[{"id":"1","Name":"General assets"}]}"#,
    );
    host.answer(
        "GET",
        "/rt/REST/2.0/assets",
        200,
        r#"{"items":[{"id":"7","Name":"pc-7"}]}"#,
    );
    host.answer(
        "GET",
        "/rt/REST/2.0/assets",
        200,
        r#"{"items":[{"id":"7","Name":"PC-7"},{"id":"8","Name":"PC-7"}]}"#,
    );
    let device = find_device(&host.call(&with_catalog), &facts("PC-7"))
        .unwrap()
        .unwrap();
    assert_eq!(
        (device.id.as_str(), device.matched_by.as_str()),
        ("7", "hostname")
    );
    let asked = &host.requests()[1].query;
    assert!(
        asked.contains("Catalog%20%3D%20%271%27%20AND%20Name%20%3D%20%27PC-7%27"),
        "{asked}"
    );
    assert!(
        find_device(&host.call(&with_catalog), &facts("PC-7"))
            .unwrap()
            .is_none(),
        "two of one name"
    );
    assert!(
        find_device(&host.call(&SETTINGS), &facts("PC-7"))
            .unwrap()
            .is_none(),
        "no catalog is set"
    );
}

#[test]
fn a_catalog_that_is_not_there_is_told_and_a_quote_in_a_name_stays_one() {
    let host = host();
    host.answer("GET", "/rt/REST/2.0/catalogs/all", 200, r#"{"items":[]}"#);
    let failure =
        find_device(&host.call(&[SETTINGS[0], ("asset-catalog", "x")]), &facts("PC-7")).unwrap_err();
    assert_eq!(
        (failure.code.as_str(), failure.field.as_deref()),
        ("request-tracker.no-catalog", Some(ASSET_CATALOG))
    );
    assert_eq!(quoted("a' OR id > '0 \\"), r"'a\' OR id > \'0 \\'");
}
