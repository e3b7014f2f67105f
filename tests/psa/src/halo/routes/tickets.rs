//! `/Tickets`: upsert, list, by id, delete.

use serde_json::{Map, Value, json};

use super::{
    Item, attachments, contains, ordered, paged, posted, read_array, read_object, ticket_draft, ticket_view,
};
use crate::halo::behaviour::Behaviour;
use crate::halo::clock::vendor_date;
use crate::halo::reply::{Answer, Refusal};
use crate::halo::seed::CLOSED;
use crate::halo::server::Call;
use crate::halo::store::{Action, Birth, Core, Store, Ticket};
use crate::halo::token::Grant;
use crate::halo::webhooks::{Event, emit};

use super::{flag_field, id_field, id_of};

/// Fields that steer one write and are not kept.
const STEERING: [&str; 10] = [
    "apply_rules",
    "assets",
    "attachments",
    "customfields",
    "documents",
    "donotapplytemplateintheapi",
    "dont_do_databaselookups",
    "dont_do_rules",
    "id",
    "return_this",
];

pub(super) fn upsert(store: &mut Store, call: &Call, grant: &Grant) -> Result<Answer, Refusal> {
    let items = read_array(store, call, "Faults")?;
    upsert_all(store, call, grant, items)
}

pub(super) fn upsert_object(store: &mut Store, call: &Call, grant: &Grant) -> Result<Answer, Refusal> {
    let items = read_object(store, call, "Faults")?;
    upsert_all(store, call, grant, items)
}

fn upsert_all(store: &mut Store, call: &Call, grant: &Grant, items: Vec<Item>) -> Result<Answer, Refusal> {
    let mut processed = Vec::with_capacity(items.len());
    for item in items {
        processed.push(upsert_one(store, call, grant, item)?);
    }
    Ok(posted(store, call, processed))
}

fn upsert_one(store: &mut Store, call: &Call, grant: &Grant, item: Item) -> Result<Value, Refusal> {
    let Item { fields, sent } = item;
    let before = match id_field(&fields, "id") {
        // What the vendor answers to an unknown id in an update is not public.
        Some(id) => Some(
            store
                .tickets
                .get(&id)
                .ok_or_else(|| Refusal::rule(format!("Ticket {id} was not found.")))?,
        ),
        None => None,
    };
    let core = ticket_draft::resolve(store, grant, &fields, before)?;
    // Read before anything is stored: a damaged file must not leave half a ticket behind.
    let files = attachments::inline(store, &fields)?;
    let before = before.map(|ticket| ticket.id);
    if flag_field(&fields, "_validate_only").unwrap_or(false) {
        return Ok(ticket_view::preview(store, core, fields));
    }
    let kept = kept(fields);
    let id = match before {
        Some(id) => {
            store.change_ticket(id, core, kept, sent);
            id
        }
        None => {
            let id = store.log_ticket(core, kept, sent);
            if store.behaviour.opening_action {
                open(store, id, grant);
            }
            id
        }
    };
    for file in files {
        attachments::store(store, file, id, 0);
    }
    let event = match before {
        Some(_) => Event::TicketUpdated,
        None => Event::NewTicketLogged,
    };
    emit(store, event, id, None);
    let ticket = store.tickets.get(&id).ok_or_else(Refusal::not_found)?;
    Ok(ticket_view::full(store, ticket, &call.host))
}

/// What is kept of the fields beside the core: no steering, no private switches.
fn kept(fields: Map<String, Value>) -> Map<String, Value> {
    let keep = |name: &String| !name.starts_with('_') && !STEERING.contains(&name.as_str());
    fields
        .into_iter()
        .filter(|(name, value)| keep(name) && !value.is_null())
        .collect()
}

/// Adds the action that the server itself writes when a ticket is logged.
fn open(store: &mut Store, ticket_id: i64, grant: &Grant) {
    let Some(ticket) = store.tickets.get(&ticket_id) else {
        return;
    };
    let agent = grant.agent_id.and_then(|id| store.seed.agent(id));
    let action = Action {
        id: 0,
        system: true,
        outcome: "Logged".to_owned(),
        outcome_id: 0,
        note: ticket.core.details.clone(),
        note_html: ticket.core.details_html.clone(),
        hidden: false,
        send_email: false,
        who: agent.map_or_else(String::new, |agent| agent.name.clone()),
        who_agent_id: agent.map_or(0, |agent| agent.id),
        application: grant.application.clone(),
        old_status: ticket.core.status_id,
        new_status: ticket.core.status_id,
        guid: uuid::Uuid::now_v7().to_string(),
        fields: Map::new(),
        sent: Map::new(),
        written: Birth {
            at: store.now(),
            lists: store.action_lists,
        },
    };
    store.add_action(ticket_id, action);
}

pub(super) fn by_id(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    // The answer is whole either way; asking marks the parameter as understood.
    call.query.is("includedetails");
    let ticket = store.tickets.get(&id_of(call)?).ok_or_else(Refusal::not_found)?;
    Ok(Answer::ok(ticket_view::full(store, ticket, &call.host)))
}

pub(super) fn remove(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let id = id_of(call)?;
    call.query.text("reason");
    store.tickets.remove(&id).ok_or_else(Refusal::not_found)?;
    store
        .attachments
        .retain(|_, attachment| attachment.ticket_id != id);
    Ok(Answer::ok(json!({"id": id})))
}

pub(super) fn list(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    store.ticket_lists += 1;
    let store = &*store;
    let query = &call.query;
    if query.text("advanced_search").is_some() {
        return Err(Refusal::not_modelled("advanced_search: its format is not public"));
    }
    let Behaviour { index_lag, .. } = store.behaviour;
    let indexed = |ticket: &&Ticket| ticket.logged.seen(index_lag, store.now(), store.ticket_lists);
    // Every filter is built once, so that a parameter counts as understood even when there is no ticket.
    let filters = filters(store, call);
    let fits = |ticket: &&Ticket| filters.iter().all(|filter| filter(ticket));
    let mut rows: Vec<&Ticket> = store
        .tickets
        .values()
        .rev()
        .filter(indexed)
        .filter(fits)
        .collect();
    ordered(query, &mut rows, |ticket, order| match order {
        "id" => Some((ticket.id, String::new())),
        "summary" => Some((0, ticket.core.summary.to_lowercase())),
        "dateoccurred" | "datecreated" => Some((0, vendor_date(ticket.logged.at))),
        "last_update" | "lastactiondate" => Some((0, vendor_date(ticket.updated))),
        _ => None,
    });
    let details = query.is("includedetails");
    let page = paged(store, query, rows);
    let mut envelope = super::Page {
        total: page.total,
        place: page.place,
        rows: page
            .rows
            .into_iter()
            .map(|ticket| ticket_view::row(store, ticket, details))
            .collect(),
    }
    .envelope("tickets");
    envelope.insert("include_children".into(), json!(false));
    Ok(Answer::ok(Value::Object(envelope)))
}

type IdOf = fn(&Core) -> i64;
type Filter<'a> = Box<dyn Fn(&Ticket) -> bool + 'a>;

fn filters<'a>(store: &'a Store, call: &'a Call) -> Vec<Filter<'a>> {
    let query = &call.query;
    let mut filters: Vec<Filter<'a>> = Vec::new();
    let ids: [(&str, IdOf); 7] = [
        ("client_id", |core| core.client_id),
        ("site_id", |core| core.site_id),
        ("user_id", |core| core.user_id),
        ("agent_id", |core| core.agent_id),
        ("status_id", |core| core.status_id),
        ("requesttype_id", |core| core.type_id),
        ("priority", |core| core.priority_id),
    ];
    for (name, field) in ids {
        if let Some(id) = query.integer(name) {
            filters.push(Box::new(move |ticket| field(&ticket.core) == id));
        }
    }
    let kind = |ticket: &Ticket| {
        store
            .seed
            .status(ticket.core.status_id)
            .map_or(0, |status| status.kind)
    };
    if query.is("open_only") {
        filters.push(Box::new(move |ticket| kind(ticket) != CLOSED));
    }
    if query.is("closed_only") {
        filters.push(Box::new(move |ticket| kind(ticket) == CLOSED));
    }
    if let Some(from) = query.date("lastupdatefromdate") {
        filters.push(Box::new(move |ticket| ticket.updated >= from));
    }
    if let Some(to) = query.date("lastupdatetodate") {
        filters.push(Box::new(move |ticket| ticket.updated <= to));
    }
    if let Some(asset) = query.integer("asset_id") {
        filters.push(Box::new(move |ticket| ticket.core.asset_ids.contains(&asset)));
    }
    let team = query.text("team_name").or_else(|| query.text("team"));
    if let Some(team) = team {
        filters.push(Box::new(move |ticket| {
            ticket.core.team.eq_ignore_ascii_case(team)
        }));
    }
    if let Some(id) = query.integer("search_id") {
        filters.push(Box::new(move |ticket| ticket.id == id));
    }
    if let Some(list) = query.text("ticketids") {
        let ids: Vec<i64> = list.split(',').filter_map(|id| id.trim().parse().ok()).collect();
        filters.push(Box::new(move |ticket| ids.contains(&ticket.id)));
    }
    for (name, field) in [
        (
            "search_summary",
            ticket_view::summary as fn(&Store, &Ticket) -> String,
        ),
        ("search_details", ticket_view::details),
        ("search_user_name", ticket_view::user_name),
        ("search_reportedby", |_, ticket| {
            ticket_view::kept_text(ticket, "reportedby")
        }),
        ("search_supplier_reference", |_, ticket| {
            ticket_view::kept_text(ticket, "supplier_reference")
        }),
    ] {
        if let Some(part) = query.text(name) {
            filters.push(Box::new(move |ticket| contains(&field(store, ticket), part)));
        }
    }
    let actions_too = query.is("searchactions");
    if let Some(part) = query.text("search") {
        filters.push(Box::new(move |ticket| {
            let noted = |action: &Action| contains(&action.note, part) || contains(&action.note_html, part);
            ticket.id.to_string() == part
                || contains(&ticket.core.summary, part)
                || contains(&ticket_view::details(store, ticket), part)
                || contains(&ticket_view::user_name(store, ticket), part)
                || (actions_too && ticket.actions.values().any(noted))
        }));
    }
    filters
}
