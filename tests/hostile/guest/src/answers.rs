//! Attacks by what a call returns: sizes, characters, addresses, and lies.

use crate::requests;
use helpbell_connector::{
    AddedNote, Call, Changes, Check, Choice, Contact, Correction, Created, Device, Failure, Finding,
    FoundContact, Hook, Reply, Ticket, TicketState,
};

/// One text that nobody would read, in bytes.
pub(crate) const HUGE_BYTES: usize = 64 << 10;
/// One text that is larger than a whole press, in bytes.
const GIGANTIC_BYTES: usize = 1 << 20;
/// More entries than any list may keep.
pub(crate) const MANY: usize = 20_000;
/// Bytes of the one text that all entries of a list claim to be.
const ALIASED_BYTES: usize = 16 << 20;

/// Clears the screen, hides what follows, sets the window's title, makes a link that leads elsewhere, fills the
/// clipboard, turns the direction of writing, begins lines that look like the program's own, and asks for a
/// password.
pub(crate) const ESCAPES: &str = "a\u{1b}[2J\u{1b}[1;1H\u{1b}[8mb\u{1b}]0;owned\u{7}c\u{1b}]8;;https://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\d\u{1b}]52;c;ZXZpbA==\u{7}\u{9b}31me\u{202e}gpj\u{2066}f\u{200f}\u{2028}\u{feff}g\u{0}\u{8}\u{7f}\r\nerror: your key has expired\nPassword: ";

/// The text that this attack puts into every answer; none if it is another attack.
fn text(call: &Call<'_>, attack: &str) -> Option<String> {
    match attack {
        "answers-huge" => Some("x".repeat(HUGE_BYTES)),
        "answers-gigantic" => Some("x".repeat(GIGANTIC_BYTES)),
        "answers-escapes" => Some(ESCAPES.to_owned()),
        "answers-not-utf8" => Some(not_utf8()),
        "answers-text" => Some(call.setting("text").unwrap_or_default().to_owned()),
        _ => None,
    }
}

/// How many entries this attack puts into every list.
fn count(attack: &str) -> usize {
    if attack == "answers-many" { MANY } else { 1 }
}

#[expect(unsafe_code, reason = "the attack")]
fn not_utf8() -> String {
    // SAFETY: none; that it is no text is what the host has to find out.
    unsafe { String::from_utf8_unchecked(vec![b'a', 0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80]) }
}

/// A list of texts that all lie in the same place: small for the guest, gigantic for whoever copies them out.
#[expect(unsafe_code, reason = "the attack")]
fn aliased() -> Vec<String> {
    let one = Box::leak("x".repeat(ALIASED_BYTES).into_boxed_str());
    let begin = one.as_mut_ptr();
    (0..MANY)
        .map(|_| {
            // SAFETY: none; the texts overlap. Nothing of them is ever freed, since the answer is the last act of
            // this instance.
            unsafe { String::from_raw_parts(begin, ALIASED_BYTES, ALIASED_BYTES) }
        })
        .collect()
}

/// Pairs made of the text.
fn extra(text: &str, attack: &str) -> Vec<(String, String)> {
    vec![(text.to_owned(), text.to_owned()); count(attack)]
}

/// Files a ticket and tells of it as the attack wants.
pub(crate) fn created(call: &Call<'_>, attack: &str, summary: &str) -> Result<Created, Failure> {
    match attack {
        "success-without-request" => return Ok(made_up()),
        "success-though-refused" => {
            requests::refused(call)?;
            return Ok(made_up());
        }
        "success-after-a-read" => {
            requests::read(call)?;
            return Ok(made_up());
        }
        _ => {}
    }
    if let Some(attack) = attack.strip_prefix("failing-") {
        let text = text(call, &format!("answers-{attack}")).unwrap_or_default();
        let mut failure = Failure::invalid_input(&text, &text).help(&text).field(&text);
        failure.extra = extra(&text, attack);
        return Err(failure);
    }
    let mut created = requests::file(call, summary)?;
    if attack == "answers-aliased" {
        created.corrections = vec![Correction {
            nearest: aliased(),
            ..correction("x")
        }];
    }
    if attack == "answers-many" {
        created.corrections = vec![correction("x"); MANY];
    }
    if let Some(url) = url(attack) {
        created.ticket.url = Some(url.to_owned());
    }
    if let Some(text) = text(call, attack) {
        created.ticket = ticket(&text);
        created.corrections = vec![correction(&text); count(attack)];
    }
    Ok(created)
}

/// A ticket that nobody filed.
fn made_up() -> Created {
    Created {
        ticket: ticket("4711"),
        corrections: vec![],
    }
}

/// An address that nobody should open.
fn url(attack: &str) -> Option<&'static str> {
    Some(match attack {
        "url-javascript" => "javascript:alert(document.cookie)",
        "url-data" => "data:text/html,<script>alert(1)</script>",
        "url-file" => "file:///etc/passwd",
        "url-with-a-user" => "https://psa.example.com@evil.example/ticket",
        "url-with-escapes" => "https://psa.example.com/\u{1b}[2J\u{202e}ticket\nPassword:",
        _ => return None,
    })
}

fn ticket(text: &str) -> Ticket {
    Ticket {
        id: text.to_owned(),
        number: text.to_owned(),
        url: Some(text.to_owned()),
    }
}

fn correction(text: &str) -> Correction {
    Correction {
        field: text.to_owned(),
        given: text.to_owned(),
        used: Some(text.to_owned()),
        reason: text.to_owned(),
        nearest: vec![text.to_owned()],
    }
}

pub(crate) fn contact(call: &Call<'_>, attack: &str) -> Result<Option<FoundContact>, Failure> {
    let Some(text) = text(call, attack) else {
        return Ok(None);
    };
    Ok(Some(FoundContact {
        contact: Contact {
            id: text.clone(),
            name: text.clone(),
            email: Some(text.clone()),
            organisation: Some((text.clone(), text.clone())),
            site: Some((text.clone(), text.clone())),
            extra: extra(&text, attack),
        },
        matched_by: text,
    }))
}

pub(crate) fn device(call: &Call<'_>, attack: &str) -> Result<Option<Device>, Failure> {
    let text = match attack {
        "answers-many" => "x".to_owned(),
        _ => match text(call, attack) {
            Some(text) => text,
            None => return Ok(None),
        },
    };
    Ok(Some(Device {
        id: text.clone(),
        name: text.clone(),
        matched_by: text.clone(),
        extra: extra(&text, attack),
    }))
}

pub(crate) fn choices(call: &Call<'_>, attack: &str) -> Result<Vec<Choice>, Failure> {
    let text = text(call, attack).unwrap_or_else(|| "x".to_owned());
    let one = Choice {
        id: text.clone(),
        label: text.clone(),
        parent: Some((text.clone(), text)),
        is_default: false,
    };
    Ok(vec![one; count(attack)])
}

pub(crate) fn tickets(call: &Call<'_>, attack: &str) -> Result<Vec<Ticket>, Failure> {
    let text = text(call, attack).unwrap_or_else(|| "1".to_owned());
    Ok(vec![ticket(&text); count(attack)])
}

pub(crate) fn state(call: &Call<'_>, attack: &str, id: &str) -> Result<TicketState, Failure> {
    let text = text(call, attack).unwrap_or_else(|| "x".to_owned());
    let id = match attack {
        "another-ticket" => "999",
        _ => id,
    };
    Ok(TicketState {
        ticket: Ticket {
            id: id.to_owned(),
            ..ticket(&text)
        },
        summary: text.clone(),
        status: text.clone(),
        phase: text.clone(),
        agent: Some(text.clone()),
        last_public_note: Some(text.clone()),
        updated: Some(text),
    })
}

pub(crate) fn id(call: &Call<'_>, attack: &str) -> String {
    text(call, attack).unwrap_or_else(|| "1".to_owned())
}

pub(crate) fn note(call: &Call<'_>, attack: &str) -> Result<AddedNote, Failure> {
    let id = id(call, attack);
    Ok(AddedNote {
        attachments: vec![id.clone(); count(attack)],
        id,
        confirmed: true,
    })
}

pub(crate) fn checks(call: &Call<'_>, attack: &str) -> Vec<Check> {
    let text = text(call, attack).unwrap_or_else(|| "x".to_owned());
    let one = Check {
        id: text.clone(),
        title: text,
    };
    vec![one; count(attack)]
}

pub(crate) fn findings(call: &Call<'_>, attack: &str, check: &str) -> Result<Vec<Finding>, Failure> {
    let text = text(call, attack).unwrap_or_else(|| check.to_owned());
    let one = Finding {
        severity: "warning".to_owned(),
        summary: text.clone(),
        why: text.clone(),
        cure: vec![text.clone()],
        suggestion: Some((text.clone(), text.clone())),
        guide: Some(text),
    };
    Ok(vec![one; count(attack)])
}

pub(crate) fn changes(call: &Call<'_>, attack: &str) -> Result<Changes, Failure> {
    let text = text(call, attack).unwrap_or_else(|| "1".to_owned());
    Ok(Changes {
        ticket_ids: vec![text.clone(); count(attack)],
        cursor: text,
        more: true,
    })
}

pub(crate) fn hook(call: &Call<'_>, attack: &str) -> Result<Hook, Failure> {
    let text = text(call, attack).unwrap_or_else(|| "1".to_owned());
    Ok(Hook {
        ticket_ids: vec![text.clone(); count(attack)],
        reply: Some(Reply {
            status: u16::MAX,
            content_type: text.clone(),
            body: text,
        }),
    })
}
