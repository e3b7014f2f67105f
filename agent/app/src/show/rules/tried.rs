//! What came of a run of rules on values that nobody files.

use super::{NOTE_CHARS, diagnostics, print_notes, shown};
use crate::{show, source::Source};
use helpbell_model::{
    Correction, Failure,
    rules::{Diagnostic, Input, Outcome, Value},
    text::{one_line, paragraphs},
};
use owo_colors::OwoColorize as _;
use serde_json::json;
use std::fmt::Write as _;

/// Characters shown of a value; JSON has all of it.
const VALUE_CHARS: usize = 2_000;
/// Characters shown of what rules printed; JSON has all of it.
const OUTPUT_CHARS: usize = 8_000;

/// A run and what went into it.
pub(crate) struct Tried<'a> {
    /// The rules.
    pub source: &'a Source,
    /// What they were given.
    pub input: &'a Input,
    /// What they gave back.
    pub outcome: &'a Outcome,
    /// What was noticed about them, before and during the run.
    pub diagnostics: &'a [Diagnostic],
    /// Values that would not be taken, and what would stand instead.
    pub corrections: &'a [Correction],
    /// What the person would be told instead of a ticket's number.
    pub refused: Option<&'a str>,
    /// What is no part of the result, but good to know.
    pub notes: &'a [String],
}

/// Prints a run.
pub(crate) fn tried(tried: &Tried<'_>, as_json: bool) {
    if as_json {
        show::print_json(&as_value(tried));
        return;
    }
    anstream::print!("{}", render(tried));
    print_notes(tried.notes);
}

/// Rules that had to be stopped from outside.
pub(crate) fn stopped(failure: &Failure, notes: &[String], as_json: bool) {
    if as_json {
        show::print_json(&json!({"outcome": "stopped", "failure": failure, "notes": notes}));
        return;
    }
    show::print_failure(failure);
    anstream::eprintln!("The ticket would be filed without rules, with this in its private note.");
    print_notes(notes);
}

fn as_value(tried: &Tried<'_>) -> serde_json::Value {
    let Tried { input, outcome, .. } = tried;
    let variables: Vec<serde_json::Value> = input
        .variables
        .iter()
        .map(|variable| {
            let change = outcome.last_change(&variable.name);
            json!({
                "name": variable.name,
                "writable": variable.writable,
                "before": variable.value,
                "value": change.map_or(&variable.value, |change| &change.value),
                "line": change.map(|change| change.line),
            })
        })
        .collect();
    json!({
        "outcome": if outcome.failure.is_some() { "failed" } else { "ran" },
        "refused": tried.refused,
        "variables": variables,
        "created": outcome.created,
        "changes": outcome.changes,
        "rules": outcome.rules,
        "output": outcome.output,
        "diagnostics": tried.diagnostics,
        "corrections": tried.corrections,
        "failure": outcome.failure,
        "circumstances": input.circumstances,
        "notes": tried.notes,
    })
}

fn render(tried: &Tried<'_>) -> String {
    let Tried {
        source,
        input,
        outcome,
        ..
    } = tried;
    let mut told = String::new();
    let names = input.variables.iter().map(|variable| variable.name.as_str());
    let names = names.chain(outcome.created.iter().map(|created| created.name.as_str()));
    let width = names.map(|name| name.chars().count()).max().unwrap_or_default();
    heading(&mut told, "ACTION VARIABLES:");
    for variable in &input.variables {
        let change = outcome.last_change(&variable.name);
        let value = match change.map(|change| (&change.value, &change.shown)) {
            // What rules show of a text is the text.
            Some((Value::Text(text), _)) => text.clone(),
            Some((_, shown)) => shown.clone(),
            None => shown(&variable.value),
        };
        let line = change.map(|change| change.line);
        assigned(&mut told, width, &variable.name, &value, line);
    }
    heading(&mut told, "\nOTHER VARIABLES:");
    for created in &outcome.created {
        assigned(
            &mut told,
            width,
            &created.name,
            &created.shown,
            Some(created.line),
        );
    }
    if outcome.created.is_empty() {
        told.push_str("  none\n");
    }
    if !outcome.output.is_empty() {
        heading(&mut told, "\nPRINTED:");
        for line in paragraphs(&outcome.output, OUTPUT_CHARS).lines() {
            let _ = writeln!(told, "  {line}");
        }
    }
    told.push('\n');
    told.push_str(&diagnostics(&source.name, &source.text, tried.diagnostics));
    for correction in tried.corrections {
        let _ = writeln!(
            told,
            "{} {} would not be taken: {}",
            "warning:".yellow().bold(),
            correction.field,
            one_line(&correction.reason, NOTE_CHARS)
        );
    }
    let fired = outcome.rules.iter().filter(|rule| rule.fired).count();
    let _ = writeln!(told, "{fired} of {} rules fired.", outcome.rules.len());
    broken(&mut told, source, outcome);
    if let Some(why) = tried.refused {
        let _ = writeln!(
            told,
            "{} The person is told:",
            "The ticket would be refused.".bold()
        );
        for line in paragraphs(why, VALUE_CHARS).lines() {
            let _ = writeln!(told, "  {line}");
        }
    }
    told
}

fn heading(told: &mut String, words: &str) {
    let _ = writeln!(told, "{}", words.bold());
}

/// A variable, its value, whose further lines stand below the first, and where it comes from.
fn assigned(told: &mut String, width: usize, name: &str, value: &str, line: Option<u32>) {
    let value = paragraphs(value, VALUE_CHARS);
    let indent = format!("\n  {:width$}  ", "");
    let value = value.lines().collect::<Vec<_>>().join(&indent);
    let from = line.map(|line| format!("← line {line}").cyan().to_string());
    let told_value = match (value.is_empty(), from) {
        (false, Some(from)) => format!("{value}  {from}"),
        (true, Some(from)) => from,
        (_, None) => value,
    };
    let row = format!("  {name:<width$}  {told_value}");
    told.push_str(row.trim_end());
    told.push('\n');
}

/// Why the rules ended early, with the line.
fn broken(told: &mut String, source: &Source, outcome: &Outcome) {
    let Some(broke) = &outcome.failure else { return };
    let place = broke.line.and_then(|number| Some((number, source.line(number)?)));
    let words = one_line(&format!("{}: {}", broke.kind, broke.message), NOTE_CHARS);
    let _ = match place {
        Some((number, text)) => writeln!(
            told,
            "{} {}: {words}\n  {number} | {}",
            "error:".red().bold(),
            format!("{}:{number}", one_line(&source.name, NOTE_CHARS)).bold(),
            one_line(text, NOTE_CHARS)
        ),
        None => writeln!(told, "{} {words}", "error:".red().bold()),
    };
    told.push_str(
        "The ticket would be filed with what the rules had set before, and this in its private note.\n",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::rules::{Broke, Change, Circumstances, Created, Rule, Variable};

    const SOURCE: &str = "domains = ['a.example']\nif 'HELP' in msg: priority = 'High'\nmsg = msg + '\\n--'\nsubject = 1 / 0\n";

    fn variable(name: &str, writable: bool, value: Value) -> Variable {
        Variable {
            name: name.into(),
            aliases: vec![],
            writable,
            value,
        }
    }

    fn change(name: &str, value: Value, shown: &str, line: u32) -> Change {
        Change {
            name: name.into(),
            value,
            shown: shown.into(),
            line,
        }
    }

    fn input() -> Input {
        Input {
            source: SOURCE.into(),
            variables: vec![
                variable("selections", false, Value::Texts(vec!["Call me".into()])),
                variable("msg", true, Value::Text("HELP".into())),
                variable("subject", true, Value::Text("HELP".into())),
                variable("exception", true, Value::Text(String::new())),
                variable("priority", true, Value::Text("Low".into())),
            ],
            circumstances: Circumstances {
                clock_ms: 1,
                offset_minutes: 60,
                seed: 7,
            },
        }
    }

    fn outcome() -> Outcome {
        let rule = |line, fired| Rule {
            line,
            end_line: line,
            kind: "if".into(),
            fired,
        };
        Outcome {
            changes: vec![
                change("priority", Value::Integer(1), "1", 2),
                change("priority", Value::Text("High".into()), "High", 2),
                change("msg", Value::Text("HELP\n--".into()), "HELP\n--", 3),
            ],
            created: vec![Created {
                name: "domains".into(),
                shown: "['a.example']".into(),
                line: 1,
            }],
            rules: vec![rule(1, true), rule(2, true), rule(3, true), rule(4, false)],
            output: "hello\u{1b}[2J\nworld".into(),
            diagnostics: vec![],
            failure: None,
        }
    }

    fn rendered(outcome: &Outcome, refused: Option<&str>) -> String {
        let source = Source {
            name: "rules.py".into(),
            text: SOURCE.into(),
            fault: None,
        };
        let correction = Correction {
            field: "subject".into(),
            given: "[]".into(),
            used: None,
            reason: "line 4 made it a list, which is no single value".into(),
            nearest: vec![],
        };
        let told = render(&Tried {
            source: &source,
            input: &input(),
            outcome,
            diagnostics: &[],
            corrections: &[correction],
            refused,
            notes: &[],
        });
        anstream::adapter::strip_str(&told).to_string()
    }

    #[test]
    fn a_run_shows_all_variables_with_the_lines_that_changed_them() {
        insta::assert_snapshot!(rendered(&outcome(), Some("Please pay first.\nThank you.")), @r"
        ACTION VARIABLES:
          selections  ['Call me']
          msg         HELP
                      --  ← line 3
          subject     HELP
          exception
          priority    High  ← line 2

        OTHER VARIABLES:
          domains     ['a.example']  ← line 1

        PRINTED:
          hello[2J
          world

        warning: subject would not be taken: line 4 made it a list, which is no single value
        3 of 4 rules fired.
        The ticket would be refused. The person is told:
          Please pay first.
          Thank you.
        ");
    }

    #[test]
    fn rules_that_broke_show_the_line() {
        let broke = |line| Outcome {
            failure: Some(Broke {
                kind: "ZeroDivisionError".into(),
                message: "division by zero".into(),
                line,
            }),
            ..Outcome::default()
        };
        insta::assert_snapshot!(rendered(&broke(Some(4)), None).rsplit_once("fired.\n").unwrap().1, @r"
        error: rules.py:4: ZeroDivisionError: division by zero
          4 | subject = 1 / 0
        The ticket would be filed with what the rules had set before, and this in its private note.
        ");
        for nowhere in [None, Some(400)] {
            let told = rendered(&broke(nowhere), None);
            assert!(
                told.contains("\nerror: ZeroDivisionError: division by zero\nThe ticket"),
                "{told}"
            );
        }
    }

    #[test]
    fn programs_are_told_what_each_variable_was_and_became() {
        let (source, input, outcome) = (
            Source {
                name: "rules.py".into(),
                text: SOURCE.into(),
                fault: None,
            },
            input(),
            outcome(),
        );
        let value = as_value(&Tried {
            source: &source,
            input: &input,
            outcome: &outcome,
            diagnostics: &[],
            corrections: &[],
            refused: None,
            notes: &[],
        });
        assert_eq!(value["outcome"], "ran");
        assert_eq!(
            value["variables"][4],
            json!({"name": "priority", "writable": true, "before": "Low", "value": "High", "line": 2})
        );
        assert_eq!(value["variables"][0]["line"], json!(null));
        assert_eq!(value["circumstances"]["seed"], 7);
    }
}
