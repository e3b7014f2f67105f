//! Clients, their sites and their people.

use serde_json::{Value, json};

use super::{Page, contains, id_of, ordered, paged, wanted};
use crate::halo::reply::{Answer, Refusal};
use crate::halo::seed::{Client, Site, User};
use crate::halo::server::Call;
use crate::halo::store::Store;
use crate::halo::token::Grant;

/// Similarity (Jaro-Winkler, 0 to 1) from which a name or address counts as near. High enough to leave strangers out,
/// low enough to let `maria.rossini@` answer a search for `maria.rossi@`.
const NEAR: f64 = 0.88;

pub(super) fn users(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let query = &call.query;
    let (client, site) = (query.integer("client_id"), query.integer("site_id"));
    let search = query.text("search");
    let phones = query.is("search_phonenumbers");
    let seed = store.seed.clone();
    let client_of = |user: &User| seed.client_of_site(user.site_id).map_or(0, |client| client.id);
    let mut found: Vec<(&User, f64)> = seed
        .users
        .iter()
        .filter(|user| wanted(query, user.inactive))
        .filter(|user| {
            client.is_none_or(|id| id == client_of(user)) && site.is_none_or(|id| id == user.site_id)
        })
        .filter_map(|user| {
            search
                .map_or(Some(0.0), |text| likeness(user, text, phones))
                .map(|score| (user, score))
        })
        .collect();
    // The nearest last: a client that takes the first row takes the wrong person.
    found.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let mut found: Vec<&User> = found.into_iter().map(|(user, _)| user).collect();
    ordered(query, &mut found, |user, order| match order {
        "name" => Some(user.name.to_lowercase()),
        "emailaddress" => Some(user.email.to_lowercase()),
        _ => None,
    });
    let page = paged(store, query, found);
    let ids: Vec<String> = page.rows.iter().map(|user| user.id.to_string()).collect();
    let rows = page.rows.into_iter().map(|user| user_row(store, user)).collect();
    let mut envelope = Page {
        total: page.total,
        place: page.place,
        rows,
    }
    .envelope("users");
    envelope.insert("columns".into(), Value::Null);
    envelope.insert("user_ids".into(), json!(ids.join(",")));
    Ok(Answer::ok(Value::Object(envelope)))
}

/// How near a user is to what was searched; `None` when not near at all, above 1 when the address is the same.
fn likeness(user: &User, search: &str, phones: bool) -> Option<f64> {
    const EXACT: f64 = 2.0;
    let wanted = search.to_lowercase();
    let (email, name) = (user.email.to_lowercase(), user.name.to_lowercase());
    if email == wanted {
        return Some(EXACT);
    }
    if phones && !user.phone.is_empty() && user.phone.contains(search) {
        return Some(1.0);
    }
    // Two addresses of one company are alike in their second half, so only the first is compared.
    let local = |address: &str| address.split('@').next().unwrap_or_default().to_owned();
    let domain = |address: &str| {
        address
            .split_once('@')
            .map_or_else(String::new, |(_, domain)| domain.to_owned())
    };
    let score = if wanted.contains('@') {
        let near = strsim::jaro_winkler(&local(&email), &local(&wanted));
        if domain(&email) == domain(&wanted) {
            near
        } else {
            0.0
        }
    } else {
        strsim::jaro_winkler(&name, &wanted)
    };
    if score >= NEAR {
        return Some(score);
    }
    (contains(&email, &wanted) || contains(&name, &wanted)).then_some(0.5)
}

pub(super) fn user(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    call.query.is("includedetails");
    let user = store.seed.user(id_of(call)?).ok_or_else(Refusal::not_found)?;
    Ok(Answer::ok(user_row(store, user)))
}

/// A user as answers show one. `site_id` is a fraction in the schema, and so it is here; `site_id_int` is not.
fn user_row(store: &Store, user: &User) -> Value {
    let site = store.seed.site(user.site_id);
    let client = store.seed.client_of_site(user.site_id);
    let (first, last) = user.name.split_once(' ').unwrap_or((&user.name, ""));
    let initials: String = user
        .name
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .collect();
    #[expect(
        clippy::cast_precision_loss,
        reason = "ids are small; the vendor itself writes them as doubles here"
    )]
    let site_id = user.site_id as f64;
    json!({
        "id": user.id,
        "name": user.name,
        "firstname": first,
        "surname": last,
        "initials": initials,
        "emailaddress": user.email,
        "phonenumber_preferred": user.phone,
        "phonenumber": user.phone,
        "client_id": client.map(|client| client.id),
        "client_name": client.map(|client| client.name.as_str()),
        "site_id": site_id,
        "site_id_int": user.site_id,
        "site_name": site.map(|site| site.name.as_str()),
        "sitetimezone": site.map(|site| site.timezone.as_str()),
        "inactive": user.inactive,
        "isimportantcontact": user.important,
        "isimportantcontact2": false,
        "neversendemails": false,
        "isserviceaccount": false,
        "colour": "#2bd3c6",
        "priority_id": 0,
        "linked_agent_id": 0,
        "covered_by_contract": false,
        "contract_value": 0.0,
        "relationship_id": 0,
        "customfields": [],
        "use": "user",
    })
}

pub(super) fn clients(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let query = &call.query;
    let search = query.text("search").or_else(|| query.text("search_name_only"));
    let seed = store.seed.clone();
    let fits = |client: &&Client| {
        wanted(query, client.inactive) && search.is_none_or(|text| contains(&client.name, text))
    };
    let mut rows: Vec<&Client> = seed.clients.iter().filter(fits).collect();
    rows.sort_by_key(|client| client.name.to_lowercase());
    ordered(query, &mut rows, |client, order| match order {
        "id" => Some((client.id, String::new())),
        "name" => Some((0, client.name.to_lowercase())),
        _ => None,
    });
    let page = paged(store, query, rows);
    let rows = page
        .rows
        .into_iter()
        .map(|client| client_row(store, client))
        .collect();
    let envelope = Page {
        total: page.total,
        place: page.place,
        rows,
    }
    .envelope("clients");
    Ok(Answer::ok(Value::Object(envelope)))
}

pub(super) fn client(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    call.query.is("includedetails");
    let client = store.seed.client(id_of(call)?).ok_or_else(Refusal::not_found)?;
    Ok(Answer::ok(client_row(store, client)))
}

fn client_row(store: &Store, client: &Client) -> Value {
    let sites = store.seed.sites.iter().filter(|site| site.client_id == client.id);
    let main = sites.min_by_key(|site| site.id);
    let open = store
        .tickets
        .values()
        .filter(|it| it.core.client_id == client.id && it.closed.is_none())
        .count();
    json!({
        "id": client.id,
        "name": client.name,
        "toplevel_id": 1,
        "toplevel_name": store.seed.instance.name,
        "inactive": client.inactive,
        "colour": "#a75ded",
        "main_site_id": main.map(|site| site.id),
        "main_site_name": main.map(|site| site.name.as_str()),
        "open_ticket_count": open,
        "stopped": 0,
        "customfields": [],
        "use": "client",
    })
}

pub(super) fn sites(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let query = &call.query;
    let client = query.integer("client_id");
    let search = query.text("search");
    let seed = store.seed.clone();
    let inactive = |site: &Site| seed.client(site.client_id).is_some_and(|client| client.inactive);
    let fits = |site: &&Site| {
        wanted(query, inactive(site))
            && client.is_none_or(|id| id == site.client_id)
            && search.is_none_or(|text| contains(&site.name, text))
    };
    let mut rows: Vec<&Site> = seed.sites.iter().filter(fits).collect();
    ordered(query, &mut rows, |site, order| match order {
        "id" => Some((site.id, String::new())),
        "name" => Some((0, site.name.to_lowercase())),
        _ => None,
    });
    let page = paged(store, query, rows);
    let rows = page.rows.into_iter().map(|site| site_row(store, site)).collect();
    let envelope = Page {
        total: page.total,
        place: page.place,
        rows,
    }
    .envelope("sites");
    Ok(Answer::ok(Value::Object(envelope)))
}

pub(super) fn site(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    call.query.is("includedetails");
    let site = store.seed.site(id_of(call)?).ok_or_else(Refusal::not_found)?;
    Ok(Answer::ok(site_row(store, site)))
}

/// A site as answers show one; the schema writes its `client_id` as a fraction.
fn site_row(store: &Store, site: &Site) -> Value {
    let client = store.seed.client(site.client_id);
    let client_name = client.map_or("", |client| client.name.as_str());
    #[expect(
        clippy::cast_precision_loss,
        reason = "ids are small; the vendor itself writes them as doubles here"
    )]
    let client_id = site.client_id as f64;
    json!({
        "id": site.id,
        "name": site.name,
        "client_id": client_id,
        "client_name": client_name,
        "clientsite_name": format!("{client_name}/{}", site.name),
        "inactive": client.is_some_and(|client| client.inactive),
        "sla_id": 0,
        "phonenumber": site.phone,
        "colour": "#5c6bc0",
        "timezone": site.timezone,
        "isstocklocation": false,
        "messagegroup_id": 0,
        "use": "site",
    })
}
