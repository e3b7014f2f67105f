use helpbell_connector::testing::ScriptedHost;
use helpbell_connector::{FailureKind, FoundContact};

use super::*;
use crate::test_support::{HOSTED, MARIA, UNREGISTERED, host, person, users};

fn found(host: &ScriptedHost, email: &str) -> Option<FoundContact> {
    find(&host.call(&HOSTED), &person(email))
        .map_err(|failure| failure.message)
        .unwrap()
}

/// Neither the person nor the catch-all contact.
fn nobody(host: &ScriptedHost, email: &str) -> Failure {
    find(&host.call(&HOSTED), &person(email)).unwrap_err()
}

#[test]
fn near_matches_before_the_exact_address_are_passed_over() {
    let host = host();
    let near = r#"{"id":54,"name":"Maria Rossini","emailaddress":"maria.rossini@contoso.com","client_id":10,"site_id":100}"#;
    host.answer("GET", "/api/Users", 200, &users(&[near, MARIA]));
    let found = found(&host, " MARIA.ROSSI@contoso.com ").unwrap();
    assert_eq!(
        (found.contact.id.as_str(), found.matched_by.as_str()),
        ("55", "email")
    );
    assert_eq!(found.contact.organisation, Some(("10".into(), "Contoso".into())));
    assert_eq!(
        found.contact.site,
        Some(("100".into(), "Main".into())),
        "a site id sent as 100.0 is 100"
    );
    assert!(
        host.requests()[0]
            .query
            .starts_with("search=maria.rossi%40contoso.com&")
    );
    assert!(
        host.requests()[0]
            .headers
            .contains(&("halo-app-name".into(), "helpbell".into()))
    );
}

#[test]
fn the_exact_address_is_found_on_a_later_page() {
    let host = host();
    let near = r#"{"id":1,"emailaddress":"a@contoso.com"}"#;
    host.answer(
        "GET",
        "/api/Users",
        200,
        &format!(r#"{{"record_count":51,"users":[{}]}}"#, [near; 50].join(",")),
    );
    host.answer("GET", "/api/Users", 200, &users(&[MARIA]));
    assert_eq!(found(&host, "maria.rossi@contoso.com").unwrap().contact.id, "55");
    assert!(host.requests()[1].query.ends_with("page_no=2"));
}

#[test]
fn a_server_with_a_smaller_page_than_asked_for_is_read_to_the_end() {
    let host = host();
    host.answer(
        "GET",
        "/api/Users",
        200,
        r#"{"record_count":2,"users":[{"id":1,"emailaddress":"a@contoso.com"}]}"#,
    );
    host.answer(
        "GET",
        "/api/Users",
        200,
        &format!(r#"{{"record_count":2,"users":[{MARIA}]}}"#),
    );
    assert_eq!(found(&host, "maria.rossi@contoso.com").unwrap().contact.id, "55");
}

#[test]
fn a_search_that_never_ends_is_given_up() {
    let host = host();
    let near = r#"{"id":1,"emailaddress":"a@contoso.com"}"#;
    host.answer(
        "GET",
        "/api/Users",
        200,
        &format!(r#"{{"record_count":9999,"users":[{}]}}"#, [near; 50].join(",")),
    );
    assert_eq!(
        nobody(&host, "maria.rossi@contoso.com").code,
        "halo.no-unregistered-contact"
    );
    assert_eq!(
        host.requests().len(),
        2 * MAX_PAGES,
        "the person and the catch-all contact"
    );
}

#[test]
fn an_inactive_user_is_nobody_and_the_catch_all_contact_takes_over() {
    let host = host();
    host.answer(
        "GET",
        "/api/Users",
        200,
        &users(&[&MARIA.replace("false", "true")]),
    );
    host.answer("GET", "/api/Users", 200, &users(&[UNREGISTERED]));
    let found = found(&host, "maria.rossi@contoso.com").unwrap();
    assert_eq!(
        (found.contact.id.as_str(), found.matched_by.as_str()),
        ("2", "catch-all")
    );
}

#[test]
fn an_address_at_two_clients_always_gives_the_same_contact_and_names_the_other() {
    let elsewhere = MARIA
        .replace("\"id\":55", "\"id\":90")
        .replace("Contoso", "Fabrikam");
    for order in [[MARIA, &elsewhere], [&elsewhere, MARIA]] {
        let host = host();
        host.answer("GET", "/api/Users", 200, &users(&order));
        let contact = found(&host, "maria.rossi@contoso.com").unwrap().contact;
        assert_eq!((contact.id.as_str(), also_at(&contact)), ("55", Some("Fabrikam")));
    }
}

#[test]
fn a_remembered_contact_costs_no_request_for_a_day() {
    let host = host();
    host.answer("GET", "/api/Users", 200, &users(&[MARIA]));
    found(&host, "maria.rossi@contoso.com").unwrap();
    host.take_requests();
    let again = found(&host, "Maria.Rossi@Contoso.com").unwrap();
    assert_eq!(
        (again.contact.id.as_str(), again.contact.name.as_str()),
        ("55", "Maria Rossi")
    );
    assert!(host.take_requests().is_empty());
    assert!(
        host.cache_keys().iter().all(|key| !key.contains('@')),
        "no address in a key: {:?}",
        host.cache_keys()
    );
    host.pass_seconds(u64::from(CONTACT_TTL_S));
    found(&host, "maria.rossi@contoso.com").unwrap();
    assert_eq!(host.take_requests().len(), 1);
}

#[test]
fn an_unknown_person_is_asked_for_again_after_minutes_but_the_catch_all_contact_is_not() {
    let host = host();
    host.answer("GET", "/api/Users", 200, &users(&[]));
    host.answer("GET", "/api/Users", 200, &users(&[UNREGISTERED]));
    host.answer("GET", "/api/Users", 200, &users(&[MARIA]));
    assert_eq!(
        found(&host, "maria.rossi@contoso.com").unwrap().matched_by,
        "catch-all"
    );
    assert_eq!(
        found(&host, "maria.rossi@contoso.com").unwrap().matched_by,
        "catch-all"
    );
    assert_eq!(host.take_requests().len(), 2);
    host.pass_seconds(u64::from(UNKNOWN_TTL_S));
    assert_eq!(
        found(&host, "maria.rossi@contoso.com").unwrap().matched_by,
        "email",
        "the MSP has created her"
    );
    assert_eq!(host.take_requests().len(), 1);
}

#[test]
fn what_is_kept_for_another_address_under_the_same_hash_is_not_believed() {
    let host = host();
    host.answer("GET", "/api/Users", 200, &users(&[MARIA]));
    let call = host.call(&HOSTED);
    let other = json!({"for": "other@contoso.com", "user": {"id": "99"}});
    call.cache_json(&key_of("maria.rossi@contoso.com"), &other, 60);
    assert_eq!(found(&host, "maria.rossi@contoso.com").unwrap().contact.id, "55");
}

#[test]
fn without_any_contact_the_technician_is_told_what_to_create() {
    let host = host();
    host.answer("GET", "/api/Users", 200, &users(&[]));
    let failure = nobody(&host, "");
    assert_eq!(
        failure.kind,
        FailureKind::NotFound,
        "the ticket is filed all the same"
    );
    assert!(failure.help.unwrap().contains("unregistered@helpdeskbuttons.com"));
    assert_eq!(host.take_requests().len(), 1, "an empty address is not searched");
}

#[test]
fn a_missing_permission_names_itself_and_the_screen() {
    let host = host();
    host.answer("GET", "/api/Users", 403, "");
    let failure = find(&host.call(&HOSTED), &person("a@b.c")).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Forbidden);
    let help = failure.help.unwrap();
    assert!(
        help.contains("read:customers") && help.contains("Login Type") && help.contains("Applications"),
        "{help}"
    );
}

#[test]
fn an_answer_without_users_is_unreadable_and_not_nobody() {
    let host = host();
    host.answer("GET", "/api/Users", 200, r#"{"something":"else"}"#);
    assert_eq!(
        find(&host.call(&HOSTED), &person("a@b.c")).unwrap_err().code,
        "halo.users-unreadable"
    );
}
