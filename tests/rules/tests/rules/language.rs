//! The same rules in the engine and in CPython.

use helpbell_model::rules::Value;
use helpbell_rules_tests::{
    Given, cases,
    compare::{About, Difference, Ended, differences},
    cpython,
    engine::{run, wait},
    page,
    programs::program,
};
use proptest::{
    collection::vec,
    test_runner::{Config, TestCaseError, TestRunner},
};
use std::collections::BTreeSet;

/// Fewer cases than this are not what the suite promises.
const CASES: usize = 150;
/// The key under which a case may word its failure otherwise, whatever version of CPython is there.
const WORDING: &str = "wording";

/// Random programs that one process of CPython runs.
const BATCH: usize = 40;
/// Batches of a test run.
const BATCHES: u32 = 6;
/// Attempts to make a batch smaller that shows a difference.
const SHRINKS: u32 = 300;

fn listed(differences: &[Difference]) -> String {
    let lines = differences.iter().map(|difference| format!("    {difference}\n"));
    lines.collect()
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
        let seen = Ended::of(&wait(run(&case.source, &case.given)), &case.given);
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
        cases: BATCHES,
        max_shrink_iters: SHRINKS,
        failure_persistence: None,
        ..Config::default()
    };
    let given = Given::usual();
    let result = TestRunner::new(config).run(&vec(program(), 1..=BATCH), |programs| {
        let inputs: Vec<_> = programs.iter().map(|source| given.input(source)).collect();
        for (source, expected) in programs.iter().zip(cpython::run(&inputs)) {
            // A grammar that makes no rules would prove nothing.
            let unreadable = expected
                .failure
                .as_ref()
                .is_some_and(|failure| failure.kind == "SyntaxError");
            assert!(!unreadable, "{source}");
            let seen = Ended::of(&wait(run(source, &given)), &given);
            let found: Vec<Difference> = differences(&expected, &seen)
                .into_iter()
                .filter(|difference| difference.about != About::Wording)
                .collect();
            if !found.is_empty() {
                return Err(TestCaseError::fail(format!("{}{source}", listed(&found))));
            }
        }
        Ok(())
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
