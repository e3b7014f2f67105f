//! The five steps, in a straight line.

use crate::{compose, submission::Submission};
use helpbell_model::{
    Contact, ContactMatch, Correction, Device, Draft, Effect, Failure, FailureKind, Note, Receipt, Ticket,
    ticket::AddedNote,
};
use helpbell_sandbox::{Call, CallContext, LogLine, RequestTrace, Session};
use serde::Serialize;
use std::time::Instant;

/// The steps of a delivery, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Obtain or renew the authorisation.
    Authenticate,
    /// Look the press up: it may have been delivered before.
    LookUp,
    /// Find the person.
    FindContact,
    /// Find the machine.
    FindDevice,
    /// Put the ticket into words, with the operator's defaults.
    Draft,
    /// File the ticket.
    CreateTicket,
    /// Add the private note with the report.
    AddNote,
    /// The note was refused: attach the report to the ticket itself.
    AttachToTicket,
}

impl Step {
    /// What is going on, for a progress line.
    #[must_use]
    pub const fn doing(self) -> &'static str {
        match self {
            Self::Authenticate => "signing in",
            Self::LookUp => "looking whether the ticket exists already",
            Self::FindContact => "finding the person",
            Self::FindDevice => "finding the computer",
            Self::Draft => "writing the ticket",
            Self::CreateTicket => "filing the ticket",
            Self::AddNote => "adding the private note and the report",
            Self::AttachToTicket => "attaching the report to the ticket itself",
        }
    }
}

/// How one step went.
#[derive(Debug, Clone, Serialize)]
pub struct StepTrace {
    /// Which.
    pub step: Step,
    /// Milliseconds.
    pub ms: u64,
    /// What was sent, in order.
    pub requests: Vec<RequestTrace>,
    /// What the connector logged.
    pub log: Vec<LogLine>,
}

/// Told while a delivery is under way.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// A step begins.
    Begins(Step),
    /// A step is over.
    Ended(&'a StepTrace),
}

/// A press that has its ticket.
#[derive(Debug, Clone, Serialize)]
pub struct Delivered {
    /// For the person and the operator.
    pub receipt: Receipt,
    /// How it came about.
    pub steps: Vec<StepTrace>,
}

/// A press that has no ticket yet.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{failure}")]
pub struct NotDelivered {
    /// Where it stopped.
    pub step: Step,
    /// Why.
    pub failure: Failure,
    /// Whether there may be a ticket all the same.
    pub effect: Effect,
    /// How it came about.
    pub steps: Vec<StepTrace>,
}

/// Delivers presses for one tenant.
pub struct Delivery {
    session: Session,
    defaults: Vec<(String, String)>,
}

/// Failures after which the next step would fail as well: the press waits. All others cost the
/// ticket a contact or a device, but not its existence.
const fn stops(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Auth | FailureKind::RateLimited | FailureKind::Unavailable | FailureKind::Timeout
    )
}

/// One delivery under way.
struct Journey<'a> {
    session: &'a Session,
    context: CallContext,
    steps: Vec<StepTrace>,
    problems: Vec<Failure>,
    observer: &'a (dyn Fn(Progress<'_>) + Send + Sync),
}

impl Delivery {
    /// `defaults` are the operator's integration defaults: dispatcher variables and their values.
    #[must_use]
    pub const fn new(session: Session, defaults: Vec<(String, String)>) -> Self {
        Self { session, defaults }
    }

    /// The connector's session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// Delivers a press. With `seen_before`, looks for its ticket first: a press from a file, or one
    /// that failed earlier, may have one. A note that cannot be added does not undo the ticket; the
    /// receipt says so.
    ///
    /// # Errors
    /// Why there is no ticket, and whether there may be one all the same.
    pub async fn deliver(
        &self,
        submission: &Submission,
        seen_before: bool,
        observer: &(dyn Fn(Progress<'_>) + Send + Sync),
    ) -> Result<Delivered, Box<NotDelivered>> {
        let press = &submission.press;
        let context = CallContext {
            press: Some(press.id),
            locale: press.locale.clone(),
        };
        let mut journey = Journey {
            session: &self.session,
            context,
            steps: vec![],
            problems: vec![],
            observer,
        };
        journey.authenticate().await?;
        let existing = if seen_before {
            journey.look_up(submission).await?
        } else {
            None
        };
        let contact = journey.find_contact(submission).await?;
        let device = journey.find_device(submission, contact.as_ref()).await?;
        let (ticket, corrections, adopted) = match existing {
            Some(ticket) => (ticket, vec![], true),
            None => {
                let draft = journey.draft(submission, contact.as_ref(), device.as_ref(), &self.defaults);
                journey.create(submission, &draft).await?
            }
        };
        let note = journey
            .add_note(submission, &ticket, device.as_ref(), &corrections, adopted)
            .await;
        // A PSA that refuses notes may still take files. Only once: a second try would attach them again.
        let on_ticket = match &note {
            Err(failure) if failure.kind == FailureKind::Forbidden && !adopted => {
                journey.attach_to_ticket(submission, &ticket).await
            }
            _ => vec![],
        };
        let Journey { steps, problems, .. } = journey;
        let receipt = Receipt {
            press: press.id,
            ticket,
            adopted,
            contact,
            device,
            note,
            corrections,
            problems,
            on_ticket,
        };
        Ok(Delivered { receipt, steps })
    }

    /// What would be filed, without filing it: finds contact and device and writes the draft.
    ///
    /// # Errors
    /// Why not even that was possible.
    pub async fn dry_run(
        &self,
        submission: &Submission,
        observer: &(dyn Fn(Progress<'_>) + Send + Sync),
    ) -> Result<(Draft, Vec<StepTrace>), Box<NotDelivered>> {
        let press = &submission.press;
        let context = CallContext {
            press: Some(press.id),
            locale: press.locale.clone(),
        };
        let mut journey = Journey {
            session: &self.session,
            context,
            steps: vec![],
            problems: vec![],
            observer,
        };
        journey.authenticate().await?;
        let contact = journey.find_contact(submission).await?;
        let device = journey.find_device(submission, contact.as_ref()).await?;
        let draft = journey.draft(submission, contact.as_ref(), device.as_ref(), &self.defaults);
        Ok((draft, journey.steps))
    }
}

impl Journey<'_> {
    fn begin(&self, step: Step) -> Instant {
        (self.observer)(Progress::Begins(step));
        Instant::now()
    }

    fn end(&mut self, step: Step, began: Instant, requests: Vec<RequestTrace>, log: Vec<LogLine>) {
        let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let trace = StepTrace {
            step,
            ms,
            requests,
            log,
        };
        (self.observer)(Progress::Ended(&trace));
        self.steps.push(trace);
    }

    /// Takes a call's trace and hands on its result.
    fn finish<T>(&mut self, step: Step, began: Instant, call: Call<T>) -> (Result<T, Failure>, Effect) {
        self.end(step, began, call.requests, call.log);
        (call.result, call.effect)
    }

    fn stopped(&mut self, step: Step, failure: Failure, effect: Effect) -> Box<NotDelivered> {
        Box::new(NotDelivered {
            step,
            failure,
            effect,
            steps: std::mem::take(&mut self.steps),
        })
    }

    async fn authenticate(&mut self) -> Result<(), Box<NotDelivered>> {
        let began = self.begin(Step::Authenticate);
        let call = self.session.authenticate().await;
        let (result, effect) = self.finish(Step::Authenticate, began, call);
        result.map_err(|failure| self.stopped(Step::Authenticate, failure, effect))
    }

    async fn look_up(&mut self, submission: &Submission) -> Result<Option<Ticket>, Box<NotDelivered>> {
        let began = self.begin(Step::LookUp);
        let call = self
            .session
            .find_tickets(&self.context, submission.press.id)
            .await;
        match self.finish(Step::LookUp, began, call) {
            (Ok(tickets), _) => Ok(tickets.into_iter().next()),
            (Err(failure), effect) => Err(self.stopped(Step::LookUp, failure, effect)),
        }
    }

    async fn find_contact(
        &mut self,
        submission: &Submission,
    ) -> Result<Option<(Contact, ContactMatch)>, Box<NotDelivered>> {
        let began = self.begin(Step::FindContact);
        let call = self
            .session
            .find_contact(&self.context, &submission.press.person)
            .await;
        let (result, effect) = self.finish(Step::FindContact, began, call);
        self.tolerate(Step::FindContact, result, effect)
    }

    async fn find_device(
        &mut self,
        submission: &Submission,
        contact: Option<&(Contact, ContactMatch)>,
    ) -> Result<Option<Device>, Box<NotDelivered>> {
        // Without a known person there is no customer among whose machines this one could be, and
        // one of the same name may be another customer's.
        let owner = contact
            .filter(|(_, how)| *how != ContactMatch::CatchAll)
            .map(|(contact, _)| contact);
        let keeps_contacts = self.session.connector().description().has("contacts");
        if owner.is_none() && keeps_contacts {
            return Ok(None);
        }
        let began = self.begin(Step::FindDevice);
        let call = self
            .session
            .find_device(&self.context, owner, &submission.press.device)
            .await;
        let (result, effect) = self.finish(Step::FindDevice, began, call);
        self.tolerate(Step::FindDevice, result, effect)
    }

    /// A lookup that fails for a reason of its own is noted, and the way goes on without its answer.
    fn tolerate<T>(
        &mut self,
        step: Step,
        result: Result<Option<T>, Failure>,
        effect: Effect,
    ) -> Result<Option<T>, Box<NotDelivered>> {
        match result {
            Ok(found) => Ok(found),
            Err(failure) if stops(failure.kind) => Err(self.stopped(step, failure, effect)),
            Err(failure) => {
                self.problems.push(failure);
                Ok(None)
            }
        }
    }

    fn draft(
        &mut self,
        submission: &Submission,
        contact: Option<&(Contact, ContactMatch)>,
        device: Option<&Device>,
        defaults: &[(String, String)],
    ) -> Draft {
        let began = self.begin(Step::Draft);
        let body = compose::ticket(&submission.press, contact);
        let limits = self.session.connector().description().limits;
        let draft = Draft {
            summary: compose::summary(&submission.press, limits.summary_chars),
            body_html: body.html,
            body_text: body.text,
            person: submission.press.person.clone(),
            contact: contact.map(|(contact, _)| contact.clone()),
            device: device.cloned(),
            facts: submission.press.device.clone(),
            fields: defaults.to_vec(),
        };
        self.end(Step::Draft, began, vec![], vec![]);
        draft
    }

    async fn create(
        &mut self,
        submission: &Submission,
        draft: &Draft,
    ) -> Result<(Ticket, Vec<Correction>, bool), Box<NotDelivered>> {
        let began = self.begin(Step::CreateTicket);
        let call = self.session.create(&self.context, draft).await;
        match self.finish(Step::CreateTicket, began, call) {
            (Ok((ticket, corrections)), _) => Ok((ticket, corrections, false)),
            // Nobody knows whether there is a ticket now: only looking tells, never trying again.
            (Err(failure), Effect::Unknown) => match self.look_up(submission).await {
                Ok(Some(ticket)) => Ok((ticket, vec![], true)),
                _ => Err(self.stopped(Step::CreateTicket, failure, Effect::Unknown)),
            },
            (Err(failure), effect) => Err(self.stopped(Step::CreateTicket, failure, effect)),
        }
    }

    async fn add_note(
        &mut self,
        submission: &Submission,
        ticket: &Ticket,
        device: Option<&Device>,
        corrections: &[Correction],
        adopted: bool,
    ) -> Result<AddedNote, Failure> {
        let began = self.begin(Step::AddNote);
        let reference = format!("{}/report", submission.press.id);
        if adopted {
            let found = self.session.find_notes(&self.context, ticket, &reference).await;
            if let Ok(Some(note)) = found.result.map(|notes| notes.into_iter().next()) {
                self.end(Step::AddNote, began, found.requests, found.log);
                return Ok(note);
            }
        }
        let body = compose::note(submission, device, corrections, &self.problems, adopted);
        let note = Note {
            private: true,
            html: body.html,
            text: body.text,
            attachments: submission.attachments.clone(),
            reference,
        };
        let call = self.session.add_note(&self.context, ticket, note).await;
        self.finish(Step::AddNote, began, call).0
    }

    /// Gives the names of the files that are on the ticket now.
    async fn attach_to_ticket(&mut self, submission: &Submission, ticket: &Ticket) -> Vec<String> {
        let (began, mut attached, mut requests, mut log) =
            (self.begin(Step::AttachToTicket), vec![], vec![], vec![]);
        for file in &submission.attachments {
            let call = self
                .session
                .attach(&self.context, ticket, None, file.clone())
                .await;
            requests.extend(call.requests);
            log.extend(call.log);
            match call.result {
                Ok(_) => attached.push(file.name.clone()),
                Err(failure) => {
                    self.problems.push(failure);
                    break;
                }
            }
        }
        self.end(Step::AttachToTicket, began, requests, log);
        attached
    }
}
