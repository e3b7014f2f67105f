//! Disks that lose power, fill up, and forget.
//!
//! A power cut is a disk that keeps what was flushed and nothing else. It is made by a file system in a
//! file: the writer is stopped, the file is copied as it is (what only the page cache of that file
//! system knows is not in it), and the copy is mounted and read. Needs root and a loop device.

use anyhow::{Context as _, Result, bail, ensure};
use helpbell_delivery::{
    Custodian, Store as _, Submission,
    store::{Sqlite, State},
};
use helpbell_model::{Attachment, DeviceFacts, Person, Press, PressId};
use jiff::Timestamp;
use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

/// Bytes of the file system that loses power; room for some thousand presses.
const IMAGE_BYTES: u64 = 96 << 20;
/// Callers that accept at the same time.
const CALLERS: usize = 16;
/// Bytes of a press's file.
const FILE_BYTES: usize = 1_000;
/// Presses to list afterwards, at most.
const LISTED: u32 = 1_000_000;

/// How a hoarder keeps what it says it keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Keeping {
    /// As the product does.
    Product,
    /// In SQLite without flushing: the control, which must lose.
    Unflushed,
}

/// Accepts presses for ever and prints each once it is safe.
///
/// # Errors
/// If the store fails.
pub async fn hoard(folder: &Path, keeping: Keeping) -> Result<()> {
    match keeping {
        Keeping::Product => {
            let store = Sqlite::open_with(folder, u64::MAX).await?;
            let me = Custodian::new();
            let callers = (0..CALLERS).map(|_| accept_for_ever(&store, &me));
            futures::future::try_join_all(callers).await.map(drop)
        }
        Keeping::Unflushed => {
            std::fs::create_dir_all(folder)?;
            let db = rusqlite::Connection::open(folder.join("outbox.sqlite"))?;
            db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
            db.pragma_update(None, "synchronous", "OFF")?;
            db.execute_batch("CREATE TABLE IF NOT EXISTS press (id TEXT PRIMARY KEY, words TEXT)")?;
            loop {
                let id = PressId::new();
                db.execute(
                    "INSERT INTO press VALUES (?1, ?2)",
                    (id.to_string(), "x".repeat(FILE_BYTES)),
                )?;
                tell(id)?;
            }
        }
    }
}

async fn accept_for_ever(store: &Sqlite, me: &Custodian) -> Result<()> {
    loop {
        let submission = press();
        store.accept(&submission, me, Timestamp::now(), vec![]).await?;
        tell(submission.press.id)?;
    }
}

fn tell(press: PressId) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "accepted {press}")?;
    out.flush()
}

fn press() -> Submission {
    let id = PressId::new();
    let file = Attachment {
        name: "report.html".into(),
        content_type: "text/html".into(),
        bytes: id.to_string().bytes().cycle().take(FILE_BYTES).collect(),
        reference: format!("{id}/report.html"),
    };
    Submission {
        press: Press {
            id,
            pressed_at: Timestamp::now(),
            person: Person::default(),
            message: "help".into(),
            selections: vec![],
            append: None,
            device: DeviceFacts::default(),
            locale: "en".into(),
        },
        findings: vec![],
        attachments: vec![file],
        awaits: None,
    }
}

/// What a cut left of what was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cut {
    /// Presses that were said to be safe.
    pub accepted: usize,
    /// Of those not there, or not as they were, after the cut.
    pub lost: usize,
}

/// Lets a hoarder accept for a while, cuts the power, and counts what is left.
///
/// # Errors
/// If there is no loop device, or a program is missing.
pub async fn power_cut(program: &Path, keeping: Keeping, life: Duration) -> Result<Cut> {
    let folder = tempfile::Builder::new().prefix("helpbell-cut-").tempdir()?;
    let image = folder.path().join("disk.img");
    std::fs::File::create(&image)?.set_len(IMAGE_BYTES)?;
    run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image))?;
    let disk = Mounted::image(&image, &folder.path().join("disk"))?;

    let mut child = Command::new(program)
        .arg("hoard")
        .arg(disk.at.join("outbox"))
        .arg(format!(
            "--keeping={}",
            if keeping == Keeping::Product {
                "product"
            } else {
                "unflushed"
            }
        ))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let out = child.stdout.take().context("the hoarder has no output")?;
    let (send, told) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let id = line
                .strip_prefix("accepted ")
                .and_then(|id| id.parse::<PressId>().ok());
            if id.is_some_and(|id| send.send(id).is_err()) {
                break;
            }
        }
    });
    tokio::time::sleep(life).await;
    signal(child.id(), "STOP")?;
    // Whatever was told by now is owed; the pipe holds what the hoarder wrote before it stopped.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let owed: BTreeSet<PressId> = told.try_iter().collect();
    let copy = folder.path().join("copy.img");
    std::fs::copy(&image, &copy)?;
    child.kill()?;
    child.wait()?;
    let _ = reader.join();
    drop(disk);

    let after = Mounted::image(&copy, &folder.path().join("after"))?;
    let there = match keeping {
        Keeping::Product => whole_presses(&after.at.join("outbox")).await?,
        Keeping::Unflushed => ids(&after.at.join("outbox/outbox.sqlite")),
    };
    Ok(Cut {
        accepted: owed.len(),
        lost: owed.difference(&there).count(),
    })
}

/// Presses that are there with every byte.
async fn whole_presses(outbox: &Path) -> Result<BTreeSet<PressId>> {
    let store = Sqlite::open_with(outbox, u64::MAX).await?;
    let mut whole = BTreeSet::new();
    for record in store.list(&[State::Waiting], LISTED).await? {
        if store.submission(record.id).await.is_ok() {
            whole.insert(record.id);
        }
    }
    Ok(whole)
}

/// What the control's database still tells; nothing if it is damaged.
fn ids(file: &Path) -> BTreeSet<PressId> {
    let read = || -> rusqlite::Result<BTreeSet<PressId>> {
        let db = rusqlite::Connection::open(file)?;
        let mut query = db.prepare("SELECT id FROM press")?;
        let rows = query.query_map([], |row| row.get::<_, String>(0))?;
        Ok(rows.filter_map(|id| id.ok()?.parse().ok()).collect())
    };
    read().unwrap_or_default()
}

/// A disk of so many kilobytes fills up under a hoarder. Gives what was promised and what is there after
/// it was given room, and how the hoarder said that it was over.
///
/// # Errors
/// If there is no right to mount.
pub async fn full_disk(kilobytes: u32) -> Result<(Cut, String)> {
    let folder = tempfile::Builder::new().prefix("helpbell-full-").tempdir()?;
    let disk = Mounted::memory(kilobytes, &folder.path().join("disk"))?;
    let outbox = disk.at.join("outbox");
    let (mut owed, reason) = (BTreeSet::new(), {
        let store = Sqlite::open_with(&outbox, u64::MAX).await?;
        let me = Custodian::new();
        let mut accepted = Vec::new();
        let error = loop {
            let submission = press();
            match store.accept(&submission, &me, Timestamp::now(), vec![]).await {
                Ok(()) => accepted.push(submission.press.id),
                Err(error) => break error,
            }
        };
        // What failed once must not be believed again, even if a smaller press would fit.
        let again = store.accept(&press(), &me, Timestamp::now(), vec![]).await;
        ensure!(again.is_err(), "an outbox that failed accepted another press");
        (accepted, error.to_string())
    });
    let (accepted, reason) = reason;
    owed.extend(accepted);
    run(Command::new("mount")
        .args(["-o", &format!("remount,size={}k", kilobytes * 2)])
        .arg(&disk.at))?;
    let there = whole_presses(&outbox).await?;
    let cut = Cut {
        accepted: owed.len(),
        lost: owed.difference(&there).count(),
    };
    Ok((cut, reason))
}

/// A mounted file system; unmounted when dropped.
struct Mounted {
    at: PathBuf,
}

impl Mounted {
    fn image(image: &Path, at: &Path) -> Result<Self> {
        std::fs::create_dir_all(at)?;
        // Written back only when asked to: what is not flushed stays in memory.
        run(Command::new("mount")
            .args(["-o", "loop,commit=600"])
            .arg(image)
            .arg(at))?;
        Ok(Self { at: at.to_owned() })
    }

    fn memory(kilobytes: u32, at: &Path) -> Result<Self> {
        std::fs::create_dir_all(at)?;
        let size = format!("size={kilobytes}k");
        run(Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(at))?;
        Ok(Self { at: at.to_owned() })
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: a process that was just killed may still be letting go.
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}

fn signal(process: u32, name: &str) -> Result<()> {
    run(Command::new("kill")
        .arg(format!("-{name}"))
        .arg(process.to_string()))
}

fn run(command: &mut Command) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("failed to start {:?}", command.get_program()))?;
    if !output.status.success() {
        bail!(
            "{command:?} failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

/// Whether this account may mount.
#[must_use]
pub fn may_mount() -> bool {
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    is_root && Path::new("/dev/loop-control").exists()
}
