//! RT's lists of names: queues, statuses, owners, custom fields and their values, catalogs.

use helpbell_connector::desk::Desk;
use helpbell_connector::json::{self, Value};
use helpbell_connector::pick_list::{Cached, Entry, PickList, Wanted, hash};
use helpbell_connector::{Call, Choice, Failure, Pairs};

use crate::fields;
use crate::people::equals;
use crate::rest;

/// Seconds for which a list is remembered. A name that the kept list lacks is looked for in a fresh one all the same.
const LIST_TTL_S: u32 = 24 * 60 * 60;

/// Tickets looked at for what RT has no list of: owners, and statuses of a lifecycle of the operator's own.
const SAMPLE: [(&str, &str); 2] = [("orderby", "id"), ("order", "DESC")];

/// The lifecycle that RT comes with, and its statuses.
const DEFAULT_LIFECYCLE: (&str, [&str; 6]) = (
    "default",
    ["new", "open", "stalled", "resolved", "rejected", "deleted"],
);

/// The user that owns what nobody owns.
pub(crate) const NOBODY: &str = "Nobody";

/// What to do about a catalog that is not there.
pub(crate) const CATALOG_CURE: &str = "Enter in asset-catalog the name of a catalog as shown under Assets > Catalogs, and give the user that Helpbell works \
     as the rights ShowCatalog and ShowAsset there; or leave it empty.";

/// The queues in which tickets may be filed.
pub(crate) const QUEUES: Cached<'_> = kept("queues");
/// The catalogs of assets.
pub(crate) const CATALOGS: Cached<'_> = kept("catalogs");

const fn kept(key: &str) -> Cached<'_> {
    Cached {
        key,
        ttl_s: LIST_TTL_S,
    }
}

/// A text of TicketSQL.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The queues in which this user may file tickets; their kind is their lifecycle.
pub(crate) fn queues(desk: &Desk<'_>) -> Result<PickList, Failure> {
    let all = rest::items(
        desk,
        "reading queues",
        "/queues/all",
        &[("fields", "Name,Lifecycle,_hyperlinks")],
    )?;
    let entry = |queue: &Value| {
        links(queue, "create").next()?;
        Some(Entry {
            kind: json::text(queue, "Lifecycle").unwrap_or_default(),
            ..named(queue)?
        })
    };
    Ok(PickList {
        entries: all.iter().filter_map(entry).collect(),
    })
}

/// The catalogs.
pub(crate) fn catalogs(desk: &Desk<'_>) -> Result<PickList, Failure> {
    let all = rest::items(desk, "reading catalogs", "/catalogs/all", &[("fields", "Name")])?;
    Ok(PickList {
        entries: all.iter().filter_map(named).collect(),
    })
}

/// The custom fields of tickets in a queue; their kind is RT's type, such as `Select`.
pub(crate) fn custom_fields(
    call: &Call<'_>,
    queue: &Entry,
    name: &str,
) -> Result<(PickList, Option<Entry>), Failure> {
    let key = format!("customfields/{}", queue.id);
    kept(&key).look_up(call, name, || all_custom_fields(&rest::desk(call)?, &queue.id))
}

fn all_custom_fields(desk: &Desk<'_>, queue: &str) -> Result<PickList, Failure> {
    let path = format!("/queue/{queue}/customfields");
    let all = rest::items(
        desk,
        "reading custom fields",
        &path,
        &[("fields", "Name,Type,LookupType")],
    )?;
    let entry = |field: &Value| {
        // Those of comments and answers are listed too.
        json::text(field, "LookupType").filter(|kind| kind == "RT::Queue-RT::Ticket")?;
        Some(Entry {
            kind: json::text(field, "Type").unwrap_or_default(),
            ..named(field)?
        })
    };
    Ok(PickList {
        entries: all.iter().filter_map(entry).collect(),
    })
}

/// The values of a custom field of which one is chosen.
pub(crate) fn values(
    call: &Call<'_>,
    field: &Entry,
    given: &str,
) -> Result<(PickList, Option<Entry>), Failure> {
    let key = format!("values/{}", field.id);
    kept(&key).look_up(call, given, || all_values(&rest::desk(call)?, &field.id))
}

fn all_values(desk: &Desk<'_>, field: &str) -> Result<PickList, Failure> {
    let doing = "reading the values of a custom field";
    let answer = rest::get(desk, doing, &format!("/customfield/{field}"), &[])?;
    let values = json::member(&answer, "Values").and_then(Value::as_array);
    let names = values.into_iter().flatten().filter_map(|value| {
        let name = value.as_str().map(str::to_owned);
        name.or_else(|| json::text(value, "name"))
    });
    Ok(PickList {
        entries: names.map(|name| Entry::new(name.clone(), name)).collect(),
    })
}

/// The statuses of a queue's lifecycle. RT lists them to nobody: those of its own lifecycle are known, those of another
/// are gathered from the newest tickets and what they may become.
pub(crate) fn statuses(
    call: &Call<'_>,
    queue: &Entry,
    given: &str,
) -> Result<(PickList, Option<Entry>), Failure> {
    let named = |name: &str| Entry::new(name, name);
    if queue.kind == DEFAULT_LIFECYCLE.0 {
        let list = PickList {
            entries: DEFAULT_LIFECYCLE.1.map(named).into(),
        };
        let entry = list.find(given).cloned();
        return Ok((list, entry));
    }
    let fetch = || {
        let desk = rest::desk(call)?;
        let query = format!("Lifecycle = {}", quoted(&queue.kind));
        let query = [("query", query.as_str()), ("fields", "Status,_hyperlinks")];
        let query: Vec<_> = query.into_iter().chain(SAMPLE).collect();
        let mut list = PickList::default();
        for ticket in rest::items(&desk, "reading the statuses of tickets", "/tickets", &query)? {
            let changes = links(&ticket, "lifecycle").filter_map(|change| json::text(change, "to"));
            for status in json::text(&ticket, "Status").into_iter().chain(changes) {
                if list.find(&status).is_none() {
                    list.entries.push(named(&status));
                }
            }
        }
        Ok(list)
    };
    kept(&format!("statuses/{}", queue.kind)).look_up(call, given, fetch)
}

/// The user of this name, real name or address. Whether they may own tickets, RT says to nobody.
pub(crate) fn owners(call: &Call<'_>, given: &str) -> Result<(PickList, Option<Entry>), Failure> {
    let fetch = || {
        let desk = rest::desk(call)?;
        let mut list = PickList {
            entries: vec![Entry::new(NOBODY, NOBODY)],
        };
        let fields = ["Name", "RealName", "EmailAddress"];
        for field in fields {
            // RT ignores a field that this user may not search for; `find` looks again.
            let query = [("query", equals(field, given)), ("fields", fields.join(","))];
            let query = query.each_ref().map(|(name, value)| (*name, value.as_str()));
            let found = rest::items(&desk, "searching users", "/users", &query)?;
            list.entries.extend(found.iter().filter_map(user));
            if list.find(given).is_some() {
                break;
            }
        }
        Ok(list)
    };
    // A search for each name: RT may know every customer's people.
    kept(&format!("owner/{:016x}", hash(given))).look_up(call, given, fetch)
}

fn user(user: &Value) -> Option<Entry> {
    let id = json::id(user, "id")?;
    Some(Entry {
        label: json::text(user, "RealName").unwrap_or_else(|| id.clone()),
        also: json::text(user, "EmailAddress").unwrap_or_default(),
        kind: String::new(),
        id,
    })
}

/// The live values of a variable.
pub(crate) fn choices(
    call: &Call<'_>,
    field: &str,
    parents: &[(String, String)],
) -> Result<Vec<Choice>, Failure> {
    let desk = rest::desk(call)?;
    let queues = || QUEUES.get(call, || queues(&desk)).map(|(list, _)| list);
    if field == fields::QUEUE {
        return Ok(queues()?.choices());
    }
    if field == fields::PRIORITY {
        return Ok(fields::priorities(call).choices());
    }
    if field == fields::OWNER {
        return Ok(seen_owners(&desk)?.choices());
    }
    let list = queues()?;
    let queue = match parents.value(fields::QUEUE) {
        Some(name) => list.find(name),
        None => list.entries.first(),
    };
    let Some(queue) = queue else {
        return Err(Failure::not_found(
            "request-tracker.no-queue",
            "there is no such queue in which tickets may be filed",
        )
        .field(fields::QUEUE));
    };
    let found = if field == fields::STATUS {
        statuses(call, queue, "")?.0
    } else if let Some(name) = fields::custom_name(field) {
        let looked_up = custom_fields(call, queue, name)?;
        let wanted = Wanted {
            field,
            given: name,
            psa: "Request Tracker",
            noun: "custom field",
        };
        let custom = wanted.found(Ok(looked_up))?.map_err(|missing| {
            Failure::not_found("request-tracker.no-custom-field", missing.reason).field(field)
        })?;
        values(call, &custom, "")?.0
    } else {
        return Err(Failure::unsupported(
            "request-tracker.no-such-list",
            format!("RT has no list of values for {field}"),
        )
        .field(field));
    };
    let parent = Some((fields::QUEUE.to_owned(), queue.label.clone()));
    let choices = found.choices().into_iter();
    Ok(choices
        .map(|choice| Choice {
            parent: parent.clone(),
            ..choice
        })
        .collect())
}

/// Who owns one of the newest tickets.
fn seen_owners(desk: &Desk<'_>) -> Result<PickList, Failure> {
    let query = [
        ("query", "Owner != 'Nobody'"),
        ("fields", "Owner"),
        ("fields[Owner]", "RealName,EmailAddress"),
    ];
    let query: Vec<_> = query.into_iter().chain(SAMPLE).collect();
    let mut list = PickList {
        entries: vec![Entry::new(NOBODY, NOBODY)],
    };
    for ticket in rest::items(desk, "reading the owners of tickets", "/tickets", &query)? {
        if let Some(owner) = json::member(&ticket, "Owner").and_then(user)
            && !list.entries.contains(&owner)
        {
            list.entries.push(owner);
        }
    }
    Ok(list)
}

/// What an object links to with this `ref`.
pub(crate) fn links<'a>(object: &'a Value, reference: &'static str) -> impl Iterator<Item = &'a Value> {
    let links = json::member(object, "_hyperlinks").and_then(Value::as_array);
    links
        .into_iter()
        .flatten()
        .filter(move |link| json::text(link, "ref").as_deref() == Some(reference))
}

fn named(value: &Value) -> Option<Entry> {
    Some(Entry::new(json::id(value, "id")?, json::text(value, "Name")?))
}
