//! What stands behind a [`Call`](crate::Call): the sandbox's host, or a test's.

use crate::Failure;
use crate::http::{Request, Response};

/// How much a log line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// For the connector's author.
    Debug,
    /// For the operator who looks.
    Info,
    /// For the operator who should look.
    Warn,
}

/// Everything outside a connector. Functions of a connector never name it; they use
/// [`Call`](crate::Call), which adds the conveniences.
pub trait Host {
    /// Sends one request and reads the whole answer. Any HTTP status is an answer; a [`Failure`] means
    /// that there was none, or that the host refused to send.
    fn send(&self, request: Request) -> Result<Response, Failure>;

    /// What an earlier call kept under this key, unless too old.
    fn cache_get(&self, key: &str) -> Option<Vec<u8>>;

    /// Keeps bytes for a number of seconds; may do nothing. Zero seconds forgets.
    fn cache_put(&self, key: &str, value: &[u8], ttl_s: u32);

    /// At most `len` bytes of a file from `offset`; fewer at its end, none behind it.
    fn read_blob(&self, blob: u32, offset: u64, len: u32) -> Result<Vec<u8>, String>;

    /// Writes one line to the operator's log.
    fn log(&self, level: LogLevel, message: &str);

    /// Waits. For an answer that is not there yet; the call's deadline goes on.
    fn pause(&self, milliseconds: u64);

    /// Seconds since 1970, UTC.
    fn now_unix(&self) -> u64;
}
