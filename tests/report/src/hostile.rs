//! Reports in which every text is somebody else's.

use helpbell_model::report::Report;
use serde_json::Value;

/// Runs wherever a browser takes it for markup, in an element's place and in an attribute's.
pub const MARKUP: &str = "\"><svg/onload=document.title='owned'><img src=x onerror=document.title='owned'>";

/// The places of all texts that can hold anything, as JSON pointers; those that hold one of a few words, or a moment,
/// are not among them.
///
/// # Panics
/// If the report cannot be told in JSON.
#[must_use]
pub fn places(report: &Report) -> Vec<String> {
    let value = serde_json::to_value(report).unwrap();
    let mut found = Vec::new();
    walk(&value, String::new(), &mut found);
    found.retain(|place| {
        let mut tried = value.clone();
        *tried.pointer_mut(place).unwrap() = Value::String("anything".to_owned());
        serde_json::from_value::<Report>(tried).is_ok()
    });
    found
}

fn walk(value: &Value, place: String, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(place),
        Value::Array(list) => {
            for (index, one) in list.iter().enumerate() {
                walk(one, format!("{place}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, one) in fields {
                walk(one, format!("{place}/{name}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The report with other texts; its pictures stay.
///
/// # Panics
/// If the report cannot be told in JSON.
#[must_use]
pub fn replaced(report: &Report, mut text: impl FnMut(usize, &str) -> String) -> Report {
    let mut value = serde_json::to_value(report).unwrap();
    for (index, place) in places(report).iter().enumerate() {
        *value.pointer_mut(place).unwrap() = Value::String(text(index, place));
    }
    let mut other: Report = serde_json::from_value(value).unwrap();
    for (other, screen) in other.screens.iter_mut().zip(&report.screens) {
        other.image.clone_from(&screen.image);
    }
    other
}
