//! Tells a press that hangs from one that is slow.

use helpbell_end_to_end::inside::{Delivered, NotDelivered};
use std::{future::Future, time::Duration};

/// How a press ended.
#[derive(Debug)]
pub(crate) enum End {
    /// It has its ticket.
    Delivered(Box<Delivered>),
    /// It has none, and says why.
    Not(Box<NotDelivered>),
    /// It did not end.
    Hung,
}

/// Waits so long for a press and no longer.
pub(crate) async fn within(
    patience: Duration,
    press: impl Future<Output = Result<Delivered, Box<NotDelivered>>>,
) -> End {
    match tokio::time::timeout(patience, press).await {
        Ok(Ok(delivered)) => End::Delivered(Box::new(delivered)),
        Ok(Err(stopped)) => End::Not(stopped),
        Err(_) => End::Hung,
    }
}
