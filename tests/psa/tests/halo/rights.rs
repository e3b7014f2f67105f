//! Effective rights: the application's scopes intersected with what its agent may do.

use psa_sandbox::halo::{
    AgentList, AgentPermissions, AgentlessLookups, Behaviour, INTEGRATION_SCOPES, Login, LoginType,
};
use serde_json::json;

use crate::desk::{Desk, SCOPES};

const LOOKUPS: [&str; 6] = [
    "/Status",
    "/TicketType",
    "/Team",
    "/Priority",
    "/Category",
    "/Outcome",
];

/// Whether a ticket, the ticket list, the people and the devices are open, in this order.
async fn open(desk: &Desk) -> [bool; 4] {
    [
        desk.ticket(json!({"summary": "x"})).await.status == 201,
        desk.get("/Tickets").await.status == 200,
        desk.get("/Users").await.status == 200,
        desk.get("/Asset").await.status == 200,
    ]
}

#[tokio::test]
async fn each_scope_ticked_off_closes_its_own_calls_for_tokens_issued_afterwards() {
    for (missing, expected) in [
        ("edit:tickets", [false, true, true, true]),
        ("read:tickets", [true, false, true, true]),
        ("read:customers", [true, true, false, true]),
        ("read:crm", [true, true, false, true]),
        ("read:assets", [true, true, true, false]),
    ] {
        let mut desk = Desk::with(|behaviour| behaviour.customers_need_crm = true).await;
        assert_eq!(open(&desk).await, [true; 4]);
        let left = INTEGRATION_SCOPES.iter().filter(|scope| **scope != missing);
        let left: Vec<String> = left.map(|scope| (*scope).to_owned()).collect();
        desk.halo
            .adjust(|behaviour| behaviour.application_scopes = Some(left))
            .unwrap();
        assert_eq!(open(&desk).await, [true; 4], "tokens keep {missing}");
        for asked in ["all", SCOPES] {
            desk.take_token(asked).await;
            assert_eq!(
                open(&desk).await,
                expected,
                "without {missing}, asking for {asked}"
            );
        }
    }
}

#[tokio::test]
async fn a_scope_withdrawn_closes_its_calls_for_every_token() {
    for (missing, expected) in [
        ("edit:tickets", [false, true, true, true]),
        ("read:tickets", [true, false, true, true]),
        ("read:customers", [true, true, false, true]),
        ("read:assets", [true, true, true, false]),
    ] {
        let desk = Desk::with(|behaviour| behaviour.withdrawn_scopes = vec![missing.to_owned()]).await;
        assert_eq!(open(&desk).await, expected, "{missing}");
    }
}

#[tokio::test]
async fn a_misspelt_scope_is_no_scope() {
    let mut desk = Desk::open().await;
    desk.take_token("edit:ticket read:tickets read:customers read:assets")
        .await;
    assert_eq!(open(&desk).await, [false, true, true, true]);
    assert_eq!(desk.ticket(json!({"summary": "x"})).await.status, 401);
}

#[tokio::test]
async fn an_application_ticked_all_gets_what_it_asks_for() {
    let mut desk = Desk::with(|behaviour| behaviour.application_scopes = Some(vec!["all".into()])).await;
    desk.take_token("read:assets").await;
    assert_eq!(open(&desk).await, [false, false, false, true]);
    desk.take_token("all").await;
    assert_eq!(open(&desk).await, [true; 4]);
    assert_eq!(desk.get("/Webhook").await.status, 200);
    desk.halo
        .adjust(|behaviour| behaviour.application_scopes = Some(vec!["all:standard".into()]))
        .unwrap();
    desk.take_token("all").await;
    assert_eq!(open(&desk).await, [true; 4]);
    assert_eq!(desk.get("/Webhook").await.status, 401);
}

#[tokio::test]
async fn what_the_agent_may_not_do_is_forbidden_whatever_the_scopes_say() {
    let all = AgentPermissions::default();
    for (agent_permissions, expected) in [
        (all, [true; 4]),
        (
            AgentPermissions {
                edit_tickets: false,
                ..all
            },
            [false, true, true, true],
        ),
        (
            AgentPermissions {
                read_tickets: false,
                ..all
            },
            [true, false, true, true],
        ),
        (
            AgentPermissions {
                read_customers: false,
                ..all
            },
            [true, true, false, true],
        ),
        (
            AgentPermissions {
                read_assets: false,
                ..all
            },
            [true, true, true, false],
        ),
    ] {
        let desk = Desk::open().await;
        desk.halo
            .adjust(|behaviour| behaviour.agent_permissions = agent_permissions)
            .unwrap();
        assert_eq!(open(&desk).await, expected, "{agent_permissions:?}");
        let refused = desk
            .halo
            .ledger()
            .requests
            .into_iter()
            .filter(|it| it.status >= 400);
        assert!(refused.clone().all(|it| it.status == 403 && !it.applied));
        assert_eq!(refused.count(), expected.iter().filter(|open| !**open).count());
    }
}

#[tokio::test]
async fn an_agent_who_may_not_write_notes_is_told_in_the_recorded_words() {
    let desk = Desk::open().await;
    let id = desk.maria("x").await;
    let note = json!({"ticket_id": id, "outcome_id": 7, "note": "n"});
    assert_eq!(desk.note(note.clone()).await.status, 201);
    desk.halo
        .adjust(|behaviour| behaviour.agent_permissions.add_actions = false)
        .unwrap();
    let reply = desk.note(note).await;
    assert_eq!(
        (reply.status, reply.message().as_str()),
        (403, "You do not have access to this Action")
    );
    assert_eq!(desk.ticket(json!({"id": id, "status_id": 2})).await.status, 201);
    assert_eq!(desk.halo.ledger().actions.len(), 1);
}

#[tokio::test]
async fn a_login_that_is_no_agent_is_refused_tickets_and_lookups_at_once() {
    for login in [
        Login {
            login_type: LoginType::None,
            agent_id: Some(5),
        },
        Login {
            login_type: LoginType::Agent,
            agent_id: None,
        },
        // Disabled, and unknown.
        Login {
            login_type: LoginType::Agent,
            agent_id: Some(6),
        },
        Login {
            login_type: LoginType::Agent,
            agent_id: Some(777),
        },
    ] {
        let desk = Desk::open().await;
        assert_eq!(desk.get("/Tickets").await.status, 200);
        desk.halo
            .adjust(|behaviour| behaviour.login = Some(login))
            .unwrap();
        assert_eq!(open(&desk).await, [false, false, true, false], "{login:?}");
        for lookup in LOOKUPS {
            let reply = desk.get(lookup).await;
            assert_eq!((reply.status, reply.text.as_str()), (403, ""), "{lookup}");
        }
        desk.halo
            .adjust(|behaviour| behaviour.agentless_lookups = AgentlessLookups::Empty)
            .unwrap();
        for lookup in LOOKUPS {
            assert_eq!(desk.get(lookup).await.json(), json!([]), "{lookup}");
        }
        assert_eq!(desk.get("/Team/1").await.status, 404);
        assert_eq!(desk.get("/Tickets").await.status, 403);
        desk.halo.adjust(|behaviour| behaviour.login = None).unwrap();
        assert_eq!(open(&desk).await, [true; 4]);
    }
}

#[tokio::test]
async fn an_empty_agent_list_keeps_its_shape() {
    let patch =
        json!({"login": {"login_type": "none"}, "agentless_lookups": "empty", "agent_list": "envelope"});
    let desk = Desk::open().await;
    desk.halo
        .set(Behaviour::default().patched(&patch).unwrap())
        .unwrap();
    assert_eq!(
        desk.get("/Agent").await.json(),
        json!({"record_count": 0, "agents": []})
    );
    desk.halo
        .adjust(|behaviour| behaviour.agent_list = AgentList::Array)
        .unwrap();
    assert_eq!(desk.get("/Agent").await.json(), json!([]));
}

#[tokio::test]
async fn another_agent_writes_in_its_own_name() {
    let desk = Desk::open().await;
    let login = Login {
        login_type: LoginType::Agent,
        agent_id: Some(2),
    };
    desk.halo
        .adjust(|behaviour| behaviour.login = Some(login))
        .unwrap();
    assert_eq!(desk.get("/Agent/me").await.json()["name"], "Ada Thornton");
    assert_eq!(
        desk.ticket(json!({"summary": "x"})).await.json()["agent_name"],
        "Ada Thornton"
    );
}
