//! One try at delivering a press that was claimed.
//!
//! ```text
//! claim ─► decide ─► act ─► journal ─┐        intent is on disk before an effect is sent,
//!             ▲                      │        its outcome before the next effect
//!             └──────────────────────┘  ... until it is over, must wait, or needs a person
//! ```
//!
//! `decide` is pure and knows all the rules; what stands here only does what it says and writes down
//! what came of it.

mod decide;
mod find;
mod retry;
mod steps;
mod sweep;

pub use decide::{
    Action, BETWEEN_LOOKUPS, FRESH, LONGEST_AWAIT, LookupRules, PSA_FINISHES, Reason, Situation, decide,
};
pub(crate) use find::{About, find};

use crate::{
    clock::{Clock, after, until},
    delivery::Delivery,
    journal::{Course, Entry, Equipment, Event},
    psa::Psa,
    rules::{Rules, Ruling},
    store::{Claim, Custodian, Lease, Next, Record, State, Store, StoreError, Terms},
    submission::Submission,
    trace::{Observer, StepTrace},
};
use helpbell_model::{Effect, Failure, PressId, Receipt};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// How long a press is claimed. Longer than the longest call into a connector, so that a worker that
/// is alive can always prolong in time, and short enough that the presses of one that died go on soon.
pub const LEASE: Duration = Duration::from_secs(180);

/// A lease with less left than this is prolonged before the next step: one call into a connector (60 s)
/// and its commit must fit into what is left.
const RENEW_BELOW: Duration = Duration::from_secs(90);

/// Steps of one try. A press takes about eight; a loop is a fault of ours and must not spin.
const STEPS: usize = 200;

/// What became of a claimed press in this try.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The press.
    pub press: PressId,
    /// Where it stands.
    pub stand: Stand,
    /// There as soon as there is a ticket.
    pub receipt: Option<Receipt>,
    /// How it came about.
    pub steps: Vec<StepTrace>,
}

/// Where a press stands after a try.
#[derive(Debug, Clone)]
pub enum Stand {
    /// Ticket, note and files are there.
    Delivered,
    /// It goes on by itself.
    Waiting {
        /// When.
        until: Timestamp,
        /// Why not now, and what the call that failed may have done.
        failure: Option<(Failure, Effect)>,
    },
    /// The ticket is there. The note goes out as soon as the report is complete.
    Reporting {
        /// And not later than this.
        until: Timestamp,
    },
    /// A rule refused it: there shall be no ticket.
    Refused {
        /// What the person is told.
        why: String,
    },
    /// It needs a person.
    Attention {
        /// Why, for that person.
        why: String,
        /// The failure behind it, if one is.
        failure: Option<(Failure, Effect)>,
    },
}

/// Delivers claimed presses. Borrow one for as long as you deliver.
pub struct Courier<'a, S, P> {
    /// Where the presses are.
    pub store: &'a S,
    /// How to reach the PSA.
    pub delivery: &'a Delivery<P>,
    /// The time.
    pub clock: Clock,
    /// Who is at work.
    pub me: &'a Custodian,
    /// Is told what goes on.
    pub observer: Observer<'a>,
}

/// One try under way.
struct Try<'a, S, P> {
    courier: &'a Courier<'a, S, P>,
    lease: Lease,
    /// When the lease ends, on the clock that no change of the time of day moves.
    not_after: Instant,
    record: Record,
    course: Course,
    lookup: LookupRules,
    submission: Submission,
    references: Vec<String>,
    /// Happened, and not on disk yet: only what may be lost, or is about to be written.
    pending: Vec<Event>,
    steps: Vec<StepTrace>,
}

/// How a step ended.
enum Went {
    /// With something new to decide upon.
    On,
    /// With a failure that ends this try.
    Wrong(Failure, Effect),
}

impl<S: Store, P: Psa> Courier<'_, S, P> {
    /// For how long from now this courier claims.
    #[must_use]
    pub fn terms(&self) -> Terms {
        let now = self.clock.now();
        Terms {
            owner: self.me.clone(),
            now,
            until: after(now, LEASE),
        }
    }

    /// When a lease ends on the monotonic clock, told from what the time of day is now: a claim that was
    /// long on its way counts from when it was made.
    fn monotonic(&self, lease: &Lease) -> Instant {
        Instant::now() + self.clock.real(until(self.clock.now(), lease.until))
    }

    /// Takes a claimed press as far as it goes now.
    ///
    /// # Errors
    /// If the store fails, or the press is in other hands by now. Whatever was sent is in the journal.
    pub async fn deliver(&self, claim: Claim) -> Result<Outcome, StoreError> {
        if claim.record.state == State::Delivered {
            return self.sweep(claim).await;
        }
        let submission = match self.store.submission(claim.record.id).await {
            Ok(submission) => submission,
            Err(error @ StoreError::Damaged { .. }) => return self.set_aside(claim, &error).await,
            Err(error) => return Err(error),
        };
        let course = Course::of(&claim.record.journal);
        let measured = self.store.lookup(self.delivery.psa().scope()).await?;
        let lookup = LookupRules {
            declared: self.delivery.psa().description().lookup,
            measured: measured.map(|measured| Duration::from_millis(measured.found_after_ms)),
        };
        let mut attempt = Try {
            courier: self,
            not_after: self.monotonic(&claim.lease),
            lease: claim.lease,
            record: claim.record,
            course,
            lookup,
            submission,
            references: Vec::new(),
            pending: Vec::new(),
            steps: Vec::new(),
        };
        attempt.gather_files();
        match attempt.run().await {
            Err(error @ StoreError::Damaged { .. }) => {
                let claim = Claim {
                    lease: attempt.lease,
                    record: attempt.record,
                };
                self.set_aside(claim, &error).await
            }
            ended => ended,
        }
    }

    /// A press that cannot be read any more is shown and left alone.
    async fn set_aside(&self, claim: Claim, error: &StoreError) -> Result<Outcome, StoreError> {
        let why = error.to_string();
        let event = Event::NeedsAttention { why: why.clone() };
        self.store
            .record(&claim.lease, self.clock.now(), vec![event], Next::Attention)
            .await?;
        Ok(Outcome {
            press: claim.record.id,
            stand: Stand::Attention { why, failure: None },
            receipt: None,
            steps: vec![],
        })
    }
}

/// An even draw from 0 to 1.
fn chance() -> f64 {
    fastrand::f64()
}

impl<S: Store, P: Psa> Try<'_, S, P> {
    async fn run(&mut self) -> Result<Outcome, StoreError> {
        self.equip();
        if let Went::Wrong(failure, effect) = self.authenticate().await {
            return self.end_try(failure, effect).await;
        }
        for _ in 0..STEPS {
            self.keep_lease().await?;
            let step = match decide(&self.situation()) {
                Action::Match => self.find().await,
                Action::Rule => self.rule().await,
                Action::Refuse => return self.refuse().await,
                Action::LookForTicket => self.look_for_ticket().await,
                Action::File => self.file().await?,
                Action::LookForNote => self.look_for_note().await,
                Action::AwaitReport(until) => return self.await_report(until).await,
                Action::AddNote => self.add_note().await?,
                Action::Attach(reference) => self.attach(&reference).await?,
                Action::Wait(until) => return self.wait(until).await,
                Action::Attention(reason) => return self.need_attention(reason).await,
                Action::Finish => return self.finish().await,
            };
            if let Went::Wrong(failure, effect) = step {
                return self.end_try(failure, effect).await;
            }
        }
        let loops = Failure::new(
            helpbell_model::FailureKind::Internal,
            "host.loop",
            format!("the delivery took more than {STEPS} steps"),
        )
        .with_help("this is a fault of Helpbell; the press is kept. Send its journal to the makers: helpbell outbox show ID --json");
        self.end_try(loops, Effect::None).await
    }

    fn situation(&self) -> Situation<'_> {
        Situation {
            course: &self.course,
            files: &self.references,
            awaits: self.submission.awaits,
            lookup: self.lookup,
            has_rules: self.courier.delivery.rules().is_some(),
            accepted_at: self.record.accepted_at,
            own: self.record.accepted_by == *self.courier.me,
            epoch: self.lease.epoch,
            now: self.courier.clock.now(),
        }
    }

    /// Takes note of an event; it is on disk with the next commit.
    fn add(&mut self, event: Event) {
        self.course.add(&Entry {
            at: self.courier.clock.now(),
            epoch: self.lease.epoch,
            event: event.clone(),
        });
        self.pending.push(event);
    }

    /// Writes down what happened. Before an effect is sent, its intent must have gone through here.
    async fn commit(&mut self, next: Next) -> Result<(), StoreError> {
        let events = std::mem::take(&mut self.pending);
        self.courier
            .store
            .record(&self.lease, self.courier.clock.now(), events, next)
            .await
    }

    async fn keep_lease(&mut self) -> Result<(), StoreError> {
        let now = self.courier.clock.now();
        if until(now, self.lease.until) < RENEW_BELOW {
            self.lease = self.courier.store.renew(&self.lease, after(now, LEASE)).await?;
            self.not_after = self.courier.monotonic(&self.lease);
        }
        Ok(())
    }

    /// Writes down what this press is delivered with, if that is new.
    fn equip(&mut self) {
        let psa = self.courier.delivery.psa();
        let description = psa.description();
        let equipment = Equipment {
            connector: description.id.clone(),
            version: description.version.clone(),
            sha256: psa.sha256().to_owned(),
            settings: psa.settings().to_vec(),
            defaults: self.courier.delivery.defaults().to_vec(),
            rules: self.courier.delivery.rules().map(Rules::digests),
        };
        if self.course.equipment.as_ref() != Some(&equipment) {
            self.add(Event::Equipped(equipment));
        }
    }

    async fn wait(&mut self, until: Timestamp) -> Result<Outcome, StoreError> {
        self.commit(Next::Due(until)).await?;
        let failure = self
            .course
            .doubt_failure
            .clone()
            .map(|failure| (failure, Effect::Unknown));
        Ok(self.outcome(Stand::Waiting { until, failure }))
    }

    /// Nothing failed. Whether the report was completed while this try was under way, the store knows.
    async fn await_report(&mut self, until: Timestamp) -> Result<Outcome, StoreError> {
        self.commit(Next::WhenReported).await?;
        Ok(self.outcome(Stand::Reporting { until }))
    }

    async fn need_attention(&mut self, reason: Reason) -> Result<Outcome, StoreError> {
        let failure = match reason {
            Reason::NoteRefused => match &self.course.note {
                Some(Err(failure)) => Some((failure.clone(), Effect::NotApplied)),
                _ => None,
            },
            Reason::TicketUnknown | Reason::NoteUnknown => self
                .course
                .doubt_failure
                .clone()
                .map(|failure| (failure, Effect::Unknown)),
        };
        let why = reason.words(
            self.record.id,
            failure.as_ref().map(|(failure, _)| failure),
            self.lookup,
        );
        self.add(Event::NeedsAttention { why: why.clone() });
        self.commit(Next::Attention).await?;
        Ok(self.outcome(Stand::Attention { why, failure }))
    }

    /// Nothing was sent, and nothing will be. Words and files stay for a while: rules can be mended.
    async fn refuse(&mut self) -> Result<Outcome, StoreError> {
        let ruling = self.course.ruling_in_force();
        let why = ruling.and_then(|ruling| ruling.orders.refused.clone());
        let why = why.unwrap_or_default();
        self.add(Event::Refused { why: why.clone() });
        self.commit(Next::Over(State::Refused, None)).await?;
        Ok(self.outcome(Stand::Refused { why }))
    }

    async fn finish(&mut self) -> Result<Outcome, StoreError> {
        self.add(Event::Delivered);
        // A late duplicate is only possible where something was ever sent without a clear answer.
        let sweep = (self.course.doubted || self.course.filings > 1)
            .then(|| after(self.courier.clock.now(), sweep::FIRST_SWEEP));
        self.commit(Next::Over(State::Delivered, sweep)).await?;
        Ok(self.outcome(Stand::Delivered))
    }

    async fn end_try(&mut self, failure: Failure, effect: Effect) -> Result<Outcome, StoreError> {
        let now = self.courier.clock.now();
        self.add(Event::TryEnded {
            failure: failure.clone(),
            effect,
        });
        let next = retry::after_failure(&self.course, &failure, now, chance());
        // Whatever failed last, a ticket that may be there may still be there.
        let effect = if self.course.filing.is_doubt() {
            Effect::Unknown
        } else {
            effect
        };
        let stand = match next {
            Next::Due(until) => Stand::Waiting {
                until,
                failure: Some((failure, effect)),
            },
            _ => {
                let why = format!(
                    "{} tries failed in the same way: {failure}",
                    self.course.fruitless
                );
                self.add(Event::NeedsAttention { why: why.clone() });
                Stand::Attention {
                    why,
                    failure: Some((failure, effect)),
                }
            }
        };
        self.commit(next).await?;
        Ok(self.outcome(stand))
    }

    fn outcome(&mut self, stand: Stand) -> Outcome {
        Outcome {
            press: self.record.id,
            stand,
            receipt: receipt(self.record.id, &self.course),
            steps: std::mem::take(&mut self.steps),
        }
    }
}

/// Writes down that a press could not even be tried, and when it is tried again.
///
/// # Errors
/// If the store fails.
pub async fn not_possible<S: Store>(
    store: &S,
    clock: Clock,
    claim: Claim,
    failure: Failure,
) -> Result<Outcome, StoreError> {
    let mut course = Course::of(&claim.record.journal);
    let now = clock.now();
    let event = Event::TryEnded {
        failure: failure.clone(),
        effect: Effect::None,
    };
    course.add(&Entry {
        at: now,
        epoch: claim.lease.epoch,
        event: event.clone(),
    });
    // Whoever mends the configuration mends it for all presses: none is set aside for it.
    let patient = Course {
        fruitless: course.fruitless.min(1),
        ..course.clone()
    };
    let next = retry::after_failure(&patient, &failure, now, chance());
    store.record(&claim.lease, now, vec![event], next).await?;
    let until = match next {
        Next::Due(at) => at,
        _ => now,
    };
    Ok(Outcome {
        press: claim.record.id,
        stand: Stand::Waiting {
            until,
            failure: Some((failure, Effect::None)),
        },
        receipt: receipt(claim.record.id, &course),
        steps: vec![],
    })
}

/// What a person is told, as soon as there is a ticket.
#[must_use]
pub fn receipt(press: PressId, course: &Course) -> Option<Receipt> {
    let filed = course.ticket.clone()?;
    let matched = course.matched.clone().unwrap_or_default();
    let ruling = course.ruling.as_deref();
    let mut corrections = ruling.map_or_else(Vec::new, |ruling| ruling.corrections.clone());
    corrections.extend(filed.corrections);
    let mut problems = matched.problems;
    problems.extend(ruling.and_then(Ruling::problem));
    problems.extend(course.unattached.iter().map(|(_, failure)| failure.clone()));
    let note = course.note.clone().unwrap_or_else(|| Err(why_no_note(course)));
    // Without a note, what was attached lies on the ticket itself.
    let on_ticket = if note.is_err() {
        course.attached.iter().map(|(_, name)| name.clone()).collect()
    } else {
        vec![]
    };
    Some(Receipt {
        press,
        ticket: filed.ticket,
        adopted: filed.adopted,
        contact: matched.contact,
        device: matched.device,
        note,
        corrections,
        problems,
        on_ticket,
    })
}

fn why_no_note(course: &Course) -> Failure {
    let doubt = course.doubt_failure.clone().filter(|_| course.noting.is_doubt());
    let last = course.last_failure.clone().map(|(failure, _)| failure);
    doubt.or(last).unwrap_or_else(|| {
        Failure::new(
            helpbell_model::FailureKind::Unavailable,
            "host.note-pending",
            "the private note is not there yet",
        )
        .with_help("it goes on by itself; see: helpbell outbox list")
    })
}

impl Reason {
    /// Why a person is needed, and what that person can do.
    fn words(self, press: PressId, failure: Option<&Failure>, lookup: LookupRules) -> String {
        let lookup_help = if lookup.measured.is_none() {
            " If the PSA finds tickets by their reference, let that be measured once, and this is settled by itself from then on: helpbell doctor --write-test."
        } else {
            ""
        };
        match self {
            Self::TicketUnknown => format!(
                "the answer to filing the ticket was lost, and nothing here can tell whether the ticket exists. Look for [hb:{press}] in the PSA. If it is not there: helpbell outbox retry {press} --file-again; if it is: helpbell outbox discard {press}.{lookup_help}"
            ),
            Self::NoteUnknown => format!(
                "the answer to adding the private note was lost, and nothing here can tell whether it exists. Look at the ticket. If the note is missing: helpbell outbox retry {press} --file-again; if it is there: helpbell outbox discard {press}."
            ),
            Self::NoteRefused => failure.map_or_else(
                || "the PSA refuses the private note".to_owned(),
                |failure| format!("the PSA refuses the private note: {failure}"),
            ),
        }
    }
}
