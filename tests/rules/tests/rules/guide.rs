//! The guide tells what is: its examples are run, its tables are made from the components.

use helpbell_delivery::rules::COMMON;
use helpbell_end_to_end::{built, compiled};
use helpbell_model::{
    rules::{Severity, Value},
    ticket::{Access, Variable},
};
use helpbell_rules_tests::{
    compare::Ended,
    engine::{check, run, wait},
    page::{self, Row},
};
use helpbell_sandbox::Sandbox;
use std::{collections::BTreeMap, fmt::Write as _};

/// Fewer examples than this are no cookbook.
const EXAMPLES: usize = 20;

/// The connectors with the names of their PSAs.
const CONNECTORS: [(&str, &str); 4] = [
    ("halo", "HaloPSA, HaloITSM"),
    ("request-tracker", "Request Tracker"),
    ("django-helpdesk", "django-helpdesk"),
    ("redmine", "Redmine"),
];

#[test]
fn every_example_does_what_stands_below_it() {
    let examples = page::examples(&page::text());
    assert!(
        examples.len() >= EXAMPLES,
        "only {} examples were found",
        examples.len()
    );
    let mut wrong = String::new();
    for example in &examples {
        let place = format!("docs/rules.md:{} {}", example.line, example.title);
        if example.rows.is_empty() {
            let _ = writeln!(wrong, "{place}: nothing is said of what it does");
        }
        for (index, row) in example.rows.iter().enumerate() {
            for line in unlike(&example.source, row) {
                let _ = writeln!(wrong, "{place}, row {}: {line}", index + 1);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn an_example_that_does_something_else_is_seen() {
    let [example] = &page::examples(
        "```python\nteam = 'Print'\ncount = 2\n```\n\n| given | then |\n|---|---|\n| | `team = \"Print\"`, `count = 2` |\n| | `team = \"Mail\"` |\n| | nothing changes |\n| | `team = \"Print\"`, `count = 3` |\n| | `team = \"Print\"`; stops in line 2: `KeyError` |\n| | `team = \"Print\"`; warns in line 2: `read-only` |\n\n",
    )[..] else {
        panic!("one example")
    };
    let unlike: Vec<bool> = example
        .rows
        .iter()
        .map(|row| !unlike(&example.source, row).is_empty())
        .collect();
    assert_eq!(unlike, [false, true, true, true, true, true]);
}

/// What is otherwise than a row says.
fn unlike(source: &str, row: &Row) -> Vec<String> {
    let examined = wait(check(source, &row.given));
    let outcome = wait(run(source, &row.given));
    let ended = Ended::of(&outcome, &row.given);
    let mut wrong = vec![];
    let changed: BTreeMap<&String, &Value> = ended
        .variables
        .iter()
        .filter(|(name, value)| row.given.value(name) != Some(value))
        .collect();
    let (host, made): (BTreeMap<_, _>, BTreeMap<_, _>) = row
        .then
        .values
        .iter()
        .partition(|(name, _)| row.given.value(name).is_some());
    if changed != host {
        wrong.push(format!("changed is {changed:?}, told is {host:?}"));
    }
    for (name, value) in made {
        let shown = ended.created.get(name);
        let told = match value {
            Value::Text(text) => format!("'{text}'"),
            Value::Decimal(number) => format!("{number:?}"),
            other => other.as_field().unwrap(),
        };
        if shown != Some(&told) {
            wrong.push(format!("{name} is {shown:?}, told is {told}"));
        }
    }
    let stopped = outcome
        .failure
        .as_ref()
        .map(|failure| (failure.line.unwrap_or(0), failure.kind.clone()));
    if stopped != row.then.stops {
        wrong.push(format!(
            "it stops at {:?}, told is {:?}",
            outcome.failure, row.then.stops
        ));
    }
    let noticed = examined
        .diagnostics
        .iter()
        .chain(&outcome.diagnostics)
        .filter(|diagnostic| diagnostic.severity >= Severity::Warning)
        .map(|diagnostic| (diagnostic.line, diagnostic.code.clone()))
        .collect();
    if row.then.notices != noticed {
        wrong.push(format!("noticed is {noticed:?}, told is {:?}", row.then.notices));
    }
    wrong
}

#[test]
fn the_page_shows_every_variable_of_every_psa() {
    let mut tables =
        String::from("### Common to all\n\n| variable | rules may | kind | meaning |\n|---|---|---|---|\n");
    for common in COMMON {
        let names: Vec<String> = [common.name]
            .iter()
            .chain(common.aliases)
            .map(|name| format!("`{name}`"))
            .collect();
        row(
            &mut tables,
            &names.join(", "),
            common.access,
            common.kind,
            common.meaning,
        );
    }
    for (connector, psa) in CONNECTORS {
        let _ = write!(
            tables,
            "\n### {psa} (`{connector}`)\n\n| variable | rules may | kind | meaning |\n|---|---|---|---|\n"
        );
        for variable in wait(variables(connector)) {
            let mut meaning = variable.meaning.clone();
            if !variable.choices.is_empty() {
                let choices: Vec<String> = variable
                    .choices
                    .iter()
                    .map(|choice| format!("`{choice}`"))
                    .collect();
                let _ = write!(meaning, " Always there: {}.", choices.join(", "));
            }
            row(
                &mut tables,
                &format!("`{}`", variable.name),
                variable.access,
                &variable.kind,
                &meaning,
            );
        }
    }
    page::assert_part("variables", &tables);
}

fn row(table: &mut String, names: &str, access: Access, kind: &str, meaning: &str) {
    let access = match access {
        Access::Read => "read",
        Access::ReadWrite => "read and assign",
    };
    let _ = writeln!(
        table,
        "| {names} | {access} | {kind} | {} |",
        meaning.replace('|', "\\|")
    );
}

async fn variables(connector: &str) -> Vec<Variable> {
    let file = built::connector(connector);
    let sandbox = Sandbox::new(Some(compiled::code_folder(&file))).unwrap();
    let connector = sandbox.load(&file).await.unwrap();
    connector.variables().await.result.unwrap()
}

#[test]
fn the_page_tells_what_its_examples_begin_with() {
    let given = helpbell_rules_tests::Given::example();
    let page = page::text();
    for name in ["name", "email", "msg", "priority", "ticketType", "state"] {
        let Some(Value::Text(text)) = given.value(name) else {
            panic!("{name} is no text")
        };
        assert!(page.contains(text.as_str()), "{name}: {text}");
    }
}
