//! Halo's failures in words.
//!
//! Halo documents no error bodies. Clients of live tenants saw these, tried in this order:
//! `resultCode` with `errorMessage`, a serialised .NET exception (`ClassName`, `Message`), `Message`,
//! OAuth's `error`, a map from field to messages, plain text, nothing at all, and web pages of whatever
//! stands before Halo.

use helpbell_connector::Failure;
use helpbell_connector::http::Response;
use helpbell_connector::json::{self, Value};
use helpbell_connector::text::quote;

use crate::describe::RESOURCE_SERVER;

/// Bytes of a body without JSON that can still be a message. Longer ones are pages or dumps.
const MESSAGE_BYTES: usize = 2_000;

/// Halo's own words out of an answer, on one line.
pub(crate) fn words(answer: &Response) -> Option<String> {
    if answer.is_web_page() {
        return answer
            .page_title()
            .map(|title| format!("a web page titled \"{title}\""));
    }
    match json::parse(&answer.body, "") {
        Ok(body) => words_of(&body),
        Err(_) if answer.body.len() <= MESSAGE_BYTES => {
            Some(quote(&String::from_utf8_lossy(&answer.body))).filter(|text| !text.is_empty())
        }
        Err(_) => None,
    }
}

/// `: "words"` for the end of a sentence, or nothing.
pub(crate) fn in_words(answer: &Response) -> String {
    words(answer)
        .map(|words| format!(": \"{words}\""))
        .unwrap_or_default()
}

fn words_of(body: &Value) -> Option<String> {
    let body = match body {
        Value::Array(items) => items.first()?,
        other => other,
    };
    if let Value::String(text) = body {
        return Some(quote(text)).filter(|text| !text.is_empty());
    }
    let named = |name: &str| json::text(body, name).map(|text| quote(&text));
    if json::member(body, "resultCode").is_some()
        && let Some(message) = named("errorMessage")
    {
        return Some(message);
    }
    if let Some(message) = named("Message")
        .or_else(|| named("errorMessage"))
        .or_else(|| named("message"))
    {
        return Some(message);
    }
    if let Some(error) = named("error") {
        return Some(named("error_description").map_or(error.clone(), |more| format!("{error}: {more}")));
    }
    let map = json::member(body, "errors").unwrap_or(body);
    by_field(map).or_else(|| named("title"))
}

/// `{"[0].id": ["is wrong"]}` as `id: is wrong`.
fn by_field(map: &Value) -> Option<String> {
    let messages: Vec<String> = map
        .as_object()?
        .iter()
        .filter_map(|(field, messages)| {
            let first = match messages {
                Value::Array(messages) => messages.first()?.as_str()?,
                _ => return None,
            };
            let field = field
                .rsplit_once(']')
                .and_then(|(_, name)| name.strip_prefix('.'))
                .unwrap_or(field);
            Some(if field.is_empty() || field == "$" {
                first.to_owned()
            } else {
                format!("{field}: {first}")
            })
        })
        .collect();
    (!messages.is_empty()).then(|| quote(&messages.join("; ")))
}

/// A failure from an answer's status alone; `doing` reads after "while": `searching users`.
pub(crate) fn of_status(answer: &Response, doing: &str, now_unix: u64) -> Failure {
    let status = answer.status;
    let message = format!("Halo answered {status} while {doing}{}", in_words(answer));
    match status {
        // A page behind 5xx is a proxy's and says what the status says; any other page is not Halo's API.
        status if status < 500 && status != 429 && answer.is_web_page() => not_halo(answer, doing),
        300..=399 => not_halo(answer, doing),
        401 => Failure::auth("halo.unauthorised", message),
        403 => Failure::forbidden("halo.forbidden", message),
        404 | 410 => Failure::not_found("halo.not-found", message),
        409 => Failure::conflict("halo.conflict", message)
            .help("Somebody changed this in Halo at the same moment; Helpbell looks at it again."),
        413 => Failure::invalid_input("halo.too-large", message)
            .help("The report is larger than your Halo's web server accepts; attach fewer or smaller screenshots."),
        429 => Failure::rate_limited("halo.rate-limited", message)
            .retry_after_ms(answer.retry_after_ms(now_unix))
            .help("Halo limits how many requests all integrations together may send in five minutes. Helpbell waits and goes on by itself."),
        408 | 504 => Failure::timeout("halo.timeout", message)
            .help("Halo took too long; Helpbell looks whether it went through before it tries again."),
        500..=599 => Failure::unavailable("halo.server-error", message)
            .retry_after_ms(answer.retry_after_ms(now_unix))
            .help("Halo cannot work at the moment; Helpbell goes on by itself once it can."),
        _ => Failure::invalid_input("halo.refused", message),
    }
}

/// An answer that says "done" and cannot be read.
pub(crate) fn unreadable(code: &str, what: impl Into<String>) -> Failure {
    Failure::internal(code, what).help(
        "Something between this machine and Halo may change its answers, or your Halo answers in a way Helpbell does not \
         know yet: report this with the version of your Halo.",
    )
}

/// What answered is no API.
pub(crate) fn not_halo(answer: &Response, doing: &str) -> Failure {
    let what = answer
        .page_title()
        .map_or("something else than JSON".to_owned(), |t| {
            format!("a web page titled \"{t}\"")
        });
    Failure::internal(
        "halo.not-halo",
        format!("this is not Halo's API: it answered {} with {what} while {doing}", answer.status),
    )
    .field(RESOURCE_SERVER)
    .help(
        "Copy the Resource Server from Configuration > Integrations > Halo(PSA/ITSM) API exactly as it is shown there; \
         it is neither the address of the web page nor the Authorisation Server.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_connector::FailureKind;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Response {
            status,
            headers,
            body: body.as_bytes().to_vec(),
        }
    }

    fn read(body: &str) -> Option<String> {
        words(&answer(400, &[], body))
    }

    #[test]
    fn every_recorded_error_body_gives_its_words() {
        let cases = [
            (
                r#"{"resultCode":3,"errorMessage":"no such thing"}"#,
                "no such thing",
            ),
            (
                r#"{"ClassName":"System.Exception","Message":"An Outcome must be entered for this Action","Data":null}"#,
                "An Outcome must be entered for this Action",
            ),
            (
                r#"{"Message":"You do not have access to this Action"}"#,
                "You do not have access to this Action",
            ),
            (
                r#"{"error":"invalid_client","error_description":"unknown"}"#,
                "invalid_client: unknown",
            ),
            (
                r#"{"[0].id":["The value 'x' is not valid."]}"#,
                "id: The value 'x' is not valid.",
            ),
            (
                r#"{"title":"One or more","errors":{"$[0].site_id":["bad"]}}"#,
                "site_id: bad",
            ),
            (r#"["Please enter Impact"]"#, "Please enter Impact"),
            (r#""just text""#, "just text"),
            (
                "Rate Limit Reached - 300 Requests",
                "Rate Limit Reached - 300 Requests",
            ),
        ];
        for (body, expected) in cases {
            assert_eq!(read(body).as_deref(), Some(expected), "{body}");
        }
        assert_eq!(read(""), None);
        assert_eq!(read("{}"), None);
        assert_eq!(read("[]"), None);
        assert_eq!(read(&"x".repeat(MESSAGE_BYTES + 1)), None);
    }

    #[test]
    fn every_status_has_its_kind() {
        let kind = |status| of_status(&answer(status, &[], ""), "testing", 0).kind;
        let expected = [
            (302, FailureKind::Internal),
            (400, FailureKind::InvalidInput),
            (401, FailureKind::Auth),
            (403, FailureKind::Forbidden),
            (404, FailureKind::NotFound),
            (408, FailureKind::Timeout),
            (409, FailureKind::Conflict),
            (413, FailureKind::InvalidInput),
            (429, FailureKind::RateLimited),
            (500, FailureKind::Unavailable),
            (503, FailureKind::Unavailable),
            (504, FailureKind::Timeout),
        ];
        for (status, wanted) in expected {
            assert_eq!(kind(status), wanted, "{status}");
        }
    }

    #[test]
    fn the_recorded_rate_limit_answer_is_rate_limited_with_and_without_a_wait() {
        let text = "Rate Limit Reached - 300 Requests per rolling 5 minute window";
        let plain = of_status(&answer(429, &[], text), "testing", 0);
        assert_eq!(
            (plain.kind, plain.retry_after_ms),
            (FailureKind::RateLimited, None)
        );
        assert!(plain.message.contains(text), "{}", plain.message);
        let told = of_status(&answer(429, &[("retry-after", "12")], text), "testing", 0);
        assert_eq!(told.retry_after_ms, Some(12_000));
    }

    #[test]
    fn a_login_page_says_which_setting_to_look_at() {
        let page = answer(
            404,
            &[("content-type", "text/html")],
            "<html><title>Sign in</title>",
        );
        let failure = of_status(&page, "searching users", 0);
        assert_eq!(failure.field.as_deref(), Some(RESOURCE_SERVER));
        assert!(failure.message.contains("not Halo's API") && failure.message.contains("Sign in"));
        let gateway = answer(
            502,
            &[("content-type", "text/html")],
            "<html><title>Bad gateway</title>",
        );
        assert_eq!(
            of_status(&gateway, "searching users", 0).kind,
            FailureKind::Unavailable
        );
    }
}
