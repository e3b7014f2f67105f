//! Who is owed what: an oracle that watches workers die and counts tickets afterwards.
//!
//! The oracle and the local Halo live in one process that nobody kills; what workers printed as accepted
//! is owed, and the ledger tells what is there.

use crate::worker::{Manner, Orders, completed_file, file};
use anyhow::{Context as _, Result, ensure};
use helpbell_delivery::{saga::PSA_FINISHES, store::Sqlite};
use helpbell_model::{Attachment, PressId};
use jiff::Timestamp;
use psa_sandbox::halo::{
    ActionRecord, AttachmentRecord, Behaviour, Deployment, Halo, HaloConfig, Ledger, Seed,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

/// How many times as fast time passes for workers: a lease of three minutes takes two seconds, and a
/// step of some milliseconds still fits into it many times, on a busy machine too.
pub const SPEED: u32 = 90;
/// A worker that takes longer hangs.
const HANGS_AFTER: Duration = Duration::from_secs(300);

/// Where the programs and connectors of a test are.
#[derive(Debug, Clone)]
pub struct Tools {
    /// This crate's program.
    pub program: PathBuf,
    /// `halo.wasm`.
    pub connector: PathBuf,
    /// A folder for compiled code, shared.
    pub compiled: PathBuf,
}

/// One story: a Halo, a state folder, and what is owed.
pub struct Oracle {
    halo: Halo,
    folder: TempDir,
    tools: Tools,
    clock_from: Timestamp,
    speed: u32,
    heard: Heard,
}

/// What workers said.
#[derive(Debug, Clone, Default)]
struct Heard(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    /// Presses that were accepted: from then on they are owed.
    owed: BTreeSet<PressId>,
    /// Presses whose report was completed: from then on it is owed as well.
    completed: BTreeSet<PressId>,
    /// Points that were reached, in order.
    points: Vec<String>,
}

impl Heard {
    fn lock(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, line: &str) {
        if let Some(press) = line.strip_prefix("accepted ") {
            self.lock().owed.extend(press.parse::<PressId>());
        } else if let Some(press) = line.strip_prefix("completed ") {
            self.lock().completed.extend(press.parse::<PressId>());
        } else if let Some(point) = line.strip_prefix("point ") {
            self.lock().points.push(point.to_owned());
        }
    }
}

/// A worker at work.
pub struct Running {
    child: Child,
    reading: JoinHandle<()>,
}

impl Running {
    /// Its process.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until it ends and everything it said was heard. With a time, it is killed then.
    ///
    /// # Errors
    /// If it hangs.
    pub async fn end(mut self, kill_after: Option<Duration>) -> Result<ExitStatus> {
        let status = match kill_after {
            Some(after) => match tokio::time::timeout(after, self.child.wait()).await {
                Ok(status) => status?,
                Err(_) => {
                    self.child.start_kill()?;
                    self.child.wait().await?
                }
            },
            None => tokio::time::timeout(HANGS_AFTER, self.child.wait())
                .await
                .context("a worker hangs")??,
        };
        self.reading.await?;
        Ok(status)
    }
}

/// What a worker is to do, besides delivering. By default it is alone at work and does that as fast as it can.
#[derive(Debug, Clone, Default)]
pub struct Task {
    /// Presses to accept.
    pub accept: u32,
    /// Whether their reports are completed later.
    pub late: bool,
    /// How it works.
    pub manner: Manner,
    /// The point at which to die.
    pub die_at: Option<String>,
    /// When to kill it from outside.
    pub kill_after: Option<Duration>,
}

/// How the ledger compares with what is owed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Presses that workers said were accepted.
    pub accepted: usize,
    /// Of those without a ticket.
    pub lost: usize,
    /// Tickets beyond one per press, owed or not.
    pub doubled: usize,
    /// Tickets without their one private note with both files, byte for byte.
    pub incomplete: usize,
}

impl Verdict {
    /// Whether all is as promised.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.incomplete == 0
    }

    /// Both together.
    #[must_use]
    pub const fn plus(&self, other: &Self) -> Self {
        Self {
            accepted: self.accepted + other.accepted,
            lost: self.lost + other.lost,
            doubled: self.doubled + other.doubled,
            incomplete: self.incomplete + other.incomplete,
        }
    }
}

impl Oracle {
    /// A fresh Halo and an empty state folder.
    ///
    /// # Errors
    /// If they cannot be made.
    pub async fn new(tools: &Tools) -> Result<Self> {
        Self::hurried(tools, SPEED).await
    }

    /// The same with time that passes so many times as fast for workers.
    ///
    /// # Errors
    /// If they cannot be made.
    pub async fn hurried(tools: &Tools, speed: u32) -> Result<Self> {
        let halo = Halo::start(HaloConfig {
            port: 0,
            deployment: Deployment::Hosted,
            seed: Seed::default(),
            behaviour: Behaviour {
                rate_limit: None,
                ..Behaviour::default()
            },
        })
        .await?;
        Ok(Self {
            halo,
            folder: tempfile::Builder::new().prefix("helpbell-faults-").tempdir()?,
            tools: tools.clone(),
            clock_from: Timestamp::now(),
            speed,
            heard: Heard::default(),
        })
    }

    /// The state folder.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The PSA.
    #[must_use]
    pub const fn halo(&self) -> &Halo {
        &self.halo
    }

    /// Runs a worker until it ends, dies or is killed. What it accepted is owed from then on.
    ///
    /// # Errors
    /// If it cannot be started, or hangs.
    pub async fn run(&self, task: Task) -> Result<ExitStatus> {
        let kill_after = task.kill_after;
        self.start(task)?.end(kill_after).await
    }

    /// One worker, alone, takes every press to its end.
    ///
    /// # Errors
    /// If it fails.
    pub async fn finish(&self) -> Result<()> {
        let status = self.run(Task::default()).await?;
        ensure!(status.success(), "the worker that should finish failed: {status}");
        Ok(())
    }

    /// Waits for as long as a PSA may still be at work for a process that is gone.
    pub async fn let_the_psa_finish(&self) {
        tokio::time::sleep(PSA_FINISHES / self.speed).await;
    }

    /// The points that workers have reached, in order.
    #[must_use]
    pub fn points(&self) -> Vec<String> {
        self.heard.lock().points.clone()
    }

    /// How many presses are owed.
    #[must_use]
    pub fn owed(&self) -> usize {
        self.heard.lock().owed.len()
    }

    /// The outbox, as another process sees it.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub async fn outbox(&self) -> Result<Sqlite> {
        Ok(Sqlite::open(&self.state().join("outbox")).await?)
    }

    /// Starts a worker. What it accepts is owed from the moment it says so.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(&self, task: Task) -> Result<Running> {
        let file = self.order(task)?;
        let mut child = Command::new(&self.tools.program)
            .arg("worker")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("failed to start {}", self.tools.program.display()))?;
        let out = child.stdout.take().context("the worker has no output")?;
        let heard = self.heard.clone();
        let reading = tokio::spawn(async move {
            let mut lines = BufReader::new(out).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                heard.note(&line);
            }
        });
        Ok(Running { child, reading })
    }

    fn order(&self, task: Task) -> Result<PathBuf> {
        let settings = self.halo.settings();
        let orders = Orders {
            state: self.state(),
            compiled: self.tools.compiled.clone(),
            connector: self.tools.connector.clone(),
            resource_server: settings.resource_server,
            authorisation_server: settings.authorisation_server,
            api_key: settings.api_key,
            clock_from: self.clock_from,
            speed: self.speed,
            accept: task.accept,
            late: task.late,
            manner: task.manner,
            die_at: task.die_at,
        };
        // One file each: a worker that starts late must not read another's.
        let file = self.folder.path().join(format!("orders-{}.json", PressId::new()));
        std::fs::write(&file, serde_json::to_vec(&orders)?)?;
        Ok(file)
    }

    /// Compares the ledger with what is owed.
    #[must_use]
    pub fn judge(&self) -> Verdict {
        let ledger = self.halo.ledger();
        let said = self.heard.lock();
        let notes = Notes::of(&ledger);
        let filed: Vec<(PressId, i64)> = ledger
            .tickets
            .iter()
            .filter_map(|ticket| Some((ticket.summary.parse().ok()?, ticket.id)))
            .collect();
        let presses: BTreeSet<PressId> = filed.iter().map(|(press, _)| *press).collect();
        Verdict {
            accepted: said.owed.len(),
            lost: said.owed.difference(&presses).count(),
            doubled: filed.len() - presses.len() + (ledger.tickets.len() - filed.len()),
            incomplete: filed
                .iter()
                .filter(|(press, ticket)| {
                    !notes.are_complete(*press, *ticket, said.completed.contains(press))
                })
                .count(),
        }
    }
}

/// Notes and files of a ledger by their ticket: ten thousand tickets are not gone through for each.
struct Notes<'a> {
    notes: BTreeMap<i64, Vec<&'a ActionRecord>>,
    files: BTreeMap<i64, Vec<&'a AttachmentRecord>>,
}

impl<'a> Notes<'a> {
    fn of(ledger: &'a Ledger) -> Self {
        let mut of = Self {
            notes: BTreeMap::new(),
            files: BTreeMap::new(),
        };
        for note in &ledger.actions {
            of.notes.entry(note.ticket_id).or_default().push(note);
        }
        for file in &ledger.attachments {
            of.files.entry(file.ticket_id).or_default().push(file);
        }
        of
    }

    /// Whether a ticket has its one private note with both files, byte for byte. Where a report was said to be completed,
    /// its first file is the later one; where a process died before it could say so, it is either.
    fn are_complete(&self, press: PressId, ticket: i64, is_completed: bool) -> bool {
        let Some([note]) = self.notes.get(&ticket).map(Vec::as_slice) else {
            return false;
        };
        let mut found: Vec<(&str, &str)> = self
            .files
            .get(&ticket)
            .into_iter()
            .flatten()
            .filter(|file| file.action_id == note.id && file.private)
            .map(|file| (file.filename.as_str(), file.sha256.as_str()))
            .collect();
        found.sort_unstable();
        let is = |first: Attachment| {
            let wanted = [first, file(press, 1)].map(|file| (file.name, sha256(&file.bytes)));
            let wanted = wanted
                .iter()
                .map(|(name, digest)| (name.as_str(), digest.as_str()));
            found.iter().copied().eq(wanted)
        };
        let is_whole = is(completed_file(press)) || (!is_completed && is(file(press, 0)));
        note.hidden_from_user && is_whole
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(bytes))
}

/// Everything a test needs, with the connector's code compiled once.
///
/// # Errors
/// If the connector cannot be loaded.
pub async fn tools(program: &Path, connector: &Path, compiled: &Path) -> Result<Tools> {
    helpbell_sandbox::Sandbox::new(Some(compiled.to_owned()))?
        .load(connector)
        .await?;
    Ok(Tools {
        program: program.to_owned(),
        connector: connector.to_owned(),
        compiled: compiled.to_owned(),
    })
}
