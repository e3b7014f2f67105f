//! Between the words of `wit/rules` and the domain's. What an engine gives back was written by somebody's rules, or by
//! whoever made the engine: texts lose hidden characters and are bounded, lists are bounded.

use super::bindings::rules::helpbell::rules::types;
use crate::limits::{GUEST_LIST, GUEST_NAME_CHARS, GUEST_TEXT_CHARS};
use helpbell_model::{
    rules::{
        Broke, Change, Created, Diagnostic, Engine, Examined, Input, Literal, Outcome, Replacement, Rule,
        Severity, Value, Variable,
    },
    text,
};

/// Characters of a text that rules put into a variable. More than a person types into any help form; what is longer
/// is cut, and a ticket's own limits come on top.
const VALUE_CHARS: usize = 100_000;

/// Characters kept of what rules print.
const OUTPUT_CHARS: usize = 20_000;

fn name(text: &str) -> String {
    text::one_line(text, GUEST_NAME_CHARS)
}

fn sentence(text: &str) -> String {
    text::one_line(text, GUEST_TEXT_CHARS)
}

fn list<From, To>(items: Vec<From>, each: impl FnMut(From) -> To) -> Vec<To> {
    items.into_iter().take(GUEST_LIST).map(each).collect()
}

fn to_value(value: &Value) -> types::Value {
    match value {
        Value::None => types::Value::None,
        Value::Truth(truth) => types::Value::Truth(*truth),
        Value::Integer(number) => types::Value::Integer(*number),
        Value::Decimal(number) => types::Value::Decimal(*number),
        Value::Text(text) => types::Value::Text(text.clone()),
        Value::Texts(texts) => types::Value::Texts(texts.clone()),
    }
}

fn value(value: types::Value) -> Value {
    let shown = |text: String| text::paragraphs(&text, VALUE_CHARS);
    match value {
        types::Value::None => Value::None,
        types::Value::Truth(truth) => Value::Truth(truth),
        types::Value::Integer(number) => Value::Integer(number),
        types::Value::Decimal(number) => Value::Decimal(number),
        types::Value::Text(text) => Value::Text(shown(text)),
        types::Value::Texts(texts) => Value::Texts(list(texts, shown)),
    }
}

pub(crate) fn variables(variables: &[Variable]) -> Vec<types::Variable> {
    let each = |variable: &Variable| types::Variable {
        name: variable.name.clone(),
        aliases: variable.aliases.clone(),
        writable: variable.writable,
        value: to_value(&variable.value),
    };
    variables.iter().map(each).collect()
}

pub(crate) fn input(input: &Input) -> types::Input {
    types::Input {
        source: input.source.clone(),
        variables: variables(&input.variables),
        clock_ms: input.circumstances.clock_ms,
        offset_minutes: input.circumstances.offset_minutes,
        seed: input.circumstances.seed,
    }
}

pub(crate) fn description(told: types::Description) -> Engine {
    Engine {
        id: name(&told.id),
        name: name(&told.name),
        version: name(&told.version),
        language: name(&told.language),
    }
}

fn diagnostic(told: types::Diagnostic) -> Diagnostic {
    Diagnostic {
        severity: match told.severity.as_str() {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            // Severities of the future are worth knowing at least.
            _ => Severity::Note,
        },
        code: name(&told.code),
        line: told.line.max(1),
        column: told.column.max(1),
        message: sentence(&told.message),
        help: told.help.as_deref().map(sentence),
        replacement: told.replacement.map(|replacement| Replacement {
            length: replacement.length,
            // Blanks at its end keep the columns behind it.
            text: replacement
                .text
                .chars()
                .filter(|letter| text::is_shown(*letter))
                .take(GUEST_NAME_CHARS)
                .collect(),
        }),
    }
}

fn rule(told: types::Rule) -> Rule {
    Rule {
        line: told.line.max(1),
        end_line: told.end_line.max(told.line).max(1),
        kind: name(&told.kind),
        fired: told.fired,
    }
}

pub(crate) fn examined(told: types::Examined) -> Examined {
    Examined {
        diagnostics: list(told.diagnostics, diagnostic),
        literals: list(told.literals, |literal| Literal {
            variable: name(&literal.variable),
            text: sentence(&literal.text),
            assigned: literal.assigned,
            line: literal.line.max(1),
            column: literal.column.max(1),
        }),
        rules: list(told.rules, rule),
    }
}

pub(crate) fn outcome(told: types::Outcome) -> Outcome {
    Outcome {
        changes: list(told.changes, |change| Change {
            name: name(&change.name),
            value: value(change.value),
            shown: text::paragraphs(&change.shown, VALUE_CHARS),
            line: change.line,
        }),
        created: list(told.created, |created| Created {
            name: name(&created.name),
            shown: sentence(&created.shown),
            line: created.line,
        }),
        rules: list(told.rules, rule),
        output: text::paragraphs(&told.output, OUTPUT_CHARS),
        diagnostics: list(told.diagnostics, diagnostic),
        failure: told.failure.map(|failure| Broke {
            kind: name(&failure.kind),
            message: sentence(&failure.message),
            line: failure.line.filter(|line| *line > 0),
        }),
    }
}
