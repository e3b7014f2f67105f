//! What is asked of a connector, in order: later checks use what earlier ones filed.

mod describe;
mod failures;
mod fields;
mod notes;
mod optional;
mod tickets;

use crate::{Verdict, scenario::Scenario};
use futures::future::BoxFuture;

/// One question.
pub(crate) struct Check {
    /// Stable, in kebab-case.
    pub(crate) id: &'static str,
    /// The question.
    pub(crate) title: &'static str,
    /// Asks it.
    pub(crate) run: for<'a> fn(&'a mut Scenario) -> BoxFuture<'a, Verdict>,
}

/// A check from its name, its question and the function that asks it.
macro_rules! check {
    ($id:literal, $title:literal, $run:path) => {
        Check {
            id: $id,
            title: $title,
            run: |scenario| Box::pin($run(scenario)),
        }
    };
}

/// All of them.
pub(crate) const ALL: &[Check] = &[
    check!(
        "describe",
        "Does it describe itself completely and consistently?",
        describe::run
    ),
    check!(
        "dispatcher",
        "Does it put a rule's assignments into the draft?",
        fields::apply
    ),
    check!(
        "choices",
        "Do its live fields have values, and do they depend on their parents?",
        fields::choices
    ),
    check!(
        "contact",
        "Is a known person found by e-mail address alone?",
        tickets::contact
    ),
    check!("device", "Is an unknown machine no error?", tickets::device),
    check!(
        "create",
        "Does one press make one ticket, with one effect?",
        tickets::create
    ),
    check!(
        "found-again",
        "Is the ticket found by its reference, and nothing by another?",
        tickets::found_again
    ),
    check!(
        "words",
        "Do the person's words arrive whole, and harmless?",
        tickets::words
    ),
    check!(
        "summary-limit",
        "Is a title of the declared length kept whole?",
        tickets::summary_limit
    ),
    check!(
        "corrections",
        "Does a value that does not exist cost a correction and not the ticket?",
        fields::corrections
    ),
    check!(
        "note",
        "Is a note added with its files, and found by its reference?",
        notes::add
    ),
    check!("attach", "Can a file be added later?", notes::attach),
    check!("bytes", "Do files arrive byte by byte?", notes::bytes),
    check!(
        "private",
        "Is the note hidden from the person who asked, with its files?",
        notes::private
    ),
    check!(
        "get",
        "Is a ticket shown as it stands, without its private notes?",
        tickets::get
    ),
    check!(
        "close",
        "Is a ticket closed with a private reason?",
        tickets::close
    ),
    check!("auth", "Is a refused credential told as that?", failures::auth),
    check!(
        "forbidden",
        "Is a missing permission told as that?",
        failures::forbidden
    ),
    check!(
        "invalid-input",
        "Is a refused ticket told as that?",
        failures::invalid_input
    ),
    check!("conflict", "Is a conflict told as that?", failures::conflict),
    check!(
        "not-found",
        "Is a ticket that does not exist told as that?",
        failures::not_found
    ),
    check!(
        "rate-limited",
        "Is a full quota told as that, with the time to wait?",
        failures::rate_limited
    ),
    check!(
        "unavailable",
        "Is a server that is down told as that?",
        failures::unavailable
    ),
    check!("timeout", "Is silence told as that?", failures::timeout),
    check!(
        "internal",
        "Is an answer that nobody can read no ticket?",
        failures::internal
    ),
    check!(
        "unsupported",
        "Does it say so of functions that it does not have?",
        failures::unsupported
    ),
    check!("doctor", "Does it examine its integration?", optional::doctor),
    check!(
        "webhook",
        "Does it refuse a delivery that proves nothing?",
        optional::webhook
    ),
    check!(
        "poller",
        "Does it name what was filed since it was asked?",
        optional::poller
    ),
    check!(
        "requests",
        "Did it send nothing that it did not declare?",
        describe::requests
    ),
];
