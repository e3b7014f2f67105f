//! The values that rules are tried with: made up, of a press, or given.

use super::{
    super::{Places, open},
    scope::Scope,
};
use crate::{config::did_you_mean, error::AppError};
use helpbell_delivery::{
    Store as _, Submission,
    journal::{Entry, Event, Matched},
    parcel, rules,
};
use helpbell_model::{
    Contact, ContactMatch, DeviceFacts, Person, Press, PressId,
    rules::{Value, Variable},
    text::one_line,
};
use serde::Deserialize;
use std::path::Path;

/// Bytes of a file that tells of a press: a message of at most four megabytes, as JSON, and a journal.
const PRESS_BYTES: u64 = 64 << 20;
/// Characters of a reason why a file cannot be read.
const REASON_CHARS: usize = 300;

/// Who presses and what the PSA knows of them.
pub(super) struct Pressed {
    press: Press,
    contact: Option<(Contact, ContactMatch)>,
}

impl Pressed {
    /// A press of nobody, about nothing that matters.
    pub(super) fn sample() -> Self {
        let press = Press {
            id: PressId::default(),
            pressed_at: jiff::Timestamp::UNIX_EPOCH,
            person: Person {
                name: "Maria Rossi".into(),
                email: "maria.rossi@acme.example".into(),
                phone: None,
                company: None,
            },
            message: "The printer on the third floor does nothing.".into(),
            selections: vec!["This is an emergency".into(), "It affects several people".into()],
            append: None,
            device: DeviceFacts {
                hostname: "ACME-PC-7".into(),
                macs: vec!["02:00:00:00:00:07".into()],
                ip: Some("192.0.2.7".into()),
                ..DeviceFacts::default()
            },
            locale: "en".into(),
        };
        Self { press, contact: None }
    }

    /// A press of the outbox by its id, of an export by its folder, or of a file with the JSON of either.
    pub(super) async fn named(here: &Places, named: &str) -> Result<Self, AppError> {
        if let Ok(press) = named.parse::<PressId>() {
            let store = open::store(here).await?;
            let record = store.load(press).await?;
            let contact = contact(record.journal.into_iter().map(|entry: Entry| entry.event));
            let press = record.press.ok_or_else(|| {
                AppError::usage(
                    format!("the words of {press} were deleted when it was over"),
                    "try the rules on made-up values: --set NAME=VALUE",
                )
            })?;
            return Ok(Self { press, contact });
        }
        let path = Path::new(named);
        if path.is_dir() {
            let (submission, journal) = parcel::read(path)?;
            return Ok(Self {
                press: submission.press,
                contact: contact(journal),
            });
        }
        Self::of_file(path)
    }

    fn of_file(path: &Path) -> Result<Self, AppError> {
        let wrong = |reason: String| {
            AppError::usage(
                format!(
                    "{} is no press: {}",
                    path.display(),
                    one_line(&reason, REASON_CHARS)
                ),
                "name a press of `helpbell outbox list --all`, the folder of `helpbell outbox export`, or what `helpbell outbox show PRESS --json` printed",
            )
        };
        let size = std::fs::metadata(path)
            .map_err(|error| wrong(error.to_string()))?
            .len();
        if size > PRESS_BYTES {
            return Err(wrong("it is too large".to_owned()));
        }
        let text = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let told: Told = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
        let words = told
            .words
            .ok_or_else(|| wrong("its words were deleted when it was over".to_owned()))?;
        Ok(Self {
            press: words.press,
            contact: contact(told.journal.into_iter().map(|event| match event {
                Happened::Entry(entry) => entry.event,
                Happened::Event(event) => *event,
            })),
        })
    }
}

/// A press as JSON: as `outbox show` prints it, or as `outbox export` keeps it.
#[derive(Deserialize)]
struct Told {
    words: Option<Words>,
    #[serde(default)]
    journal: Vec<Happened>,
}

#[derive(Deserialize)]
struct Words {
    press: Press,
}

/// The one keeps the time of what happened, the other does not.
#[derive(Deserialize)]
#[serde(untagged)]
enum Happened {
    Entry(Box<Entry>),
    Event(Box<Event>),
}

/// Whom the PSA knew by this press, as far as it was found out.
fn contact(journal: impl IntoIterator<Item = Event>) -> Option<(Contact, ContactMatch)> {
    let matched = journal.into_iter().filter_map(|event| match event {
        Event::Matched(Matched { contact, .. }) => Some(contact),
        _ => None,
    });
    matched.last().flatten()
}

/// All variables with their values before the first rule.
pub(super) fn start(
    scope: &Scope,
    press: &Press,
    contact: Option<&(Contact, ContactMatch)>,
) -> Vec<Variable> {
    let submission = Submission {
        press: press.clone(),
        findings: vec![],
        attachments: vec![],
        awaits: None,
    };
    let subject = rules::subject(press, scope.title_chars);
    rules::variables(&submission, contact, &subject, &scope.variables, &scope.defaults)
}

/// The same with the values that were given, and notes about those.
pub(super) fn variables(
    scope: &Scope,
    mut pressed: Pressed,
    given: &[(String, String)],
) -> Result<(Vec<Variable>, Vec<String>), AppError> {
    // The title begins as the first words of the message, of a given one, too.
    let message = given.iter().rev().find(|(name, _)| is_message(name));
    if let Some((_, message)) = message {
        pressed.press.message.clone_from(message);
    }
    let mut all = start(scope, &pressed.press, pressed.contact.as_ref());
    let notes = give(&mut all, scope, given)?;
    Ok((all, notes))
}

fn is_message(name: &str) -> bool {
    rules::COMMON.iter().any(|common| {
        common.name == rules::MESSAGE && (name == common.name || common.aliases.contains(&name))
    })
}

/// Puts given values in the place of others.
fn give(all: &mut Vec<Variable>, scope: &Scope, given: &[(String, String)]) -> Result<Vec<String>, AppError> {
    let mut notes = Vec::new();
    let mut lists: Vec<String> = Vec::new();
    for (name, text) in given {
        let Some(known) = resolved(all, name) else {
            notes.push(unheard_of(all, scope, name)?);
            all.push(Variable {
                name: name.clone(),
                aliases: vec![],
                writable: true,
                value: Value::Text(text.clone()),
            });
            continue;
        };
        let Some(variable) = all.iter_mut().find(|variable| variable.name == known) else {
            continue;
        };
        match &mut variable.value {
            Value::Texts(texts) => {
                // The first given entry takes the place of the made-up ones.
                if !lists.contains(&known) {
                    texts.clear();
                    lists.push(known);
                }
                if !text.is_empty() {
                    texts.push(text.clone());
                }
            }
            value => *value = rules::field_value(scope.kind(&known), text),
        }
    }
    Ok(notes)
}

/// The name of a variable by its name or an alias.
fn resolved(all: &[Variable], name: &str) -> Option<String> {
    all.iter()
        .find(|variable| variable.name == name || variable.aliases.iter().any(|alias| alias == name))
        .map(|variable| variable.name.clone())
}

/// A variable that nobody has heard of may be a custom field, or a slip.
fn unheard_of(all: &[Variable], scope: &Scope, name: &str) -> Result<String, AppError> {
    let names: Vec<&str> = all.iter().map(|variable| variable.name.as_str()).collect();
    if !rules::is_name(name) {
        return Err(AppError::usage(
            format!("{name:?} cannot be the name of a variable"),
            did_you_mean(name, &names),
        ));
    }
    Ok(match &scope.psa {
        Some((_, psa)) => format!(
            "{psa} names no variable `{name}`; the rules see it all the same. {}",
            did_you_mean(name, &names)
        ),
        None => format!(
            "`{name}` is no common variable; the rules see it all the same. Those of a PSA are known with: --connector NAME"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::ticket::{self, Access};

    fn scope() -> Scope {
        let variable = |name: &str, kind: &str| ticket::Variable {
            name: name.into(),
            access: Access::ReadWrite,
            kind: kind.into(),
            meaning: String::new(),
            choices: vec![],
            live: false,
        };
        let mut scope = Scope::of_no_psa().beginning_with(&[("impact".into(), "3".into())]);
        scope.psa = Some(("halo".into(), "HaloPSA".into()));
        scope.variables = vec![variable("impact", "integer"), variable("tags", "list")];
        scope
    }

    fn given(pairs: &[(&str, &str)]) -> (Vec<Variable>, Vec<String>) {
        let pairs: Vec<(String, String)> = pairs
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        variables(&scope(), Pressed::sample(), &pairs).unwrap()
    }

    fn value(all: &[Variable], name: &str) -> Value {
        all.iter()
            .find(|variable| variable.name == name)
            .unwrap()
            .value
            .clone()
    }

    #[test]
    fn nothing_given_leaves_the_made_up_values_and_the_defaults() {
        let (all, notes) = given(&[]);
        assert!(notes.is_empty(), "{notes:?}");
        assert_eq!(value(&all, "hostname"), Value::Text("ACME-PC-7".into()));
        assert_eq!(value(&all, "impact"), Value::Integer(3));
        assert_eq!(value(&all, "exception"), Value::Text(String::new()));
    }

    #[test]
    fn what_is_given_takes_the_place_of_what_was_there_in_its_own_kind() {
        let (all, _) = given(&[
            ("hostname", "PC-9"),
            ("impact", "1"),
            ("tags", "a"),
            ("tags", "b"),
            ("selections", ""),
        ]);
        assert_eq!(value(&all, "hostname"), Value::Text("PC-9".into()));
        assert_eq!(value(&all, "impact"), Value::Integer(1));
        assert_eq!(value(&all, "tags"), Value::Texts(vec!["a".into(), "b".into()]));
        assert_eq!(value(&all, "selections"), Value::Texts(vec![]));
    }

    #[test]
    fn a_given_message_gives_the_title_unless_that_is_given_too() {
        let (all, _) = given(&[("message", "Help  me")]);
        assert_eq!(value(&all, "msg"), Value::Text("Help  me".into()));
        assert_eq!(value(&all, "subject"), Value::Text("Help me".into()));
        let (all, _) = given(&[("subject", "Mine"), ("msg", "Help me")]);
        assert_eq!(value(&all, "subject"), Value::Text("Mine".into()));
    }

    #[test]
    fn an_unknown_name_is_offered_and_told_with_the_nearest() {
        let (all, notes) = given(&[("impcat", "1")]);
        assert_eq!(value(&all, "impcat"), Value::Text("1".into()));
        assert!(notes[0].contains("did you mean `impact`?"), "{notes:?}");
        let wrong = [("im pact".to_owned(), "1".to_owned())];
        assert!(variables(&scope(), Pressed::sample(), &wrong).is_err());
    }
}
