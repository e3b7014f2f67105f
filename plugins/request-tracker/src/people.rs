//! Who asks, and at which machine.

use helpbell_connector::json::{self, Value, json};
use helpbell_connector::pick_list::{PickList, Wanted, hash};
use helpbell_connector::text::lower_case;
use helpbell_connector::{Call, Contact, Device, DeviceFacts, Failure, FoundContact, Person};

use crate::describe::ASSET_CATALOG;
use crate::lists::{self, quoted};
use crate::rest;

/// Seconds for which a contact is remembered: a day bounds the harm of a changed name.
const CONTACT_TTL_S: u32 = 24 * 60 * 60;

/// Seconds for which "RT does not know this address" is remembered. RT makes a user of it with the first ticket.
const UNKNOWN_TTL_S: u32 = 5 * 60;

/// The user with exactly this e-mail address. Nobody stands for people whom RT does not know: RT makes users of the
/// addresses of those who ask.
pub(crate) fn find_contact(call: &Call<'_>, person: &Person) -> Result<Option<FoundContact>, Failure> {
    let Some(address) = address_of(person) else {
        return Ok(None);
    };
    let wanted = lower_case(address);
    let key = format!("contact/{:016x}", hash(&wanted));
    // The key is a hash; the address kept with it proves that this is the same person.
    let kept = call
        .cached_json(&key)
        .filter(|kept| json::text(kept, "for").as_deref() == Some(&wanted));
    let user = match kept {
        Some(kept) => json::member(&kept, "user").cloned(),
        None => {
            let user = search(call, address, &wanted)?;
            let ttl = if user.is_some() {
                CONTACT_TTL_S
            } else {
                UNKNOWN_TTL_S
            };
            call.cache_json(&key, &json!({"for": wanted, "user": user}), ttl);
            user
        }
    };
    Ok(user.as_ref().and_then(|user| {
        let id = json::id(user, "id")?;
        Some(FoundContact {
            contact: Contact {
                name: json::text(user, "RealName").unwrap_or_else(|| id.clone()),
                id,
                email: json::text(user, "EmailAddress"),
                organisation: None,
                site: None,
                extra: Vec::new(),
            },
            matched_by: "email".to_owned(),
        })
    }))
}

/// RT compares without regard to case, and ignores what it does not let this user search for: then anybody comes.
fn search(call: &Call<'_>, address: &str, wanted: &str) -> Result<Option<Value>, Failure> {
    let desk = rest::desk(call)?;
    let found = rest::items(
        &desk,
        "searching users",
        "/users",
        &[
            ("query", &equals("EmailAddress", address)),
            ("fields", "Name,RealName,EmailAddress"),
        ],
    )?;
    let exact =
        |user: &&Value| json::text(user, "EmailAddress").is_some_and(|email| lower_case(&email) == wanted);
    Ok(found.iter().find(exact).cloned())
}

/// A question for one field of RT's users.
pub(crate) fn equals(field: &str, value: &str) -> String {
    json::write(&json!([{"field": field, "operator": "=", "value": value}]))
}

/// The person's address if it is exactly one. RT reads a list of addresses, a name of a user and a number as somebody
/// who asks, too; what a person types must not become any of these.
pub(crate) fn address_of(person: &Person) -> Option<&str> {
    let address = person.email.trim();
    let (name, domain) = address.split_once('@')?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"@,;:<>()[]\"\\".contains(c);
    let is_one = !name.is_empty() && !domain.is_empty() && name.chars().chain(domain.chars()).all(plain);
    is_one.then_some(address)
}

/// The one active asset that is named like the machine, in the catalog of the settings.
pub(crate) fn find_device(call: &Call<'_>, facts: &DeviceFacts) -> Result<Option<Device>, Failure> {
    let (Some(wanted), hostname) = (call.setting(ASSET_CATALOG), facts.hostname.trim()) else {
        return Ok(None);
    };
    if hostname.is_empty() {
        return Ok(None);
    }
    let desk = rest::desk(call)?;
    let catalog = lists::CATALOGS.look_up(call, wanted, || lists::catalogs(&desk));
    let field = Wanted {
        field: ASSET_CATALOG,
        given: wanted,
        psa: "Request Tracker",
        noun: "catalog of assets",
    };
    let catalog = field.found(catalog)?.map_err(|missing| {
        Failure::not_found("request-tracker.no-catalog", missing.reason)
            .field(ASSET_CATALOG)
            .help(lists::CATALOG_CURE)
    })?;
    let query = format!(
        "Catalog = {} AND Name = {} AND Status = '__Active__'",
        quoted(&catalog.id),
        quoted(hostname)
    );
    let found = rest::items(
        &desk,
        "searching assets",
        "/assets",
        &[("query", &query), ("fields", "Name")],
    )?;
    let exact = |asset: &&Value| {
        json::text(asset, "Name").is_some_and(|name| lower_case(&name) == lower_case(hostname))
    };
    let exact: Vec<&Value> = found.iter().filter(exact).collect();
    // Of two machines with one name nobody knows which it is.
    let [asset] = exact.as_slice() else {
        return Ok(None);
    };
    Ok(json::id(asset, "id").map(|id| Device {
        id,
        name: json::text(asset, "Name").unwrap_or_else(|| hostname.to_owned()),
        matched_by: "hostname".to_owned(),
        extra: Vec::new(),
    }))
}

/// Names of a list, for those who look for one.
pub(crate) fn labels(list: &PickList) -> String {
    let labels: Vec<&str> = list.entries.iter().map(|entry| entry.label.as_str()).collect();
    labels.join(", ")
}

#[cfg(test)]
#[path = "people_tests.rs"]
mod tests;
