//! The tables, and how older ones become these.
//!
//! ```text
//! press    one row a press: state, due time, lease, and while it is open its words
//! file     its files by position; the bytes lie beside the database
//! journal  what happened, append only
//! lookup   how well each connector's lookup was measured to work
//! ```

use rusqlite::Connection;

/// One step per released format, each applied once, in order; `user_version` counts them.
const MIGRATIONS: [&str; 1] = ["
CREATE TABLE press (
    id          TEXT PRIMARY KEY,
    accepted_at INTEGER NOT NULL,             -- milliseconds since 1970, as all times here
    accepted_by TEXT NOT NULL,
    state       TEXT NOT NULL,
    due_at      INTEGER,
    epoch       INTEGER NOT NULL DEFAULT 0,
    leased_by   TEXT,
    leased_until INTEGER,
    words       TEXT,                         -- JSON: press and findings; null once it is over
    bytes       INTEGER NOT NULL              -- words and files together; 0 once it is over
) STRICT;
CREATE INDEX press_due ON press (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE file (
    press        TEXT NOT NULL REFERENCES press (id),
    position     INTEGER NOT NULL,
    name         TEXT NOT NULL,
    content_type TEXT NOT NULL,
    reference    TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    bytes        INTEGER NOT NULL,
    PRIMARY KEY (press, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE journal (
    press TEXT NOT NULL REFERENCES press (id),
    seq   INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    event TEXT NOT NULL,                      -- JSON
    PRIMARY KEY (press, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE lookup (
    whose          TEXT PRIMARY KEY,
    found_after_ms INTEGER NOT NULL,
    at             INTEGER NOT NULL
) STRICT;
"];

/// The newest format.
pub(super) const FORMAT: u32 = MIGRATIONS.len() as u32;

/// The format of a database; 0 is an empty one.
pub(super) fn format(db: &Connection) -> rusqlite::Result<u32> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings a database forward to [`FORMAT`]. Two processes may try at once: the second finds it done.
pub(super) fn migrate(db: &mut Connection) -> rusqlite::Result<()> {
    let step = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let from = format(&step)?;
    for migration in MIGRATIONS.iter().skip(from as usize) {
        step.execute_batch(migration)?;
    }
    step.pragma_update(None, "user_version", FORMAT.max(from))?;
    step.commit()
}
