//! Each misconfiguration that the setup guide warns of, or allows, and what `helpbell doctor` and `helpbell press` say
//! of it: the table in `docs/halo-misconfigurations.md`.
//!
//! Every row is made for real: a local Halo that is set up so, a computer where `helpbell init` was told so, the program.
//! What it says is compared with the committed page, and beyond that holds for every row:
//!
//! - nobody says "unexpected";
//! - a press that has no ticket or no note says why, with a code and a help sentence;
//! - whatever harms a press, the doctor names it, with the step that cures it;
//! - each finding leads to a paragraph of `docs/halo.md` that exists.

mod application;
mod defaults;
mod key;
mod notes;
mod outcome;
mod page;
mod row;
mod servers;
mod settings;
mod webhook;

use futures::StreamExt as _;
use outcome::Outcome;
use row::Row;
use std::collections::BTreeSet;

/// Rows made at the same time. Each starts programs, which need a processor each.
const AT_ONCE: usize = 4;

/// All rows in the order of the guide.
fn rows() -> Vec<Row> {
    let parts = [
        notes::unregistered(),
        servers::rows(),
        application::rows(),
        key::rows(),
        settings::rows(),
        defaults::rows(),
        notes::rows(),
        webhook::rows(),
    ];
    parts.into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn misconfigurations_are_named_by_the_doctor_and_by_the_press_as_the_page_says() {
    let healthy = Row::new("", "").made().await;
    assert!(!healthy.is_harmed(), "{healthy:#?}");
    let rows = rows();
    let names: BTreeSet<&str> = rows.iter().map(|row| row.wrong).collect();
    assert_eq!(names.len(), rows.len(), "each row has a name of its own");

    let making = rows.iter().map(|row| {
        let healthy = &healthy;
        async move { (row, row.made().await.beyond(healthy)) }
    });
    let made: Vec<(&Row, Outcome)> = futures::stream::iter(making).buffered(AT_ONCE).collect().await;
    let wrong: Vec<String> = made
        .iter()
        .flat_map(|(row, outcome)| {
            let complaints = outcome.complaints(row.harmless);
            complaints
                .into_iter()
                .map(|what| format!("{}: {what}", row.wrong))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    page::compare(&made);
}

mod controls {
    use super::{Outcome, Row};
    use serde_json::json;

    /// What is complained of when the doctor finds nothing and the press fails with this.
    fn complaints(failure: serde_json::Value) -> Vec<String> {
        let press = json!({"outcome": "kept", "failure": failure});
        Outcome::of(&json!({"findings": []}), &press).complaints(false)
    }

    fn delivered() -> serde_json::Value {
        json!({"outcome": "delivered", "note": {"confirmed": true}, "contact": {"matched_by": "email"}, "device": {}})
    }

    #[test]
    fn a_press_that_fails_without_code_or_help_or_doctor_is_complained_of() {
        let whole = json!({"code": "x.y", "message": "it broke", "help": "mend it"});
        let unnamed = "the doctor does not name what harms the press";
        assert_eq!(complaints(whole.clone()), [unnamed]);
        for lacking in ["code", "help"] {
            let mut failure = whole.clone();
            failure.as_object_mut().unwrap().remove(lacking);
            assert!(complaints(failure).len() > 1, "{lacking}");
        }
        let mut unexpected = whole;
        unexpected["message"] = json!("an Unexpected error");
        assert!(
            complaints(unexpected)
                .iter()
                .any(|what| what.contains("unexpected"))
        );
    }

    #[test]
    fn a_finding_without_cure_or_with_a_paragraph_that_is_nowhere_is_complained_of() {
        let press = delivered();
        let of = |finding: serde_json::Value| {
            Outcome::of(&json!({"findings": [finding]}), &press).complaints(false)
        };
        let good = json!({"check": "clock", "severity": "warning", "summary": "late", "cure": ["set it"],
            "guide": "docs/halo.md#clock"});
        assert_eq!(of(good.clone()), Vec::<String>::new());
        let mut nowhere = good.clone();
        nowhere["guide"] = json!("docs/halo.md#nowhere");
        let mut uncured = good;
        uncured["cure"] = json!([]);
        for finding in [nowhere, uncured] {
            assert_eq!(of(finding.clone()).len(), 1, "{finding}");
        }
    }

    #[test]
    fn a_row_that_shows_nothing_is_complained_of_unless_it_is_said_to_be_harmless() {
        let press = delivered();
        let nothing = Outcome::of(&json!({"findings": []}), &press);
        assert_eq!(nothing.complaints(true), Vec::<String>::new());
        assert_eq!(nothing.complaints(false).len(), 1);
        assert!(Row::new("x", "").harmless().harmless);
    }
}
