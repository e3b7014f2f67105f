//! Engines for dispatcher rules. They are components of another world than connectors and run in the same sandbox: a
//! fresh instance per call, bounded in time and memory, that reaches nothing at all.
//!
//! ```text
//! Sandbox::load_rules ──► RuleEngine ──► check(source) ──► Examined
//!  (per file)                       └──► run(input)    ──► Outcome
//! ```

use crate::{
    call::{Call, Frame},
    contract::{
        bindings::rules::{Rules as Exports, RulesPre},
        rules,
    },
    egress::hook::Egress,
    engine::Sandbox,
    guest::{Guest, Role},
    limits::{Limits, MIB},
    load::{Compiled, LoadError, Wanted, read_file},
    run::{self, Instance},
};
use helpbell_model::{
    Failure,
    rules::{Engine, Examined, Input, Outcome, Variable},
};
use std::{path::Path, sync::Arc, time::Duration};
use wasmtime::Store;

/// Rules take some milliseconds. Whoever waits longer for a ticket than this waits for a loop without end.
const DEADLINE: Duration = Duration::from_secs(5);

/// An interpreter, its library and a message of 100,000 characters in some twenty copies.
const MEMORY_BYTES: usize = 96 * MIB;

/// Bytes of rules. The longest scripts known have some hundred lines; what is larger is not read at all.
pub const SOURCE_BYTES: usize = 256 << 10;

const ENGINES: Wanted = Wanted {
    noun: "engine for rules",
    package: "helpbell:rules",
    version: "0.1.0",
    world: "rules",
    exports: &["engine"],
};

/// A loaded engine. Knows no rules and no tenant.
pub struct RuleEngine {
    pre: RulesPre<Guest>,
    engine: wasmtime::Engine,
    description: Engine,
    sha256: String,
}

impl Sandbox {
    /// Reads an engine for rules from a file, as [`Sandbox::load`] reads a connector.
    ///
    /// # Errors
    /// If the file is no engine that this host can run.
    pub async fn load_rules(&self, file: &Path) -> Result<Arc<RuleEngine>, LoadError> {
        let bytes = read_file(file).await?;
        let file = file.display().to_string();
        let Compiled { instance, sha256, .. } = self.compiled(&file, bytes, &ENGINES).await?;
        let pre = RulesPre::new(instance).map_err(|error| ENGINES.other_shape(&file, &error))?;
        let mut engine = RuleEngine {
            pre,
            engine: self.engine.clone(),
            description: Engine {
                id: String::new(),
                name: String::new(),
                version: String::new(),
                language: String::new(),
            },
            sha256,
        };
        engine.description = engine.describe().await.map_err(|failure| LoadError::Describe {
            file,
            failure: Box::new(failure),
        })?;
        Ok(Arc::new(engine))
    }
}

impl RuleEngine {
    /// What it says of itself.
    #[must_use]
    pub const fn description(&self) -> &Engine {
        &self.description
    }

    /// SHA-256 of the file, hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    async fn describe(&self) -> Result<Engine, Failure> {
        let call = self.alone(async |instance| {
            let engine = instance.exports.helpbell_rules_engine();
            engine.call_describe(&mut instance.store).await
        });
        call.await.result.map(rules::description)
    }

    /// Reads rules without running them.
    pub async fn check(&self, source: &str, variables: &[Variable]) -> Call<Examined> {
        let variables = rules::variables(variables);
        let call = self.alone(async |instance| {
            let engine = instance.exports.helpbell_rules_engine();
            let told = engine.call_check(&mut instance.store, source, &variables).await?;
            Ok(rules::examined(told))
        });
        call.await
    }

    /// Runs rules from top to bottom. A failure of the call is the engine's own, or that of rules which no engine
    /// can stop by itself: what they had done until then is lost.
    pub async fn run(&self, input: &Input) -> Call<Outcome> {
        let input = rules::input(input);
        let call = self.alone(async |instance| {
            let engine = instance.exports.helpbell_rules_engine();
            let told = engine.call_run(&mut instance.store, &input).await?;
            Ok(rules::outcome(told))
        });
        call.await
    }

    async fn alone<T>(
        &self,
        body: impl AsyncFnOnce(&mut Instance<Exports>) -> wasmtime::Result<T>,
    ) -> Call<T> {
        let limits = Limits {
            deadline: DEADLINE,
            memory_bytes: MEMORY_BYTES,
            ..Limits::short()
        };
        let frame = Frame::begin(limits);
        let guest = Guest::new(Role::Alone, Egress::closed(frame.clone()), &frame);
        let instantiate = async |store: &mut Store<Guest>| self.pre.instantiate_async(store).await;
        let body = async |instance: &mut Instance<Exports>| body(instance).await.map(Ok);
        let mut call = run::call("the rule script", &self.engine, frame, guest, instantiate, body).await;
        if let Err(failure) = &mut call.result {
            failure.help = Some(cure(&failure.code).to_owned());
        }
        call
    }
}

/// What helps against rules that had to be stopped from outside.
fn cure(code: &str) -> &'static str {
    match code {
        "host.deadline" => "look for a loop that does not end, and try: helpbell rules test FILE",
        "host.memory-limit" => {
            "look for a text or a list that grows without end, and try: helpbell rules test FILE"
        }
        _ => {
            "try the same rules with: helpbell rules test FILE; if they are in order, this is a fault of the engine"
        }
    }
}
