//! `/_sandbox/…`: the test's hands on the instance, over HTTP.
//!
//! | call | does |
//! |---|---|
//! | `GET ledger` | what the instance holds and what was done to it |
//! | `POST reset` | forgets tickets and traffic, takes the first behaviour again |
//! | `GET behaviour`, `POST behaviour` | reads the switches; replaces those in the JSON object |
//! | `POST clock` | `{"advance_seconds": n}` moves the server's clock forward |
//! | `POST tokens/expire`, `POST tokens/revoke` | ends every token in circulation |
//! | `GET misbehaviour` | rules with their counts, random mode, requests that hang |
//! | `POST misbehaviour` | adds a [`Rule`], an array of them, or sets `{"random": {...}}` (null ends it) |
//! | `DELETE misbehaviour`, `DELETE misbehaviour/N` | ends all of it and releases what hangs; ends the Nth rule, from 0 |
//! | `POST misbehaviour/release` | releases what hangs |
//! | `GET webhooks`, `POST webhooks` | webhooks as they stand; adds or replaces a [`Webhook`] |
//! | `DELETE webhooks/ID` | removes one |
//! | `POST webhooks/flush` | sends what waits for a batch |
//! | `POST webhooks/redeliver` | `{"delivery": "ID"}` sends a delivery of the ledger once more |
//! | `GET settings` | what a connector is configured with |

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::misbehaviour::{Random, Rule};
use super::reply::{Answer, Refusal};
use super::server::Call;
use super::settings::Settings;
use super::store::Store;
use super::webhooks::{Webhook, flush};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

/// What `POST misbehaviour` takes.
enum Trouble {
    Random(RandomMode),
    Rules(Vec<Rule>),
    Rule(Rule),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RandomMode {
    random: Option<Random>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redelivery {
    delivery: Uuid,
}

/// Answers a control call; `rest` is the lower-cased path after `_sandbox`.
pub(crate) fn handle(store: &mut Store, call: &Call, rest: &[&str]) -> Result<Answer, Refusal> {
    match rest {
        ["misbehaviour", rest @ ..] => return misbehaviour(store, call, rest),
        ["webhooks", rest @ ..] => return webhooks(store, call, rest),
        _ => {}
    }
    let post = call.method == Method::POST;
    match rest {
        ["ledger"] if !post => as_json(&store.ledger()),
        ["settings"] if !post => as_json(&Settings::of(store, &call.host)),
        ["behaviour"] if !post => as_json(&store.behaviour),
        ["behaviour"] => {
            let patch: Value = body(call)?;
            store.behaviour = store.behaviour.patched(&patch).map_err(|error| bad(&error))?;
            as_json(&store.behaviour)
        }
        ["reset"] if post => {
            store.reset();
            done()
        }
        ["clock"] if post => {
            let advance: Advance = body(call)?;
            store.clock.advance(Duration::from_secs(advance.advance_seconds));
            done()
        }
        ["tokens", "expire"] if post => {
            let now = store.now();
            store.tokens.expire_all(now);
            done()
        }
        ["tokens", "revoke"] if post => {
            store.tokens.revoke_all();
            done()
        }
        _ => Err(Refusal::not_found()),
    }
}

fn misbehaviour(store: &mut Store, call: &Call, rest: &[&str]) -> Result<Answer, Refusal> {
    match (&call.method, rest) {
        (&Method::GET, []) => {}
        (&Method::POST, []) => match trouble(call)? {
            Trouble::Rule(rule) => add_rules(store, vec![rule])?,
            Trouble::Rules(rules) => add_rules(store, rules)?,
            Trouble::Random(mode) => {
                let random = mode.random.map(Random::checked).transpose();
                store
                    .misbehaviour
                    .set_random(random.map_err(|error| bad(&error))?);
            }
        },
        (&Method::POST, ["release"]) => store.misbehaviour.releases.release(),
        (&Method::DELETE, []) => store.misbehaviour.clear(),
        (&Method::DELETE, [place]) => {
            let removed = place.parse().is_ok_and(|place| store.misbehaviour.remove(place));
            if !removed {
                return Err(Refusal::not_found());
            }
        }
        _ => return Err(Refusal::not_found()),
    }
    as_json(&store.misbehaviour.state())
}

/// Reads the body by its form, so that the error speaks of that form and not of three.
fn trouble(call: &Call) -> Result<Trouble, Refusal> {
    let value: Value = body(call)?;
    let read = match &value {
        Value::Array(_) => serde_json::from_value(value).map(Trouble::Rules),
        Value::Object(fields) if fields.contains_key("random") => {
            serde_json::from_value(value).map(Trouble::Random)
        }
        _ => serde_json::from_value(value).map(Trouble::Rule),
    };
    read.map_err(|error| bad(&error))
}

/// All of the rules, or none when one cannot be followed.
fn add_rules(store: &mut Store, rules: Vec<Rule>) -> Result<(), Refusal> {
    let rules: Result<Vec<Rule>, _> = rules.into_iter().map(Rule::checked).collect();
    for rule in rules.map_err(|error| bad(&error))? {
        store.misbehaviour.add(rule);
    }
    Ok(())
}

fn webhooks(store: &mut Store, call: &Call, rest: &[&str]) -> Result<Answer, Refusal> {
    match (&call.method, rest) {
        (&Method::GET, []) => {}
        (&Method::POST, []) => {
            let webhook: Webhook = body(call)?;
            let webhook = webhook.checked().map_err(|error| bad(&error))?;
            store.webhooks.keep(webhook, Map::new());
        }
        (&Method::POST, ["flush"]) => flush(store, None),
        (&Method::POST, ["redeliver"]) => {
            let wanted: Redelivery = body(call)?;
            store
                .webhooks
                .repeat(wanted.delivery)
                .map_err(|error| bad(&error))?;
        }
        (&Method::DELETE, [id]) => {
            let removed = Uuid::parse_str(id).is_ok_and(|id| store.webhooks.remove(id));
            if !removed {
                return Err(Refusal::not_found());
            }
        }
        _ => return Err(Refusal::not_found()),
    }
    let webhooks: Vec<&Webhook> = store.webhooks.webhooks().map(|(webhook, _)| webhook).collect();
    as_json(&webhooks)
}

fn body<'a, T: Deserialize<'a>>(call: &'a Call) -> Result<T, Refusal> {
    serde_json::from_slice(&call.body).map_err(|error| bad(&error))
}

fn bad(error: &dyn std::error::Error) -> Refusal {
    Refusal::Text {
        status: StatusCode::BAD_REQUEST,
        text: error.to_string(),
        retry_after: None,
    }
}

fn done() -> Result<Answer, Refusal> {
    Ok(Answer::ok(json!({"done": true})))
}

fn as_json(value: &impl serde::Serialize) -> Result<Answer, Refusal> {
    let value = serde_json::to_value(value);
    value
        .map(Answer::ok)
        .map_err(|_| Refusal::Bare(StatusCode::INTERNAL_SERVER_ERROR))
}
