//! What was taken over from another dispatcher, and what nobody should find out by surprise.

use super::{NOTE_CHARS, diagnostics};
use crate::{
    show::{counted, print_json},
    source::Source,
};
use helpbell_model::{
    rules::{Diagnostic, Rule},
    text::{one_line, paragraphs},
};
use owo_colors::OwoColorize as _;
use serde_json::json;
use std::{fmt::Write as _, path::Path};

/// Characters of a rule that is asked about.
const RULE_CHARS: usize = 4_000;
/// Characters of a line of rules.
const LINE_CHARS: usize = 160;

/// A line in which something was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// The line, from 1.
    pub line: u32,
    /// As it was.
    pub before: String,
    /// As it is.
    pub after: String,
}

/// A rule that refuses tickets by a comparison that may never have held.
pub(crate) struct Guard {
    /// Its lines.
    pub rule: Rule,
    /// Its text.
    pub text: String,
    /// Whether it can be left out as a whole.
    pub is_whole: bool,
    /// Whether it is activated.
    pub active: bool,
}

/// An integration default that comes along.
pub(crate) struct Default {
    /// The variable.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What is configured.
    pub before: Option<String>,
    /// Whether it takes that one's place.
    pub taken: bool,
}

impl Default {
    /// Whether something else is configured.
    pub(crate) fn differs(&self) -> bool {
        self.before.as_ref().is_some_and(|before| *before != self.value)
    }
}

/// What was taken over.
pub(crate) struct TakenOver<'a> {
    /// From where.
    pub from: &'a Path,
    /// The rules that were written.
    pub output: &'a Path,
    /// What was in their place.
    pub kept_rules: Option<&'a Path>,
    /// The configuration that names them; none if there is none.
    pub config: Option<&'a Path>,
    /// What was in its place.
    pub kept_config: Option<&'a Path>,
    /// How many rules there are.
    pub rules: usize,
    /// Comparisons that are written differently.
    pub replaced: &'a [Replaced],
    /// Rules that were asked about.
    pub guards: &'a [Guard],
    /// Defaults that came along.
    pub defaults: &'a [Default],
    /// The rules as written.
    pub source: &'a Source,
    /// What is still to be said about them.
    pub diagnostics: &'a [Diagnostic],
}

/// Prints what will be asked.
pub(crate) fn questions(guards: &[Guard], defaults: &[Default]) {
    anstream::eprint!("{}", asked(guards, defaults));
}

fn asked(guards: &[Guard], defaults: &[Default]) -> String {
    let mut told = String::new();
    if !guards.is_empty() {
        told.push_str("These rules refuse tickets by a comparison with `is`. It may never have held so far; here it means `==`, and they will refuse:\n");
    }
    for guard in guards {
        for (number, line) in (guard.rule.line..).zip(paragraphs(&guard.text, RULE_CHARS).lines()) {
            let _ = writeln!(told, "  {number} | {line}");
        }
    }
    let differing: Vec<&Default> = defaults.iter().filter(|default| default.differs()).collect();
    if !differing.is_empty() {
        told.push_str("These defaults are configured otherwise:\n");
    }
    for default in differing {
        let before = default.before.as_deref().unwrap_or_default();
        let _ = writeln!(
            told,
            "  {} = {:?}, configured is {:?}",
            one_line(&default.name, LINE_CHARS),
            one_line(&default.value, LINE_CHARS),
            one_line(before, LINE_CHARS)
        );
    }
    told
}

/// Prints what was taken over.
pub(crate) fn taken_over(taken: &TakenOver<'_>, as_json: bool) {
    if as_json {
        print_json(&as_value(taken));
    } else {
        anstream::print!("{}", render(taken));
    }
}

fn as_value(taken: &TakenOver<'_>) -> serde_json::Value {
    let replaced = taken
        .replaced
        .iter()
        .map(|line| json!({"line": line.line, "before": line.before, "after": line.after}));
    let guards = taken
        .guards
        .iter()
        .map(|guard| json!({"line": guard.rule.line, "text": guard.text, "active": guard.active}));
    let defaults = taken.defaults.iter().map(|default| {
        json!({"name": default.name, "value": default.value, "before": default.before, "taken": default.taken})
    });
    json!({
        "rules": taken.output,
        "kept_rules": taken.kept_rules,
        "config": taken.config,
        "kept_config": taken.kept_config,
        "active": taken.config.is_some(),
        "count": taken.rules,
        "replaced": replaced.collect::<Vec<_>>(),
        "guards": guards.collect::<Vec<_>>(),
        "defaults": defaults.collect::<Vec<_>>(),
        "diagnostics": taken.diagnostics,
    })
}

fn render(taken: &TakenOver<'_>) -> String {
    let mut told = String::new();
    if !taken.replaced.is_empty() {
        told.push_str("Comparisons with `is` are written as what they mean here:\n");
    }
    for line in taken.replaced {
        let (before, after) = (
            one_line(&line.before, LINE_CHARS),
            one_line(&line.after, LINE_CHARS),
        );
        let number = line.line.to_string();
        let margin = " ".repeat(number.len());
        let _ = writeln!(
            told,
            "  {number} | {}\n  {margin} | {}",
            before.red(),
            after.green()
        );
    }
    for guard in taken.guards.iter().filter(|guard| !guard.active) {
        let first = guard.text.lines().next().unwrap_or_default();
        let _ = writeln!(
            told,
            "Not active, only a comment: {}",
            one_line(first, LINE_CHARS)
        );
    }
    told.push_str(&diagnostics(
        &taken.source.name,
        &taken.source.text,
        taken.diagnostics,
    ));
    defaults(&mut told, taken);
    let _ = writeln!(
        told,
        "{} {} from {}",
        format!("wrote {}:", taken.output.display()).bold(),
        counted(taken.rules, "rule"),
        one_line(&taken.from.display().to_string(), NOTE_CHARS)
    );
    if let Some(config) = taken.config {
        let what = if taken.kept_config.is_some() {
            "wrote"
        } else {
            "as it was:"
        };
        let _ = writeln!(
            told,
            "{what} {}; the rules count from the next press on",
            config.display()
        );
    }
    next(&mut told, taken);
    undo(&mut told, taken);
    told
}

fn defaults(told: &mut String, taken: &TakenOver<'_>) {
    for default in taken.defaults {
        let (name, value) = (
            one_line(&default.name, LINE_CHARS),
            one_line(&default.value, LINE_CHARS),
        );
        let _ = match (&default.before, taken.config) {
            (_, None) => writeln!(told, "default, not configured yet: {name} = {value:?}"),
            (Some(before), _) if !default.taken => {
                writeln!(told, "default kept: {name} = {:?}", one_line(before, LINE_CHARS))
            }
            (Some(before), _) if default.differs() => writeln!(
                told,
                "default: {name} = {value:?}, before it was {:?}",
                one_line(before, LINE_CHARS)
            ),
            _ => writeln!(told, "default: {name} = {value:?}"),
        };
    }
}

fn next(told: &mut String, taken: &TakenOver<'_>) {
    let output = taken.output.display();
    let _ = writeln!(told, "\n{}", "Next".bold());
    if taken.config.is_none() {
        let _ = writeln!(
            told,
            "  there is no helpbell.toml yet, so nothing uses them: helpbell init, then add to it\n    [rules]\n    file = \"{output}\""
        );
    }
    let _ = writeln!(
        told,
        "  helpbell rules check {output}\n  helpbell rules test {output}"
    );
}

/// How to have it as it was.
fn undo(told: &mut String, taken: &TakenOver<'_>) {
    let _ = writeln!(told, "{}", "To go back".bold());
    if let (Some(config), Some(kept)) = (taken.config, taken.kept_config) {
        let _ = writeln!(
            told,
            "  put {} in the place of {}",
            kept.display(),
            config.display()
        );
    }
    let _ = match taken.kept_rules {
        Some(kept) => writeln!(
            told,
            "  put {} in the place of {}",
            kept.display(),
            taken.output.display()
        ),
        None => writeln!(told, "  delete {}", taken.output.display()),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::rules::Severity;

    fn guard(active: bool) -> Guard {
        Guard {
            rule: Rule {
                line: 4,
                end_line: 5,
                kind: "if".into(),
                fired: false,
            },
            text: "if businessName is 'Late Payers':\n    exception = 'Please call us.'".into(),
            is_whole: true,
            active,
        }
    }

    fn default(value: &str, before: Option<&str>, taken: bool) -> Default {
        Default {
            name: "team".into(),
            value: value.into(),
            before: before.map(str::to_owned),
            taken,
        }
    }

    fn source() -> Source {
        Source {
            name: "rules.py".into(),
            text: "share = 1 / len(msg)\nif name == 'Maria': priority = 'High'\n".into(),
            fault: None,
        }
    }

    fn rendered(config: bool, guards: &[Guard], defaults: &[Default], replaced: &[Replaced]) -> String {
        let of = |code: &str| Diagnostic {
            severity: Severity::Warning,
            code: code.into(),
            line: 1,
            column: 13,
            message: "an empty message divides by zero".into(),
            help: None,
            replacement: None,
        };
        let told = render(&TakenOver {
            from: Path::new("old.txt"),
            output: Path::new("rules.py"),
            kept_rules: config.then_some(Path::new("rules.py.old")),
            config: config.then_some(Path::new("helpbell.toml")),
            kept_config: config.then_some(Path::new("helpbell.toml.old")),
            rules: 2,
            replaced,
            guards,
            defaults,
            source: &source(),
            diagnostics: &[of("len-division")],
        });
        anstream::adapter::strip_str(&told).to_string()
    }

    #[test]
    fn questions_show_the_rules_and_defaults_that_they_are_about() {
        let defaults = [default("VIP", Some("1st Line"), true), default("VIP", None, true)];
        insta::assert_snapshot!(asked(&[guard(true)], &defaults), @r#"
        These rules refuse tickets by a comparison with `is`. It may never have held so far; here it means `==`, and they will refuse:
          4 | if businessName is 'Late Payers':
          5 |     exception = 'Please call us.'
        These defaults are configured otherwise:
          team = "VIP", configured is "1st Line"
        "#);
    }

    #[test]
    fn what_was_taken_over_is_told_with_the_way_back() {
        let replaced = [Replaced {
            line: 2,
            before: "if name is 'Maria': priority = 'High'".into(),
            after: "if name == 'Maria': priority = 'High'".into(),
        }];
        let defaults = [
            default("VIP", Some("1st Line"), true),
            default("VIP", Some("1st Line"), false),
            default("VIP", None, true),
        ];
        insta::assert_snapshot!(rendered(true, &[guard(false)], &defaults, &replaced), @r#"
        Comparisons with `is` are written as what they mean here:
          2 | if name is 'Maria': priority = 'High'
            | if name == 'Maria': priority = 'High'
        Not active, only a comment: if businessName is 'Late Payers':
        rules.py:1:13: warning: an empty message divides by zero [len-division]
          1 | share = 1 / len(msg)
            |             ^^^
        default: team = "VIP", before it was "1st Line"
        default kept: team = "1st Line"
        default: team = "VIP"
        wrote rules.py: 2 rules from old.txt
        wrote helpbell.toml; the rules count from the next press on

        Next
          helpbell rules check rules.py
          helpbell rules test rules.py
        To go back
          put helpbell.toml.old in the place of helpbell.toml
          put rules.py.old in the place of rules.py
        "#);
    }

    #[test]
    fn without_a_configuration_it_says_how_the_rules_come_to_count() {
        let told = rendered(false, &[], &[default("VIP", None, true)], &[]);
        assert!(
            told.contains("nothing uses them: helpbell init") && told.contains("file = \"rules.py\""),
            "{told}"
        );
        assert!(told.contains("not configured yet: team = \"VIP\""), "{told}");
        assert!(told.ends_with("To go back\n  delete rules.py\n"), "{told}");
    }
}
