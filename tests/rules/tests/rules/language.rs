//! The same rules in the engine and in CPython.

use helpbell_model::rules::{Broke, Outcome, Value};
use helpbell_rules_tests::{
    Given, cases,
    compare::{About, Difference, Ended, differences},
    cpython::{self, CPython},
    engine::{call, run, wait},
    page,
    programs::program,
};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::{cell::RefCell, collections::BTreeSet};

/// Fewer cases than this are not what the suite promises.
const CASES: usize = 150;
/// The key under which a case may word its failure otherwise, whatever version of CPython is there.
const WORDING: &str = "wording";

/// Random programs of a test run.
const PROGRAMS: u32 = 300;
/// Attempts to make one smaller that shows a difference.
const SHRINKS: u32 = 3_000;

fn listed(differences: &[Difference]) -> String {
    let lines = differences.iter().map(|difference| format!("    {difference}\n"));
    lines.collect()
}

/// How the engine ends it. One that has to be stopped from outside ends like no Python.
fn ended(source: &str, given: &Given) -> Ended {
    let outcome = wait(call(source, given)).unwrap_or_else(|stopped| Outcome {
        failure: Some(Broke {
            kind: stopped.code,
            message: stopped.message,
            line: None,
        }),
        ..Outcome::default()
    });
    Ended::of(&outcome, given)
}

#[test]
fn every_case_ends_as_in_cpython_unless_the_guide_says_why_not() {
    let cases = cases::all();
    assert!(cases.len() >= CASES, "only {} cases", cases.len());
    let inputs: Vec<_> = cases.iter().map(|case| case.given.input(&case.source)).collect();
    let ends = cpython::run(&inputs);
    let told = page::differences(&page::text());
    let mut wrong = vec![];
    let mut used = BTreeSet::new();
    for (case, expected) in cases.iter().zip(&ends) {
        let seen = ended(&case.source, &case.given);
        let found = differences(expected, &seen);
        match case.differs.as_deref() {
            None if !found.is_empty() => wrong.push(format!("{}\n{}", case.name, listed(&found))),
            Some(key) if !told.contains(key) => {
                wrong.push(format!("{}: the page has no difference {key}\n", case.name));
            }
            // Words change with CPython's versions: they may be the same today.
            Some(WORDING) if found.iter().any(|one| one.about != About::Wording) => {
                wrong.push(format!("{}\n{}", case.name, listed(&found)));
            }
            Some(key) if key != WORDING && found.is_empty() => {
                wrong.push(format!("{}: ends as in CPython, without {key}\n", case.name));
            }
            _ => {}
        }
        used.extend(case.differs.clone());
    }
    let unused: Vec<&String> = told.difference(&used).collect();
    assert!(
        wrong.is_empty() && unused.is_empty(),
        "{} of {} cases are wrong:\n{}differences that no case shows: {unused:?}",
        wrong.len(),
        cases.len(),
        wrong.concat()
    );
}

#[test]
fn a_wrong_expectation_is_seen_as_a_difference() {
    let given = Given::usual();
    let source = "team = 'Print'\ncount = 3\n";
    let expected = &cpython::run(&[given.input(source)])[0];
    let outcome = wait(run(source, &given));
    assert_eq!(
        differences(expected, &Ended::of(&outcome, &given)),
        [],
        "the control's control"
    );
    for (wrong, about) in [
        ("team = 'Mail'\ncount = 3\n", "team"),
        ("team = 'Print'\ncount = 4\n", "count"),
    ] {
        let other = &cpython::run(&[given.input(wrong)])[0];
        let found = differences(other, &Ended::of(&outcome, &given));
        let found: Vec<About> = found.into_iter().map(|difference| difference.about).collect();
        assert_eq!(found, [About::Variable(about.to_owned())]);
    }
}

#[test]
fn random_rules_end_as_in_cpython() {
    let config = Config {
        cases: PROGRAMS,
        max_shrink_iters: SHRINKS,
        failure_persistence: None,
        ..Config::default()
    };
    let given = Given::usual();
    let cpython = RefCell::new(CPython::start());
    let result = TestRunner::new(config).run(&program(), |source| {
        let expected = &cpython.borrow_mut().run(&[given.input(&source)])[0];
        // A grammar that makes no rules would prove nothing.
        let readable = expected
            .failure
            .as_ref()
            .is_none_or(|failure| failure.kind != "SyntaxError");
        assert!(readable, "{source}");
        let found: Vec<Difference> = differences(expected, &ended(&source, &given))
            .into_iter()
            .filter(|difference| difference.about != About::Wording)
            .collect();
        if found.is_empty() {
            Ok(())
        } else {
            Err(TestCaseError::fail(format!("{}{source}", listed(&found))))
        }
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn a_number_that_no_field_holds_leaves_as_its_text() {
    let given = Given::usual();
    let outcome = wait(run("priority = 2 ** 63\nteam = 2 ** 63 - 1\n", &given));
    let value = |name: &str| outcome.last_change(name).unwrap().value.clone();
    assert_eq!(value("priority"), Value::Text("9223372036854775808".into()));
    assert_eq!(value("team"), Value::Integer(i64::MAX));
}
