//! A PSA that speaks JSON over HTTP: addresses, answers, and what a refusal means. What is the same for all of them is
//! here; what a connector adds is its own words for a cure.

use crate::http::{Request, Response, address};
use crate::json::{self, Value};
use crate::text::quote;
use crate::{Call, Failure, FailureKind, Pairs};

/// Bytes of a body without JSON that can still be a message. Longer ones are pages or dumps.
const MESSAGE_BYTES: usize = 2_000;

/// What is particular to one kind of PSA.
#[derive(Debug)]
pub struct Kind {
    /// As people know it: `Request Tracker`.
    pub name: &'static str,
    /// Before the dot of its failures' codes: `request-tracker`.
    pub code: &'static str,
    /// The setting that holds its address.
    pub setting: &'static str,
    /// What to do if something else answers at that address.
    pub cure: &'static str,
    /// Its own words out of a refusal's JSON.
    pub words: fn(&Value) -> Option<String>,
}

/// A PSA, for the length of a call.
pub struct Desk<'a> {
    /// The call it works for.
    pub call: &'a Call<'a>,
    kind: &'static Kind,
    base: &'a str,
}

impl<'a> Desk<'a> {
    /// The PSA at the address in the operator's settings.
    ///
    /// # Errors
    ///
    /// `invalid-input` where the setting is empty.
    pub fn new(call: &'a Call<'a>, kind: &'static Kind) -> Result<Self, Failure> {
        let base = call.required(kind.setting)?;
        Ok(Self { call, kind, base })
    }

    /// A complete address: the operator's with a path below it and a query.
    pub fn address(&self, path: &str, query: &[(&str, &str)]) -> String {
        address(self.base, path, query)
    }

    /// Reads JSON. `doing` reads after "while": `searching users`.
    pub fn get(&self, doing: &str, path: &str, query: &[(&str, &str)]) -> Result<Value, Failure> {
        Ok(self.exchange(doing, Request::get(self.address(path, query)))?.1)
    }

    /// Posts JSON and gives the JSON that comes back.
    pub fn post(&self, doing: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        Ok(self
            .exchange(doing, Request::post_json(self.address(path, &[]), body))?
            .1)
    }

    /// Sends a request and gives the whole answer beside its JSON.
    ///
    /// # Errors
    ///
    /// Every answer but 2xx with JSON in it.
    pub fn exchange(&self, doing: &str, request: Request) -> Result<(Response, Value), Failure> {
        let answer = self.call.send(request.header("accept", "application/json"))?;
        let value = self.read(&answer, doing)?;
        Ok((answer, value))
    }

    /// The JSON of an answer, or the failure that it is.
    pub fn read(&self, answer: &Response, doing: &str) -> Result<Value, Failure> {
        if !answer.is_success() {
            return Err(self.failure(answer, doing));
        }
        if answer.is_web_page() {
            return Err(self.stranger(answer, doing));
        }
        json::parse(
            &answer.body,
            &format!("{}'s answer while {doing}", self.kind.name),
        )
        .map_err(|failure| self.unreadable(failure.message))
    }

    /// An answer that says "done" and cannot be understood. `what` begins like `its answer names no id`.
    pub fn unreadable(&self, what: impl std::fmt::Display) -> Failure {
        let name = self.kind.name;
        Failure::internal(
            &self.code("answer-unreadable"),
            format!("{name} answered something unexpected: {what}"),
        )
        .help(format!(
            "Something between this machine and {name} may change its answers, or your {name} answers in a way Helpbell \
             does not know yet: report this with the version of your {name}."
        ))
    }

    /// `request-tracker.forbidden`.
    pub fn code(&self, what: &str) -> String {
        format!("{}.{what}", self.kind.code)
    }

    /// A failure from an answer's status, with the PSA's own words in its message and, under `words`, among its facts.
    pub fn failure(&self, answer: &Response, doing: &str) -> Failure {
        let name = self.kind.name;
        let status = answer.status;
        let words = self.words(answer);
        let said = words
            .as_ref()
            .map(|words| format!(": “{words}”"))
            .unwrap_or_default();
        let message = format!("{name} answered {status} while {doing}{said}");
        let wait = || answer.retry_after_ms(self.call.now_unix());
        let (kind, code) = match status {
            // A page behind 5xx is a proxy's and says what the status says; any other is not the API's.
            _ if status < 500 && status != 429 && answer.is_web_page() => {
                return self.stranger(answer, doing);
            }
            300..=399 => return self.stranger(answer, doing),
            401 => (FailureKind::Auth, "unauthorised"),
            403 => (FailureKind::Forbidden, "forbidden"),
            404 | 410 => (FailureKind::NotFound, "not-found"),
            408 | 504 => (FailureKind::Timeout, "timeout"),
            409 | 412 => (FailureKind::Conflict, "conflict"),
            413 => (FailureKind::InvalidInput, "too-large"),
            429 => (FailureKind::RateLimited, "rate-limited"),
            500.. => (FailureKind::Unavailable, "server-error"),
            _ => (FailureKind::InvalidInput, "refused"),
        };
        let failure = Failure::new(kind, &self.code(code), message).fact("status", status.to_string());
        let failure = match kind {
            FailureKind::Timeout => failure.help(format!(
                "{name} took too long; Helpbell looks whether it went through before it tries again."
            )),
            FailureKind::Conflict => failure.help(format!(
                "Somebody changed this in {name} at the same moment; Helpbell looks at it again."
            )),
            FailureKind::RateLimited => failure
                .retry_after_ms(wait())
                .help(format!("{name} limits how many requests it takes. Helpbell waits and goes on by itself.")),
            FailureKind::Unavailable => failure.retry_after_ms(wait()).help(format!(
                "{name} cannot work at the moment; Helpbell goes on by itself once it can."
            )),
            _ if status == 413 => failure.help(format!(
                "The report is larger than the web server before {name} accepts; let it take larger requests, or attach \
                 fewer or smaller screenshots."
            )),
            _ => failure,
        };
        match words {
            Some(words) => failure.fact("words", words),
            None => failure,
        }
    }

    /// What answered is not this API.
    fn stranger(&self, answer: &Response, doing: &str) -> Failure {
        let title = answer.page_title();
        let what = title.map_or("something else than JSON".to_owned(), |title| {
            format!("a web page titled “{title}”")
        });
        let name = self.kind.name;
        Failure::internal(
            &self.code("stranger"),
            format!(
                "this is not {name}'s API: it answered {} with {what} while {doing}",
                answer.status
            ),
        )
        .field(self.kind.setting)
        .help(self.kind.cure)
    }

    fn words(&self, answer: &Response) -> Option<String> {
        if answer.is_web_page() {
            return answer
                .page_title()
                .map(|title| format!("a web page titled {title}"));
        }
        match json::parse(&answer.body, "") {
            Ok(body) => (self.kind.words)(&body).map(|words| quote(&words)),
            Err(_) if answer.body.len() <= MESSAGE_BYTES => {
                Some(quote(&String::from_utf8_lossy(&answer.body)))
            }
            Err(_) => None,
        }
        .filter(|words| !words.is_empty())
    }
}

/// The PSA's own words, as [`Desk::failure`] kept them; empty where there were none.
pub fn words_of(failure: &Failure) -> &str {
    failure.extra.as_slice().value("words").unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ScriptedHost;

    static MY_DESK: Kind = Kind {
        name: "My Desk",
        code: "my-desk",
        setting: "server",
        cure: "Paste the address that My Desk shows.",
        words: |body| json::text(body, "message"),
    };
    const AT: [(&str, &str); 1] = [("server", "https://desk.example/rt/")];

    fn failure(status: u16, headers: &[(&str, &str)], body: &str) -> Failure {
        let host = ScriptedHost::new();
        host.answer_with("GET", "/rt/queues", status, headers, body);
        let call = host.call(&AT);
        Desk::new(&call, &MY_DESK)
            .unwrap()
            .get("reading queues", "/queues", &[])
            .unwrap_err()
    }

    #[test]
    fn every_status_has_its_kind() {
        let expected = [
            (400, FailureKind::InvalidInput),
            (401, FailureKind::Auth),
            (403, FailureKind::Forbidden),
            (404, FailureKind::NotFound),
            (409, FailureKind::Conflict),
            (413, FailureKind::InvalidInput),
            (429, FailureKind::RateLimited),
            (500, FailureKind::Unavailable),
            (504, FailureKind::Timeout),
            (302, FailureKind::Internal),
        ];
        for (status, kind) in expected {
            let failure = failure(status, &[("retry-after", "3")], "{}");
            assert_eq!(failure.kind, kind, "{status}");
            assert!(failure.code.starts_with("my-desk."), "{}", failure.code);
            let waits = matches!(status, 429 | 500).then_some(3_000);
            assert_eq!(failure.retry_after_ms, waits, "{status}");
        }
    }

    #[test]
    fn the_psas_own_words_are_quoted_attributed_and_kept() {
        let refused = failure(400, &[], r#"{"message":"no\nsuch queue"}"#);
        assert_eq!(
            refused.message,
            "My Desk answered 400 while reading queues: “no such queue”"
        );
        assert_eq!(words_of(&refused), "no such queue");
        assert_eq!(words_of(&failure(400, &[], "plain words")), "plain words");
        assert_eq!(words_of(&failure(400, &[], "{}")), "");
    }

    #[test]
    fn a_web_page_is_not_the_api_whatever_its_status() {
        for status in [200, 404] {
            let page = failure(status, &[("content-type", "text/html")], "<title>Sign in</title>");
            assert_eq!(
                (page.code.as_str(), page.field.as_deref()),
                ("my-desk.stranger", Some("server"))
            );
            assert!(page.message.contains("“Sign in”") && page.help.is_some());
        }
        let gateway = failure(
            502,
            &[("content-type", "text/html")],
            "<title>Bad gateway</title>",
        );
        assert_eq!(gateway.kind, FailureKind::Unavailable);
    }

    #[test]
    fn an_address_with_a_path_is_a_prefix() {
        let host = ScriptedHost::new();
        host.answer("POST", "/rt/ticket", 201, r#"{"id":"5"}"#);
        let call = host.call(&AT);
        let desk = Desk::new(&call, &MY_DESK).unwrap();
        let answer = desk.post("filing", "/ticket", &json::json!({"a": 1})).unwrap();
        assert_eq!(json::id(&answer, "id").as_deref(), Some("5"));
        assert_eq!(
            desk.address("/x", &[("q", "a b")]),
            "https://desk.example/rt/x?q=a%20b"
        );
    }
}
