//! How much a connector may take. There is no `Default`: whoever runs one decides.
//!
//! Each bound is a constant in the unit of its key, with its reason. An operator may set every one of them
//! for a connector, in `[limits]` of `helpbell.toml`, between the smallest value with which anything works
//! and a ceiling ([`LimitKey`]).

use std::time::Duration;

/// Bounds of one call into a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Wall time of one call, HTTP included.
    pub deadline: Duration,
    /// Bytes of all linear memories together.
    pub memory_bytes: usize,
    /// Elements in all tables together.
    pub table_elements: usize,
    /// Core instances, memories and tables: so many of each.
    pub instances: usize,
    /// Calls into the host, whichever function; expensive ones count more than once.
    pub host_calls: u32,
    /// Things of the host that a guest holds at once: requests, header lists, streams, timers.
    pub handles: usize,
    /// Bytes of one string or list that a guest hands to the host.
    pub transfer_bytes: usize,
    /// Log lines of one call.
    pub log_lines: usize,
    /// Bytes of all kept log lines of one call.
    pub log_bytes: usize,
    /// Requests in one call.
    pub requests: u32,
    /// Requests under way at once; the next one waits.
    pub concurrent_requests: usize,
    /// Bytes of one request body.
    pub request_bytes: usize,
    /// Bytes of one response body after decompression.
    pub response_bytes: usize,
    /// Bytes of all request and response bodies of one call together.
    pub total_bytes: usize,
    /// Headers of one request or response.
    pub headers: usize,
    /// Bytes of all header names and values of one request or response.
    pub header_bytes: usize,
}

/// Longer than the slowest answer of a healthy PSA, shorter than a person's patience times two.
const DEADLINE_SECONDS: u64 = 60;
/// `describe`, `authenticate` and webhooks have little to do.
const SHORT_DEADLINE: Duration = Duration::from_secs(30);
/// A Rust connector needs 2 MiB; a JSON answer of 10 MiB and its tree fit as well.
const MEMORY_MIB: u64 = 128;
/// A Rust connector has a few hundred functions in its table, an interpreter some ten thousand.
const TABLE_ELEMENTS: u64 = 100_000;
/// A component is the guest itself and a handful of adapters.
const INSTANCES: u64 = 64;
/// A body of 24 MiB written in pieces of 4 KiB, which is what the smallest writers do, needs 25,000 calls.
const HOST_CALLS: u64 = 250_000;
/// One request and its answer are a dozen things; eight at once are a hundred.
const HANDLES: u64 = 512;
/// A pick-list of 20,000 entries is 3 MiB. Bodies cross in pieces of 1 MiB at most.
const TRANSFER_MIB: u64 = 4;
/// More than anybody reads.
const LOG_LINES: u64 = 500;
/// The kept lines, if each were as long as half of what is kept of one.
const LOG_KIB: u64 = 256;
/// A press needs five requests, a cold start a dozen; a hundred is a loop.
const REQUESTS: u64 = 100;
/// More than any connector has use for, and fewer than a PSA takes amiss.
const CONCURRENT_REQUESTS: u64 = 8;
/// A 4.5 MB report and its pictures, as base64 within JSON.
const REQUEST_MIB: u64 = 24;
/// Halo's widest pick-lists stay below one megabyte.
const RESPONSE_MIB: u64 = 10;
/// Four of the largest requests: a note's attachments are sent one by one.
const TOTAL_MIB: u64 = 96;
/// A PSA behind a content network sends thirty.
const HEADERS: u64 = 100;
/// Eight times what common servers accept.
const HEADER_KIB: u64 = 64;

/// An interpreter with a large pick-list in it; a pool reserves so much address space per guest.
pub(crate) const LARGEST_MEMORY_MIB: u64 = 1024;
/// A hundred times an interpreter's; a pool reserves so much as well.
pub(crate) const LARGEST_TABLE_ELEMENTS: u64 = 1_000_000;

/// Bytes in a kibibyte and a mebibyte, the units of the keys.
const KIB: usize = 1 << 10;
pub(crate) const MIB: usize = 1 << 20;

impl Limits {
    /// For calls that work on a press.
    #[must_use]
    pub const fn work() -> Self {
        Self {
            deadline: Duration::from_secs(DEADLINE_SECONDS),
            memory_bytes: size(MEMORY_MIB) * MIB,
            table_elements: size(TABLE_ELEMENTS),
            instances: size(INSTANCES),
            host_calls: count(HOST_CALLS),
            handles: size(HANDLES),
            transfer_bytes: size(TRANSFER_MIB) * MIB,
            log_lines: size(LOG_LINES),
            log_bytes: size(LOG_KIB) * KIB,
            requests: count(REQUESTS),
            concurrent_requests: size(CONCURRENT_REQUESTS),
            request_bytes: size(REQUEST_MIB) * MIB,
            response_bytes: size(RESPONSE_MIB) * MIB,
            total_bytes: size(TOTAL_MIB) * MIB,
            headers: size(HEADERS),
            header_bytes: size(HEADER_KIB) * KIB,
        }
    }

    /// For `describe`, before there is anything that an operator could have set.
    #[must_use]
    pub const fn short() -> Self {
        Self {
            deadline: SHORT_DEADLINE,
            ..Self::work()
        }
    }

    /// The same for `authenticate` and webhooks, which end sooner.
    #[must_use]
    pub fn shortened(self) -> Self {
        Self {
            deadline: self.deadline.min(SHORT_DEADLINE),
            ..self
        }
    }
}

/// Every value comes from a constant or a [`LimitKey`], whose ceilings fit.
pub(crate) const fn size(value: u64) -> usize {
    value as usize
}

/// See [`size`].
const fn count(value: u64) -> u32 {
    value as u32
}

/// One bound as an operator may set it.
#[derive(Debug)]
pub struct LimitKey {
    /// The key in `[limits]`, with its unit.
    pub name: &'static str,
    /// What it bounds.
    pub meaning: &'static str,
    /// Below this no connector works.
    pub smallest: u64,
    /// What holds unless the operator says otherwise.
    pub usual: u64,
    /// Above this one connector could harm the machine.
    pub largest: u64,
    set: fn(&mut Limits, u64),
}

impl LimitKey {
    /// The key of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        LIMIT_KEYS.iter().find(|key| key.name == name)
    }

    /// Sets the bound; false if the value is not between smallest and largest.
    #[must_use]
    pub fn apply(&self, limits: &mut Limits, value: u64) -> bool {
        let fits = (self.smallest..=self.largest).contains(&value);
        if fits {
            (self.set)(limits, value);
        }
        fits
    }
}

/// Every bound that an operator may set, in the order of the documentation.
pub static LIMIT_KEYS: [LimitKey; 16] = [
    LimitKey {
        name: "deadline-seconds",
        meaning: "wall time of one call, HTTP included",
        smallest: 1,
        usual: DEADLINE_SECONDS,
        largest: 300,
        set: |limits, value| limits.deadline = Duration::from_secs(value),
    },
    LimitKey {
        name: "memory-mib",
        meaning: "all linear memories together",
        smallest: 1,
        usual: MEMORY_MIB,
        largest: LARGEST_MEMORY_MIB,
        set: |limits, value| limits.memory_bytes = size(value) * MIB,
    },
    LimitKey {
        name: "table-elements",
        meaning: "elements of all tables together",
        smallest: 100,
        usual: TABLE_ELEMENTS,
        largest: LARGEST_TABLE_ELEMENTS,
        set: |limits, value| limits.table_elements = size(value),
    },
    LimitKey {
        name: "instances",
        meaning: "core instances, memories and tables, so many of each",
        smallest: 8,
        usual: INSTANCES,
        largest: 1_000,
        set: |limits, value| limits.instances = size(value),
    },
    LimitKey {
        name: "host-calls",
        meaning: "calls into the host; a cache read counts 10, a cache write 100",
        smallest: 1_000,
        usual: HOST_CALLS,
        largest: 10_000_000,
        set: |limits, value| limits.host_calls = count(value),
    },
    LimitKey {
        name: "handles",
        meaning: "requests, header lists, streams and timers held at once",
        smallest: 32,
        usual: HANDLES,
        largest: 4_096,
        set: |limits, value| limits.handles = size(value),
    },
    LimitKey {
        name: "transfer-mib",
        meaning: "one string or list that the connector hands to the host",
        smallest: 1,
        usual: TRANSFER_MIB,
        largest: 64,
        set: |limits, value| limits.transfer_bytes = size(value) * MIB,
    },
    LimitKey {
        name: "log-lines",
        meaning: "log lines that are kept",
        smallest: 0,
        usual: LOG_LINES,
        largest: 10_000,
        set: |limits, value| limits.log_lines = size(value),
    },
    LimitKey {
        name: "log-kib",
        meaning: "all kept log lines together",
        smallest: 0,
        usual: LOG_KIB,
        largest: 8_192,
        set: |limits, value| limits.log_bytes = size(value) * KIB,
    },
    LimitKey {
        name: "requests",
        meaning: "requests in one call",
        smallest: 1,
        usual: REQUESTS,
        largest: 2_000,
        set: |limits, value| limits.requests = count(value),
    },
    LimitKey {
        name: "concurrent-requests",
        meaning: "requests under way at once; the next one waits",
        smallest: 1,
        usual: CONCURRENT_REQUESTS,
        largest: 32,
        set: |limits, value| limits.concurrent_requests = size(value),
    },
    LimitKey {
        name: "request-mib",
        meaning: "one request body",
        smallest: 1,
        usual: REQUEST_MIB,
        largest: 128,
        set: |limits, value| limits.request_bytes = size(value) * MIB,
    },
    LimitKey {
        name: "response-mib",
        meaning: "one response body after decompression",
        smallest: 1,
        usual: RESPONSE_MIB,
        largest: 128,
        set: |limits, value| limits.response_bytes = size(value) * MIB,
    },
    LimitKey {
        name: "total-mib",
        meaning: "all request and response bodies of one call together",
        smallest: 1,
        usual: TOTAL_MIB,
        largest: 1024,
        set: |limits, value| limits.total_bytes = size(value) * MIB,
    },
    LimitKey {
        name: "headers",
        meaning: "headers of one request or response",
        smallest: 16,
        usual: HEADERS,
        largest: 500,
        set: |limits, value| limits.headers = size(value),
    },
    LimitKey {
        name: "header-kib",
        meaning: "names and values of these headers together",
        smallest: 4,
        usual: HEADER_KIB,
        largest: 256,
        set: |limits, value| limits.header_bytes = size(value) * KIB,
    },
];

/// Host calls that one cache read counts for: it reads a file.
pub(crate) const CACHE_READ_COST: u32 = 10;
/// Host calls that one cache write counts for: it writes a file to the disk itself and waits for it.
pub(crate) const CACHE_WRITE_COST: u32 = 100;
/// Bytes of one piece of a request body that waits for the network: one per body that is open.
pub(crate) const BODY_PIECE_BYTES: usize = 256 << 10;
/// Random bytes of one call; more at once is computing at the host's cost.
pub(crate) const RANDOM_BYTES: u64 = 1 << 20;
/// Bytes of path and query of one request: what the most generous servers read.
pub(crate) const PATH_BYTES: usize = 32 << 10;
/// Bytes of a method, a scheme or an authority: the longest host name and a port.
pub(crate) const NAME_BYTES: usize = 300;

/// Characters kept of one log line.
pub(crate) const LOG_LINE_CHARS: usize = 1_000;
/// Characters kept of a message, help or reason that a connector wrote.
pub(crate) const GUEST_TEXT_CHARS: usize = 2_000;
/// Characters kept of an id or a name that a connector wrote.
pub(crate) const GUEST_NAME_CHARS: usize = 300;
/// Entries kept of any list that a connector answers with, except pick-lists.
pub(crate) const GUEST_LIST: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// Differs from the usual value in every field.
    fn nothing() -> Limits {
        let mut limits = Limits::work();
        for key in &LIMIT_KEYS {
            let other = if key.usual == key.smallest {
                key.largest
            } else {
                key.smallest
            };
            assert!(key.apply(&mut limits, other));
        }
        limits
    }

    #[test]
    fn the_usual_values_of_all_keys_are_the_limits_of_work() {
        let mut limits = nothing();
        for (done, key) in LIMIT_KEYS.iter().enumerate() {
            assert_ne!(limits, Limits::work(), "{done} keys already set everything");
            assert!(key.apply(&mut limits, key.usual));
        }
        assert_eq!(limits, Limits::work());
    }

    #[test]
    fn a_value_beyond_its_bounds_changes_nothing() {
        for key in &LIMIT_KEYS {
            let mut limits = Limits::work();
            assert!(!key.apply(&mut limits, key.largest + 1), "{}", key.name);
            if let Some(below) = key.smallest.checked_sub(1) {
                assert!(!key.apply(&mut limits, below), "{}", key.name);
            }
            assert_eq!(limits, Limits::work());
            assert!(
                key.smallest <= key.usual && key.usual <= key.largest,
                "{}",
                key.name
            );
        }
    }

    /// `HELPBELL_UPDATE_DOCS=1` writes the table into the page; otherwise it must stand there.
    #[test]
    fn the_threat_model_shows_every_limit() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/threat-model.md");
        let page = std::fs::read_to_string(path).unwrap();
        let (begin, end) = ("<!-- limits -->\n", "<!-- end of limits -->");
        let (before, rest) = page.split_once(begin).unwrap();
        let (_, after) = rest.split_once(end).unwrap();
        let rows: String = LIMIT_KEYS
            .iter()
            .map(|key| {
                format!(
                    "| `{}` | {} | {} | {} to {} |\n",
                    key.name, key.meaning, key.usual, key.smallest, key.largest
                )
            })
            .collect();
        let head = "| key | bounds | usual | from, to |\n|---|---|---|---|\n";
        let wanted = format!("{before}{begin}\n{head}{rows}\n{end}{after}");
        if std::env::var_os("HELPBELL_UPDATE_DOCS").is_some() {
            std::fs::write(path, &wanted).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(path).unwrap(),
            wanted,
            "run this test with HELPBELL_UPDATE_DOCS=1"
        );
    }

    #[test]
    fn short_calls_never_last_longer_than_work() {
        assert_eq!(Limits::work().shortened().deadline, SHORT_DEADLINE);
        let hurried = Limits {
            deadline: Duration::from_secs(2),
            ..Limits::work()
        };
        assert_eq!(hurried.shortened(), hurried);
    }
}
