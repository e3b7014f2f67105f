//! One call: a fresh store, its bounds, and what comes of it.

use crate::{
    bounds::Refused,
    call::{Call, Frame},
    contract::bindings::helpbell::psa::types as wit,
    guest::{CallsSpent, Guest},
    limits::{GUEST_TEXT_CHARS, Limits},
};
use helpbell_model::{Effect, Failure, FailureKind, text};
use std::time::{Duration, Instant};
use wasmtime::{Engine, Store, Trap, UpdateDeadline};

/// A fresh instance, seen through the exports of one world, and what it lives in.
pub(crate) struct Instance<World> {
    pub(crate) store: Store<Guest>,
    pub(crate) exports: World,
}

/// A failure that the host, not the connector, reports.
pub(crate) fn host_failure(code: &str, message: String) -> Failure {
    Failure::new(FailureKind::Internal, code, message)
}

/// Runs `body` in a fresh instance under all limits of the frame. `who` names the connector in failures.
pub(crate) async fn call<T, World>(
    who: &str,
    engine: &Engine,
    frame: Frame,
    guest: Guest,
    instantiate: impl AsyncFnOnce(&mut Store<Guest>) -> wasmtime::Result<World>,
    body: impl AsyncFnOnce(&mut Instance<World>) -> wasmtime::Result<Result<T, wit::Failure>>,
) -> Call<T> {
    let stderr = guest.stderr.clone();
    let store = store(engine, &frame, guest);

    let running = async {
        let mut store = store;
        let exports = match instantiate(&mut store).await {
            Ok(exports) => exports,
            Err(error) => return Err((error, store.data().bounds.refused())),
        };
        let mut instance = Instance { store, exports };
        let outcome = body(&mut instance).await;
        let bounds = &instance.store.data().bounds;
        match outcome {
            Ok(outcome) => Ok((outcome, bounds.memory())),
            Err(error) => Err((error, bounds.refused())),
        }
    };
    let outcome = tokio::time::timeout_at(frame.ends.into(), running).await;

    let mut entries = frame.record.lock();
    entries.closed = true;
    let memory_bytes = match &outcome {
        Ok(Ok((_, memory))) => Some(*memory),
        _ => None,
    };
    let result = match outcome {
        Ok(Ok((Ok(value), _))) => Ok(value),
        // The host knows better why a request failed than a connector that only saw an error code.
        Ok(Ok((Err(failure), _))) => Err(match entries.explanation() {
            Some(known) => named(who, known),
            None => failure.into(),
        }),
        Ok(Err((error, refused))) => Err(trapped(who, &error, refused, &stderr.contents(), &frame.limits)),
        Err(_elapsed) => Err(overdue(who, &frame.limits)),
    };
    if entries.log_dropped > 0 {
        tracing::warn!(
            connector = who,
            lines = entries.log_dropped,
            "a connector wrote more log lines than are kept"
        );
    }
    Call {
        effect: entries.effect(result.is_ok()),
        result,
        requests: std::mem::take(&mut entries.requests),
        log: std::mem::take(&mut entries.log),
        took: frame.took(),
        memory_bytes,
    }
}

/// A call that ended before a connector was entered.
pub(crate) fn without_instance<T>(result: Result<T, Failure>, took: Duration) -> Call<T> {
    Call {
        result,
        effect: Effect::None,
        requests: vec![],
        log: vec![],
        took,
        memory_bytes: None,
    }
}

/// A store that ends with its frame.
///
/// At every tick of the engine's clock a computing guest stops for a moment. If its time is over or its
/// calls into the host are spent, for good; otherwise its thread serves whoever else is waiting, so that
/// a runaway costs its neighbours a share of the processor and nothing else. The clock is only a
/// heartbeat: the deadline is compared with real time, and nobody gains or loses by another's ticks.
fn store(engine: &Engine, frame: &Frame, guest: Guest) -> Store<Guest> {
    let mut store = Store::new(engine, guest);
    store.limiter(|guest| &mut guest.bounds);
    store.set_hostcall_fuel(frame.limits.transfer_bytes);
    store.set_max_component_handles(frame.limits.handles);
    store.set_epoch_deadline(1);
    let (ends, host_calls) = (frame.ends, frame.limits.host_calls);
    store.epoch_deadline_callback(move |store| {
        if store.data().calls_are_spent() {
            return Err(CallsSpent(host_calls).into());
        }
        if ends <= Instant::now() {
            return Ok(UpdateDeadline::Interrupt);
        }
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
    });
    store
}

/// Whoever sends requests for a guest does not know whose they are.
fn named(who: &str, mut failure: Failure) -> Failure {
    if !failure.message.contains(who) {
        failure.message = format!("{who}: {}", failure.message);
    }
    failure
}

/// The failure of a call whose time is over.
pub(crate) fn overdue(who: &str, limits: &Limits) -> Failure {
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

fn trapped(
    who: &str,
    error: &wasmtime::Error,
    refused: Option<Refused>,
    stderr: &[u8],
    limits: &Limits,
) -> Failure {
    let trap = error.downcast_ref::<Trap>();
    if matches!(trap, Some(Trap::Interrupt)) {
        return overdue(who, limits);
    }
    let said = text::one_line(&String::from_utf8_lossy(stderr), GUEST_TEXT_CHARS);
    let quoted = if said.is_empty() {
        String::new()
    } else {
        format!("; it said: {said}")
    };
    if let Some(spent) = error.downcast_ref::<CallsSpent>() {
        return beyond(
            "host.call-limit",
            format!("{who} was stopped: {spent}{quoted}"),
            "host-calls",
        );
    }
    let reason = match trap {
        Some(Trap::StackOverflow) => "it recursed too deeply".to_owned(),
        Some(trap) => trap.to_string(),
        None => text::one_line(&error.root_cause().to_string(), GUEST_TEXT_CHARS),
    };
    match refused {
        Some(Refused::Memory) => {
            let mib = limits.memory_bytes >> 20;
            let told = format!("{who} wanted more than {mib} MiB of memory and crashed: {reason}{quoted}");
            beyond("host.memory-limit", told, "memory-mib")
        }
        Some(Refused::Tables) => {
            let most = limits.table_elements;
            let told = format!("{who} wanted more than {most} table elements and crashed: {reason}{quoted}");
            beyond("host.table-limit", told, "table-elements")
        }
        None => host_failure("host.trap", format!("{who} crashed: {reason}{quoted}"))
            .with_help("this is a fault of the connector; tell its author. This computer and other connectors are not affected"),
    }
}

/// A connector wanted more than its limits give. `key` is the one in `[limits]`.
pub(crate) fn beyond(code: &str, message: String, key: &str) -> Failure {
    host_failure(code, message).with_help(format!(
        "this is a fault of the connector; tell its author. If you trust it with more, raise `{key}` under [limits] in helpbell.toml"
    ))
}

#[cfg(test)]
mod tests;
