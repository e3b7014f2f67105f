//! A ticket as answers show it: wide, with a value for almost every field the schema has.

use serde_json::{Map, Value, json};

use super::devices;
use crate::halo::clock::{NULL_DATE, vendor_date};
use crate::halo::store::{Birth, Core, Store, Ticket};

/// Fields of the schema's ticket that only requests carry.
const REQUEST_ONLY: [&str; 4] = [
    "donotapplytemplateintheapi",
    "dont_do_rules",
    "apply_rules",
    "return_this",
];

/// Fields that list rows show; a row is narrower than the whole ticket.
const ROW: [&str; 60] = [
    "agent_id",
    "asset_key_field_string",
    "attachment_count",
    "categoryid_1",
    "category_1",
    "category_2",
    "category_3",
    "category_4",
    "child_count",
    "child_count_open",
    "client_id",
    "client_name",
    "colour",
    "customfields",
    "dateassigned",
    "dateclosed",
    "dateoccurred",
    "deadlinedate",
    "enduserstatus",
    "estimate",
    "estimatedays",
    "excludefromsla",
    "fixbydate",
    "flagged",
    "hasbeenclosed",
    "id",
    "impact",
    "inactive",
    "is_vip",
    "isimportantcontact",
    "last_update",
    "lastactiondate",
    "lastincomingemail",
    "matched_kb_id",
    "onhold",
    "organisation_id",
    "parent_id",
    "priority_id",
    "product_id",
    "read",
    "release_id",
    "reportedby",
    "respondbydate",
    "responsedate",
    "site_id",
    "site_name",
    "sla_id",
    "slaresponsestate",
    "source",
    "startdate",
    "status_id",
    "summary",
    "supplier_reference",
    "targetdate",
    "team",
    "third_party_id_string",
    "tickettype_id",
    "urgency",
    "user_id",
    "user_name",
];

/// Name shown for a ticket that names nobody.
const GENERAL_USER: &str = "General User";

/// The whole ticket.
pub(super) fn full(store: &Store, ticket: &Ticket, host: &str) -> Value {
    let mut fields = template(store, |_| true);
    fields.extend(ticket.fields.clone());
    fields.extend(core_fields(store, ticket));
    fields.insert(
        "web_url".into(),
        json!(format!("http://{host}/ticket?id={}", ticket.id)),
    );
    fields.insert(
        "api_url".into(),
        json!(format!("http://{host}/api/tickets/{}", ticket.id)),
    );
    Value::Object(fields)
}

/// A ticket that was checked and not stored; its id is 0.
pub(super) fn preview(store: &Store, core: Core, fields: Map<String, Value>) -> Value {
    let birth = Birth {
        at: store.now(),
        lists: store.ticket_lists,
    };
    let mut answer = template(store, |_| true);
    answer.extend(fields.into_iter().filter(|(name, _)| name != "attachments"));
    answer.extend(shown(store, 0, &core, birth));
    Value::Object(answer)
}

/// A list row, with `details` and `details_html` when asked for.
pub(super) fn row(store: &Store, ticket: &Ticket, details: bool) -> Value {
    let shown =
        |name: &str| ROW.contains(&name) || (details && (name == "details" || name == "details_html"));
    let mut fields = template(store, shown);
    fields.extend(ticket.fields.clone());
    fields.extend(core_fields(store, ticket));
    fields.retain(|name, _| shown(name));
    Value::Object(fields)
}

/// A default for every wanted field the schema has, by its type: what an untouched ticket shows.
fn template(store: &Store, wanted: impl Fn(&str) -> bool) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, shape) in store.schema.fields("Faults") {
        if name.starts_with('_') || REQUEST_ONLY.contains(&name) || !wanted(name) {
            continue;
        }
        let default = match shape.trim_end_matches('!') {
            "integer" => json!(0),
            "number" => json!(0.0),
            "boolean" => json!(false),
            "string" => json!(""),
            "date-time" => json!(NULL_DATE),
            "uuid" => json!(uuid::Uuid::nil()),
            list if list.ends_with("[]") => json!([]),
            _ => continue,
        };
        fields.insert(name.to_owned(), default);
    }
    fields
}

fn core_fields(store: &Store, ticket: &Ticket) -> Map<String, Value> {
    let mut fields = shown(store, ticket.id, &ticket.core, ticket.logged);
    let notes = ticket.actions.len();
    let files = store.attachments_of(ticket.id).count();
    fields.insert("attachment_count".into(), json!(files));
    fields.insert("currentfaactionnumber".into(), json!(notes));
    fields.insert("last_update".into(), json!(vendor_date(ticket.updated)));
    fields.insert("lastactiondate".into(), json!(vendor_date(ticket.updated)));
    let closed = ticket.closed.map_or_else(|| NULL_DATE.to_owned(), vendor_date);
    fields.insert("dateclosed".into(), json!(closed));
    fields.insert("hasbeenclosed".into(), json!(ticket.closed.is_some()));
    fields
}

fn shown(store: &Store, id: i64, core: &Core, logged: Birth) -> Map<String, Value> {
    let seed = &store.seed;
    let user = seed.user(core.user_id);
    let priority = seed.priority(core.priority_id);
    let status = seed.status(core.status_id);
    let logged = vendor_date(logged.at);
    let asset_names: Vec<&str> = core
        .asset_ids
        .iter()
        .filter_map(|id| seed.asset(*id))
        .map(|it| it.hostname.as_str())
        .collect();
    let assets: Vec<Value> = core
        .asset_ids
        .iter()
        .filter_map(|id| seed.asset(*id))
        .map(|it| devices::row(store, it))
        .collect();
    let custom_fields: Vec<Value> = seed
        .custom_fields
        .iter()
        .filter(|field| field.belongs_to(core.type_id) || core.custom_fields.contains_key(&field.id))
        .map(|field| {
            let value = core.custom_fields.get(&field.id).cloned().unwrap_or(Value::Null);
            let display = value.as_str().map_or_else(String::new, str::to_owned);
            json!({"id": field.id, "name": field.name, "label": field.label, "type": 0, "value": value, "display": display})
        })
        .collect();
    let value = json!({
        "id": id,
        "summary": core.summary,
        "details": core.details,
        "details_html": core.details_html,
        "dateoccurred": logged,
        "datecreated": logged,
        "tickettype_id": core.type_id,
        "tickettype_name": seed.ticket_type(core.type_id).map(|kind| kind.name.as_str()),
        "status_id": core.status_id,
        "status_name": status.map(|status| status.name.as_str()),
        "statuscolor": status.map(|status| status.colour.as_str()),
        "priority_id": core.priority_id,
        "priority_name": priority.map(|priority| priority.name.as_str()),
        "sla_id": priority.map_or(0, |priority| priority.sla_id),
        "client_id": core.client_id,
        "client_name": seed.client(core.client_id).map(|client| client.name.as_str()),
        "site_id": core.site_id,
        "site_name": seed.site(core.site_id).map(|site| site.name.as_str()),
        "site_timezone": seed.site(core.site_id).map(|site| site.timezone.as_str()),
        "user_id": if core.user_id == 0 { -1 } else { core.user_id },
        "user_name": user.map_or(GENERAL_USER, |user| user.name.as_str()),
        "user_email": user.map_or("", |user| user.email.as_str()),
        "is_vip": user.is_some_and(|user| user.important),
        "isimportantcontact": user.is_some_and(|user| user.important),
        "agent_id": core.agent_id,
        "agent_name": seed.agent(core.agent_id).map(|agent| agent.name.as_str()),
        "team": core.team,
        "assets": assets,
        "asset_key_field_string": asset_names.join(", "),
        "customfields": custom_fields,
    });
    let Value::Object(mut fields) = value else {
        return Map::new();
    };
    for (n, path) in (1_i64..).zip(&core.categories) {
        let category = seed.category(n, path);
        fields.insert(format!("category_{n}"), json!(path));
        fields.insert(format!("category_{n}_display"), json!(path));
        fields.insert(
            format!("categoryid_{n}"),
            json!(category.map_or(0, |category| category.id)),
        );
    }
    fields
}

/// Text that `search_summary` looks through.
pub(super) fn summary(_: &Store, ticket: &Ticket) -> String {
    ticket.core.summary.clone()
}

/// Text that `search_details` looks through: plain and HTML.
pub(super) fn details(_: &Store, ticket: &Ticket) -> String {
    format!("{}\n{}", ticket.core.details, ticket.core.details_html)
}

/// Text that `search_user_name` looks through.
pub(super) fn user_name(store: &Store, ticket: &Ticket) -> String {
    store
        .seed
        .user(ticket.core.user_id)
        .map_or_else(|| GENERAL_USER.to_owned(), |user| user.name.clone())
}

/// A kept field's text, or nothing.
pub(super) fn kept_text(ticket: &Ticket, name: &str) -> String {
    ticket
        .fields
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
