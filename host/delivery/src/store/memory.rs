//! A store that lasts as long as its process: for proofs and measurements, never for people's presses.

use super::{
    ByHand, Claim, Custodian, FileInfo, Lease, Measured, Next, Record, State, Store, StoreError, Terms,
};
use crate::{
    journal::{Entry, Event},
    submission::{Amendment, Submission},
};
use helpbell_model::PressId;
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Presses in memory. Clones share them, as processes share a disk.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    presses: BTreeMap<PressId, Row>,
    lookups: BTreeMap<String, Measured>,
}

struct Row {
    record: Record,
    submission: Option<Submission>,
    leased: bool,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn row(&mut self, press: PressId) -> Result<&mut Row, StoreError> {
        self.presses.get_mut(&press).ok_or(StoreError::NoSuchPress(press))
    }

    /// Such presses to which nothing has happened since then, the oldest first.
    fn oldest(&self, before: Timestamp, most: u32, is_meant: impl Fn(&Row) -> bool) -> Vec<PressId> {
        let rows = self.presses.values().filter(|row| is_meant(row));
        let mut old: Vec<(Timestamp, PressId)> = rows
            .map(|row| (ended_at(&row.record), row.record.id))
            .filter(|(ended_at, _)| *ended_at < before)
            .collect();
        old.sort_unstable();
        old.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        old.into_iter().map(|(_, press)| press).collect()
    }
}

impl Row {
    fn is_free(&self, now: Timestamp) -> bool {
        !self.leased || self.record.leased_until.is_none_or(|until| until <= now)
    }

    fn claim(&mut self, terms: &Terms) -> Claim {
        self.record.epoch += 1;
        self.record.leased_until = Some(terms.until);
        self.leased = true;
        Claim {
            lease: Lease {
                press: self.record.id,
                epoch: self.record.epoch,
                until: terms.until,
            },
            record: self.record.clone(),
        }
    }

    fn fenced(&self, lease: &Lease) -> Result<(), StoreError> {
        if self.leased && self.record.epoch == lease.epoch {
            Ok(())
        } else {
            Err(StoreError::LeaseLost(lease.press))
        }
    }

    fn append(&mut self, at: Timestamp, epoch: u64, events: Vec<Event>) {
        let entries = events.into_iter().map(|event| Entry { at, epoch, event });
        self.record.journal.extend(entries);
    }

    fn awaits(&self) -> Option<Timestamp> {
        self.submission.as_ref().and_then(|submission| submission.awaits)
    }

    fn set_next(&mut self, next: Next, now: Timestamp) {
        let (state, due) = match next {
            Next::GoOn => return,
            Next::Due(at) => (State::Waiting, Some(at)),
            Next::WhenReported => (State::Waiting, Some(self.awaits().unwrap_or(now))),
            Next::Attention => (State::Attention, None),
            Next::Over(state, due) => (state, due),
        };
        self.leased = false;
        self.record.leased_until = None;
        (self.record.state, self.record.due_at) = (state, due);
        if !state.keeps_words() {
            self.forget_words();
        }
    }

    fn forget_words(&mut self) {
        self.submission = None;
        self.record.press = None;
        self.record.files.clear();
        for entry in &mut self.record.journal {
            entry.event.forget_words();
        }
    }
}

/// When something happened to a press for the last time.
fn ended_at(record: &Record) -> Timestamp {
    record
        .journal
        .iter()
        .map(|entry| entry.at)
        .fold(record.accepted_at, Timestamp::max)
}

fn files_of(submission: &Submission) -> Vec<FileInfo> {
    let files = submission.attachments.iter();
    files
        .map(|file| FileInfo {
            name: file.name.clone(),
            bytes: file.bytes.len() as u64,
        })
        .collect()
}

impl Store for Memory {
    async fn accept(
        &self,
        submission: &Submission,
        by: &Custodian,
        now: Timestamp,
        first: Vec<Event>,
    ) -> Result<(), StoreError> {
        let mut inner = self.lock();
        let id = submission.press.id;
        let epoch = match inner.presses.get(&id) {
            Some(row) if row.record.state != State::Moved => return Ok(()),
            // The export came home with the whole story since.
            Some(row) => row.record.epoch,
            None => 0,
        };
        let journal = first
            .into_iter()
            .map(|event| Entry {
                at: now,
                epoch: 0,
                event,
            })
            .collect();
        let record = Record {
            id,
            accepted_at: now,
            accepted_by: by.clone(),
            state: State::Waiting,
            due_at: Some(now),
            leased_until: None,
            epoch,
            journal,
            press: Some(submission.press.clone()),
            files: files_of(submission),
        };
        inner.presses.insert(
            id,
            Row {
                record,
                submission: Some(submission.clone()),
                leased: false,
            },
        );
        Ok(())
    }

    async fn amend(&self, press: PressId, amendment: Amendment, now: Timestamp) -> Result<(), StoreError> {
        let mut inner = self.lock();
        let row = inner.row(press)?;
        let awaited = row.awaits();
        row.record.check_open()?;
        row.record.check_awaited(awaited)?;
        if let Some(submission) = &mut row.submission {
            submission.amend(amendment);
            row.record.files = files_of(submission);
        }
        let epoch = row.record.epoch;
        row.append(now, epoch, vec![Event::Amended]);
        if row.record.only_awaits(awaited) {
            row.record.due_at = Some(now);
        }
        Ok(())
    }

    async fn claim_due(&self, terms: &Terms) -> Result<Option<Claim>, StoreError> {
        let mut inner = self.lock();
        let due = inner
            .presses
            .values_mut()
            .filter(|row| row.is_free(terms.now) && row.record.due_at.is_some_and(|due| due <= terms.now))
            .min_by_key(|row| row.record.due_at);
        Ok(due.map(|row| row.claim(terms)))
    }

    async fn claim(&self, press: PressId, terms: &Terms) -> Result<Claim, StoreError> {
        let mut inner = self.lock();
        let row = inner.row(press)?;
        row.record.check_free(terms.now)?;
        row.record.check_open()?;
        Ok(row.claim(terms))
    }

    async fn renew(&self, lease: &Lease, until: Timestamp) -> Result<Lease, StoreError> {
        let mut inner = self.lock();
        let row = inner.row(lease.press)?;
        row.fenced(lease)?;
        row.record.leased_until = Some(until);
        Ok(Lease {
            until,
            ..lease.clone()
        })
    }

    async fn record(
        &self,
        lease: &Lease,
        now: Timestamp,
        events: Vec<Event>,
        next: Next,
    ) -> Result<(), StoreError> {
        let mut inner = self.lock();
        let row = inner.row(lease.press)?;
        row.fenced(lease)?;
        row.append(now, lease.epoch, events);
        row.set_next(next, now);
        Ok(())
    }

    async fn submission(&self, press: PressId) -> Result<Submission, StoreError> {
        let mut inner = self.lock();
        let row = inner.row(press)?;
        row.submission.clone().ok_or_else(|| row.record.over())
    }

    async fn load(&self, press: PressId) -> Result<Record, StoreError> {
        Ok(self.lock().row(press)?.record.clone())
    }

    async fn list(&self, states: &[State], most: u32) -> Result<Vec<Record>, StoreError> {
        let inner = self.lock();
        let mut found: Vec<Record> = inner
            .presses
            .values()
            .map(|row| &row.record)
            .filter(|record| states.contains(&record.state))
            .cloned()
            .collect();
        found.sort_by_key(|record| std::cmp::Reverse((record.accepted_at, record.id)));
        found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(found)
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let inner = self.lock();
        let dues = inner.presses.values().filter_map(|row| {
            let due = row.record.due_at?;
            Some(row.record.leased_until.map_or(due, |until| due.max(until)))
        });
        Ok(dues.min())
    }

    async fn by_hand(&self, press: PressId, now: Timestamp, what: ByHand) -> Result<(), StoreError> {
        let mut inner = self.lock();
        let row = inner.row(press)?;
        row.record.check_free(now)?;
        if !what.is_possible(row.record.state, row.submission.is_some()) {
            return Err(row.record.over());
        }
        let (event, next) = what.outcome(now);
        let epoch = row.record.epoch;
        row.append(now, epoch, vec![event]);
        row.set_next(next, now);
        Ok(())
    }

    async fn forget_refused(&self, before: Timestamp, most: u32) -> Result<u32, StoreError> {
        let mut inner = self.lock();
        let old = inner.oldest(before, most, |row| {
            row.record.state == State::Refused && row.submission.is_some()
        });
        for press in &old {
            inner.row(*press)?.forget_words();
        }
        Ok(u32::try_from(old.len()).unwrap_or(u32::MAX))
    }

    async fn prune(&self, before: Timestamp, most: u32) -> Result<u32, StoreError> {
        let mut inner = self.lock();
        let old = inner.oldest(before, most, |row| {
            !row.record.state.is_open() && row.record.due_at.is_none() && row.submission.is_none()
        });
        for press in &old {
            inner.presses.remove(press);
        }
        Ok(u32::try_from(old.len()).unwrap_or(u32::MAX))
    }

    async fn remember_lookup(&self, whose: &str, measured: Measured) -> Result<(), StoreError> {
        self.lock().lookups.insert(whose.to_owned(), measured);
        Ok(())
    }

    async fn lookup(&self, whose: &str) -> Result<Option<Measured>, StoreError> {
        Ok(self.lock().lookups.get(whose).copied())
    }
}
