//! Derives `schema/halo.json` from the vendor's OpenAPI document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Schema;
use crate::halo::HaloError;

/// Object types spelled out in the list: what clients send, and the nested objects they send with it.
const TYPES: [&str; 10] = [
    "Actions",
    "AddressStore",
    "Attachment",
    "CustomField",
    "Device_List",
    "Faults",
    "KeyPair",
    "Tag",
    "UnameNotification",
    "Webhook",
];

/// Paths whose query parameters the list holds.
const PATHS: [&str; 30] = [
    "/Actions",
    "/Actions/{id}",
    "/Agent",
    "/Agent/me",
    "/Agent/{id}",
    "/Asset",
    "/Asset/{id}",
    "/Attachment",
    "/Attachment/{id}",
    "/Category",
    "/Client",
    "/Client/{id}",
    "/Lookup",
    "/Notification",
    "/Notification/{id}",
    "/Outcome",
    "/Priority",
    "/Site",
    "/Site/{id}",
    "/Status",
    "/Team",
    "/TicketType",
    "/Tickets",
    "/Tickets/{id}",
    "/Users",
    "/Users/{id}",
    "/Webhook",
    "/Webhook/{id}",
    "/WebhookEvent",
    "/WebhookEvent/{id}",
];

/// Reads the vendor document and keeps what the server checks against.
///
/// # Errors
/// [`HaloError::Schema`] when the text is not that document or lacks one of the types or paths.
pub fn derive(document: &str) -> Result<Schema, HaloError> {
    let lacks = |what: &str| HaloError::Schema {
        reason: format!("the document lacks {what}"),
    };
    let document: Value = serde_json::from_str(document).map_err(|error| HaloError::Schema {
        reason: error.to_string(),
    })?;
    let text = |pointer: &str| {
        document
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let source = format!(
        "{} {}, OpenAPI {}",
        text("/info/title"),
        text("/info/version"),
        text("/openapi")
    );

    let mut types = BTreeMap::new();
    let schemas = document
        .pointer("/components/schemas")
        .ok_or_else(|| lacks("component schemas"))?;
    for name in TYPES {
        let properties = schemas.get(name).and_then(|schema| schema.get("properties"));
        let properties = properties.and_then(Value::as_object).ok_or_else(|| lacks(name))?;
        let fields = properties
            .iter()
            .map(|(field, schema)| (field.clone(), shape(schema)));
        types.insert(name.to_owned(), fields.collect());
    }

    let mut queries = BTreeMap::new();
    let paths = document.get("paths").ok_or_else(|| lacks("paths"))?;
    for path in PATHS {
        let item = paths.get(path).ok_or_else(|| lacks(path))?;
        for method in ["get", "post", "delete"] {
            let Some(operation) = item.get(method) else {
                continue;
            };
            queries.insert(format!("{} {path}", method.to_uppercase()), parameters(operation));
        }
    }
    Ok(Schema {
        source,
        queries,
        types,
    })
}

fn parameters(operation: &Value) -> BTreeSet<String> {
    let all = operation
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    all.filter(|it| it.get("in").and_then(Value::as_str) == Some("query"))
        .filter_map(|it| it.get("name").and_then(Value::as_str).map(str::to_owned))
        .collect()
}

/// One word for a property's schema; see the [parent module](super).
fn shape(schema: &Value) -> String {
    let text = |name: &str| schema.get(name).and_then(Value::as_str);
    if let Some(reference) = text("$ref") {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let word = match (text("type"), text("format")) {
        (Some("array"), _) => {
            let element = schema.get("items").map_or_else(|| "any".to_owned(), shape);
            format!("{}[]", element.trim_end_matches('!'))
        }
        (Some("string"), Some("date-time")) => "date-time".to_owned(),
        (Some("string"), Some("uuid")) => "uuid".to_owned(),
        (Some("string"), Some("byte")) => "bytes".to_owned(),
        (Some("object") | None, _) => "any".to_owned(),
        (Some(other), _) => other.to_owned(),
    };
    let nullable = schema.get("nullable").and_then(Value::as_bool).unwrap_or(false);
    if nullable || word == "any" {
        word
    } else {
        format!("{word}!")
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::halo::schema::DERIVED;

    /// Where vendor documents stand; they are not part of the repository.
    fn specifications() -> PathBuf {
        std::env::var_os("HELPBELL_SPECS").map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/specs"),
            PathBuf::from,
        )
    }

    #[test]
    fn the_committed_list_is_what_the_vendor_document_says() {
        let path = specifications().join("halo-v2-2024-09.openapi.json");
        let Ok(document) = std::fs::read_to_string(&path) else {
            println!(
                "skipped: no vendor document at {} (set HELPBELL_SPECS)",
                path.display()
            );
            return;
        };
        let committed: Schema = serde_json::from_str(DERIVED).unwrap();
        assert_eq!(
            derive(&document).unwrap(),
            committed,
            "run `psa-sandbox derive-schema` again"
        );
    }

    #[test]
    fn a_document_without_the_ticket_type_is_refused() {
        let error = derive(r#"{"components": {"schemas": {}}, "paths": {}}"#).unwrap_err();
        assert!(error.to_string().contains("lacks"), "{error}");
    }
}
