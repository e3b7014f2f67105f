//! What checks share: the session, what was filed so far, and what every call left behind.

use crate::{
    report::Calls,
    subject::Subject,
    wire::Line,
    witness::{Seen, Witness},
};
use helpbell_model::{Contact, DeviceFacts, Draft, Effect, Failure, Person, PressId, Ticket};
use helpbell_sandbox::{Call, CallContext, LogLine, Session};
use std::{sync::Arc, time::Duration};

/// Words that have gone wrong in PSAs: other scripts, other planes, another direction, markup, an entity, a quote.
pub(crate) const FOREIGN_WORDS: &str = "Grüße an „Zoë“ — 日本語 🖨️ עברית";
/// The same for markup: what the person typed, not what anybody may run.
pub(crate) const MARKUP: &str = "<script>alert(\"7\")</script> & <b>O'Neil</b>";

/// Lines of log kept of a run: what an author reads.
const LOG_LINES: usize = 500;

/// A run in progress.
pub(crate) struct Scenario {
    pub(crate) subject: Subject,
    pub(crate) line: Arc<Line>,
    pub(crate) session: Session,
    pub(crate) witness: Option<Arc<dyn Witness>>,
    /// Presses not used yet.
    references: std::vec::IntoIter<PressId>,
    /// Whom the contact check found.
    pub(crate) contact: Option<Contact>,
    /// What was filed, by which press.
    pub(crate) filed: Option<(PressId, Ticket)>,
    /// The id of its private note.
    pub(crate) note: Option<String>,
    calls: Vec<Calls>,
    /// Why the server cannot be used at all, if it turned out so only when something was filed.
    pub(crate) unusable: Option<Failure>,
    /// Requests that the policy refused.
    pub(crate) outside: Vec<String>,
    log: Vec<LogLine>,
}

impl Scenario {
    pub(crate) fn new(
        subject: Subject,
        line: Arc<Line>,
        session: Session,
        witness: Option<Arc<dyn Witness>>,
        references: Vec<PressId>,
    ) -> Self {
        Self {
            subject,
            line,
            session,
            witness,
            references: references.into_iter(),
            contact: None,
            filed: None,
            note: None,
            calls: vec![],
            unusable: None,
            outside: vec![],
            log: vec![],
        }
    }

    /// A press that was not used before.
    pub(crate) fn next_press(&mut self) -> PressId {
        self.references.next().unwrap_or_default()
    }

    /// Keeps what a call left behind, and gives its result.
    pub(crate) fn took<T>(&mut self, function: &'static str, call: Call<T>) -> Result<T, Failure> {
        let requests = u32::try_from(call.requests.len()).unwrap_or(u32::MAX);
        let us = u64::try_from(call.took.as_micros()).unwrap_or(u64::MAX);
        match self.calls.iter_mut().find(|known| known.function == function) {
            Some(known) => {
                known.calls += 1;
                known.most_requests = known.most_requests.max(requests);
                known.fastest_us = known.fastest_us.min(us);
                known.slowest_us = known.slowest_us.max(us);
            }
            None => self.calls.push(Calls {
                function,
                calls: 1,
                most_requests: requests,
                fastest_us: us,
                slowest_us: us,
            }),
        }
        for request in &call.requests {
            let refused = request.status.is_none() && request.effect == Effect::NotApplied;
            if let Some(reason) = request
                .error
                .as_ref()
                .filter(|_| refused && is_denial(&call.result))
            {
                self.outside.push(format!(
                    "{function}: {} {}: {reason}",
                    request.method, request.path
                ));
            }
        }
        let room = LOG_LINES.saturating_sub(self.log.len());
        self.log.extend(call.log.into_iter().take(room));
        call.result
    }

    /// What is over, for the report.
    pub(crate) fn over(self) -> (Vec<Calls>, Vec<LogLine>) {
        (self.calls, self.log)
    }

    /// What the witness sees of a ticket; None where nobody looks.
    pub(crate) async fn sight(&self, ticket: &str) -> Option<Result<Seen, String>> {
        if let Some(recorded) = self.line.recorded_sight() {
            return Some(recorded);
        }
        let seen = self.witness.as_ref()?.see(ticket).await;
        self.line.record_sight(&seen);
        Some(seen)
    }

    /// A capability of the PSA that the connector claims.
    pub(crate) fn has(&self, capability: &str) -> bool {
        self.session.connector().description().has(capability)
    }

    pub(crate) fn person(&self) -> Person {
        Person {
            name: self.subject.person.name.clone(),
            email: self.subject.person.email.clone(),
            phone: Some("+39 02 1234 5678".into()),
            company: None,
        }
    }

    /// A ticket as a press would file it, with words that have gone wrong in PSAs.
    pub(crate) fn draft(&self, summary: &str) -> Draft {
        let said = format!("{FOREIGN_WORDS}\n{MARKUP}");
        let escaped = helpbell_model::text::escape_html(&said).replace('\n', "<br>");
        Draft {
            summary: helpbell_model::text::truncate(
                summary,
                usize::try_from(self.session.connector().description().limits.summary_chars)
                    .unwrap_or(usize::MAX),
            ),
            body_html: format!("<p>{escaped}</p>"),
            body_text: said,
            person: self.person(),
            contact: self.contact.clone(),
            device: None,
            facts: facts(),
            fields: self.subject.defaults.clone(),
        }
    }
}

/// A machine that no PSA knows.
pub(crate) fn facts() -> DeviceFacts {
    DeviceFacts {
        hostname: "CONFORMANCE-PC".into(),
        macs: vec!["02:00:5e:00:53:01".into()],
        serial: Some("CONFORMANCE-1".into()),
        ip: Some("192.0.2.7".into()),
        os: "Windows 11 Pro 24H2".into(),
        user: Some("maria".into()),
    }
}

/// What calls for a press are told.
pub(crate) fn of(press: PressId) -> CallContext {
    CallContext {
        press: Some(press),
        locale: "en".into(),
        not_after: None,
    }
}

/// What calls outside a press are told.
pub(crate) fn outside_a_press() -> CallContext {
    CallContext {
        press: None,
        locale: "en".into(),
        not_after: None,
    }
}

fn is_denial<T>(result: &Result<T, Failure>) -> bool {
    result
        .as_ref()
        .err()
        .is_some_and(|failure| failure.code == "host.egress-denied")
}

/// Between two looks for what a PSA shows late.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Collects what is broken.
#[derive(Default)]
pub(crate) struct Broken(Vec<String>);

impl Broken {
    /// Says what is broken unless this holds.
    pub(crate) fn unless(&mut self, holds: bool, said: impl FnOnce() -> String) {
        if !holds {
            self.0.push(said());
        }
    }

    /// The result, or what is broken about there being none.
    pub(crate) fn of<T>(&mut self, what: &str, result: Result<T, Failure>) -> Option<T> {
        result
            .map_err(|failure| self.0.push(format!("{what} failed: {}", told(&failure))))
            .ok()
    }

    /// The verdict: passed with this, if nothing is broken.
    pub(crate) fn verdict(self, passed: impl Into<String>) -> crate::Verdict {
        if self.0.is_empty() {
            crate::Verdict::Passed(passed.into())
        } else {
            crate::Verdict::Failed(self.0)
        }
    }
}

/// A failure in one line.
pub(crate) fn told(failure: &Failure) -> String {
    format!("{} [{}, {}]", failure.message, failure.kind, failure.code)
}
