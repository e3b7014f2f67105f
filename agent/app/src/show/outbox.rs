//! What is in the outbox.

use super::{press::local, print_json};
use helpbell_delivery::{
    journal::{Course, Effort, Event},
    rules::Ruling,
    store::{Record, State},
};
use helpbell_model::text;
use owo_colors::OwoColorize as _;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Characters of a message that tell presses apart.
const WORDS_CHARS: usize = 40;
/// Characters of a reason in a list.
const REASON_CHARS: usize = 100;

/// The presses, newest first.
pub(crate) fn list(records: &[Record], all: bool, as_json: bool) {
    if as_json {
        let presses: Vec<Value> = records.iter().map(summary).collect();
        print_json(&json!({"presses": presses}));
        return;
    }
    if records.is_empty() {
        anstream::println!(
            "{}",
            if all {
                "no press is known"
            } else {
                "every press is delivered or over"
            }
        );
        return;
    }
    for record in records {
        let course = Course::of(&record.journal);
        let ticket = course
            .ticket
            .as_ref()
            .map_or_else(String::new, |filed| format!("  ticket {}", filed.ticket.number));
        anstream::println!(
            "{}  {}  {}{ticket}",
            record.id,
            local(record.accepted_at),
            coloured(record.state)
        );
        if let Some(press) = &record.press {
            anstream::println!(
                "    {}: {}",
                text::one_line(&press.person.name, WORDS_CHARS),
                text::first_words(&press.message, WORDS_CHARS)
            );
        }
        if let Some(reason) = reason(record, &course) {
            anstream::println!("    {}", text::one_line(&reason, REASON_CHARS));
        }
    }
    anstream::println!("\nAll that happened to one: helpbell outbox show PRESS");
}

fn coloured(state: State) -> String {
    match state {
        State::Waiting => state.name().yellow().to_string(),
        State::Attention => state.name().red().bold().to_string(),
        State::Delivered => state.name().green().to_string(),
        State::Refused | State::Discarded | State::Moved => state.name().to_owned(),
    }
}

fn reason(record: &Record, course: &Course) -> Option<String> {
    match record.state {
        State::Attention => course.attention.clone(),
        State::Refused => course.refused.clone(),
        State::Waiting => {
            let next = record.due_at.map(|due| format!("next try {}", local(due)));
            let why = course
                .last_failure
                .as_ref()
                .map(|(failure, _)| failure.to_string());
            match (next, why) {
                (Some(next), Some(why)) => Some(format!("{next}: {why}")),
                (next, why) => next.or(why),
            }
        }
        _ => None,
    }
}

fn summary(record: &Record) -> Value {
    let course = Course::of(&record.journal);
    json!({
        "press": record.id,
        "state": record.state,
        "accepted_at": record.accepted_at,
        "next_try": record.due_at,
        "busy_until": record.leased_until,
        "person": record.press.as_ref().map(|press| &press.person.name),
        "message": record.press.as_ref().map(|press| text::first_words(&press.message, WORDS_CHARS)),
        "files": record.files,
        "ticket": course.ticket.map(|filed| filed.ticket),
        "tries": record.epoch,
        "why": course.attention.or(course.refused),
        "failure": course.last_failure.map(|(failure, _)| failure),
    })
}

/// All that happened to a press.
pub(crate) fn story(record: &Record, as_json: bool) {
    if as_json {
        let mut value = summary(record);
        if let Value::Object(members) = &mut value {
            members.insert("journal".to_owned(), json!(record.journal));
            // As in an export, so that rules can be tried on either.
            let words = record.press.as_ref().map(|press| json!({"press": press}));
            members.insert("words".to_owned(), json!(words));
        }
        print_json(&value);
        return;
    }
    list_one(record);
    for entry in &record.journal {
        anstream::println!("  {}  {}", local(entry.at), told(&entry.event));
    }
}

fn list_one(record: &Record) {
    anstream::println!("{} {}", record.id.to_string().bold(), coloured(record.state));
    if let Some(press) = &record.press {
        anstream::println!(
            "  {}: {}",
            text::one_line(&press.person.name, REASON_CHARS),
            text::one_line(&press.message, REASON_CHARS)
        );
    }
    for file in &record.files {
        anstream::println!(
            "  {} ({} bytes)",
            text::one_line(&file.name, REASON_CHARS),
            file.bytes
        );
    }
    anstream::println!("  {}  accepted", local(record.accepted_at));
}

fn effort(effort: &Effort) -> String {
    match effort {
        Effort::Ticket => "the ticket".to_owned(),
        Effort::Note => "the private note".to_owned(),
        Effort::File(reference) => format!("the file {reference}"),
    }
}

/// What rules came to, as a sentence.
fn ruled(ruling: &Ruling) -> String {
    if let Some(unable) = &ruling.unable {
        return format!("no rules: {}", text::one_line(&unable.message, 300));
    }
    let fired: Vec<String> = ruling.fired().map(|line| line.to_string()).collect();
    let mut told = if fired.is_empty() {
        "rules: none fired".to_owned()
    } else {
        format!(
            "rules fired in lines {}",
            text::one_line(&fired.join(", "), REASON_CHARS)
        )
    };
    for (name, value) in &ruling.orders.assigned {
        let _ = write!(told, "; {name} = {}", text::one_line(value, WORDS_CHARS));
    }
    if let Some(broke) = &ruling.failure {
        let _ = write!(
            told,
            "; ended early, {}",
            text::one_line(&broke.to_string(), REASON_CHARS)
        );
    }
    told
}

/// One event as a sentence. Foreign words in it are on one line and bounded.
fn told(event: &Event) -> String {
    let line = |text: &str| text::one_line(text, 300);
    match event {
        Event::Imported { from } => format!("imported from {}", line(from)),
        Event::Equipped(with) => format!(
            "to be delivered by {} {} ({})",
            line(&with.connector),
            line(&with.version),
            with.sha256.chars().take(12).collect::<String>()
        ),
        Event::Matched(matched) => format!(
            "contact {}, device {}",
            matched
                .contact
                .as_ref()
                .map_or_else(|| "none".to_owned(), |(contact, _)| line(&contact.name)),
            matched
                .device
                .as_ref()
                .map_or_else(|| "none".to_owned(), |device| line(&device.name))
        ),
        Event::Ruled(ruling) => ruled(ruling),
        Event::Intent { effort: what } => format!("about to send {}", effort(what)),
        Event::NotApplied {
            effort: what,
            failure,
        } => {
            format!(
                "{} is certainly not there: {}",
                effort(what),
                line(&failure.message)
            )
        }
        Event::Unknown {
            effort: what,
            failure,
        } => {
            format!("{} may be there or not: {}", effort(what), line(&failure.message))
        }
        Event::Looked { effort: what, found } => format!("looked for {}: {found} found", effort(what)),
        Event::Ticketed { ticket, adopted, .. } => format!(
            "ticket {} {}",
            line(&ticket.number),
            if *adopted {
                "was found by its reference"
            } else {
                "filed"
            }
        ),
        Event::Noted { note } => format!(
            "private note {} is there{}",
            line(&note.id),
            if note.confirmed { ", read back" } else { "" }
        ),
        Event::Amended => "the report was completed".to_owned(),
        Event::Attached { name, .. } => format!("attached {}", line(name)),
        Event::TryEnded { failure, .. } => {
            format!("stopped: {} [{}]", line(&failure.message), line(&failure.code))
        }
        Event::NeedsAttention { why } => format!("needs a person: {}", line(why)),
        Event::Retried => "goes on by hand".to_owned(),
        Event::FileAgain => "is filed again by hand".to_owned(),
        Event::Discarded { why } => format!("discarded: {}", line(why)),
        Event::Exported { to } => format!("exported to {}", line(to)),
        Event::Refused { why } => format!("refused: {}", line(why)),
        Event::Delivered => "delivered".to_owned(),
        Event::SweepFailed { failure } => {
            format!("looking for late duplicates failed: {}", line(&failure.message))
        }
        Event::Swept { closed } if closed.is_empty() => "looked for late duplicates: none".to_owned(),
        Event::Swept { closed } => format!("closed late duplicates: {}", line(&closed.join(", "))),
    }
}
