//! Looking a delivered press up once more: a request that everybody had given up may still have been
//! carried out, minutes later.

use super::{Courier, Outcome, Stand, receipt};
use crate::{
    clock::after,
    journal::{Course, Entry, Event},
    psa::Psa,
    store::{Claim, Next, State, Store, StoreError},
    trace::{Progress, Step, StepTrace},
};
use helpbell_model::Ticket;
use helpbell_sandbox::CallContext;
use std::time::{Duration, Instant};

/// When a delivered press is looked up for the first time: most late requests have arrived by then.
pub(super) const FIRST_SWEEP: Duration = Duration::from_secs(2 * 60);
/// And for the second and last time, after the first.
const SECOND_SWEEP: Duration = Duration::from_secs(28 * 60);
/// When a sweep that failed is tried again.
const SWEEP_AGAIN: Duration = Duration::from_secs(5 * 60);
/// Sweeps are given up after so many failures: the press has its ticket, and the PSA has other worries.
const SWEEP_TRIES: usize = 12;

impl<S: Store, P: Psa> Courier<'_, S, P> {
    /// Closes whatever further tickets carry this press's reference.
    pub(super) async fn sweep(&self, claim: Claim) -> Result<Outcome, StoreError> {
        let press = claim.record.id;
        let mut course = Course::of(&claim.record.journal);
        let mut steps = Vec::new();
        let Some(filed) = course.ticket.clone() else {
            self.store
                .record(
                    &claim.lease,
                    self.clock.now(),
                    vec![],
                    Next::Over(State::Delivered, None),
                )
                .await?;
            return Ok(self.swept(&claim, &course, steps));
        };
        let not_after = self.monotonic(&claim.lease);
        let closed = self
            .close_others(press, &filed.ticket, not_after, &mut steps)
            .await;
        let now = self.clock.now();
        let tries = claim
            .record
            .journal
            .iter()
            .filter(|entry| is_sweep(entry))
            .count()
            + 1;
        let (events, due) = match closed {
            Ok(closed) => {
                let due = (course.sweeps == 0).then(|| after(now, SECOND_SWEEP));
                (vec![Event::Swept { closed }], due)
            }
            Err(failure) => {
                let due = (tries < SWEEP_TRIES).then(|| after(now, SWEEP_AGAIN));
                (vec![Event::SweepFailed { failure }], due)
            }
        };
        for event in &events {
            course.add(&Entry {
                at: now,
                epoch: claim.lease.epoch,
                event: event.clone(),
            });
        }
        self.store
            .record(&claim.lease, now, events, Next::Over(State::Delivered, due))
            .await?;
        Ok(self.swept(&claim, &course, steps))
    }

    async fn close_others(
        &self,
        press: helpbell_model::PressId,
        kept: &Ticket,
        not_after: tokio::time::Instant,
        steps: &mut Vec<StepTrace>,
    ) -> Result<Vec<String>, helpbell_model::Failure> {
        let context = CallContext {
            press: Some(press),
            locale: "en".into(),
            not_after: Some(not_after),
        };
        let psa = self.delivery.psa();
        let began = Instant::now();
        (self.observer)(Progress::Begins(Step::Sweep));
        let call = psa.find_tickets(&context, press).await;
        let trace = StepTrace::of(Step::Sweep, began, call.requests, call.log);
        (self.observer)(Progress::Ended(&trace));
        steps.push(trace);
        let mut closed = Vec::new();
        for other in call.result?.into_iter().filter(|other| other.id != kept.id) {
            let reason = format!(
                "This ticket is a late duplicate: the same press [hb:{press}] is ticket {}, which has the report. Closed by Helpbell.",
                kept.number
            );
            let began = Instant::now();
            let call = psa.close(&context, &other.id, &reason).await;
            steps.push(StepTrace::of(Step::Sweep, began, call.requests, call.log));
            call.result?;
            tracing::warn!(%press, kept = %kept.number, closed = %other.number, "closed a late duplicate");
            closed.push(other.number);
        }
        Ok(closed)
    }

    fn swept(&self, claim: &Claim, course: &Course, steps: Vec<StepTrace>) -> Outcome {
        Outcome {
            press: claim.record.id,
            stand: Stand::Delivered,
            receipt: receipt(claim.record.id, course),
            steps,
        }
    }
}

const fn is_sweep(entry: &Entry) -> bool {
    matches!(entry.event, Event::Swept { .. } | Event::SweepFailed { .. })
}
