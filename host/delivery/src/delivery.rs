//! How presses of one tenant are delivered: the PSA and the operator's defaults.

use crate::{
    compose,
    psa::Psa,
    saga::{About, find},
    submission::Submission,
    trace::{Observer, Progress, Step, StepTrace},
};
use helpbell_model::{Contact, ContactMatch, Device, Draft, Effect, Failure};
use helpbell_sandbox::{CallContext, Session};
use std::time::Instant;

/// Delivers presses for one tenant.
pub struct Delivery<P = Session> {
    psa: P,
    defaults: Vec<(String, String)>,
}

/// A dry run that did not even get as far as a draft.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{failure}")]
pub struct Stopped {
    /// Where it stopped.
    pub step: Step,
    /// Why.
    pub failure: Failure,
    /// What the call that failed did.
    pub effect: Effect,
    /// How it came about.
    pub steps: Vec<StepTrace>,
}

impl<P: Psa> Delivery<P> {
    /// `defaults` are the operator's integration defaults: dispatcher variables and their values.
    pub const fn new(psa: P, defaults: Vec<(String, String)>) -> Self {
        Self { psa, defaults }
    }

    /// The PSA, as this tenant reaches it.
    pub const fn psa(&self) -> &P {
        &self.psa
    }

    /// The operator's defaults.
    #[must_use]
    pub fn defaults(&self) -> &[(String, String)] {
        &self.defaults
    }

    /// Puts a ticket into words.
    pub(crate) fn draft(
        &self,
        submission: &Submission,
        contact: Option<&(Contact, ContactMatch)>,
        device: Option<&Device>,
    ) -> Draft {
        let body = compose::ticket(&submission.press, contact, self.psa.description());
        Draft {
            summary: compose::summary(&submission.press, self.psa.description().limits.summary_chars),
            body_html: body.html,
            body_text: body.text,
            person: submission.press.person.clone(),
            contact: contact.map(|(contact, _)| contact.clone()),
            device: device.cloned(),
            facts: submission.press.device.clone(),
            fields: self.defaults.clone(),
        }
    }

    /// What would be filed, without filing it: finds contact and device and writes the draft.
    ///
    /// # Errors
    /// Why not even that was possible.
    pub async fn dry_run(
        &self,
        submission: &Submission,
        observer: Observer<'_>,
    ) -> Result<(Draft, Vec<StepTrace>), Box<Stopped>> {
        let context = CallContext {
            press: Some(submission.press.id),
            locale: submission.press.locale.clone(),
            not_after: None,
        };
        observer(Progress::Begins(Step::Authenticate));
        let began = Instant::now();
        let call = self.psa.authenticate().await;
        let trace = StepTrace::of(Step::Authenticate, began, call.requests, call.log);
        observer(Progress::Ended(&trace));
        let mut steps = vec![trace];
        if let Err(failure) = call.result {
            return Err(Box::new(Stopped {
                step: Step::Authenticate,
                failure,
                effect: call.effect,
                steps,
            }));
        }
        let about = About {
            context: &context,
            submission,
            observer,
        };
        match find(&self.psa, &about, &mut steps).await {
            Ok(matched) => {
                let draft = self.draft(submission, matched.contact.as_ref(), matched.device.as_ref());
                Ok((draft, steps))
            }
            Err(halt) => Err(Box::new(Stopped {
                step: halt.step,
                failure: halt.failure,
                effect: halt.effect,
                steps,
            })),
        }
    }
}
