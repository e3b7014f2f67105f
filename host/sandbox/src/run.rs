//! One call: a fresh store, its bounds, and what comes of it.

use crate::{
    call::{Call, Record},
    contract::bindings::helpbell::psa::types as wit,
    engine::EPOCH_TICK,
    guest::Guest,
    limits::{GUEST_TEXT_CHARS, Limits},
};
use helpbell_model::{Failure, FailureKind, text};
use std::time::{Duration, Instant};
use wasmtime::{Engine, Store, Trap};

/// Epochs are coarser than the timer around them; the guest is stopped by whichever comes first, and
/// the timer, which also stops host functions, should normally win.
const EPOCH_GRACE: Duration = Duration::from_millis(20);

/// A fresh instance, seen through the exports of one world, and what it lives in.
pub(crate) struct Instance<World> {
    pub(crate) store: Store<Guest>,
    pub(crate) exports: World,
}

/// A failure that the host, not the connector, reports.
pub(crate) fn host_failure(code: &str, message: String) -> Failure {
    Failure::new(FailureKind::Internal, code, message)
}

/// When a call that begins now is over.
pub(crate) fn ends(limits: &Limits) -> Instant {
    Instant::now() + limits.deadline
}

/// Runs `body` in a fresh instance under all limits. `who` names the connector in failures.
pub(crate) async fn call<T, World>(
    who: &str,
    engine: &Engine,
    instantiate: impl AsyncFnOnce(&mut Store<Guest>) -> wasmtime::Result<World>,
    guest: Guest,
    limits: &Limits,
    record: Record,
    body: impl AsyncFnOnce(&mut Instance<World>) -> wasmtime::Result<Result<T, wit::Failure>>,
) -> Call<T> {
    let began = Instant::now();
    let stderr = guest.stderr.clone();
    let mut store = Store::new(engine, guest);
    store.limiter(|guest| &mut guest.limits);
    let ticks = (limits.deadline + EPOCH_GRACE).as_millis() / EPOCH_TICK.as_millis();
    store.set_epoch_deadline(u64::try_from(ticks).unwrap_or(u64::MAX));
    store.epoch_deadline_trap();

    let running = async {
        let exports = instantiate(&mut store).await?;
        let mut instance = Instance { store, exports };
        body(&mut instance).await
    };
    let outcome = tokio::time::timeout(limits.deadline, running).await;

    let result = match outcome {
        Ok(Ok(Ok(value))) => Ok(value),
        // The host knows better why a request failed than a connector that only saw an error code.
        Ok(Ok(Err(failure))) => Err(record
            .lock()
            .host_failure
            .take()
            .unwrap_or_else(|| failure.into())),
        Ok(Err(error)) => Err(trapped(who, &error, &stderr.contents(), limits)),
        Err(_elapsed) => Err(overdue(who, limits)),
    };
    let effect = record.effect(result.is_ok());
    let mut entries = record.lock();
    if entries.log_dropped > 0 {
        tracing::warn!(
            connector = who,
            lines = entries.log_dropped,
            "a connector wrote more log lines than are kept"
        );
    }
    Call {
        result,
        effect,
        requests: std::mem::take(&mut entries.requests),
        log: std::mem::take(&mut entries.log),
        took: began.elapsed(),
    }
}

fn overdue(who: &str, limits: &Limits) -> Failure {
    let seconds = limits.deadline.as_secs_f32();
    Failure::new(
        FailureKind::Timeout,
        "host.deadline",
        format!("{who} did not finish within {seconds} s and was stopped"),
    )
    .with_help(
        "the PSA may be slow; the press is kept. If it happens with every press, tell the connector's author"
            .to_owned(),
    )
}

fn trapped(who: &str, error: &wasmtime::Error, stderr: &[u8], limits: &Limits) -> Failure {
    let trap = error.downcast_ref::<Trap>();
    if matches!(trap, Some(Trap::Interrupt)) {
        return overdue(who, limits);
    }
    let said = text::one_line(&String::from_utf8_lossy(stderr), GUEST_TEXT_CHARS);
    let reason = match trap {
        Some(Trap::StackOverflow) => "it recursed too deeply".to_owned(),
        Some(trap) => trap.to_string(),
        None => text::one_line(&error.root_cause().to_string(), GUEST_TEXT_CHARS),
    };
    let quoted = if said.is_empty() {
        String::new()
    } else {
        format!("; it said: {said}")
    };
    let mut failure = host_failure("host.trap", format!("{who} crashed: {reason}{quoted}"));
    failure.help = Some("this is a fault of the connector; tell its author. This computer and other connectors are not affected".to_owned());
    failure
}
