//! The rules of a new or changed ticket: who it is about, and whether every id and name it carries exists.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{flag_field, id_field, text_field};
use crate::halo::reply::Refusal;
use crate::halo::seed::{Seed, TicketType};
use crate::halo::store::{Core, Store, Ticket};
use crate::halo::text::{strip_tags, to_html};
use crate::halo::token::Grant;

type Fields = Map<String, Value>;

/// The core of the ticket after this write, or why it is refused. `before` is the ticket that is changed.
pub(super) fn resolve(
    store: &Store,
    grant: &Grant,
    fields: &Fields,
    before: Option<&Ticket>,
) -> Result<Core, Refusal> {
    let seed = &store.seed;
    let old = before.map(|ticket| &ticket.core);
    let kind = ticket_type(seed, fields, old)?;
    if old.is_none() {
        mandatory(store, fields, kind)?;
    }
    let (client_id, site_id, user_id) = parties(store, fields, old)?;
    let (details, details_html) = details(fields, old);
    let summary = match (text_field(fields, "summary"), old) {
        (Some(summary), _) if !summary.trim().is_empty() => summary.to_owned(),
        (None, Some(old)) => old.summary.clone(),
        _ => return Err(Refusal::rule("A Summary must be entered for this Ticket")),
    };
    Ok(Core {
        summary,
        details,
        details_html,
        type_id: kind.id,
        status_id: status(seed, fields, old, kind)?,
        priority_id: priority(seed, fields, old, kind)?,
        client_id,
        site_id,
        user_id,
        agent_id: agent(seed, fields, old, grant)?,
        team: team(seed, fields, old, kind)?,
        categories: categories(seed, fields, old)?,
        asset_ids: assets(seed, fields, old)?,
        custom_fields: custom_fields(seed, fields, old, kind)?,
    })
}

fn unknown(what: &str, id: impl std::fmt::Display) -> Refusal {
    Refusal::rule(format!("The {what} {id} does not exist."))
}

fn ticket_type<'a>(seed: &'a Seed, fields: &Fields, old: Option<&Core>) -> Result<&'a TicketType, Refusal> {
    let id = id_field(fields, "tickettype_id").or(old.map(|core| core.type_id));
    match id {
        Some(id) => seed.ticket_type(id).ok_or_else(|| unknown("Ticket Type", id)),
        None => {
            let first = seed.ticket_types.iter().find(|kind| !kind.inactive);
            first.ok_or_else(|| Refusal::rule("There is no Ticket Type"))
        }
    }
}

/// `_novalidate` skips the rules of the New Ticket screen: mandatory fields, and fields tied to other ticket types. Ids
/// that lead nowhere are no matter of that screen and are refused all the same.
fn validated(fields: &Fields) -> bool {
    !flag_field(fields, "_novalidate").unwrap_or(false)
}

/// Fields the instance wants on every new ticket of this type.
fn mandatory(store: &Store, fields: &Fields, kind: &TicketType) -> Result<(), Refusal> {
    if !validated(fields) {
        return Ok(());
    }
    let missing = |name: &&String| match value_of(&store.seed, fields, name) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Number(number)) => number.as_i64() == Some(0),
        Some(_) => false,
    };
    match store.behaviour.mandatory_for(kind.id).iter().find(missing) {
        Some(name) => Err(Refusal::rule(format!(
            "{} is mandatory for the Ticket Type {}",
            label(&store.seed, name),
            kind.name
        ))),
        None => Ok(()),
    }
}

/// What was sent for a field, or for a custom field of this name.
fn value_of<'a>(seed: &Seed, fields: &'a Fields, name: &str) -> Option<&'a Value> {
    let Some(custom) = seed.custom_fields.iter().find(|field| field.name == name) else {
        return fields.get(name);
    };
    let sent = fields.get("customfields").and_then(Value::as_array)?;
    let same = |field: &&Value| {
        field.get("id").and_then(Value::as_i64) == Some(custom.id)
            || field.get("name").and_then(Value::as_str) == Some(name)
    };
    sent.iter().find(same)?.get("value")
}

/// A field's name as a person would read it: a custom field's label; `category_1` is "Category 1".
fn label(seed: &Seed, name: &str) -> String {
    if let Some(custom) = seed.custom_fields.iter().find(|field| field.name == name) {
        return custom.label.clone();
    }
    let name = name.replace('_', " ");
    let mut letters = name.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Client, site and user after the write. They must fit together; what is not sent follows from what is, and a new
/// ticket that names nobody stands under the default client and site. A `site_id` of 0 counts as sent.
fn parties(store: &Store, fields: &Fields, old: Option<&Core>) -> Result<(i64, i64, i64), Refusal> {
    let seed = &store.seed;
    let sent = |name: &str| fields.get(name).is_some_and(|value| !value.is_null());
    if let (Some(old), false) = (old, sent("client_id") || sent("site_id") || sent("user_id")) {
        return Ok((old.client_id, old.site_id, old.user_id));
    }
    let (client, site, user) = (
        id_field(fields, "client_id"),
        id_field(fields, "site_id"),
        id_field(fields, "user_id"),
    );
    if let Some(user_id) = user {
        let user = seed.user(user_id).ok_or_else(|| unknown("User", user_id))?;
        let home = seed
            .site(user.site_id)
            .ok_or_else(|| unknown("Site", user.site_id))?;
        if store.behaviour.site_required_with_user && !sent("site_id") && old.is_none() {
            return Err(Refusal::rule("A Site must be entered when a User is entered"));
        }
        if client.is_some_and(|id| id != home.client_id) {
            return Err(Refusal::rule(format!(
                "The User {user_id} does not belong to the Client"
            )));
        }
        if site.is_some_and(|id| id != home.id) {
            return Err(Refusal::rule(format!(
                "The User {user_id} does not belong to the Site"
            )));
        }
        return Ok((home.client_id, home.id, user_id));
    }
    let (client_id, site_id) = match (client, site) {
        (None, None) => match old {
            Some(old) => (old.client_id, old.site_id),
            None => (seed.instance.default_client_id, seed.instance.default_site_id),
        },
        (Some(client_id), None) => {
            seed.client(client_id)
                .ok_or_else(|| unknown("Client", client_id))?;
            let first = seed.sites.iter().find(|site| site.client_id == client_id);
            (
                client_id,
                first
                    .map(|site| site.id)
                    .ok_or_else(|| Refusal::rule("The Client has no Site"))?,
            )
        }
        (client, Some(site_id)) => {
            let site = seed.site(site_id).ok_or_else(|| unknown("Site", site_id))?;
            if let Some(client_id) = client {
                seed.client(client_id)
                    .ok_or_else(|| unknown("Client", client_id))?;
                if client_id != site.client_id {
                    return Err(Refusal::rule(format!(
                        "The Site {site_id} does not belong to the Client {client_id}"
                    )));
                }
            }
            (site.client_id, site_id)
        }
    };
    Ok((client_id, site_id, 0))
}

fn details(fields: &Fields, old: Option<&Core>) -> (String, String) {
    match (
        text_field(fields, "details"),
        text_field(fields, "details_html"),
        old,
    ) {
        (Some(plain), Some(html), _) => (plain.to_owned(), html.to_owned()),
        (None, Some(html), _) => (strip_tags(html), html.to_owned()),
        (Some(plain), None, _) => (plain.to_owned(), to_html(plain)),
        (None, None, Some(old)) => (old.details.clone(), old.details_html.clone()),
        (None, None, None) => (String::new(), String::new()),
    }
}

fn status(seed: &Seed, fields: &Fields, old: Option<&Core>, kind: &TicketType) -> Result<i64, Refusal> {
    match id_field(fields, "status_id") {
        Some(id) => seed
            .status(id)
            .map(|status| status.id)
            .ok_or_else(|| unknown("Status", id)),
        None => Ok(old.map_or(kind.initial_status_id, |core| core.status_id)),
    }
}

fn priority(seed: &Seed, fields: &Fields, old: Option<&Core>, kind: &TicketType) -> Result<i64, Refusal> {
    match id_field(fields, "priority_id") {
        Some(id) => seed
            .priority(id)
            .map(|priority| priority.priority_id)
            .ok_or_else(|| unknown("Priority", id)),
        None => Ok(old.map_or(kind.priority_id, |core| core.priority_id)),
    }
}

/// A ticket that names no agent goes to the application's own, which is why integrations send "Unassigned".
fn agent(seed: &Seed, fields: &Fields, old: Option<&Core>, grant: &Grant) -> Result<i64, Refusal> {
    match id_field(fields, "agent_id") {
        Some(id) => match seed.agent(id) {
            Some(agent) if agent.disabled => Err(Refusal::rule(format!("The Agent {id} is disabled."))),
            Some(agent) => Ok(agent.id),
            None => Err(unknown("Agent", id)),
        },
        None => Ok(old.map_or(grant.agent_id.unwrap_or(1), |core| core.agent_id)),
    }
}

fn team(seed: &Seed, fields: &Fields, old: Option<&Core>, kind: &TicketType) -> Result<String, Refusal> {
    if let Some(name) = text_field(fields, "team").filter(|name| !name.is_empty()) {
        return seed
            .team(name)
            .map(|team| team.name.clone())
            .ok_or_else(|| unknown("Team", name));
    }
    if let Some(id) = id_field(fields, "team_id") {
        let team = seed.teams.iter().find(|team| team.id == id);
        return team
            .map(|team| team.name.clone())
            .ok_or_else(|| unknown("Team", id));
    }
    Ok(old.map_or_else(|| kind.team.clone(), |core| core.team.clone()))
}

fn categories(seed: &Seed, fields: &Fields, old: Option<&Core>) -> Result<[String; 4], Refusal> {
    let mut categories = old.map_or_else(Default::default, |core| core.categories.clone());
    for (type_id, category) in (1_i64..).zip(&mut categories) {
        if let Some(path) = text_field(fields, &format!("category_{type_id}")) {
            *category = match path {
                "" => String::new(),
                path => seed
                    .category(type_id, path)
                    .ok_or_else(|| unknown("Category", path))?
                    .value
                    .clone(),
            };
        } else if let Some(id) = id_field(fields, &format!("categoryid_{type_id}")) {
            let found = seed
                .categories
                .iter()
                .find(|it| it.type_id == type_id && it.id == id);
            *category = found.ok_or_else(|| unknown("Category", id))?.value.clone();
        }
    }
    Ok(categories)
}

fn assets(seed: &Seed, fields: &Fields, old: Option<&Core>) -> Result<Vec<i64>, Refusal> {
    let Some(Value::Array(assets)) = fields.get("assets") else {
        return Ok(old.map_or_else(Vec::new, |core| core.asset_ids.clone()));
    };
    let mut ids = Vec::with_capacity(assets.len());
    for asset in assets {
        let id = asset.get("id").and_then(Value::as_i64).unwrap_or(0);
        seed.asset(id).ok_or_else(|| unknown("Asset", id))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Whether the vendor refuses an unknown custom field, or one tied to other ticket types, is not public; refusing it
/// loses nothing in silence. Without validation a field tied to other types is kept.
fn custom_fields(
    seed: &Seed,
    fields: &Fields,
    old: Option<&Core>,
    kind: &TicketType,
) -> Result<BTreeMap<i64, Value>, Refusal> {
    let mut values = old.map_or_else(BTreeMap::new, |core| core.custom_fields.clone());
    let Some(Value::Array(sent)) = fields.get("customfields") else {
        return Ok(values);
    };
    for field in sent {
        let id = field.get("id").and_then(Value::as_i64).filter(|id| *id > 0);
        let named = field.get("name").and_then(Value::as_str);
        let known = match id {
            Some(id) => seed.custom_field(id),
            None => seed
                .custom_fields
                .iter()
                .find(|it| Some(it.name.as_str()) == named),
        };
        let label = id.map_or_else(|| named.unwrap_or("without id").to_owned(), |id| id.to_string());
        let known = known.ok_or_else(|| unknown("Custom Field", label))?;
        if validated(fields) && !known.belongs_to(kind.id) {
            return Err(Refusal::rule(format!(
                "The Custom Field {} is not available for the Ticket Type {}",
                known.label, kind.name
            )));
        }
        values.insert(known.id, field.get("value").cloned().unwrap_or(Value::Null));
    }
    Ok(values)
}
