//! Pick-lists: agents, teams, ticket types, statuses, priorities, categories, outcomes and the general lists.
//!
//! All but the agents are bare arrays. The agents come in the shape the instance is switched to.

use serde_json::{Value, json};

use super::{contains, id_of};
use crate::halo::behaviour::AgentList;
use crate::halo::query::Query;
use crate::halo::reply::{Answer, Refusal};
use crate::halo::seed::{Agent, CLOSED, Outcome, Status, Team, TicketType};
use crate::halo::server::Call;
use crate::halo::store::Store;
use crate::halo::token::Grant;

/// A named row that exists, or 404.
fn found<T>(row: Option<&T>, view: impl Fn(&T) -> Value) -> Result<Answer, Refusal> {
    row.map(view).map(Answer::ok).ok_or_else(Refusal::not_found)
}

fn array<'a, T: 'a>(
    rows: impl Iterator<Item = &'a T>,
    view: impl Fn(&T) -> Value,
) -> Result<Answer, Refusal> {
    Ok(Answer::ok(Value::Array(rows.map(view).collect())))
}

pub(super) fn agents(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let query = &call.query;
    let search = query.text("search");
    let team = query.text("team");
    let disabled = query.is("includedisabled");
    let (api, unassigned) = (
        query.is("includeapiagents"),
        query.flag("includeunassigned").unwrap_or(true),
    );
    let fits = |agent: &&Agent| {
        (disabled || !agent.disabled)
            && (api || !agent.api)
            && (unassigned || agent.id != 1)
            && team.is_none_or(|name| agent.team.eq_ignore_ascii_case(name))
            && search.is_none_or(|text| contains(&agent.name, text) || contains(&agent.email, text))
    };
    let rows: Vec<Value> = store.seed.agents.iter().filter(fits).map(agent_row).collect();
    Ok(Answer::ok(match store.behaviour.agent_list {
        AgentList::Array => Value::Array(rows),
        AgentList::Envelope => json!({"record_count": rows.len(), "agents": rows}),
    }))
}

pub(super) fn agent(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    call.query.is("includedetails");
    found(store.seed.agent(id_of(call)?), agent_row)
}

pub(super) fn me(store: &mut Store, _: &Call, grant: &Grant) -> Result<Answer, Refusal> {
    found(grant.agent_id.and_then(|id| store.seed.agent(id)), agent_row)
}

fn agent_row(agent: &Agent) -> Value {
    let initials: String = agent
        .name
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .collect();
    json!({
        "id": agent.id,
        "name": agent.name,
        "email": agent.email,
        "team": agent.team,
        "isdisabled": agent.disabled,
        "isapiagent": agent.api,
        "is_agent": true,
        "initials": initials,
        "firstname": agent.name.split(' ').next(),
        "jobtitle": "",
        "colour": "#26a69a",
        "onlinestatus": 0,
        "use": "agent",
    })
}

pub(super) fn ticket_types(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let all = call.query.is("showall") || call.query.is("showinactive");
    array(
        store
            .seed
            .ticket_types
            .iter()
            .filter(|kind| all || !kind.inactive),
        ticket_type_row,
    )
}

pub(super) fn ticket_type(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    call.query.is("includedetails");
    found(store.seed.ticket_type(id_of(call)?), ticket_type_row)
}

fn ticket_type_row(kind: &TicketType) -> Value {
    json!({
        "id": kind.id,
        "name": kind.name,
        "use": "tickets",
        "sequence": kind.id,
        "itilrequesttype": kind.itil,
        "group_id": 1,
        "group_name": "Tickets",
        "cancreate": !kind.inactive,
        "agentscanselect": !kind.inactive,
        "visible": !kind.inactive,
        "allowattachments": true,
        "initial_status": kind.initial_status_id,
        "default_team": kind.team,
        "default_priority": kind.priority_id,
        "is_sprint": false,
    })
}

pub(super) fn statuses(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    /// [`Status::kind`] of a status that waits for somebody else.
    const PENDING: i64 = 1;
    let (no_closed, no_pending) = (call.query.is("excludeclosed"), call.query.is("excludepending"));
    call.query.is("showall");
    let fits = |it: &&Status| match it.kind {
        CLOSED => !no_closed,
        PENDING => !no_pending,
        _ => true,
    };
    array(store.seed.statuses.iter().filter(fits), status_row)
}

pub(super) fn status(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    found(store.seed.status(id_of(call)?), status_row)
}

fn status_row(status: &Status) -> Value {
    json!({
        "id": status.id,
        "name": status.name,
        "shortname": status.short_name,
        "type": status.kind,
        "sequence": status.sequence,
        "colour": status.colour,
        "showonquickchange": true,
    })
}

pub(super) fn teams(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let all = call.query.is("showall") || call.query.is("includedisabled");
    array(
        store.seed.teams.iter().filter(|team| all || !team.inactive),
        team_row,
    )
}

pub(super) fn team(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let id = id_of(call)?;
    found(store.seed.teams.iter().find(|team| team.id == id), team_row)
}

fn team_row(team: &Team) -> Value {
    json!({
        "id": team.id,
        "name": team.name,
        "sequence": team.id,
        "forrequests": true,
        "foropps": false,
        "forprojects": true,
        "department_id": 1,
        "department_name": "Service Desk",
        "inactive": team.inactive,
        "ticket_count": 0,
    })
}

/// The `id` is a GUID that tickets never carry; `priorityid` is the number they do.
pub(super) fn priorities(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let sla = call.query.integer("slaid");
    let rows = store
        .seed
        .priorities
        .iter()
        .filter(|it| sla.is_none_or(|id| id == it.sla_id));
    array(rows, |priority| {
        json!({
            "id": priority.guid,
            "slaid": priority.sla_id,
            "priorityid": priority.priority_id,
            "name": priority.name,
            "fixtime": 8.0,
            "fixunits": "H",
            "responsetime": 1.0,
            "responseunits": "H",
            "ishidden": priority.hidden,
            "colour": priority.colour,
        })
    })
}

pub(super) fn categories(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let kind = call.query.integer("type_id");
    let rows = store
        .seed
        .categories
        .iter()
        .filter(|it| kind.is_none_or(|id| id == it.type_id));
    array(rows, |category| {
        let name = category.value.rsplit('>').next();
        json!({
            "id": category.id,
            "value": category.value,
            "category_name": name,
            "type_id": category.type_id,
            "sla_id": 0,
            "priority_id": 0,
            "category_group_id": 0,
        })
    })
}

pub(super) fn outcomes(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let hidden = call.query.is("showhidden");
    let no_system = call.query.is("excludesystemactions");
    let fits = |it: &&Outcome| (hidden || !it.hidden) && !(no_system && it.system != 0);
    array(store.seed.outcomes.iter().filter(fits), outcome_row)
}

pub(super) fn outcome(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    call.query.is("includedetails");
    found(store.seed.outcome(id_of(call)?), outcome_row)
}

fn outcome_row(outcome: &Outcome) -> Value {
    json!({
        "id": outcome.id,
        "outcome": outcome.outcome,
        "buttonname": outcome.button,
        "labellong": outcome.button,
        "sequence": outcome.id,
        "hidden": outcome.hidden,
        "systemid": outcome.system,
        "sendemail": outcome.send_email,
        "colour": "#455a64",
    })
}

pub(super) fn lookup(store: &mut Store, call: &Call, _: &Grant) -> Result<Answer, Refusal> {
    let wanted = lookup_id(&call.query);
    let rows = store
        .seed
        .lookups
        .iter()
        .filter(|it| wanted.is_none_or(|id| id == it.lookup_id));
    array(
        rows,
        |row| json!({"id": row.id, "lookupid": row.lookup_id, "name": row.name, "sequence": row.id}),
    )
}

fn lookup_id(query: &Query) -> Option<i64> {
    query.integer("lookupid")
}
