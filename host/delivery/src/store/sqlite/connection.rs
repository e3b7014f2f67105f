//! A connection on which a commit is a promise.
//!
//! Two settings make it one, and both are read back on every connection: the write-ahead log, and
//! `synchronous = FULL`, which flushes the log at each commit. With anything less a power cut takes
//! presses back that somebody was told are safe.

use super::database;
use crate::store::StoreError;
use rusqlite::{Connection, OpenFlags, types::ValueRef};
use std::{path::Path, time::Duration};

/// Two processes write for milliseconds each; whoever waits longer than this waits for a dead disk.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// What one power cut may take back without it.
const DURABLE: [(&str, &str, &str); 2] = [
    // Pragma, what it must be, and as what it reads back.
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
];

/// A connection whose settings are those that were asked for.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let failed = database(path);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(|error| failed(&error))?;
    db.busy_timeout(BUSY_TIMEOUT).map_err(|error| failed(&error))?;
    db.pragma_update(None, "foreign_keys", true)
        .map_err(|error| failed(&error))?;
    if cfg!(target_os = "macos") {
        // There a plain flush stops at the drive's own memory.
        for pragma in ["fullfsync", "checkpoint_fullfsync"] {
            db.pragma_update(None, pragma, true)
                .map_err(|error| failed(&error))?;
        }
    }
    for (setting, wanted, _) in DURABLE {
        // Setting the journal mode answers with a row, the other setting does not.
        match db.pragma_update_and_check(None, setting, wanted, |_| Ok(())) {
            Ok(()) | Err(rusqlite::Error::QueryReturnedNoRows) => {}
            Err(error) => return Err(failed(&error)),
        }
    }
    check_durable(&db, path)?;
    Ok(db)
}

/// Reads the settings back that keep presses through a power cut: some file systems do not take them.
pub(super) fn check_durable(db: &Connection, path: &Path) -> Result<(), StoreError> {
    for (setting, wanted, reads_back) in DURABLE {
        let found = db
            .pragma_query_value(None, setting, |row| {
                Ok(match row.get_ref(0)? {
                    ValueRef::Integer(number) => number.to_string(),
                    value => value.as_str().unwrap_or_default().to_owned(),
                })
            })
            .map_err(|error| database(path)(&error))?;
        if found != reads_back {
            return Err(StoreError::NotDurable {
                path: path.to_owned(),
                setting,
                found,
                wanted,
            });
        }
    }
    Ok(())
}
