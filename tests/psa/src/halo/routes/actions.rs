//! `/Actions`: notes. Their ids are unique only within a ticket.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Item, attachments, flag_field, id_field, id_of, paged, posted, read_array, text_field};
use crate::halo::behaviour::DefaultSiteRule;
use crate::halo::clock::{NULL_DATE, vendor_date};
use crate::halo::reply::{Answer, Refusal};
use crate::halo::server::Call;
use crate::halo::store::{Action, Birth, Store, Ticket};
use crate::halo::text::{strip_tags, to_html};
use crate::halo::token::Grant;
use crate::halo::webhooks::{Event, emit};

/// The recorded message of a note without an outcome.
const OUTCOME_MISSING: &str = "An Outcome must be entered for this Action";
/// Name of the setting behind [`DefaultSiteRule`]. The vendor's text for the refusal is not public.
const DEFAULT_SITE_MESSAGE: &str =
    "Tickets with the default Client/Site must be moved before working on the Ticket";

pub(super) fn upsert(store: &mut Store, call: &Call, grant: &Grant) -> Result<Answer, Refusal> {
    let items = read_array(store, call, "Actions")?;
    let mut processed = Vec::with_capacity(items.len());
    for item in items {
        processed.push(upsert_one(store, grant, item)?);
    }
    Ok(posted(store, call, processed))
}

fn upsert_one(store: &mut Store, grant: &Grant, item: Item) -> Result<Value, Refusal> {
    let Some(ticket_id) = id_field(&item.fields, "ticket_id") else {
        return Err(Refusal::rule("A Ticket ID must be entered for this Action"));
    };
    let ticket = store.tickets.get(&ticket_id);
    let ticket = ticket.ok_or_else(|| Refusal::rule(format!("Ticket {ticket_id} was not found.")))?;
    let guarded = store.under_default_site(&ticket.core);
    let rule = if guarded {
        store.behaviour.default_site_rule
    } else {
        DefaultSiteRule::Allow
    };
    if rule == DefaultSiteRule::Reject {
        let status = StatusCode::from_u16(store.behaviour.default_site_refusal);
        let status = status.unwrap_or(StatusCode::BAD_REQUEST);
        return Err(Refusal::Exception {
            status,
            message: DEFAULT_SITE_MESSAGE.to_owned(),
        });
    }
    match id_field(&item.fields, "id") {
        Some(id) => change(store, ticket_id, id, item),
        None => add(
            store,
            grant,
            ticket_id,
            item,
            rule == DefaultSiteRule::AcceptButDrop,
        ),
    }
}

fn add(store: &mut Store, grant: &Grant, ticket_id: i64, item: Item, drop: bool) -> Result<Value, Refusal> {
    let Item { fields, sent } = item;
    let (outcome, outcome_id) = outcome(store, &fields)?;
    let ticket = store.tickets.get(&ticket_id).ok_or_else(Refusal::not_found)?;
    let old_status = ticket.core.status_id;
    let new_status = match id_field(&fields, "new_status") {
        Some(id) => store.seed.status(id).ok_or_else(|| unknown_status(id))?.id,
        None => old_status,
    };
    let files = attachments::inline(store, &fields)?;
    let (note, note_html) = note(&fields);
    let agent_id = id_field(&fields, "who_agentid").or(grant.agent_id).unwrap_or(0);
    let agent = store
        .seed
        .agent(agent_id)
        .ok_or_else(|| Refusal::rule(format!("The Agent {agent_id} does not exist.")))?;
    let mut action = Action {
        id: 0,
        system: false,
        outcome,
        outcome_id,
        note,
        note_html,
        hidden: flag_field(&fields, "hiddenfromuser").unwrap_or(false),
        send_email: flag_field(&fields, "sendemail").unwrap_or(false),
        who: text_field(&fields, "who").unwrap_or(&agent.name).to_owned(),
        who_agent_id: agent.id,
        application: grant.application.clone(),
        old_status,
        new_status,
        guid: text_field(&fields, "guid").map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned),
        fields: kept(fields),
        sent,
        written: Birth {
            at: store.now(),
            lists: store.action_lists,
        },
    };
    if drop {
        // Answered like any other note, and nowhere to be found afterwards.
        action.id = ticket.actions.keys().last().map_or(1, |last| last + 1);
        return Ok(view(store, ticket_id, &action, true));
    }
    let id = store
        .add_action(ticket_id, action)
        .ok_or_else(Refusal::not_found)?;
    if new_status != old_status {
        set_status(store, ticket_id, new_status);
    }
    for file in files {
        attachments::store(store, file, ticket_id, id);
    }
    emit(store, Event::TicketUpdated, ticket_id, Some(id));
    let (_, action) = find(store, ticket_id, id)?;
    Ok(view(store, ticket_id, action, true))
}

/// Changes only what is sent of an action that exists.
fn change(store: &mut Store, ticket_id: i64, id: i64, item: Item) -> Result<Value, Refusal> {
    let Item { fields, sent } = item;
    find(store, ticket_id, id)?;
    let files = attachments::inline(store, &fields)?;
    let named = if text_field(&fields, "outcome").is_some() || id_field(&fields, "outcome_id").is_some() {
        Some(outcome(store, &fields)?)
    } else {
        None
    };
    let now = store.now();
    if let Some(ticket) = store.tickets.get_mut(&ticket_id) {
        ticket.updated = now;
        if let Some(action) = ticket.actions.get_mut(&id) {
            if let Some((outcome, outcome_id)) = named {
                action.outcome = outcome;
                action.outcome_id = outcome_id;
            }
            if fields.contains_key("note") || fields.contains_key("note_html") {
                (action.note, action.note_html) = note(&fields);
            }
            if let Some(hidden) = flag_field(&fields, "hiddenfromuser") {
                action.hidden = hidden;
            }
            action.fields.extend(kept(fields));
            action.sent.extend(sent);
        }
    }
    for file in files {
        attachments::store(store, file, ticket_id, id);
    }
    emit(store, Event::TicketUpdated, ticket_id, Some(id));
    let (_, action) = find(store, ticket_id, id)?;
    Ok(view(store, ticket_id, action, true))
}

fn unknown_status(id: i64) -> Refusal {
    Refusal::rule(format!("The Status {id} does not exist."))
}

fn set_status(store: &mut Store, ticket_id: i64, status_id: i64) {
    if let Some(ticket) = store.tickets.get(&ticket_id) {
        let mut core = ticket.core.clone();
        core.status_id = status_id;
        store.change_ticket(ticket_id, core, Map::new(), Map::new());
    }
}

/// The note's outcome by id or by name; a name nobody configured is kept as text.
fn outcome(store: &Store, fields: &Map<String, Value>) -> Result<(String, i64), Refusal> {
    let name = text_field(fields, "outcome").filter(|name| !name.trim().is_empty());
    if let Some(id) = id_field(fields, "outcome_id") {
        let known = store.seed.outcome(id);
        let known = known.ok_or_else(|| Refusal::rule(format!("The Outcome {id} does not exist.")))?;
        return Ok((name.unwrap_or(&known.outcome).to_owned(), id));
    }
    match name {
        Some(name) => {
            let known = store
                .seed
                .outcomes
                .iter()
                .find(|it| it.outcome.eq_ignore_ascii_case(name));
            Ok((name.to_owned(), known.map_or(0, |outcome| outcome.id)))
        }
        None if store.behaviour.outcome_required => Err(Refusal::rule(OUTCOME_MISSING)),
        None => Ok((String::new(), 0)),
    }
}

/// Plain note and HTML note. Where HTML was sent the plain text is rebuilt from it, whatever else was sent.
fn note(fields: &Map<String, Value>) -> (String, String) {
    match (
        text_field(fields, "note_html").filter(|html| !html.is_empty()),
        text_field(fields, "note"),
    ) {
        (Some(html), _) => (strip_tags(html), html.to_owned()),
        (None, Some(plain)) => (plain.to_owned(), to_html(plain)),
        (None, None) => (String::new(), String::new()),
    }
}

/// What is kept of the fields beside those with a place of their own.
fn kept(fields: Map<String, Value>) -> Map<String, Value> {
    let keep = |name: &String| !name.starts_with('_') && name != "attachments" && name != "id";
    fields
        .into_iter()
        .filter(|(name, value)| keep(name) && !value.is_null())
        .collect()
}

fn find(store: &Store, ticket_id: i64, id: i64) -> Result<(&Ticket, &Action), Refusal> {
    let ticket = store.tickets.get(&ticket_id).ok_or_else(Refusal::not_found)?;
    let action = ticket.actions.get(&id).ok_or_else(Refusal::not_found)?;
    Ok((ticket, action))
}

pub(super) fn by_id(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    call.query.is("includedetails");
    let ticket_id = ticket_of(call)?;
    let (_, action) = find(store, ticket_id, id_of(call)?)?;
    Ok(Answer::ok(view(store, ticket_id, action, true)))
}

pub(super) fn remove(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let (ticket_id, id) = (ticket_of(call)?, id_of(call)?);
    let ticket = store.tickets.get_mut(&ticket_id).ok_or_else(Refusal::not_found)?;
    ticket.actions.remove(&id).ok_or_else(Refusal::not_found)?;
    store
        .attachments
        .retain(|_, file| (file.ticket_id, file.action_id) != (ticket_id, id));
    Ok(Answer::Json(
        StatusCode::OK,
        json!({"id": id, "ticket_id": ticket_id}),
    ))
}

/// The ticket an action id is meant within. Without it the number names nothing.
fn ticket_of(call: &Call) -> Result<i64, Refusal> {
    call.query.integer("ticket_id").ok_or_else(|| {
        Refusal::Fields(vec![(
            "ticket_id".into(),
            "The ticket_id of the action must be given.".into(),
        )])
    })
}

pub(super) fn list(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    store.action_lists += 1;
    let store = &*store;
    let query = &call.query;
    let (no_system, no_private) = (query.is("excludesys"), query.is("excludeprivate"));
    let (html, files) = (query.is("includehtmlnote"), query.is("includeattachments"));
    let ticket_id = query.integer("ticket_id");
    let (now, lists, lag) = (store.now(), store.action_lists, store.behaviour.action_lag);
    let fits = |action: &Action| {
        action.written.seen(lag, now, lists)
            && !(no_system && action.system)
            && !(no_private && action.hidden)
    };
    let mut rows: Vec<(i64, &Action)> = store
        .tickets
        .values()
        .filter(|ticket| ticket_id.is_none_or(|id| id == ticket.id))
        .flat_map(|ticket| ticket.actions.values().map(|action| (ticket.id, action)))
        .filter(|(_, action)| fits(action))
        .collect();
    // Newest first, as the agent's screen shows them.
    rows.reverse();
    let page = paged(store, query, rows);
    let rows = page.rows.into_iter().map(|(ticket_id, action)| {
        let mut row = view(store, ticket_id, action, html);
        if let (true, Value::Object(fields)) = (files, &mut row) {
            let files = store
                .attachments_of(ticket_id)
                .filter(|file| file.action_id == action.id);
            let files: Vec<Value> = files
                .map(|file| attachments::view(store, file, &call.host))
                .collect();
            fields.insert("attachments".into(), Value::Array(files));
        }
        row
    });
    let mut envelope = super::Page {
        total: page.total,
        place: page.place,
        rows: rows.collect(),
    }
    .envelope("actions");
    envelope.insert("ticket_id".into(), json!(ticket_id.unwrap_or(0)));
    Ok(Answer::ok(Value::Object(envelope)))
}

/// An action as answers show it.
fn view(store: &Store, ticket_id: i64, action: &Action, html: bool) -> Value {
    let mut fields = template(store);
    fields.extend(action.fields.clone());
    let written = vendor_date(action.written.at);
    let files = store
        .attachments_of(ticket_id)
        .filter(|it| it.action_id == action.id)
        .count();
    let own = json!({
        "id": action.id,
        "ticket_id": ticket_id,
        "outcome": action.outcome,
        "outcome_id": action.outcome_id,
        "who": action.who,
        "who_type": 1,
        "who_agentid": action.who_agent_id,
        "datetime": written,
        "actiondatecreated": written,
        "last_updated": written,
        "note": action.note,
        "hiddenfromuser": action.hidden,
        "actionby_application_id": action.application,
        "actionby_agent_id": action.who_agent_id,
        "attachment_count": files,
        "old_status": action.old_status,
        "new_status": action.new_status,
        "new_status_name": store.seed.status(action.new_status).map(|status| status.name.as_str()),
        "guid": action.guid,
    });
    if let Value::Object(own) = own {
        fields.extend(own);
    }
    if html {
        fields.insert("note_html".into(), json!(action.note_html));
    } else {
        fields.remove("note_html");
    }
    Value::Object(fields)
}

/// Fields every answered action has, whatever was sent.
fn template(store: &Store) -> Map<String, Value> {
    /// Names that begin so belong to requests or to modules this instance does not have.
    const LEFT_OUT: [&str; 3] = ["_", "new_", "send"];
    let mut fields = Map::new();
    for (name, shape) in store.schema.fields("Actions") {
        if LEFT_OUT.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        let default = match shape.trim_end_matches('!') {
            "integer" => json!(0),
            "number" => json!(0.0),
            "boolean" => json!(false),
            "date-time" => json!(NULL_DATE),
            _ => continue,
        };
        fields.insert(name.to_owned(), default);
    }
    fields
}
