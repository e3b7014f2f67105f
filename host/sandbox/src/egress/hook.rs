//! What stands behind `wasi:http/outgoing-handler`.

use super::{
    address,
    client::{Client, Response, SendError},
    policy::{self, Allowed, Denied, Policy},
};
use crate::{
    call::{Record, RequestTrace},
    limits::Limits,
    token::{Authorizer, Injection},
};
use bytes::Bytes;
use helpbell_model::{
    Effect, Failure, FailureKind,
    connector::{Refusal, RequestTemplate},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks,
};

/// What `send_request` has to give back, spelled out by wasmtime-wasi-http.
type Sending = Box<dyn Future<Output = Result<(http::Response<WasiBody>, Afterwards), Error>> + Send>;
type Afterwards = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// Longest wait for one answer; what remains of the call's deadline may be less.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// What a guest may not set, besides the headers that wasi:http forbids: who it is, where it goes.
const GUEST_FORBIDDEN: [HeaderName; 3] = [
    header::COOKIE,
    HeaderName::from_static("forwarded"),
    HeaderName::from_static("proxy-connection"),
];

/// Answers that always prove that an effect did not happen: the request was not let in, or not understood.
const ALWAYS_REFUSALS: [u16; 8] = [401, 403, 404, 405, 413, 415, 422, 429];

/// The egress of one call.
pub(crate) struct Egress {
    shared: Arc<Shared>,
    sent: u32,
}

struct Shared {
    policy: Arc<Policy>,
    client: Client,
    authorizer: Option<Arc<Authorizer>>,
    limits: Limits,
    ends: Instant,
    record: Record,
}

impl Egress {
    /// `authorizer` is there for calls that work, and absent for `describe` and `authenticate`.
    pub(crate) fn new(
        policy: Arc<Policy>,
        client: Client,
        authorizer: Option<Arc<Authorizer>>,
        limits: Limits,
        ends: Instant,
        record: Record,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                policy,
                client,
                authorizer,
                limits,
                ends,
                record,
            }),
            sent: 0,
        }
    }
}

impl WasiHttpHooks for Egress {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        // While authenticating there is nothing to inject, and some PSAs want the secret in this header.
        let host_authorizes = self.shared.authorizer.is_some();
        Arc::new(move |name| {
            DEFAULT_FORBIDDEN_HEADERS.contains(name)
                || (host_authorizes && *name == header::AUTHORIZATION)
                || GUEST_FORBIDDEN.contains(name)
                || name.as_str().starts_with("proxy-")
                || name.as_str().starts_with("x-forwarded-")
        })
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _response_errors: Afterwards,
    ) -> Sending {
        self.sent += 1;
        let too_many = self.sent > self.shared.limits.requests;
        let shared = Arc::clone(&self.shared);
        Box::new(async move {
            // The body first, whole: dropping it early makes a guest report a reset connection.
            let (parts, body) = request.into_parts();
            let body = Limited::new(body, shared.limits.request_bytes)
                .collect()
                .await
                .map_err(|_| Error::HttpRequestBodySize(Some(shared.limits.request_bytes as u64)))?
                .to_bytes();
            if too_many {
                shared.fail(Failure::new(
                    FailureKind::Internal,
                    "host.request-limit",
                    format!(
                        "the connector wanted to send more than {} requests in one call",
                        shared.limits.requests
                    ),
                ));
                return Err(Error::ConnectionLimitReached);
            }
            let response = shared.exchange(&parts, body, options).await?;
            let mut answer = http::Response::new(
                Full::new(response.body)
                    .map_err(|never| match never {})
                    .boxed_unsync(),
            );
            *answer.status_mut() = response.status;
            *answer.headers_mut() = for_the_guest(response.headers);
            Ok((answer, Box::new(async { Ok(()) }) as Afterwards))
        })
    }
}

/// Answers never hand a session or a challenge to the guest, and lengths belong to the wire.
fn for_the_guest(mut headers: HeaderMap) -> HeaderMap {
    for name in [
        header::SET_COOKIE,
        header::WWW_AUTHENTICATE,
        header::CONTENT_LENGTH,
    ] {
        headers.remove(name);
    }
    for name in &DEFAULT_FORBIDDEN_HEADERS {
        headers.remove(name);
    }
    headers
}

impl Shared {
    async fn exchange(
        &self,
        parts: &http::request::Parts,
        body: Bytes,
        options: Option<RequestOptions>,
    ) -> Result<Response, Error> {
        let address = parts.uri.to_string();
        let method = parts.method.as_str();
        let allowed = match self.decide(method, &address) {
            Ok(allowed) => allowed,
            Err(denied) => return Err(self.deny(parts, &denied)),
        };
        let mut headers = parts.headers.clone();
        headers.remove(header::HOST);
        headers.remove(header::CONTENT_LENGTH);
        let first_byte = options
            .and_then(|options| options.first_byte_timeout)
            .unwrap_or(ANSWER_TIMEOUT);

        let injection = self.injection(allowed.template, None).await?;
        let response = self
            .send_once(
                &parts.method,
                &allowed,
                &headers,
                &body,
                injection.as_deref(),
                first_byte,
                false,
            )
            .await?;
        let refused = matches!(response.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        let Some(stale) = injection.filter(|_| refused) else {
            return Ok(response);
        };
        let Some(fresh) = self.injection(allowed.template, Some(&stale)).await? else {
            return Ok(response);
        };
        if fresh.endpoint() != stale.endpoint() {
            // The account moved to another address: this one would refuse again. The next call begins there.
            return Ok(response);
        }
        self.send_once(
            &parts.method,
            &allowed,
            &headers,
            &body,
            Some(&fresh),
            first_byte,
            true,
        )
        .await
    }

    fn decide(&self, method: &str, address: &str) -> Result<Allowed<'_>, Denied> {
        let allowed = policy::decide(&self.policy, method, address)?;
        let literal = match allowed.url.host() {
            Some(url::Host::Ipv4(v4)) => Some(v4.into()),
            Some(url::Host::Ipv6(v6)) => Some(v6.into()),
            _ => None,
        };
        if let Some(literal) = literal {
            address::check(literal, &self.policy.network.allow_addresses).map_err(|denied| Denied {
                reason: denied.to_string(),
                cure: network_line(denied.cure()),
            })?;
        }
        Ok(allowed)
    }

    fn deny(&self, parts: &http::request::Parts, denied: &Denied) -> Error {
        let origin = format!(
            "{}://{}",
            parts.uri.scheme_str().unwrap_or("https"),
            parts.uri.authority().map_or("", |a| a.as_str())
        );
        tracing::info!(method = %parts.method, %origin, reason = %denied.reason, "refused a request of a connector");
        self.record.lock().requests.push(RequestTrace {
            method: parts.method.to_string(),
            path: helpbell_model::text::one_line(parts.uri.path(), crate::limits::GUEST_NAME_CHARS),
            origin,
            status: None,
            effect: Effect::NotApplied,
            error: Some(denied.reason.clone()),
            replay: false,
            ms: 0,
        });
        self.fail(egress_denied(&denied.reason, denied.cure.as_deref()));
        Error::HttpRequestDenied
    }

    /// What to add to this request. With `stale`, something newer than that, or nothing.
    async fn injection(
        &self,
        template: &RequestTemplate,
        stale: Option<&Injection>,
    ) -> Result<Option<Arc<Injection>>, Error> {
        let Some(authorizer) = &self.authorizer else {
            return Ok(None);
        };
        let fetched = match stale {
            None => authorizer.current(&template.origin).await.map(Some),
            Some(stale) => authorizer.newer_than(&template.origin, stale).await,
        };
        fetched.map_err(|failure| {
            // The guest learns kind and code; the operator the whole.
            let told = format!("authentication failed: {} ({})", failure.kind, failure.code);
            self.fail(failure);
            Error::InternalError(Some(told))
        })
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of one request, used once per try"
    )]
    async fn send_once(
        &self,
        method: &Method,
        allowed: &Allowed<'_>,
        headers: &HeaderMap,
        body: &Bytes,
        injection: Option<&Injection>,
        first_byte: Duration,
        replay: bool,
    ) -> Result<Response, Error> {
        let (mut url, mut headers) = (allowed.url.clone(), headers.clone());
        if let Some(injection) = injection {
            injection
                .add_to(&mut url, &mut headers)
                .map_err(|reason| Error::InternalError(Some(reason.to_owned())))?;
        }
        let is_effect = policy::is_effect(allowed.template);
        let began = Instant::now();
        let entry = self.begin(allowed, is_effect, replay);
        let timeout = first_byte
            .min(ANSWER_TIMEOUT)
            .min(self.ends.saturating_duration_since(began));
        let result = self
            .client
            .send(method.clone(), url, headers, body.clone(), timeout)
            .await;
        let mut entries = self.record.lock();
        if result.is_ok() {
            // A connector that got an answer since has coped with whatever failed before.
            entries.host_failure = None;
        }
        if let Some(trace) = entries.requests.get_mut(entry) {
            trace.ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            trace.status = result.as_ref().ok().map(|response| response.status.as_u16());
            trace.error = result.as_ref().err().map(ToString::to_string);
            trace.effect = effect_of(is_effect, &allowed.template.refusals, &result);
        }
        drop(entries);
        result.map_err(|error| self.explain(&error, allowed))
    }

    /// Records the intent: if the call is torn down while this request is under way, its effect is unknown.
    fn begin(&self, allowed: &Allowed<'_>, is_effect: bool, replay: bool) -> usize {
        let mut entries = self.record.lock();
        entries.requests.push(RequestTrace {
            method: allowed.template.method.clone(),
            path: allowed.template.path.clone(),
            origin: allowed.url.origin().ascii_serialization(),
            status: None,
            effect: if is_effect { Effect::Unknown } else { Effect::None },
            error: None,
            replay,
            ms: 0,
        });
        entries.requests.len() - 1
    }

    fn explain(&self, error: &SendError, allowed: &Allowed<'_>) -> Error {
        let origin = allowed.url.origin().ascii_serialization();
        let (kind, code, told) = match error {
            SendError::NotSent {
                cure: Some(cure),
                reason,
            } => {
                self.fail(egress_denied(
                    &format!("{origin} leads to an address that is refused: {reason}"),
                    network_line(Some(cure.clone())).as_deref(),
                ));
                return Error::DestinationIpProhibited;
            }
            SendError::NotSent { .. } => (
                FailureKind::Unavailable,
                "host.unreachable",
                Error::ConnectionRefused,
            ),
            SendError::Timeout(_) => (FailureKind::Timeout, "host.no-answer", Error::HttpResponseTimeout),
            SendError::TooLarge(bytes) => (
                FailureKind::Internal,
                "host.answer-too-large",
                Error::HttpResponseBodySize(Some(*bytes as u64)),
            ),
            SendError::Broken(_) => (
                FailureKind::Unavailable,
                "host.connection-lost",
                Error::ConnectionTerminated,
            ),
        };
        let line = allowed.template.line();
        let verb = if code == "host.unreachable" {
            "failed to reach"
        } else {
            "got no usable answer from"
        };
        self.fail(
            Failure::new(kind, code, format!("{verb} {origin} for {line}: {error}"))
                .with_help(format!("check that {origin} is right in helpbell.toml and can be opened from this machine; then try again")),
        );
        told
    }

    /// Keeps the first failure of the host's: later ones follow from it.
    fn fail(&self, failure: Failure) {
        self.record.lock().host_failure.get_or_insert(failure);
    }
}

fn network_line(line: Option<String>) -> Option<String> {
    line.map(|line| format!("[network]\n{line}"))
}

fn egress_denied(reason: &str, cure: Option<&str>) -> Failure {
    let failure = Failure::new(
        FailureKind::Forbidden,
        "host.egress-denied",
        format!("a request was refused by this computer: {reason}"),
    );
    match cure {
        Some(cure) => failure.with_help(format!(
            "to allow it, put this into helpbell.toml, or do this:\n{cure}"
        )),
        None => failure,
    }
}

/// Whether an effect happened, from what is known outside the guest.
fn effect_of(is_effect: bool, refusals: &[Refusal], result: &Result<Response, SendError>) -> Effect {
    if !is_effect {
        return Effect::None;
    }
    match result {
        Err(SendError::NotSent { .. }) => Effect::NotApplied,
        Err(_) => Effect::Unknown,
        Ok(response) => {
            let (status, success) = (response.status.as_u16(), response.status.is_success());
            let declared = |refusal: &Refusal| {
                refusal.status == status
                    && refusal
                        .member
                        .as_deref()
                        .map_or(!success, |pointer| has_member(&response.body, pointer))
            };
            if ALWAYS_REFUSALS.contains(&status) || refusals.iter().any(declared) {
                Effect::NotApplied
            } else if success {
                Effect::Applied
            } else {
                Effect::Unknown
            }
        }
    }
}

fn has_member(body: &[u8], pointer: &str) -> bool {
    serde_json::from_slice::<serde_json::Value>(body)
        .is_ok_and(|answer| answer.pointer(pointer).is_some_and(|found| !found.is_null()))
}

/// A header value that may not be printed.
pub(crate) fn sensitive(value: &str) -> Result<HeaderValue, &'static str> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| "the authorisation holds characters that no header can carry")?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> Result<Response, SendError> {
        Ok(Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
        })
    }

    #[test]
    fn an_effect_is_classified_by_what_the_host_saw() {
        let refusals = [
            Refusal {
                status: 400,
                member: None,
            },
            Refusal {
                status: 500,
                member: Some("/errors".into()),
            },
            Refusal {
                status: 200,
                member: Some("/notCreated".into()),
            },
        ];
        let class = |result| effect_of(true, &refusals, &result);
        assert_eq!(class(answer(201, "{}")), Effect::Applied);
        assert_eq!(class(answer(200, "{}")), Effect::Applied);
        assert_eq!(class(answer(200, r#"{"notCreated":{}}"#)), Effect::NotApplied);
        assert_eq!(class(answer(200, r#"{"notCreated":null}"#)), Effect::Applied);
        assert_eq!(class(answer(400, "no")), Effect::NotApplied);
        assert_eq!(class(answer(429, "")), Effect::NotApplied);
        assert_eq!(class(answer(409, "")), Effect::Unknown);
        assert_eq!(class(answer(500, r#"{"errors":["title"]}"#)), Effect::NotApplied);
        assert_eq!(class(answer(500, "<html>")), Effect::Unknown);
        assert_eq!(class(answer(302, "")), Effect::Unknown);
        assert_eq!(
            class(Err(SendError::NotSent {
                reason: "refused".into(),
                cure: None
            })),
            Effect::NotApplied
        );
        assert_eq!(
            class(Err(SendError::Timeout(Duration::from_secs(1)))),
            Effect::Unknown
        );
        assert_eq!(class(Err(SendError::Broken("reset".into()))), Effect::Unknown);
    }

    #[test]
    fn a_read_has_no_effect_whatever_came_back() {
        assert_eq!(effect_of(false, &[], &answer(500, "")), Effect::None);
        assert_eq!(
            effect_of(false, &[], &Err(SendError::Broken("reset".into()))),
            Effect::None
        );
    }
}
