//! Collecting what changed.

use helpbell_model::{
    report::{Area, Severity},
    text::one_line,
};
use serde::Serialize;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// Characters of one change: two values with what they are.
const TEXT_CHARS: usize = 300;
/// Characters of one value in it.
const VALUE_CHARS: usize = 120;
/// Changes that are told. Two reports of one machine differ in a few dozen.
const MOST: usize = 200;
/// Of one kind, such as programs that were updated.
const MOST_OF_A_KIND: usize = 30;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// To which tile it belongs.
    pub area: Area,
    /// How bad the news are; [`Severity::Info`] for what is worth knowing and no worse.
    pub severity: Severity,
    /// In plain words: `the default printer is now Reception (was Warehouse)`.
    pub text: String,
}

/// What is in both lists, and what in one only.
pub(super) struct Matched<'a, T> {
    pub(super) both: Vec<(&'a T, &'a T)>,
    pub(super) gone: Vec<&'a T>,
    pub(super) added: Vec<&'a T>,
}

/// Everything that changed so far.
#[derive(Default)]
pub(super) struct Changes {
    all: Vec<Change>,
    left_out: usize,
    gaps: Vec<&'static str>,
}

impl Changes {
    /// Something changed.
    pub(super) fn add(&mut self, area: Area, severity: Severity, text: impl AsRef<str>) {
        self.all.push(Change {
            area,
            severity,
            text: one_line(text.as_ref(), TEXT_CHARS),
        });
    }

    /// Several of one kind, of which so many are told.
    pub(super) fn extend(&mut self, area: Area, severity: Severity, texts: impl IntoIterator<Item = String>) {
        for (index, text) in texts.into_iter().enumerate() {
            if index < MOST_OF_A_KIND {
                self.add(area, severity, text);
            } else {
                self.left_out += 1;
            }
        }
    }

    /// A value that may be another one now. What is not known in one of the reports has not changed.
    pub(super) fn value(
        &mut self,
        area: Area,
        severity: Severity,
        name: &str,
        old: Option<impl ToString>,
        new: Option<impl ToString>,
    ) {
        if let (Some(old), Some(new)) = (old, new) {
            let (old, new) = (shown(&old.to_string()), shown(&new.to_string()));
            if old != new {
                self.add(area, severity, format!("{name} is now {new} (was {old})"));
            }
        }
    }

    /// Several values together, in whatever order.
    pub(super) fn set(&mut self, area: Area, severity: Severity, name: &str, old: &[String], new: &[String]) {
        let sorted = |list: &[String]| list.iter().cloned().collect::<BTreeSet<String>>();
        if sorted(old) != sorted(new) {
            let joined = |list: &[String]| Some(list.join(", "));
            self.value(area, severity, name, joined(old), joined(new));
        }
    }

    /// A part of both machines, or a gap if only one has it.
    pub(super) fn part<'a, T>(
        &mut self,
        name: &'static str,
        old: Option<&'a T>,
        new: Option<&'a T>,
    ) -> Option<(&'a T, &'a T)>
    where
        T: ?Sized,
    {
        match (old, new) {
            (Some(old), Some(new)) => Some((old, new)),
            (None, None) => None,
            _ => {
                self.gaps.push(name);
                None
            }
        }
    }

    /// Parts that only one machine has.
    pub(super) fn gaps(&mut self) -> Vec<&'static str> {
        std::mem::take(&mut self.gaps)
    }

    /// The most severe first, then in the order of the tiles; and how many more there are.
    pub(super) fn sorted(mut self) -> (Vec<Change>, usize) {
        self.all
            .sort_by_key(|change| (Reverse(change.severity), change.area));
        let beyond = self.all.len().saturating_sub(MOST);
        self.all.truncate(MOST);
        (self.all, self.left_out + beyond)
    }
}

/// A foreign value within a sentence.
pub(super) fn shown(value: &str) -> String {
    let value = one_line(value, VALUE_CHARS);
    if value.is_empty() {
        "none".to_owned()
    } else {
        value
    }
}

/// Puts two lists side by side by what names their members. Of members with one name the last counts.
pub(super) fn matched<'a, T>(old: &'a [T], new: &'a [T], name: impl Fn(&T) -> String) -> Matched<'a, T> {
    let mut before: BTreeMap<String, &T> = old.iter().map(|one| (name(one), one)).collect();
    let after: BTreeMap<String, &T> = new.iter().map(|one| (name(one), one)).collect();
    let mut matched = Matched {
        both: Vec::new(),
        gone: Vec::new(),
        added: Vec::new(),
    };
    for (name, new) in after {
        match before.remove(&name) {
            Some(old) => matched.both.push((old, new)),
            None => matched.added.push(new),
        }
    }
    matched.gone.extend(before.into_values());
    matched
}

/// The names that are only in `one`.
pub(super) fn only_in<'a>(one: &'a [String], other: &[String]) -> Vec<&'a String> {
    let known: BTreeSet<&String> = other.iter().collect();
    let unique: BTreeSet<&String> = one.iter().collect();
    unique.into_iter().filter(|name| !known.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_report_does_not_know_has_not_changed() {
        let mut changes = Changes::default();
        changes.value(
            Area::Software,
            Severity::Info,
            "the version",
            None::<&str>,
            Some("2"),
        );
        changes.value(
            Area::Software,
            Severity::Info,
            "the version",
            Some("1"),
            Some("2"),
        );
        changes.value(
            Area::Software,
            Severity::Info,
            "the edition",
            Some("Pro"),
            Some("Pro"),
        );
        let (all, _) = changes.sorted();
        let texts: Vec<&str> = all.iter().map(|change| change.text.as_str()).collect();
        assert_eq!(texts, ["the version is now 2 (was 1)"]);
    }

    #[test]
    fn another_order_is_no_change_and_an_empty_list_is_called_none() {
        let mut changes = Changes::default();
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        changes.set(
            Area::Network,
            Severity::Info,
            "DNS",
            &list(&["a", "b"]),
            &list(&["b", "a"]),
        );
        changes.set(Area::Network, Severity::Info, "DNS", &list(&["a"]), &[]);
        assert_eq!(changes.sorted().0[0].text, "DNS is now none (was a)");
    }

    #[test]
    fn thousands_of_changes_are_bounded_and_counted() {
        let mut changes = Changes::default();
        changes.extend(Area::Software, Severity::Info, (0..1000).map(|n| n.to_string()));
        for n in 0..300 {
            changes.add(Area::Network, Severity::Warning, n.to_string());
        }
        let (all, left_out) = changes.sorted();
        assert_eq!((all.len(), left_out), (200, 1_100));
        assert!(all.iter().all(|change| change.severity == Severity::Warning));
    }
}
