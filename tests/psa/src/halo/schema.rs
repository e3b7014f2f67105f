//! What the vendor's OpenAPI document says of request bodies and query parameters, and the check against it.
//!
//! `schema/halo.json` is derived from that document by [`derive`]; `schema/halo-additions.json` holds, each with its
//! reason, what newer evidence knows and the document lacks. Types are written as one word: `integer`, `number`,
//! `boolean`, `string`, `date-time`, `uuid`, `bytes` (base64), `any`, or the name of an object type; `[]` after it
//! makes an array of it and `!` forbids null.
//!
//! The check answers two things at once: what is wrong, and the value as the server reads it (numbers sent as text
//! become numbers, unknown fields are gone).

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::HaloError;
use super::clock::read_date;
use super::ledger::ViolationKind;

pub mod derive;

const DERIVED: &str = include_str!("../../schema/halo.json");
const ADDITIONS: &str = include_str!("../../schema/halo-additions.json");

/// The derived list: the shape of `schema/halo.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// Title and version of the document it was derived from.
    pub source: String,
    /// Query parameter names by `METHOD /Path`.
    pub queries: BTreeMap<String, BTreeSet<String>>,
    /// Fields and their types, by object type.
    pub types: BTreeMap<String, BTreeMap<String, String>>,
}

/// The shape of `schema/halo-additions.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Additions {
    #[serde(rename = "about")]
    _about: String,
    fields: Vec<AddedField>,
    queries: Vec<AddedQuery>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddedField {
    r#type: String,
    field: String,
    shape: String,
    #[serde(rename = "why")]
    _why: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddedQuery {
    call: String,
    name: String,
    #[serde(rename = "why")]
    _why: String,
}

/// One thing wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) kind: ViolationKind,
    /// Place in the body, such as `[0].assets[1].id`.
    pub(crate) field: String,
    pub(crate) detail: String,
}

impl Schema {
    /// The committed list with the additions applied.
    ///
    /// # Errors
    /// [`HaloError::Schema`] when either file is damaged.
    pub fn load() -> Result<Self, HaloError> {
        let broken = |file: &str, error: serde_json::Error| HaloError::Schema {
            reason: format!("{file}: {error}"),
        };
        let mut schema: Self =
            serde_json::from_str(DERIVED).map_err(|error| broken("schema/halo.json", error))?;
        let additions: Additions =
            serde_json::from_str(ADDITIONS).map_err(|error| broken("schema/halo-additions.json", error))?;
        for added in additions.fields {
            schema
                .types
                .entry(added.r#type)
                .or_default()
                .insert(added.field, added.shape);
        }
        for added in additions.queries {
            schema.queries.entry(added.call).or_default().insert(added.name);
        }
        Ok(schema)
    }

    /// Fields of one object type, with their shapes.
    pub(crate) fn fields(&self, type_name: &str) -> impl Iterator<Item = (&str, &str)> {
        self.types
            .get(type_name)
            .into_iter()
            .flatten()
            .map(|(name, shape)| (name.as_str(), shape.as_str()))
    }

    /// Whether a call's documented parameters include this name; names are matched without regard to case, as the
    /// vendor's framework does. A call the list does not hold knows no parameter.
    pub(crate) fn knows_parameter(&self, call: &str, name: &str) -> bool {
        self.queries
            .get(call)
            .is_some_and(|names| names.iter().any(|known| known.eq_ignore_ascii_case(name)))
    }

    /// Checks `value` as one object of `type_name` found at `at`; pushes what is wrong and returns it as read.
    pub(crate) fn read(
        &self,
        type_name: &str,
        value: &Value,
        at: &str,
        faults: &mut Vec<Fault>,
    ) -> Map<String, Value> {
        match self.read_shape(&format!("{type_name}!"), value, at, faults) {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }

    fn read_shape(&self, shape: &str, value: &Value, at: &str, faults: &mut Vec<Fault>) -> Value {
        let (shape, nullable) = shape
            .strip_suffix('!')
            .map_or((shape, true), |shape| (shape, false));
        let mut wrong = |detail: String| {
            faults.push(Fault {
                kind: ViolationKind::WrongType,
                field: at.to_owned(),
                detail,
            });
            Value::Null
        };
        if value.is_null() {
            return if nullable {
                Value::Null
            } else {
                wrong(format!("expected {shape}, found null"))
            };
        }
        let expected = || format!("expected {shape}, found {}", kind_of(value));
        if let Some(element) = shape.strip_suffix("[]") {
            let Value::Array(items) = value else {
                return wrong(expected());
            };
            let read =
                |(n, item): (usize, &Value)| self.read_shape(element, item, &format!("{at}[{n}]"), faults);
            return Value::Array(items.iter().enumerate().map(read).collect());
        }
        match shape {
            "any" => value.clone(),
            // Live integrations send ids as text, and the server reads them.
            "integer" => whole_number(value).map_or_else(|| wrong(expected()), Value::from),
            "number" => match value {
                Value::Number(_) => value.clone(),
                Value::String(text) => text
                    .trim()
                    .parse::<f64>()
                    .map_or_else(|_| wrong(expected()), Value::from),
                _ => wrong(expected()),
            },
            "boolean" if value.is_boolean() => value.clone(),
            "string" if value.is_string() => value.clone(),
            "date-time" => match value.as_str().map(|text| read_date(text).is_some()) {
                Some(true) => value.clone(),
                Some(false) => wrong("expected a date and time such as 2026-01-31T09:30:00".to_owned()),
                None => wrong(expected()),
            },
            "uuid" => match value.as_str().map(|text| uuid::Uuid::parse_str(text).is_ok()) {
                Some(true) => value.clone(),
                Some(false) => wrong("expected a UUID".to_owned()),
                None => wrong(expected()),
            },
            "bytes" => match value.as_str().map(|text| STANDARD.decode(text).is_ok()) {
                Some(true) => value.clone(),
                Some(false) => wrong("expected base64".to_owned()),
                None => wrong(expected()),
            },
            "boolean" | "string" => wrong(expected()),
            object => {
                let Value::Object(fields) = value else {
                    return wrong(expected());
                };
                // Object types that no client of ours sends are named in the list but not spelled out there.
                let Some(known) = self.types.get(object) else {
                    return value.clone();
                };
                Value::Object(self.read_fields(object, known, fields, at, faults))
            }
        }
    }

    fn read_fields(
        &self,
        object: &str,
        known: &BTreeMap<String, String>,
        fields: &Map<String, Value>,
        at: &str,
        faults: &mut Vec<Fault>,
    ) -> Map<String, Value> {
        let mut read = Map::new();
        for (name, value) in fields {
            let field = if at.is_empty() {
                name.clone()
            } else {
                format!("{at}.{name}")
            };
            match known.get(name) {
                Some(shape) => {
                    let value = self.read_shape(shape, value, &field, faults);
                    read.insert(name.clone(), value);
                }
                None => faults.push(Fault {
                    kind: ViolationKind::UnknownField,
                    field,
                    detail: format!("the schema of {object} has no such field"),
                }),
            }
        }
        read
    }
}

/// An integer, or text that is one.
pub(crate) fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> (Map<String, Value>, Vec<String>) {
        let mut faults = Vec::new();
        let fields = Schema::load().unwrap().read("Faults", value, "[0]", &mut faults);
        (
            fields,
            faults
                .into_iter()
                .map(|fault| format!("{}: {}", fault.field, fault.detail))
                .collect(),
        )
    }

    #[test]
    fn an_ordinary_ticket_passes_and_ids_sent_as_text_become_numbers() {
        let (fields, faults) = read(&json!({
            "summary": "x", "status_id": "2", "assets": [{"id": "7"}], "customfields": [{"id": 180, "value": [1]}],
            "startdate": "2026-01-31T09:30:00", "_novalidate": true, "details_html": null, "team_id": 1,
        }));
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(fields["status_id"], 2);
        assert_eq!(fields["assets"][0]["id"], 7);
    }

    #[test]
    fn unknown_fields_and_wrong_types_are_named_with_their_place() {
        let (fields, faults) = read(&json!({
            "sumary": "x", "summary": 7, "status_id": "new", "assets": [{"hostname": "PC"}], "attachments": {},
            "startdate": "tomorrow",
        }));
        assert!(!fields.contains_key("sumary"));
        for place in [
            "[0].sumary",
            "[0].summary",
            "[0].status_id",
            "[0].assets[0].hostname",
            "[0].attachments",
            "[0].startdate",
        ] {
            assert!(
                faults
                    .iter()
                    .any(|fault| fault.starts_with(&format!("{place}: "))),
                "{place} in {faults:?}"
            );
        }
        assert_eq!(faults.len(), 6, "{faults:?}");
    }

    #[test]
    fn query_parameters_are_known_per_call_without_regard_to_case() {
        let schema = Schema::load().unwrap();
        assert!(schema.knows_parameter("GET /Tickets", "Search_Summary"));
        assert!(schema.knows_parameter("GET /Tickets", "includedetails"));
        assert!(!schema.knows_parameter("GET /Tickets", "reference_number"));
    }
}
