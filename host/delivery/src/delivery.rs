//! How presses of one tenant are delivered: the PSA, the operator's defaults and rules.

use crate::{
    compose,
    journal::Matched,
    psa::Psa,
    rules::{self, Digests, Rules, Ruling, circumstances},
    saga::{About, find},
    submission::Submission,
    trace::{Observer, Progress, Step, StepTrace},
};
use helpbell_model::{
    Correction, Draft, Effect, Failure,
    rules::{Circumstances, Input},
    text::one_line,
    ticket::Variable,
};
use helpbell_sandbox::{CallContext, Session};
use jiff::Timestamp;
use std::time::Instant;
use tokio::sync::OnceCell;

/// Delivers presses for one tenant.
pub struct Delivery<P = Session> {
    psa: P,
    defaults: Vec<(String, String)>,
    rules: Option<Rules>,
    /// The PSA's own variables. They depend on the connector's file alone, so it is asked once.
    variables: OnceCell<Vec<Variable>>,
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

/// What a press would become.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    /// The ticket.
    pub draft: Draft,
    /// What the rules came to, if there are any. They may refuse; then there would be no ticket.
    pub ruling: Option<Ruling>,
    /// How it came about.
    pub steps: Vec<StepTrace>,
}

impl<P: Psa> Delivery<P> {
    /// `defaults` are the operator's integration defaults: dispatcher variables and their values.
    pub const fn new(psa: P, defaults: Vec<(String, String)>) -> Self {
        Self {
            psa,
            defaults,
            rules: None,
            variables: OnceCell::const_new(),
        }
    }

    /// The same with rules that judge every press.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = Some(rules);
        self
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

    /// The operator's rules.
    #[must_use]
    pub const fn rules(&self) -> Option<&Rules> {
        self.rules.as_ref()
    }

    /// Puts a ticket into words: those of the press, and of the rules where they want others.
    pub(crate) fn draft(&self, submission: &Submission, matched: &Matched, ruling: Option<&Ruling>) -> Draft {
        let press = &submission.press;
        let limit = self.psa.description().limits.summary_chars;
        let orders = ruling.map(|ruling| &ruling.orders);
        let subject = orders.and_then(|orders| orders.subject.as_ref());
        let body = compose::ticket(press, orders, matched.contact.as_ref(), self.psa.description());
        Draft {
            summary: subject.map_or_else(
                || compose::summary(press, limit),
                |subject| one_line(subject, usize::try_from(limit).unwrap_or(usize::MAX)),
            ),
            body_html: body.html,
            body_text: body.text,
            person: press.person.clone(),
            contact: matched.contact.as_ref().map(|(contact, _)| contact.clone()),
            device: matched.device.clone(),
            facts: press.device.clone(),
            fields: ruling
                .and_then(|ruling| ruling.fields.clone())
                .unwrap_or_else(|| self.defaults.clone()),
        }
    }

    /// Lets the rules judge a press. Whatever goes wrong with them is part of the ruling and costs the press nothing.
    pub(crate) async fn rule(
        &self,
        context: &CallContext,
        submission: &Submission,
        matched: &Matched,
        circumstances: Circumstances,
    ) -> Ruling {
        let digests = self.rules.as_ref().map(Rules::digests).unwrap_or_default();
        let mut ruling = match self.run_rules(submission, matched, circumstances, &digests).await {
            Ok(ruling) => ruling,
            Err(failure) => return Ruling::unable(digests, Some(circumstances), failure),
        };
        if ruling.orders.refused.is_none() && !ruling.orders.assigned.is_empty() {
            self.apply(context, submission, matched, &mut ruling).await;
        }
        ruling
    }

    async fn run_rules(
        &self,
        submission: &Submission,
        matched: &Matched,
        circumstances: Circumstances,
        digests: &Digests,
    ) -> Result<Ruling, Failure> {
        let Some(rules) = &self.rules else {
            return Ok(Ruling::default());
        };
        let (script, engine) = rules.ready()?;
        let psa = self.variables().await?;
        let limit = self.psa.description().limits.summary_chars;
        let subject = compose::summary(&submission.press, limit);
        let input = Input {
            source: script.text().to_owned(),
            variables: rules::variables(
                submission,
                matched.contact.as_ref(),
                &subject,
                psa,
                &self.defaults,
            ),
            circumstances,
        };
        let outcome = engine.run(&input).await.result?;
        let start = &input.variables;
        Ok(Ruling::of(digests.clone(), circumstances, start, psa, outcome))
    }

    /// The variables that the PSA adds to the common ones.
    ///
    /// # Errors
    /// If the connector cannot say.
    async fn variables(&self) -> Result<&[Variable], Failure> {
        let ask = async || self.psa.variables().await.result;
        self.variables.get_or_try_init(ask).await.map(Vec::as_slice)
    }

    /// Lets the connector put assignments into the ticket's fields. One that cannot leaves the defaults.
    async fn apply(
        &self,
        context: &CallContext,
        submission: &Submission,
        matched: &Matched,
        ruling: &mut Ruling,
    ) {
        let draft = self.draft(submission, matched, Some(ruling));
        let assigned = &ruling.orders.assigned;
        match self.psa.apply(context, &draft, assigned).await.result {
            Ok((applied, corrections)) => {
                ruling.fields = Some(applied.fields);
                ruling.corrections.extend(corrections);
            }
            Err(failure) => {
                let refused = assigned.iter().map(|(field, given)| Correction {
                    field: field.clone(),
                    given: given.clone(),
                    used: None,
                    reason: failure.message.clone(),
                    nearest: vec![],
                });
                ruling.corrections.extend(refused);
            }
        }
    }

    /// What would be filed, without filing it: finds contact and device, runs the rules, and writes the draft.
    ///
    /// # Errors
    /// Why not even that was possible.
    pub async fn dry_run(
        &self,
        submission: &Submission,
        observer: Observer<'_>,
    ) -> Result<Rehearsed, Box<Stopped>> {
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
        let matched = match find(&self.psa, &about, &mut steps).await {
            Ok(matched) => matched,
            Err(halt) => {
                return Err(Box::new(Stopped {
                    step: halt.step,
                    failure: halt.failure,
                    effect: halt.effect,
                    steps,
                }));
            }
        };
        let ruling = match &self.rules {
            Some(_) => {
                observer(Progress::Begins(Step::Rules));
                let began = Instant::now();
                let now = circumstances(Timestamp::now());
                let ruling = self.rule(&context, submission, &matched, now).await;
                let trace = StepTrace::of(Step::Rules, began, vec![], vec![]);
                observer(Progress::Ended(&trace));
                steps.push(trace);
                Some(ruling)
            }
            None => None,
        };
        Ok(Rehearsed {
            draft: self.draft(submission, &matched, ruling.as_ref()),
            ruling,
            steps,
        })
    }
}
