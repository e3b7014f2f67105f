//! D-Bus, which Linux desktops answer questions on; nothing here waits beyond its limit.

use std::{future::Future, time::Duration};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum BusError {
    /// Not within the limit.
    #[error("no answer within {} ms", .0.as_millis())]
    Late(Duration),
    /// The bus or who was asked.
    #[error(transparent)]
    Bus(#[from] zbus::Error),
    /// This program has no means to ask.
    #[error(transparent)]
    Here(#[from] std::io::Error),
}

/// Does what asks over a bus on this thread, and drops it at the limit.
pub(super) fn within<T>(limit: Duration, work: impl Future<Output = zbus::Result<T>>) -> Result<T, BusError> {
    alone(async {
        match tokio::time::timeout(limit, work).await {
            Ok(answer) => answer.map_err(BusError::from),
            Err(_) => Err(BusError::Late(limit)),
        }
    })?
}

/// Does something asynchronous on this thread.
pub(super) fn alone<T>(work: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(work))
}
