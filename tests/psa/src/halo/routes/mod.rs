//! The vendor's calls: one table, and what all of them share.

mod actions;
mod attachments;
mod devices;
mod lookups;
mod people;
mod table;
mod ticket_draft;
mod ticket_view;
mod tickets;
mod webhooks;

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::behaviour::AgentList;
use super::config::Deployment;
use super::ledger::ViolationKind;
use super::query::Query;
use super::reply::{Answer, Refusal};
use super::schema::Fault;
use super::server::Call;
use super::store::Store;
use super::traffic::note_fault;
use table::{ROUTES, Route};

/// Rows on a page when a client asks for paging without a size. Taken from the vendor's example answer.
const PAGE_SIZE: usize = 50;

/// Finds the call for a lower-cased path. A path of the vendor's with a method this server does not act out is 501,
/// so that nobody takes it for the vendor's answer; any other path is 404.
pub(crate) fn find(method: &Method, lowered: &[&str]) -> Result<&'static Route, Refusal> {
    let fits = |route: &&Route| {
        let same = |(pattern, part): (&&str, &&str)| *pattern == "{id}" || pattern == part;
        route.path.len() == lowered.len() && route.path.iter().zip(lowered).all(same)
    };
    let mut known = ROUTES.iter().filter(fits).peekable();
    if known.peek().is_none() {
        return Err(Refusal::not_found());
    }
    let refusal = || Refusal::not_modelled(&format!("{method} /{}", lowered.join("/")));
    known.find(|route| route.method == *method).ok_or_else(refusal)
}

/// A success without rows, as a pick-list would write one: 404 for a single row.
pub(crate) fn nothing(store: &Store, route: &Route) -> Result<Answer, Refusal> {
    match route.call {
        "GET /Agent" if store.behaviour.agent_list == AgentList::Envelope => {
            Ok(Answer::ok(json!({"record_count": 0, "agents": []})))
        }
        _ if route.is_list() => Ok(Answer::ok(json!([]))),
        _ => Err(Refusal::not_found()),
    }
}

/// `GET /authinfo`: where tokens come from, without a token.
pub(crate) fn authinfo(store: &Store, call: &Call) -> Answer {
    let tenant = match store.deployment {
        Deployment::Hosted => store.seed.instance.tenant.as_str(),
        Deployment::OnPremises => "",
    };
    Answer::ok(json!({"auth_url": format!("http://{}/auth", call.host), "tenant_id": tenant}))
}

/// The number at the end of a path.
fn id_of(call: &Call) -> Result<i64, Refusal> {
    let text = call.segments.last().map_or("", String::as_str);
    text.parse()
        .map_err(|_| Refusal::Fields(vec![("id".into(), format!("The value '{text}' is not valid."))]))
}

/// Status of a successful write.
fn created(store: &Store) -> StatusCode {
    StatusCode::from_u16(store.behaviour.success_status).unwrap_or(StatusCode::OK)
}

/// One item of a body: as sent and as read.
struct Item {
    sent: Map<String, Value>,
    fields: Map<String, Value>,
}

/// Reads a body that must be an array of `type_name`.
fn read_array(store: &mut Store, call: &Call, type_name: &str) -> Result<Vec<Item>, Refusal> {
    let body = read_json(store, call)?;
    let Value::Array(values) = body else {
        let detail = "the body must be a JSON array of objects".to_owned();
        return Err(refuse_body(store, call, detail));
    };
    if values.is_empty() {
        return Err(refuse_body(store, call, "the body is an empty array".to_owned()));
    }
    let values = values.into_iter().enumerate();
    let places: Vec<(String, Value)> = values.map(|(n, value)| (format!("[{n}]"), value)).collect();
    read_items(store, call, type_name, places)
}

/// Reads a body that must be one object of `type_name`.
fn read_object(store: &mut Store, call: &Call, type_name: &str) -> Result<Vec<Item>, Refusal> {
    let body = read_json(store, call)?;
    if !body.is_object() {
        return Err(refuse_body(
            store,
            call,
            "the body must be one JSON object".to_owned(),
        ));
    }
    read_items(store, call, type_name, vec![(String::new(), body)])
}

fn read_json(store: &mut Store, call: &Call) -> Result<Value, Refusal> {
    if !call.content_type_is_json() {
        return Err(Refusal::Bare(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    serde_json::from_slice(&call.body)
        .map_err(|error| refuse_body(store, call, format!("the body is not JSON: {error}")))
}

fn refuse_body(store: &mut Store, call: &Call, detail: String) -> Refusal {
    let fault = Fault {
        kind: ViolationKind::WrongBody,
        field: String::new(),
        detail: detail.clone(),
    };
    note_fault(store, call, fault, true);
    Refusal::Fields(vec![(String::new(), detail)])
}

/// Checks every item against the schema. Wrong types are refused always, unknown fields unless the instance is
/// permissive; both stand in the ledger either way.
fn read_items(
    store: &mut Store,
    call: &Call,
    type_name: &str,
    values: Vec<(String, Value)>,
) -> Result<Vec<Item>, Refusal> {
    let schema = store.schema.clone();
    let mut faults = Vec::new();
    let mut items = Vec::new();
    for (at, value) in values {
        let fields = schema.read(type_name, &value, &at, &mut faults);
        let sent = if let Value::Object(sent) = value {
            without_bytes(sent)
        } else {
            Map::new()
        };
        items.push(Item { sent, fields });
    }
    let counts =
        |fault: &Fault| fault.kind != ViolationKind::UnknownField || store.behaviour.refuse_unknown_fields;
    let refused: Vec<(String, String)> = faults
        .iter()
        .filter(|fault| counts(fault))
        .map(|fault| (fault.field.clone(), fault.detail.clone()))
        .collect();
    for fault in faults {
        note_fault(store, call, fault, !refused.is_empty());
    }
    if refused.is_empty() {
        Ok(items)
    } else {
        Err(Refusal::Fields(refused))
    }
}

/// The fields as sent, with file contents replaced by their length: the ledger shows hashes instead.
fn without_bytes(mut fields: Map<String, Value>) -> Map<String, Value> {
    for (name, value) in &mut fields {
        match value {
            Value::String(text) if name == "data" || name == "data_base64" => {
                *value = Value::String(format!("({} characters)", text.len()));
            }
            Value::Array(items) => {
                for item in items {
                    if let Value::Object(inner) = item {
                        *inner = without_bytes(std::mem::take(inner));
                    }
                }
            }
            _ => {}
        }
    }
    fields
}

/// The answer to a POST: the last processed object, or all of them with `returnall=true`.
fn posted(store: &Store, call: &Call, mut processed: Vec<Value>) -> Answer {
    let value = if call.query.is("returnall") {
        Value::Array(processed)
    } else {
        processed.pop().unwrap_or(Value::Null)
    };
    Answer::Json(created(store), value)
}

/// The part of a list a client asked for.
struct Page<T> {
    /// All that matched, before paging.
    total: usize,
    rows: Vec<T>,
    /// Page number and size, when the client asked for paging.
    place: Option<(usize, usize)>,
}

/// Cuts a list: `pageinate` with `page_size` and `page_no` (from 1), else `count`; never more than the page cap.
fn paged<T>(store: &Store, query: &Query, rows: Vec<T>) -> Page<T> {
    let cap = usize::try_from(store.behaviour.page_cap).unwrap_or(usize::MAX);
    let positive = |name| {
        query
            .integer(name)
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| *n > 0)
    };
    let (size, number) = (positive("page_size"), positive("page_no"));
    let count = positive("count");
    let total = rows.len();
    if query.is("pageinate") || query.is("paginate") {
        let size = size.unwrap_or(PAGE_SIZE).min(cap);
        let number = number.unwrap_or(1);
        let rows = rows
            .into_iter()
            .skip((number - 1).saturating_mul(size))
            .take(size)
            .collect();
        return Page {
            total,
            rows,
            place: Some((number, size)),
        };
    }
    let rows = rows.into_iter().take(count.unwrap_or(cap).min(cap)).collect();
    Page {
        total,
        rows,
        place: None,
    }
}

impl Page<Value> {
    /// `{"record_count": n, "<key>": [...]}`, with the page's place when the client asked for paging.
    fn envelope(self, key: &str) -> Map<String, Value> {
        let mut envelope = Map::new();
        if let Some((number, size)) = self.place {
            envelope.insert("page_no".into(), json!(number));
            envelope.insert("page_size".into(), json!(size));
        }
        envelope.insert("record_count".into(), json!(self.total));
        envelope.insert(key.into(), Value::Array(self.rows));
        envelope
    }
}

/// Whether an inactive (or active) row belongs into a list: both do unless the client says otherwise.
fn wanted(query: &Query, inactive: bool) -> bool {
    let (active, gone) = (query.flag("includeactive"), query.flag("includeinactive"));
    if inactive {
        gone.unwrap_or(active.is_none())
    } else {
        active.unwrap_or(true)
    }
}

/// Orders rows by the parameter `order` when one of `keys` bears that name; `orderdesc` turns it round.
fn ordered<T, K: Ord>(query: &Query, rows: &mut [T], key: impl Fn(&T, &str) -> Option<K>) {
    let Some(order) = query.text("order") else { return };
    let order = order.to_ascii_lowercase();
    rows.sort_by_key(|row| key(row, &order));
    if query.is("orderdesc") {
        rows.reverse();
    }
}

/// Whether `text` contains `part`, letters of either case being the same.
fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

/// A positive id among fields already read; 0 and negative numbers mean "none".
fn id_field(fields: &Map<String, Value>, name: &str) -> Option<i64> {
    fields.get(name).and_then(Value::as_i64).filter(|id| *id > 0)
}

fn text_field<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}

fn flag_field(fields: &Map<String, Value>, name: &str) -> Option<bool> {
    fields.get(name).and_then(Value::as_bool)
}
