//! Pick-lists and their shapes.

use psa_sandbox::halo::AgentList;
use serde_json::Value;

use crate::desk::Desk;

fn names<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array()
        .unwrap_or_else(|| panic!("no bare array: {list}"))
        .iter()
        .map(|it| it[field].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn lookups_are_bare_arrays() {
    let desk = Desk::open().await;
    for path in [
        "/Status",
        "/TicketType",
        "/Team",
        "/Priority",
        "/Category",
        "/Outcome",
        "/Lookup",
        "/Agent",
    ] {
        let list = desk.get(path).await.json();
        assert!(
            list.as_array().is_some_and(|rows| !rows.is_empty()),
            "{path}: {list}"
        );
    }
}

#[tokio::test]
async fn the_agent_list_comes_in_either_shape() {
    let desk = Desk::open().await;
    let bare = desk.get("/Agent").await.json();
    assert_eq!(bare[0]["name"], "Unassigned");
    desk.halo
        .adjust(|behaviour| behaviour.agent_list = AgentList::Envelope)
        .unwrap();
    let envelope = desk.get("/Agent").await.json();
    assert_eq!(envelope["agents"], bare);
    assert_eq!(envelope["record_count"], bare.as_array().unwrap().len());
    assert_eq!(desk.get("/Agent/me").await.json()["name"], "Helpbell");
    assert_eq!(desk.get("/Agent/2").await.json()["name"], "Ada Thornton");
}

#[tokio::test]
async fn a_priority_has_a_guid_for_an_id_and_the_number_beside_it() {
    let desk = Desk::open().await;
    let list = desk.get("/Priority").await.json();
    let first = &list[0];
    assert_eq!(first["id"].as_str().unwrap().len(), 36);
    assert_eq!(
        (first["priorityid"].as_i64(), first["slaid"].as_i64()),
        (Some(1), Some(1))
    );
    assert!(list.as_array().unwrap().iter().any(|row| row["ishidden"] == true));
    // Sending the GUID, as a careless client would, is a wrong type.
    let reply = desk
        .ticket(serde_json::json!({"summary": "x", "priority_id": first["id"]}))
        .await;
    assert_eq!(reply.status, 400);
    assert!(
        reply.any_json().get("[0].priority_id").is_some(),
        "{}",
        reply.text
    );
}

#[tokio::test]
async fn filters_of_lookups_work() {
    let desk = Desk::open().await;
    let categories = desk.get("/Category?type_id=1").await.json();
    assert!(names(&categories, "value").contains(&"Hardware>Desktop"));
    assert!(!names(&categories, "value").contains(&"Fixed remotely"));
    let desktop = categories
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["value"] == "Hardware>Desktop")
        .unwrap();
    assert_eq!(desktop["category_name"], "Desktop");
    assert!(!names(&desk.get("/Status?excludeclosed=true").await.json(), "name").contains(&"Closed"));
    assert!(!names(&desk.get("/TicketType").await.json(), "name").contains(&"Onboarding (old)"));
    assert!(names(&desk.get("/TicketType?showall=true").await.json(), "name").contains(&"Onboarding (old)"));
    assert_eq!(desk.get("/Outcome/16").await.json()["outcome"], "Email User");
    assert!(!names(&desk.get("/Outcome").await.json(), "outcome").contains(&"Internal Note (old)"));
    assert!(
        names(&desk.get("/Outcome?showhidden=true").await.json(), "outcome").contains(&"Internal Note (old)")
    );
    assert_eq!(
        names(&desk.get("/Lookup?lookupid=28").await.json(), "name"),
        ["High", "Medium", "Low"]
    );
}
