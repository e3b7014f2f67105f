//! What dispatcher rules see of a press, and which of it they may change.
//!
//! The names are the incumbent's, on which MSPs' rules rely. A PSA adds its own through its connector.
//!
//! ```text
//! variables ──► Rules: Script + Engine ──► Outcome ──► Ruling ──► the journal, and from there the ticket
//!                 └── Archive                            └── Orders
//! ```

mod archive;
mod ruling;
mod script;

pub use archive::Archive;
pub use ruling::{Changed, Orders, Ruling};
pub use script::{Digests, Engine, Rules, Script};

use crate::{compose, submission::Submission};
use helpbell_model::{
    Contact, ContactMatch, DeviceFacts, Person, Press, PressId,
    rules::{Circumstances, Value, Variable},
    ticket::{self, Access},
};
use jiff::{Timestamp, tz::TimeZone};

/// A variable that every PSA's rules have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Common {
    /// Its name.
    pub name: &'static str,
    /// Other names of it.
    pub aliases: &'static [&'static str],
    /// What rules may do with it.
    pub access: Access,
    /// `text` or `list`.
    pub kind: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// What the person typed: the ticket's message.
pub const MESSAGE: &str = "msg";
/// The ticket's title.
pub const SUBJECT: &str = "subject";
/// Added to the ticket's text.
pub const APPEND: &str = "append";
/// Added to the private note.
pub const PRIVATE_APPEND: &str = "priv_append";
/// Refuses the ticket.
pub const EXCEPTION: &str = "exception";

const fn common(
    name: &'static str,
    aliases: &'static [&'static str],
    access: Access,
    kind: &'static str,
    meaning: &'static str,
) -> Common {
    Common {
        name,
        aliases,
        access,
        kind,
        meaning,
    }
}

/// The variables that every PSA's rules have, in the order in which they are shown.
pub const COMMON: [Common; 11] = [
    common(
        "selections",
        &[],
        Access::Read,
        "list",
        "Texts of the ticked boxes and chosen buttons; test them with `in`.",
    ),
    common("hostname", &[], Access::Read, "text", "The computer's name."),
    common(
        "mac",
        &[],
        Access::Read,
        "text",
        "The computer's hardware address, aa:bb:cc:dd:ee:ff.",
    ),
    common(
        "ip",
        &[],
        Access::Read,
        "text",
        "The computer's local IPv4 address.",
    ),
    common(
        "email",
        &[],
        Access::Read,
        "text",
        "The person's e-mail address, as typed.",
    ),
    common(
        "name",
        &[],
        Access::Read,
        "text",
        "The person's name: the PSA's for this address, else as typed.",
    ),
    common(
        MESSAGE,
        &["message"],
        Access::ReadWrite,
        "text",
        "What the person typed. Also called message.",
    ),
    common(
        SUBJECT,
        &[],
        Access::ReadWrite,
        "text",
        "The ticket's title: at first the first words of the message.",
    ),
    common(
        APPEND,
        &[],
        Access::ReadWrite,
        "text",
        "Added to the ticket's text, below the message: at first what your scripts wrote for it.",
    ),
    common(
        PRIVATE_APPEND,
        &[],
        Access::ReadWrite,
        "text",
        "Added to the private note.",
    ),
    common(
        EXCEPTION,
        &[],
        Access::ReadWrite,
        "text",
        "If set, no ticket is filed, and the person is shown this text.",
    ),
];

/// All variables with their values before the first rule: the common ones, the PSA's with the operator's defaults, and
/// defaults for fields that the PSA knows without naming them, such as custom ones.
#[must_use]
pub fn variables(
    submission: &Submission,
    contact: Option<&(Contact, ContactMatch)>,
    subject: &str,
    psa: &[ticket::Variable],
    defaults: &[(String, String)],
) -> Vec<Variable> {
    let press = &submission.press;
    let mut all: Vec<Variable> = COMMON
        .iter()
        .map(|common| Variable {
            name: common.name.to_owned(),
            aliases: common.aliases.iter().map(|&alias| alias.to_owned()).collect(),
            writable: common.access == Access::ReadWrite,
            value: common_value(common.name, press, contact, subject),
        })
        .collect();
    let default = |name: &str| defaults.iter().find(|(field, _)| field == name);
    for offered in psa {
        if !all.iter().any(|known| known.name == offered.name) {
            let text = default(&offered.name).map_or("", |(_, value)| value.as_str());
            all.push(Variable {
                name: offered.name.clone(),
                aliases: vec![],
                writable: offered.access == Access::ReadWrite,
                value: field_value(&offered.kind, text),
            });
        }
    }
    for (name, text) in defaults {
        if is_name(name) && !all.iter().any(|known| known.name == *name) {
            all.push(Variable {
                name: name.clone(),
                aliases: vec![],
                writable: true,
                value: Value::Text(text.clone()),
            });
        }
    }
    all
}

/// The same variables before there is a press: for whoever examines rules.
#[must_use]
pub fn offered(psa: &[ticket::Variable], defaults: &[(String, String)]) -> Vec<Variable> {
    let press = Press {
        id: PressId::new(),
        pressed_at: Timestamp::now(),
        person: Person::default(),
        message: String::new(),
        selections: vec![],
        append: None,
        device: DeviceFacts::default(),
        locale: "en".to_owned(),
    };
    let nothing = Submission {
        press,
        findings: vec![],
        attachments: vec![],
        awaits: None,
    };
    variables(&nothing, None, "", psa, defaults)
}

/// The title that a press has before the first rule, in a PSA that takes so many characters.
#[must_use]
pub fn subject(press: &Press, limit: u32) -> String {
    compose::summary(press, limit)
}

/// The time that rules see now, on this machine's clock and in its time zone, and a fresh chance.
#[must_use]
pub fn circumstances(now: Timestamp) -> Circumstances {
    /// Seconds in the unit in which the offset is told.
    const MINUTE: i32 = 60;
    let offset = TimeZone::system().to_offset(now).seconds() / MINUTE;
    Circumstances {
        clock_ms: u64::try_from(now.as_millisecond()).unwrap_or_default(),
        offset_minutes: i16::try_from(offset).unwrap_or_default(),
        seed: fastrand::u64(..),
    }
}

fn common_value(
    name: &str,
    press: &Press,
    contact: Option<&(Contact, ContactMatch)>,
    subject: &str,
) -> Value {
    let device = &press.device;
    let known = contact.filter(|(_, by)| *by == ContactMatch::Email);
    let text = match name {
        "selections" => return Value::Texts(press.selections.clone()),
        "hostname" => &device.hostname,
        "mac" => device.macs.first().map_or("", String::as_str),
        "ip" => device.ip.as_deref().unwrap_or_default(),
        "email" => &press.person.email,
        "name" => known.map_or(&press.person.name, |(contact, _)| &contact.name),
        MESSAGE => &press.message,
        SUBJECT => subject,
        APPEND => press.append.as_deref().unwrap_or_default(),
        _ => "",
    };
    Value::Text(text.to_owned())
}

/// A default as rules see it: numbers are numbers where the PSA's field takes numbers. `kind` is the variable's.
#[must_use]
pub fn field_value(kind: &str, text: &str) -> Value {
    match kind {
        "integer" => text
            .trim()
            .parse()
            .map_or_else(|_| Value::Text(text.to_owned()), Value::Integer),
        "list" => Value::Texts(
            text.lines()
                .filter(|line| !line.trim().is_empty())
                .map(str::to_owned)
                .collect(),
        ),
        _ => Value::Text(text.to_owned()),
    }
}

/// Whether rules can write this name at all.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}
