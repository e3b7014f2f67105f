//! What a client gets in place of, or out of, the right answer.

use std::io;
use std::task::Poll;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use futures::stream::poll_fn;
use jiff::{SignedDuration, Timestamp};

use super::{Deed, Misdeed, RetryAfter};
use crate::halo::reply::{Refusal, Reply, reply};

/// Where an instance sends a browser that is not signed in: what a client without a good token might be led to.
const SIGN_IN: &str = "/auth/login";
/// Content length that a truncated answer without a body claims.
const MISSING_BYTES: usize = 64;
/// The message that .NET gives a reference to nothing: the commonest text of a server error.
const EXCEPTION: &str = "Object reference not set to an instance of an object.";

/// The answer after the misdeed. `right` is the right answer, of a request that was carried out.
pub(crate) async fn disguise(deed: &Deed, right: Option<Reply>, rate_text: String) -> Reply {
    match deed.misdeed {
        Misdeed::Truncated => match right {
            Some(right) => truncated(right).await,
            None => bare(StatusCode::BAD_GATEWAY),
        },
        Misdeed::JsonAsText => {
            let mut right = right.unwrap_or_else(|| bare(StatusCode::OK));
            set(&mut right, header::CONTENT_TYPE, "text/plain; charset=utf-8");
            right
        }
        // The connection is cut before this is written.
        Misdeed::Reset => bare(StatusCode::OK),
        Misdeed::Latency | Misdeed::Hang => right.unwrap_or_else(|| bare(StatusCode::SERVICE_UNAVAILABLE)),
        Misdeed::RateLimited429 => {
            let text = page(
                StatusCode::TOO_MANY_REQUESTS,
                "text/plain; charset=utf-8",
                rate_text,
            );
            with_retry_after(text, deed.retry_after)
        }
        Misdeed::Exception500 => reply(Err(Refusal::Exception {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            message: EXCEPTION.to_owned(),
        })),
        Misdeed::BadGateway502 => gateway(StatusCode::BAD_GATEWAY),
        Misdeed::Unavailable503 => {
            let text = "The service is unavailable.".to_owned();
            let answer = page(
                StatusCode::SERVICE_UNAVAILABLE,
                "text/html; charset=us-ascii",
                text,
            );
            with_retry_after(answer, deed.retry_after)
        }
        Misdeed::GatewayTimeout504 => gateway(StatusCode::GATEWAY_TIMEOUT),
        Misdeed::Redirect302 => {
            let mut answer = bare(StatusCode::FOUND);
            set(
                &mut answer,
                header::LOCATION,
                deed.location.as_deref().unwrap_or(SIGN_IN),
            );
            answer
        }
        Misdeed::Html200 => {
            let html = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\
                        <body><form><h1>Sign in</h1><input name=\"username\"></form></body></html>\n";
            page(StatusCode::OK, "text/html; charset=utf-8", html.to_owned())
        }
        Misdeed::Empty200 => bare(StatusCode::OK),
        Misdeed::Empty403 => bare(StatusCode::FORBIDDEN),
        Misdeed::Empty404 => bare(StatusCode::NOT_FOUND),
    }
}

fn bare(status: StatusCode) -> Reply {
    let mut reply = Response::new(Body::empty());
    *reply.status_mut() = status;
    reply
}

fn page(status: StatusCode, content_type: &str, text: String) -> Reply {
    let mut reply = Response::new(Body::from(text));
    *reply.status_mut() = status;
    set(&mut reply, header::CONTENT_TYPE, content_type);
    reply
}

/// A page as a proxy in front of the server writes one.
fn gateway(status: StatusCode) -> Reply {
    let title = format!(
        "{} {}",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default()
    );
    let html = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    page(status, "text/html", html)
}

/// The head of the right answer with its whole length, and half of its body.
async fn truncated(right: Reply) -> Reply {
    let (mut parts, body) = right.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let claimed = if body.is_empty() {
        MISSING_BYTES
    } else {
        body.len()
    };
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(claimed));
    let mut half = Some(body.slice(..body.len() / 2)).filter(|half| !half.is_empty());
    let mut flushed = false;
    // The pause between the half and the error lets the half go out; without it the error would overtake it.
    let stream = poll_fn(move |context| -> Poll<Option<Result<Bytes, io::Error>>> {
        if let Some(half) = half.take() {
            return Poll::Ready(Some(Ok(half)));
        }
        if !flushed {
            flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())))
    });
    Response::from_parts(parts, Body::from_stream(stream))
}

fn with_retry_after(mut reply: Reply, retry_after: RetryAfter) -> Reply {
    match retry_after {
        RetryAfter::Absent => {}
        RetryAfter::Seconds(seconds) => set(&mut reply, header::RETRY_AFTER, &seconds.to_string()),
        // The client reads it by its own clock, so this is real time and not the server's.
        RetryAfter::Date(seconds) => {
            let at = Timestamp::now() + SignedDuration::from_secs(i64::from(seconds));
            set(&mut reply, header::RETRY_AFTER, &http_date(at));
        }
    }
    reply
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
pub(crate) fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Sets a header; rules are checked for values HTTP cannot carry.
fn set(reply: &mut Reply, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_http_wants_them() {
        let at: Timestamp = "1994-11-06T08:49:37Z".parse().unwrap();
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
