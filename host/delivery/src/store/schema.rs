//! The tables, and how older ones become these.
//!
//! ```text
//! press    one row a press: state, due time, lease, and while it is open, or refused lately, its words
//! file     its files by position; the bytes lie beside the database
//! journal  what happened, append only
//! lookup   how well each connector's lookup was measured to work
//! held     how many presses are open and what they hold, in one row
//! ```

use rusqlite::Connection;

/// One step per released format, each applied once, in order; `user_version` counts them.
const MIGRATIONS: [&str; 4] = [
    "
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
",
    // What open presses hold together, kept up to date: adding it up for each press that is accepted took longer the
    // more presses were waiting.
    "
CREATE TABLE held (presses INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
INSERT INTO held SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM press WHERE words IS NOT NULL;
CREATE TRIGGER press_taken AFTER INSERT ON press WHEN NEW.words IS NOT NULL BEGIN
    UPDATE held SET presses = presses + 1, bytes = bytes + NEW.bytes;
END;
CREATE TRIGGER press_changed AFTER UPDATE OF words, bytes ON press BEGIN
    UPDATE held SET
        presses = presses + (NEW.words IS NOT NULL) - (OLD.words IS NOT NULL),
        bytes = bytes + IIF(NEW.words IS NULL, 0, NEW.bytes) - IIF(OLD.words IS NULL, 0, OLD.bytes);
END;
CREATE TRIGGER press_gone AFTER DELETE ON press WHEN OLD.words IS NOT NULL BEGIN
    UPDATE held SET presses = presses - 1, bytes = bytes - OLD.bytes;
END;
",
    // Journals may hold rulings, and refused presses their words. The tables stay; an older Helpbell would take both for
    // damage.
    "",
    // A press may await the rest of its report. The tables stay; an older Helpbell would take that for damage too.
    "",
];

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

#[cfg(test)]
mod tests {
    use super::*;

    fn held(db: &Connection) -> (i64, i64) {
        let told = |sql| db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        let held = told("SELECT presses, bytes FROM held").unwrap();
        let counted = "SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM press WHERE words IS NOT NULL";
        assert_eq!(held, told(counted).unwrap(), "what is held and what is counted");
        held
    }

    #[test]
    fn what_presses_hold_is_taken_over_from_an_older_outbox_and_follows_every_change() {
        let mut db = Connection::open_in_memory().unwrap();
        db.execute_batch(MIGRATIONS[0]).unwrap();
        db.pragma_update(None, "user_version", 1).unwrap();
        db.execute_batch(
            "INSERT INTO press (id, accepted_at, accepted_by, state, words, bytes) VALUES
             ('a', 0, 'x', 'waiting', '{}', 10), ('b', 0, 'x', 'attention', '{}', 5), ('c', 0, 'x', 'delivered', NULL, 0)",
        )
        .unwrap();
        migrate(&mut db).unwrap();
        assert_eq!((format(&db).unwrap(), held(&db)), (FORMAT, (2, 15)));
        for (change, after) in [
            (
                "INSERT INTO press (id, accepted_at, accepted_by, state, words, bytes) VALUES ('d', 0, 'x', 'waiting', '{}', 7)",
                (3, 22),
            ),
            (
                "INSERT OR IGNORE INTO press (id, accepted_at, accepted_by, state, words, bytes) VALUES ('d', 0, 'x', 'waiting', '{}', 7)",
                (3, 22),
            ),
            ("UPDATE press SET words = NULL, bytes = 0 WHERE id = 'a'", (2, 12)),
            ("UPDATE press SET words = NULL, bytes = 0 WHERE id = 'a'", (2, 12)),
            ("UPDATE press SET state = 'attention' WHERE id = 'd'", (2, 12)),
            ("DELETE FROM press WHERE id IN ('b', 'c')", (1, 7)),
        ] {
            db.execute_batch(change).unwrap();
            assert_eq!(held(&db), after, "{change}");
        }
    }
}
