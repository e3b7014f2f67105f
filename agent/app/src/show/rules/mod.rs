//! What people read about dispatcher rules.

mod diagnostics;
mod explained;
mod taken_over;
mod tried;
mod variables;

pub(crate) use diagnostics::{count, render as diagnostics};
pub(crate) use explained::{Again, Explained, explained};
pub(crate) use taken_over::{Default, Guard, Replaced, TakenOver, questions, taken_over};
pub(crate) use tried::{Tried, stopped, tried};
pub(crate) use variables::{Offered, variables};

use super::{counted, print_json};
use crate::source::Source;
use diagnostics::severity;
use helpbell_model::{
    rules::{Diagnostic, Severity, Value},
    text::one_line,
};
use serde_json::json;

/// Characters of a sentence that is ours, with foreign names in it.
const NOTE_CHARS: usize = 1_000;

/// What is wrong with rules.
pub(crate) fn checked(source: &Source, found: &[Diagnostic], rules: usize, notes: &[String], as_json: bool) {
    if as_json {
        let worst = found.iter().map(|diagnostic| diagnostic.severity).max();
        print_json(&json!({
            "file": source.name,
            "worst": worst,
            "rules": rules,
            "diagnostics": found,
            "notes": notes,
        }));
        return;
    }
    anstream::print!("{}", diagnostics(&source.name, &source.text, found));
    anstream::println!("{}", summary(&source.name, found, rules));
    print_notes(notes);
}

fn summary(name: &str, found: &[Diagnostic], rules: usize) -> String {
    let name = one_line(name, NOTE_CHARS);
    let (rules, worse) = (counted(rules, "rule"), count(found));
    if worse.is_empty() {
        return format!("{name}: {rules}, nothing to complain about");
    }
    if found
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
    {
        return format!("{name}: {worse}; as they are, these rules do not run");
    }
    format!("{name}: {rules}, {worse}")
}

/// Rules that cannot be run.
pub(crate) fn unreadable(source: &Source, found: &[Diagnostic], as_json: bool) {
    if as_json {
        print_json(&json!({"outcome": "unreadable", "diagnostics": found}));
        return;
    }
    anstream::eprint!("{}", diagnostics(&source.name, &source.text, found));
    anstream::eprintln!("{}", summary(&source.name, found, 0));
}

/// What is no part of the result, but good to know.
fn print_notes(notes: &[String]) {
    for note in notes {
        anstream::eprintln!("{}: {}", severity(Severity::Note), one_line(note, NOTE_CHARS));
    }
}

/// A value as rules would show it to people.
fn shown(value: &Value) -> String {
    match value {
        Value::None => "None".to_owned(),
        Value::Truth(true) => "True".to_owned(),
        Value::Truth(false) => "False".to_owned(),
        Value::Integer(number) => number.to_string(),
        // As Python does: 2.0 and not 2.
        Value::Decimal(number) => format!("{number:?}"),
        Value::Text(text) => text.clone(),
        Value::Texts(texts) => {
            let quoted: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
            format!("[{}]", quoted.join(", "))
        }
    }
}

/// A text in quotes as Python writes them: single ones, unless it has such a one and no double one.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut quoted = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\\' => quoted.push_str("\\\\"),
            letter if letter == quote => {
                quoted.push('\\');
                quoted.push(quote);
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push(quote);
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_as_python_shows_them() {
        for (value, expected) in [
            (Value::None, "None"),
            (Value::Truth(true), "True"),
            (Value::Integer(-3), "-3"),
            (Value::Decimal(2.0), "2.0"),
            (Value::Decimal(0.1), "0.1"),
            (Value::Text("it's".into()), "it's"),
            (
                Value::Texts(vec!["a".into(), "it's".into(), "\"it's\"".into(), "b\\\n".into()]),
                r#"['a', "it's", '"it\'s"', 'b\\\n']"#,
            ),
            (Value::Texts(vec![]), "[]"),
        ] {
            assert_eq!(shown(&value), expected);
        }
    }

    #[test]
    fn a_summary_says_whether_the_rules_run() {
        let of = |severity| Diagnostic {
            severity,
            code: "syntax".into(),
            line: 1,
            column: 1,
            message: String::new(),
            help: None,
            replacement: None,
        };
        assert_eq!(summary("r.py", &[], 1), "r.py: 1 rule, nothing to complain about");
        assert_eq!(
            summary("r.py", &[of(Severity::Note)], 2),
            "r.py: 2 rules, nothing to complain about"
        );
        assert_eq!(
            summary("r.py", &[of(Severity::Warning)], 2),
            "r.py: 2 rules, 1 warning"
        );
        assert_eq!(
            summary("r.py", &[of(Severity::Error)], 0),
            "r.py: 1 error; as they are, these rules do not run"
        );
    }
}
