//! Rules that decide by chance, so that it shows if they are ever run again.

use super::psa::TEAM;
use futures::future::BoxFuture;
use helpbell_delivery::rules::{EXCEPTION, Engine, PRIVATE_APPEND, Rules, Script};
use helpbell_model::{
    Effect,
    rules::{Change, Input, Outcome, Value},
};
use helpbell_sandbox::Call;
use std::{sync::Arc, time::Duration};

/// One press in so many is refused.
const REFUSED: u64 = 6;

/// Refuses some presses. Every other gets a team of its own, which its note repeats.
struct ByChance;

impl Engine for ByChance {
    fn sha256(&self) -> &str {
        "by chance"
    }

    fn run<'a>(&'a self, input: &'a Input) -> BoxFuture<'a, Call<Outcome>> {
        let seed = input.circumstances.seed;
        let change = |name: &str, text: String| Change {
            name: name.to_owned(),
            shown: text.clone(),
            value: Value::Text(text),
            line: 1,
        };
        let team = format!("team {seed:016x}");
        let changes = if seed.is_multiple_of(REFUSED) {
            vec![change(EXCEPTION, "by chance".to_owned())]
        } else {
            vec![change(TEAM, team.clone()), change(PRIVATE_APPEND, team)]
        };
        let outcome = Outcome {
            changes,
            ..Outcome::default()
        };
        let call = Call {
            result: Ok(outcome),
            effect: Effect::None,
            requests: vec![],
            log: vec![],
            took: Duration::ZERO,
            memory_bytes: None,
        };
        Box::pin(async { call })
    }
}

/// The rules of a world that has some.
pub(super) fn by_chance() -> Rules {
    Rules::new(Ok(Script::new(String::new())), Ok(Arc::new(ByChance)), None)
}
