//! Lists of names that a PSA keeps: teams, statuses, categories. Fetched rarely, kept in the cache,
//! searched the way people write.

use crate::json::{self, Value, json};
use crate::{Call, Choice, Correction, Failure, FailureKind};

/// How many near misses are worth showing.
pub const NEAREST: usize = 3;

/// Seconds for which "not even in the fresh list" is believed. Short, because somebody will create the
/// missing entry as soon as they read the correction; long enough that a wrong default does not cost a
/// request per press.
const MISS_TTL_S: u32 = 600;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What the PSA's API wants.
    pub id: String,
    /// What its screens show.
    pub label: String,
    /// Other spellings that mean this entry, such as a short name. May be empty.
    pub also: String,
    /// Whatever else the connector needs to know of it, such as a status's type. May be empty.
    pub kind: String,
}

impl Entry {
    /// An entry with nothing but id and label.
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            also: String::new(),
            kind: String::new(),
        }
    }
}

/// A list in the PSA's order.
#[derive(Debug, Clone, Default)]
pub struct PickList {
    /// The entries.
    pub entries: Vec<Entry>,
}

impl PickList {
    /// The entry of this name, else of this id. Case and white space do not count, and neither do
    /// blanks around `>` in a path. A name wins over an id, because a list may have an entry named `3`.
    pub fn find(&self, given: &str) -> Option<&Entry> {
        let wanted = normalised(given);
        if wanted.is_empty() {
            return None;
        }
        let by = |name: fn(&Entry) -> &str| {
            self.entries
                .iter()
                .find(|entry| normalised(name(entry)) == wanted)
        };
        by(|entry| &entry.label)
            .or_else(|| by(|entry| &entry.id))
            .or_else(|| by(|entry| &entry.also))
    }

    /// The labels most like what was given, best first; only those that could be meant.
    pub fn nearest(&self, given: &str) -> Vec<String> {
        nearest(given, self.entries.iter().map(|entry| entry.label.as_str()))
    }

    /// The entries as the contract's choices.
    pub fn choices(&self) -> Vec<Choice> {
        let choice = |entry: &Entry| Choice {
            id: entry.id.clone(),
            label: entry.label.clone(),
            parent: None,
            is_default: false,
        };
        self.entries.iter().map(choice).collect()
    }

    fn to_json(&self) -> Value {
        self.entries
            .iter()
            .map(|entry| json!([entry.id, entry.label, entry.also, entry.kind]))
            .collect()
    }

    fn from_json(value: &Value) -> Option<Self> {
        let entry = |value: &Value| {
            let part = |index: usize| value.get(index)?.as_str().map(str::to_owned);
            Some(Entry {
                id: part(0)?,
                label: part(1)?,
                also: part(2)?,
                kind: part(3)?,
            })
        };
        Some(Self {
            entries: value.as_array()?.iter().map(entry).collect::<Option<_>>()?,
        })
    }
}

/// A list that lives in the cache under `key`.
pub struct Cached<'a> {
    /// Stable and unique among the connector's keys.
    pub key: &'a str,
    /// Seconds until it is fetched again.
    pub ttl_s: u32,
}

impl Cached<'_> {
    /// The kept list, else a fresh one. The flag says that it came from the cache.
    pub fn get(
        &self,
        call: &Call<'_>,
        fetch: impl FnOnce() -> Result<PickList, Failure>,
    ) -> Result<(PickList, bool), Failure> {
        let kept = call.cached_json(self.key).as_ref().and_then(PickList::from_json);
        match kept {
            Some(list) => Ok((list, true)),
            None => Ok((self.refresh(call, fetch)?, false)),
        }
    }

    /// The list in which `given` was looked for, and the entry if there is one. An entry that the kept
    /// list lacks is looked for in a fresh one too, but not more often than every ten minutes.
    pub fn look_up(
        &self,
        call: &Call<'_>,
        given: &str,
        fetch: impl Fn() -> Result<PickList, Failure>,
    ) -> Result<(PickList, Option<Entry>), Failure> {
        let (list, kept) = self.get(call, &fetch)?;
        if let Some(entry) = list.find(given).cloned() {
            return Ok((list, Some(entry)));
        }
        let miss = format!("{}/miss/{:016x}", self.key, hash(&normalised(given)));
        if call.cached_json(&miss).is_some() {
            return Ok((list, None));
        }
        let list = if kept { self.refresh(call, &fetch)? } else { list };
        let entry = list.find(given).cloned();
        if entry.is_none() {
            call.cache_json(&miss, &Value::Bool(true), MISS_TTL_S);
        }
        Ok((list, entry))
    }

    /// Drops the kept list: the PSA refused something that came out of it.
    pub fn forget(&self, call: &Call<'_>) {
        call.forget(self.key);
    }

    fn refresh(
        &self,
        call: &Call<'_>,
        fetch: impl FnOnce() -> Result<PickList, Failure>,
    ) -> Result<PickList, Failure> {
        let list = fetch()?;
        call.cache_json(self.key, &list.to_json(), self.ttl_s);
        Ok(list)
    }
}

/// What a field asks for, where names are looked up: `priority`, `Urgnet`, and what one of the list is called, as in
/// `Halo has no priority named Urgnet`.
pub struct Wanted<'a> {
    /// The field's name.
    pub field: &'a str,
    /// What was given.
    pub given: &'a str,
    /// What the PSA is called.
    pub psa: &'a str,
    /// What one entry is called.
    pub noun: &'a str,
}

impl Wanted<'_> {
    /// The entry that was found, or the correction to report: a value that does not exist, and a list that cannot be
    /// read, cost a ticket its field and nothing more.
    ///
    /// # Errors
    ///
    /// What would keep the ticket from being filed too, such as a server that cannot be reached.
    pub fn found(
        &self,
        looked_up: Result<(PickList, Option<Entry>), Failure>,
    ) -> Result<Result<Entry, Correction>, Failure> {
        let (psa, noun, given) = (self.psa, self.noun, self.given);
        Ok(match looked_up {
            Ok((_, Some(entry))) => Ok(entry),
            Ok((list, None)) => {
                Err(self.correction(format!("{psa} has no {noun} named {given}"), list.nearest(given)))
            }
            Err(failure) if is_about_the_list(&failure) => {
                let reason = format!(
                    "whether {psa} has such a {noun} could not be read: {}",
                    failure.message
                );
                Err(self.correction(reason, Vec::new()))
            }
            Err(failure) => return Err(failure),
        })
    }

    /// A correction of this field that leaves it to the PSA.
    pub fn correction(&self, reason: String, nearest: Vec<String>) -> Correction {
        Correction {
            field: self.field.to_owned(),
            given: self.given.to_owned(),
            used: None,
            reason,
            nearest,
        }
    }
}

/// Whether a failed lookup says something about this list only. A refusal by the PSA does; one by the host, whose codes
/// begin with `host.`, and a server that cannot work do not.
fn is_about_the_list(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Forbidden => !failure.code.starts_with("host."),
        FailureKind::NotFound | FailureKind::InvalidInput | FailureKind::Internal => true,
        _ => false,
    }
}

/// The names most like `given`, at most [`NEAREST`], best first. A name counts if at most half of it
/// would have to be retyped, or if one contains the other.
pub fn nearest<'a>(given: &str, mut names: impl Iterator<Item = &'a str>) -> Vec<String> {
    nearest_of(given, &mut names)
}

/// Once for every kind of iterator: a copy for each would cost a connector half a kilobyte.
fn nearest_of(given: &str, names: &mut dyn Iterator<Item = &str>) -> Vec<String> {
    let wanted = normalised(given);
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut best: Vec<(usize, &str)> = Vec::with_capacity(NEAREST + 1);
    for name in names {
        let candidate = normalised(name);
        let typos = distance(&wanted, &candidate);
        let longest = wanted.chars().count().max(candidate.chars().count());
        let contained = !candidate.is_empty() && (candidate.contains(&wanted) || wanted.contains(&candidate));
        let scored = (typos, name);
        if (contained || typos * 2 <= longest) && !best.contains(&scored) {
            // Sorting a whole list for three of it would also cost a connector 10 kB of code.
            let place = best
                .iter()
                .position(|other| scored < *other)
                .unwrap_or(best.len());
            best.insert(place, scored);
            best.truncate(NEAREST);
        }
    }
    best.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// Lower case, single blanks, none around `>`.
pub(crate) fn normalised(text: &str) -> String {
    let levels = text
        .split('>')
        .map(|level| level.split_whitespace().collect::<Vec<_>>().join(" "));
    crate::text::lower_case(&levels.collect::<Vec<_>>().join(">"))
}

/// 64-bit FNV-1a: a short, stable cache key out of a long or personal text. Not for security; whoever
/// uses it compares what is stored with what was asked.
pub fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// How many characters have to be changed, added, dropped, or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let cell = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let changed = cell(&last, j) + usize::from(from != to);
            let mut least = changed.min(cell(&last, j + 1) + 1).min(cell(&row, j) + 1);
            let (previous_from, previous_to) = (
                i.checked_sub(1).and_then(|i| a.get(i)),
                j.checked_sub(1).and_then(|j| b.get(j)),
            );
            if previous_from == Some(to) && previous_to == Some(from) {
                least = least.min(cell(&before_last, j - 1) + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    cell(&last, b.len())
}

/// Reads a list out of an answer: every object for which `entry` finds something.
pub fn read(answer: &Value, envelope: &[&str], entry: impl Fn(&Value) -> Option<Entry>) -> Option<PickList> {
    Some(PickList {
        entries: json::list(answer, envelope)?.iter().filter_map(entry).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ScriptedHost;
    use std::cell::Cell;

    fn list(names: &[(&str, &str)]) -> PickList {
        PickList {
            entries: names.iter().map(|(id, label)| Entry::new(*id, *label)).collect(),
        }
    }

    #[test]
    fn a_swap_of_neighbours_is_one_mistake_like_any_other() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("grün", "grun"), 1);
        assert_eq!(distance("lwo", "low"), 1);
        assert_eq!(distance("ca", "abc"), 3);
    }

    #[test]
    fn a_name_is_found_however_it_is_written_and_wins_over_an_id() {
        let list = list(&[("3", "1st Line"), ("7", "3"), ("9", "Hardware>Desktop")]);
        assert_eq!(list.find(" 1ST  line").unwrap().id, "3");
        assert_eq!(list.find("3").unwrap().id, "7");
        assert_eq!(list.find("9").unwrap().label, "Hardware>Desktop");
        assert_eq!(list.find("hardware > desktop").unwrap().id, "9");
        assert_eq!(list.find(""), None);
    }

    #[test]
    fn near_misses_are_offered_best_first_and_strangers_are_not() {
        let names = ["Critical", "High", "Medium", "Low", "Highest"];
        assert_eq!(nearest("Hihg", names.into_iter()), ["High"]);
        assert_eq!(nearest("high prio", names.into_iter()), ["High"]);
        assert_eq!(nearest("Zebra", names.into_iter()), Vec::<String>::new());
    }

    #[test]
    fn a_name_that_is_not_there_and_a_list_that_may_not_be_read_cost_the_field_only() {
        let wanted = Wanted {
            field: "team",
            given: "1st Lime",
            psa: "My Desk",
            noun: "team",
        };
        let teams = || list(&[("1", "1st Line"), ("2", "2nd Line")]);
        let missed = wanted.found(Ok((teams(), None))).unwrap().unwrap_err();
        assert_eq!(
            (missed.field.as_str(), missed.given.as_str()),
            ("team", "1st Lime")
        );
        assert_eq!(missed.nearest.first().map(String::as_str), Some("1st Line"));
        assert_eq!(missed.reason, "My Desk has no team named 1st Lime");
        let refused = wanted
            .found(Err(Failure::forbidden("my-desk.forbidden", "no")))
            .unwrap();
        assert!(refused.unwrap_err().reason.ends_with("could not be read: no"));
        let entry = Entry::new("1", "1st Line");
        let found = wanted.found(Ok((teams(), Some(entry.clone())))).unwrap();
        assert_eq!(found.unwrap(), entry);
        for failure in [
            Failure::unavailable("my-desk.down", "down"),
            Failure::forbidden("host.request", "not granted"),
        ] {
            assert_eq!(wanted.found(Err(failure.clone())).unwrap_err().code, failure.code);
        }
    }

    #[test]
    fn an_entry_created_after_the_list_was_kept_is_found_at_once() {
        let host = ScriptedHost::new();
        let call = host.call(&[]);
        let fetched = Cell::new(0);
        let fetch = || {
            fetched.set(fetched.get() + 1);
            Ok(if fetched.get() == 1 {
                list(&[("1", "Old")])
            } else {
                list(&[("1", "Old"), ("2", "New")])
            })
        };
        let kept = Cached {
            key: "teams",
            ttl_s: 60,
        };
        assert!(kept.look_up(&call, "old", fetch).unwrap().1.is_some());
        assert_eq!(kept.look_up(&call, "new", fetch).unwrap().1.unwrap().id, "2");
        assert_eq!(fetched.get(), 2);
    }

    #[test]
    fn a_wrong_name_does_not_cost_a_request_every_time() {
        let host = ScriptedHost::new();
        let call = host.call(&[]);
        let fetched = Cell::new(0);
        let fetch = || {
            fetched.set(fetched.get() + 1);
            Ok(list(&[("1", "Old")]))
        };
        let kept = Cached {
            key: "teams",
            ttl_s: 60,
        };
        for name in ["nonsense", "nonsense", "Nonsense ", "old"] {
            assert_eq!(
                kept.look_up(&call, name, fetch).unwrap().1.is_some(),
                name == "old"
            );
        }
        assert_eq!(fetched.get(), 1, "the fresh list is not doubted");
        for _ in 0..5 {
            assert!(kept.look_up(&call, "other nonsense", fetch).unwrap().1.is_none());
        }
        assert_eq!(fetched.get(), 2, "the kept one is, once");
    }
}
