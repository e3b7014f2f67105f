//! Which tickets changed. RT has no webhooks; it is asked for the tickets of its own user by `LastUpdated`.
//!
//! Three facts shape the question:
//!
//! * RT takes the dates of a search in the time zone of who asks, which it tells nobody, and does not understand any other.
//!   It does understand `-5 minutes`.
//! * `LastUpdated` counts whole seconds, and a change is seen only some seconds after it was stamped, when its transaction
//!   ends. So every question reaches back behind the cursor, and tickets are named again rather than missed.
//! * Tickets change while pages are read. Newest first, those that change meanwhile move to pages that were read, and
//!   are found by the next question; none moves to where it is skipped.

use helpbell_connector::http::Request;
use helpbell_connector::json::{self, Value};
use helpbell_connector::time::unix_of_utc;
use helpbell_connector::{Call, Changes, Failure};

use crate::rest::{self, PAGE, REST};

/// Seconds before the cursor that are asked for again: a change whose request took longer would be missed. The
/// largest note that this connector writes took RT 3 s.
const REACH_BACK_S: u64 = 60;

/// Seconds in the unit of the question.
const MINUTE_S: u64 = 60;

/// Pages read in one call: with 100 tickets on each, well below what a host takes of one answer.
const PAGES: u64 = 5;

/// Where the next question goes on.
struct Cursor {
    /// The server's time, in seconds since 1970, from which on changes are not known.
    since: u64,
    /// The page to read next, and the server's time when the first one was asked for; only while there is more.
    rest: Option<(u64, u64)>,
}

impl Cursor {
    /// `1794598577`, or with the rest of a long list `1794598577:6:1794598700`.
    fn read(text: &str) -> Option<Self> {
        let numbers: Option<Vec<u64>> = text.split(':').map(|number| number.parse().ok()).collect();
        match numbers?.as_slice() {
            [since] => Some(Self {
                since: *since,
                rest: None,
            }),
            [since, page, began] => Some(Self {
                since: *since,
                rest: Some((*page, *began)),
            }),
            _ => None,
        }
    }
}

pub(crate) fn since(call: &Call<'_>, cursor: Option<&str>) -> Result<Changes, Failure> {
    let desk = rest::desk(call)?;
    let doing = "asking for changes";
    let answer = desk.exchange(doing, Request::get(desk.address(&format!("{REST}/rt"), &[])));
    let (answer, _) = answer.map_err(|failure| rest::with_right(failure, doing))?;
    let now = answer
        .date_unix()
        .ok_or_else(|| desk.unreadable("it has no Date header"))?;
    let mut changes = Changes {
        ticket_ids: Vec::new(),
        cursor: now.to_string(),
        more: false,
    };
    let Some(cursor) = cursor else {
        return Ok(changes);
    };
    let cursor = Cursor::read(cursor).ok_or_else(|| {
        Failure::invalid_input("request-tracker.cursor", "the cursor is none of this connector's")
    })?;
    let (first, began) = cursor.rest.unwrap_or((1, now));
    changes.cursor = began.to_string();
    let from = cursor.since.saturating_sub(REACH_BACK_S);
    // Rounded up, and one more for the seconds until RT reads the question; what is too old is left out below.
    let minutes = now.saturating_sub(from) / MINUTE_S + 2;
    let query = format!("Creator = '__CurrentUser__' AND LastUpdated >= '-{minutes} minutes'");
    let after = first.saturating_add(PAGES);
    for page in first..after {
        let number = page.to_string();
        let query = [
            ("query", query.as_str()),
            ("fields", "LastUpdated"),
            ("orderby", "LastUpdated"),
            ("order", "DESC"),
            ("page", &number),
        ];
        let items = rest::items(&desk, doing, "/tickets", &query)?;
        let changed = |ticket: &&Value| {
            let updated = json::text(ticket, "LastUpdated").and_then(|date| unix_of_utc(&date));
            // One whose date cannot be read may have changed.
            updated.is_none_or(|updated| updated >= from)
        };
        changes.ticket_ids.extend(
            items
                .iter()
                .filter(changed)
                .filter_map(|ticket| json::id(ticket, "id")),
        );
        if items.len().to_string() != PAGE {
            return Ok(changes);
        }
    }
    changes.cursor = format!("{}:{after}:{began}", cursor.since);
    changes.more = true;
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::SETTINGS;
    use helpbell_connector::testing::ScriptedHost;

    /// The `Date` header, and the same second in seconds since 1970.
    const NOW: (&str, u64) = ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777);

    fn rt() -> ScriptedHost {
        let host = ScriptedHost::new();
        host.answer_with(
            "GET",
            "/rt/REST/2.0/rt",
            200,
            &[("date", NOW.0)],
            r#"{"Version":"5.0.3"}"#,
        );
        host
    }

    #[test]
    fn without_a_cursor_it_begins_now_by_the_servers_clock() {
        let changes = since(&rt().call(&SETTINGS), None).unwrap();
        assert_eq!(
            (changes.cursor, changes.ticket_ids.len(), changes.more),
            (NOW.1.to_string(), 0, false)
        );
    }

    #[test]
    fn tickets_that_changed_shortly_before_the_cursor_are_named_again_and_older_ones_are_not() {
        let host = rt();
        host.answer(
            "GET",
            "/rt/REST/2.0/tickets",
            200,
            r#"{"items":[{"id":"4","LastUpdated":"1994-11-06T08:49:37Z"},{"id":5,"LastUpdated":"1994-11-06T08:48:30Z"},
                {"id":"6","LastUpdated":"1994-11-06T08:48:29Z"},{"id":"7"}]}"#,
        );
        let cursor = (NOW.1 - 7).to_string();
        let changes = since(&host.call(&SETTINGS), Some(&cursor)).unwrap();
        assert_eq!(changes.ticket_ids, ["4", "5", "7"]);
        assert_eq!(changes.cursor, NOW.1.to_string());
        let asked = &host.requests()[1].query;
        assert!(
            asked.contains("-3%20minutes") && asked.contains("order=DESC"),
            "{asked}"
        );
    }

    #[test]
    fn a_long_list_goes_on_where_it_stopped_and_ends_at_the_time_it_began() {
        let host = rt();
        let page = |from: usize, count: usize| {
            let items: Vec<String> = (from..from + count)
                .map(|id| format!(r#"{{"id":"{id}","LastUpdated":"1994-11-06T08:49:37Z"}}"#))
                .collect();
            format!(r#"{{"items":[{}]}}"#, items.join(","))
        };
        for number in 0..6 {
            host.answer("GET", "/rt/REST/2.0/tickets", 200, &page(number * 100, 100));
        }
        host.answer("GET", "/rt/REST/2.0/tickets", 200, &page(600, 3));
        let first = since(&host.call(&SETTINGS), Some("784111770")).unwrap();
        assert_eq!((first.ticket_ids.len(), first.more), (500, true));
        assert_eq!(first.cursor, "784111770:6:784111777");
        host.forget_answers("GET", "/rt/REST/2.0/rt");
        let later = [("date", "Sun, 06 Nov 1994 08:59:37 GMT")];
        host.answer_with("GET", "/rt/REST/2.0/rt", 200, &later, r#"{"Version":"5.0.3"}"#);
        let rest = since(&host.call(&SETTINGS), Some(&first.cursor)).unwrap();
        assert_eq!((rest.ticket_ids.len(), rest.more), (103, false));
        assert_eq!(
            rest.cursor,
            NOW.1.to_string(),
            "what changed meanwhile is asked for next"
        );
        assert!(host.requests().last().unwrap().query.contains("page=7"));
    }

    #[test]
    fn a_cursor_of_somebody_elses_is_refused() {
        for cursor in ["", "x", "1:2", "1:2:3:4", "-1"] {
            let failure = since(&rt().call(&SETTINGS), Some(cursor)).unwrap_err();
            assert_eq!(failure.code, "request-tracker.cursor", "{cursor}");
        }
    }
}
