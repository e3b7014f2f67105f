//! The host of the sandbox, by the contract's imports: `wasi:http`, `blobs`, `cache`, `log`.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::bindings::helpbell::psa::{blobs, cache, log};
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::http::outgoing_handler;
use crate::bindings::wasi::http::types::{
    ErrorCode, Fields, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use crate::bindings::wasi::io::streams::{OutputStream, StreamError};
use crate::http::{MAX_ANSWER_BYTES, Part, Request, Response, split};
use crate::text::quote;
use crate::{Failure, Host, LogLevel, base64};

/// Nanoseconds until a connection must stand. A PSA on the same continent answers in well under a
/// second; ten allow for a bad mobile link.
const CONNECT_NS: u64 = 10_000_000_000;

/// Nanoseconds until an answer must begin. Hosted PSAs need tens of seconds for a large attachment
/// and give up themselves after a minute.
const FIRST_BYTE_NS: u64 = 60_000_000_000;

/// Nanoseconds between two pieces of an answer.
const BETWEEN_BYTES_NS: u64 = 30_000_000_000;

/// Nanoseconds in a millisecond.
const NS_PER_MS: u64 = 1_000_000;

/// Bytes of a file read at once: under the contract's 1 MiB, and whole base64 groups.
const SLICE: u32 = 1024 * 1024 - 1;
const _: () = assert!(
    (SLICE as usize).is_multiple_of(base64::GROUP),
    "a slice must not need padding"
);

/// Bytes asked of an answer at once.
const READ_BYTES: u64 = 64 * 1024;

/// The sandbox's host. Works only inside a component.
#[derive(Debug, Clone, Copy)]
pub struct WasiHost;

impl Host for WasiHost {
    fn send(&self, request: Request) -> Result<Response, Failure> {
        send(self, request)
    }

    fn cache_get(&self, key: &str) -> Option<Vec<u8>> {
        cache::get(key)
    }

    fn cache_put(&self, key: &str, value: &[u8], ttl_s: u32) {
        cache::put(key, value, ttl_s);
    }

    fn read_blob(&self, blob: u32, offset: u64, len: u32) -> Result<Vec<u8>, String> {
        blobs::read(blob, offset, len)
    }

    fn log(&self, level: LogLevel, message: &str) {
        let level = match level {
            LogLevel::Debug => log::Level::Debug,
            LogLevel::Info => log::Level::Info,
            LogLevel::Warn => log::Level::Warn,
        };
        log::write(level, message);
    }

    fn pause(&self, milliseconds: u64) {
        monotonic_clock::subscribe_duration(milliseconds.saturating_mul(NS_PER_MS)).block();
    }

    fn now_unix(&self) -> u64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    }
}

fn send(host: &dyn Host, request: Request) -> Result<Response, Failure> {
    let url = request.url;
    let (https, authority, path) = split(&url).ok_or_else(|| {
        Failure::invalid_input(
            "http.address",
            format!("{} is not an http or https address", quote(&url)),
        )
    })?;
    let outgoing = outgoing(request.method, https, authority, path, &request.headers).map_err(|what| {
        Failure::internal(
            "http.request",
            format!("{} cannot be requested: {what}", quote(&url)),
        )
    })?;
    let body = outgoing.body().ok();
    let answer =
        outgoing_handler::handle(outgoing, Some(patience())).map_err(|code| failure_of(&code, authority))?;
    if let Some(body) = body {
        // The host may end the request early (a refusal, a full buffer); the answer then says why, so a
        // broken stream is not an error here. A file that cannot be read is.
        write_body(host, body, &request.body)?;
    }
    answer.subscribe().block();
    match answer.get() {
        Some(Ok(Ok(response))) => read_answer(&response, authority),
        Some(Ok(Err(code))) => Err(failure_of(&code, authority)),
        Some(Err(())) | None => Err(Failure::internal(
            "http.answer",
            "the host gave no answer to a request",
        )),
    }
}

fn outgoing(
    method: &str,
    https: bool,
    authority: &str,
    path: &str,
    headers: &[(String, String)],
) -> Result<OutgoingRequest, String> {
    let fields = Fields::new();
    for (name, value) in headers {
        fields
            .append(name, value.as_bytes())
            .map_err(|error| format!("header {name}: {error}"))?;
    }
    let request = OutgoingRequest::new(fields);
    let method = match method {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        "HEAD" => Method::Head,
        other => Method::Other(other.to_owned()),
    };
    request
        .set_method(&method)
        .map_err(|()| "the method is not allowed")?;
    request
        .set_scheme(Some(if https { &Scheme::Https } else { &Scheme::Http }))
        .map_err(|()| "bad scheme")?;
    request
        .set_authority(Some(authority))
        .map_err(|()| "bad host name")?;
    request.set_path_with_query(Some(path)).map_err(|()| "bad path")?;
    Ok(request)
}

fn patience() -> RequestOptions {
    let options = RequestOptions::new();
    // A host that has no such limits says so; it bounds the call as a whole in any case.
    let _ = options.set_connect_timeout(Some(CONNECT_NS));
    let _ = options.set_first_byte_timeout(Some(FIRST_BYTE_NS));
    let _ = options.set_between_bytes_timeout(Some(BETWEEN_BYTES_NS));
    options
}

fn write_body(host: &dyn Host, body: OutgoingBody, parts: &[Part]) -> Result<(), Failure> {
    if let Ok(stream) = body.write() {
        for part in parts {
            let written = match part {
                Part::Bytes(bytes) => write_all(&stream, bytes),
                Part::Base64(blob) => write_base64(host, &stream, *blob)?,
            };
            if written.is_err() {
                break;
            }
        }
        let _ = stream.blocking_flush();
    }
    let _ = OutgoingBody::finish(body, None);
    Ok(())
}

fn write_base64(
    host: &dyn Host,
    stream: &OutputStream,
    blob: u32,
) -> Result<Result<(), StreamError>, Failure> {
    let mut offset = 0;
    let mut pending = Vec::new();
    loop {
        let slice = host.read_blob(blob, offset, SLICE).map_err(|why| {
            Failure::internal(
                "blobs.read",
                format!("an attachment could not be read: {}", quote(&why)),
            )
        })?;
        offset += slice.len() as u64;
        let end = slice.is_empty();
        // A host may give fewer bytes than asked for before the end, too.
        pending.extend_from_slice(&slice);
        let whole = if end {
            pending.len()
        } else {
            pending.len() - pending.len() % base64::GROUP
        };
        let rest = pending.split_off(whole);
        if let Err(error) = write_all(stream, &base64::encode(&pending)) {
            return Ok(Err(error));
        }
        pending = rest;
        if end {
            return Ok(Ok(()));
        }
    }
}

fn write_all(stream: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        let room = usize::try_from(stream.check_write()?).unwrap_or(usize::MAX);
        if room == 0 {
            stream.subscribe().block();
            continue;
        }
        let (now, later) = bytes.split_at(room.min(bytes.len()));
        stream.write(now)?;
        bytes = later;
    }
    Ok(())
}

fn read_answer(response: &IncomingResponse, authority: &str) -> Result<Response, Failure> {
    let status = response.status();
    let headers = response.headers().entries();
    let headers = headers
        .into_iter()
        .map(|(name, value)| {
            (
                name.to_ascii_lowercase(),
                String::from_utf8_lossy(&value).into_owned(),
            )
        })
        .collect();
    let unread = |what: &str| {
        Failure::unavailable(
            "http.answer-cut",
            format!("the answer of {authority} could not be read: {what}"),
        )
    };
    let incoming = response.consume().map_err(|()| unread("it was already read"))?;
    let stream = incoming.stream().map_err(|()| unread("it was already read"))?;
    let mut body = Vec::new();
    loop {
        match stream.blocking_read(READ_BYTES) {
            Ok(bytes) => body.extend_from_slice(&bytes),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(unread(&quote(&error.to_debug_string())));
            }
        }
        if body.len() > MAX_ANSWER_BYTES {
            return Err(Failure::internal(
                "http.answer-too-large",
                format!("the answer of {authority} is larger than {MAX_ANSWER_BYTES} bytes"),
            ));
        }
    }
    Ok(Response {
        status,
        headers,
        body,
    })
}

/// What a transport error means to a person. `authority` is `host:port`.
fn failure_of(code: &ErrorCode, authority: &str) -> Failure {
    match code {
        ErrorCode::DnsTimeout
        | ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => {
            Failure::timeout("http.timeout", format!("{authority} did not answer in time")).help(
                "Check that the server is up and that this machine may reach it; the press is tried again.",
            )
        }
        ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => Failure::unavailable(
            "http.no-such-host",
            format!("there is no server named {authority}"),
        )
        .help("Check the spelling of the address in the connector's settings, and this machine's network."),
        ErrorCode::TlsProtocolError | ErrorCode::TlsCertificateError | ErrorCode::TlsAlertReceived(_) => {
            Failure::unavailable(
                "http.tls",
                format!("no secure connection to {authority} came about"),
            )
            .help("Check the server's certificate, this machine's clock, and programs that inspect TLS.")
        }
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => Failure::forbidden(
            "http.denied",
            format!("Helpbell does not let the connector send this to {authority}"),
        )
        .help("Look at the connector's grant: it names every address and request that was allowed."),
        // The host's own words, such as which line of a grant would allow a request.
        ErrorCode::InternalError(Some(words)) => Failure::unavailable("http.host", words.clone()),
        other => Failure::unavailable(
            "http.failed",
            format!("the connection to {authority} failed: {}", name(other)),
        )
        .help("Check that the server is up and that this machine may reach it; the press is tried again."),
    }
}

/// A short name for the rest of the errors, without pulling in the printing of all forty.
fn name(code: &ErrorCode) -> &'static str {
    match code {
        ErrorCode::ConnectionRefused => "connection refused",
        ErrorCode::ConnectionTerminated => "connection closed",
        ErrorCode::ConnectionLimitReached => "too many connections",
        ErrorCode::DestinationUnavailable => "destination unavailable",
        ErrorCode::HttpProtocolError => "not HTTP",
        ErrorCode::HttpResponseIncomplete => "incomplete answer",
        ErrorCode::HttpRequestBodySize(_) => "the request is too large",
        ErrorCode::HttpResponseBodySize(_) => "the answer is too large",
        ErrorCode::ConfigurationError => "configuration error",
        _ => "protocol error",
    }
}
