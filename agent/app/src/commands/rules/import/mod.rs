//! `helpbell rules import`: takes over rules that were written for another dispatcher.
//!
//! ```text
//! FILE ──► text, defaults ──► check ──► `is` replaced ──► questions ──► rules.py, helpbell.toml
//!          (either form)        └── errors: nothing is written    └── nobody to answer: nothing is written
//! ```

mod old_form;
mod rewrite;

use super::{
    super::{Places, key},
    configuration, engine, examine,
    scope::Scope,
};
use crate::{
    cli::{ForPsa, RulesImport as Args},
    config::{Edit, replace},
    error::{self, AppError},
    places,
    show::{
        self,
        rules::{Default, Guard, TakenOver},
    },
    source::Source,
};
use helpbell_model::rules::{Diagnostic, Rule};
use old_form::Taken;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// The file that rules go into where none is named.
const RULES_NAME: &str = "rules.py";
/// The code of a comparison that decides about a refusal.
const GUARDS: &str = "is-literal-exception";

pub(super) async fn run(here: &Places, args: &Args) -> Result<ExitCode, AppError> {
    let read = Source::read(&args.file)?;
    let taken = match &read.fault {
        Some(_) => Taken::default(),
        None => old_form::take(&read.name, &read.text)?,
    };
    let source = Source {
        text: if read.fault.is_some() {
            read.text
        } else {
            taken.text
        },
        ..read
    };
    let progress = show::Progress::start(args.json);
    let config = configuration(here)?;
    let engine = engine(here, config.as_ref(), &progress).await?;
    let psa = ForPsa {
        connector: args.connector.clone(),
        offline: true,
    };
    let scope = Scope::open(here, config.as_ref(), &psa).await?;
    let examined = examine(&engine, &source, &scope).await?;
    progress.finish();
    if examined.has_errors() {
        return Ok(refused(&source, &examined.diagnostics, args.json));
    }

    let mut edit = Edit::read(&here.config)?;
    let output = output(args, here, edit.as_ref());
    let mut guards = guards(&source, &examined.diagnostics, &examined.rules);
    let mut defaults = defaults(&taken.defaults, edit.as_ref());
    decide(&mut guards, &mut defaults, Answers::of(args), ask)?;

    let (text, mut replaced) = rewrite::replaced(&source.text, &examined.diagnostics);
    let inactive: Vec<&Rule> = guards
        .iter()
        .filter(|guard| !guard.active)
        .map(|guard| &guard.rule)
        .collect();
    for line in &mut replaced {
        line.line = rewrite::moved(line.line, &inactive);
    }
    let source = Source {
        name: output.display().to_string(),
        text: if inactive.is_empty() {
            text
        } else {
            rewrite::deactivated(&text, &inactive)
        },
        fault: None,
    };
    // What is written must still be what was examined: rules that run.
    let written = examine(&engine, &source, &scope).await?;
    if written.has_errors() {
        return Ok(refused(&source, &written.diagnostics, args.json));
    }
    let kept_rules = write_rules(&output, &source.text)?;
    let kept_config = match &mut edit {
        Some(edit) => configure(edit, &output, &defaults).map_err(AppError::file("write", &here.config))?,
        None => None,
    };
    show::rules::taken_over(
        &TakenOver {
            from: &args.file,
            output: &output,
            kept_rules: kept_rules.as_deref(),
            config: edit.is_some().then_some(here.config.as_path()),
            kept_config: kept_config.as_deref(),
            rules: written.rules.len(),
            replaced: &replaced,
            guards: &guards,
            defaults: &defaults,
            source: &source,
            diagnostics: &written.diagnostics,
        },
        args.json,
    );
    Ok(ExitCode::SUCCESS)
}

/// Rules that do not run are not taken over.
fn refused(source: &Source, found: &[Diagnostic], json: bool) -> ExitCode {
    show::rules::unreadable(source, found, json);
    if !json {
        anstream::eprintln!("Nothing was written.");
    }
    ExitCode::from(error::USAGE)
}

/// Where the rules go: where somebody wants them, else where they are configured, else beside the configuration.
fn output(args: &Args, here: &Places, edit: Option<&Edit>) -> PathBuf {
    args.output
        .clone()
        .or_else(|| edit.and_then(Edit::rules))
        .unwrap_or_else(|| places::beside(&here.config).join(RULES_NAME))
}

/// The rules that refuse tickets by a comparison that may never have held.
fn guards(source: &Source, diagnostics: &[Diagnostic], rules: &[Rule]) -> Vec<Guard> {
    let mut guards: Vec<Guard> = Vec::new();
    for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.code == GUARDS) {
        let line = diagnostic.line;
        let around = rules
            .iter()
            .find(|rule| (rule.line..=rule.end_line).contains(&line));
        // One within a function is no rule by itself.
        let is_whole = around.is_some();
        let rule = around.cloned().unwrap_or(Rule {
            line,
            end_line: line,
            kind: String::new(),
            fired: false,
        });
        if guards.iter().any(|guard| guard.rule.line == rule.line) {
            continue;
        }
        let lines = (rule.line..=rule.end_line).filter_map(|number| source.line(number));
        guards.push(Guard {
            text: lines.collect::<Vec<_>>().join("\n"),
            rule,
            is_whole,
            active: true,
        });
    }
    guards
}

/// The defaults that come along, beside what is configured.
fn defaults(taken: &[(String, String)], edit: Option<&Edit>) -> Vec<Default> {
    let each = |(name, value): &(String, String)| Default {
        name: name.clone(),
        value: value.clone(),
        before: edit.and_then(|edit| edit.default(name)),
        taken: true,
    };
    taken.iter().map(each).collect()
}

/// Who answers questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    /// Whoever started it has: with yes.
    Yes,
    /// The person at the terminal.
    Person,
    /// Nobody.
    Nobody,
}

impl Answers {
    fn of(args: &Args) -> Self {
        match (args.yes, key::may_ask() && !args.json) {
            (true, _) => Self::Yes,
            (false, true) => Self::Person,
            (false, false) => Self::Nobody,
        }
    }
}

fn ask(question: &str) -> Result<bool, AppError> {
    dialoguer::Confirm::new()
        .with_prompt(question)
        .default(false)
        .interact()
        .map_err(|error| {
            AppError::usage(
                format!("nothing was written, for a question was not answered: {error}"),
                "to take over everything: --yes",
            )
        })
}

/// Asks about what nobody should find out by surprise.
fn decide(
    guards: &mut [Guard],
    defaults: &mut [Default],
    answers: Answers,
    mut ask: impl FnMut(&str) -> Result<bool, AppError>,
) -> Result<(), AppError> {
    let differing = defaults.iter().filter(|default| default.differs()).count();
    if answers == Answers::Yes || (guards.is_empty() && differing == 0) {
        return Ok(());
    }
    show::rules::questions(guards, defaults);
    if answers == Answers::Nobody {
        return Err(AppError::usage(
            "nothing was written: there are questions, and no terminal to ask them on",
            "look at them above; to answer all of them with yes: --yes",
        ));
    }
    for guard in guards {
        let line = guard.rule.line;
        guard.active = ask(&format!("Activate the rule in line {line}?"))?;
        if !guard.active && !guard.is_whole {
            return Err(AppError::usage(
                format!("nothing was written: line {line} is part of a function, which cannot be left out"),
                "change it in the file and take it over again",
            ));
        }
    }
    for default in defaults.iter_mut().filter(|default| default.differs()) {
        default.taken = ask(&format!(
            "Replace the default {} = {:?} by {:?}?",
            default.name,
            default.before.as_deref().unwrap_or_default(),
            default.value
        ))?;
    }
    Ok(())
}

/// Writes the rules, unless they are there already. Gives the path of what was there before.
fn write_rules(output: &Path, text: &str) -> Result<Option<PathBuf>, AppError> {
    if std::fs::read_to_string(output).is_ok_and(|there| there == text) {
        return Ok(None);
    }
    let folder = places::beside(output);
    std::fs::create_dir_all(&folder).map_err(AppError::file("make", &folder))?;
    replace(output, text).map_err(AppError::file("write", output))
}

/// Names the rules and their defaults in the configuration. From here on they count.
fn configure(edit: &mut Edit, output: &Path, defaults: &[Default]) -> std::io::Result<Option<PathBuf>> {
    for default in defaults.iter().filter(|default| default.taken) {
        if default.before.as_ref() != Some(&default.value) {
            edit.set_default(&default.name, &default.value);
        }
    }
    edit.set_rules(output);
    if edit.is_changed() { edit.write() } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::rules::Severity;

    fn at(line: u32, code: &str) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            code: code.into(),
            line,
            column: 4,
            message: String::new(),
            help: None,
            replacement: None,
        }
    }

    fn rule(line: u32, end_line: u32) -> Rule {
        Rule {
            line,
            end_line,
            kind: "if".into(),
            fired: false,
        }
    }

    fn source() -> Source {
        Source {
            name: "rules.py".into(),
            text: "if a is 'x' and b is 'y':\n\texception = 'no'\nif c is 'z': d = 1\ndef f():\n\tif a is 'x': exception = 'no'\n"
                .into(),
            fault: None,
        }
    }

    /// A question that must not be asked.
    fn unasked(question: &str) -> Result<bool, AppError> {
        panic!("asked: {question}")
    }

    fn default(before: Option<&str>) -> Default {
        Default {
            name: "team".into(),
            value: "VIP".into(),
            before: before.map(str::to_owned),
            taken: true,
        }
    }

    #[test]
    fn a_rule_that_refuses_is_asked_about_once_and_others_are_not() {
        let found = [at(1, GUARDS), at(1, GUARDS), at(3, "is-literal"), at(5, GUARDS)];
        let guards = guards(&source(), &found, &[rule(1, 2), rule(3, 3)]);
        let told: Vec<(u32, &str, bool)> = guards
            .iter()
            .map(|guard| (guard.rule.line, guard.text.as_str(), guard.is_whole))
            .collect();
        assert_eq!(
            told,
            [
                (1, "if a is 'x' and b is 'y':\n\texception = 'no'", true),
                (5, "\tif a is 'x': exception = 'no'", false)
            ]
        );
    }

    #[test]
    fn questions_without_anybody_to_answer_stop_everything_unless_the_answer_is_yes() {
        let found = [at(1, GUARDS)];
        let mut asked = guards(&source(), &found, &[rule(1, 2)]);
        let error = decide(&mut asked, &mut [], Answers::Nobody, unasked).unwrap_err();
        assert_eq!(error.exit_code(), error::USAGE);
        assert!(error.help().unwrap().contains("--yes"));
        decide(&mut asked, &mut [], Answers::Yes, unasked).unwrap();
        assert!(asked[0].active);
        decide(&mut [], &mut [], Answers::Nobody, unasked).unwrap();
    }

    #[test]
    fn a_person_decides_about_each_rule_and_default() {
        let found = [at(1, GUARDS), at(3, GUARDS)];
        let mut asked = guards(&source(), &found, &[rule(1, 2), rule(3, 3)]);
        let mut defaults = [default(Some("1st Line"))];
        let mut questions = Vec::new();
        let answer = |question: &str| {
            questions.push(question.to_owned());
            Ok(question.contains("line 3"))
        };
        decide(&mut asked, &mut defaults, Answers::Person, answer).unwrap();
        let active: Vec<bool> = asked.iter().map(|guard| guard.active).collect();
        assert_eq!((active, defaults[0].taken), (vec![false, true], false));
        assert_eq!(questions.len(), 3, "{questions:?}");
    }

    #[test]
    fn what_is_part_of_a_function_cannot_be_left_out() {
        let mut asked = guards(&source(), &[at(5, GUARDS)], &[]);
        let error = decide(&mut asked, &mut [], Answers::Person, |_| Ok(false)).unwrap_err();
        assert!(error.to_string().contains("line 5"), "{error}");
    }

    #[test]
    fn only_a_default_that_would_be_replaced_is_a_question() {
        for (before, is_question) in [(None, false), (Some("VIP"), false), (Some("1st Line"), true)] {
            let asked = decide(&mut [], &mut [default(before)], Answers::Nobody, unasked);
            assert_eq!(asked.is_err(), is_question, "{before:?}");
        }
    }
}
