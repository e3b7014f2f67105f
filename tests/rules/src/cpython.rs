//! The machine's own CPython, which runs the same rules.

use crate::compare::Ended;
use helpbell_model::rules::{Broke, Input, Value};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    process::{Command, Stdio},
};

/// What runs them there.
const DRIVER: &str = include_str!("cpython.py");

/// A run as the driver reads it.
#[derive(Serialize)]
struct Task<'a> {
    source: &'a str,
    variables: BTreeMap<&'a str, &'a Value>,
    clock_ms: u64,
    offset_minutes: i16,
    seed: u64,
}

/// What a run came to, as the driver writes it.
#[derive(Deserialize)]
struct Told {
    variables: BTreeMap<String, Value>,
    created: BTreeMap<String, String>,
    other: BTreeSet<String>,
    output: String,
    failure: Option<Broke>,
}

/// Runs all, in one process.
///
/// # Panics
/// If there is no `python3`, or the driver fails.
#[must_use]
pub fn run(inputs: &[Input]) -> Vec<Ended> {
    let tasks: Vec<Task<'_>> = inputs
        .iter()
        .map(|input| Task {
            source: &input.source,
            variables: input
                .variables
                .iter()
                .map(|variable| (variable.name.as_str(), &variable.value))
                .collect(),
            clock_ms: input.circumstances.clock_ms,
            offset_minutes: input.circumstances.offset_minutes,
            seed: input.circumstances.seed,
        })
        .collect();
    let mut child = Command::new("python3")
        // Nothing of this machine's: no variables, no packages; and no warnings beside the result.
        .args(["-I", "-S", "-W", "ignore", "-c", DRIVER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("failed to start python3: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&serde_json::to_vec(&tasks).unwrap()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the driver failed, see above");
    let told: Vec<Told> = serde_json::from_slice(&output.stdout).unwrap();
    told.into_iter()
        .map(|told| Ended {
            variables: told.variables,
            created: told.created,
            other: told.other,
            output: told.output,
            failure: told.failure,
        })
        .collect()
}
