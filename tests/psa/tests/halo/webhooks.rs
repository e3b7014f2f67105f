//! Webhooks: what is delivered to whom, how it proves itself, and the log.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use psa_sandbox::halo::{Authentication, Batch, Event, Form, HaloError, Payload, Webhook};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::desk::Desk;

/// A receiver on loopback that keeps what comes.
struct Receiver {
    url: String,
    came: mpsc::UnboundedReceiver<(HashMap<String, String>, Value)>,
}

type Kept = mpsc::UnboundedSender<(HashMap<String, String>, Value)>;

async fn receive(State(kept): State<Kept>, headers: HeaderMap, body: String) -> StatusCode {
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    kept.send((headers.collect(), serde_json::from_str(&body).unwrap()))
        .unwrap();
    StatusCode::ACCEPTED
}

impl Receiver {
    async fn open() -> Self {
        let (kept, came) = mpsc::unbounded_channel();
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .unwrap();
        let url = format!("http://{}/hook?key=1", listener.local_addr().unwrap());
        let app = Router::new()
            .route("/hook", axum::routing::post(receive))
            .with_state(kept);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, came }
    }

    async fn next(&mut self) -> (HashMap<String, String>, Value) {
        self.came.recv().await.unwrap()
    }

    fn is_quiet(&mut self) -> bool {
        self.came.try_recv().is_err()
    }
}

async fn note(desk: &Desk, id: i64) {
    let note = json!({"ticket_id": id, "outcome_id": 7, "note": "look", "hiddenfromuser": true});
    desk.note(note).await.json();
}

#[tokio::test]
async fn a_new_ticket_a_change_and_a_note_are_told_in_full() {
    let (desk, mut receiver) = (Desk::open().await, Receiver::open().await);
    let webhook = desk.halo.add_webhook(Webhook::to(&receiver.url)).unwrap();
    let id = desk.maria("Printer down").await;
    let (headers, logged) = receiver.next().await;
    assert_eq!(headers["content-type"], "application/json");
    assert!(!headers.contains_key("authorization"));
    assert_eq!(logged["event"], "New Ticket Logged");
    assert_eq!(logged["object_id"], id);
    assert_eq!(logged["webhook_id"], webhook.to_string());
    assert!(Uuid::parse_str(logged["id"].as_str().unwrap()).is_ok());
    assert_eq!(logged["notification_id"], 1);
    assert_eq!(
        logged["ticket"]["status"],
        json!({"id": 1, "name": "New", "shortname": "New"})
    );
    assert_eq!(logged["ticket"]["client_name"], "Bianchi & Figli S.r.l.");
    assert!(logged.get("action").is_none());

    desk.ticket(json!({"id": id, "status_id": 9})).await.json();
    let (_, changed) = receiver.next().await;
    assert_eq!(
        (changed["event"].as_str(), changed["notification_id"].as_i64()),
        (Some("Ticket Updated"), Some(2))
    );
    assert_ne!(changed["ticket"]["dateclosed"], "1899-12-30T00:00:00");

    note(&desk, id).await;
    let (_, noted) = receiver.next().await;
    assert_eq!(noted["event"], "Ticket Updated");
    assert_eq!(
        (
            noted["action"]["id"].as_i64(),
            noted["action"]["hiddenfromuser"].as_bool()
        ),
        (Some(2), Some(true))
    );
    desk.halo.until_delivered().await;
    assert!(receiver.is_quiet());
    let log = desk.halo.ledger().deliveries;
    assert_eq!(
        log.iter().map(|it| (it.status, it.ticket_id)).collect::<Vec<_>>(),
        [(202, id); 3]
    );
}

#[tokio::test]
async fn what_was_not_stored_is_not_told() {
    let (desk, mut receiver) = (Desk::open().await, Receiver::open().await);
    desk.halo.add_webhook(Webhook::to(&receiver.url)).unwrap();
    assert_eq!(desk.ticket(json!({"summary": ""})).await.status, 400);
    desk.ticket(json!({"summary": "x", "_validate_only": true}))
        .await
        .json();
    desk.get("/Tickets").await.json();
    desk.halo.until_delivered().await;
    assert!(receiver.is_quiet());
    desk.maria("x").await;
    receiver.next().await;
}

#[tokio::test]
async fn key_fields_and_events_only_tell_less() {
    let (desk, mut receiver) = (Desk::open().await, Receiver::open().await);
    let mut webhook = Webhook {
        payload: Payload::KeyFields,
        ..Webhook::to(&receiver.url)
    };
    desk.halo.add_webhook(webhook.clone()).unwrap();
    let id = desk.maria("x").await;
    let ticket = receiver.next().await.1["ticket"].clone();
    assert_eq!(
        (ticket["id"].as_i64(), ticket["user_id"].as_i64()),
        (Some(id), Some(55))
    );
    assert!(ticket.get("details").is_none() && ticket.get("status").is_none());
    note(&desk, id).await;
    let action = receiver.next().await.1["action"].clone();
    assert!(action.get("note").is_none() && action["id"] == 2, "{action}");

    webhook.payload = Payload::EventOnly;
    desk.halo.add_webhook(webhook).unwrap();
    note(&desk, id).await;
    let bare = receiver.next().await.1;
    assert_eq!(bare["object_id"], id);
    assert!(bare.get("ticket").is_none() && bare.get("action").is_none());
}

#[tokio::test]
async fn deliveries_prove_themselves_as_configured() {
    let (desk, mut receiver) = (Desk::open().await, Receiver::open().await);
    for (authentication, header) in [
        (
            Authentication::Basic {
                username: "halo".into(),
                password: "pässword".into(),
            },
            "Basic aGFsbzpww6Rzc3dvcmQ=",
        ),
        (
            Authentication::Bearer {
                token: "t0ken".into(),
            },
            "Bearer t0ken",
        ),
    ] {
        let webhook = Webhook {
            authentication,
            ..Webhook::to(&receiver.url)
        };
        let id = desk.halo.add_webhook(webhook).unwrap();
        desk.maria("x").await;
        assert_eq!(receiver.next().await.0["authorization"], header);
        desk.halo.until_delivered().await;
        let log = serde_json::to_string(&desk.halo.ledger().deliveries).unwrap();
        assert!(
            !log.contains("aGFsbzpww6Rzc3dvcmQ=") && !log.contains("t0ken"),
            "{log}"
        );
        assert!(desk.halo.remove_webhook(id));
    }
    desk.maria("x").await;
    desk.halo.until_delivered().await;
    assert!(receiver.is_quiet());
}

#[tokio::test]
async fn a_batch_is_an_array_sent_when_full_or_when_asked() {
    let (desk, mut receiver) = (Desk::open().await, Receiver::open().await);
    let batch = Batch {
        limit: 2,
        delay_seconds: 3600,
    };
    let webhook = Webhook {
        batch: Some(batch),
        ..Webhook::to(&receiver.url)
    };
    desk.halo.add_webhook(webhook.clone()).unwrap();
    let one = desk.maria("one").await;
    desk.halo.until_delivered().await;
    assert!(receiver.is_quiet());
    let two = desk.maria("two").await;
    let body = receiver.next().await.1;
    let tickets: Vec<_> = body
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["object_id"].clone())
        .collect();
    assert_eq!(tickets, [one, two]);
    desk.maria("three").await;
    desk.halo.flush_webhooks();
    assert_eq!(receiver.next().await.1.as_array().unwrap().len(), 1);

    let soon = Batch {
        limit: 50,
        delay_seconds: 0,
    };
    desk.halo
        .add_webhook(Webhook {
            batch: Some(soon),
            ..webhook
        })
        .unwrap();
    desk.maria("four").await;
    assert_eq!(receiver.next().await.1.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_delivery_can_be_repeated_word_for_word() {
    let (desk, mut receiver) = (Desk::open().await, Receiver::open().await);
    desk.halo.add_webhook(Webhook::to(&receiver.url)).unwrap();
    desk.maria("x").await;
    let first = receiver.next().await.1;
    desk.halo.until_delivered().await;
    let logged = desk.halo.ledger().deliveries[0].clone();
    desk.halo.redeliver(logged.id).unwrap();
    assert_eq!(receiver.next().await.1, first);
    desk.halo.until_delivered().await;
    let again = desk.halo.ledger().deliveries[1].clone();
    assert_eq!((again.repeats, again.body), (Some(logged.id), logged.body));
    assert!(matches!(
        desk.halo.redeliver(Uuid::nil()),
        Err(HaloError::Webhook { .. })
    ));
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_logged_and_nothing_else_suffers() {
    let (desk, mut receiver) = (Desk::open().await, Receiver::open().await);
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap();
    let gone = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    desk.halo.add_webhook(Webhook::to(gone)).unwrap();
    desk.halo.add_webhook(Webhook::to(&receiver.url)).unwrap();
    desk.maria("x").await;
    receiver.next().await;
    desk.halo.until_delivered().await;
    let log = desk.halo.ledger().deliveries;
    let failed: Vec<_> = log.iter().filter(|it| it.error.is_some()).collect();
    assert_eq!((log.len(), failed.len(), failed[0].status), (2, 1, 0));
}

#[tokio::test]
async fn nothing_is_delivered_off_this_machine() {
    let desk = Desk::open().await;
    for url in [
        "http://192.0.2.1/",
        "https://127.0.0.1/",
        "http://receiver.example/",
        "no url",
    ] {
        let error = desk.halo.add_webhook(Webhook::to(url)).unwrap_err();
        assert!(matches!(error, HaloError::Webhook { .. }), "{url}: {error}");
        let body = json!({"url": url});
        let reply = desk.call(Method::POST, "/_sandbox/webhooks", Some(&body)).await;
        assert_eq!(reply.status, 400, "{url}");
    }
    assert!(desk.halo.webhooks().is_empty());
}

#[tokio::test]
async fn webhooks_are_set_up_and_repeated_over_http() {
    let (desk, mut receiver) = (Desk::open().await, Receiver::open().await);
    let body = json!({
        "url": receiver.url, "payload": "event-only", "events": ["ticket-updated"],
        "authentication": {"basic": {"username": "a", "password": "b"}},
    });
    let all = desk
        .call(Method::POST, "/_sandbox/webhooks", Some(&body))
        .await
        .json();
    let listed: Vec<Webhook> = serde_json::from_value(all).unwrap();
    assert_eq!(listed, desk.halo.webhooks());
    assert_eq!(listed[0].events, [Event::TicketUpdated]);
    let id = desk.maria("x").await;
    note(&desk, id).await;
    assert_eq!(receiver.next().await.1["event"], "Ticket Updated");
    desk.halo.until_delivered().await;
    assert!(receiver.is_quiet());
    let again = json!({"delivery": desk.halo.ledger().deliveries[0].id});
    let path = "/_sandbox/webhooks/redeliver";
    desk.call(Method::POST, path, Some(&again)).await.json();
    receiver.next().await;
    let path = format!("/_sandbox/webhooks/{}", listed[0].id);
    desk.call(Method::DELETE, &path, None).await.json();
    assert_eq!(desk.call(Method::DELETE, &path, None).await.status, 404);
}

#[tokio::test]
async fn the_vendors_own_calls_set_one_up_and_read_it_back() {
    let (mut desk, mut receiver) = (Desk::open().await, Receiver::open().await);
    let webhook = json!([{
        "name": "Helpbell", "url": receiver.url, "type": 0, "method": 0, "active": true,
        "content_type": "application/json", "authentication_type": 1, "basic_username": "u", "basic_password": "p",
    }]);
    // Configuration is not in an integration's scopes.
    assert_eq!(desk.post("/Webhook", &webhook).await.status, 401);
    desk.halo
        .adjust(|behaviour| behaviour.application_scopes = Some(vec!["all".into()]))
        .unwrap();
    desk.take_token("all").await;
    let made = desk.post("/Webhook", &webhook).await.json();
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        (made["events"].clone(), made["basic_password"].clone()),
        (json!([]), Value::Null)
    );
    desk.maria("before any notification").await;

    for eventno in ["3", "19"] {
        let wanted = json!([{"webhook_id": id, "type": -2, "delivery_method": 6, "eventno": eventno}]);
        let notification = desk.post("/Notification", &wanted).await.json();
        assert_eq!(notification["eventno"].to_string(), eventno);
    }
    let ticket = desk.maria("x").await;
    note(&desk, ticket).await;
    for event in ["New Ticket Logged", "Ticket Updated"] {
        let (headers, body) = receiver.next().await;
        assert_eq!(
            (body["event"].as_str(), headers["authorization"].as_str()),
            (Some(event), "Basic dTpw")
        );
    }
    desk.halo.until_delivered().await;
    let listed = desk.get("/Webhook").await.json();
    assert_eq!(
        (listed[0]["id"].as_str(), listed[0]["last_status"].as_i64()),
        (Some(id), Some(202))
    );
    assert_eq!(listed[0]["events"].as_array().unwrap().len(), 2);
    assert_eq!(
        desk.get(&format!("/Webhook/{id}")).await.json()["name"],
        "Helpbell"
    );
    let path = format!("/Notification?webhook_id={id}");
    assert_eq!(desk.get(&path).await.json()[1]["eventno"], 19);
    let log = desk.get(&format!("/WebhookEvent?webhook_id={id}")).await.json();
    assert_eq!(
        (
            log["record_count"].as_i64(),
            log["events"][0]["responsestatus"].as_i64()
        ),
        (Some(2), Some(202))
    );
    let body: Value = serde_json::from_str(log["events"][0]["requestbody"].as_str().unwrap()).unwrap();
    assert_eq!(body["object_id"], ticket);

    let off = json!([{"id": id, "active": false}]);
    assert_eq!(desk.post("/Webhook", &off).await.json()["name"], "Helpbell");
    desk.maria("x").await;
    desk.halo.until_delivered().await;
    assert!(receiver.is_quiet());
    assert_eq!(desk.delete(&format!("/Webhook/{id}")).await.json()["id"], id);
    assert_eq!(desk.get(&path).await.json(), json!([]));
    assert!(desk.halo.ledger().violations.is_empty());
}

#[tokio::test]
async fn what_is_not_public_about_the_vendors_webhooks_is_not_guessed() {
    let mut desk = Desk::with(|behaviour| behaviour.application_scopes = Some(vec!["all".into()])).await;
    desk.take_token("all").await;
    let base = json!({"name": "x", "url": "http://127.0.0.1:9/"});
    for (more, status) in [
        (json!({"type": 3}), 501),
        (json!({"authentication_type": 2}), 501),
        (json!({"payload_type": 2}), 501),
        (json!({"url": "http://192.0.2.1/"}), 400),
        (json!({"name": null}), 400),
        (json!({"hook": 1}), 400),
        (json!({"id": Uuid::nil()}), 404),
    ] {
        let mut webhook = base.clone();
        webhook
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        assert_eq!(
            desk.post("/Webhook", &json!([webhook])).await.status,
            status,
            "{more}"
        );
    }
    assert_eq!(desk.get("/Webhook").await.json(), json!([]));
    let made = desk.post("/Webhook", &json!([base])).await.json();
    for (webhook, eventno, status) in [
        (made["id"].clone(), 72, 501),
        (json!(Uuid::nil()), 3, 400),
        (json!("nonsense"), 3, 400),
    ] {
        let wanted = json!([{"webhook_id": webhook, "type": -2, "delivery_method": 6, "eventno": eventno}]);
        assert_eq!(desk.post("/Notification", &wanted).await.status, status);
    }
}

#[tokio::test]
async fn a_webhook_of_another_type_method_or_content_type_is_kept_as_it_is_and_delivers_nothing() {
    let (desk, mut receiver) = (Desk::open().await, Receiver::open().await);
    let usual = Form::default;
    let wrong = [
        Form { kind: 1, ..usual() },
        Form { method: 1, ..usual() },
        Form {
            content_type: "application/xml".into(),
            ..usual()
        },
    ];
    for form in wrong.clone() {
        let webhook = Webhook {
            form,
            ..Webhook::to(&receiver.url)
        };
        desk.halo.add_webhook(webhook).unwrap();
    }
    desk.maria("x").await;
    desk.halo.until_delivered().await;
    assert!(receiver.is_quiet());
    let kept: Vec<Form> = desk
        .halo
        .webhooks()
        .into_iter()
        .map(|webhook| webhook.form)
        .collect();
    assert!(wrong.iter().all(|form| kept.contains(form)), "{kept:?}");
}
