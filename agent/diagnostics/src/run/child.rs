//! One probe in a process of its own, killed with its children when its time is over.
//!
//! Some questions hang in a way no thread can be saved from: a dead file server, a spooler that never answers, a
//! driver that takes the process down. Then this program is started once more as `helpbell probe NAME`. The answer
//! comes as JSON on its standard output.

use super::{Probe, answer, in_words};
use crate::{
    part::{Part, ProbeError},
    scope::Scope,
    units::millis,
};
use helpbell_model::report::ProbeStatus;
use process_wrap::std::{ChildWrapper, CommandWrap};
use serde::{Deserialize, Serialize};
use std::{
    io::{Read as _, Write as _},
    path::PathBuf,
    process::{Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
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
    command
        .args(["probe", name, "--scope-from-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut wrapped = CommandWrap::from(command);
    #[cfg(unix)]
    wrapped.wrap(process_wrap::std::ProcessGroup::leader());
    #[cfg(windows)]
    {
        wrapped.wrap(process_wrap::std::CreationFlags(NO_WINDOW));
        wrapped.wrap(process_wrap::std::JobObject);
    }
    let mut child = wrapped
        .spawn()
        .map_err(|error| ProbeError::Failed(format!("its process could not be started: {error}")))?;
    if let (Some(mut input), Ok(scope)) = (child.stdin().take(), serde_json::to_vec(scope)) {
        // A child that died already tells by its missing answer.
        let _ = input.write_all(&scope);
    }
    let Some(output) = child.stdout().take() else {
        return Err(ProbeError::Failed("its process has no output".to_owned()));
    };
    let (sender, receiver) = mpsc::sync_channel(1);
    // The pipe stays open for as long as any child of the child has it: reading must not be what waits.
    thread::Builder::new()
        .name(format!("answer of {name}"))
        .spawn(move || {
            let mut bytes = Vec::new();
            let read = output.take(ANSWER_BYTES + 1).read_to_end(&mut bytes);
            let _ = sender.send(read.map(|_| bytes));
        })
        .map_err(|error| ProbeError::Failed(format!("its answer cannot be read: {error}")))?;
    let read = receiver.recv_timeout(limit);
    let ended = end(child, read.is_ok());
    match read {
        Err(RecvTimeoutError::Timeout) => Err(ProbeError::TimedOut(format!(
            "no answer within {}",
            in_words(limit)
        ))),
        Err(RecvTimeoutError::Disconnected) => Err(ProbeError::Failed("its answer got lost".to_owned())),
        Ok(Err(error)) => Err(ProbeError::Failed(format!("its answer cannot be read: {error}"))),
        Ok(Ok(bytes)) if bytes.len() as u64 > ANSWER_BYTES => Err(ProbeError::Failed(format!(
            "its answer is longer than {ANSWER_BYTES} bytes"
        ))),
        Ok(Ok(bytes)) => serde_json::from_slice::<Answer>(&bytes)
            .map_err(|_| ProbeError::Failed(format!("its process ended without an answer{ended}")))?
            .result(),
    }
}

/// `CREATE_NO_WINDOW`: no console flashes up in front of the person.
#[cfg(windows)]
const NO_WINDOW: windows::Win32::System::Threading::PROCESS_CREATION_FLAGS =
    windows::Win32::System::Threading::PROCESS_CREATION_FLAGS(0x0800_0000);

/// How long a child that has answered may take to end by itself.
const LEAVING: Duration = Duration::from_millis(100);
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// Sees a child off: kills it with all its children unless it has ended. One that has answered is given a moment. A
/// process that hangs in the kernel ends when that lets go of it; nobody waits for that but a thread of its own. Tells
/// how it ended, if it ended badly.
fn end(mut child: Box<dyn ChildWrapper>, answered: bool) -> String {
    let since = Instant::now();
    while answered && since.elapsed() < LEAVING {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return String::new(),
            Ok(Some(status)) => return format!(" ({status})"),
            Ok(None) => thread::sleep(LOOK),
            Err(_) => break,
        }
    }
    let _ = child.start_kill();
    let reaper = thread::Builder::new().name("reaper".to_owned());
    let _ = reaper.spawn(move || child.wait());
    String::new()
}
