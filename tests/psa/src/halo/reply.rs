//! Answers, and the many ways the vendor refuses.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// `HRESULT` of a plain .NET exception, as serialised exceptions carry it.
const HRESULT_EXCEPTION: i64 = -2_146_233_088;

/// A successful answer.
#[derive(Debug)]
pub(crate) enum Answer {
    /// JSON with the given status.
    Json(StatusCode, Value),
    /// A file, to be saved under its name.
    File {
        name: String,
        content_type: String,
        bytes: bytes::Bytes,
    },
    /// A page for people.
    Page {
        status: StatusCode,
        html: String,
        policy: &'static str,
    },
    /// 303 to another page of ours.
    SeeOther(String),
    /// Raw content with a type and a content security policy.
    Content {
        content_type: String,
        policy: &'static str,
        bytes: bytes::Bytes,
    },
}

impl Answer {
    /// 200 with JSON.
    pub(crate) fn ok(value: Value) -> Self {
        Self::Json(StatusCode::OK, value)
    }
}

/// A refusal in one of the shapes the vendor uses.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// A serialised .NET exception.
    #[error("{message}")]
    Exception { status: StatusCode, message: String },
    /// A map keyed by field, `{"[0].id": ["..."]}`.
    #[error("fields refused")]
    Fields(Vec<(String, String)>),
    /// An OAuth error object of the token endpoint.
    #[error("{error}: {description}")]
    OAuth {
        status: StatusCode,
        error: &'static str,
        description: String,
    },
    /// Text without JSON, with an optional `Retry-After` in seconds.
    #[error("{text}")]
    Text {
        status: StatusCode,
        text: String,
        retry_after: Option<u32>,
    },
    /// A status without a body.
    #[error("status {0} without a body")]
    Bare(StatusCode),
}

impl Refusal {
    /// 400 with a serialised exception: how the vendor's business rules refuse.
    pub(crate) fn rule(message: impl Into<String>) -> Self {
        Self::Exception {
            status: StatusCode::BAD_REQUEST,
            message: message.into(),
        }
    }

    /// 404 without a body. The vendor's exact answer is unknown; clients report no JSON.
    pub(crate) fn not_found() -> Self {
        Self::Bare(StatusCode::NOT_FOUND)
    }

    /// 501 for a call the vendor has and this server does not act out.
    pub(crate) fn not_modelled(what: &str) -> Self {
        Self::Text {
            status: StatusCode::NOT_IMPLEMENTED,
            text: format!("The local HaloPSA does not act out {what}."),
            retry_after: None,
        }
    }
}

/// A finished HTTP response.
pub(crate) type Reply = Response<Body>;

pub(crate) fn reply(result: Result<Answer, Refusal>) -> Reply {
    match result {
        Ok(answer) => answer.into_reply(),
        Err(refusal) => refusal.into_reply(),
    }
}

impl Answer {
    fn into_reply(self) -> Reply {
        match self {
            Self::Json(status, value) => json_reply(status, &value),
            Self::File {
                name,
                content_type,
                bytes,
            } => {
                let mut reply = typed(StatusCode::OK, &content_type, Body::from(bytes));
                set(&mut reply, header::CONTENT_DISPOSITION, &disposition(&name));
                set(&mut reply, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
                reply
            }
            Self::Page { status, html, policy } => {
                let mut reply = typed(status, "text/html; charset=utf-8", Body::from(html));
                guard(&mut reply, policy);
                reply
            }
            Self::SeeOther(place) => {
                let mut reply = Response::new(Body::empty());
                *reply.status_mut() = StatusCode::SEE_OTHER;
                set(&mut reply, header::LOCATION, &place);
                reply
            }
            Self::Content {
                content_type,
                policy,
                bytes,
            } => {
                let mut reply = typed(StatusCode::OK, &content_type, Body::from(bytes));
                guard(&mut reply, policy);
                reply
            }
        }
    }
}

impl Refusal {
    fn into_reply(self) -> Reply {
        match self {
            Self::Exception { status, message } => json_reply(status, &exception(&message)),
            Self::Fields(fields) => {
                let mut map = serde_json::Map::new();
                for (field, message) in fields {
                    let messages = map.entry(field).or_insert_with(|| json!([]));
                    if let Value::Array(messages) = messages {
                        messages.push(Value::String(message));
                    }
                }
                json_reply(StatusCode::BAD_REQUEST, &Value::Object(map))
            }
            Self::OAuth {
                status,
                error,
                description,
            } => json_reply(status, &json!({"error": error, "error_description": description})),
            Self::Text {
                status,
                text,
                retry_after,
            } => {
                let mut reply = typed(status, "text/plain; charset=utf-8", Body::from(text));
                if let Some(seconds) = retry_after {
                    set(&mut reply, header::RETRY_AFTER, &seconds.to_string());
                }
                reply
            }
            Self::Bare(status) => {
                let mut reply = Response::new(Body::empty());
                *reply.status_mut() = status;
                if status == StatusCode::UNAUTHORIZED {
                    set(&mut reply, header::WWW_AUTHENTICATE, "Bearer");
                }
                reply
            }
        }
    }
}

/// An exception as the vendor's serialiser writes one.
fn exception(message: &str) -> Value {
    json!({
        "ClassName": "System.Exception",
        "Message": message,
        "Data": null,
        "InnerException": null,
        "HelpURL": null,
        "StackTraceString": null,
        "RemoteStackTraceString": null,
        "RemoteStackIndex": 0,
        "ExceptionMethod": null,
        "HResult": HRESULT_EXCEPTION,
        "Source": null,
        "WatsonBuckets": null,
    })
}

/// `attachment` with an ASCII fallback and the exact name in RFC 5987 form.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '/') || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let exact = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

fn json_reply(status: StatusCode, value: &Value) -> Reply {
    typed(
        status,
        "application/json; charset=utf-8",
        Body::from(value.to_string()),
    )
}

fn typed(status: StatusCode, content_type: &str, body: Body) -> Reply {
    let mut reply = Response::new(body);
    *reply.status_mut() = status;
    set(&mut reply, header::CONTENT_TYPE, content_type);
    reply
}

fn guard(reply: &mut Reply, policy: &str) {
    set(reply, header::CONTENT_SECURITY_POLICY, policy);
    set(reply, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(reply, header::REFERRER_POLICY, "no-referrer");
}

/// Sets a header; a value HTTP cannot carry is left out.
fn set(reply: &mut Reply, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_out_of_the_header() {
        let header = disposition("a\"; filename=b.exe\r\nX: y/é.html");
        assert!(HeaderValue::from_str(&header).is_ok(), "{header}");
        assert!(
            header.starts_with("attachment; filename=\"a_; filename=b.exe__X: y__.html\"; "),
            "{header}"
        );
        assert!(header.ends_with("%C3%A9%2Ehtml"), "{header}");
    }

    #[test]
    fn several_messages_for_one_field_stand_together() {
        let reply =
            Refusal::Fields(vec![("[0].id".into(), "a".into()), ("[0].id".into(), "b".into())]).into_reply();
        assert_eq!(reply.status(), StatusCode::BAD_REQUEST);
    }
}
