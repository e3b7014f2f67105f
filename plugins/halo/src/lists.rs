//! Halo's pick-lists: the values behind names such as a team or a category.
//!
//! | variable | from | what a ticket wants |
//! |---|---|---|
//! | `priority` | `/Priority` | `priorityid`; the `id` there is a GUID of the SLA's line |
//! | `state` | `/Status` | `id` |
//! | `team` | `/Team` | the name |
//! | `ticketType` | `/TicketType` | `id` |
//! | `agent` | `/Agent`, a bare array or an envelope | `id` |
//! | `category_1` to `_4` | `/Category?type_id=1` to `4` | `value`, the typed path |

use helpbell_connector::json::{self, Value};
use helpbell_connector::pick_list::{self, Cached, Entry, PickList};
use helpbell_connector::{Call, Choice, Failure};

use crate::api::{Api, Place};
use crate::errors;

/// Seconds for which a list is remembered. A new entry is found at once all the same, because a name
/// that the kept list lacks is looked for in a fresh one.
const LIST_TTL_S: u32 = 24 * 60 * 60;

/// A pick-list of Halo's.
pub(crate) struct List {
    /// Key in the cache, and the variable's name where there is one.
    pub(crate) name: &'static str,
    /// What one entry is called: `team`.
    pub(crate) noun: &'static str,
    place: Place,
    query: &'static [(&'static str, &'static str)],
    envelope: &'static str,
    entry: fn(&Value) -> Option<Entry>,
}

/// Permission that the guide asks for and the lists need, as far as anyone knows: untested one by one.
const LISTS_PERMISSION: &str = "read:tickets";

macro_rules! list {
    ($name:literal, $noun:literal, $path:literal, $query:expr, $envelope:literal, $entry:expr) => {
        List {
            name: $name,
            noun: $noun,
            place: Place {
                path: $path,
                doing: concat!("reading the choices for ", $noun),
                permission: LISTS_PERMISSION,
            },
            query: $query,
            envelope: $envelope,
            entry: $entry,
        }
    };
}

/// The lists behind variables.
static LISTS: [List; 9] = [
    list!("priority", "priority", "/Priority", &[], "priorities", priority),
    list!("state", "status", "/Status", &[], "statuses", status),
    list!("team", "team", "/Team", &[], "teams", named),
    list!(
        "ticketType",
        "ticket type",
        "/TicketType",
        &[],
        "tickettypes",
        named
    ),
    // Unassigned is an agent too, and the one the guide recommends.
    list!(
        "agent",
        "agent",
        "/Agent",
        &[("includeunassigned", "true")],
        "agents",
        named
    ),
    list!(
        "category_1",
        "category 1",
        "/Category",
        &[("type_id", "1")],
        "categories",
        category
    ),
    list!(
        "category_2",
        "category 2",
        "/Category",
        &[("type_id", "2")],
        "categories",
        category
    ),
    list!(
        "category_3",
        "category 3",
        "/Category",
        &[("type_id", "3")],
        "categories",
        category
    ),
    list!(
        "category_4",
        "category 4",
        "/Category",
        &[("type_id", "4")],
        "categories",
        category
    ),
];

/// What an action is called; notes need one.
pub(crate) static OUTCOMES: List = list!("outcome", "outcome", "/Outcome", &[], "outcomes", outcome);

impl List {
    /// The list behind a variable.
    pub(crate) fn of(variable: &str) -> Option<&'static Self> {
        LISTS.iter().find(|list| list.name == variable)
    }

    /// The whole list, kept or fresh.
    pub(crate) fn all(&self, api: &Api<'_>) -> Result<PickList, Failure> {
        Ok(self.cached().get(api.call, || self.fetch(api))?.0)
    }

    /// The list and the entry of this name or id.
    pub(crate) fn look_up(&self, api: &Api<'_>, given: &str) -> Result<(PickList, Option<Entry>), Failure> {
        self.cached().look_up(api.call, given, || self.fetch(api))
    }

    /// The list as it is now, whatever is remembered.
    pub(crate) fn fresh(&self, api: &Api<'_>) -> Result<PickList, Failure> {
        self.fetch(api)
    }

    /// Drops what is remembered: Halo refused a value from it.
    pub(crate) fn forget(&self, call: &Call<'_>) {
        self.cached().forget(call);
    }

    fn cached(&self) -> Cached<'_> {
        Cached {
            key: self.name,
            ttl_s: LIST_TTL_S,
        }
    }

    fn fetch(&self, api: &Api<'_>) -> Result<PickList, Failure> {
        let answer = api.get(&self.place, self.query)?;
        let usable = |value: &Value| {
            let hidden = ["inactive", "isdisabled", "ishidden"]
                .iter()
                .any(|name| json::flag(value, name));
            if hidden { None } else { (self.entry)(value) }
        };
        let mut list = pick_list::read(&answer, &[self.envelope], usable).ok_or_else(|| {
            errors::unreadable(
                "halo.list-unreadable",
                format!("Halo's answer while {} is no list", self.place.doing),
            )
        })?;
        // Every SLA repeats the priorities.
        let mut seen: Vec<Entry> = Vec::with_capacity(list.entries.len());
        for entry in list.entries {
            if !seen
                .iter()
                .any(|known| known.id == entry.id && known.label == entry.label)
            {
                seen.push(entry);
            }
        }
        list.entries = seen;
        Ok(list)
    }
}

/// The live values of a variable, for forms and tests of rules.
pub(crate) fn choices(call: &Call<'_>, field: &str) -> Result<Vec<Choice>, Failure> {
    let list = List::of(field).ok_or_else(|| {
        Failure::unsupported(
            "halo.no-such-list",
            format!("Halo has no list of values for {field}"),
        )
        .field(field)
    })?;
    Ok(list.all(&Api::new(call)?)?.choices())
}

fn named(value: &Value) -> Option<Entry> {
    Some(Entry::new(json::id(value, "id")?, json::text(value, "name")?))
}

fn status(value: &Value) -> Option<Entry> {
    Some(Entry {
        also: json::text(value, "shortname").unwrap_or_default(),
        kind: json::id(value, "type").unwrap_or_default(),
        ..named(value)?
    })
}

fn priority(value: &Value) -> Option<Entry> {
    Some(Entry::new(
        json::id(value, "priorityid")?,
        json::text(value, "name")?,
    ))
}

fn category(value: &Value) -> Option<Entry> {
    let path = json::text(value, "value").or_else(|| json::text(value, "category_name"))?;
    let also = json::text(value, "category_name").unwrap_or_default();
    Some(Entry {
        also,
        ..Entry::new(json::id(value, "id")?, path)
    })
}

fn outcome(value: &Value) -> Option<Entry> {
    let button = json::text(value, "buttonname").unwrap_or_default();
    let label = json::text(value, "outcome")
        .or_else(|| json::text(value, "name"))
        .unwrap_or_else(|| button.clone());
    let entry = Entry {
        also: button,
        ..Entry::new(json::id(value, "id")?, label)
    };
    (!entry.label.is_empty()).then_some(entry)
}
