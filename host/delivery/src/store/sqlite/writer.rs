//! One thread that writes, and commits for many at once.
//!
//! Everything that waits when the writer comes round goes into one transaction, each piece of work in
//! a savepoint of its own, and is answered after the one commit. Sixty-four callers then share one
//! flush of the disk instead of queueing for sixty-four.

use super::StoreError;
use rusqlite::{Connection, ErrorCode, Savepoint, TransactionBehavior};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};
use tokio::sync::oneshot;

/// Work per commit: enough to share a flush among all who can be waiting, few enough that one commit
/// stays short for those who come next.
const WORK_PER_COMMIT: usize = 256;

/// What is told to a caller once its fate is known.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// A piece of work, and what to do when it is committed or not.
type Work = Box<dyn FnOnce(&mut Savepoint<'_>) -> Answer + Send>;

/// The way to the writing thread. It ends when the last of these is dropped.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Work>,
    stopped: Stopped,
    path: Arc<Path>,
}

/// Why nothing is written any more, once that is so.
#[derive(Debug, Clone, Default)]
struct Stopped(Arc<Mutex<Option<String>>>);

impl Stopped {
    fn why(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn stop(&self, why: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_with(|| why.to_owned());
    }
}

impl Writer {
    pub(super) fn start(db: Connection, path: PathBuf) -> Result<Self, StoreError> {
        let (queue, work) = mpsc::channel();
        let path: Arc<Path> = path.into();
        let writer = Self {
            queue,
            stopped: Stopped::default(),
            path: Arc::clone(&path),
        };
        let stopped = writer.stopped.clone();
        thread::Builder::new()
            .name("helpbell-outbox".into())
            .spawn(move || run(db, &work, &stopped, &path))
            .map_err(super::super::files::disk("start the writer of", &writer.path))?;
        Ok(writer)
    }

    /// Does work in a transaction and returns after its commit. An error of the work rolls back the
    /// work alone.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        if let Some(reason) = self.stopped.why() {
            return Err(self.stopped_because(reason));
        }
        let (tell, told) = oneshot::channel();
        let piece: Work = Box::new(move |savepoint| {
            let result = work(savepoint);
            let kept = result.is_ok();
            let rolled = if kept { Ok(()) } else { savepoint.rollback() };
            Box::new(move |committed| {
                // Whoever asked may have gone; the work is done all the same.
                let _ = tell.send(match (committed, rolled) {
                    (Ok(()), Ok(())) => result,
                    (Err(error), _) if kept => Err(error),
                    _ => result,
                });
            })
        });
        let gone = || {
            self.stopped_because(
                self.stopped
                    .why()
                    .unwrap_or_else(|| "its thread ended".to_owned()),
            )
        };
        self.queue.send(piece).map_err(|_| gone())?;
        told.await.map_err(|_| gone())?
    }

    fn stopped_because(&self, reason: String) -> StoreError {
        StoreError::Stopped {
            path: self.path.to_path_buf(),
            reason,
        }
    }
}

fn run(mut db: Connection, work: &mpsc::Receiver<Work>, stopped: &Stopped, path: &Path) {
    while let Ok(first) = work.recv() {
        if let Some(reason) = stopped.why() {
            // Dropping the work tells its caller.
            tracing::debug!(%reason, "refused a write of a stopped outbox");
            continue;
        }
        let batch = std::iter::once(first).chain(work.try_iter().take(WORK_PER_COMMIT - 1));
        let mut answers = Vec::new();
        let outcome = commit(&mut db, batch, &mut answers);
        let failed = outcome.as_ref().err();
        if let Some(error) = failed.filter(|error| is_final(error)) {
            stopped.stop(&error.to_string());
        }
        for answer in answers {
            answer(match failed {
                None => Ok(()),
                Some(error) => Err(super::database(path)(error)),
            });
        }
    }
}

fn commit(
    db: &mut Connection,
    batch: impl Iterator<Item = Work>,
    answers: &mut Vec<Answer>,
) -> rusqlite::Result<()> {
    let mut transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for work in batch {
        let mut savepoint = transaction.savepoint()?;
        answers.push(work(&mut savepoint));
        savepoint.commit()?;
    }
    transaction.commit()
}

/// After these nobody knows what reached the disk. A database that is merely busy is asked again by the caller.
fn is_final(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
        )
    )
}
