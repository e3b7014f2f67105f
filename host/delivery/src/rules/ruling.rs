//! What rules came to for one press: enough to file its ticket, to explain it, and to run them again.
//!
//! ```text
//! Outcome ──► what differs in the end ──► does it make sense? ──► Orders ─► title, message, fields; or a refusal
//! (engine)                                     └── no: what was stays, and the note says so
//! ```
//!
//! A ruling stands in the press's journal. However much rules do, it is of bounded size.

use super::{APPEND, Digests, EXCEPTION, MESSAGE, PRIVATE_APPEND, SUBJECT};
use crate::submission::MESSAGE_BODY_CHARS;
use helpbell_model::{
    Correction, Failure, FailureKind,
    rules::{Broke, Change, Circumstances, Created, Diagnostic, Outcome, Rule, Value, Variable},
    text::{one_line, paragraphs},
    ticket,
};
use serde::{Deserialize, Serialize};

/// Characters of a message that rules wrote. What is longer than a ticket shows is attached, like a person's own.
const MESSAGE_CHARS: usize = 100_000;
/// Characters of a refusal: some sentences that a person reads in a dialog.
const REFUSAL_CHARS: usize = 2_000;
/// Characters of a title before the PSA's own limit, which is far lower.
const SUBJECT_CHARS: usize = 1_000;
/// Characters of a value for a field of the PSA's. The widest custom fields take some thousand.
const FIELD_CHARS: usize = 4_000;
/// Fields that one press assigns; no PSA offers a tenth of it.
const FIELDS: usize = 200;
/// Changes that are kept: the last of every variable, and the first ones of a loop.
const CHANGES: usize = 200;
/// Variables of the rules' own that are kept.
const CREATED: usize = 100;
/// Characters of a value as it is shown.
const SHOWN_CHARS: usize = 200;
/// Characters kept of what rules printed.
const OUTPUT_CHARS: usize = 2_000;
/// Things noticed that are kept; a loop may cause the same again and again.
const DIAGNOSTICS: usize = 50;
/// Characters of what was noticed, or went wrong.
const SENTENCE_CHARS: usize = 500;

/// A change of a variable, as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The variable.
    pub name: String,
    /// Its value from here on, as the language shows it, shortened; empty once the press's words are gone.
    pub shown: String,
    /// The line that changed it.
    pub line: u32,
}

/// What rules want of a ticket; nothing of what they left as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orders {
    /// No ticket, and this is what the person is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The message in place of the person's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What stands below the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub append: Option<String>,
    /// What stands in the private note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_append: Option<String>,
    /// Variables of the PSA's and their values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assigned: Vec<(String, String)>,
}

/// What rules came to for one press.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// By which rules and engine.
    #[serde(flatten)]
    pub digests: Digests,
    /// The time and chance that the rules saw; none if they did not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circumstances: Option<Circumstances>,
    /// Why the rules could not run at all, or had to be stopped: nothing of what they did counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unable: Option<Failure>,
    /// Changes in the order of time: the last one of every variable, and the first of all others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Changed>,
    /// How many changes are left out.
    #[serde(default)]
    pub changes_left_out: usize,
    /// Variables that the rules made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub created: Vec<Created>,
    /// All rules, and which fired.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// What the rules printed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
    /// What was noticed while they ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<Diagnostic>,
    /// Why they ended early. What they had done by then counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Broke>,
    /// Values that made no sense, and what stands instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
    /// What the rules want of the ticket.
    #[serde(default)]
    pub orders: Orders,
    /// The ticket's fields with what was assigned; none if nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<(String, String)>>,
}

impl Ruling {
    /// Of rules that could not run, or had to be stopped.
    #[must_use]
    pub fn unable(digests: Digests, circumstances: Option<Circumstances>, failure: Failure) -> Self {
        Self {
            digests,
            circumstances,
            unable: Some(failure),
            ..Self::default()
        }
    }

    /// Of a run that began with these variables. `psa` says what the PSA's variables take.
    #[must_use]
    pub fn of(
        digests: Digests,
        circumstances: Circumstances,
        start: &[Variable],
        psa: &[ticket::Variable],
        outcome: Outcome,
    ) -> Self {
        let mut ruling = Self {
            digests,
            circumstances: Some(circumstances),
            ..Self::default()
        };
        for variable in start.iter().filter(|variable| variable.writable) {
            if let Some(change) = outcome.last_change(&variable.name) {
                ruling.order(variable, psa, change);
            }
        }
        let all = outcome.changes.len();
        ruling.changes = kept(&outcome.changes);
        ruling.changes_left_out = all - ruling.changes.len();
        ruling.created = outcome.created.into_iter().take(CREATED).map(created).collect();
        ruling.rules = outcome.rules;
        ruling.output = paragraphs(&outcome.output, OUTPUT_CHARS);
        ruling.diagnostics = outcome
            .diagnostics
            .into_iter()
            .take(DIAGNOSTICS)
            .map(diagnostic)
            .collect();
        ruling.failure = outcome.failure.map(|broke| Broke {
            message: one_line(&broke.message, SENTENCE_CHARS),
            ..broke
        });
        ruling
    }

    /// Takes a variable's last change for an order, if it is one and makes sense.
    fn order(&mut self, variable: &Variable, psa: &[ticket::Variable], change: &Change) {
        if variable.name == EXCEPTION {
            self.orders.refused = refusal(change);
            return;
        }
        let offered = psa.iter().find(|offered| offered.name == variable.name);
        let before = as_text(&variable.value, offered).unwrap_or_default();
        let text = match as_text(&change.value, offered) {
            Some(text) if text == before => return,
            Some(text) if variable.name == SUBJECT && one_line(&text, 1).is_empty() => {
                return self.correct(change, before, "a ticket needs a title".to_owned());
            }
            Some(text) => text,
            None => {
                let reason = format!("line {} made it {}", change.line, noun(&change.value));
                return self.correct(change, before, reason);
            }
        };
        let orders = &mut self.orders;
        match variable.name.as_str() {
            MESSAGE => orders.message = Some(paragraphs(&text, MESSAGE_CHARS)),
            SUBJECT => orders.subject = Some(one_line(&text, SUBJECT_CHARS)),
            APPEND => orders.append = Some(paragraphs(&text, MESSAGE_BODY_CHARS)),
            PRIVATE_APPEND => orders.private_append = Some(paragraphs(&text, MESSAGE_BODY_CHARS)),
            name if orders.assigned.len() < FIELDS => {
                let (name, value) = (name.to_owned(), paragraphs(&text, FIELD_CHARS));
                orders.assigned.push((name, value));
            }
            _ => self.correct(change, before, format!("rules assign {FIELDS} fields at most")),
        }
    }

    fn correct(&mut self, change: &Change, used: String, reason: String) {
        self.corrections.push(Correction {
            field: change.name.clone(),
            given: one_line(&change.shown, SHOWN_CHARS),
            used: Some(used),
            reason,
            nearest: vec![],
        });
    }

    /// Why rules did not do all that stands in them, for whoever can mend them.
    #[must_use]
    pub fn problem(&self) -> Option<Failure> {
        if let Some(unable) = &self.unable {
            return Some(unable.clone());
        }
        let broke = self.failure.as_ref()?;
        let told = format!("the rules ended early, {broke}");
        Some(
            Failure::new(FailureKind::InvalidInput, "rules.failed", told)
                .with_help("what they had set before counts; try them with: helpbell rules test FILE"),
        )
    }

    /// The lines of the rules that did something.
    pub fn fired(&self) -> impl Iterator<Item = u32> {
        self.rules.iter().filter(|rule| rule.fired).map(|rule| rule.line)
    }

    /// Forgets what a person wrote and what was made of it, once the press is over. What went into fields of the PSA, which
    /// rules fired and what went wrong stay.
    pub fn forget_words(&mut self) {
        for change in &mut self.changes {
            if [MESSAGE, SUBJECT, APPEND, PRIVATE_APPEND].contains(&change.name.as_str()) {
                change.shown.clear();
            }
        }
        for created in &mut self.created {
            created.shown.clear();
        }
        self.output.clear();
        self.orders = Orders {
            refused: self.orders.refused.take(),
            assigned: std::mem::take(&mut self.orders.assigned),
            ..Orders::default()
        };
    }
}

/// Whether an assignment to `exception` refuses, and what the person is told then.
fn refusal(change: &Change) -> Option<String> {
    let text = match &change.value {
        Value::None => return None,
        Value::Text(text) if text.is_empty() => return None,
        Value::Text(text) => paragraphs(text, REFUSAL_CHARS),
        _ => paragraphs(&change.shown, REFUSAL_CHARS),
    };
    Some(if text.is_empty() {
        "A rule refused this press without saying why.".to_owned()
    } else {
        text
    })
}

/// A value as it goes into a ticket. Lists and truths do only where the PSA's variable takes them.
fn as_text(value: &Value, offered: Option<&ticket::Variable>) -> Option<String> {
    let takes = |words: [&str; 2]| {
        offered.is_some_and(|offered| words.iter().all(|word| offered.choices.iter().any(|c| c == word)))
    };
    match value {
        Value::Texts(texts) if offered.is_some_and(|offered| offered.kind == "list") => {
            Some(texts.join("\n"))
        }
        Value::Truth(truth) if takes(["true", "false"]) => Some(truth.to_string()),
        _ => value.as_field(),
    }
}

/// What a value is that makes no sense in a ticket.
const fn noun(value: &Value) -> &'static str {
    match value {
        Value::None => "no value (None)",
        Value::Truth(_) => "true or false, which is no text",
        Value::Decimal(_) => "a number that is none",
        Value::Texts(_) => "a list, which is no single value",
        Value::Integer(_) | Value::Text(_) => "a value",
    }
}

/// The changes that are worth keeping.
fn kept(changes: &[Change]) -> Vec<Changed> {
    let is_last = |index: usize, change: &Change| {
        let later = changes.get(index + 1..).unwrap_or_default();
        !later.iter().any(|other| other.name == change.name)
    };
    let last: Vec<bool> = changes
        .iter()
        .enumerate()
        .map(|(index, change)| is_last(index, change))
        .collect();
    let mut room_for_others = CHANGES.saturating_sub(last.iter().filter(|last| **last).count());
    let is_kept = |is_last: bool| {
        if is_last {
            return true;
        }
        let fits = room_for_others > 0;
        room_for_others = room_for_others.saturating_sub(1);
        fits
    };
    let kept = last.into_iter().map(is_kept);
    changes
        .iter()
        .zip(kept.collect::<Vec<_>>())
        .filter(|(_, kept)| *kept)
        .take(CHANGES)
        .map(|(change, _)| Changed {
            name: change.name.clone(),
            shown: one_line(&change.shown, SHOWN_CHARS),
            line: change.line,
        })
        .collect()
}

fn created(created: Created) -> Created {
    Created {
        shown: one_line(&created.shown, SHOWN_CHARS),
        ..created
    }
}

fn diagnostic(noticed: Diagnostic) -> Diagnostic {
    Diagnostic {
        message: one_line(&noticed.message, SENTENCE_CHARS),
        help: noticed.help.map(|help| one_line(&help, SENTENCE_CHARS)),
        ..noticed
    }
}

#[cfg(test)]
#[path = "ruling_tests.rs"]
mod tests;
