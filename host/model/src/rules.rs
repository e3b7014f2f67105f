//! Dispatcher rules: what they are given and what they give back. Mirrors `wit/rules`, which documents every item.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A value as the rules' language knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// No value: Python's `None`.
    None,
    /// True or false.
    Truth(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Decimal(f64),
    /// Text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
}

impl Value {
    /// The value as it goes into a PSA's field; none if it is no single value.
    #[must_use]
    pub fn as_field(&self) -> Option<String> {
        match self {
            Self::Integer(number) => Some(number.to_string()),
            // Rules that divide get decimals for whole numbers: 2.0 means 2.
            Self::Decimal(number) if number.is_finite() => Some(number.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::None | Self::Truth(_) | Self::Decimal(_) | Self::Texts(_) => None,
        }
    }
}

/// A variable that rules are offered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    /// As rules write it: `ticketType`.
    pub name: String,
    /// Other names of the same variable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Whether rules may assign it.
    pub writable: bool,
    /// Its value before the first rule.
    pub value: Value,
}

/// What a run is given. The same input gives the same outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// The rules.
    pub source: String,
    /// All variables.
    pub variables: Vec<Variable>,
    /// The time and chance that the rules see.
    pub circumstances: Circumstances,
}

/// The time and chance that rules see, recorded with the press so that a run can be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circumstances {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    pub clock_ms: u64,
    /// Minutes that local time is ahead of UTC.
    pub offset_minutes: i16,
    /// What all randomness comes from.
    pub seed: u64,
}

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// The rules will hardly do what is meant.
    Warning,
    /// The rules cannot run, or not as written.
    Error,
}

impl Severity {
    /// `note`, `warning` or `error`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A piece of the source to be replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// Characters from the diagnostic's place on.
    pub length: u32,
    /// What to put there instead.
    pub text: String,
}

/// Something worth telling about a place in the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// What it is about, for programs: `syntax`, `is-literal`, `read-only`, …
    pub code: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// One plain sentence.
    pub message: String,
    /// What to write instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What the engine reads there instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<Replacement>,
}

/// A text that is assigned to a variable or compared with it, as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Literal {
    /// The variable's name, never an alias.
    pub variable: String,
    /// The text.
    pub text: String,
    /// Whether it is assigned; else compared.
    pub assigned: bool,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

/// What reading rules, without running them, brings to light.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examined {
    /// In the order of the source.
    pub diagnostics: Vec<Diagnostic>,
    /// In the order of the source.
    pub literals: Vec<Literal>,
    /// All rules, none of them fired.
    pub rules: Vec<Rule>,
}

impl Examined {
    /// Whether the rules cannot run at all.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// A statement at the top level that is an `if`, a loop, a `try` or an assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Its first line, from 1.
    pub line: u32,
    /// Its last line.
    pub end_line: u32,
    /// `if`, `for`, `while`, `try` or `assignment`.
    pub kind: String,
    /// Whether it did something.
    pub fired: bool,
}

/// A change of a variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The variable's name, never an alias.
    pub name: String,
    /// Its value from here on.
    pub value: Value,
    /// The value as the language shows it to people.
    pub shown: String,
    /// The line that changed it.
    pub line: u32,
}

/// A variable that the rules made for themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// Its name.
    pub name: String,
    /// Its last value as rules would write it, shortened if it is long.
    pub shown: String,
    /// The line that assigned it first.
    pub line: u32,
}

/// Why rules ended before their last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broke {
    /// The language's word for it: `ZeroDivisionError`.
    pub kind: String,
    /// What the language says about it.
    pub message: String,
    /// The line, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

impl fmt::Display for Broke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.kind)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Every change of an offered variable, in the order of time; also those before a failure.
    pub changes: Vec<Change>,
    /// Variables that the rules made, in the order of their names.
    pub created: Vec<Created>,
    /// All rules, in the order of the source, and which fired.
    pub rules: Vec<Rule>,
    /// What the rules printed.
    pub output: String,
    /// What was noticed while running.
    pub diagnostics: Vec<Diagnostic>,
    /// Why the rules ended early, if they did.
    pub failure: Option<Broke>,
}

impl Outcome {
    /// The last change of a variable: what it is in the end, and the line that made it so.
    #[must_use]
    pub fn last_change(&self, name: &str) -> Option<&Change> {
        self.changes.iter().rev().find(|change| change.name == name)
    }
}

/// What an engine says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// Short, for programs: `python`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The language it speaks, with its version.
    pub language: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_plain_json() {
        let values = [
            (Value::None, "null"),
            (Value::Truth(true), "true"),
            (Value::Integer(-3), "-3"),
            (Value::Decimal(2.5), "2.5"),
            (Value::Text("High".into()), "\"High\""),
            (Value::Texts(vec!["a".into()]), "[\"a\"]"),
        ];
        for (value, json) in values {
            assert_eq!(serde_json::to_string(&value).unwrap(), json);
            assert_eq!(serde_json::from_str::<Value>(json).unwrap(), value);
        }
    }

    #[test]
    fn a_field_takes_single_values_and_no_others() {
        assert_eq!(Value::Decimal(2.0).as_field().as_deref(), Some("2"));
        assert_eq!(Value::Integer(-1).as_field().as_deref(), Some("-1"));
        for no_field in [
            Value::None,
            Value::Truth(true),
            Value::Decimal(f64::NAN),
            Value::Texts(vec![]),
        ] {
            assert_eq!(no_field.as_field(), None);
        }
    }

    #[test]
    fn what_broke_names_its_line() {
        let broke = Broke {
            kind: "ZeroDivisionError".into(),
            message: "division by zero".into(),
            line: Some(3),
        };
        assert_eq!(broke.to_string(), "line 3: ZeroDivisionError: division by zero");
    }
}
