//! What a run came to, and how two of them differ.

use crate::Given;
use helpbell_model::{
    rules::{Broke, Outcome, Value},
    text,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What ends a value that was shortened.
const ELLIPSIS: char = '…';

/// The end of a run, in what can be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// All variables of the host with their last values.
    pub variables: BTreeMap<String, Value>,
    /// Variables that the rules made, as they are shown.
    pub created: BTreeMap<String, String>,
    /// Functions, classes and modules, which one side may count as variables too.
    pub other: BTreeSet<String>,
    /// What was printed.
    pub output: String,
    /// Why it ended early.
    pub failure: Option<Broke>,
}

impl Ended {
    /// The same with every text as the host tells it: without hidden characters, and what is shown of a value on one line.
    #[must_use]
    pub fn told(mut self) -> Self {
        let paragraphs = |text: &mut String| *text = text::paragraphs(text, usize::MAX);
        for value in self.variables.values_mut() {
            match value {
                Value::Text(text) => paragraphs(text),
                Value::Texts(texts) => texts.iter_mut().for_each(paragraphs),
                _ => {}
            }
        }
        for shown in self.created.values_mut() {
            *shown = text::one_line(shown, usize::MAX);
        }
        paragraphs(&mut self.output);
        if let Some(failure) = &mut self.failure {
            failure.message = text::one_line(&failure.message, usize::MAX);
        }
        self
    }

    /// What the engine's outcome means for the variables that were given.
    #[must_use]
    pub fn of(outcome: &Outcome, given: &Given) -> Self {
        let last = |name: &str| outcome.last_change(name).map(|change| change.value.clone());
        Self {
            variables: given
                .variables
                .iter()
                .map(|variable| {
                    let value = last(&variable.name).unwrap_or_else(|| variable.value.clone());
                    (variable.name.clone(), value)
                })
                .collect(),
            created: outcome
                .created
                .iter()
                .map(|created| (created.name.clone(), created.shown.clone()))
                .collect(),
            other: BTreeSet::new(),
            output: outcome.output.clone(),
            failure: outcome.failure.clone(),
        }
        .told()
    }
}

/// One thing that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub about: About,
    /// In CPython.
    pub expected: String,
    /// In the engine.
    pub seen: String,
}

/// What a difference is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A variable of the host's, or one that the rules made.
    Variable(String),
    /// What was printed.
    Output,
    /// Kind or line of the failure, or whether there is one.
    Failure,
    /// The words of the failure alone.
    Wording,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            about,
            expected,
            seen,
        } = self;
        write!(f, "{about:?}: expected {expected}, seen {seen}")
    }
}

/// What came out otherwise in the engine than in CPython.
#[must_use]
pub fn differences(cpython: &Ended, engine: &Ended) -> Vec<Difference> {
    let mut found = vec![];
    let mut differ = |about, expected: String, seen: String| {
        found.push(Difference {
            about,
            expected,
            seen,
        });
    };
    let values = |ended: &Ended| -> BTreeMap<String, String> {
        let host = ended.variables.iter();
        host.map(|(name, value)| (name.clone(), format!("{value:?}")))
            .collect()
    };
    let machinery: BTreeSet<&String> = cpython.other.union(&engine.other).collect();
    let made = |ended: &Ended| -> BTreeMap<String, String> {
        let made = ended.created.iter();
        made.filter(|(name, _)| !machinery.contains(name))
            .map(|(name, shown)| (name.clone(), shown.clone()))
            .collect()
    };
    for (expected, seen) in [(values(cpython), values(engine)), (made(cpython), made(engine))] {
        let names: BTreeSet<&String> = expected.keys().chain(seen.keys()).collect();
        for name in names {
            let (expected, seen) = (expected.get(name), seen.get(name));
            if !same_shown(expected, seen) {
                differ(
                    About::Variable(name.clone()),
                    told(expected.map(String::as_str)),
                    told(seen.map(String::as_str)),
                );
            }
        }
    }
    if cpython.output != engine.output {
        differ(
            About::Output,
            format!("{:?}", cpython.output),
            format!("{:?}", engine.output),
        );
    }
    let place = |failure: &Broke| (failure.kind.clone(), failure.line);
    let (expected, seen) = (&cpython.failure, &engine.failure);
    let told = |failure: &Option<Broke>| failure.as_ref().map_or("none".to_owned(), ToString::to_string);
    if expected.as_ref().map(place) != seen.as_ref().map(place) {
        differ(About::Failure, told(expected), told(seen));
    } else if expected != seen {
        differ(About::Wording, told(expected), told(seen));
    }
    found
}

fn told(shown: Option<&str>) -> String {
    shown.unwrap_or("nothing").to_owned()
}

/// Whether the engine shows the same, as far as it shows it.
fn same_shown(expected: Option<&String>, seen: Option<&String>) -> bool {
    match (expected, seen) {
        (Some(expected), Some(seen)) => {
            expected == seen
                || seen
                    .strip_suffix(ELLIPSIS)
                    .is_some_and(|beginning| expected.starts_with(beginning))
        }
        (expected, seen) => expected == seen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended() -> Ended {
        Ended {
            variables: BTreeMap::from([("team".into(), Value::Text("Print".into()))]),
            created: BTreeMap::from([("count".into(), "3".into())]),
            other: BTreeSet::new(),
            output: "said\n".into(),
            failure: Some(Broke {
                kind: "KeyError".into(),
                message: "'x'".into(),
                line: Some(4),
            }),
        }
    }

    fn about(change: impl FnOnce(&mut Ended)) -> Vec<About> {
        let mut other = ended();
        change(&mut other);
        let found = differences(&ended(), &other);
        found.into_iter().map(|difference| difference.about).collect()
    }

    #[test]
    fn equal_ends_have_no_differences() {
        assert_eq!(about(|_| ()), []);
    }

    #[test]
    fn each_thing_that_came_out_otherwise_is_found() {
        let team = || About::Variable("team".into());
        assert_eq!(
            about(|other| other.variables = BTreeMap::from([("team".into(), Value::None)])),
            [team()]
        );
        assert_eq!(about(|other| other.variables.clear()), [team()]);
        assert_eq!(
            about(|other| {
                other.created.insert("more".into(), "1".into());
            }),
            [About::Variable("more".into())]
        );
        assert_eq!(about(|other| other.output.clear()), [About::Output]);
        assert_eq!(about(|other| other.failure = None), [About::Failure]);
        assert_eq!(
            about(|other| other.failure.as_mut().unwrap().line = Some(5)),
            [About::Failure]
        );
        assert_eq!(
            about(|other| other.failure.as_mut().unwrap().message = "\"x\"".into()),
            [About::Wording]
        );
    }

    #[test]
    fn whole_numbers_and_others_are_not_the_same() {
        assert_ne!(
            about(|other| other.created = BTreeMap::from([("count".into(), "3.0".into())])),
            []
        );
    }

    #[test]
    fn a_function_is_no_variable_on_either_side() {
        let seen = about(|other| {
            other.other.insert("route".into());
            other.created.insert("route".into(), "<function route>".into());
        });
        assert_eq!(seen, []);
    }

    #[test]
    fn a_shortened_value_is_compared_as_far_as_it_goes() {
        let shown = |text: &str| Some(text.to_owned());
        assert!(same_shown(shown("'abcdef'").as_ref(), shown("'abc…").as_ref()));
        assert!(!same_shown(shown("'abcdef'").as_ref(), shown("'abd…").as_ref()));
        assert!(!same_shown(shown("'abc…").as_ref(), shown("'abcdef'").as_ref()));
    }
}
