//! Finding person and machine: reads only, and what fails here mostly costs the ticket no more than that.

use crate::{
    journal::Matched,
    psa::Psa,
    submission::Submission,
    trace::{Observer, Progress, Step, StepTrace},
};
use helpbell_model::{Contact, ContactMatch, Effect, Failure, FailureKind};
use helpbell_sandbox::{Call, CallContext};
use std::time::Instant;

/// What is to be found, and who is told.
pub(crate) struct About<'a> {
    pub(crate) context: &'a CallContext,
    pub(crate) submission: &'a Submission,
    pub(crate) observer: Observer<'a>,
}

/// Failures after which the next step would fail as well: the press waits. All others cost the ticket a
/// contact or a device, but not its existence.
pub(super) const fn stops(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Auth | FailureKind::RateLimited | FailureKind::Unavailable | FailureKind::Timeout
    )
}

/// A lookup that ends the try.
pub(crate) struct Halt {
    pub(crate) step: Step,
    pub(crate) failure: Failure,
    pub(crate) effect: Effect,
}

/// Finds person and machine.
pub(crate) async fn find(
    psa: &impl Psa,
    about: &About<'_>,
    steps: &mut Vec<StepTrace>,
) -> Result<Matched, Box<Halt>> {
    let mut matched = Matched::default();
    let press = &about.submission.press;

    let began = about.begin(Step::FindContact);
    let call = psa.find_contact(about.context, &press.person).await;
    matched.contact = about.tolerate(Step::FindContact, began, call, steps, &mut matched.problems)?;

    // Without a known person there is no customer among whose machines this one could be, and one of
    // the same name may be another customer's.
    let owner = known(matched.contact.as_ref()).cloned();
    if owner.is_some() || !psa.description().has("contacts") {
        let began = about.begin(Step::FindDevice);
        let call = psa
            .find_device(about.context, owner.as_ref(), &press.device)
            .await;
        matched.device = about.tolerate(Step::FindDevice, began, call, steps, &mut matched.problems)?;
    }
    Ok(matched)
}

impl About<'_> {
    fn begin(&self, step: Step) -> Instant {
        (self.observer)(Progress::Begins(step));
        Instant::now()
    }

    /// A lookup that fails for a reason of its own is noted, and the way goes on without its answer.
    fn tolerate<T>(
        &self,
        step: Step,
        began: Instant,
        call: Call<Option<T>>,
        steps: &mut Vec<StepTrace>,
        problems: &mut Vec<Failure>,
    ) -> Result<Option<T>, Box<Halt>> {
        let trace = StepTrace::of(step, began, call.requests, call.log);
        (self.observer)(Progress::Ended(&trace));
        steps.push(trace);
        match call.result {
            Ok(found) => Ok(found),
            Err(failure) if stops(failure.kind) => Err(Box::new(Halt {
                step,
                failure,
                effect: call.effect,
            })),
            Err(failure) => {
                problems.push(failure);
                Ok(None)
            }
        }
    }
}

/// The contact, if that is the person and not somebody who stands for everybody unknown.
fn known(contact: Option<&(Contact, ContactMatch)>) -> Option<&Contact> {
    contact
        .filter(|(_, how)| *how != ContactMatch::CatchAll)
        .map(|(contact, _)| contact)
}
