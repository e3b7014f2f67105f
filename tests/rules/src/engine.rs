//! The engine under test: one per test program, found as connectors are.

use crate::Given;
use helpbell_end_to_end::{built, compiled};
use helpbell_model::{
    Failure,
    rules::{Examined, Outcome},
};
use helpbell_sandbox::{RuleEngine, Sandbox};
use std::{
    future::Future,
    sync::{Arc, LazyLock},
};
use tokio::{runtime::Runtime, sync::OnceCell};

/// The name under which the engine lies beside the connectors.
const NAME: &str = "rules";
/// As few as a small computer has: rules that hold on to one are felt.
const THREADS: usize = 2;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .unwrap()
});

/// Waits for work on the one runtime of this process: what one test started, another may use.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.block_on(work)
}

/// The engine.
pub async fn engine() -> &'static Arc<RuleEngine> {
    static ENGINE: OnceCell<Arc<RuleEngine>> = OnceCell::const_new();
    ENGINE
        .get_or_init(|| async {
            let file = built::connector(NAME);
            let sandbox = Sandbox::new(Some(compiled::code_folder(&file))).unwrap();
            sandbox
                .load_rules(&file)
                .await
                .unwrap_or_else(|error| panic!("{error}"))
        })
        .await
}

/// What running these rules comes to; a failure is that of the call, not of the rules.
///
/// # Errors
/// If the call had to be stopped from outside.
pub async fn call(source: &str, given: &Given) -> Result<Outcome, Failure> {
    engine().await.run(&given.input(source)).await.result
}

/// What running these rules comes to.
///
/// # Panics
/// If the call had to be stopped from outside.
pub async fn run(source: &str, given: &Given) -> Outcome {
    call(source, given)
        .await
        .unwrap_or_else(|failure| panic!("{failure:?}\n{source}"))
}

/// What reading these rules brings to light.
///
/// # Panics
/// If the call had to be stopped from outside.
pub async fn check(source: &str, given: &Given) -> Examined {
    let call = engine().await.check(source, &given.variables).await;
    call.result
        .unwrap_or_else(|failure| panic!("{failure:?}\n{source}"))
}
