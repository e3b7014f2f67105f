//! How a press went, for the person who waits for it.

use super::{print_failure, print_json};
use crate::error;
use helpbell_delivery::{
    Outcome, Rehearsed, Stand,
    journal::Course,
    rules::Ruling,
    store::{REFUSED_KEPT, Record, State},
};
use helpbell_model::{
    Attachment, Contact, ContactMatch, Correction, Effect, Failure, PressId, Receipt, text,
};
use jiff::Timestamp;
use owo_colors::OwoColorize as _;
use serde_json::{Value, json};

/// Characters of a ticket's number on a line of its own.
const NUMBER_CHARS: usize = 80;

/// The unit in which people are told how long something is kept.
const SECONDS_PER_DAY: u64 = 24 * 3600;

/// The press is on disk. With JSON the answer follows in one piece, so this goes to standard error.
pub(crate) fn accepted(press: PressId, is_all: bool, as_json: bool) {
    match (as_json, is_all) {
        (true, true) => print_json(&json!({"outcome": "accepted", "press": press})),
        (true, false) => anstream::eprintln!("accepted {press}"),
        (false, _) => anstream::println!("accepted {press}"),
    }
}

/// The ticket is there, and the rest of the press goes on. With JSON the answer follows in one piece, so this goes to
/// standard error.
pub(crate) fn ticket(receipt: &Receipt, as_json: bool) {
    if as_json {
        anstream::eprintln!("ticket {}", text::one_line(&receipt.ticket.number, NUMBER_CHARS));
    } else {
        print_ticket(receipt);
    }
}

/// What became of a press in one try. Gives the exit code. `in_background` says that a process goes on with it.
pub(crate) fn outcome(outcome: &Outcome, in_background: bool, as_json: bool) -> u8 {
    if let Some(receipt) = outcome.receipt.as_ref().filter(|_| !as_json) {
        print_ticket(receipt);
    }
    rest(outcome, in_background, as_json)
}

/// The same, where the ticket was told already.
pub(crate) fn rest(outcome: &Outcome, in_background: bool, as_json: bool) -> u8 {
    let code = match (&outcome.stand, &outcome.receipt) {
        (Stand::Delivered, _) => 0,
        (Stand::Refused { .. }, _) => error::REFUSED,
        (_, Some(_)) => error::NOTE_MISSING,
        (_, None) => error::KEPT,
    };
    if as_json {
        print_json(&as_value(outcome));
        return code;
    }
    if let Some(receipt) = &outcome.receipt {
        print_note(receipt);
    }
    match &outcome.stand {
        Stand::Delivered => {}
        Stand::Reporting { until } => print_reporting(outcome.press, *until, in_background),
        Stand::Refused { why } => print_refused(outcome.press, why),
        Stand::Waiting { until, failure } => print_waiting(outcome, *until, failure.as_ref(), in_background),
        Stand::Attention { why, failure } => print_attention(outcome, why, failure.as_ref()),
    }
    code
}

/// What the rule says is for the person who pressed; what can be done about it is not.
fn print_refused(press: PressId, why: &str) {
    anstream::println!("{}\n{why}", "No ticket was filed.".bold());
    anstream::eprintln!(
        "A dispatcher rule refused the press {press}. It is kept for {} days; where the rules were wrong, mend them and let it go on:\n  helpbell deliver {press}",
        REFUSED_KEPT.as_secs() / SECONDS_PER_DAY
    );
}

/// Somebody stopped waiting for a press that is in the outbox. Gives the exit code.
pub(crate) fn interrupted(record: &Record, in_background: bool, as_json: bool) -> u8 {
    let ticket = Course::of(&record.journal).ticket.map(|filed| filed.ticket);
    let (code, word) = match (record.state, &ticket) {
        (State::Delivered, _) => (0, "delivered"),
        (_, Some(_)) => (error::NOTE_MISSING, "note-missing"),
        (_, None) => (error::KEPT, "kept"),
    };
    let press = record.id;
    if as_json {
        print_json(&json!({
            "outcome": word,
            "press": press,
            "state": record.state,
            "next_try": record.due_at,
            "ticket": ticket,
        }));
    } else if record.state.is_open() {
        let how = if in_background {
            "It goes on by itself, without what was still being examined.".to_owned()
        } else {
            format!(
                "It goes on with the next start of helpbell, or at once with:\n  helpbell deliver {press}"
            )
        };
        anstream::eprintln!("\nNothing is lost: the press {press} is kept on this computer. {how}");
    }
    code
}

/// What would be filed, or why nothing would.
pub(crate) fn rehearsed(rehearsed: &Rehearsed, files: &[Attachment], as_json: bool) {
    let Rehearsed { draft, ruling, steps } = rehearsed;
    let refused = ruling.as_ref().and_then(|ruling| ruling.orders.refused.as_ref());
    if as_json {
        let attached: Vec<_> = files
            .iter()
            .map(|file| json!({"name": file.name, "content_type": file.content_type, "bytes": file.bytes.len()}))
            .collect();
        print_json(&json!({
            "outcome": "dry-run",
            "refused": refused,
            "draft": draft,
            "attachments": attached,
            "ruling": ruling,
            "steps": steps,
        }));
        return;
    }
    if let Some(ruling) = ruling {
        print_ruling(ruling);
    }
    if let Some(why) = refused {
        anstream::println!("{}\n{why}\nNothing was filed.", "Would refuse".bold());
        return;
    }
    anstream::println!(
        "{}: {}\n\n{}",
        "Would file".bold(),
        draft.summary,
        draft.body_text
    );
    for (name, value) in &draft.fields {
        anstream::println!("{name} = {value}");
    }
    anstream::println!(
        "contact: {}",
        draft
            .contact
            .as_ref()
            .map_or("none", |contact| contact.name.as_str())
    );
    anstream::println!(
        "device: {}",
        draft
            .device
            .as_ref()
            .map_or("none", |device| device.name.as_str())
    );
    for file in files {
        anstream::println!("private attachment: {} ({} bytes)", file.name, file.bytes.len());
    }
    anstream::println!("Nothing was filed.");
}

/// What the rules would do, and what is wrong with them.
fn print_ruling(ruling: &Ruling) {
    let fired: Vec<String> = ruling.fired().map(|line| line.to_string()).collect();
    match fired.as_slice() {
        [] => anstream::println!("Rules: none would fire"),
        [line] => anstream::println!("Rules: the one in line {line} would fire"),
        lines => anstream::println!("Rules: those in lines {} would fire", lines.join(", ")),
    }
    for noticed in &ruling.diagnostics {
        anstream::println!("  line {}: {}", noticed.line, noticed.message);
    }
    for correction in &ruling.corrections {
        print_correction(correction);
    }
    if let Some(problem) = ruling.problem() {
        print_failure(&problem);
    }
    anstream::println!();
}

fn print_correction(correction: &Correction) {
    anstream::println!(
        "  {} {:?} was not taken: {}",
        correction.field,
        correction.given,
        correction.reason
    );
}

fn as_value(outcome: &Outcome) -> Value {
    let (state, until, why, failure) = match &outcome.stand {
        Stand::Delivered => ("delivered", None, None, None),
        Stand::Reporting { until } => ("waiting", Some(until), None, None),
        Stand::Refused { why } => ("refused", None, Some(why), None),
        Stand::Waiting { until, failure } => ("waiting", Some(until), None, failure.as_ref()),
        Stand::Attention { why, failure } => ("attention", None, Some(why), failure.as_ref()),
    };
    let word = match (&outcome.stand, &outcome.receipt) {
        (Stand::Delivered, _) => "delivered",
        (Stand::Refused { .. }, _) => "refused",
        (_, Some(_)) => "note-missing",
        (_, None) => "kept",
    };
    let requests: usize = outcome.steps.iter().map(|step| step.requests.len()).sum();
    let mut value = json!({
        "outcome": word,
        "press": outcome.press,
        "state": state,
        "next_try": until,
        "why": why,
        "failure": failure.map(|(failure, _)| failure),
        "effect": failure.map(|(_, effect)| effect),
        "requests": requests,
        "steps": outcome.steps,
    });
    if let (Some(receipt), Value::Object(members)) = (&outcome.receipt, &mut value)
        && let Value::Object(more) = receipt_value(receipt)
    {
        members.extend(more);
    }
    value
}

fn receipt_value(receipt: &Receipt) -> Value {
    json!({
        "ticket": receipt.ticket,
        "adopted": receipt.adopted,
        "contact": receipt.contact.as_ref().map(|(contact, how)| json!({"id": contact.id, "name": contact.name, "matched_by": how})),
        "device": receipt.device.as_ref().map(|device| json!({"id": device.id, "name": device.name, "matched_by": device.matched_by})),
        "note": receipt.note.as_ref().ok(),
        "note_failure": receipt.note.as_ref().err(),
        "corrections": receipt.corrections,
        "problems": receipt.problems,
        "on_ticket": receipt.on_ticket,
    })
}

fn print_ticket(receipt: &Receipt) {
    let how = if receipt.adopted {
        "was there already"
    } else {
        "filed"
    };
    anstream::println!(
        "{} {how}",
        format!("Ticket {}", receipt.ticket.number).green().bold()
    );
    if let Some(url) = &receipt.ticket.url {
        anstream::println!("  {url}");
    }
    match &receipt.contact {
        Some((contact, ContactMatch::Email)) => {
            anstream::println!("  for {}{}", contact.name, organisation(contact));
        }
        Some((contact, _)) => anstream::println!(
            "  under {}{}: the PSA knows no person with the e-mail address given",
            contact.name,
            organisation(contact)
        ),
        None => anstream::println!("  without a contact"),
    }
    match &receipt.device {
        Some(device) => anstream::println!(
            "  computer {} (recognised by its {})",
            device.name,
            device.recognised_by()
        ),
        None => anstream::println!("  this computer is not in the PSA"),
    }
    for correction in &receipt.corrections {
        print_correction(correction);
    }
}

fn print_note(receipt: &Receipt) {
    for problem in &receipt.problems {
        print_failure(problem);
    }
    match &receipt.note {
        Ok(note) if note.confirmed => anstream::println!("  private note with the report, read back"),
        Ok(_) => anstream::println!("  private note with the report; it could not be read back"),
        Err(_) if !receipt.on_ticket.is_empty() => anstream::println!(
            "  the report is attached to the ticket itself: {}",
            receipt.on_ticket.join(", ")
        ),
        Err(_) => {}
    }
}

fn organisation(contact: &Contact) -> String {
    contact
        .organisation
        .as_ref()
        .map(|organisation| format!(" ({})", organisation.name))
        .unwrap_or_default()
}

fn print_trouble(outcome: &Outcome, failure: Option<&(Failure, Effect)>) {
    let doing = outcome.steps.last().map(|step| step.step.doing());
    let is_doubtful = failure.is_some_and(|(_, effect)| *effect == Effect::Unknown);
    match (&outcome.receipt, doing) {
        (Some(_), _) => anstream::eprintln!("The ticket exists, its private note does not."),
        (None, _) if is_doubtful => {
            anstream::eprintln!("No ticket yet that we know of: the answer to filing it was lost.");
        }
        (None, Some(doing)) => anstream::eprintln!("No ticket yet: {doing} did not work."),
        (None, None) => anstream::eprintln!("No ticket yet."),
    }
    if let Some((failure, _)) = failure {
        print_failure(failure);
        if is_doubtful && outcome.receipt.is_none() {
            anstream::eprintln!(
                "The ticket may exist all the same: it is looked for before anything is sent again."
            );
        }
    }
}

/// Nothing is wrong: the note waits for the examination, which has its time.
fn print_reporting(press: PressId, until: Timestamp, in_background: bool) {
    let at = local(until);
    let how = if in_background {
        String::new()
    } else {
        format!(" if helpbell runs then, or with its next start; or with:\n  helpbell deliver {press}")
    };
    anstream::eprintln!("The private note follows with the rest of the report, at {at} at the latest{how}");
}

fn print_waiting(
    outcome: &Outcome,
    until: Timestamp,
    failure: Option<&(Failure, Effect)>,
    in_background: bool,
) {
    print_trouble(outcome, failure);
    let press = outcome.press;
    let at = local(until);
    let how = if in_background {
        format!("It goes on by itself at {at}; you need not wait.")
    } else {
        format!(
            "It goes on at {at} if helpbell runs then, or with its next start; or at once with:\n  helpbell deliver {press}"
        )
    };
    anstream::eprintln!("Nothing is lost: the press {press} is kept on this computer. {how}");
}

fn print_attention(outcome: &Outcome, why: &str, failure: Option<&(Failure, Effect)>) {
    print_trouble(outcome, failure);
    let press = outcome.press;
    if failure.is_none_or(|(failure, _)| !why.contains(&failure.message)) {
        anstream::eprintln!("{why}");
    }
    anstream::eprintln!(
        "Nothing is lost: the press {press} is kept, but needs you. When that is cured:\n  helpbell deliver {press}"
    );
}

/// A time as the clock on the wall shows it.
pub(super) fn local(time: Timestamp) -> String {
    time.to_zoned_datetime(jiff::tz::TimeZone::system())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}
