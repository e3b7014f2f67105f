//! How much a connector may take. There is no `Default`: whoever runs one decides.

use std::time::Duration;

/// Bounds of one call into a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Wall time of one call, HTTP included.
    pub deadline: Duration,
    /// Bytes of linear memory.
    pub memory_bytes: usize,
    /// Elements in all tables together.
    pub table_elements: usize,
    /// Requests in one call.
    pub requests: u32,
    /// Bytes of one request body.
    pub request_bytes: usize,
    /// Bytes of one response body after decompression.
    pub response_bytes: usize,
    /// Log lines of one call.
    pub log_lines: usize,
}

/// Longer than the slowest answer of a healthy PSA, shorter than a person's patience times two.
const CALL_DEADLINE: Duration = Duration::from_secs(60);
/// `describe` and `authenticate` have little to do.
const SHORT_DEADLINE: Duration = Duration::from_secs(30);
/// A Rust connector needs 2 MiB; a JSON answer of 10 MiB and its tree fit as well.
const MEMORY_BYTES: usize = 128 << 20;
/// A Rust connector has a few hundred functions in its table.
const TABLE_ELEMENTS: usize = 100_000;
/// A press needs five requests, a cold start a dozen; a hundred is a loop.
const REQUESTS: u32 = 100;
/// A 4.5 MB report and its pictures, as base64 within JSON.
const REQUEST_BYTES: usize = 24 << 20;
/// Halo's widest pick-lists stay below one megabyte.
const RESPONSE_BYTES: usize = 10 << 20;
/// More than anybody reads.
const LOG_LINES: usize = 500;

impl Limits {
    /// For calls that work on a press.
    #[must_use]
    pub const fn work() -> Self {
        Self {
            deadline: CALL_DEADLINE,
            memory_bytes: MEMORY_BYTES,
            table_elements: TABLE_ELEMENTS,
            requests: REQUESTS,
            request_bytes: REQUEST_BYTES,
            response_bytes: RESPONSE_BYTES,
            log_lines: LOG_LINES,
        }
    }

    /// For `describe` and `authenticate`.
    #[must_use]
    pub const fn short() -> Self {
        Self {
            deadline: SHORT_DEADLINE,
            ..Self::work()
        }
    }
}

/// Characters kept of one log line.
pub(crate) const LOG_LINE_CHARS: usize = 1_000;
/// Characters kept of a message, help or reason that a connector wrote.
pub(crate) const GUEST_TEXT_CHARS: usize = 2_000;
/// Characters kept of an id or a name that a connector wrote.
pub(crate) const GUEST_NAME_CHARS: usize = 300;
/// Entries kept of any list that a connector answers with, except pick-lists.
pub(crate) const GUEST_LIST: usize = 1_000;
