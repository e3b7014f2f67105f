//! `/Asset`: the clients' devices.

use serde_json::{Value, json};

use super::{Page, contains, id_of, ordered, paged, wanted};
use crate::halo::clock::NULL_DATE;
use crate::halo::reply::{Answer, Refusal};
use crate::halo::seed::Asset;
use crate::halo::server::Call;
use crate::halo::store::Store;
use crate::halo::token::Grant;

pub(super) fn assets(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let query = &call.query;
    let (client, site) = (query.integer("client_id"), query.integer("site_id"));
    let kind = query
        .integer("assettype_id")
        .or_else(|| query.integer("assettype"));
    let exact = query.text("inventory_number");
    let tag_only = query.is("search_inventory_number_only");
    let search = query.text("search");
    let seed = store.seed.clone();
    let client_of = |asset: &Asset| seed.client_of_site(asset.site_id).map_or(0, |client| client.id);
    let found = |asset: &Asset, text: &str| {
        contains(&asset.inventory_number, text)
            || (!tag_only && (contains(&asset.hostname, text) || contains(&asset.serial, text)))
    };
    let fits = |asset: &&Asset| {
        wanted(query, asset.inactive)
            && client.is_none_or(|id| id == client_of(asset))
            && site.is_none_or(|id| id == asset.site_id)
            && kind.is_none_or(|id| id == asset.type_id)
            && exact.is_none_or(|tag| asset.inventory_number.eq_ignore_ascii_case(tag))
            && search.is_none_or(|text| found(asset, text))
    };
    let mut rows: Vec<&Asset> = seed.assets.iter().filter(fits).collect();
    // Newest first; nothing promises that the best match leads.
    rows.sort_by_key(|asset| std::cmp::Reverse(asset.id));
    ordered(query, &mut rows, |asset, order| match order {
        "id" => Some((asset.id, String::new())),
        "inventory_number" => Some((0, asset.inventory_number.to_lowercase())),
        "key_field" => Some((0, asset.hostname.to_lowercase())),
        _ => None,
    });
    let with_fields = query.is("includeassetfields");
    let page = paged(store, query, rows);
    let listed = |asset| {
        let mut row = row(store, asset);
        if with_fields && let Some(members) = row.as_object_mut() {
            members.insert("fields".to_owned(), fields(asset));
        }
        row
    };
    let rows = page.rows.into_iter().map(listed).collect();
    let envelope = Page {
        total: page.total,
        place: page.place,
        rows,
    }
    .envelope("assets");
    Ok(Answer::ok(Value::Object(envelope)))
}

pub(super) fn asset(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    call.query.is("includedetails");
    let asset = store.seed.asset(id_of(call)?).ok_or_else(Refusal::not_found)?;
    Ok(Answer::ok(row(store, asset)))
}

/// What is known of an asset besides its key fields, as the vendor's `FieldHelper`: empty ones are listed too.
fn fields(asset: &Asset) -> Value {
    let known = [
        (1, "Computer Name", &asset.hostname),
        (2, "Serial Number", &asset.serial),
        (3, "MAC Address", &asset.mac),
    ];
    known
        .into_iter()
        .map(|(id, name, value)| {
            json!({
                "id": id,
                "name": name,
                "value": value,
                "display": value,
                "mandatory": false,
                "showonactivity": false,
                "lookup": 0,
                "systemuse": 0,
                "parenttype_id": asset.type_id,
                "url": "",
                "access_level": 0,
            })
        })
        .collect()
}

/// An asset as lists and tickets show one.
pub(super) fn row(store: &Store, asset: &Asset) -> Value {
    let site = store.seed.site(asset.site_id);
    let client = store.seed.client_of_site(asset.site_id);
    json!({
        "id": asset.id,
        "inventory_number": asset.inventory_number,
        "key_field": asset.hostname,
        "key_field2": asset.serial,
        "key_field3": "",
        "client_id": client.map(|client| client.id),
        "client_name": client.map(|client| client.name.as_str()),
        "site_id": asset.site_id,
        "site_name": site.map(|site| site.name.as_str()),
        "assettype_id": asset.type_id,
        "assettype_name": asset.type_name,
        "username": "",
        "colour": "#607d8b",
        "icon": "fa fa-laptop",
        "inactive": asset.inactive,
        "is_primary_asset": false,
        "warranty_end": NULL_DATE,
        "contract_value": 0.0,
        "contract_id": 0,
        "supplier_id": 0,
        "status_id": 1,
        "criticality": 0,
        "customfields": [],
        "use": "asset",
    })
}
