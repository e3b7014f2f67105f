//! The settings page: what it shows, what its forms change, and whom it obeys.

use psa_sandbox::halo::{
    AgentList, Authentication, Batch, Behaviour, DefaultSiteRule, Event, Lag, Login, LoginType, Misdeed,
    Payload, RateLimit, RetryAfter, Rule, Webhook,
};
use reqwest::Method;
use serde_json::json;

use crate::desk::{Desk, Reply, read};

type Fields = Vec<(String, String)>;

async fn page(desk: &Desk) -> String {
    let reply = desk.call(Method::GET, "/settings", None).await;
    assert_eq!(reply.status, 200);
    reply.text
}

/// The value of an attribute within one tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}

fn has(tag: &str, flag: &str) -> bool {
    let tag = tag.split('>').next().unwrap();
    tag.split_whitespace().any(|word| word == flag)
}

/// Every form of the page as a browser would send it untouched.
fn forms(html: &str) -> Vec<Fields> {
    let forms = html.split("<form ").skip(1);
    forms
        .map(|form| {
            let form = form.split("</form>").next().unwrap();
            let mut fields = Vec::new();
            for tag in form.split('<').skip(1) {
                let name = attribute(tag, "name");
                if tag.starts_with("input") {
                    let kind = attribute(tag, "type").unwrap_or_default();
                    let sent = !matches!(kind.as_str(), "checkbox" | "radio") || has(tag, "checked");
                    if let (Some(name), true) = (name, sent) {
                        let blank = if kind == "checkbox" { "on" } else { "" };
                        fields.push((name, attribute(tag, "value").unwrap_or_else(|| blank.to_owned())));
                    }
                } else if tag.starts_with("select") {
                    let select = &form[form.find(&format!("<{tag}")).unwrap()..];
                    let select = select.split("</select>").next().unwrap();
                    let options: Vec<&str> = select.split("<option").skip(1).collect();
                    let chosen = options
                        .iter()
                        .find(|it| has(it, "selected"))
                        .unwrap_or(&options[0]);
                    let text = chosen.split('>').nth(1).unwrap().split('<').next().unwrap();
                    fields.push((
                        name.unwrap(),
                        attribute(chosen, "value").unwrap_or_else(|| text.to_owned()),
                    ));
                }
            }
            fields
        })
        .collect()
}

fn of<'a>(fields: &'a Fields, name: &str) -> &'a str {
    let found = fields.iter().find(|(sent, _)| sent == name);
    found.map_or("", |(_, value)| value.as_str())
}

/// Sends the page's own form for one change, with some fields replaced or added (`None` = left out).
async fn send(desk: &Desk, change: &str, edits: &[(&str, Option<&str>)]) -> Reply {
    let forms = forms(&page(desk).await);
    let mut fields = forms
        .into_iter()
        .find(|fields| of(fields, "change") == change)
        .unwrap_or_else(|| panic!("no form for {change}"));
    for (name, value) in edits {
        fields.retain(|(sent, before)| {
            sent != name || (*name == "scope" && value.is_some_and(|it| it != before))
        });
        if let Some(value) = value {
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    post(desk, &fields).await
}

async fn post(desk: &Desk, fields: &Fields) -> Reply {
    let plain = reqwest::Client::builder().no_proxy();
    let plain = plain.redirect(reqwest::redirect::Policy::none()).build().unwrap();
    read(
        plain
            .post(desk.url("/settings"))
            .form(fields)
            .send()
            .await
            .unwrap(),
    )
    .await
}

async fn change(desk: &Desk, change: &str, edits: &[(&str, Option<&str>)]) {
    let reply = send(desk, change, edits).await;
    assert_eq!(reply.status, 303, "{change}: {}", reply.text);
    assert!(reply.header("location").starts_with("/settings#"));
}

#[tokio::test]
async fn saving_what_the_page_shows_changes_nothing() {
    let hard = json!({
        "success_status": 200, "agent_list": "envelope", "index_lag": {"searches": 2}, "action_lag": {"seconds": 9},
        "page_cap": 7, "mandatory_fields": [{"ticket_type_id": 3, "fields": ["impact", "CFOnSite"]}, {"fields": ["urgency"]}],
        "default_site_rule": "accept-but-drop", "default_site_refusal": 403, "token_lifetime_seconds": 5,
        "rate_limit": {"requests": 3, "window_seconds": 4, "retry_after_seconds": 5}, "refuse_unknown_fields": false,
        "outcome_required": false, "site_required_with_user": false, "opening_action": false,
        "under_scoped_status": 403, "application_scopes": ["read:tickets", "read:kb"],
        "login": {"login_type": "agent", "agent_id": 6}, "agentless_lookups": "empty", "customers_need_crm": true,
        "agent_permissions": {"edit_tickets": false}, "tenant_from_host": true,
    });
    let stock = Behaviour::default();
    for behaviour in [stock.clone(), stock.patched(&hard).unwrap()] {
        let desk = Desk::open().await;
        desk.halo.set(behaviour.clone()).unwrap();
        let mut saved = 0;
        for fields in forms(&page(&desk).await) {
            if ["rights", "tickets", "limits", "answers"].contains(&of(&fields, "change")) {
                assert_eq!(post(&desk, &fields).await.status, 303, "{fields:?}");
                saved += 1;
            }
        }
        assert_eq!(saved, 4);
        let mut expected = behaviour;
        // Saving pins down what "as seeded" meant.
        let seeded = desk.halo.behaviour().application_scopes;
        assert_eq!(
            seeded.as_ref().map(Vec::len),
            Some(expected.application_scopes.as_ref().map_or(5, Vec::len))
        );
        expected.application_scopes = seeded;
        assert_eq!(desk.halo.behaviour(), expected);
    }
}

#[tokio::test]
async fn rights_are_changed_and_count() {
    let mut desk = Desk::open().await;
    let edits = [
        ("scope", Some("read:tickets")),
        ("login", Some("2")),
        ("may", None),
    ];
    // Every scope but one is taken out of the form.
    let forms = forms(&page(&desk).await);
    let mut fields = forms.into_iter().find(|it| of(it, "change") == "rights").unwrap();
    fields.retain(|(name, _)| !edits.iter().any(|(edited, _)| edited == name));
    fields.extend(
        edits
            .iter()
            .filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned()))),
    );
    fields.push(("may".into(), "read_customers".into()));
    fields.push(("withdraw".into(), "on".into()));
    assert_eq!(post(&desk, &fields).await.status, 303);
    let behaviour = desk.halo.behaviour();
    assert_eq!(
        behaviour.application_scopes,
        Some(vec!["read:tickets".to_owned()])
    );
    assert_eq!(
        behaviour.withdrawn_scopes,
        ["edit:tickets", "read:customers", "read:crm", "read:assets"]
    );
    let login = Login {
        login_type: LoginType::Agent,
        agent_id: Some(2),
    };
    assert_eq!(behaviour.login, Some(login));
    assert!(behaviour.agent_permissions.read_customers && !behaviour.agent_permissions.read_tickets);
    assert_eq!(desk.get("/Users").await.status, 403);
    desk.take_token("all").await;
    assert_eq!(desk.get("/Tickets").await.status, 403);
    change(&desk, "rights", &[("login", Some("none"))]).await;
    assert_eq!(desk.halo.behaviour().login.unwrap().login_type, LoginType::None);
    change(&desk, "rights", &[("login", Some("seeded"))]).await;
    assert_eq!(desk.halo.behaviour().login, None);
}

#[tokio::test]
async fn ticket_rules_answers_and_limits_are_changed() {
    let desk = Desk::open().await;
    assert!(
        page(&desk)
            .await
            .contains("Tickets with the default Client/Site must be moved before working on the Ticket")
    );
    change(
        &desk,
        "tickets",
        &[
            ("default_site_rule", Some("reject")),
            ("mandatory-1", Some("impact,  urgency")),
            ("outcome_required", None),
        ],
    )
    .await;
    change(
        &desk,
        "answers",
        &[
            ("agent_list", Some("envelope")),
            ("index_lag", Some("searches")),
            ("index_lag_amount", Some("3")),
        ],
    )
    .await;
    change(
        &desk,
        "limits",
        &[
            ("token_lifetime_seconds", Some("60")),
            ("retry_after_seconds", Some("4")),
        ],
    )
    .await;
    let behaviour = desk.halo.behaviour();
    assert_eq!(behaviour.default_site_rule, DefaultSiteRule::Reject);
    assert_eq!(behaviour.mandatory_fields[0].fields, ["impact", "urgency"]);
    assert_eq!(
        (behaviour.mandatory_fields.len(), behaviour.outcome_required),
        (1, false)
    );
    assert_eq!(
        (behaviour.agent_list, behaviour.index_lag),
        (AgentList::Envelope, Lag::Searches(3))
    );
    let limit = RateLimit {
        requests: 300,
        window_seconds: 300,
        retry_after_seconds: Some(4),
    };
    assert_eq!(
        (behaviour.token_lifetime_seconds, behaviour.rate_limit),
        (60, Some(limit))
    );
    change(&desk, "limits", &[("limited", None)]).await;
    assert_eq!(desk.halo.behaviour().rate_limit, None);
    for ending in ["expire-tokens", "revoke-tokens"] {
        let desk = Desk::open().await;
        assert_eq!(desk.get("/Team").await.status, 200);
        change(&desk, ending, &[]).await;
        assert_eq!(desk.get("/Team").await.status, 401, "{ending}");
    }
}

#[tokio::test]
async fn misbehaviour_is_set_shown_and_ended() {
    let desk = Desk::open().await;
    let edits = [
        ("misdeed", Some("unavailable-503")),
        ("method", Some("POST")),
        ("path", Some("/Tickets")),
        ("count", Some("2")),
        ("apply", Some("on")),
        ("retry_after", Some("date")),
        ("retry_seconds", Some("8")),
    ];
    change(&desk, "add-rule", &edits).await;
    let expected = Rule {
        retry_after: RetryAfter::Date(8),
        ..Rule::new(Misdeed::Unavailable503)
            .on("POST", "/Tickets")
            .times(2)
            .applied()
    };
    assert_eq!(desk.halo.misbehaviour().rules[0].rule, expected);
    assert_eq!(desk.ticket(json!({"summary": "x"})).await.status, 503);
    let shown = page(&desk).await;
    assert!(shown.contains("unavailable-503") && shown.contains("Retry-After as a date 8 s ahead"));
    let requests = desk.call(Method::GET, "/requests", None).await.text;
    assert!(requests.contains("unavailable-503 · carried out"), "{requests}");
    change(&desk, "remove-rule", &[]).await;
    assert!(desk.halo.misbehaviour().rules.is_empty());

    change(
        &desk,
        "random",
        &[("rate", Some("1")), ("among", Some("empty-404"))],
    )
    .await;
    assert_eq!(desk.get("/Team").await.status, 404);
    change(&desk, "random", &[("rate", Some("0"))]).await;
    assert_eq!(desk.get("/Team").await.status, 200);

    for ending in ["release", "behave"] {
        desk.halo
            .misbehave(Rule::new(Misdeed::Hang).on("GET", "/Team").times(1))
            .unwrap();
        let (reply, ()) = tokio::join!(desk.get("/Team"), async {
            desk.halo.until_held(1).await;
            assert!(page(&desk).await.contains("1 held"));
            change(&desk, ending, &[]).await;
        });
        assert_eq!(reply.status, 200);
    }
    assert!(desk.halo.misbehaviour().rules.is_empty());
}

#[tokio::test]
async fn webhooks_are_added_repeated_and_removed() {
    let desk = Desk::open().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("http://{closed}/<hook>");
    let edits = [
        ("name", Some("<b>Gateway</b>")),
        ("url", Some(url.as_str())),
        ("payload", Some("key-fields")),
        ("authentication", Some("bearer")),
        ("secret", Some("t0ken")),
        ("batch_limit", Some("2")),
        ("event", Some("3")),
    ];
    change(&desk, "add-webhook", &edits).await;
    let kept = desk.halo.webhooks().remove(0);
    let expected = Webhook {
        id: kept.id,
        name: "<b>Gateway</b>".into(),
        payload: Payload::KeyFields,
        authentication: Authentication::Bearer {
            token: "t0ken".into(),
        },
        events: vec![Event::NewTicketLogged],
        batch: Some(Batch {
            limit: 2,
            delay_seconds: 10,
        }),
        ..Webhook::to(url)
    };
    assert_eq!(kept, expected);
    desk.maria("x").await;
    change(&desk, "flush", &[]).await;
    desk.halo.until_delivered().await;
    let shown = page(&desk).await;
    assert!(
        !shown.contains("<b>Gateway") && !shown.contains("t0ken"),
        "{shown}"
    );
    change(&desk, "redeliver", &[]).await;
    desk.halo.until_delivered().await;
    assert_eq!(desk.halo.ledger().deliveries.len(), 2);
    change(&desk, "remove-webhook", &[]).await;
    assert!(desk.halo.webhooks().is_empty());
}

#[tokio::test]
async fn what_is_wrong_with_a_form_is_said_and_nothing_changes() {
    let desk = Desk::open().await;
    let before = desk.halo.behaviour();
    for (form, edit, part) in [
        ("answers", ("page_cap", "0"), "page_cap is at least 1"),
        ("answers", ("page_cap", "many"), "page_cap"),
        (
            "limits",
            ("token_lifetime_seconds", "-1"),
            "Failed to change the behaviour",
        ),
        (
            "limits",
            ("retry_after_seconds", "soon"),
            "retry after seconds holds",
        ),
        ("tickets", ("default_site_rule", "perhaps"), "perhaps"),
        ("add-rule", ("probability", "7"), "chance between 0 and 1"),
        ("add-webhook", ("url", "http://192.0.2.1/<x>"), "loopback only"),
    ] {
        let reply = send(&desk, form, &[(edit.0, Some(edit.1))]).await;
        assert_eq!(reply.status, 400, "{form} {edit:?}");
        assert!(
            reply.text.contains(part) && !reply.text.contains("<x>"),
            "{form} {edit:?}"
        );
    }
    assert_eq!(desk.halo.behaviour(), before);
    assert!(desk.halo.webhooks().is_empty() && desk.halo.misbehaviour().rules.is_empty());
    assert!(
        desk.halo.ledger().requests.len() == 1,
        "the page leaves no trace in the ledger"
    );
}

#[tokio::test]
async fn forms_from_elsewhere_are_refused() {
    let desk = Desk::open().await;
    let html = page(&desk).await;
    assert!(!html.contains("<script"));
    let forms = forms(&html);
    let limits = forms
        .iter()
        .find(|it| of(it, "change") == "revoke-tokens")
        .unwrap();
    let mut keyless = limits.clone();
    keyless.retain(|(name, _)| name != "key");
    let mut guessed = keyless.clone();
    guessed.push(("key".into(), "0".repeat(32)));
    for fields in [keyless, guessed] {
        assert_eq!(post(&desk, &fields).await.status, 403);
    }
    let other = Desk::open().await;
    assert_eq!(post(&other, limits).await.status, 403);
    // A name from outside that was made to lead here.
    for host in ["evil.example", "localhost.evil.example", "10.0.0.1:80"] {
        let request = desk.http.post(desk.url("/settings")).header("host", host);
        assert_eq!(
            read(request.form(limits).send().await.unwrap()).await.status,
            403,
            "{host}"
        );
        let request = desk.http.get(desk.url("/settings")).header("host", host);
        assert_eq!(read(request.send().await.unwrap()).await.status, 403, "{host}");
    }
    let request = desk
        .http
        .post(desk.url("/settings"))
        .json(&json!({"change": "revoke-tokens"}));
    assert_eq!(read(request.send().await.unwrap()).await.status, 415);
    assert_eq!(desk.get("/Team").await.status, 200);
    assert_eq!(post(&desk, limits).await.status, 303);
    assert_eq!(desk.get("/Team").await.status, 401);
    let policy = desk.call(Method::GET, "/settings", None).await;
    assert!(
        policy
            .header("content-security-policy")
            .contains("form-action 'self'")
    );
}
