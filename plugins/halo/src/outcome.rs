//! The Outcome of a note. Halo refuses an action without one.

use helpbell_connector::pick_list::{Entry, PickList};
use helpbell_connector::text::lower_case;
use helpbell_connector::{Call, Failure, FailureKind};

use crate::api::Api;
use crate::describe::PRIVATE_NOTE_OUTCOME;
use crate::lists::OUTCOMES;

/// Names of the outcome of private notes, best first. Compared whole first, then as a part.
const PRIVATE_NAMES: [&str; 4] = ["private note", "internal note", "private", "internal"];

/// Names of an outcome that suits a note the person may see; `note` alone would match a private one.
const PUBLIC_NAMES: [&str; 3] = ["public note", "update user", "note"];

/// The outcome of private notes on a stock instance, for a token that may not list outcomes.
const STOCK_PRIVATE: (&str, &str) = ("7", "Private Note");

/// The outcome for a note, from the setting, else by name. An id is taken at its word: Halo refuses a wrong one,
/// the doctor names it, and a machine's first press is one request shorter.
pub(crate) fn choose(api: &Api<'_>, private: bool) -> Result<Entry, Failure> {
    let wanted = api.call.setting(PRIVATE_NOTE_OUTCOME).filter(|_| private);
    match wanted {
        Some(id) if is_id(id) => Ok(Entry::new(id, "")),
        wanted => listed(api, wanted, private),
    }
}

/// The outcome for a note where Halo refused the id of the setting; none where that was no id.
pub(crate) fn instead_of_id(api: &Api<'_>, private: bool) -> Option<Result<Entry, Failure>> {
    let id = api
        .call
        .setting(PRIVATE_NOTE_OUTCOME)
        .filter(|wanted| private && is_id(wanted))?;
    api.call.warn(&format!(
        "Halo does not take the Outcome {id} ({PRIVATE_NOTE_OUTCOME}); the default is used"
    ));
    Some(listed(api, None, private))
}

fn listed(api: &Api<'_>, wanted: Option<&str>, private: bool) -> Result<Entry, Failure> {
    let listed = match wanted {
        Some(wanted) => OUTCOMES.look_up(api, wanted),
        None => OUTCOMES.all(api).map(|list| (list, None)),
    };
    let (list, configured) = match listed {
        Ok(listed) => listed,
        Err(failure) if matches!(failure.kind, FailureKind::Forbidden | FailureKind::NotFound) => {
            return Ok(unlisted(api.call, wanted, &failure));
        }
        Err(failure) => return Err(failure),
    };
    if let Some(entry) = configured {
        return Ok(entry);
    }
    if let Some(wanted) = wanted {
        let near = list.nearest(wanted).join(", ");
        let hint = if near.is_empty() {
            String::new()
        } else {
            format!("; nearest: {near}")
        };
        api.call.warn(&format!(
            "Halo has no Outcome {wanted} ({PRIVATE_NOTE_OUTCOME}); the default is used{hint}"
        ));
    }
    let names: &[&str] = if private { &PRIVATE_NAMES } else { &PUBLIC_NAMES };
    best(&list, names, private).ok_or_else(missing)
}

/// Whether an outcome is named by its id.
fn is_id(wanted: &str) -> bool {
    wanted.parse::<i64>().is_ok_and(|id| id > 0)
}

fn best(list: &PickList, names: &[&str], private: bool) -> Option<Entry> {
    let lower = |entry: &&Entry| lower_case(&entry.label);
    let whole = names
        .iter()
        .find_map(|name| list.entries.iter().find(|entry| lower(entry) == *name));
    let part = || {
        names.iter().find_map(|name| {
            list.entries.iter().find(|entry| {
                let label = lower(entry);
                label.contains(name)
                    && (private || !PRIVATE_NAMES.iter().any(|hidden| label.contains(hidden)))
            })
        })
    };
    let stock = || {
        list.entries
            .iter()
            .find(|entry| private && entry.id == STOCK_PRIVATE.0)
    };
    // A public note may carry the private outcome's name: whether it is seen is a flag of the note.
    let any_note = || {
        if private {
            None
        } else {
            best(list, &PRIVATE_NAMES, true)
        }
    };
    whole.or_else(part).or_else(stock).cloned().or_else(any_note)
}

/// What to send when outcomes cannot be listed.
fn unlisted(call: &Call<'_>, wanted: Option<&str>, failure: &Failure) -> Entry {
    call.warn(&format!(
        "the list of Outcomes could not be read, so none was checked: {}",
        failure.message
    ));
    match wanted {
        Some(name) => Entry::new("", name),
        None => Entry::new(STOCK_PRIVATE.0, STOCK_PRIVATE.1),
    }
}

/// No outcome fits, or Halo did not take the one that was sent.
pub(crate) fn missing() -> Failure {
    Failure::invalid_input("halo.outcome-missing", "Halo has no Outcome for private notes").field(PRIVATE_NOTE_OUTCOME).help(
        "Enter in Private note outcome the name or id of an Outcome that the integration's agent may use, as listed in \
         Halo under Configuration > Tickets > Actions.",
    )
}
