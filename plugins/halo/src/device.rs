//! Which machine: the Halo asset that carries this host name, else this serial number, else one of these MAC addresses.
//!
//! Halo searches for the name. Which fields of an asset hold serial number and addresses depends on its type, and
//! no search of Halo's is known to look into them. Where the name is not there, the client's assets are therefore
//! listed, once, and compared here.

use helpbell_connector::json::{self, Value, json};
use helpbell_connector::pick_list::hash;
use helpbell_connector::text::lower_case;
use helpbell_connector::{Call, Contact, Device, DeviceFacts, Failure, FailureKind};

use crate::api::{self, Api, Place};
use crate::errors;
use crate::hardware::{self, Hardware};

/// Seconds for which an asset is remembered.
const DEVICE_TTL_S: u32 = 24 * 60 * 60;

/// Seconds for which "there is no such asset" is remembered: an inventory that runs at night or an
/// agent that was just installed creates it soon.
const UNKNOWN_TTL_S: u32 = 10 * 60;

/// Seconds for which a list of assets that did not hold the machine is not asked for again, a working day: a
/// machine that the inventory lacks would else pay for it with every press, while one that the inventory gets
/// is found by its name after [`UNKNOWN_TTL_S`].
const LISTED_TTL_S: u32 = 8 * 60 * 60;

/// Assets asked for at once in a search; a host name has few near matches.
const SEARCH_SIZE: &str = "50";

/// Assets of a client that are looked through. With their fields they take some 10 kB each, and an answer of
/// 8 MiB is read; Halo may give fewer on a page.
const LIST_SIZE: &str = "500";

/// Members of an asset that may be its host name. Its name is the `inventory_number`; which field is the
/// `key_field` depends on the asset's type and is often the host name too.
const NAMES: [&str; 2] = ["inventory_number", "key_field"];

/// Members of an asset that may hold anything its type makes a key of.
const KEYS: [&str; 4] = ["key_field", "key_field2", "key_field3", "inventory_number"];

/// A machine, and where it is looked for.
struct Machine<'a> {
    client: Option<&'a str>,
    hostname: &'a str,
    hardware: Hardware,
}

pub(crate) fn find(
    call: &Call<'_>,
    contact: Option<&Contact>,
    facts: &DeviceFacts,
) -> Result<Option<Device>, Failure> {
    let api = Api::new(call)?;
    let machine = Machine::of(contact, facts);
    if let Some(kept) = machine.remembered(call) {
        return Ok(json::member(&kept, "asset").and_then(device_of));
    }
    let mut asset = machine.by_name(&api)?;
    if asset.is_none() {
        asset = machine.by_hardware(&api)?;
    }
    machine.remember(call, asset.as_ref());
    Ok(asset.as_ref().and_then(device_of))
}

/// Drops what is remembered about a machine: Halo refused a ticket with it.
pub(crate) fn forget(call: &Call<'_>, contact: Option<&Contact>, facts: &DeviceFacts) {
    let machine = Machine::of(contact, facts);
    call.forget(&machine.key());
    call.forget(&machine.listed_key());
}

impl<'a> Machine<'a> {
    fn of(contact: Option<&'a Contact>, facts: &'a DeviceFacts) -> Self {
        let organisation = contact.and_then(|contact| contact.organisation.as_ref());
        Self {
            client: organisation.map(|(id, _)| id.as_str()),
            hostname: facts.hostname.trim(),
            hardware: Hardware::of(facts),
        }
    }

    /// What it is called and what it is; not its addresses, which change with each dock.
    fn identity(&self) -> String {
        format!(
            "{}/{}/{}",
            self.client.unwrap_or("any"),
            lower_case(self.hostname),
            self.hardware.serial.as_deref().unwrap_or_default()
        )
    }

    /// Its addresses, for the cache.
    fn addresses(&self) -> String {
        self.hardware.macs.join(",")
    }

    /// Whether these are its addresses, whichever of them has the default route now.
    fn has_addresses(&self, kept: &str) -> bool {
        kept.len() == self.addresses().len() && self.hardware.macs.iter().all(|mac| kept.contains(mac))
    }

    fn key(&self) -> String {
        format!("device/{:016x}", hash(&self.identity()))
    }

    fn listed_key(&self) -> String {
        format!("{}/listed", self.key())
    }

    /// What is kept of this very machine. The key is a hash; what is kept with it proves that it is the same. Many
    /// machines are called `MacBook-Pro`: where neither name nor serial number found it, the addresses count too.
    fn remembered(&self, call: &Call<'_>) -> Option<Value> {
        let kept = call.cached_json(&self.key())?;
        let by = json::member(&kept, "asset").and_then(|asset| json::text(asset, MATCHED_BY));
        let is_sure = matches!(by.as_deref(), Some("hostname" | "serial"));
        let same = json::text(&kept, "for").as_ref() == Some(&self.identity())
            && (is_sure || self.has_addresses(&json::text(&kept, "macs").unwrap_or_default()));
        same.then_some(kept)
    }

    fn remember(&self, call: &Call<'_>, asset: Option<&Value>) {
        let ttl = if asset.is_some() {
            DEVICE_TTL_S
        } else {
            UNKNOWN_TTL_S
        };
        let kept = json!({"for": self.identity(), "macs": self.addresses(), "asset": asset});
        call.cache_json(&self.key(), &kept, ttl);
    }

    fn by_name(&self, api: &Api<'_>) -> Result<Option<Value>, Failure> {
        if self.hostname.is_empty() {
            return Ok(None);
        }
        let mut query = vec![("search", self.hostname)];
        query.extend(self.client.map(|client| ("client_id", client)));
        let assets = assets(api, &api::ASSETS, query, SEARCH_SIZE)?;
        let wanted = lower_case(self.hostname);
        let same = |asset: &&Value| {
            let is = |name: &&str| json::text(asset, name).is_some_and(|value| lower_case(&value) == wanted);
            // A server that ignores the filter must not put another client's machine on the ticket.
            let owner = json::id(asset, "client_id");
            NAMES.iter().any(is)
                && (self.client.is_none() || owner.is_none() || owner.as_deref() == self.client)
        };
        // A name may stand twice; the lowest id, so that every press of a machine names the same asset.
        let numbered = |asset: &'_ Value| json::id(asset, "id")?.parse::<i64>().ok();
        let asset = active(&assets)
            .filter(same)
            .min_by_key(|asset| numbered(asset).unwrap_or(i64::MAX));
        Ok(asset.and_then(|asset| reduced(asset, "hostname")))
    }

    /// Looks through the client's assets. A client that is not known has none, and a list that did not help the
    /// last time is not asked for again.
    fn by_hardware(&self, api: &Api<'_>) -> Result<Option<Value>, Failure> {
        let Some(client) = self.client.filter(|_| !self.hardware.is_unknown()) else {
            return Ok(None);
        };
        let key = self.listed_key();
        if api
            .call
            .cached_json(&key)
            .is_some_and(|kept| self.has_addresses(kept.as_str().unwrap_or_default()))
        {
            return Ok(None);
        }
        // Before it is asked for: a list that Halo never finishes must not stop the next try as well.
        api.call
            .cache_json(&key, &Value::from(self.addresses()), LISTED_TTL_S);
        let query = vec![("client_id", client), ("includeassetfields", "true")];
        let assets = match assets(api, &api::LISTED_ASSETS, query, LIST_SIZE) {
            Ok(assets) => assets,
            Err(failure) if is_about_the_list(&failure) => return Err(unlisted(failure)),
            Err(failure) => {
                api.call.forget(&key);
                return Err(failure);
            }
        };
        let own: Vec<&Value> = active(&assets)
            .filter(|asset| json::id(asset, "client_id").as_deref() == Some(client))
            .collect();
        Ok(self.among(&own))
    }

    /// The one asset that carries the serial number, else one of the addresses. What two carry proves nothing.
    fn among(&self, assets: &[&Value]) -> Option<Value> {
        let only = |carries: &dyn Fn(&Value) -> bool| {
            let mut carriers = assets.iter().filter(|asset| carries(asset));
            let first = carriers.next()?;
            let is_same = |other: &&Value| json::id(other, "id") == json::id(first, "id");
            carriers.all(is_same).then_some(*first)
        };
        let serial = self.hardware.serial.as_ref();
        let by_serial = || {
            let carries =
                |asset: &Value| values(asset).any(|value| hardware::serial(&value).as_ref() == serial);
            serial.and_then(|_| only(&carries))
        };
        let by_mac = |mac: &String| {
            let carries = |asset: &Value| values(asset).any(|value| hardware::macs(&value).contains(mac));
            // An adapter at a dock may have been another machine's when the inventory saw it.
            only(&carries).filter(|asset| !has_other_serial(asset, serial))
        };
        if let Some(asset) = by_serial() {
            return reduced(asset, "serial");
        }
        let asset = self.hardware.macs.iter().find_map(by_mac)?;
        reduced(asset, "mac")
    }
}

/// One page of assets.
fn assets<'a>(
    api: &Api<'_>,
    place: &Place,
    mut query: Vec<(&str, &'a str)>,
    size: &'a str,
) -> Result<Vec<Value>, Failure> {
    query.extend([("pageinate", "true"), ("page_size", size), ("page_no", "1")]);
    let answer = api.get(place, &query)?;
    json::list(&answer, &["assets", "devices"])
        .cloned()
        .ok_or_else(|| {
            errors::unreadable(
                "halo.assets-unreadable",
                format!("Halo's answer while {} holds no list of assets", place.doing),
            )
        })
}

fn active(assets: &[Value]) -> impl Iterator<Item = &Value> {
    assets.iter().filter(|asset| !json::flag(asset, "inactive"))
}

/// Everything an asset says that could be a serial number or an address.
fn values(asset: &Value) -> impl Iterator<Item = String> {
    let keys = KEYS.iter().filter_map(|name| json::text(asset, name));
    keys.chain(fields(asset).filter_map(|field| json::text(field, "value")))
}

fn fields(asset: &Value) -> impl Iterator<Item = &Value> {
    json::member(asset, "fields")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// Whether a field that is called a serial number says that this is another machine.
fn has_other_serial(asset: &Value, serial: Option<&String>) -> bool {
    let is_serial =
        |field: &&Value| json::text(field, "name").is_some_and(|name| lower_case(&name).contains("serial"));
    serial.is_some()
        && fields(asset)
            .filter(is_serial)
            .filter_map(|field| hardware::serial(&json::text(field, "value")?))
            .any(|other| Some(&other) != serial)
}

/// The search went through a moment ago: what fails now is this list, which may be more than Halo can gather.
fn is_about_the_list(failure: &Failure) -> bool {
    match failure.kind {
        FailureKind::Unavailable => failure.code == "halo.server-error",
        FailureKind::Timeout | FailureKind::Internal | FailureKind::InvalidInput | FailureKind::NotFound => {
            true
        }
        _ => false,
    }
}

/// A failure that does not keep the press: the ticket goes out without the machine, and says so.
fn unlisted(failure: Failure) -> Failure {
    Failure {
        kind: FailureKind::Internal,
        code: "halo.assets-unlisted".to_owned(),
        ..failure
    }
    .help(
        "The machine was looked for by its name only. Let its asset's Inventory Number or key field in Halo be its host \
         name, then this list is not needed.",
    )
}

/// Member under which it is kept by what a machine was recognised.
const MATCHED_BY: &str = "matched_by";

/// What is kept of an asset.
fn reduced(asset: &Value, matched_by: &str) -> Option<Value> {
    Some(json!({
        "id": json::id(asset, "id")?,
        "name": json::text(asset, "inventory_number").or_else(|| json::text(asset, "key_field")),
        "client_id": json::id(asset, "client_id"),
        "site_id": json::id(asset, "site_id"),
        MATCHED_BY: matched_by,
    }))
}

fn device_of(asset: &Value) -> Option<Device> {
    let extra = ["client_id", "site_id"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), json::id(asset, name)?)));
    Some(Device {
        id: json::id(asset, "id")?,
        name: json::text(asset, "name").unwrap_or_default(),
        matched_by: json::text(asset, MATCHED_BY).unwrap_or_default(),
        extra: extra.collect(),
    })
}

#[cfg(test)]
#[path = "device_tests.rs"]
mod tests;
