use super::*;
use crate::rules::{offered, variables};
use helpbell_model::{rules::Severity, ticket::Access};
use proptest::prelude::*;

fn psa_variable(name: &str, kind: &str, choices: &[&str]) -> ticket::Variable {
    ticket::Variable {
        name: name.into(),
        access: Access::ReadWrite,
        kind: kind.into(),
        meaning: String::new(),
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
        live: false,
    }
}

fn psa() -> Vec<ticket::Variable> {
    vec![
        psa_variable("priority", "text", &[]),
        psa_variable("impact", "integer", &[]),
        psa_variable("tags", "list", &[]),
        psa_variable("_novalidate", "text", &["true", "false"]),
    ]
}

fn change(name: &str, value: Value) -> Change {
    let shown = match &value {
        Value::Text(text) => format!("'{text}'"),
        other => format!("{other:?}"),
    };
    Change {
        name: name.into(),
        value,
        shown,
        line: 3,
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

const CIRCUMSTANCES: Circumstances = Circumstances {
    clock_ms: 1,
    offset_minutes: 60,
    seed: 7,
};

/// What comes of these changes to a press about a printer, where impact is 3 by default.
fn ruled(changes: Vec<Change>) -> Ruling {
    let submission =
        crate::Submission::new(crate::submission::tests::press("printer"), vec![], vec![]).unwrap();
    let defaults = [("impact".to_owned(), "3".to_owned())];
    let start = variables(&submission, None, "printer", &psa(), &defaults);
    let outcome = Outcome {
        changes,
        ..Outcome::default()
    };
    Ruling::of(Digests::default(), CIRCUMSTANCES, &start, &psa(), outcome)
}

fn orders(changes: Vec<Change>) -> Orders {
    let ruling = ruled(changes);
    assert_eq!(ruling.corrections, [], "nothing to correct");
    ruling.orders
}

fn assigned(pairs: &[(&str, &str)]) -> Orders {
    let pairs = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Orders {
        assigned: pairs.collect(),
        ..Orders::default()
    }
}

#[test]
fn what_rules_leave_or_put_back_is_no_order() {
    assert_eq!(orders(vec![]), Orders::default());
    let there_and_back = vec![
        change("msg", text("x")),
        change("msg", text("printer")),
        change("impact", Value::Integer(1)),
        change("impact", text("3")),
        change("append", text("")),
    ];
    assert_eq!(orders(there_and_back), Orders::default());
}

#[test]
fn the_last_value_of_each_variable_counts() {
    let changes = vec![
        change("priority", text("Low")),
        change("msg", text("ruled")),
        change("subject", text(" two \n lines ")),
        change("append", text("below")),
        change("priv_append", Value::Integer(5)),
        change("priority", text("High")),
        change("impact", Value::Decimal(1.0)),
    ];
    let expected = Orders {
        refused: None,
        subject: Some("two lines".into()),
        message: Some("ruled".into()),
        append: Some("below".into()),
        private_append: Some("5".into()),
        ..assigned(&[("priority", "High"), ("impact", "1")])
    };
    assert_eq!(orders(changes), expected);
}

#[test]
fn lists_and_truths_go_where_the_psa_takes_them() {
    let changes = vec![
        change("tags", Value::Texts(vec!["a".into(), "b".into()])),
        change("_novalidate", Value::Truth(true)),
        change("priority", text("")),
    ];
    assert_eq!(
        orders(changes),
        assigned(&[("tags", "a\nb"), ("_novalidate", "true")])
    );
    let emptied = vec![change("impact", text(""))];
    assert_eq!(
        orders(emptied),
        assigned(&[("impact", "")]),
        "a default can be taken away"
    );
}

#[test]
fn values_that_make_no_sense_leave_what_was_and_are_told() {
    for (name, before) in [
        ("priority", ""),
        ("impact", "3"),
        ("msg", "printer"),
        ("subject", "printer"),
    ] {
        for value in [
            Value::None,
            Value::Truth(true),
            Value::Decimal(f64::NAN),
            Value::Texts(vec!["a".into()]),
        ] {
            let ruling = ruled(vec![change(name, value.clone())]);
            assert_eq!(ruling.orders, Orders::default(), "{name} = {value:?}");
            let [correction] = ruling.corrections.as_slice() else {
                panic!("{name} = {value:?}: {:?}", ruling.corrections);
            };
            assert_eq!(
                (correction.field.as_str(), correction.used.as_deref()),
                (name, Some(before))
            );
            assert!(correction.reason.starts_with("line 3 made it "), "{correction:?}");
        }
    }
    let untitled = ruled(vec![change("subject", text(" \u{200e} "))]);
    assert_eq!(untitled.orders.subject, None);
    assert_eq!(untitled.corrections[0].reason, "a ticket needs a title");
}

#[test]
fn anything_but_nothing_in_exception_refuses() {
    let refused = |value| orders(vec![change("exception", value)]).refused;
    assert_eq!(refused(text("")), None);
    assert_eq!(refused(Value::None), None);
    assert_eq!(refused(text("Call us.")).as_deref(), Some("Call us."));
    assert_eq!(refused(Value::Truth(false)).as_deref(), Some("Truth(false)"));
    assert_eq!(
        refused(text("\u{1b}")).as_deref(),
        Some("A rule refused this press without saying why.")
    );
    let taken_back = vec![change("exception", text("no")), change("exception", text(""))];
    assert_eq!(orders(taken_back), Orders::default());
}

#[test]
fn a_variable_that_only_the_defaults_name_can_be_assigned_and_one_to_read_cannot() {
    let start = offered(&psa(), &[("customfield_7".to_owned(), "x".to_owned())]);
    let outcome = Outcome {
        changes: vec![change("customfield_7", text("y")), change("hostname", text("z"))],
        ..Outcome::default()
    };
    let ruling = Ruling::of(Digests::default(), CIRCUMSTANCES, &start, &psa(), outcome);
    assert_eq!(ruling.orders, assigned(&[("customfield_7", "y")]));
}

#[test]
fn of_many_changes_the_last_of_each_variable_and_the_first_ones_are_kept() {
    let mut changes = vec![change("priority", text("High"))];
    changes.extend((0..900).map(|step| change("append", text(&step.to_string()))));
    let ruling = ruled(changes);
    assert_eq!(
        (ruling.changes.len(), ruling.changes_left_out),
        (CHANGES, 901 - CHANGES)
    );
    assert_eq!(ruling.changes[0].name, "priority");
    assert_eq!(ruling.changes[1].shown, "'0'");
    assert_eq!(ruling.changes.last().unwrap().shown, "'899'");
}

#[test]
fn a_failure_is_told_with_its_line_and_what_was_set_before_counts() {
    let outcome = Outcome {
        changes: vec![change("priority", text("High"))],
        failure: Some(Broke {
            kind: "NameError".into(),
            message: "name 'x' is not defined".into(),
            line: Some(4),
        }),
        ..Outcome::default()
    };
    let start = offered(&psa(), &[]);
    let ruling = Ruling::of(Digests::default(), CIRCUMSTANCES, &start, &psa(), outcome);
    assert_eq!(ruling.orders, assigned(&[("priority", "High")]));
    let problem = ruling.problem().unwrap();
    assert!(problem.message.contains("line 4: NameError"), "{problem}");
    assert_eq!(Ruling::default().problem(), None);
}

/// The worst that an engine can hand over: everything as long as the sandbox lets it be.
fn worst() -> Outcome {
    let long = |chars: usize| "🆘".repeat(chars);
    let names = [
        "msg",
        "subject",
        "append",
        "priv_append",
        "exception",
        "priority",
        "impact",
    ];
    // Only the last ones count; a thousand that are as long are too many for a test.
    let chars = |index: usize| if index < 990 { 1_000 } else { 100_000 };
    let changes = names.iter().cycle().take(1_000).enumerate();
    Outcome {
        changes: changes
            .map(|(index, name)| Change {
                shown: long(1_000),
                ..change(name, text(&long(chars(index))))
            })
            .collect(),
        created: vec![
            Created {
                name: long(300),
                shown: long(2_000),
                line: 1
            };
            1_000
        ],
        rules: vec![
            Rule {
                line: u32::MAX,
                end_line: u32::MAX,
                kind: "assignment".into(),
                fired: true
            };
            1_000
        ],
        output: long(20_000),
        diagnostics: vec![
            Diagnostic {
                severity: Severity::Warning,
                code: long(300),
                line: 1,
                column: 1,
                message: long(2_000),
                help: Some(long(2_000)),
                replacement: None
            };
            1_000
        ],
        failure: Some(Broke {
            kind: long(300),
            message: long(2_000),
            line: Some(1),
        }),
    }
}

#[test]
fn whatever_rules_do_a_ruling_is_of_bounded_size() {
    /// A long message and some hundred short texts, all in the widest characters; in a plain script a quarter of it.
    const MOST_BYTES: usize = 3 << 19;
    let start = offered(&psa(), &[]);
    let ruling = Ruling::of(Digests::default(), CIRCUMSTANCES, &start, &psa(), worst());
    let bytes = serde_json::to_vec(&ruling).unwrap().len();
    assert!(bytes < MOST_BYTES, "{bytes} bytes");
}

#[test]
fn a_ruling_comes_back_out_of_a_journal_as_it_was_and_an_older_journal_is_read() {
    let ruling = ruled(vec![change("priority", text("High")), change("msg", text("x"))]);
    let event = crate::journal::Event::Ruled(Box::new(ruling));
    let text = serde_json::to_string(&event).unwrap();
    assert!(
        text.starts_with("{\"event\":\"ruled\","),
        "the store looks for it by that: {text}"
    );
    assert_eq!(
        serde_json::from_str::<crate::journal::Event>(&text).unwrap(),
        event
    );
    let older =
        r#"{"event":"equipped","connector":"halo","version":"1","sha256":"a","settings":[],"defaults":[]}"#;
    let read: crate::journal::Event = serde_json::from_str(older).unwrap();
    assert!(matches!(read, crate::journal::Event::Equipped(with) if with.rules.is_none()));
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::None),
        any::<bool>().prop_map(Value::Truth),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Decimal),
        ".{0,20}".prop_map(Value::Text),
        proptest::collection::vec(".{0,5}", 0..3).prop_map(Value::Texts),
    ]
}

proptest! {
    /// Every variable that differs in the end is ordered or corrected, never both, and none that does not.
    #[test]
    fn every_change_is_ordered_or_corrected(
        changes in proptest::collection::vec((proptest::sample::select(vec!["priority", "impact", "append"]), values()), 0..8),
    ) {
        let changes: Vec<Change> = changes.into_iter().map(|(name, value)| change(name, value)).collect();
        let ruling = ruled(changes.clone());
        for name in ["priority", "impact", "append"] {
            let ordered = match name {
                "append" => ruling.orders.append.is_some(),
                _ => ruling.orders.assigned.iter().any(|(field, _)| field == name),
            };
            let corrected = ruling.corrections.iter().any(|correction| correction.field == name);
            let before = if name == "impact" { "3" } else { "" };
            let last = changes.iter().rev().find(|change| change.name == name);
            let differs = last.is_some_and(|change| change.value.as_field().as_deref() != Some(before));
            prop_assert!(!(ordered && corrected));
            prop_assert_eq!(ordered || corrected, differs, "{}: {:?}", name, last);
        }
    }
}
