//! Values in rules that the PSA does not have. What else rules can do wrong, their engine knows.

use super::scope::Values;
use helpbell_model::{
    rules::{Diagnostic, Literal, Severity},
    text::{self, one_line},
    ticket::Variable,
};

/// Values that are listed where none is near to what is written; more are of no help.
const LISTED: usize = 12;
/// Characters of a value in a sentence.
const VALUE_CHARS: usize = 80;

/// The variables whose values these texts must be among, each once.
pub(super) fn with_lists<'a>(literals: &[Literal], variables: &'a [Variable]) -> Vec<&'a Variable> {
    variables
        .iter()
        .filter(|variable| variable.live || !variable.choices.is_empty())
        .filter(|variable| literals.iter().any(|literal| literal.variable == variable.name))
        .collect()
}

/// Warns of texts that are no value of their variable. `defaults` are values that variables have before the first rule.
pub(super) fn unknown_values(
    literals: &[Literal],
    variables: &[Variable],
    values: &Values,
    defaults: &[(String, String)],
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for literal in literals {
        let Some(variable) = with_lists(std::slice::from_ref(literal), variables).pop() else {
            continue;
        };
        let live = values.live.get(&variable.name);
        if variable.live && live.is_none() {
            // Nobody could ask the PSA.
            continue;
        }
        let choices = live.map(Vec::as_slice).unwrap_or_default();
        let known: Vec<&str> = variable
            .choices
            .iter()
            .map(String::as_str)
            .chain(choices.iter().map(|choice| choice.label.as_str()))
            .collect();
        let is_known = if literal.assigned {
            // Connectors find a value whatever its case, and by its id, too.
            let ids = choices.iter().map(|choice| choice.id.as_str());
            known
                .iter()
                .copied()
                .chain(ids)
                .any(|value| is_alike(value, &literal.text))
        } else {
            // Rules compare letter by letter, with what a default or another rule has put there.
            let default = defaults.iter().filter(|(name, _)| *name == variable.name);
            let assigned = literals
                .iter()
                .filter(|other| other.assigned && other.variable == variable.name);
            known
                .iter()
                .copied()
                .chain(default.map(|(_, value)| value.as_str()))
                .chain(assigned.map(|other| other.text.as_str()))
                .any(|value| value == literal.text)
        };
        // The empty text is a variable that nobody has set.
        if !is_known && !literal.text.is_empty() {
            found.push(unknown(literal, &known));
        }
    }
    found
}

/// Whether connectors take two texts for the same value.
fn is_alike(one: &str, other: &str) -> bool {
    let folded = |text: &str| {
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase()
    };
    folded(one) == folded(other)
}

fn unknown(literal: &Literal, known: &[&str]) -> Diagnostic {
    let shown = |value: &str| format!("{:?}", one_line(value, VALUE_CHARS));
    let consequence = if literal.assigned {
        "the ticket gets the PSA's own choice instead"
    } else {
        "this is never so"
    };
    let near = text::nearest(&literal.text, known.iter().copied());
    let help = match (near.as_slice(), known) {
        ([nearest, ..], _) => format!("did you mean {}?", shown(nearest)),
        ([], []) => format!("the PSA has no values for `{}` yet", literal.variable),
        ([], known) => {
            let listed: Vec<String> = known.iter().take(LISTED).map(|value| shown(value)).collect();
            let more = known.len().saturating_sub(LISTED);
            let rest = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            format!("there are: {}{rest}", listed.join(", "))
        }
    };
    Diagnostic {
        severity: Severity::Warning,
        code: "unknown-value".into(),
        line: literal.line,
        column: literal.column,
        message: format!(
            "the PSA has no {} among the values of `{}`: {consequence}",
            shown(&literal.text),
            literal.variable
        ),
        help: Some(help),
        replacement: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::rules::scope::NotAsked;
    use helpbell_model::ticket::{Access, Choice};

    fn variable(name: &str, choices: &[&str], live: bool) -> Variable {
        Variable {
            name: name.into(),
            access: Access::ReadWrite,
            kind: "text".into(),
            meaning: String::new(),
            choices: choices.iter().map(|&choice| choice.to_owned()).collect(),
            live,
        }
    }

    fn literal(variable: &str, text: &str, assigned: bool) -> Literal {
        Literal {
            variable: variable.into(),
            text: text.into(),
            assigned,
            line: 3,
            column: 9,
        }
    }

    fn psa() -> (Vec<Variable>, Values) {
        let variables = vec![
            variable("priority", &[], true),
            variable("agent", &["Unassigned"], true),
            variable("impact", &["1", "2", "3"], false),
            variable("note", &[], false),
        ];
        let choice = |id: &str, label: &str| Choice {
            id: id.into(),
            label: label.into(),
            parent: None,
            is_default: false,
        };
        let mut values = Values::default();
        values.live.insert(
            "priority".into(),
            vec![choice("1", "Critical"), choice("2", "High"), choice("3", "Low")],
        );
        values
            .live
            .insert("agent".into(), vec![choice("4", "Chiara Greco")]);
        (variables, values)
    }

    fn told(literals: &[Literal], defaults: &[(String, String)]) -> Vec<String> {
        let (variables, values) = psa();
        unknown_values(literals, &variables, &values, defaults)
            .into_iter()
            .map(|warning| format!("{} | {}", warning.message, warning.help.unwrap_or_default()))
            .collect()
    }

    #[test]
    fn a_value_that_the_psa_does_not_have_is_told_with_the_nearest() {
        assert_eq!(
            told(&[literal("priority", "Hihg", true)], &[]),
            [
                "the PSA has no \"Hihg\" among the values of `priority`: the ticket gets the PSA's own choice instead | did you mean \"High\"?"
            ]
        );
        assert_eq!(
            told(&[literal("impact", "severe", false)], &[]),
            [
                "the PSA has no \"severe\" among the values of `impact`: this is never so | there are: \"1\", \"2\", \"3\""
            ]
        );
    }

    #[test]
    fn what_a_connector_finds_may_be_assigned() {
        let fine = [
            literal("priority", "High", true),
            literal("priority", " high ", true),
            literal("priority", "2", true),
            literal("agent", "unassigned", true),
            literal("agent", "", true),
            literal("note", "anything", true),
            literal("helper", "anything", true),
        ];
        assert!(told(&fine, &[]).is_empty(), "{:?}", told(&fine, &[]));
    }

    #[test]
    fn what_is_compared_must_be_written_as_it_will_be_found() {
        let compared = literal("priority", "high", false);
        assert_eq!(told(std::slice::from_ref(&compared), &[]).len(), 1);
        let default = [("priority".to_owned(), "high".to_owned())];
        assert!(told(std::slice::from_ref(&compared), &default).is_empty());
        let assigned = literal("priority", "high", true);
        assert!(told(&[assigned, compared], &[]).is_empty());
    }

    #[test]
    fn nothing_is_held_against_values_that_nobody_could_look_up() {
        let (variables, _) = psa();
        let values = Values {
            not_asked: Some(NotAsked::Offline),
            ..Values::default()
        };
        let literals = [literal("priority", "Hihg", true), literal("impact", "9", true)];
        let found = unknown_values(&literals, &variables, &values, &[]);
        assert_eq!(found.len(), 1, "fixed values are known all the same");
        assert!(found[0].message.contains("`impact`"));
    }
}
