//! Attacks on the way out: requests that nobody granted, and requests that are more than they seem.

use crate::host_calls::elsewhere;
use helpbell_connector::bindings::wasi::http::outgoing_handler;
use helpbell_connector::bindings::wasi::http::types::{
    Fields, Method, OutgoingBody, OutgoingRequest, Scheme,
};
use helpbell_connector::http::{Part, Request, Response, split};
use helpbell_connector::json::{self, json};
use helpbell_connector::{Call, Created, Failure, Ticket};

/// More requests than a call may send.
const REQUESTS: usize = 1_000;
/// Requests that are begun and never waited for.
const AT_ONCE: usize = 200;
/// A body larger than a call may send.
const UPLOAD_BYTES: usize = 32 << 20;

/// Headers that say who asks, whom, or how the message is framed.
const SMUGGLED: [(&str, &str); 22] = [
    ("authorization", "Bearer smuggled"),
    ("Authorization", "Bearer smuggled"),
    ("cookie", "smuggled=1"),
    ("host", "smuggled.example"),
    ("connection", "smuggled"),
    ("connection", "close, x-smuggled"),
    ("keep-alive", "smuggled"),
    ("proxy-authorization", "Basic smuggled"),
    ("proxy-authenticate", "smuggled"),
    ("proxy-connection", "smuggled"),
    ("proxy-anything", "smuggled"),
    ("te", "smuggled"),
    ("trailer", "x-smuggled"),
    ("transfer-encoding", "chunked, smuggled"),
    ("upgrade", "smuggled"),
    ("expect", "100-smuggled"),
    ("http2-settings", "smuggled"),
    ("forwarded", "for=smuggled"),
    ("x-forwarded-for", "smuggled"),
    ("x-forwarded-host", "smuggled"),
    ("content-length", "4711"),
    (":authority", "smuggled.example"),
];

/// Text that would begin a header or a request of its own.
const CRLF: &str = "x\r\nx-smuggled: 1\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";

/// Makes the attack, if it is one of these.
pub(crate) fn attack(call: &Call<'_>, name: &str) -> Result<(), Failure> {
    let server = call.setting("server").unwrap_or_default();
    let at = |path: &str| format!("{server}{path}");
    let (host, port) = elsewhere(call).split_once(':').unwrap_or(("", ""));
    if let Some(how) = name.strip_prefix("answer-") {
        let answer = get(call, at(&format!("/answer/{how}")))?;
        let names: Vec<&str> = answer.headers.iter().map(|(name, _)| name.as_str()).collect();
        call.info(&format!("headers: {}", names.join(", ")));
        return Ok(());
    }
    match name {
        "elsewhere" => get(call, format!("http://{host}:{port}/read"))?,
        "elsewhere-by-redirect" => {
            let answer = get(call, at("/answer/redirect"))?;
            get(call, answer.header("location").unwrap_or_default().to_owned())?
        }
        "elsewhere-by-user" => {
            let (_, mine, _) = split(server).unwrap_or((false, "", ""));
            get(call, format!("http://{mine}@{host}:{port}/read"))?
        }
        "elsewhere-by-backslash" => get(call, format!("{server}\\@{host}:{port}/read"))?,
        "elsewhere-by-number" => get(call, format!("http://2130706433:{port}/read"))?,
        "elsewhere-by-octal" => get(call, format!("http://0177.0.0.01:{port}/read"))?,
        "elsewhere-by-mapped-address" => get(call, format!("http://[::ffff:127.0.0.1]:{port}/read"))?,
        "elsewhere-by-name" => get(call, format!("http://localhost:{port}/read"))?,
        "elsewhere-by-origin" => get(call, at("/read").replacen("http:", "https:", 1))?,
        "metadata" => get(call, "http://169.254.169.254/latest/meta-data/".to_owned())?,
        "other-path" => get(call, at("/admin"))?,
        "other-path-by-dots" => get(call, at("/read/../admin"))?,
        "other-path-by-encoded-dots" => get(call, at("/answer/%2e%2e/admin"))?,
        "other-path-by-encoded-slash" => get(call, at("/answer/..%2Fadmin"))?,
        "other-path-by-backslash" => get(call, at("/answer/..\\admin"))?,
        "other-method" => call.send(Request::new("DELETE", at("/tickets")))?,
        "trace" => call.send(Request::new("TRACE", at("/read")))?,
        "connect" => call.send(Request::new("CONNECT", at("/read")))?,
        "crlf-in-method" => call.send(Request::new(
            "GET /read HTTP/1.1\r\nx-smuggled: 1\r\n\r\nGET",
            at("/read"),
        ))?,
        "crlf-in-path" => get(call, at(&format!("/answer/{CRLF}")))?,
        "crlf-in-query" => get(call, at(&format!("/read?{CRLF}")))?,
        "crlf-in-authority" => get(call, format!("http://{CRLF}/read"))?,
        "crlf-in-header" => call.send(Request::get(at("/read")).header("x-honest", CRLF))?,
        "crlf-in-header-name" => call.send(Request::get(at("/read")).header(CRLF, "x"))?,
        "headers" => return smuggle(call, &at("/read")),
        "headers-huge" => {
            let request = (0..100).fold(Request::get(at("/read")), |request, number| {
                request.header(&format!("x-{number}"), &"x".repeat(4_000))
            });
            call.send(request)?
        }
        "request-flood" => {
            for _ in 1..REQUESTS {
                get(call, at("/read"))?;
            }
            get(call, at("/read"))?
        }
        "request-flood-at-once" => return begin_many(server),
        "upload-huge" => call.send(Request::post(
            at("/upload"),
            "application/octet-stream",
            vec![Part::Bytes(vec![b'x'; UPLOAD_BYTES])],
        ))?,
        "trap-before-sending" => std::process::abort(),
        "trap-after-sending" => {
            file(call, "then the connector crashes")?;
            std::process::abort()
        }
        "trap-while-filing" => {
            begin(server, &Method::Post, "/tickets").unwrap();
            std::process::abort()
        }
        _ => return Ok(()),
    };
    Ok(())
}

/// Tries to change something while it may only look.
pub(crate) fn examined(call: &Call<'_>, name: &str) -> Result<(), Failure> {
    if name == "change-while-examining" {
        file(call, "filed by an examination")?;
    }
    Ok(())
}

/// Files a ticket as an honest connector does.
pub(crate) fn file(call: &Call<'_>, summary: &str) -> Result<Created, Failure> {
    let url = format!("{}/tickets", call.setting("server").unwrap_or_default());
    let answer = call.send(Request::post_json(url, &json!({"summary": summary})))?;
    let ticket = json::parse(&answer.body, "the answer")?;
    let id = json::id(&ticket, "id").ok_or_else(|| Failure::internal("hostile.no-id", "no id"))?;
    Ok(Created {
        ticket: Ticket {
            number: id.clone(),
            id,
            url: None,
        },
        corrections: vec![],
    })
}

/// Asks for a ticket so that the server refuses it.
pub(crate) fn refused(call: &Call<'_>) -> Result<(), Failure> {
    let url = format!("{}/tickets", call.setting("server").unwrap_or_default());
    call.send(Request::post_json(url, &json!({"refuse": true})))
        .map(drop)
}

/// Reads.
pub(crate) fn read(call: &Call<'_>) -> Result<(), Failure> {
    get(
        call,
        format!("{}/read", call.setting("server").unwrap_or_default()),
    )
    .map(drop)
}

pub(crate) fn get(call: &Call<'_>, url: String) -> Result<Response, Failure> {
    call.send(Request::get(url))
}

/// Sends one request per header that may not be set, and tells in the log which left.
fn smuggle(call: &Call<'_>, url: &str) -> Result<(), Failure> {
    let mut sent = vec![];
    for (name, value) in SMUGGLED {
        if call
            .send(Request::get(url.to_owned()).header(name, value))
            .is_ok()
        {
            sent.push(name);
        }
    }
    call.info(&format!("sent with: {}", sent.join(", ")));
    Ok(())
}

/// Begins requests and waits for none.
fn begin_many(server: &str) -> Result<(), Failure> {
    let mut begun = vec![];
    for _ in 0..AT_ONCE {
        let answer = begin(server, &Method::Get, "/read");
        begun.push(answer.map_err(|reason| Failure::internal("hostile.begun", reason))?);
    }
    for answer in begun {
        answer.subscribe().block();
        if let Some(Ok(Err(code))) = answer.get() {
            return Err(Failure::internal("hostile.begun", format!("{code:?}")));
        }
    }
    Ok(())
}

fn begin(
    server: &str,
    method: &Method,
    path: &str,
) -> Result<outgoing_handler::FutureIncomingResponse, String> {
    let (_, authority, _) = split(server).ok_or("no address")?;
    let request = OutgoingRequest::new(Fields::new());
    let set = request
        .set_method(method)
        .and_then(|()| request.set_scheme(Some(&Scheme::Http)))
        .and_then(|()| request.set_authority(Some(authority)))
        .and_then(|()| request.set_path_with_query(Some(path)));
    set.map_err(|()| "not an address")?;
    let body = request.body().map_err(|()| "no body")?;
    let answer = outgoing_handler::handle(request, None).map_err(|code| format!("{code:?}"))?;
    OutgoingBody::finish(body, None).map_err(|code| format!("{code:?}"))?;
    Ok(answer)
}
