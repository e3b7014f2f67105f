//! The test that writes: a marked ticket with a private note, looked for and closed again.

use super::{super::Places, finding, from_failure, open};
use crate::{error::AppError, show};
use helpbell_delivery::{Clock, Delivery, Store as _, store::Measured};
use helpbell_model::{
    Attachment, DeviceFacts, Draft, Note, Person, PressId, Ticket,
    connector::Lookup,
    doctor::{Finding, Severity},
};
use helpbell_sandbox::CallContext;
use std::time::{Duration, Instant};

/// Looked for so often, at growing distances: at once, and then until a minute has passed.
const LOOKS_AFTER_S: [u64; 8] = [0, 1, 2, 4, 8, 10, 15, 20];

/// The phase of a ticket that is done, in the words of the contract.
const CLOSED: &str = "closed";

/// What the ticket and its note say.
const WORDS: &str = "This ticket was made by `helpbell doctor --write-test` and may be deleted.";

/// Also remembers how soon the ticket was found: from then on a press whose answer was lost is settled
/// without a person.
pub(super) async fn run(
    here: &Places,
    delivery: &Delivery,
    defaults: &[(String, String)],
    progress: &show::Progress,
) -> Vec<Finding> {
    let session = delivery.psa();
    let press = PressId::new();
    let context = CallContext {
        press: Some(press),
        locale: "en".into(),
        not_after: None,
    };
    let person = Person {
        name: "Helpbell write test".into(),
        ..Person::default()
    };
    let mut findings = Vec::new();

    progress.step("filing a marked ticket");
    let contact = session
        .find_contact(&context, &person)
        .await
        .result
        .ok()
        .flatten();
    let draft = Draft {
        summary: "Helpbell write test: may be deleted".into(),
        body_html: format!("<p>{WORDS}</p>"),
        body_text: WORDS.into(),
        person,
        contact: contact.map(|(contact, _)| contact),
        device: None,
        facts: DeviceFacts::default(),
        fields: defaults.to_vec(),
    };
    let began = Instant::now();
    let ticket = match session.create(&context, &draft).await.result {
        Ok((ticket, corrections)) => {
            let told = format!(
                "ticket {} was filed in {} ms",
                ticket.number,
                began.elapsed().as_millis()
            );
            findings.push(finding("write-test-ticket", Severity::Ok, told));
            findings.extend(corrections.into_iter().map(|correction| Finding {
                why: "Every ticket is filed without this default and says so in its private note.".into(),
                cure: vec![match correction.nearest.first() {
                    Some(nearest) => {
                        format!("Did you mean {nearest:?}? Correct it under [defaults] in helpbell.toml.")
                    }
                    None => "Correct it under [defaults] in helpbell.toml, or leave it out.".into(),
                }],
                ..finding(
                    "write-test-ticket",
                    Severity::Warning,
                    format!(
                        "the default {} = {:?} was not taken: {}",
                        correction.field, correction.given, correction.reason
                    ),
                )
            }));
            ticket
        }
        Err(failure) => {
            findings.push(from_failure(
                "write-test-ticket",
                "No press becomes a ticket; presses are kept until it is cured.",
                failure,
            ));
            return findings;
        }
    };
    progress.step("adding a private note");
    findings.push(note(delivery, &context, &ticket, press).await);
    progress.step("looking for the ticket by its reference");
    let (looked, measured) = lookup(delivery, &context, &ticket, press).await;
    findings.push(looked);
    if let Some(found_after) = measured
        && let Err(error) = remember(here, delivery, found_after).await
    {
        findings.push(Finding {
            why: "Without it a press whose answer was lost needs a person.".into(),
            cure: error.help().into_iter().collect(),
            ..finding(
                "write-test-lookup",
                Severity::Warning,
                format!("how soon the ticket was found could not be kept: {error}"),
            )
        });
    }
    progress.step("closing the ticket");
    findings.push(close(delivery, &context, &ticket).await);
    findings
}

/// A ticket is closed with a note that says why. Where notes are refused it may be closed all the same.
async fn close(delivery: &Delivery, context: &CallContext, ticket: &Ticket) -> Finding {
    const CHECK: &str = "write-test-close";
    let closed = || {
        finding(
            CHECK,
            Severity::Ok,
            format!("ticket {} was closed", ticket.number),
        )
    };
    let session = delivery.psa();
    let Err(failure) = session
        .close(context, &ticket.id, "The write test is over.")
        .await
        .result
    else {
        return closed();
    };
    if session
        .get(context, &ticket.id)
        .await
        .result
        .is_ok_and(|state| state.phase == CLOSED)
    {
        return closed();
    }
    Finding {
        severity: Severity::Warning,
        cure: vec![format!("Close ticket {} by hand.", ticket.number)],
        ..from_failure(CHECK, "Duplicates could not be closed either.", failure)
    }
}

async fn note(delivery: &Delivery, context: &CallContext, ticket: &Ticket, press: PressId) -> Finding {
    let file = Attachment {
        name: "helpbell-write-test.txt".into(),
        content_type: "text/plain".into(),
        bytes: WORDS.as_bytes().to_vec(),
        reference: format!("{press}/write-test.txt"),
    };
    let note = Note {
        private: true,
        html: format!("<p>{WORDS}</p>"),
        text: WORDS.into(),
        attachments: vec![file],
        reference: format!("{press}/write-test"),
    };
    match delivery.psa().add_note(context, ticket, note).await.result {
        Ok(added) if added.confirmed => finding(
            "write-test-note",
            Severity::Ok,
            "a private note with an attachment was added and read back",
        ),
        Ok(_) => Finding {
            why: "A report that silently went missing would not be noticed.".into(),
            ..finding(
                "write-test-note",
                Severity::Warning,
                "a private note was added, but could not be read back",
            )
        },
        Err(failure) => from_failure(
            "write-test-note",
            "Tickets arrive without their private note and report.",
            failure,
        ),
    }
}

/// Measures how soon a ticket is found again: what a press of unknown outcome has to wait.
async fn lookup(
    delivery: &Delivery,
    context: &CallContext,
    ticket: &Ticket,
    press: PressId,
) -> (Finding, Option<Duration>) {
    const CHECK: &str = "write-test-lookup";
    const WHY: &str = "When an answer is lost on the way, only this lookup tells whether the ticket exists; without it such presses need a person.";
    if delivery.psa().connector().description().lookup == Lookup::None {
        let none = Finding {
            why: WHY.into(),
            ..finding(
                CHECK,
                Severity::Note,
                "this PSA cannot find a ticket by its reference",
            )
        };
        return (none, None);
    }
    let began = Instant::now();
    for wait in LOOKS_AFTER_S {
        tokio::time::sleep(Duration::from_secs(wait)).await;
        match delivery.psa().find_tickets(context, press).await.result {
            Ok(found) if found.iter().any(|found| found.id == ticket.id) => {
                let told = format!(
                    "the ticket was found by its reference after {:.1} s",
                    began.elapsed().as_secs_f32()
                );
                return (finding(CHECK, Severity::Ok, told), Some(began.elapsed()));
            }
            Ok(_) => {}
            Err(failure) => return (from_failure(CHECK, WHY, failure), None),
        }
    }
    let told = format!(
        "the ticket was not found by its reference within {} s",
        began.elapsed().as_secs()
    );
    let missing = Finding {
        why: WHY.into(),
        ..finding(CHECK, Severity::Problem, told)
    };
    (missing, None)
}

async fn remember(here: &Places, delivery: &Delivery, found_after: Duration) -> Result<(), AppError> {
    let measured = Measured {
        found_after_ms: u64::try_from(found_after.as_millis()).unwrap_or(u64::MAX),
        at: Clock::system().now(),
    };
    let store = open::store(here).await?;
    Ok(store.remember_lookup(delivery.psa().scope(), measured).await?)
}
