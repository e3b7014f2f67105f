//! Requests and answers, independent of who carries them.

use crate::json::{self, Value};
use crate::text::percent_encode;

/// Bytes of an answer that are read at most. A ticket of a large PSA is about 100 kB and a page of
/// twenty of them 2 MB; parsed, an answer needs some four times its size of the sandbox's memory.
pub const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// A piece of a request's body.
#[derive(Debug, Clone)]
pub enum Part {
    /// Sent as they are.
    Bytes(Vec<u8>),
    /// A file of the host (see `Attachment::blob`), sent as base64, read piece by piece while sending.
    Base64(u32),
}

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// HTTP method in capitals.
    pub method: &'static str,
    /// Complete address, as [`address`] makes it.
    pub url: String,
    /// Header names and values. `Authorization`, `Cookie` and `Host` belong to the host of the sandbox.
    pub headers: Vec<(String, String)>,
    /// Pieces in order; empty for no body.
    pub body: Vec<Part>,
}

impl Request {
    /// A GET.
    pub fn get(url: String) -> Self {
        Self {
            method: "GET",
            url,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A request of any method without a body.
    pub fn new(method: &'static str, url: String) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A POST of JSON, in which files of the host's may stand (see [`json::blob`]).
    pub fn post_json(url: String, body: &Value) -> Self {
        Self::post(url, "application/json", json::parts(body))
    }

    /// A POST of an `application/x-www-form-urlencoded` form.
    pub fn post_form(url: String, fields: &[(&str, &str)]) -> Self {
        let body = pairs(fields).into_bytes();
        Self::post(url, "application/x-www-form-urlencoded", vec![Part::Bytes(body)])
    }

    /// A POST of pieces, for bodies with files in them.
    pub fn post(url: String, content_type: &str, body: Vec<Part>) -> Self {
        Self {
            method: "POST",
            url,
            headers: Vec::new(),
            body,
        }
        .header("content-type", content_type)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// An answer of any status.
#[derive(Debug, Clone)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// At most [`MAX_ANSWER_BYTES`].
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name (given in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether this is a web page and not an API's answer.
    pub fn is_web_page(&self) -> bool {
        let declared = self
            .header("content-type")
            .is_some_and(|kind| kind.trim_start().starts_with("text/html"));
        let first = self.body.iter().find(|byte| !byte.is_ascii_whitespace());
        declared
            || (first == Some(&b'<')
                && !self
                    .header("content-type")
                    .is_some_and(|kind| kind.contains("xml")))
    }

    /// What stands in a web page's `<title>`.
    pub fn page_title(&self) -> Option<String> {
        let page = String::from_utf8_lossy(&self.body);
        let lower = page.to_ascii_lowercase();
        let start = lower.find("<title")?;
        let start = start + lower.get(start..)?.find('>')? + 1;
        let end = start + lower.get(start..)?.find("</title")?;
        Some(crate::text::quote(page.get(start..end)?)).filter(|title| !title.is_empty())
    }

    /// The server's own time when it answered, seconds since 1970, from its `Date` header.
    pub fn date_unix(&self) -> Option<u64> {
        unix_of_http_date(self.header("date")?.trim())
    }

    /// How long the server wants to be left alone, in milliseconds: `Retry-After` as seconds or as a
    /// date (RFC 9110, 10.2.3). `now_unix` is seconds since 1970.
    pub fn retry_after_ms(&self, now_unix: u64) -> Option<u64> {
        let value = self.header("retry-after")?.trim();
        let seconds = match value.parse::<u64>() {
            Ok(seconds) => seconds,
            Err(_) => unix_of_http_date(value)?.saturating_sub(now_unix),
        };
        Some(seconds.saturating_mul(1000))
    }
}

/// A complete address: a base as an operator pastes it, with or without a slash at its end, a path
/// that begins with one, and a query.
pub fn address(base: &str, path: &str, query: &[(&str, &str)]) -> String {
    let mut url = format!("{}{path}", base.trim().trim_end_matches('/'));
    if !query.is_empty() {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&pairs(query));
    }
    url
}

/// An address in its three parts: is it https, `host:port`, and path with query (at least `/`).
pub fn split(url: &str) -> Option<(bool, &str, &str)> {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    let (https, rest) = if lower.starts_with("https://") {
        (true, url.get(8..)?)
    } else if lower.starts_with("http://") {
        (false, url.get(7..)?)
    } else {
        return None;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let tail = tail.split('#').next().unwrap_or("");
    (!authority.is_empty()).then_some((https, authority, if tail.is_empty() { "/" } else { tail }))
}

/// The path of a pasted address without slashes at its end: empty for `https://host/`.
pub fn path_of(url: &str) -> &str {
    let path = split(url.trim()).map_or("", |(_, _, tail)| tail);
    path.split('?').next().unwrap_or("").trim_end_matches('/')
}

fn pairs(fields: &[(&str, &str)]) -> String {
    let encoded: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)))
        .collect();
    encoded.join("&")
}

/// Seconds since 1970 of an IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn unix_of_http_date(date: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, rest) = date.split_once(", ")?;
    let mut words = rest.split(' ');
    let day: i64 = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|month| *month == name)? as i64 + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    // Days since 1970 in the proleptic Gregorian calendar, years beginning in March.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era_day = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + era_day - 719_468;
    u64::try_from(days * 86_400 + hour * 3_600 + minute * 60 + second).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Response {
            status: 200,
            headers,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_base_with_and_without_a_slash_gives_the_same_address() {
        for base in [
            "https://x.example/api",
            "https://x.example/api/",
            " https://x.example/api// ",
        ] {
            assert_eq!(
                address(base, "/Users", &[("search", "a b")]),
                "https://x.example/api/Users?search=a%20b"
            );
        }
    }

    #[test]
    fn an_address_splits_into_scheme_authority_and_path() {
        assert_eq!(split("https://h:8/a?b#c"), Some((true, "h:8", "/a?b")));
        assert_eq!(split("HTTP://h"), Some((false, "h", "/")));
        assert_eq!(split("h/a"), None);
        assert_eq!(split("https:///a"), None);
        assert_eq!((path_of("https://h/"), path_of("https://h/api/")), ("", "/api"));
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        assert_eq!(answer(&[("retry-after", "7")], "").retry_after_ms(0), Some(7_000));
        let date = answer(&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], "");
        assert_eq!(date.retry_after_ms(784_111_770), Some(7_000));
        assert_eq!(
            date.retry_after_ms(784_111_999),
            Some(0),
            "a date gone by means now"
        );
        assert_eq!(answer(&[("retry-after", "soon")], "").retry_after_ms(0), None);
        assert_eq!(answer(&[], "").retry_after_ms(0), None);
    }

    #[test]
    fn leap_days_count_in_dates() {
        assert_eq!(
            unix_of_http_date("Thu, 29 Feb 2024 00:00:00 GMT"),
            Some(1_709_164_800)
        );
        assert_eq!(unix_of_http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
    }

    #[test]
    fn a_login_page_is_told_from_json_and_its_title_is_read() {
        let page = answer(
            &[("content-type", "text/html; charset=utf-8")],
            "<html><TITLE>Sign\nin</title>",
        );
        assert!(page.is_web_page());
        assert_eq!(page.page_title().as_deref(), Some("Sign in"));
        assert!(answer(&[], "  <!doctype html>").is_web_page());
        assert!(!answer(&[], "{\"a\":\"<\"}").is_web_page());
    }
}
