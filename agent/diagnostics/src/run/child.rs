//! One probe in a process of its own, killed with its children when its time is over.
//!
//! Some questions hang in a way no thread can be saved from: a dead file server, a spooler that never answers, a
//! driver that takes the process down. Then this program is started once more as `helpbell probe NAME`. The answer
//! comes as JSON on its standard output.

use super::{Probe, answer};
use crate::{
    part::{Part, ProbeError},
    process::{self, Unfinished},
    scope::Scope,
    units::millis,
};
use helpbell_model::report::ProbeStatus;
use serde::{Deserialize, Serialize};
use std::{
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// The longest answer that is read, in bytes. Fifty events of 300 characters are a fiftieth of it.
const ANSWER_BYTES: u64 = 1 << 20;

/// How a child is started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Isolation {
    program: Option<PathBuf>,
}

impl Isolation {
    /// Probes that may hang for ever run as `program probe NAME`, with the scope as JSON on standard input.
    #[must_use]
    pub const fn by(program: PathBuf) -> Self {
        Self {
            program: Some(program),
        }
    }

    /// Every probe stays in this process, and one that hangs for ever keeps a thread.
    #[must_use]
    pub const fn none() -> Self {
        Self { program: None }
    }

    pub(super) fn program(&self) -> Option<&PathBuf> {
        self.program.as_ref()
    }
}

/// What a probe answered, as it travels from one process to the other.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    status: ProbeStatus,
    /// Milliseconds it took.
    ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part: Option<Part>,
    /// Why there is no part.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    note: String,
}

impl Answer {
    /// Asks `probe` here and now.
    pub(crate) fn of(probe: Probe, scope: &Scope) -> Self {
        let began = Instant::now();
        let result = answer(probe.name, probe.ask, scope);
        let (status, part, note) = match result {
            Ok(part) => (ProbeStatus::Ok, Some(part), String::new()),
            Err(error) => (error.status(), None, error.words().to_owned()),
        };
        Self {
            status,
            ms: millis(began.elapsed()),
            part,
            note,
        }
    }

    /// How it went.
    #[must_use]
    pub const fn status(&self) -> ProbeStatus {
        self.status
    }

    fn result(self) -> Result<Part, ProbeError> {
        match self.part {
            Some(part) => Ok(part),
            None => Err(ProbeError::from_words(self.status, self.note)),
        }
    }
}

/// Whoever started this process kills it at the probe's limit. If that one is gone, it ends itself, this much later.
const ORPHANED: Duration = Duration::from_secs(2);

/// What a process that ended itself is known by.
const EXIT_ORPHANED: i32 = 75;

/// Ends this process some time after `limit`, whatever hangs in it.
pub(crate) fn end_this_process_after(limit: Duration) {
    let watch = thread::Builder::new().name("watch".to_owned());
    // Without a thread there is still whoever started this process.
    let _ = watch.spawn(move || {
        thread::sleep(limit + ORPHANED);
        std::process::exit(EXIT_ORPHANED);
    });
}

/// Asks in a child, for at most `limit`.
pub(super) fn ask(program: &PathBuf, name: &str, scope: &Scope, limit: Duration) -> Result<Part, ProbeError> {
    let mut command = Command::new(program);
    command.args(["probe", name, "--scope-from-stdin"]);
    let scope = serde_json::to_vec(scope).map_err(|error| ProbeError::Failed(error.to_string()))?;
    let finished = process::run(command, &scope, ANSWER_BYTES, limit).map_err(|error| match error {
        Unfinished::NotStarted(error) => {
            ProbeError::Failed(format!("its process could not be started: {error}"))
        }
        Unfinished::Late(_) => ProbeError::TimedOut(error.to_string()),
        Unfinished::Unreadable(_) => ProbeError::Failed(error.to_string()),
    })?;
    if finished.cut {
        let why = format!("its answer is longer than {ANSWER_BYTES} bytes");
        return Err(ProbeError::Failed(why));
    }
    serde_json::from_slice::<Answer>(&finished.output)
        .map_err(|_| {
            let badly = finished.status.filter(|status| !status.success());
            let how = badly.map_or_else(String::new, |status| format!(" ({status})"));
            ProbeError::Failed(format!("its process ended without an answer{how}"))
        })?
        .result()
}
