//! `/_sandbox/…`: the test's hands on the instance, over HTTP.
//!
//! | call | does |
//! |---|---|
//! | `GET ledger` | what the instance holds and what was done to it |
//! | `POST reset` | forgets tickets and traffic, takes the first behaviour again |
//! | `GET behaviour`, `POST behaviour` | reads the switches; replaces those in the JSON object |
//! | `POST clock` | `{"advance_seconds": n}` moves the server's clock forward |
//! | `POST tokens/expire`, `POST tokens/revoke` | ends every token in circulation |
//! | `GET settings` | what a connector is configured with |

use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::{Answer, Refusal};
use super::server::Call;
use super::settings::Settings;
use super::store::Store;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

/// Answers a control call; `rest` is the lower-cased path after `_sandbox`.
pub(crate) fn handle(store: &mut Store, call: &Call, rest: &[&str]) -> Result<Answer, Refusal> {
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
