//! The steps that reach the PSA, each with what it leaves in the journal.

use super::{
    Try, Went,
    find::{About, find, stops},
};
use crate::{
    compose::{self, RULED_MESSAGE, Told},
    journal::{Effort, Event, is_refusal},
    psa::Psa,
    rules::circumstances,
    store::{Next, Store, StoreError},
    submission::{MESSAGE_BODY_CHARS, message_file},
    trace::{Progress, Step, StepTrace},
};
use helpbell_model::{Effect, Failure, Note, Ticket, ticket::AddedNote};
use helpbell_sandbox::{Call, CallContext};
use std::time::Instant;

impl<S: Store, P: Psa> Try<'_, S, P> {
    fn context(&self) -> CallContext {
        CallContext {
            press: Some(self.record.id),
            locale: self.submission.press.locale.clone(),
            not_after: Some(self.not_after),
        }
    }

    fn begin(&self, step: Step) -> Instant {
        (self.courier.observer)(Progress::Begins(step));
        Instant::now()
    }

    /// Takes a call's trace and hands on its result.
    fn end<T>(&mut self, step: Step, began: Instant, call: Call<T>) -> (Result<T, Failure>, Effect) {
        let trace = StepTrace::of(step, began, call.requests, call.log);
        (self.courier.observer)(Progress::Ended(&trace));
        self.steps.push(trace);
        (call.result, call.effect)
    }

    pub(super) async fn authenticate(&mut self) -> Went {
        let began = self.begin(Step::Authenticate);
        let call = self.courier.delivery.psa().authenticate().await;
        match self.end(Step::Authenticate, began, call) {
            (Ok(()), _) => Went::On,
            (Err(failure), effect) => Went::Wrong(failure, effect),
        }
    }

    /// Finds person and machine.
    pub(super) async fn find(&mut self) -> Went {
        let context = self.context();
        let about = About {
            context: &context,
            submission: &self.submission,
            observer: self.courier.observer,
        };
        match find(self.courier.delivery.psa(), &about, &mut self.steps).await {
            Ok(matched) => {
                self.add(Event::Matched(matched));
                Went::On
            }
            Err(halt) => Went::Wrong(halt.failure, halt.effect),
        }
    }

    /// Lets the rules judge the press. They always come to something: where they cannot run, the ticket is filed without
    /// them.
    pub(super) async fn rule(&mut self) -> Went {
        let began = self.begin(Step::Rules);
        let matched = self.course.matched.clone().unwrap_or_default();
        let circumstances = circumstances(self.courier.clock.now());
        let delivery = self.courier.delivery;
        let ruling = delivery
            .rule(&self.context(), &self.submission, &matched, circumstances)
            .await;
        let trace = StepTrace::of(Step::Rules, began, vec![], vec![]);
        (self.courier.observer)(Progress::Ended(&trace));
        self.steps.push(trace);
        self.add(Event::Ruled(Box::new(ruling)));
        self.gather_files();
        Went::On
    }

    /// The files that go with the note: the press's own and, if rules wrote a message that is longer than a ticket
    /// shows, that.
    pub(super) fn gather_files(&mut self) {
        let reference = format!("{}/ruled-message", self.record.id);
        self.submission
            .attachments
            .retain(|file| file.reference != reference);
        let orders = self.course.ruling.as_ref().map(|ruling| &ruling.orders);
        if let Some(message) = orders.and_then(|orders| orders.message.as_ref())
            && message.chars().count() > MESSAGE_BODY_CHARS
        {
            let file = message_file(RULED_MESSAGE, message, reference);
            self.submission.attachments.push(file);
        }
        let files = self.submission.attachments.iter();
        self.references = files.map(|file| file.reference.clone()).collect();
    }

    pub(super) async fn look_for_ticket(&mut self) -> Went {
        let began = self.begin(Step::LookUp);
        let psa = self.courier.delivery.psa();
        let call = psa.find_tickets(&self.context(), self.record.id).await;
        let mut found = match self.end(Step::LookUp, began, call) {
            (Ok(found), _) => found,
            (Err(failure), effect) => return Went::Wrong(failure, effect),
        };
        self.add(Event::Looked {
            effort: Effort::Ticket,
            found: u32::try_from(found.len()).unwrap_or(u32::MAX),
        });
        // Of several the oldest, as far as ids tell; the sweep closes the others.
        found.sort_by(|a, b| (a.id.len(), &a.id).cmp(&(b.id.len(), &b.id)));
        if let Some(ticket) = found.into_iter().next() {
            self.add(Event::Ticketed {
                ticket,
                corrections: vec![],
                adopted: true,
            });
        }
        Went::On
    }

    pub(super) async fn file(&mut self) -> Result<Went, StoreError> {
        let matched = self.course.matched.clone().unwrap_or_default();
        let ruling = self.course.ruling_in_force();
        let draft = self.courier.delivery.draft(&self.submission, &matched, ruling);
        self.announce(Effort::Ticket).await?;
        let began = self.begin(Step::CreateTicket);
        let call = self.courier.delivery.psa().create(&self.context(), &draft).await;
        let (result, effect) = self.end(Step::CreateTicket, began, call);
        Ok(match result {
            Ok((ticket, corrections)) => {
                self.add(Event::Ticketed {
                    ticket,
                    corrections,
                    adopted: false,
                });
                self.gather_files();
                Went::On
            }
            Err(failure) => self.failed(Effort::Ticket, failure, effect),
        })
    }

    fn ticket(&self) -> Result<Ticket, StoreError> {
        let filed = self.course.ticket.as_ref().map(|filed| filed.ticket.clone());
        filed.ok_or_else(|| StoreError::Damaged {
            press: self.record.id,
            reason: "its journal goes on without a ticket".to_owned(),
        })
    }

    fn note_reference(&self) -> String {
        format!("{}/report", self.record.id)
    }

    pub(super) async fn look_for_note(&mut self) -> Went {
        let Ok(ticket) = self.ticket() else {
            return Went::On;
        };
        let began = self.begin(Step::LookForNote);
        let reference = self.note_reference();
        let psa = self.courier.delivery.psa();
        let call = psa.find_notes(&self.context(), &ticket, &reference).await;
        let found = match self.end(Step::LookForNote, began, call) {
            (Ok(found), _) => found,
            (Err(failure), effect) => return Went::Wrong(failure, effect),
        };
        self.add(Event::Looked {
            effort: Effort::Note,
            found: u32::try_from(found.len()).unwrap_or(u32::MAX),
        });
        if let Some(note) = found.into_iter().next() {
            self.add(Event::Noted { note });
        }
        Went::On
    }

    pub(super) async fn add_note(&mut self) -> Result<Went, StoreError> {
        let ticket = self.ticket()?;
        self.announce(Effort::Note).await?;
        self.read_report().await?;
        let matched = self.course.matched.clone().unwrap_or_default();
        let filed = self.course.ticket.as_ref();
        let body = compose::note(&Told {
            submission: &self.submission,
            matched: &matched,
            corrections: filed.map_or(&[][..], |filed| &filed.corrections),
            ruling: self.course.ruling.as_deref(),
            adopted: filed.is_some_and(|filed| filed.adopted),
            psa: self.courier.delivery.psa().description(),
        });
        let note = Note {
            private: true,
            html: body.html,
            text: body.text,
            attachments: self.submission.attachments.clone(),
            reference: self.note_reference(),
        };
        let began = self.begin(Step::AddNote);
        let psa = self.courier.delivery.psa();
        let call = psa.add_note(&self.context(), &ticket, note).await;
        let (result, effect) = self.end(Step::AddNote, began, call);
        Ok(match result {
            Ok(note) => {
                self.add(Event::Noted { note });
                Went::On
            }
            Err(failure) => self.failed(Effort::Note, failure, effect),
        })
    }

    /// Reads a report again that was still to be completed when this try began. The store takes nothing more for it once
    /// its note is announced: what is read from then on is what stays.
    async fn read_report(&mut self) -> Result<(), StoreError> {
        if self.submission.awaits.is_some() {
            self.submission = self.courier.store.submission(self.record.id).await?;
            self.gather_files();
        }
        Ok(())
    }

    /// Attaches a file to the note or, where the PSA refuses notes, to the ticket itself.
    pub(super) async fn attach(&mut self, reference: &str) -> Result<Went, StoreError> {
        let ticket = self.ticket()?;
        let note = match &self.course.note {
            Some(Ok(AddedNote { id, .. })) => Some(id.clone()),
            _ => None,
        };
        let file = self
            .submission
            .attachments
            .iter()
            .find(|file| file.reference == reference);
        let Some(file) = file.cloned() else {
            return Ok(Went::On);
        };
        let (effort, name) = (Effort::File(reference.to_owned()), file.name.clone());
        self.announce(effort.clone()).await?;
        let step = if note.is_some() {
            Step::AttachToNote
        } else {
            Step::AttachToTicket
        };
        let began = self.begin(step);
        let psa = self.courier.delivery.psa();
        let call = psa.attach(&self.context(), &ticket, note.as_deref(), file).await;
        let (result, effect) = self.end(step, began, call);
        Ok(match result {
            Ok(_) => {
                self.add(Event::Attached {
                    file: reference.to_owned(),
                    name,
                });
                Went::On
            }
            // A file that the PSA will not take costs the note that file, and nothing else.
            Err(failure) if effect != Effect::Unknown && !stops(failure.kind) => {
                self.add(Event::NotApplied { effort, failure });
                Went::On
            }
            Err(failure) => self.failed(effort, failure, effect),
        })
    }

    /// Puts the intent on disk. Only then may the effect be sent, and only while the lease holds.
    async fn announce(&mut self, effort: Effort) -> Result<(), StoreError> {
        self.add(Event::Intent { effort });
        self.commit(Next::GoOn).await
    }

    /// Writes down how an effect failed. One in doubt is looked for at once; one that certainly did not
    /// happen ends the try, unless the way goes on without it.
    fn failed(&mut self, effort: Effort, failure: Failure, effect: Effect) -> Went {
        let is_file = matches!(effort, Effort::File(_));
        let unknown = effect == Effect::Unknown;
        // A note that was sent, read back and not found: the PSA drops it, and would drop the next one.
        let refused = effort == Effort::Note && is_refusal(failure.kind);
        if unknown {
            self.add(Event::Unknown {
                effort: effort.clone(),
                failure: failure.clone(),
            });
        }
        if unknown && !refused {
            return if is_file {
                Went::Wrong(failure, effect)
            } else {
                Went::On
            };
        }
        if !is_file {
            self.add(Event::NotApplied {
                effort,
                failure: failure.clone(),
            });
        }
        if refused {
            Went::On
        } else {
            Went::Wrong(failure, effect)
        }
    }
}
