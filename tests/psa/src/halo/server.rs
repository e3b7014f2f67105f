//! The way of a request: read it, write it into the ledger, answer it under the lock, or lead it astray.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use bytes::Bytes;

use super::ledger::{RequestKind, ViolationKind};
use super::line::Cutter;
use super::misbehaviour::{Deed, Misdeed, disguise, http_date};
use super::permission::Access;
use super::query::Query;
use super::reply::{Answer, Refusal, Reply, reply};
use super::schema::Fault;
use super::store::Store;
use super::token::Grant;
use super::traffic::{self, Visit, note_fault};
use super::{control, page, permission, routes, token};

/// Largest request body in bytes. The vendor documents no limit; this one only protects the machine.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// The instance, shared by every connection and the handle.
#[derive(Debug, Clone)]
pub(crate) struct Shared(Arc<Mutex<Store>>);

impl Shared {
    pub(crate) fn new(store: Store) -> Self {
        Self(Arc::new(Mutex::new(store)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Store> {
        // A handler that panicked leaves at worst one half-written ticket: still worth showing to a test.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A reference that does not keep the instance alive.
    pub(crate) fn weak(&self) -> WeakShared {
        WeakShared(Arc::downgrade(&self.0))
    }
}

/// The instance, as background work knows it.
#[derive(Debug, Clone)]
pub(crate) struct WeakShared(Weak<Mutex<Store>>);

impl WeakShared {
    /// The instance, unless it is gone.
    pub(crate) fn upgrade(&self) -> Option<Shared> {
        self.0.upgrade().map(Shared)
    }
}

/// One request as handlers see it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Path as sent.
    pub(crate) path: String,
    /// Path segments as sent, without a leading `api`.
    pub(crate) segments: Vec<String>,
    /// Whether the path began with `api`: then it is a call of the API and nothing else.
    prefixed: bool,
    pub(crate) query: Query,
    /// Host the client dialled, for links in answers.
    pub(crate) host: String,
    pub(crate) body: Bytes,
    /// Number of this request in the ledger.
    pub(crate) number: u64,
    content_type: String,
    authorization: Option<String>,
}

impl Call {
    async fn read(request: Request) -> Result<Self, StatusCode> {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, BODY_LIMIT)
            .await
            .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
        let (segments, prefixed) = segments(parts.uri.path());
        let text = |name| header_text(&parts.headers, name);
        Ok(Self {
            segments,
            prefixed,
            path: parts.uri.path().to_owned(),
            query: Query::parse(parts.uri.query().unwrap_or_default()),
            host: text(header::HOST).unwrap_or_default(),
            content_type: text(header::CONTENT_TYPE).unwrap_or_default(),
            authorization: text(header::AUTHORIZATION),
            method: parts.method,
            body,
            // Given under the lock, where the order is known.
            number: 0,
        })
    }

    /// Whether the body's media type is this one, parameters aside.
    pub(crate) fn content_type_is(&self, media_type: &str) -> bool {
        self.media_type().eq_ignore_ascii_case(media_type)
    }

    /// Whether the body's media type is one of the JSON types the vendor lists.
    pub(crate) fn content_type_is_json(&self) -> bool {
        let media_type = self.media_type().to_ascii_lowercase();
        matches!(
            media_type.as_str(),
            "application/json" | "application/json-patch+json" | "text/json"
        ) || (media_type.starts_with("application/") && media_type.ends_with("+json"))
    }

    fn media_type(&self) -> &str {
        self.content_type.split(';').next().unwrap_or_default().trim()
    }

    /// Segments in lower case, for matching: the vendor's routing does not regard case.
    fn lowered(&self) -> Vec<String> {
        self.segments
            .iter()
            .map(|segment| segment.to_ascii_lowercase())
            .collect()
    }
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// Splits a path; one leading `api` (told beside) and one trailing slash do not count.
fn segments(path: &str) -> (Vec<String>, bool) {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut parts: Vec<String> = path.split('/').map(decode).collect();
    let prefixed = parts
        .first()
        .is_some_and(|first| first.eq_ignore_ascii_case("api"));
    if prefixed {
        parts.remove(0);
    }
    if parts.iter().all(String::is_empty) {
        parts.clear();
    }
    (parts, prefixed)
}

fn decode(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment)
        .decode_utf8_lossy()
        .into_owned()
}

/// Answers any request: the one entry of the server.
pub(crate) async fn serve(
    State(shared): State<Shared>,
    ConnectInfo(line): ConnectInfo<Cutter>,
    request: Request,
) -> Reply {
    let mut call = match Call::read(request).await {
        Ok(call) => call,
        Err(status) => return reply(Err(Refusal::Bare(status))),
    };
    let begun = begin(&mut shared.lock(), &mut call);
    let mut reply = match begun {
        Begun::Answered(reply) => reply,
        Begun::Astray(visit, deed) => astray(&shared, &line, call, visit, &deed).await,
    };
    // By the instance's own clock, which tests may move.
    let date = http_date(shared.lock().now());
    if let Ok(date) = HeaderValue::from_str(&date) {
        reply.headers_mut().insert(header::DATE, date);
    }
    reply
}

/// How far a request came while the lock was held first.
enum Begun {
    Answered(Reply),
    Astray(Visit, Deed),
}

/// What kind of path this is.
enum Place {
    /// For tests and people, not part of the vendor's server.
    Ours(Result<Answer, Refusal>),
    Vendor(RequestKind),
}

fn begin(store: &mut Store, call: &mut Call) -> Begun {
    let lowered = call.lowered();
    let lowered: Vec<&str> = lowered.iter().map(String::as_str).collect();
    let place = match lowered.as_slice() {
        _ if call.prefixed => Place::Vendor(RequestKind::Api),
        ["_sandbox", rest @ ..] => Place::Ours(control::handle(store, call, rest)),
        ["token"] | ["auth", "token"] => Place::Vendor(RequestKind::Token),
        other => page::handle(store, call, other).map_or(Place::Vendor(RequestKind::Api), Place::Ours),
    };
    let kind = match place {
        Place::Ours(result) => return Begun::Answered(reply(result)),
        Place::Vendor(kind) => kind,
    };
    let deed = store.misbehaviour.choose(&call.method, &lowered);
    let visit = traffic::arrive(store, call, kind, deed.as_ref().map(|deed| deed.misdeed));
    match deed {
        Some(deed) => Begun::Astray(visit, deed),
        None => {
            let reply = carry_out(store, call, visit);
            traffic::answered(store, visit, reply.status());
            Begun::Answered(reply)
        }
    }
}

/// Does what the request asks for, and gives the right answer.
fn carry_out(store: &mut Store, call: &Call, visit: Visit) -> Reply {
    let result = match visit.kind {
        RequestKind::Token if call.method == Method::POST => token::request(store, call),
        RequestKind::Token => Err(Refusal::Bare(StatusCode::METHOD_NOT_ALLOWED)),
        RequestKind::Api => api(store, call),
    };
    let reply = reply(result);
    traffic::carried_out(store, visit, call, reply.status());
    reply
}

/// The way of a request to which something is done on purpose. A client that goes away ends it where it stands.
async fn astray(shared: &Shared, line: &Cutter, call: Call, visit: Visit, deed: &Deed) -> Reply {
    let mut right = deed.apply.then(|| carry_out(&mut shared.lock(), &call, visit));
    match deed.misdeed {
        Misdeed::Latency => tokio::time::sleep(Duration::from_millis(u64::from(deed.latency_ms))).await,
        Misdeed::Hang => {
            let hold = shared.lock().misbehaviour.releases.hold();
            hold.await;
        }
        Misdeed::Reset => line.cut(),
        _ => {}
    }
    if right.is_none() && matches!(deed.misdeed, Misdeed::Latency | Misdeed::Hang) {
        let mut store = shared.lock();
        // A reset of the instance forgets requests that wait.
        right = traffic::is_current(&store, visit).then(|| carry_out(&mut store, &call, visit));
    }
    let rate_text = permission::rate_text(&shared.lock());
    let reply = disguise(deed, right, rate_text).await;
    if deed.misdeed != Misdeed::Reset {
        traffic::answered(&mut shared.lock(), visit, reply.status());
    }
    reply
}

fn api(store: &mut Store, call: &Call) -> Result<Answer, Refusal> {
    let lowered = call.lowered();
    let lowered: Vec<&str> = lowered.iter().map(String::as_str).collect();
    if lowered == ["authinfo"] && call.method == Method::GET {
        return Ok(routes::authinfo(store, call));
    }
    let route = routes::find(&call.method, &lowered)?;
    let grant: Grant = permission::authenticate(store, call.authorization.as_deref())?;
    permission::count(store, &grant)?;
    let access = permission::permit(store, &grant, route.need)?;
    note_parameters(store, call, route.call);
    if access == Access::Nothing {
        return routes::nothing(store, route);
    }
    let result = (route.run)(store, call, &grant);
    for (name, detail) in call.query.unreadable() {
        let fault = Fault {
            kind: ViolationKind::WrongParameter,
            field: name,
            detail,
        };
        note_fault(store, call, fault, false);
    }
    result
}

/// Writes unknown query parameters into the ledger; the vendor ignores them, so they are not refused.
fn note_parameters(store: &mut Store, call: &Call, template: &str) {
    let unknown: Vec<String> = call
        .query
        .names()
        .filter(|name| !store.schema.knows_parameter(template, name))
        .map(str::to_owned)
        .collect();
    for name in unknown {
        let detail = format!("{template} has no such parameter");
        let fault = Fault {
            kind: ViolationKind::UnknownParameter,
            field: name,
            detail,
        };
        note_fault(store, call, fault, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lose_one_api_prefix_and_one_trailing_slash() {
        let split = |path: &str| {
            let (parts, prefixed) = segments(path);
            (parts.join("|"), prefixed)
        };
        assert_eq!(split("/api/Tickets/5"), ("Tickets|5".to_owned(), true));
        assert_eq!(split("/Tickets/"), ("Tickets".to_owned(), false));
        assert_eq!(split("/API/tickets"), ("tickets".to_owned(), true));
        assert_eq!(split("/"), (String::new(), false));
        assert_eq!(split("/api//tickets"), ("|tickets".to_owned(), true));
    }
}
