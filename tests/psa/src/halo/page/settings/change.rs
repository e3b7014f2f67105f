//! What each section's form changes.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::form::Form;
use crate::halo::misbehaviour::{LATENCY_MS, Misdeed, Random, RetryAfter, Rule};
use crate::halo::rights::INTEGRATION_SCOPES;
use crate::halo::store::Store;
use crate::halo::webhooks::{Authentication, Batch, Event, Payload, Webhook, flush};

/// Applies a form; gives the section it belongs to, or what is wrong with it in a sentence.
pub(super) fn apply(store: &mut Store, form: &Form) -> Result<&'static str, String> {
    match form.text("change") {
        "rights" => patch(store, rights(form)).map(|()| "rights"),
        "tickets" => patch(store, tickets(store, form)).map(|()| "tickets"),
        "answers" => patch(store, answers(form)?).map(|()| "answers"),
        "limits" => patch(store, limits(form)?).map(|()| "tokens"),
        "expire-tokens" => {
            let now = store.now();
            store.tokens.expire_all(now);
            Ok("tokens")
        }
        "revoke-tokens" => {
            store.tokens.revoke_all();
            Ok("tokens")
        }
        "add-rule" => {
            let rule = rule(form)?.checked().map_err(sentence)?;
            store.misbehaviour.add(rule);
            Ok("misbehaviour")
        }
        "remove-rule" => {
            store.misbehaviour.remove(form.number("place", usize::MAX)?);
            Ok("misbehaviour")
        }
        "random" => {
            let random = random(form)?.map(Random::checked).transpose().map_err(sentence)?;
            store.misbehaviour.set_random(random);
            Ok("misbehaviour")
        }
        "release" => {
            store.misbehaviour.releases.release();
            Ok("misbehaviour")
        }
        "behave" => {
            store.misbehaviour.clear();
            Ok("misbehaviour")
        }
        "add-webhook" => {
            let webhook = webhook(form)?.checked().map_err(sentence)?;
            store.webhooks.keep(webhook, Map::new());
            Ok("webhooks")
        }
        "remove-webhook" => {
            store.webhooks.remove(id(form)?);
            Ok("webhooks")
        }
        "redeliver" => store
            .webhooks
            .repeat(id(form)?)
            .map(|()| "webhooks")
            .map_err(sentence),
        "flush" => {
            flush(store, None);
            Ok("webhooks")
        }
        other => Err(format!("There is no change named {other:?}.")),
    }
}

fn sentence(error: impl std::fmt::Display) -> String {
    format!("Failed to {error}.")
}

fn patch(store: &mut Store, patch: Value) -> Result<(), String> {
    store.behaviour = store.behaviour.patched(&patch).map_err(sentence)?;
    Ok(())
}

fn rights(form: &Form) -> Value {
    let ticked: Vec<&str> = form.all("scope").collect();
    let withdrawn: Vec<&str> = match form.ticked("withdraw") {
        true => INTEGRATION_SCOPES
            .into_iter()
            .filter(|scope| !ticked.contains(scope))
            .collect(),
        false => Vec::new(),
    };
    let login = match form.text("login") {
        "" | "seeded" => Value::Null,
        "none" => json!({"login_type": "none"}),
        "missing" => json!({"login_type": "agent"}),
        agent => json!({"login_type": "agent", "agent_id": agent.parse::<i64>().ok()}),
    };
    let may: Vec<&str> = form.all("may").collect();
    let permissions = [
        "read_tickets",
        "edit_tickets",
        "add_actions",
        "read_customers",
        "read_assets",
    ];
    let permissions: Map<String, Value> = permissions
        .into_iter()
        .map(|name| (name.to_owned(), json!(may.contains(&name))))
        .collect();
    json!({
        "application_scopes": ticked,
        "withdrawn_scopes": withdrawn,
        "login": login,
        "agentless_lookups": form.text("agentless_lookups"),
        "agent_permissions": permissions,
        "under_scoped_status": whole(form, "under_scoped_status"),
        "customers_need_crm": form.ticked("customers_need_crm"),
    })
}

/// A number as JSON, or the text itself, which the switch then refuses by name.
fn whole(form: &Form, name: &str) -> Value {
    let text = form.text(name);
    text.parse::<u64>()
        .map_or_else(|_| json!(text), |number| json!(number))
}

fn tickets(store: &Store, form: &Form) -> Value {
    let names = |field: &str| -> Vec<String> {
        let names = form.text(field).split([',', ' ']).map(str::trim);
        names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    let of_types = store.seed.ticket_types.iter().map(|kind| Some(kind.id));
    // The rule for every type last: the first that matches counts.
    let rules: Vec<Value> = of_types
        .chain([None])
        .filter_map(|id| {
            let field = id.map_or_else(|| "mandatory".to_owned(), |id| format!("mandatory-{id}"));
            let fields = names(&field);
            (!fields.is_empty()).then(|| json!({"ticket_type_id": id, "fields": fields}))
        })
        .collect();
    json!({
        "default_site_rule": form.text("default_site_rule"),
        "default_site_refusal": whole(form, "default_site_refusal"),
        "mandatory_fields": rules,
        "outcome_required": form.ticked("outcome_required"),
        "site_required_with_user": form.ticked("site_required_with_user"),
        "opening_action": form.ticked("opening_action"),
    })
}

fn answers(form: &Form) -> Result<Value, String> {
    let lag = |name: &str| -> Result<Value, String> {
        let amount: u32 = form.number(&format!("{name}_amount"), 0)?;
        Ok(match form.text(name) {
            "seconds" => json!({"seconds": amount}),
            "searches" => json!({"searches": amount}),
            _ => json!("none"),
        })
    };
    Ok(json!({
        "success_status": whole(form, "success_status"),
        "agent_list": form.text("agent_list"),
        "index_lag": lag("index_lag")?,
        "action_lag": lag("action_lag")?,
        "page_cap": whole(form, "page_cap"),
        "refuse_unknown_fields": form.ticked("refuse_unknown_fields"),
        "tenant_from_host": form.ticked("tenant_from_host"),
    }))
}

fn limits(form: &Form) -> Result<Value, String> {
    let limit = match form.ticked("limited") {
        true => json!({
            "requests": whole(form, "requests"),
            "window_seconds": whole(form, "window_seconds"),
            "retry_after_seconds": form.optional::<u32>("retry_after_seconds")?,
        }),
        false => Value::Null,
    };
    Ok(json!({"token_lifetime_seconds": whole(form, "token_lifetime_seconds"), "rate_limit": limit}))
}

fn misdeed(name: &str) -> Result<Misdeed, String> {
    serde_json::from_value(json!(name)).map_err(|_| format!("There is no misbehaviour named {name:?}."))
}

fn rule(form: &Form) -> Result<Rule, String> {
    let text = |name: &str| form.filled(name).map(str::to_owned);
    let seconds = form.number("retry_seconds", 0)?;
    Ok(Rule {
        misdeed: misdeed(form.text("misdeed"))?,
        method: text("method"),
        path: text("path"),
        apply: form.ticked("apply").then_some(true),
        skip: form.number("skip", 0)?,
        count: form.optional("count")?,
        probability: form.number("probability", 1.0)?,
        seed: form.number("seed", 0)?,
        latency_ms: form.number("latency_ms", LATENCY_MS)?,
        retry_after: match form.text("retry_after") {
            "seconds" => RetryAfter::Seconds(seconds),
            "date" => RetryAfter::Date(seconds),
            _ => RetryAfter::Absent,
        },
        location: text("location"),
    })
}

/// Random mode; a rate left empty or 0 ends it.
fn random(form: &Form) -> Result<Option<Random>, String> {
    let rate = form.number("rate", 0.0)?;
    let among: Result<Vec<Misdeed>, String> = form.all("among").map(misdeed).collect();
    let random = Random {
        seed: form.number("seed", 0)?,
        rate,
        among: among?,
    };
    Ok((rate != 0.0).then_some(random))
}

fn webhook(form: &Form) -> Result<Webhook, String> {
    let text = |name: &str| form.text(name).to_owned();
    let limit: u32 = form.number("batch_limit", 1)?;
    let events = [Event::NewTicketLogged, Event::TicketUpdated];
    Ok(Webhook {
        name: text("name"),
        payload: match form.text("payload") {
            "key-fields" => Payload::KeyFields,
            "event-only" => Payload::EventOnly,
            _ => Payload::FullObject,
        },
        authentication: match form.text("authentication") {
            "basic" => Authentication::Basic {
                username: text("username"),
                password: text("secret"),
            },
            "bearer" => Authentication::Bearer {
                token: text("secret"),
            },
            _ => Authentication::None,
        },
        events: events
            .into_iter()
            .filter(|event| {
                form.all("event")
                    .any(|number| number == event.number().to_string())
            })
            .collect(),
        batch: (limit != 1).then_some(Batch {
            limit,
            delay_seconds: form.number("batch_delay_seconds", 0)?,
        }),
        ..Webhook::to(form.text("url"))
    })
}

fn id(form: &Form) -> Result<Uuid, String> {
    let text = form.text("id");
    Uuid::parse_str(text).map_err(|_| format!("{text:?} is no id."))
}
