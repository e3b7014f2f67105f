//! Between rows and the words of the domain.

use crate::store::{Claim, Custodian, FileInfo, Lease, Next, Record, State, StoreError, Terms};
use crate::{
    journal::{Entry, Event},
    submission::{FileEntry, Words},
};
use helpbell_model::PressId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;

/// What can go wrong with a row, told apart: the database failed, or the row says nonsense.
pub(super) enum RowError {
    Database(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for RowError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<StoreError> for RowError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

pub(super) type Rows<T> = Result<T, RowError>;

pub(super) fn damaged(press: PressId, reason: impl Into<String>) -> RowError {
    RowError::Store(StoreError::Damaged {
        press,
        reason: reason.into(),
    })
}

fn time(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// The row of a press before its parts are read.
struct Raw {
    accepted_at: i64,
    accepted_by: String,
    state: String,
    due_at: Option<i64>,
    epoch: i64,
    leased_until: Option<i64>,
    words: Option<String>,
}

impl Raw {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            accepted_at: row.get("accepted_at")?,
            accepted_by: row.get("accepted_by")?,
            state: row.get("state")?,
            due_at: row.get("due_at")?,
            epoch: row.get("epoch")?,
            leased_until: row.get("leased_until")?,
            words: row.get("words")?,
        })
    }
}

/// All of a press but the bytes of its files.
pub(super) fn record(db: &Connection, press: PressId) -> Rows<Record> {
    let raw = db
        .prepare_cached("SELECT * FROM press WHERE id = ?1")?
        .query_row([press.to_string()], Raw::of)
        .optional()?
        .ok_or(StoreError::NoSuchPress(press))?;
    let state = State::from_name(&raw.state)
        .ok_or_else(|| damaged(press, format!("its state is {:?}", raw.state)))?;
    let words = raw.words.map(|words| parse_words(press, &words)).transpose()?;
    Ok(Record {
        id: press,
        accepted_at: time(raw.accepted_at),
        accepted_by: Custodian::named(raw.accepted_by),
        state,
        due_at: raw.due_at.map(time),
        leased_until: raw.leased_until.map(time),
        epoch: u64::try_from(raw.epoch).unwrap_or_default(),
        journal: journal(db, press)?,
        press: words.map(|words| words.press),
        files: files(db, press)?
            .into_iter()
            .map(|(entry, _, bytes)| FileInfo {
                name: entry.name,
                bytes,
            })
            .collect(),
    })
}

fn parse_words(press: PressId, words: &str) -> Rows<Words> {
    serde_json::from_str(words).map_err(|error| damaged(press, format!("its words cannot be read: {error}")))
}

/// The words of an open press.
pub(super) fn words(db: &Connection, press: PressId) -> Rows<Words> {
    let (state, words): (String, Option<String>) = db
        .prepare_cached("SELECT state, words FROM press WHERE id = ?1")?
        .query_row([press.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or(StoreError::NoSuchPress(press))?;
    let words = words.ok_or_else(|| StoreError::Over {
        press,
        state: State::from_name(&state).unwrap_or(State::Delivered),
    })?;
    parse_words(press, &words)
}

/// A press's files in their order, with digest and size.
pub(super) fn files(db: &Connection, press: PressId) -> Rows<Vec<(FileEntry, String, u64)>> {
    let mut query = db.prepare_cached(
        "SELECT name, content_type, reference, sha256, bytes FROM file WHERE press = ?1 ORDER BY position",
    )?;
    let rows = query.query_map([press.to_string()], |row| {
        let entry = FileEntry {
            name: row.get(0)?,
            content_type: row.get(1)?,
            reference: row.get(2)?,
        };
        Ok((
            entry,
            row.get(3)?,
            u64::try_from(row.get::<_, i64>(4)?).unwrap_or_default(),
        ))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A file whose bytes are on disk.
pub(super) struct Kept {
    pub(super) entry: FileEntry,
    pub(super) digest: String,
    pub(super) bytes: i64,
}

/// Bytes as the tables count them.
pub(super) fn size(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// What these files hold together.
pub(super) fn bytes_of(files: &[Kept]) -> i64 {
    files.iter().map(|file| file.bytes).sum()
}

/// Takes a press in, or back from an export. Its files follow.
pub(super) fn insert(
    db: &Connection,
    press: PressId,
    by: &Custodian,
    now: Timestamp,
    words: &str,
    bytes: i64,
) -> Rows<()> {
    db.prepare_cached(
        "INSERT INTO press (id, accepted_at, accepted_by, state, due_at, words, bytes)
         VALUES (?1, ?2, ?3, ?4, ?2, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET accepted_at = ?2, accepted_by = ?3, state = ?4, due_at = ?2,
                                        words = ?5, bytes = ?6",
    )?
    .execute(params![
        press.to_string(),
        now.as_millisecond(),
        by.name(),
        State::Waiting.name(),
        words,
        bytes
    ])?;
    Ok(())
}

/// Adds a file behind the others of its press.
pub(super) fn add_file(db: &Connection, press: PressId, file: &Kept) -> Rows<()> {
    db.prepare_cached(
        "INSERT INTO file (press, position, name, content_type, reference, sha256, bytes)
         VALUES (?1, (SELECT COALESCE(MAX(position) + 1, 0) FROM file WHERE press = ?1), ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        press.to_string(),
        file.entry.name,
        file.entry.content_type,
        file.entry.reference,
        file.digest,
        file.bytes
    ])?;
    Ok(())
}

/// A press whose report can still be completed, and its words.
pub(super) fn amendable(db: &Connection, press: PressId) -> Rows<(Record, Words)> {
    let record = record(db, press)?;
    record.check_open()?;
    let words = words(db, press)?;
    record.check_awaited(words.awaits)?;
    Ok((record, words))
}

/// Completes a report: its words are these now, and its files have changed so. Gives the presses whose words made room.
pub(super) fn amend(
    db: &Connection,
    press: PressId,
    words: &Words,
    files: &[Kept],
    limit: u64,
) -> Rows<Vec<PressId>> {
    let (id, words) = (press.to_string(), as_text(press, words)?);
    let former: i64 = db
        .prepare_cached("SELECT LENGTH(CAST(words AS BLOB)) FROM press WHERE id = ?1")?
        .query_row([&id], |row| row.get(0))?;
    let more = size(words.len()) - former + bytes_of(files);
    let gone = make_room(db, more, limit)?;
    db.prepare_cached("UPDATE press SET words = ?2, bytes = bytes + ?3 WHERE id = ?1")?
        .execute(params![id, words, more])?;
    let mut replace = db.prepare_cached(
        "UPDATE file SET name = ?3, content_type = ?4, sha256 = ?5, bytes = ?6 WHERE press = ?1 AND reference = ?2",
    )?;
    for file in files {
        let entry = &file.entry;
        let replaced = replace.execute(params![
            id,
            entry.reference,
            entry.name,
            entry.content_type,
            file.digest,
            file.bytes
        ])?;
        if replaced == 0 {
            add_file(db, press, file)?;
        }
    }
    Ok(gone)
}

/// Lets a press go on at that time instead of later.
pub(super) fn set_due(db: &Connection, press: PressId, due: Timestamp) -> Rows<()> {
    db.prepare_cached("UPDATE press SET due_at = ?2 WHERE id = ?1")?
        .execute(params![press.to_string(), due.as_millisecond()])?;
    Ok(())
}

fn journal(db: &Connection, press: PressId) -> Rows<Vec<Entry>> {
    let mut query =
        db.prepare_cached("SELECT at, epoch, event FROM journal WHERE press = ?1 ORDER BY seq")?;
    let rows = query.query_map([press.to_string()], |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, i64>(1)?,
            row.get::<_, String>(2)?,
        ))
    })?;
    let mut entries = Vec::new();
    for row in rows {
        let (at, epoch, event) = row?;
        entries.push(Entry {
            at: time(at),
            epoch: u64::try_from(epoch).unwrap_or_default(),
            event: serde_json::from_str(&event)
                .map_err(|error| damaged(press, format!("its journal cannot be read: {error}")))?,
        });
    }
    Ok(entries)
}

/// Appends to a journal.
pub(super) fn append(
    db: &Connection,
    press: PressId,
    at: Timestamp,
    epoch: u64,
    events: &[Event],
) -> Rows<()> {
    let mut insert = db.prepare_cached(
        "INSERT INTO journal (press, seq, at, epoch, event)
         VALUES (?1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM journal WHERE press = ?1), ?2, ?3, ?4)",
    )?;
    for event in events {
        insert.execute(params![
            press.to_string(),
            at.as_millisecond(),
            epoch.cast_signed(),
            as_text(press, event)?
        ])?;
    }
    Ok(())
}

/// Claims a press that is known to be free.
pub(super) fn claim(db: &Connection, press: PressId, terms: &Terms) -> Rows<Claim> {
    db.prepare_cached("UPDATE press SET epoch = epoch + 1, leased_by = ?2, leased_until = ?3 WHERE id = ?1")?
        .execute(params![
            press.to_string(),
            terms.owner.name(),
            terms.until.as_millisecond()
        ])?;
    let record = record(db, press)?;
    Ok(Claim {
        lease: Lease {
            press,
            epoch: record.epoch,
            until: terms.until,
        },
        record,
    })
}

/// Refuses unless the lease is still the newest claim.
pub(super) fn fenced(db: &Connection, lease: &Lease) -> Rows<()> {
    let epoch: Option<i64> = db
        .prepare_cached("SELECT epoch FROM press WHERE id = ?1 AND leased_by IS NOT NULL")?
        .query_row([lease.press.to_string()], |row| row.get(0))
        .optional()?;
    if epoch == Some(lease.epoch.cast_signed()) {
        Ok(())
    } else {
        Err(StoreError::LeaseLost(lease.press).into())
    }
}

/// Sets what is next. Gives whether the press's words and files are gone with that.
pub(super) fn set_next(db: &Connection, press: PressId, next: Next, now: Timestamp) -> Rows<bool> {
    let id = press.to_string();
    let (state, due) = match next {
        Next::GoOn => return Ok(false),
        Next::Due(at) => (State::Waiting, Some(at)),
        Next::WhenReported => {
            let awaits = words(db, press)?.awaits;
            (State::Waiting, Some(awaits.unwrap_or(now)))
        }
        Next::Attention => (State::Attention, None),
        Next::Over(state, due) => (state, due),
    };
    db.prepare_cached(
        "UPDATE press SET state = ?2, due_at = ?3, leased_by = NULL, leased_until = NULL WHERE id = ?1",
    )?
    .execute(params![id, state.name(), due.map(|due| due.as_millisecond())])?;
    if state.keeps_words() {
        return Ok(false);
    }
    forget_words(db, press)?;
    Ok(true)
}

/// Deletes a press's words, and what its journal repeats of them. Its files are deleted after the commit.
fn forget_words(db: &Connection, press: PressId) -> Rows<()> {
    let id = press.to_string();
    db.prepare_cached("UPDATE press SET words = NULL, bytes = 0 WHERE id = ?1")?
        .execute([&id])?;
    db.prepare_cached("DELETE FROM file WHERE press = ?1")?
        .execute([&id])?;
    // An event's kind comes first in its text. Reading all others costs more than the rest of a delivery's commit.
    let mut query = db.prepare_cached(
        "SELECT seq, event FROM journal WHERE press = ?1 AND event LIKE '{\"event\":\"ruled\",%'",
    )?;
    let events: Vec<(i64, String)> = query
        .query_map([&id], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (seq, text) in events {
        // What cannot be read is told where the journal is read.
        let Ok(mut event) = serde_json::from_str::<Event>(&text) else {
            continue;
        };
        event.forget_words();
        db.prepare_cached("UPDATE journal SET event = ?3 WHERE press = ?1 AND seq = ?2")?
            .execute(params![id, seq, as_text(press, &event)?])?;
    }
    Ok(())
}

/// Words or an event, as they are kept.
pub(super) fn as_text(press: PressId, kept: &impl Serialize) -> Rows<String> {
    serde_json::to_string(kept).map_err(|error| {
        damaged(
            press,
            format!("its words or its journal cannot be written: {error}"),
        )
    })
}

/// Makes room for a press that is to be accepted: where it is tight, refused presses lose their words. Gives those that did.
pub(super) fn make_room(db: &Connection, wanted: i64, limit: u64) -> Rows<Vec<PressId>> {
    match room(db, wanted, limit) {
        Err(RowError::Store(StoreError::Full { .. })) => {
            let gone = forget_refused(db, Timestamp::MAX, u32::MAX)?;
            room(db, wanted, limit).map(|()| gone)
        }
        other => other.map(|()| vec![]),
    }
}

/// Refuses where presses hold so much that this does not fit any more.
fn room(db: &Connection, wanted: i64, limit: u64) -> Rows<()> {
    let (open, bytes): (i64, i64) = db
        .prepare_cached("SELECT presses, bytes FROM held")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let unsigned = |number: i64| u64::try_from(number).unwrap_or_default();
    if unsigned(bytes) + unsigned(wanted) <= limit {
        return Ok(());
    }
    Err(StoreError::Full {
        open: unsigned(open),
        bytes: unsigned(bytes),
        limit,
    }
    .into())
}

/// Deletes the words of refused presses to which nothing has happened since then. Gives the presses.
pub(super) fn forget_refused(db: &Connection, before: Timestamp, most: u32) -> Rows<Vec<PressId>> {
    let refused = [State::Refused];
    let old = oldest(db, before, most, &refused, "words IS NOT NULL")?;
    let old: Vec<PressId> = old.iter().filter_map(|press| press.parse().ok()).collect();
    for press in &old {
        forget_words(db, *press)?;
    }
    Ok(old)
}

/// Deletes presses that are over, to which nothing has happened since then and nothing will by itself. Gives
/// how many there were.
pub(super) fn prune(db: &Connection, before: Timestamp, most: u32) -> Rows<u32> {
    // A state that says nonsense is left alone.
    let over: Vec<State> = State::ALL.into_iter().filter(|state| !state.is_open()).collect();
    let old = oldest(db, before, most, &over, "words IS NULL")?;
    for press in &old {
        for delete in [
            "DELETE FROM journal WHERE press = ?1",
            "DELETE FROM file WHERE press = ?1",
            "DELETE FROM press WHERE id = ?1",
        ] {
            db.prepare_cached(delete)?.execute([press])?;
        }
    }
    Ok(u32::try_from(old.len()).unwrap_or(u32::MAX))
}

/// Presses of these states, with words or without, to which nothing has happened since then and nothing will by
/// itself, the oldest first.
fn oldest(
    db: &Connection,
    before: Timestamp,
    most: u32,
    states: &[State],
    words: &'static str,
) -> Rows<Vec<String>> {
    // Names of ours only, so that they may stand in the text.
    let states: Vec<String> = states.iter().map(|state| format!("'{}'", state.name())).collect();
    let sql = format!(
        "SELECT id, MAX(accepted_at, COALESCE((SELECT MAX(at) FROM journal WHERE press = id), 0)) AS ended_at
         FROM press
         WHERE accepted_at < ?1 AND ended_at < ?1 AND due_at IS NULL AND {words} AND state IN ({})
         ORDER BY ended_at, id LIMIT ?2",
        states.join(", ")
    );
    let mut query = db.prepare_cached(&sql)?;
    let rows = query.query_map(params![before.as_millisecond(), most], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
