//! Rules that go wrong: told with their place, and never more is lost than what came after.

use helpbell_model::rules::{Diagnostic, Severity, Value};
use helpbell_rules_tests::{
    Given,
    engine::{check, run, wait},
};
use std::collections::BTreeSet;

fn diagnostics(source: &str) -> Vec<Diagnostic> {
    wait(check(source, &Given::usual())).diagnostics
}

/// The one error of rules that cannot be read.
fn error(source: &str) -> Diagnostic {
    let mut errors: Vec<_> = diagnostics(source)
        .into_iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .collect();
    assert_eq!(errors.len(), 1, "{source}: {errors:#?}");
    let error = errors.remove(0);
    let message = &error.message;
    assert!(
        message.chars().next().is_some_and(|first| !first.is_uppercase())
            || message.ends_with('.')
            || message.contains(' '),
        "no plain sentence: {message}"
    );
    assert!(
        !message.contains("Traceback") && !message.contains('\n'),
        "{message}"
    );
    error
}

/// Kind and line of the failure.
fn failure(source: &str) -> (String, Option<u32>) {
    let outcome = wait(run(source, &Given::usual()));
    let failure = outcome.failure.unwrap_or_else(|| panic!("no failure: {source}"));
    (failure.kind, failure.line)
}

#[test]
fn what_cannot_be_read_is_refused_with_line_and_column() {
    for (source, line, column) in [
        ("team = 'Print'\nsubject = 'never ends\n", 2, 11),
        ("x = 1\nif priority == 'Low'\n    x = 2\n", 2, 21),
        ("if True:\nx = 1\n", 2, 1),
        ("x = (1 +\n", 2, 1),
        ("x = 1 +\n", 1, 8),
        ("x = = 1\n", 1, 5),
        ("für = 'x' 'y' z\n", 1, 15),
    ] {
        let error = error(source);
        assert_eq!(error.code, "syntax", "{source}");
        assert_eq!((error.line, error.column), (line, column), "{source}: {error:?}");
    }
}

#[test]
fn rules_that_cannot_be_read_still_give_an_outcome() {
    let outcome = wait(run("team = 'Print'\nif x\n    y = 1\n", &Given::usual()));
    assert_eq!(outcome.changes, [], "nothing was run");
    let failure = outcome.failure.unwrap();
    assert_eq!((failure.kind.as_str(), failure.line), ("SyntaxError", Some(2)));
}

#[test]
fn a_module_that_is_not_there_is_refused_before_it_runs() {
    for (source, name, line, column) in [
        ("import re\nimport requests\n", "requests", 2, 8),
        ("if 'x' in msg:\n    from os import path\n", "os", 2, 10),
        ("import re, socket\n", "socket", 1, 12),
        ("import subprocess as s\n", "subprocess", 1, 8),
    ] {
        let error = error(source);
        assert_eq!(error.code, "module", "{source}");
        assert_eq!((error.line, error.column), (line, column), "{source}: {error:?}");
        assert!(error.message.contains(name), "{error:?}");
    }
}

#[test]
fn the_modules_of_the_guide_are_there_and_no_others() {
    let page = helpbell_rules_tests::page::text();
    let modules = helpbell_rules_tests::page::part(&page, "modules");
    let told: BTreeSet<&str> = modules.split('`').skip(1).step_by(2).collect();
    for name in &told {
        let source = format!("import {name}\n");
        assert_eq!(diagnostics(&source), [], "{name}");
        assert_eq!(wait(run(&source, &Given::usual())).failure, None, "{name}");
    }
    let help = error("import requests\n").help.unwrap();
    let offered: BTreeSet<&str> = help.strip_prefix("there are: ").unwrap().split(", ").collect();
    assert_eq!(told, offered, "told by the page, offered by the engine");
}

#[test]
fn an_error_names_its_kind_and_line() {
    let told = |kind: &str, line| (kind.to_owned(), Some(line));
    assert_eq!(failure("x = 1\ny = x / 0\n"), told("ZeroDivisionError", 2));
    assert_eq!(failure("\n\npriority = hihg\n"), told("NameError", 3));
    assert_eq!(failure("priority = priority - 1\n"), told("TypeError", 1));
    assert_eq!(failure("x = [1]\n\nx = x[5]\n"), told("IndexError", 3));
    assert_eq!(failure("raise ValueError('x')\n"), told("ValueError", 1));
}

#[test]
fn an_error_in_a_function_names_the_line_in_the_function() {
    let source = "def share(text):\n    return 1 / len(text)\n\nteam = 'Print'\nx = share('')\n";
    assert_eq!(failure(source), ("ZeroDivisionError".to_owned(), Some(2)));
}

#[test]
fn an_error_in_the_library_names_the_line_of_the_rules() {
    assert_eq!(
        failure("import json\n\ndata = json.loads('{')\n"),
        ("JSONDecodeError".to_owned(), Some(3))
    );
    assert_eq!(
        failure("import datetime\n\nx = datetime.date(2026, 2, 29)\n"),
        ("ValueError".to_owned(), Some(3))
    );
}

#[test]
fn what_was_assigned_before_an_error_is_kept() {
    let outcome = wait(run(
        "team = 'Print'\nx = 1 / 0\nteam = 'Mail'\nagent = 'Ann'\n",
        &Given::usual(),
    ));
    assert_eq!(
        outcome.last_change("team").unwrap().value,
        Value::Text("Print".into())
    );
    assert_eq!(outcome.changes.len(), 1);
    assert_eq!(outcome.failure.unwrap().line, Some(2));
}

#[test]
fn rules_may_end_themselves_and_that_is_no_failure() {
    let outcome = wait(run(
        "team = 'Print'\nraise SystemExit\nteam = 'Mail'\n",
        &Given::usual(),
    ));
    assert_eq!(outcome.failure, None);
    assert_eq!(
        outcome.last_change("team").unwrap().value,
        Value::Text("Print".into())
    );
}

/// Code, line and column.
fn places(source: &str) -> Vec<(String, u32, u32)> {
    diagnostics(source)
        .into_iter()
        .map(|diagnostic| (diagnostic.code, diagnostic.line, diagnostic.column))
        .collect()
}

fn place(code: &str, line: u32, column: u32) -> (String, u32, u32) {
    (code.to_owned(), line, column)
}

#[test]
fn a_division_by_the_length_of_the_message_is_warned_of() {
    let source = "share = sum(1 for c in msg if c.isupper()) / len(msg)\n";
    let found = places(source);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0.as_str(), found[0].1), ("len-division", 1));
    assert_eq!(
        places("share = len(message) / 2\nif msg:\n    x = 2 / len('abc')\n"),
        []
    );
}

#[test]
fn arithmetic_on_the_name_of_a_priority_is_warned_of() {
    let found = places("priority = priority - 1\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0.as_str(), found[0].1), ("priority-arithmetic", 1));
    // A number is one to count with.
    let given = Given::usual().with("priority", "2");
    assert_eq!(wait(check("priority = priority - 1\n", &given)).diagnostics, []);
}

#[test]
fn a_name_that_nothing_defines_is_warned_of_once() {
    let source =
        "if businessName == 'Acme':\n    team = 'Print'\nif businessName == 'Bianchi':\n    team = 'Mail'\n";
    assert_eq!(places(source), [place("undefined-name", 1, 4)]);
    // What binds a name in Python does.
    let source = "import re as r\nfrom json import dumps\ndef f(a, *b, c=1, **d):\n    return a, b, c, d\nclass K: pass\n\
                  for n in range(3): m = n\nlist(map(lambda q: q, [p for p in msg]))\nwith open('x') as w: print(w)\n\
                  try: f(r, dumps, K, m)\nexcept ValueError as error: print(error)\nif (z := 1) > 0: print(z)\n\
                  match msg:\n    case [head, *rest]: print(head, rest)\n    case {'a': it, **other}: print(it, other)\n";
    assert_eq!(places(source), []);
    // Nobody can tell what this binds.
    assert_eq!(places("from math import *\nx = floor(2.5)\n"), []);
}

#[test]
fn harmless_rules_are_told_nothing_about() {
    let source = "import textwrap\nif 'PRINTER' in msg and priority == 'Low':\n    team = 'Print'\nsubject = textwrap.wrap(subject, 50)[0]\nhelper = None\nif helper is None: pass\n";
    assert_eq!(places(source), []);
}

#[test]
fn places_are_told_in_characters() {
    assert_eq!(places("x = '😀é'; hostname = 'x'\n"), [place("read-only", 1, 11)]);
}
