//! The older form of a dispatcher: defaults and rules of one line each in one JSON text.

use crate::error::AppError;
use helpbell_model::text::one_line;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// Characters of a name in a comment or a message.
const NAME_CHARS: usize = 200;

/// `{"defaults": {…}, "custom_rules": ["…", …]}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OldForm {
    #[serde(default)]
    defaults: Map<String, Value>,
    #[serde(default)]
    custom_rules: Vec<String>,
}

/// Rules and the integration defaults that come with them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// The rules.
    pub text: String,
    /// Names and values.
    pub defaults: Vec<(String, String)>,
}

/// Takes rules out of a text of either form. `name` is its file's.
///
/// # Errors
/// If it is JSON, but not of that form.
pub(super) fn take(name: &str, text: &str) -> Result<Taken, AppError> {
    if !text.trim_start().starts_with('{') {
        return Ok(Taken {
            text: text.to_owned(),
            defaults: vec![],
        });
    }
    let name = one_line(name, NAME_CHARS);
    let wrong = |reason: String| {
        AppError::usage(
            format!("failed to take over {name}: {}", one_line(&reason, NAME_CHARS)),
            "write {\"defaults\": {\"priority\": \"Low\"}, \"custom_rules\": [\"if '!' in msg: priority = 'High'\"]}, or plain rules",
        )
    };
    let old: OldForm = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let mut defaults = Vec::new();
    for (field, value) in old.defaults {
        let value = match value {
            // Unset there, and unset here without a line.
            Value::Null => continue,
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::Array(_) | Value::Object(_) => {
                return Err(wrong(format!(
                    "the default {field:?} is neither a text nor a number"
                )));
            }
        };
        defaults.push((field, value));
    }
    Ok(Taken {
        text: joined(&name, &old.custom_rules),
        defaults,
    })
}

/// The rules one below the other, each with a comment that says where it stood.
fn joined(name: &str, rules: &[String]) -> String {
    let mut text = format!("# Taken over from custom_rules of {name}.\n");
    for (index, rule) in rules.iter().enumerate() {
        if !rule.trim().is_empty() {
            let _ = write!(
                text,
                "\n# {} of {}\n{}\n",
                index + 1,
                rules.len(),
                outdented(rule)
            );
        }
    }
    text
}

/// Without the blanks that all its lines begin with, and those at its end: at the top level no statement is indented.
fn outdented(rule: &str) -> String {
    let lines: Vec<&str> = rule
        .trim_end()
        .lines()
        .skip_while(|line| line.trim().is_empty())
        .collect();
    let blanks = |line: &&str| line.len() - line.trim_start().len();
    let full = lines.iter().filter(|line| !line.trim().is_empty());
    let most = full.map(blanks).min().unwrap_or_default();
    let cut: Vec<&str> = lines
        .iter()
        .map(|line| line.get(most..).unwrap_or_default())
        .collect();
    cut.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_rules_stay_as_they_are() {
        let rules = "  # “VIP”\nif 'a' in msg:\n\tpriority = 'x'\n";
        let taken = take("rules.txt", rules).unwrap();
        assert_eq!(taken.text, rules);
        assert_eq!(taken.defaults, []);
    }

    #[test]
    fn the_older_form_becomes_rules_with_their_origin_and_defaults_as_text() {
        let old = r#"
            {"defaults": {"priority": "Low", "impact": 3, "alert": true, "queue": null},
             "custom_rules": ["  if '!' in msg: priority = 'High'  ", "", "if name is 'x':\n    team = 'VIP'"]}"#;
        let taken = take("old\nsettings.json", old).unwrap();
        insta::assert_snapshot!(taken.text, @r"
        # Taken over from custom_rules of old settings.json.

        # 1 of 3
        if '!' in msg: priority = 'High'

        # 3 of 3
        if name is 'x':
            team = 'VIP'
        ");
        let mut defaults = taken.defaults;
        defaults.sort();
        assert_eq!(
            defaults,
            [
                ("alert".into(), "true".into()),
                ("impact".into(), "3".into()),
                ("priority".into(), "Low".into())
            ]
        );
    }

    #[test]
    fn json_of_another_form_is_refused_with_what_is_wrong() {
        for (text, told) in [
            ("{\"custom_rules\": [1]}", "expected a string"),
            ("{\"custom_rule\": []}", "custom_rule"),
            ("{\"defaults\": {\"team\": [\"a\"]}}", "\"team\""),
            ("{", "EOF"),
        ] {
            let error = take("old.json", text).unwrap_err();
            assert!(error.to_string().contains(told), "{error}");
            assert_eq!(error.exit_code(), crate::error::USAGE);
        }
    }

    #[test]
    fn a_rule_keeps_the_indentation_within_it() {
        assert_eq!(
            outdented("\n    if a:\n        b = 1\n\n        c = 2\n"),
            "if a:\n    b = 1\n\n    c = 2"
        );
    }
}
