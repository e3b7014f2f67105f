//! A host made of recorded answers, for native unit tests.
//!
//! ```
//! use helpbell_connector::testing::ScriptedHost;
//!
//! let host = ScriptedHost::new();
//! host.answer("GET", "/api/Users", 200, r#"{"users":[]}"#);
//! let call = host.call(&[("resource-server", "https://x.example/api")]);
//! let answer = call.send(helpbell_connector::http::Request::get("https://x.example/api/Users?search=a".into()));
//! assert_eq!(answer.unwrap().status, 200);
//! assert_eq!(host.requests()[0].query, "search=a");
//! ```

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::http::{Part, Request, Response, split};
use crate::{Call, Context, Failure, Host, LogLevel, base64};

/// Seconds since 1970 at which a [`ScriptedHost`] begins: 6 November 1994, 08:49:37 UTC.
pub const START_UNIX: u64 = 784_111_777;

/// A request as it would have gone out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// HTTP method.
    pub method: String,
    /// `https://host:port`.
    pub origin: String,
    /// Path without query.
    pub path: String,
    /// Query without question mark.
    pub query: String,
    /// Headers as set by the connector.
    pub headers: Vec<(String, String)>,
    /// Body with files already encoded.
    pub body: String,
}

impl Sent {
    /// The body as JSON; null if it is not.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

type Answer = Result<Response, Failure>;

/// Answers requests by method and path; keeps a cache, files and a log.
#[derive(Default)]
pub struct ScriptedHost {
    answers: RefCell<HashMap<(String, String), Vec<Answer>>>,
    requests: RefCell<Vec<Sent>>,
    cache: RefCell<HashMap<String, (Vec<u8>, u64)>>,
    blobs: RefCell<Vec<Vec<u8>>>,
    log: RefCell<Vec<String>>,
    elapsed: Cell<u64>,
    paused_ms: Cell<u64>,
    reference: RefCell<String>,
}

impl ScriptedHost {
    /// A host that knows no answer yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers the next request of this method and path. Several answers come in order; the last one
    /// stays for all further requests.
    pub fn answer(&self, method: &str, path: &str, status: u16, body: &str) {
        self.answer_with(method, path, status, &[], body);
    }

    /// The same with headers (names in lower case).
    pub fn answer_with(&self, method: &str, path: &str, status: u16, headers: &[(&str, &str)], body: &str) {
        let headers = headers
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        self.push(
            method,
            path,
            Ok(Response {
                status,
                headers,
                body: body.as_bytes().to_vec(),
            }),
        );
    }

    /// The same for no answer at all.
    pub fn fail(&self, method: &str, path: &str, failure: Failure) {
        self.push(method, path, Err(failure));
    }

    /// Takes back all answers for this method and path, so that others can be given.
    pub fn forget_answers(&self, method: &str, path: &str) {
        self.answers
            .borrow_mut()
            .remove(&(method.to_owned(), path.to_owned()));
    }

    /// Sets the press of the calls made from here on.
    pub fn set_reference(&self, reference: &str) {
        *self.reference.borrow_mut() = reference.to_owned();
    }

    /// Adds a file and gives its number.
    pub fn add_blob(&self, bytes: &[u8]) -> u32 {
        let mut blobs = self.blobs.borrow_mut();
        blobs.push(bytes.to_vec());
        u32::try_from(blobs.len() - 1).unwrap_or(u32::MAX)
    }

    /// Lets seconds pass, for what the cache keeps.
    pub fn pass_seconds(&self, seconds: u64) {
        self.elapsed.set(self.elapsed.get() + seconds);
    }

    /// Milliseconds that the connector asked to wait, all in all; a test does not wait.
    pub fn paused_ms(&self) -> u64 {
        self.paused_ms.get()
    }

    /// A call with these settings.
    pub fn call(&self, settings: &[(&str, &str)]) -> Call<'_> {
        let context = Context {
            settings: settings
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            endpoint: None,
            reference: self.reference.borrow().clone(),
            locale: "en".to_owned(),
            deadline_ms: 60_000,
        };
        Call::new(context, self)
    }

    /// Everything sent so far, in order.
    pub fn requests(&self) -> Vec<Sent> {
        self.requests.borrow().clone()
    }

    /// Everything sent since the last call of this, as `METHOD /path`, in order.
    pub fn take_requests(&self) -> Vec<String> {
        self.requests
            .borrow_mut()
            .drain(..)
            .map(|sent| format!("{} {}", sent.method, sent.path))
            .collect()
    }

    /// The log's lines.
    pub fn log_lines(&self) -> Vec<String> {
        self.log.borrow().clone()
    }

    /// The cache's keys, sorted.
    pub fn cache_keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.cache.borrow().keys().cloned().collect();
        keys.sort();
        keys
    }

    fn push(&self, method: &str, path: &str, answer: Answer) {
        self.answers
            .borrow_mut()
            .entry((method.to_owned(), path.to_owned()))
            .or_default()
            .push(answer);
    }

    fn body_of(&self, parts: &[Part]) -> Result<String, Failure> {
        let mut body = Vec::new();
        for part in parts {
            match part {
                Part::Bytes(bytes) => body.extend_from_slice(bytes),
                Part::Base64(blob) => {
                    let bytes = self.read_blob(*blob, 0, u32::MAX).map_err(|why| {
                        Failure::internal("blobs.read", format!("an attachment could not be read: {why}"))
                    })?;
                    body.extend_from_slice(&base64::encode(&bytes));
                }
            }
        }
        Ok(String::from_utf8_lossy(&body).into_owned())
    }
}

impl Host for ScriptedHost {
    fn send(&self, request: Request) -> Result<Response, Failure> {
        let (https, authority, tail) =
            split(&request.url).ok_or_else(|| Failure::invalid_input("http.address", "not an address"))?;
        let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
        let scheme = if https { "https" } else { "http" };
        let sent = Sent {
            method: request.method.to_owned(),
            origin: format!("{scheme}://{authority}"),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: request.headers.clone(),
            body: self.body_of(&request.body)?,
        };
        let key = (sent.method.clone(), sent.path.clone());
        self.requests.borrow_mut().push(sent);
        let mut answers = self.answers.borrow_mut();
        let queue = answers.get_mut(&key);
        match queue {
            Some(queue) if queue.len() > 1 => queue.remove(0),
            Some(queue) if !queue.is_empty() => queue
                .iter()
                .next_back()
                .cloned()
                .unwrap_or_else(|| unscripted(&key)),
            _ => unscripted(&key),
        }
    }

    fn cache_get(&self, key: &str) -> Option<Vec<u8>> {
        let cache = self.cache.borrow();
        let (value, until) = cache.get(key)?;
        (*until > self.elapsed.get()).then(|| value.clone())
    }

    fn cache_put(&self, key: &str, value: &[u8], ttl_s: u32) {
        let until = self.elapsed.get() + u64::from(ttl_s);
        self.cache
            .borrow_mut()
            .insert(key.to_owned(), (value.to_vec(), until));
    }

    fn read_blob(&self, blob: u32, offset: u64, len: u32) -> Result<Vec<u8>, String> {
        let blobs = self.blobs.borrow();
        let index = usize::try_from(blob).unwrap_or(usize::MAX);
        let bytes = blobs
            .get(index)
            .ok_or_else(|| format!("there is no file {blob}"))?;
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let upto = usize::try_from(len).unwrap_or(usize::MAX);
        Ok(bytes.iter().skip(from).take(upto).copied().collect())
    }

    fn log(&self, _level: LogLevel, message: &str) {
        self.log.borrow_mut().push(message.to_owned());
    }

    fn pause(&self, milliseconds: u64) {
        self.paused_ms.set(self.paused_ms.get() + milliseconds);
    }

    fn now_unix(&self) -> u64 {
        START_UNIX + self.elapsed.get()
    }
}

fn unscripted((method, path): &(String, String)) -> Answer {
    Err(Failure::internal(
        "testing.unscripted",
        format!("the test has no answer for {method} {path}"),
    ))
}
