//! Users, clients, sites and devices.

use serde_json::Value;

use crate::desk::Desk;

fn column<'a>(list: &'a Value, rows: &str, field: &str) -> Vec<&'a str> {
    list[rows]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row[field].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_search_for_an_address_answers_near_matches_before_the_exact_one() {
    let desk = Desk::open().await;
    let list = desk
        .get("/Users?search=maria.rossi%40bianchi.example")
        .await
        .json();
    let found = column(&list, "users", "emailaddress");
    assert!(found.len() >= 3, "{found:?}");
    assert_eq!(found.last(), Some(&"maria.rossi@bianchi.example"));
    assert!(found.contains(&"maria.rossini@bianchi.example"));
    assert!(found.contains(&"anna.maria.rossi@bianchi.example"));
    assert!(
        found.iter().all(|email| email.ends_with("@bianchi.example")),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_user_list_has_the_vendors_envelope_and_fractional_site_ids() {
    let desk = Desk::open().await;
    let list = desk
        .get("/Users?search=Unregistered%40helpdeskbuttons.com")
        .await
        .json();
    assert_eq!(list["record_count"], 1);
    assert_eq!(list["user_ids"], "50");
    assert!(list.get("columns").is_some());
    let user = &list["users"][0];
    assert_eq!(
        (user["client_id"].as_i64(), user["site_id_int"].as_i64()),
        (Some(1), Some(1))
    );
    assert!(user["site_id"].is_f64(), "{user}");
    assert_eq!(
        desk.get("/Users?search=nobody%40nowhere.example").await.json()["record_count"],
        0
    );
}

#[tokio::test]
async fn one_address_may_belong_to_two_clients() {
    let desk = Desk::open().await;
    let list = desk.get("/Users?search=dana%40freelance.example").await.json();
    assert_eq!(list["record_count"], 2);
    let list = desk
        .get("/Users?search=dana%40freelance.example&client_id=13")
        .await
        .json();
    assert_eq!(
        column(&list, "users", "client_name"),
        ["Northgate Dental Practice"]
    );
}

#[tokio::test]
async fn inactive_people_are_listed_unless_left_out() {
    let desk = Desk::open().await;
    let found = async |more: &str| {
        let list = desk
            .get(&format!("/Users?search=ingrid.sauer%40hartmann.example{more}"))
            .await
            .json();
        list["record_count"].as_i64().unwrap()
    };
    assert_eq!(found("").await, 1);
    assert_eq!(found("&includeinactive=false").await, 0);
    assert_eq!(found("&includeactive=true").await, 0);
    assert_eq!(found("&includeactive=true&includeinactive=true").await, 1);
}

#[tokio::test]
async fn people_are_found_by_name_with_accents_and_in_other_scripts() {
    let desk = Desk::open().await;
    let search = async |text: &str| {
        let url = reqwest::Url::parse_with_params(&desk.url("/api/Users"), [("search", text)]).unwrap();
        let reply = desk.http.get(url).bearer_auth(desk.token()).send().await.unwrap();
        reply.json::<Value>().await.unwrap()
    };
    assert_eq!(
        column(&search("Søren").await, "users", "emailaddress"),
        ["soren.kjaer@osterbro.example"]
    );
    assert_eq!(column(&search("ليلى").await, "users", "name"), ["ليلى حداد"]);
    assert_eq!(search("Jürgen Müller").await["record_count"], 2);
}

#[tokio::test]
async fn clients_and_sites_are_envelopes_and_by_id_single_objects() {
    let desk = Desk::open().await;
    let clients = desk.get("/Client?search=dental").await.json();
    assert_eq!(column(&clients, "clients", "name"), ["Northgate Dental Practice"]);
    assert_eq!(
        desk.get("/Client/13").await.json()["name"],
        "Northgate Dental Practice"
    );
    assert_eq!(desk.get("/Client/999").await.status, 404);
    let sites = desk.get("/Site?client_id=13").await.json();
    assert_eq!(
        column(&sites, "sites", "name"),
        ["High Street", "Riverside Clinic"]
    );
    assert!(sites["sites"][0]["client_id"].is_f64());
    assert_eq!(
        desk.get("/Site/104").await.json()["clientsite_name"],
        "Northgate Dental Practice/Riverside Clinic"
    );
    assert_eq!(
        desk.get("/Users/55").await.json()["emailaddress"],
        "maria.rossi@bianchi.example"
    );
    assert_eq!(desk.get("/Users/9999").await.status, 404);
}

#[tokio::test]
async fn devices_are_found_by_hostname_tag_or_serial_and_by_client() {
    let desk = Desk::open().await;
    let both = desk.get("/Asset?search=reception-pc").await.json();
    assert_eq!(
        column(&both, "assets", "client_name"),
        ["Hartmann Logistik GmbH", "Northgate Dental Practice"]
    );
    let one = desk.get("/Asset?search=RECEPTION-PC&client_id=13").await.json();
    assert_eq!(
        (one["record_count"].as_i64(), one["assets"][0]["id"].as_i64()),
        (Some(1), Some(20))
    );
    let near = desk.get("/Asset?search=RECEPTION").await.json();
    assert!(column(&near, "assets", "key_field").contains(&"RIVER-RECEPTION"));
    assert_eq!(
        desk.get("/Asset?search=MI-PC-007").await.json()["assets"][0]["key_field"],
        "PC-7"
    );
    assert_eq!(desk.get("/Asset?search=PF1XG8K2").await.json()["record_count"], 1);
    assert_eq!(
        desk.get("/Asset?search=PC-8&search_inventory_number_only=true")
            .await
            .json()["record_count"],
        0
    );
    assert_eq!(
        desk.get("/Asset?inventory_number=mi-pc-008").await.json()["record_count"],
        1
    );
    assert_eq!(
        desk.get("/Asset?search=BREWERY-PC&includeinactive=false")
            .await
            .json()["record_count"],
        0
    );
    assert_eq!(desk.get("/Asset/7").await.json()["inventory_number"], "MI-PC-007");
}

#[tokio::test]
async fn the_fields_of_devices_are_listed_when_they_are_asked_for() {
    let desk = Desk::open().await;
    let listed = desk
        .get("/Asset?client_id=12&pageinate=true&page_size=3&page_no=1")
        .await
        .json();
    assert_eq!(
        (
            listed["record_count"].as_i64(),
            listed["assets"].as_array().map(Vec::len)
        ),
        (Some(7), Some(3))
    );
    assert_eq!(listed["assets"][0].get("fields"), None);
    let with_fields = desk
        .get("/Asset?client_id=12&includeassetfields=true&order=id")
        .await
        .json();
    let first = &with_fields["assets"][0];
    let field = |name: &str| {
        let fields = first["fields"].as_array().unwrap();
        fields.iter().find(|field| field["name"] == name).unwrap()["value"].clone()
    };
    assert_eq!(first["key_field2"], field("Serial Number"));
    assert_eq!(field("Computer Name"), "PC-7");
    assert_eq!(field("MAC Address"), "3C-52-82-1A-07-C4");
    assert!(
        desk.halo.ledger().violations.is_empty(),
        "{:#?}",
        desk.halo.ledger().violations
    );
}
