//! The machine's own CPython, which runs the same rules.

use crate::compare::Ended;
use helpbell_model::rules::{Broke, Input, Value};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
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

impl<'a> Task<'a> {
    fn of(input: &'a Input) -> Self {
        let variables = input.variables.iter();
        Self {
            source: &input.source,
            variables: variables
                .map(|variable| (variable.name.as_str(), &variable.value))
                .collect(),
            clock_ms: input.circumstances.clock_ms,
            offset_minutes: input.circumstances.offset_minutes,
            seed: input.circumstances.seed,
        }
    }
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

/// A process that runs rules until it is dropped.
#[derive(Debug)]
pub struct CPython {
    child: Child,
    tasks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Drop for CPython {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl CPython {
    /// Starts one.
    ///
    /// # Panics
    /// If there is no `python3`.
    #[must_use]
    pub fn start() -> Self {
        let mut child = Command::new("python3")
            // Nothing of this machine's: no variables, no packages; and no warnings beside the result.
            .args(["-I", "-S", "-W", "ignore", "-c", DRIVER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("failed to start python3: {error}"));
        Self {
            tasks: child.stdin.take().unwrap(),
            answers: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    /// Runs all.
    ///
    /// # Panics
    /// If the driver fails; it says why on standard error.
    pub fn run(&mut self, inputs: &[Input]) -> Vec<Ended> {
        let tasks: Vec<Task<'_>> = inputs.iter().map(Task::of).collect();
        let mut line = serde_json::to_vec(&tasks).unwrap();
        line.push(b'\n');
        self.tasks.write_all(&line).expect("the driver fails, see above");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        let told: Vec<Told> = serde_json::from_str(&answer).expect("the driver fails, see above");
        told.into_iter()
            .map(|told| {
                let Told {
                    variables,
                    created,
                    other,
                    output,
                    failure,
                } = told;
                Ended {
                    variables,
                    created,
                    other,
                    output,
                    failure,
                }
                .told()
            })
            .collect()
    }
}

/// Runs all, in a process of their own.
#[must_use]
pub fn run(inputs: &[Input]) -> Vec<Ended> {
    CPython::start().run(inputs)
}
