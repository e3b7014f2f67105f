//! The record of requests: each is written down when it arrives, and completed when it is answered.

use axum::http::StatusCode;

use super::clock::vendor_date;
use super::ledger::{RequestKind, RequestRecord, Violation};
use super::misbehaviour::Misdeed;
use super::schema::Fault;
use super::server::Call;
use super::store::Store;

/// A request that arrived. It outlives a reset without touching what is recorded afterwards.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit {
    pub(crate) kind: RequestKind,
    /// Number in the ledger.
    number: u64,
    /// How often the instance had been reset.
    epoch: u64,
}

/// Writes a request down; its number is also put into the call.
pub(crate) fn arrive(
    store: &mut Store,
    call: &mut Call,
    kind: RequestKind,
    misdeed: Option<Misdeed>,
) -> Visit {
    call.number = u64::try_from(store.requests.len())
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let record = RequestRecord {
        number: call.number,
        at: vendor_date(store.now()),
        method: call.method.to_string(),
        path: call.path.clone(),
        query: call.query.as_sent().to_owned(),
        status: 0,
        counted_as: kind,
        ignored_parameters: Vec::new(),
        misdeed,
        applied: false,
    };
    store.requests.push(record);
    Visit {
        kind,
        number: call.number,
        epoch: store.epoch,
    }
}

/// Whether the record of this visit still exists.
pub(crate) fn is_current(store: &Store, visit: Visit) -> bool {
    visit.epoch == store.epoch
}

/// Notes how a request that was carried out ended, whatever its client will be told.
pub(crate) fn carried_out(store: &mut Store, visit: Visit, call: &Call, status: StatusCode) {
    if let Some(record) = record(store, visit) {
        record.applied = status.is_success();
        if status.is_success() && visit.kind == RequestKind::Api {
            record.ignored_parameters = call.query.ignored();
        }
    }
}

/// Notes what the client was told.
pub(crate) fn answered(store: &mut Store, visit: Visit, status: StatusCode) {
    let at = vendor_date(store.now());
    if let Some(record) = record(store, visit) {
        record.status = status.as_u16();
        record.at = at;
    }
}

fn record(store: &mut Store, visit: Visit) -> Option<&mut RequestRecord> {
    if !is_current(store, visit) {
        return None;
    }
    let place = usize::try_from(visit.number).ok()?.checked_sub(1)?;
    store.requests.get_mut(place)
}

/// Writes one departure from the schema into the ledger.
pub(crate) fn note_fault(store: &mut Store, call: &Call, fault: Fault, refused: bool) {
    store.violations.push(Violation {
        request: call.number,
        method: call.method.to_string(),
        path: call.path.clone(),
        kind: fault.kind,
        field: fault.field,
        detail: fault.detail,
        refused,
    });
}
