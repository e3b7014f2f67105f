//! Headers that no connector sets, whether by itself or as an authorisation: how a message is framed, whom it is
//! for, on whose behalf it claims to come. A server and the host that understood one of these differently would
//! see two different requests.

use http::{HeaderName, header};
use wasmtime_wasi_http::DEFAULT_FORBIDDEN_HEADERS;

/// Besides those that `wasi:http` forbids.
const FORBIDDEN: [HeaderName; 4] = [header::TE, header::TRAILER, header::EXPECT, header::FORWARDED];

/// Whether a header is the host's alone.
pub(crate) fn is_the_hosts(name: &HeaderName) -> bool {
    DEFAULT_FORBIDDEN_HEADERS.contains(name)
        || FORBIDDEN.contains(name)
        || name.as_str().starts_with("proxy-")
        || name.as_str().starts_with("x-forwarded-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_frame_or_lead_a_message_elsewhere_are_the_hosts() {
        for name in [
            "host",
            "connection",
            "transfer-encoding",
            "te",
            "trailer",
            "expect",
            "proxy-x",
            "x-forwarded-host",
        ] {
            assert!(is_the_hosts(&HeaderName::from_static(name)), "{name}");
        }
        for name in ["authorization", "content-type", "x-api-key", "prefer"] {
            assert!(!is_the_hosts(&HeaderName::from_static(name)), "{name}");
        }
    }
}
