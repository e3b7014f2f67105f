//! The page and the JSON without a browser: nothing is missing, nothing is too large, and the schema fits.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use helpbell_diagnostics::{
    examine,
    html::MOST_BYTES,
    json::{read, render, schema},
};
use helpbell_model::report::Report;
use helpbell_report_tests::{docs, hostile, laptop, updating};
use serde_json::Value;
use std::{collections::BTreeSet, fs};

/// Texts of a report that the page tells in other words, or not at all.
const NOT_SHOWN: [&str; 1] = [
    // A key for programs; the name of the system says it to people.
    "/machine/os/id",
];

#[test]
fn every_text_of_a_report_is_on_the_page() {
    let report = laptop::report();
    let places = hostile::places(&report);
    assert!(places.len() > 200, "{}", places.len());
    // A word of its own in each place, which is never the beginning of another one, nor changed by a capital letter.
    let marked = hostile::replaced(&report, |index, _| format!("0x{index}x"));
    let page = laptop::page(&marked);
    let missing: Vec<&String> = places
        .iter()
        .enumerate()
        .filter(|(index, _)| !page.contains(&format!("0x{index}x")))
        .map(|(_, place)| place)
        .filter(|place| !NOT_SHOWN.contains(&place.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The laptop of these tests has everything: a field that is added to a report is added to it, and then the page has to
/// show it.
#[test]
fn the_made_up_laptop_fills_every_field_of_a_report() {
    let schema: Value = serde_json::from_str(&schema().unwrap()).unwrap();
    let report: Value = serde_json::from_str(laptop::JSON).unwrap();
    let mut missing = BTreeSet::new();
    unfilled(&schema, &schema, &[&report], "", &mut missing);
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The properties of a schema that none of the values has.
fn unfilled(root: &Value, schema: &Value, values: &[&Value], place: &str, missing: &mut BTreeSet<String>) {
    let schema = resolved(root, schema);
    if let Some(items) = schema.get("items") {
        let items_of: Vec<&Value> = values
            .iter()
            .filter_map(|value| value.as_array())
            .flatten()
            .collect();
        unfilled(root, items, &items_of, place, missing);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let place = format!("{place}/{name}");
        let there: Vec<&Value> = values
            .iter()
            .filter_map(|value| value.get(name))
            .filter(|value| !value.is_null() && *value != "")
            .collect();
        if there.is_empty() {
            missing.insert(place);
        } else {
            unfilled(root, property, &there, &place, missing);
        }
    }
}

/// Follows references, and takes what may be absent for what it is when it is there.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let choice = schema["anyOf"].as_array().into_iter().flatten();
    let schema = choice
        .clone()
        .find(|one| one.get("$ref").is_some())
        .unwrap_or(schema);
    match schema["$ref"].as_str() {
        Some(reference) => resolved(root, root.pointer(reference.trim_start_matches('#')).unwrap()),
        None => schema,
    }
}

#[test]
fn the_largest_texts_stay_within_the_size() {
    // The character whose escape is longest, in every text, more than is shown.
    let mut report = hostile::replaced(&laptop::report(), |_, _| "'".repeat(20_000));
    // More of everything than the page shows.
    let json = many(&serde_json::to_value(&report).unwrap());
    report = serde_json::from_value(json).unwrap();
    let page = laptop::page_saying(&report, &"'".repeat(10 << 20));
    assert!(page.len() <= MOST_BYTES, "{}", page.len());
}

/// Every list of a report with sixty times its first member.
fn many(value: &Value) -> Value {
    match value {
        Value::Array(list) => {
            let first = list.first().map(many);
            // A moment of load has three numbers, not sixty.
            if list.len() == 3 && list.iter().all(Value::is_number) {
                return value.clone();
            }
            Value::Array(first.into_iter().flat_map(|one| vec![one; 60]).collect())
        }
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), many(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

#[test]
fn the_page_of_a_full_report_is_small_without_pictures() {
    let mut report = laptop::report();
    report.screens.clear();
    let page = laptop::page(&report);
    assert!(page.len() < 200_000, "{}", page.len());
}

/// The file with the schema.
const SCHEMA: &str = "report.schema.json";

#[test]
fn the_schema_in_the_docs_is_the_one_of_the_code() {
    let file = docs().join(SCHEMA);
    let wanted = schema().unwrap();
    if updating() {
        fs::write(&file, &wanted).unwrap();
    }
    assert!(
        fs::read_to_string(&file).unwrap() == wanted,
        "docs/{SCHEMA} is out of date; if the change is meant: HELPBELL_UPDATE_DOCS=1 cargo test -p helpbell-report-tests"
    );
}

/// What the schema says against a value.
fn against(value: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(&schema().unwrap()).unwrap();
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(&schema).unwrap();
    validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn every_report_fits_the_schema() {
    let written = |report: &Report| serde_json::from_str::<Value>(&render(report).unwrap()).unwrap();
    for report in [
        laptop::report(),
        read(laptop::VERSION_1.as_bytes()).unwrap(),
        hostile::replaced(&laptop::report(), |_, _| hostile::MARKUP.to_owned()),
        Report::new("2026-11-23T09:41:07Z".parse().unwrap()),
        examine(helpbell_diagnostics::Limits::default()),
    ] {
        assert_eq!(against(&written(&report)), Vec::<String>::new());
    }
}

#[test]
fn what_is_no_report_does_not_fit_the_schema() {
    let report: Value = serde_json::from_str(laptop::JSON).unwrap();
    for (place, wrong) in [
        ("/version", Value::from("two")),
        ("/made_at", Value::from("yesterday")),
        ("/machine/session/kind", Value::from("sofa")),
        ("/machine/disks/0/total", Value::from(-1)),
        ("/findings/0/severity", Value::from("awful")),
        ("/findings/0/title", Value::Null),
    ] {
        let mut other = report.clone();
        *other.pointer_mut(place).unwrap() = wrong;
        let errors = against(&other);
        // What may be absent is judged as a whole.
        let part = |error: &String| place.starts_with(error.split(':').next().unwrap());
        assert!(errors.iter().any(part), "{place}: {errors:?}");
    }
}
