//! What stands behind `wasi:http/outgoing-handler`.

use super::{
    client::{Client, Outgoing, Patience, SendError},
    effect::effect_of,
    headers,
    policy::{self, Allowed, Cure, Denied, Policy},
    wire::{Answer, Carried, Lost, SEED_BYTES},
};
use crate::{
    call::{Frame, RequestTrace},
    limits::{BODY_PIECE_BYTES, GUEST_NAME_CHARS},
    run,
    token::{Authorizer, Injection},
};
use bytes::Bytes;
use futures::{FutureExt as _, TryFutureExt as _};
use helpbell_model::{Effect, Failure, FailureKind, connector::RequestTemplate};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpHooks,
};

/// What `send_request` has to give back, spelled out by wasmtime-wasi-http.
type Sending = Box<dyn Future<Output = Result<(http::Response<WasiBody>, Afterwards), Error>> + Send>;
type Afterwards = Box<dyn Future<Output = Result<(), Error>> + Send>;

/// Longest wait for one answer; what remains of the call's deadline may be less.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// What a guest may ask for and does not get: an answer in pieces, or in an encoding that the host cannot
/// read, could not be looked through for secrets. Without them a server answers as it would anybody.
const NOT_PASSED_ON: [HeaderName; 5] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::ACCEPT_ENCODING,
    header::RANGE,
    header::IF_RANGE,
];

/// The egress of one call.
pub(crate) struct Egress {
    shared: Arc<Shared>,
    sent: u32,
}

struct Shared {
    policy: Arc<Policy>,
    /// None where the policy lets nothing leave.
    client: Option<Client>,
    authorizer: Option<Arc<Authorizer>>,
    frame: Frame,
    /// One permit for each request that may be under way.
    lanes: Semaphore,
    /// What is left of all bodies' bytes.
    bytes_left: AtomicUsize,
}

impl Egress {
    /// `authorizer` is there for calls that work, and absent for `authenticate`.
    pub(crate) fn new(
        policy: Arc<Policy>,
        client: Client,
        authorizer: Option<Arc<Authorizer>>,
        frame: Frame,
    ) -> Self {
        Self::with(policy, Some(client), authorizer, frame)
    }

    /// No way out.
    pub(crate) fn closed(frame: Frame) -> Self {
        Self::with(Arc::new(Policy::default()), None, None, frame)
    }

    /// What the guest behind this draws its randomness from, if not from the system.
    pub(crate) fn randomness(&self) -> Option<[u8; SEED_BYTES]> {
        self.shared.client.as_ref()?.wire()?.randomness()
    }

    fn with(
        policy: Arc<Policy>,
        client: Option<Client>,
        authorizer: Option<Arc<Authorizer>>,
        frame: Frame,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                policy,
                client,
                authorizer,
                lanes: Semaphore::new(frame.limits.concurrent_requests),
                bytes_left: AtomicUsize::new(frame.limits.total_bytes),
                frame,
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
            headers::is_the_hosts(name)
                || *name == header::COOKIE
                || (host_authorizes && *name == header::AUTHORIZATION)
        })
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _response_errors: Afterwards,
    ) -> Sending {
        self.sent = self.sent.saturating_add(1);
        let too_many = self.sent > self.shared.frame.limits.requests;
        let shared = Arc::clone(&self.shared);
        let known = shared.frame.record.lock().known();
        Box::new(async move {
            // The semaphore is never closed.
            let _lane = shared.lanes.acquire().await;
            // The body first, whole: dropping it early makes a guest report a reset connection.
            let (parts, body) = request.into_parts();
            let body = shared.collect(body).await?;
            if too_many {
                let most = shared.frame.limits.requests;
                let told = format!("it wanted to send more than {most} requests in one call");
                shared.fail(run::beyond("host.request-limit", told, "requests"));
                return Err(Error::ConnectionLimitReached);
            }
            shared.check_headers(&parts.headers)?;
            let response = shared.exchange(&parts, body, options).await?;
            shared.frame.record.lock().answered(known);
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

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        BODY_PIECE_BYTES
    }
}

/// Takes the authorisation and the secret out of an answer, should the server have sent them back. The call goes
/// on: what it did is done, and an answer with a gap is worth more to it than none.
fn veiled(mut response: Answer, injection: Option<&Injection>) -> Answer {
    let Some(injection) = injection else {
        return response;
    };
    let secrets = injection.secrets();
    let mut found = false;
    if let Some(scrubbed) = secrets.scrub_bytes(&response.body) {
        response.body = scrubbed;
        found = true;
    }
    for value in response.headers.values_mut() {
        if let Some(scrubbed) = secrets.scrub_bytes(value.as_bytes()) {
            // A part of a header value is one, and so is the placeholder.
            *value = HeaderValue::from_maybe_shared(scrubbed).unwrap_or(HeaderValue::from_static(""));
            found = true;
        }
    }
    if found {
        tracing::warn!(
            status = response.status.as_u16(),
            "a server sent the authorisation back; it was taken out of the answer before the connector saw it"
        );
    }
    response
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
    /// The whole body of a request.
    async fn collect(&self, body: WasiBody) -> Result<Bytes, Error> {
        let one = self.frame.limits.request_bytes;
        let all = self.bytes_left.load(Ordering::Relaxed);
        let most = one.min(all);
        let body = Limited::new(body, most).collect().await.map_err(|_| {
            if all < one {
                self.fail(self.too_much());
            } else {
                let told = format!("it wanted to send a body of more than {one} bytes");
                self.fail(run::beyond("host.request-too-large", told, "request-mib"));
            }
            Error::HttpRequestBodySize(Some(most as u64))
        })?;
        let body = body.to_bytes();
        self.take_bytes(body.len());
        Ok(body)
    }

    /// Several bodies may be under way: what they take together may exceed the rest by one of each.
    fn take_bytes(&self, count: usize) {
        let _ = self
            .bytes_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                Some(left.saturating_sub(count))
            });
    }

    fn too_much(&self) -> Failure {
        let most = self.frame.limits.total_bytes;
        let told = format!("it wanted to send and receive more than {most} bytes in one call");
        run::beyond("host.byte-limit", told, "total-mib")
    }

    fn check_headers(&self, headers: &HeaderMap) -> Result<(), Error> {
        let most = self.frame.limits.headers;
        if headers.len() <= most {
            return Ok(());
        }
        let told = format!("it wanted to send a request with more than {most} headers");
        self.fail(run::beyond("host.header-limit", told, "headers"));
        Err(Error::HttpRequestHeaderSectionSize(None))
    }

    async fn exchange(
        &self,
        parts: &http::request::Parts,
        body: Bytes,
        options: Option<RequestOptions>,
    ) -> Result<Answer, Error> {
        let address = parts.uri.to_string();
        let method = parts.method.as_str();
        let allowed = match policy::decide(&self.policy, method, &address) {
            Ok(allowed) => allowed,
            Err(denied) => return Err(self.deny(parts, &denied)),
        };
        let mut headers = parts.headers.clone();
        for name in &NOT_PASSED_ON {
            headers.remove(name);
        }
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
        let Some(stale) = injection.as_ref().filter(|_| refused) else {
            return Ok(veiled(response, injection.as_deref()));
        };
        let Some(fresh) = self.injection(allowed.template, Some(stale)).await? else {
            return Ok(veiled(response, Some(stale)));
        };
        if fresh.endpoint() != stale.endpoint() {
            // The account moved to another address: this one would refuse again. The next call begins there.
            return Ok(veiled(response, Some(stale)));
        }
        let response = self.send_once(
            &parts.method,
            &allowed,
            &headers,
            &body,
            Some(&fresh),
            first_byte,
            true,
        );
        Ok(veiled(response.await?, Some(&fresh)))
    }

    fn deny(&self, parts: &http::request::Parts, denied: &Denied) -> Error {
        let origin = format!(
            "{}://{}",
            parts.uri.scheme_str().unwrap_or("https"),
            parts.uri.authority().map_or("", |a| a.as_str())
        );
        tracing::info!(method = %parts.method, %origin, reason = %denied.reason, "refused a request of a connector");
        let shown = |text: &str| helpbell_model::text::one_line(text, GUEST_NAME_CHARS);
        self.frame.record.lock().requests.push(RequestTrace {
            method: shown(parts.method.as_str()),
            path: shown(parts.uri.path()),
            origin: shown(&origin),
            status: None,
            effect: Effect::NotApplied,
            error: Some(denied.reason.clone()),
            replay: false,
            ms: 0,
        });
        self.fail(egress_denied(&denied.reason, denied.cure.as_ref()));
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
    ) -> Result<Answer, Error> {
        let client = self.client.as_ref().ok_or(Error::HttpRequestDenied)?;
        let own = Carried {
            signing_in: self.authorizer.is_none(),
            effect: policy::is_effect(allowed.template),
            method,
            url: &allowed.url,
            headers,
            body,
        };
        let (mut url, mut headers) = (allowed.url.clone(), headers.clone());
        if let Some(injection) = injection {
            injection
                .add_to(&mut url, &mut headers)
                .map_err(|reason| Error::InternalError(Some(reason.to_owned())))?;
        }
        let began = Instant::now();
        let entry = self
            .begin(allowed, own.effect, replay)
            .ok_or(Error::ConnectionTerminated)?;
        let limits = &self.frame.limits;
        let patience = Patience {
            timeout: first_byte.min(ANSWER_TIMEOUT).min(self.frame.remaining()),
            body_bytes: limits.response_bytes.min(self.bytes_left.load(Ordering::Relaxed)),
            headers: limits.headers,
            header_bytes: limits.header_bytes,
        };
        let request = Outgoing {
            method: method.clone(),
            url,
            headers,
            body: body.clone(),
        };
        let onward = client.send(request, patience);
        let result = match client.wire() {
            None => onward.await,
            Some(wire) => wire
                .carry(own, onward.map_err(Lost::from).boxed())
                .await
                .map_err(|Lost(error)| error),
        };
        if let Ok(response) = &result {
            self.take_bytes(response.body.len());
        }
        let mut entries = self.frame.record.lock();
        if let Some(trace) = entries.requests.get_mut(entry) {
            trace.ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            trace.status = result.as_ref().ok().map(|response| response.status.as_u16());
            trace.error = result.as_ref().err().map(ToString::to_string);
            trace.effect = effect_of(own.effect, &allowed.template.refusals, &result);
        }
        drop(entries);
        result.map_err(|error| self.explain(&error, allowed))
    }

    /// Records the intent: if the call is torn down while this request is under way, its effect is unknown.
    /// None if the call has been accounted for meanwhile: then nothing may leave any more.
    fn begin(&self, allowed: &Allowed<'_>, is_effect: bool, replay: bool) -> Option<usize> {
        let mut entries = self.frame.record.lock();
        // A process that slept must not send what it no longer has the right to.
        if entries.closed || self.frame.remaining().is_zero() {
            return None;
        }
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
        entries.requests.len().checked_sub(1)
    }

    /// Why there is no usable answer: for the operator whole, for the guest as an error code.
    fn explain(&self, error: &SendError, allowed: &Allowed<'_>) -> Error {
        let origin = allowed.url.origin().ascii_serialization();
        let line = allowed.template.line();
        let lost = |kind, code, verb: &str| {
            Failure::new(kind, code, format!("{verb} {origin} for {line}: {error}")).with_help(format!(
                "check that {origin} is right in helpbell.toml and can be opened from this machine; then try again"
            ))
        };
        let too_large = |code, key| {
            run::beyond(
                code,
                format!("got no usable answer from {origin} for {line}: {error}"),
                key,
            )
        };
        const NO_ANSWER: &str = "got no usable answer from";
        let (failure, told) = match error {
            SendError::NotSent {
                refused: true,
                cure,
                reason,
            } => {
                let reason = format!("{origin} leads to an address that is refused: {reason}");
                (
                    egress_denied(&reason, cure.as_ref()),
                    Error::DestinationIpProhibited,
                )
            }
            SendError::NotSent { .. } => (
                lost(FailureKind::Unavailable, "host.unreachable", "failed to reach"),
                Error::ConnectionRefused,
            ),
            SendError::Timeout(_) => (
                lost(FailureKind::Timeout, "host.no-answer", NO_ANSWER),
                Error::HttpResponseTimeout,
            ),
            SendError::TooLarge(bytes) => (
                if *bytes < self.frame.limits.response_bytes {
                    self.too_much()
                } else {
                    too_large("host.answer-too-large", "response-mib")
                },
                Error::HttpResponseBodySize(Some(*bytes as u64)),
            ),
            SendError::Headers(..) => (
                too_large("host.answer-headers", "headers"),
                Error::HttpResponseHeaderSectionSize(None),
            ),
            SendError::Encoded => (
                lost(FailureKind::Internal, "host.answer-encoded", NO_ANSWER),
                Error::HttpResponseContentCoding(None),
            ),
            SendError::Broken(_) => (
                lost(FailureKind::Unavailable, "host.connection-lost", NO_ANSWER),
                Error::ConnectionTerminated,
            ),
        };
        self.fail(failure);
        told
    }

    /// Keeps the first failure of the host's: later ones follow from it.
    fn fail(&self, failure: Failure) {
        self.frame.record.lock().explain(failure);
    }
}

fn egress_denied(reason: &str, cure: Option<&Cure>) -> Failure {
    let failure = Failure::new(
        FailureKind::Forbidden,
        "host.egress-denied",
        format!("a request was refused by this computer: {reason}"),
    );
    match cure {
        Some(cure) => failure.with_help(cure.to_string()),
        None => failure,
    }
}

/// A header value that may not be printed.
pub(crate) fn sensitive(value: &str) -> Result<HeaderValue, &'static str> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| "the authorisation holds characters that no header can carry")?;
    value.set_sensitive(true);
    Ok(value)
}
