//! The store of one machine: SQLite.
//!
//! ```text
//! <folder>/                 0700
//!   outbox.sqlite           the tables of `schema`, and its -wal and -shm
//!   files/                  the bytes of `files`
//! ```
//!
//! What is promised rests on the settings of `connection`.

mod connection;
mod rows;
mod writer;

use super::{
    ByHand, Claim, Custodian, Lease, Measured, Next, Record, State, Store, StoreError, Terms,
    files::{Files, disk},
    schema,
};
use crate::{
    journal::Event,
    submission::{Amendment, FileEntry, Submission, Words},
};
use connection::connect;
use helpbell_model::{Attachment, PressId};
use helpbell_sandbox::private;
use jiff::Timestamp;
use rows::{RowError, Rows};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use writer::Writer;

/// Bytes that open presses may hold together: some fifty presses with pictures, far more than a person
/// makes while a PSA is down, and little on a disk of today.
const OPEN_BYTES: u64 = 512 << 20;

/// Presses in one SQLite database and the files beside it. Cheap to clone.
#[derive(Clone)]
pub struct Sqlite {
    writer: Writer,
    reader: Arc<Mutex<Connection>>,
    files: Files,
    path: Arc<Path>,
    limit: u64,
}

impl Sqlite {
    /// Opens the store in a folder; makes it if it is not there.
    ///
    /// # Errors
    /// If the folder is not private, the disk refuses, the database is damaged or newer, or a setting
    /// that keeps presses through a power cut does not take.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_with(folder, OPEN_BYTES).await
    }

    /// The same with another limit on what open presses may hold.
    ///
    /// # Errors
    /// As for [`Sqlite::open`].
    pub async fn open_with(folder: &Path, limit: u64) -> Result<Self, StoreError> {
        let folder = folder.to_owned();
        tokio::task::spawn_blocking(move || Self::open_blocking(&folder, limit))
            .await
            .map_err(|error| StoreError::Database {
                path: PathBuf::new(),
                reason: error.to_string(),
            })?
    }

    fn open_blocking(folder: &Path, limit: u64) -> Result<Self, StoreError> {
        private::folder(folder).map_err(disk("make", folder))?;
        let path = folder.join("outbox.sqlite");
        let failed = database(&path);
        let mut writing = connect(&path)?;
        let found = schema::format(&writing).map_err(|error| failed(&error))?;
        if found > schema::FORMAT {
            return Err(StoreError::Newer {
                path,
                found,
                known: schema::FORMAT,
            });
        }
        if found < schema::FORMAT {
            schema::migrate(&mut writing).map_err(|error| failed(&error))?;
        }
        let reading = connect(&path)?;
        reading
            .pragma_update(None, "query_only", true)
            .map_err(|error| failed(&error))?;
        let store = Self {
            writer: Writer::start(writing, path.clone())?,
            reader: Arc::new(Mutex::new(reading)),
            files: Files::open(folder.join("files"))?,
            path: path.into(),
            limit,
        };
        store.files.remove_orphans(|press| {
            // When in doubt it is open.
            store
                .read_blocking(|db| rows::words(db, press))
                .is_ok_and(|_| true)
        });
        Ok(store)
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Rows<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let path = Arc::clone(&self.path);
        self.writer
            .write(move |db| work(db).map_err(|error| told(&path, error)))
            .await
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Rows<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        self.blocking(move || store.read_blocking(work)).await
    }

    fn read_blocking<T>(&self, work: impl FnOnce(&Connection) -> Rows<T>) -> Result<T, StoreError> {
        // A panic while reading leaves nothing half done.
        let db = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        work(&db).map_err(|error| told(&self.path, error))
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
            Err(StoreError::Database {
                path: self.path.to_path_buf(),
                reason: error.to_string(),
            })
        })
    }
}

fn database(path: &Path) -> impl Fn(&rusqlite::Error) -> StoreError + use<> {
    let path = path.to_owned();
    move |error| StoreError::Database {
        path: path.clone(),
        reason: error.to_string(),
    }
}

fn told(path: &Path, error: RowError) -> StoreError {
    match error {
        RowError::Store(error) => error,
        RowError::Database(error) => database(path)(&error),
    }
}

impl Store for Sqlite {
    async fn accept(
        &self,
        submission: &Submission,
        by: &Custodian,
        now: Timestamp,
        first: Vec<Event>,
    ) -> Result<(), StoreError> {
        let press = submission.press.id;
        let words = Words::of(submission);
        let files = self.keep_files(press, submission.attachments.clone()).await?;
        let (by, limit) = (by.clone(), self.limit);
        let gone = self
            .write(move |db| {
                let words = rows::as_text(press, &words)?;
                let bytes = rows::size(words.len()) + rows::bytes_of(&files);
                let known: Option<String> = db
                    .prepare_cached("SELECT state FROM press WHERE id = ?1")?
                    .query_row([press.to_string()], |row| row.get(0))
                    .optional()?;
                match known.as_deref().map(State::from_name) {
                    // The export came home: it is this machine's again, with the whole story since.
                    Some(Some(State::Moved)) => {
                        db.prepare_cached("DELETE FROM journal WHERE press = ?1")?
                            .execute([press.to_string()])?;
                    }
                    Some(_) => return Ok(vec![]),
                    None => {}
                }
                let gone = rows::make_room(db, bytes, limit)?;
                rows::insert(db, press, &by, now, &words, bytes)?;
                for file in &files {
                    rows::add_file(db, press, file)?;
                }
                rows::append(db, press, now, 0, &first)?;
                Ok(gone)
            })
            .await?;
        self.tidy(gone).await
    }

    async fn amend(&self, press: PressId, amendment: Amendment, now: Timestamp) -> Result<(), StoreError> {
        // Looked at before as well, so that nothing is written for a press that takes it no more.
        self.read(move |db| rows::amendable(db, press).map(drop)).await?;
        let Amendment {
            findings,
            attachments,
        } = amendment;
        let files = self.keep_files(press, attachments).await?;
        let limit = self.limit;
        let gone = self
            .write(move |db| {
                let (record, words) = rows::amendable(db, press)?;
                let awaited = words.awaits;
                let words = Words {
                    findings,
                    awaits: None,
                    ..words
                };
                let gone = rows::amend(db, press, &words, &files, limit)?;
                rows::append(db, press, now, record.epoch, &[Event::Amended])?;
                if record.only_awaits(awaited) {
                    rows::set_due(db, press, now)?;
                }
                Ok(gone)
            })
            .await?;
        self.tidy(gone).await
    }

    async fn claim_due(&self, terms: &Terms) -> Result<Option<Claim>, StoreError> {
        loop {
            let wanted = terms.clone();
            let found = self
                .write(move |db| {
                    let press: Option<String> = db
                        .prepare_cached(
                            "SELECT id FROM press WHERE due_at <= ?1 AND (leased_until IS NULL OR leased_until <= ?1)
                             ORDER BY due_at LIMIT 1",
                        )?
                        .query_row([wanted.now.as_millisecond()], |row| row.get(0))
                        .optional()?;
                    let Some(press) = press.and_then(|press| press.parse::<PressId>().ok()) else {
                        return Ok(None);
                    };
                    match rows::claim(db, press, &wanted) {
                        Ok(claim) => Ok(Some(Some(claim))),
                        // One damaged press must not keep the others from their tickets.
                        Err(RowError::Store(StoreError::Damaged { reason, .. })) => {
                            set_aside(db, press, &wanted, &reason)?;
                            Ok(Some(None))
                        }
                        Err(error) => Err(error),
                    }
                })
                .await?;
            match found {
                None => return Ok(None),
                Some(Some(claim)) => return Ok(Some(claim)),
                Some(None) => {}
            }
        }
    }

    async fn claim(&self, press: PressId, terms: &Terms) -> Result<Claim, StoreError> {
        let terms = terms.clone();
        self.write(move |db| {
            let record = rows::record(db, press)?;
            record.check_free(terms.now)?;
            record.check_open()?;
            rows::claim(db, press, &terms)
        })
        .await
    }

    async fn renew(&self, lease: &Lease, until: Timestamp) -> Result<Lease, StoreError> {
        let renewed = Lease {
            until,
            ..lease.clone()
        };
        let told = renewed.clone();
        self.write(move |db| {
            rows::fenced(db, &renewed)?;
            db.prepare_cached("UPDATE press SET leased_until = ?2 WHERE id = ?1")?
                .execute(params![renewed.press.to_string(), until.as_millisecond()])?;
            Ok(())
        })
        .await?;
        Ok(told)
    }

    async fn record(
        &self,
        lease: &Lease,
        now: Timestamp,
        events: Vec<Event>,
        next: Next,
    ) -> Result<(), StoreError> {
        let lease = lease.clone();
        let press = lease.press;
        let gone = self
            .write(move |db| {
                rows::fenced(db, &lease)?;
                rows::append(db, press, now, lease.epoch, &events)?;
                rows::set_next(db, press, next, now)
            })
            .await?;
        self.tidy(gone.then_some(press)).await
    }

    async fn submission(&self, press: PressId) -> Result<Submission, StoreError> {
        let files = self.files.clone();
        self.read(move |db| {
            // Words and files of one moment: they may be completed at any time.
            let moment = db.unchecked_transaction()?;
            let (words, kept) = (rows::words(&moment, press)?, rows::files(&moment, press)?);
            drop(moment);
            let attachments = kept
                .into_iter()
                .map(|(entry, digest, _)| {
                    let bytes = files
                        .read(press, &digest)
                        .map_err(|reason| rows::damaged(press, format!("{}: {reason}", entry.name)))?;
                    Ok(Attachment {
                        name: entry.name,
                        content_type: entry.content_type,
                        bytes,
                        reference: entry.reference,
                    })
                })
                .collect::<Rows<_>>()?;
            Ok(words.with(attachments))
        })
        .await
    }

    async fn load(&self, press: PressId) -> Result<Record, StoreError> {
        self.read(move |db| rows::record(db, press)).await
    }

    async fn list(&self, states: &[State], most: u32) -> Result<Vec<Record>, StoreError> {
        let states = states.to_vec();
        self.read(move |db| {
            // Names of ours only, so that they may stand in the text.
            let names: Vec<String> = states.iter().map(|state| format!("'{}'", state.name())).collect();
            let sql = format!(
                "SELECT id FROM press WHERE state IN ({}) ORDER BY accepted_at DESC, id DESC LIMIT ?1",
                names.join(", ")
            );
            let mut query = db.prepare_cached(&sql)?;
            let found = query.query_map([most], |row| row.get::<_, String>(0))?;
            let mut records = Vec::new();
            for press in found {
                let Ok(press) = press?.parse() else { continue };
                match rows::record(db, press) {
                    Ok(record) => records.push(record),
                    Err(RowError::Store(error)) => tracing::warn!(%error, "passed over a press"),
                    Err(error) => return Err(error),
                }
            }
            Ok(records)
        })
        .await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|db| {
            let due: Option<i64> = db
                .prepare_cached(
                    "SELECT MIN(MAX(due_at, COALESCE(leased_until, 0))) FROM press WHERE due_at IS NOT NULL",
                )?
                .query_row([], |row| row.get(0))?;
            Ok(due.and_then(|due| Timestamp::from_millisecond(due).ok()))
        })
        .await
    }

    async fn by_hand(&self, press: PressId, now: Timestamp, what: ByHand) -> Result<(), StoreError> {
        let gone = self
            .write(move |db| {
                let record = rows::record(db, press)?;
                record.check_free(now)?;
                if !what.is_possible(record.state, record.press.is_some()) {
                    return Err(record.over().into());
                }
                let (event, next) = what.outcome(now);
                rows::append(db, press, now, record.epoch, &[event])?;
                rows::set_next(db, press, next, now)
            })
            .await?;
        self.tidy(gone.then_some(press)).await
    }

    async fn forget_refused(&self, before: Timestamp, most: u32) -> Result<u32, StoreError> {
        let gone = self
            .write(move |db| rows::forget_refused(db, before, most))
            .await?;
        let count = u32::try_from(gone.len()).unwrap_or(u32::MAX);
        self.tidy(gone).await?;
        Ok(count)
    }

    async fn prune(&self, before: Timestamp, most: u32) -> Result<u32, StoreError> {
        self.write(move |db| rows::prune(db, before, most)).await
    }

    async fn remember_lookup(&self, whose: &str, measured: Measured) -> Result<(), StoreError> {
        let whose = whose.to_owned();
        self.write(move |db| {
            db.prepare_cached(
                "INSERT INTO lookup (whose, found_after_ms, at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (whose) DO UPDATE SET found_after_ms = ?2, at = ?3",
            )?
            .execute(params![
                whose,
                i64::try_from(measured.found_after_ms).unwrap_or(i64::MAX),
                measured.at.as_millisecond()
            ])?;
            Ok(())
        })
        .await
    }

    async fn lookup(&self, whose: &str) -> Result<Option<Measured>, StoreError> {
        let whose = whose.to_owned();
        self.read(move |db| {
            let found = db
                .prepare_cached("SELECT found_after_ms, at FROM lookup WHERE whose = ?1")?
                .query_row([whose], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
                .optional()?;
            Ok(found.and_then(|(ms, at)| {
                Some(Measured {
                    found_after_ms: u64::try_from(ms).ok()?,
                    at: Timestamp::from_millisecond(at).ok()?,
                })
            }))
        })
        .await
    }
}

impl Sqlite {
    /// Writes a press's files, before the rows that name them: a row never names a file that is not on disk.
    async fn keep_files(
        &self,
        press: PressId,
        files: Vec<Attachment>,
    ) -> Result<Vec<rows::Kept>, StoreError> {
        let folder = self.files.clone();
        self.blocking(move || {
            let digests = folder.write(press, files.iter().map(|file| file.bytes.as_slice()))?;
            let kept = files.iter().zip(digests).map(|(file, digest)| rows::Kept {
                entry: FileEntry::of(file),
                digest,
                bytes: rows::size(file.bytes.len()),
            });
            Ok(kept.collect())
        })
        .await
    }

    /// Removes the files of presses whose words are gone, after the commit.
    async fn tidy(&self, gone: impl IntoIterator<Item = PressId>) -> Result<(), StoreError> {
        let gone: Vec<PressId> = gone.into_iter().collect();
        if gone.is_empty() {
            return Ok(());
        }
        let files = self.files.clone();
        self.blocking(move || {
            for press in gone {
                files.remove(press);
            }
            Ok(())
        })
        .await
    }
}

/// Takes a damaged press out of the queue, visibly.
fn set_aside(db: &Connection, press: PressId, terms: &Terms, reason: &str) -> Rows<()> {
    let why = format!("it is damaged on disk: {reason}");
    tracing::warn!(%press, reason, "set a damaged press aside");
    rows::append(db, press, terms.now, 0, &[Event::NeedsAttention { why }])?;
    rows::set_next(db, press, Next::Attention, terms.now)?;
    Ok(())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
