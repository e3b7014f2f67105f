//! Windows in safe words, for the probes.
//!
//! ```text
//! probes/*/windows.rs ──► judges plain values: pure, tested on every system
//!          │
//!          ▼
//! windows/*  ──────────► brings them: the registry, C functions, COM
//! ```
//!
//! All unsafe code of the probes is in this folder, a few lines around each C function. What Windows hands out is
//! copied into plain values before a function returns; handles close themselves.

pub(crate) mod accounts;
#[cfg(windows)]
mod com;
#[cfg(windows)]
pub(crate) mod connections;
pub(crate) mod devices;
#[cfg(windows)]
pub(crate) mod drives;
#[cfg(windows)]
pub(crate) mod event_log;
#[cfg(windows)]
pub(crate) mod icmp;
#[cfg(windows)]
mod memory;
#[cfg(windows)]
pub(crate) mod network_list;
pub(crate) mod printers;
#[cfg(windows)]
pub(crate) mod protection;
pub(crate) mod registry;
pub(crate) mod services;
pub(crate) mod wlan;
#[cfg(windows)]
pub(crate) mod wmi;

#[cfg(windows)]
use crate::part::ProbeError;
#[cfg(windows)]
use ::windows::{
    Win32::Foundation::{E_ACCESSDENIED, ERROR_CALL_NOT_IMPLEMENTED, ERROR_NOT_SUPPORTED},
    core::HRESULT,
};
#[cfg(windows)]
use std::{sync::mpsc, thread, time::Duration};

/// `RPC_S_SERVER_UNAVAILABLE`: the service that should answer does not run.
#[cfg(windows)]
const NOBODY_ANSWERS: HRESULT = HRESULT::from_win32(1722);

/// What Windows refused, cannot do, or failed at, in its own words.
#[cfg(windows)]
pub(crate) fn refusal(what: &str, error: &::windows::core::Error) -> ProbeError {
    let words = format!("{what}: {}", error.message());
    match error.code() {
        E_ACCESSDENIED => ProbeError::Denied(words),
        code if code == ERROR_NOT_SUPPORTED.to_hresult()
            || code == ERROR_CALL_NOT_IMPLEMENTED.to_hresult() =>
        {
            ProbeError::Unsupported(words)
        }
        NOBODY_ANSWERS => ProbeError::Failed(format!("{what}: its service does not run")),
        _ => ProbeError::Failed(words),
    }
}

/// Asks on a thread that is left behind if there is no answer within `limit`: some questions wait for a service or for
/// another machine, and Windows does not let go of them.
#[cfg(windows)]
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    ask: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ProbeError> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("may hang".to_owned())
        .spawn(move || {
            // Nobody listens any more if it comes too late.
            let _ = sender.send(ask());
        })
        .map_err(|error| ProbeError::Failed(format!("no thread to ask on: {error}")))?;
    receiver
        .recv_timeout(limit)
        .map_err(|_| ProbeError::TimedOut(format!("no answer within {} ms", limit.as_millis())))
}
