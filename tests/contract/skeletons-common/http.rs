//! One request over `wasi:http`, synchronous.

use crate::bindings::helpbell::psa::types::{Failure, FailureKind};
use crate::bindings::wasi::http::outgoing_handler::handle;
use crate::bindings::wasi::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
};
use crate::bindings::wasi::io::streams::StreamError;

use super::Base;

/// Bytes that one `blocking-write-and-flush` takes at most: its definition in `wasi:io` says 4096.
const WRITE_BYTES: usize = 4096;
/// Bytes asked for per read.
const READ_BYTES: u64 = 64 * 1024;
/// Bytes of an answer that are read. The answers to what skeletons send have a few KiB.
const ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// What is to be sent, below a base address.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// In capitals.
    pub(crate) method: &'static str,
    /// Below the base, with its query if it has one.
    pub(crate) path: String,
    /// Names and values; the host adds the authorisation.
    pub(crate) headers: Vec<(String, String)>,
    /// Empty for none.
    pub(crate) body: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// Names as the server wrote them.
    pub(crate) headers: Vec<(String, String)>,
    /// Whole.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The first header of this name, whatever its case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON; none if it is anything else.
    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Sends and waits for the whole answer. Redirects are answers like any other.
pub(crate) fn send(base: &Base, request: &Request) -> Result<Answer, Failure> {
    let headers: Vec<(String, Vec<u8>)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into_bytes()))
        .collect();
    let headers = Fields::from_list(&headers)
        .map_err(|error| unsendable(format!("a header cannot be sent: {error:?}")))?;

    let outgoing = OutgoingRequest::new(headers);
    let path = format!("{}{}", base.path(), request.path);
    let parts = [
        outgoing.set_method(&method(request.method)),
        outgoing.set_scheme(Some(&base.scheme())),
        outgoing.set_authority(Some(base.authority())),
        outgoing.set_path_with_query(Some(&path)),
    ];
    if parts.contains(&Err(())) {
        return Err(unsendable(format!(
            "{} {base}{} is no valid request",
            request.method, request.path
        )));
    }

    let body = outgoing
        .body()
        .map_err(|()| unsendable("the request has no body to write to"))?;
    let answer = handle(outgoing, None).map_err(|error| network(base, &error))?;
    // A host that has refused the request answers at once and reads no body: its reason is in the
    // answer, and more telling than the broken stream.
    let written = write(body, base, &request.body);
    answer.subscribe().block();
    let response = match answer.get() {
        Some(Ok(Ok(response))) => response,
        Some(Ok(Err(error))) => return Err(network(base, &error)),
        Some(Err(())) | None => return Err(unsendable("the answer was taken twice")),
    };
    written?;
    read(&response)
}

fn write(body: OutgoingBody, base: &Base, bytes: &[u8]) -> Result<(), Failure> {
    {
        let stream = body
            .write()
            .map_err(|()| unsendable("the request's body was taken twice"))?;
        for chunk in bytes.chunks(WRITE_BYTES) {
            stream
                .blocking_write_and_flush(chunk)
                .map_err(|_| broken("the request broke off"))?;
        }
    }
    OutgoingBody::finish(body, None).map_err(|error| network(base, &error))
}

fn read(response: &IncomingResponse) -> Result<Answer, Failure> {
    let status = response.status();
    let headers = response
        .headers()
        .entries()
        .into_iter()
        .map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned()))
        .collect();
    let incoming: IncomingBody = response
        .consume()
        .map_err(|()| broken("the answer was read twice"))?;
    let stream = incoming.stream().map_err(|()| broken("the answer has no body"))?;
    let mut body = Vec::new();
    loop {
        match stream.blocking_read(READ_BYTES) {
            Ok(bytes) => body.extend_from_slice(&bytes),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(broken(format!(
                    "the answer broke off: {}",
                    error.to_debug_string()
                )));
            }
        }
        if body.len() > ANSWER_BYTES {
            return Err(Failure::new(
                FailureKind::Internal,
                "answer-too-long",
                format!("the answer is longer than {ANSWER_BYTES} bytes"),
            ));
        }
    }
    Ok(Answer {
        status,
        headers,
        body,
    })
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        other => Method::Other(other.to_owned()),
    }
}

fn network(base: &Base, error: &ErrorCode) -> Failure {
    let kind = match error {
        ErrorCode::ConnectionTimeout | ErrorCode::HttpResponseTimeout | ErrorCode::DnsTimeout => {
            FailureKind::Timeout
        }
        // The host's policy spoke, not the PSA.
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => FailureKind::Forbidden,
        ErrorCode::HttpRequestUriInvalid | ErrorCode::HttpRequestMethodInvalid => FailureKind::Internal,
        _ => FailureKind::Unavailable,
    };
    Failure::new(
        kind,
        "network",
        format!("the request to {} did not get through: {error:?}", base.host()),
    )
}

fn unsendable(message: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Internal, "request-unsendable", message)
}

fn broken(message: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Unavailable, "connection-broken", message)
}
