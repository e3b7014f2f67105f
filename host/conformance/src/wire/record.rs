//! Writes down what is said.

use crate::{subject::Person, witness::Seen};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use helpbell_model::PressId;
use helpbell_sandbox::wire::{Answer, Carried, Lost, Outcome};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Bytes of a body that are written down; of a longer one only size and digest, which tell whether it is the same.
const BODY_BYTES: usize = 64 << 10;

/// Headers of an answer that a connector may act upon. Others would change with every recording, and mean nothing to it.
const HEADERS: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::DATE,
    header::LOCATION,
    header::RETRY_AFTER,
    header::ETAG,
    header::LINK,
];

/// What stands for a secret in a recording.
const VEIL: &str = "recorded";

/// A recording cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The disk.
    #[error("failed to {doing} {path}: {source}")]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{path} is no part of a recording: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Where it goes wrong.
        source: serde_json::Error,
    },
}

/// `run.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Run {
    /// The connector's id.
    pub(crate) connector: String,
    /// The version that was recorded.
    pub(crate) version: String,
    /// Its settings.
    pub(crate) settings: Vec<(String, String)>,
    /// The fields of each ticket.
    pub(crate) defaults: Vec<(String, String)>,
    /// Who asked.
    pub(crate) person: Person,
    /// The references of the presses, in the order of their use.
    pub(crate) references: Vec<PressId>,
}

/// The file of one check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scene {
    /// What was said, in order.
    pub(crate) exchanges: Vec<Exchange>,
    /// What the witness told, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) witness: Vec<Result<Seen, String>>,
}

/// One request and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exchange {
    pub(crate) request: Told,
    pub(crate) answer: Answered,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Told {
    pub(crate) method: String,
    pub(crate) url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<Body>,
}

/// A body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Body {
    /// As it is.
    Text(String),
    /// What is not text.
    Base64(String),
    /// Too long to be kept: bytes and SHA-256.
    Long(usize, String),
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answered {
    /// The server answered.
    With {
        status: u16,
        headers: Vec<(String, String)>,
        body: Body,
    },
    /// It did not, and why.
    Lost(String),
}

impl Body {
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return None;
        }
        if bytes.len() > BODY_BYTES {
            return Some(Self::Long(bytes.len(), hex::encode(Sha256::digest(bytes))));
        }
        Some(match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(BASE64_STANDARD.encode(bytes)),
        })
    }

    /// The bytes of an answer; nothing where they were too long to be kept.
    pub(crate) fn bytes(&self) -> Bytes {
        match self {
            Self::Text(text) => text.clone().into(),
            Self::Base64(text) => BASE64_STANDARD.decode(text).unwrap_or_default().into(),
            Self::Long(..) => Bytes::new(),
        }
    }
}

impl Told {
    /// What is kept of a request. The separator of a multipart body is chosen anew each time, and replaced.
    pub(crate) fn of(request: &Carried<'_>) -> Self {
        let method = request.method.to_string();
        if request.signing_in {
            let mut url = request.url.clone();
            url.set_query(None);
            return Self {
                method,
                url: url.into(),
                body: None,
            };
        }
        Self {
            method,
            url: request.url.to_string(),
            body: Body::of(&without_boundary(request.headers, request.body)),
        }
    }
}

fn without_boundary(headers: &HeaderMap, body: &Bytes) -> Bytes {
    let boundary = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .filter(|value| value.starts_with("multipart/"))
        .and_then(|value| value.split("boundary=").nth(1))
        .map(|rest| rest.split(';').next().unwrap_or(rest).trim_matches('"'));
    match boundary {
        Some(boundary) if !boundary.is_empty() => replaced(body, boundary.as_bytes(), b"boundary").into(),
        _ => body.clone(),
    }
}

fn replaced(bytes: &[u8], what: &[u8], by: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(what.len()).position(|window| window == what) {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(before);
        out.extend_from_slice(by);
        rest = after.get(what.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

impl Answered {
    fn of(outcome: &Outcome, signing_in: bool) -> Self {
        let answer = match outcome {
            Ok(answer) => answer,
            Err(lost) => return Self::Lost(lost.to_string()),
        };
        let kept = HEADERS.iter().filter_map(|name| {
            let value = answer.headers.get(name)?.to_str().ok()?;
            Some((name.to_string(), value.to_owned()))
        });
        let body = if signing_in {
            veiled(&answer.body)
        } else {
            answer.body.clone()
        };
        Self::With {
            status: answer.status.as_u16(),
            headers: kept.collect(),
            body: Body::of(&body).unwrap_or_else(|| Body::Text(String::new())),
        }
    }

    /// The same as it came. A status or header that no server can have sent was edited in: it counts as broken.
    pub(crate) fn outcome(&self) -> Outcome {
        let (status, headers, body) = match self {
            Self::Lost(reason) => return Err(Lost::broken(reason.clone())),
            Self::With {
                status,
                headers,
                body,
            } => (*status, headers, body),
        };
        let unusable = |what: &str| Lost::broken(format!("the recording holds {what} that is none"));
        let mut named = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().map_err(|_| unusable("a header's name"))?;
            named.insert(
                name,
                HeaderValue::from_str(value).map_err(|_| unusable("a header"))?,
            );
        }
        Ok(Answer {
            status: StatusCode::from_u16(status).map_err(|_| unusable("a status"))?,
            headers: named,
            body: body.bytes(),
        })
    }
}

/// An answer to a sign-in, with a word in place of whatever names itself a secret.
fn veiled(body: &Bytes) -> Bytes {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
        return body.clone();
    };
    veil(&mut value);
    value.to_string().into()
}

fn veil(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.to_lowercase();
                let secret = ["token", "secret", "key", "password"]
                    .iter()
                    .any(|word| name.contains(word));
                if secret && member.is_string() && name != "token_type" {
                    *member = Value::from(VEIL);
                } else {
                    veil(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(veil),
        _ => {}
    }
}

/// Writes a recording, check by check.
pub(crate) struct Recorder {
    folder: PathBuf,
    check: String,
    scene: Scene,
}

impl Recorder {
    /// A recorder into this folder. What an earlier recording left there is removed: it would be played back too.
    pub(crate) fn new(folder: &Path, run: &Run) -> Result<Self, RecordError> {
        fs::create_dir_all(folder).map_err(disk("make", folder))?;
        for entry in fs::read_dir(folder).map_err(disk("read", folder))? {
            let path = entry.map_err(disk("read", folder))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                fs::remove_file(&path).map_err(disk("remove", &path))?;
            }
        }
        write(&folder.join(RUN), run)?;
        Ok(Self {
            folder: folder.to_owned(),
            check: String::new(),
            scene: Scene::default(),
        })
    }

    pub(super) fn begin(&mut self, check: &str) {
        check.clone_into(&mut self.check);
        self.scene = Scene::default();
    }

    pub(super) fn exchange(&mut self, request: Told, signing_in: bool, outcome: &Outcome) {
        self.scene.exchanges.push(Exchange {
            request,
            answer: Answered::of(outcome, signing_in),
        });
    }

    pub(super) fn sight(&mut self, seen: Result<Seen, String>) {
        self.scene.witness.push(seen);
    }

    pub(super) fn end(&mut self) -> Result<(), RecordError> {
        let scene = std::mem::take(&mut self.scene);
        if scene == Scene::default() {
            return Ok(());
        }
        write(&scene_file(&self.folder, &self.check), &scene)
    }
}

/// The file that tells what a recording was made with.
const RUN: &str = "run.json";

/// The file of a check.
pub(super) fn scene_file(folder: &Path, check: &str) -> PathBuf {
    folder.join(format!("{check}.json"))
}

impl Run {
    /// What a recording was made with.
    pub(crate) fn read(folder: &Path) -> Result<Self, RecordError> {
        read(&folder.join(RUN))
    }
}

fn write(path: &Path, value: &impl Serialize) -> Result<(), RecordError> {
    let mut text = serde_json::to_string_pretty(value).map_err(|source| RecordError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    text.push('\n');
    fs::write(path, text).map_err(disk("write", path))
}

pub(super) fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, RecordError> {
    let text = fs::read(path).map_err(disk("read", path))?;
    serde_json::from_slice(&text).map_err(|source| RecordError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

fn disk(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RecordError {
    let path = path.to_owned();
    move |source| RecordError::Disk { doing, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Method;
    use url::Url;

    fn answer(body: &str) -> Outcome {
        let mut headers = HeaderMap::new();
        headers.insert(header::SERVER, HeaderValue::from_static("today's"));
        headers.insert(header::LOCATION, HeaderValue::from_static("/5"));
        Ok(Answer {
            status: StatusCode::CREATED,
            headers,
            body: body.to_owned().into(),
        })
    }

    #[test]
    fn a_sign_in_is_kept_without_its_secrets() {
        let body = Bytes::from_static(b"client_secret=hunter22");
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic hunter22"));
        let url = Url::parse("https://x.example/auth/token?key=hunter22").unwrap();
        let request = Carried {
            signing_in: true,
            effect: true,
            method: &Method::POST,
            url: &url,
            headers: &headers,
            body: &body,
        };
        let said = r#"{"access_token":"hunter22","token_type":"Bearer","expires_in":60,"more":[{"apiKey":"hunter22"}]}"#;
        let kept = Exchange {
            request: Told::of(&request),
            answer: Answered::of(&answer(said), true),
        };
        let text = serde_json::to_string(&kept).unwrap();
        assert!(!text.contains("hunter22"), "{text}");
        assert!(text.contains("Bearer") && text.contains("expires_in"), "{text}");
        // The control: work is kept as it was.
        let work = Carried {
            signing_in: false,
            ..request
        };
        assert!(
            serde_json::to_string(&Told::of(&work))
                .unwrap()
                .contains("hunter22")
        );
    }

    #[test]
    fn an_answer_comes_back_as_it_was_without_what_changes_every_time() {
        let played = Answered::of(&answer("{\"id\":5}"), false).outcome().unwrap();
        assert_eq!(played.status, StatusCode::CREATED);
        assert_eq!(&played.body[..], b"{\"id\":5}");
        assert_eq!(played.headers.get(header::LOCATION).unwrap(), "/5");
        assert!(!played.headers.contains_key(header::SERVER));
    }

    #[test]
    fn bodies_are_kept_by_what_they_are() {
        assert_eq!(Body::of(b""), None);
        assert_eq!(Body::of(b"word"), Some(Body::Text("word".into())));
        let bytes = Body::of(&[0xff, 0]).unwrap();
        assert!(matches!(bytes, Body::Base64(_)));
        assert_eq!(&bytes.bytes()[..], [0xff, 0]);
        let long = vec![b'a'; BODY_BYTES + 1];
        assert!(matches!(Body::of(&long), Some(Body::Long(size, _)) if size == long.len()));
    }

    #[test]
    fn the_separator_of_a_multipart_body_is_the_same_in_every_recording() {
        let mut headers = HeaderMap::new();
        let media_type = "multipart/form-data; boundary=\"a1b2\"";
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        let body = Bytes::from_static(b"--a1b2\r\n\r\nx\r\n--a1b2--");
        assert_eq!(
            &without_boundary(&headers, &body)[..],
            b"--boundary\r\n\r\nx\r\n--boundary--"
        );
    }
}
