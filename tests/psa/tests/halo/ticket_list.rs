//! `GET /Tickets`: envelope, paging, filters, search and its lag.

use std::time::Duration;

use psa_sandbox::halo::Lag;
use serde_json::{Value, json};

use crate::desk::Desk;

fn ids(list: &Value) -> Vec<i64> {
    list["tickets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ticket| ticket["id"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_list_is_an_envelope_newest_first_and_pages_when_asked() {
    let desk = Desk::open().await;
    let mut logged = Vec::new();
    for n in 0..5 {
        logged.push(desk.maria(&format!("ticket {n}")).await);
    }
    logged.reverse();
    let whole = desk.get("/Tickets").await.json();
    assert_eq!(whole["record_count"], 5);
    assert_eq!(ids(&whole), logged);
    assert_eq!(whole.get("page_no"), None);
    assert!(whole["tickets"][0].get("details").is_none());
    assert!(
        desk.get("/Tickets?includedetails=true").await.json()["tickets"][0]
            .get("details")
            .is_some()
    );

    for spelling in ["pageinate", "paginate"] {
        let page = desk
            .get(&format!("/Tickets?{spelling}=true&page_size=2&page_no=3"))
            .await
            .json();
        assert_eq!(page["page_no"], 3);
        assert_eq!(page["page_size"], 2);
        assert_eq!(page["record_count"], 5);
        assert_eq!(ids(&page), logged[4..]);
    }
    assert_eq!(ids(&desk.get("/Tickets?count=2").await.json()), logged[..2]);
    assert_eq!(
        ids(&desk.get("/Tickets?order=id&count=1").await.json()),
        logged[4..]
    );
    assert_eq!(
        ids(&desk.get("/Tickets?order=id&orderdesc=true&count=1").await.json()),
        logged[..1]
    );
    assert_eq!(
        ids(&desk.get("/Tickets?pageinate=true&page_no=99").await.json()),
        Vec::<i64>::new()
    );
}

#[tokio::test]
async fn no_list_is_longer_than_the_page_cap() {
    let desk = Desk::with(|behaviour| behaviour.page_cap = 3).await;
    for n in 0..5 {
        desk.maria(&format!("ticket {n}")).await;
    }
    for path in [
        "/Tickets",
        "/Tickets?count=1000",
        "/Tickets?pageinate=true&page_size=1000&page_no=1",
    ] {
        let list = desk.get(path).await.json();
        assert_eq!(
            (ids(&list).len(), list["record_count"].as_i64()),
            (3, Some(5)),
            "{path}"
        );
    }
    assert_eq!(
        desk.get("/Users").await.json()["users"].as_array().unwrap().len(),
        3
    );
}

#[tokio::test]
async fn filters_narrow_the_list() {
    let desk = Desk::open().await;
    let maria = desk.maria("Printer [hb:0198-aa] down").await;
    let priya = json!({
        "summary": "Screen flickers", "details": "since the storm", "user_id": 70, "client_id": 13, "site_id": 103,
        "assets": [{"id": 21}], "reportedby": "front desk", "supplier_reference": "SUP-1", "status_id": 9,
    });
    let priya = desk.ticket(priya).await.json()["id"].as_i64().unwrap();
    desk.note(json!({"ticket_id": maria, "outcome_id": 7, "note": "reference zebra"}))
        .await
        .json();
    for (query, expected) in [
        ("client_id=13", vec![priya]),
        ("site_id=101", vec![maria]),
        ("user_id=70", vec![priya]),
        ("open_only=true", vec![maria]),
        ("closed_only=true", vec![priya]),
        ("asset_id=21", vec![priya]),
        ("status_id=9", vec![priya]),
        ("search=PRINTER", vec![maria]),
        ("search=storm", vec![priya]),
        ("search=Priya", vec![priya]),
        ("search=zebra", vec![]),
        ("search=zebra&searchactions=true", vec![maria]),
        ("search_summary=%5Bhb%3A0198-aa%5D", vec![maria]),
        ("search_summary=storm", vec![]),
        ("search_details=storm", vec![priya]),
        ("search_reportedby=front", vec![priya]),
        ("search_supplier_reference=sup-1", vec![priya]),
        ("lastupdatefromdate=2020-01-01T00:00:00", vec![priya, maria]),
        ("lastupdatefromdate=2999-01-01T00:00:00", vec![]),
        ("lastupdatetodate=2020-01-01", vec![]),
    ] {
        assert_eq!(
            ids(&desk.get(&format!("/Tickets?{query}")).await.json()),
            expected,
            "{query}"
        );
    }
    let by_id = desk.get(&format!("/Tickets?search_id={maria}")).await.json();
    assert_eq!(ids(&by_id), [maria]);
    assert_eq!(desk.get("/Tickets?advanced_search=%5B%5D").await.status, 501);
    assert_eq!(desk.halo.ledger().violations, []);
}

#[tokio::test]
async fn an_index_lag_in_searches_hides_a_new_ticket_from_exactly_that_many_lists() {
    let desk = Desk::with(|behaviour| behaviour.index_lag = Lag::Searches(2)).await;
    let id = desk.maria("[hb:1]").await;
    assert_eq!(desk.get(&format!("/Tickets/{id}")).await.status, 200);
    for expected in [0, 0, 1, 1] {
        let list = desk.get("/Tickets?search_summary=hb:1").await.json();
        assert_eq!(ids(&list).len(), expected);
    }
}

#[tokio::test]
async fn an_index_lag_in_seconds_passes_with_the_clock() {
    let desk = Desk::with(|behaviour| behaviour.index_lag = Lag::Seconds(30)).await;
    desk.maria("[hb:1]").await;
    desk.halo.advance(Duration::from_secs(20));
    assert_eq!(desk.get("/Tickets").await.json()["record_count"], 0);
    desk.halo.advance(Duration::from_secs(10));
    assert_eq!(desk.get("/Tickets").await.json()["record_count"], 1);
}
