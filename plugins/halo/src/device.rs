//! Which machine: the Halo asset that carries this host name.

use helpbell_connector::json::{self, Value, json};
use helpbell_connector::pick_list::hash;
use helpbell_connector::text::lower_case;
use helpbell_connector::{Call, Contact, Device, DeviceFacts, Failure};

use crate::api::{self, Api};

/// Seconds for which an asset is remembered.
const DEVICE_TTL_S: u32 = 24 * 60 * 60;

/// Seconds for which "there is no such asset" is remembered: an inventory that runs at night or an
/// agent that was just installed creates it soon.
const UNKNOWN_TTL_S: u32 = 10 * 60;

/// Assets asked for at once; a host name has few near matches.
const PAGE_SIZE: &str = "50";

/// A way to recognise a machine, in the order of trust.
struct Trait<'a> {
    /// What the contract calls it.
    name: &'static str,
    /// What is searched.
    value: &'a str,
    /// Members of an asset that must equal it, whatever the case.
    members: &'static [&'static str],
}

pub(crate) fn find(
    call: &Call<'_>,
    contact: Option<&Contact>,
    facts: &DeviceFacts,
) -> Result<Option<Device>, Failure> {
    let api = Api::new(call)?;
    let client = contact
        .and_then(|contact| contact.organisation.as_ref())
        .map(|(id, _)| id.as_str());
    for known in traits(facts) {
        if let Some(device) = by_trait(&api, client, &known)? {
            return Ok(Some(device));
        }
    }
    Ok(None)
}

/// Drops what is remembered about a machine: Halo refused a ticket with it.
pub(crate) fn forget(call: &Call<'_>, contact: Option<&Contact>, facts: &DeviceFacts) {
    let client = contact
        .and_then(|contact| contact.organisation.as_ref())
        .map(|(id, _)| id.as_str());
    for known in traits(facts) {
        call.forget(&key_of(&identity(client, &known)));
    }
}

/// What a machine can be recognised by here. An asset's name is its `inventory_number`; which field is
/// the `key_field` depends on the asset type and is often the host name too.
fn traits(facts: &DeviceFacts) -> impl Iterator<Item = Trait<'_>> {
    let hostname = Trait {
        name: "hostname",
        value: facts.hostname.trim(),
        members: &["inventory_number", "key_field"],
    };
    [hostname].into_iter().filter(|known| !known.value.is_empty())
}

fn by_trait(api: &Api<'_>, client: Option<&str>, known: &Trait<'_>) -> Result<Option<Device>, Failure> {
    let identity = identity(client, known);
    let key = key_of(&identity);
    // The key is a hash; what is kept with it proves that this is the same machine.
    if let Some(kept) = api
        .call
        .cached_json(&key)
        .filter(|kept| json::text(kept, "for").as_ref() == Some(&identity))
    {
        return Ok(json::member(&kept, "asset").and_then(|asset| device_of(asset, known.name)));
    }
    let mut query = vec![
        ("search", known.value),
        ("pageinate", "true"),
        ("page_size", PAGE_SIZE),
        ("page_no", "1"),
    ];
    if let Some(client) = client {
        query.push(("client_id", client));
    }
    let answer = api.get(&api::ASSETS, &query)?;
    let assets = json::list(&answer, &["assets", "devices"]).ok_or_else(|| {
        Failure::internal(
            "halo.assets-unreadable",
            "Halo's answer to a search for assets holds no list of assets",
        )
    })?;
    let asset = choose(assets, client, known);
    let ttl = if asset.is_some() {
        DEVICE_TTL_S
    } else {
        UNKNOWN_TTL_S
    };
    api.call
        .cache_json(&key, &json!({"for": identity, "asset": asset}), ttl);
    Ok(asset.as_ref().and_then(|asset| device_of(asset, known.name)))
}

/// Of the active assets of the client that are exactly this machine the one with the lowest id.
fn choose(assets: &[Value], client: Option<&str>, known: &Trait<'_>) -> Option<Value> {
    let wanted = lower_case(known.value);
    let same = |asset: &Value| {
        let is = |name: &&str| json::text(asset, name).is_some_and(|value| lower_case(&value) == wanted);
        known.members.iter().any(is)
    };
    // A server that ignores the filter must not put another client's machine on the ticket.
    let of_client = |asset: &Value| match (client, json::id(asset, "client_id")) {
        (Some(client), Some(owner)) => client == owner,
        _ => true,
    };
    let (id, asset) = assets
        .iter()
        .filter(|asset| !json::flag(asset, "inactive") && of_client(asset) && same(asset))
        .filter_map(|asset| Some((json::id(asset, "id")?.parse::<i64>().ok()?, asset)))
        .min_by_key(|(id, _)| *id)?;
    Some(json!({
        "id": id.to_string(),
        "name": json::text(asset, "inventory_number").or_else(|| json::text(asset, "key_field")),
        "client_id": json::id(asset, "client_id"),
        "site_id": json::id(asset, "site_id"),
    }))
}

fn device_of(asset: &Value, matched_by: &str) -> Option<Device> {
    let extra = ["client_id", "site_id"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), json::id(asset, name)?)));
    Some(Device {
        id: json::id(asset, "id")?,
        name: json::text(asset, "name").unwrap_or_default(),
        matched_by: matched_by.to_owned(),
        extra: extra.collect(),
    })
}

fn identity(client: Option<&str>, known: &Trait<'_>) -> String {
    format!(
        "{}/{}/{}",
        client.unwrap_or("any"),
        known.name,
        lower_case(known.value)
    )
}

fn key_of(identity: &str) -> String {
    format!("device/{:016x}", hash(identity))
}

#[cfg(test)]
#[path = "device_tests.rs"]
mod tests;
