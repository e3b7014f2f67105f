//! From the contract's words to the domain's. Everything here was written by a connector, or by a
//! PSA through it: texts lose hidden characters and are bounded, lists are bounded, addresses that
//! no browser should open are dropped.

use super::bindings::{
    change_poller::exports::helpbell::psa::poller,
    examiner::exports::helpbell::psa::doctor as wit_doctor,
    exports::helpbell::psa::{describe as wit_describe, directory, dispatcher, notes, tickets},
    helpbell::psa::types as wit,
    webhook_receiver::exports::helpbell::psa::webhooks as wit_webhooks,
};
use crate::{
    limits::{GUEST_LIST, GUEST_NAME_CHARS, GUEST_TEXT_CHARS},
    optional::{Changes, Hook},
};
use helpbell_model::{
    self as model, ContactMatch, FailureKind,
    connector::{
        Description, Limits, Lookup, Origin, OriginSource, Refusal, RequestEffect, RequestTemplate,
        SecretSlot, Setting,
    },
    doctor, text,
    ticket::{Access, AddedNote, Choice, Named, TicketState, Variable},
};

fn name(text: &str) -> String {
    text::one_line(text, GUEST_NAME_CHARS)
}

fn sentence(text: &str) -> String {
    text::one_line(text, GUEST_TEXT_CHARS)
}

fn paragraphs(text: &str) -> String {
    text::paragraphs(text, GUEST_TEXT_CHARS)
}

fn list<From, To>(items: Vec<From>, each: impl FnMut(From) -> To) -> Vec<To> {
    items.into_iter().take(GUEST_LIST).map(each).collect()
}

/// Ids go back to the connector as they came, unless they are absurd. No PSA's id holds what is hidden when it is
/// shown, so that a terminal may be given one.
pub(crate) fn id(text: String) -> String {
    if text.chars().count() <= GUEST_NAME_CHARS && text.chars().all(text::is_shown) {
        text
    } else {
        name(&text)
    }
}

/// Bytes kept of what a connector remembers with a contact or a device for its own use: some ids.
const EXTRA_BYTES: usize = 16 << 10;

/// What only the connector reads goes back to it as it came, if there is not too much of it; else it is lost.
fn extra(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let bytes: usize = pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes <= EXTRA_BYTES && pairs.len() <= GUEST_LIST {
        pairs
    } else {
        vec![]
    }
}

/// Codes that begin so are the host's own: whoever reads one knows that no connector wrote the words beside it.
const HOST_CODES: &str = "host.";

fn code(text: &str) -> String {
    let code = name(text);
    if code.starts_with(HOST_CODES) {
        format!("connector.{code}")
    } else {
        code
    }
}

/// Characters of an address; browsers and mail programs take no more.
const ADDRESS_CHARS: usize = 2_000;

/// An address that a person may be offered to open. Parsing leaves nothing in it but printable ASCII.
fn address(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    (url.as_str().len() <= ADDRESS_CHARS
        && matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none())
    .then(|| url.to_string())
}

impl From<wit::Failure> for model::Failure {
    fn from(failure: wit::Failure) -> Self {
        Self {
            kind: failure.kind.into(),
            code: code(&failure.code),
            message: sentence(&failure.message),
            help: failure.help.as_deref().map(paragraphs),
            field: failure.field.as_deref().map(name),
            retry_after_ms: failure.retry_after_ms,
        }
    }
}

impl From<wit::FailureKind> for FailureKind {
    fn from(kind: wit::FailureKind) -> Self {
        match kind {
            wit::FailureKind::Auth => Self::Auth,
            wit::FailureKind::Forbidden => Self::Forbidden,
            wit::FailureKind::InvalidInput => Self::InvalidInput,
            wit::FailureKind::NotFound => Self::NotFound,
            wit::FailureKind::Conflict => Self::Conflict,
            wit::FailureKind::RateLimited => Self::RateLimited,
            wit::FailureKind::Unavailable => Self::Unavailable,
            wit::FailureKind::Timeout => Self::Timeout,
            wit::FailureKind::Unsupported => Self::Unsupported,
            wit::FailureKind::Internal => Self::Internal,
        }
    }
}

fn named((given_id, given_name): (String, String)) -> Named {
    Named {
        id: id(given_id),
        name: name(&given_name),
    }
}

impl From<wit::Contact> for model::Contact {
    fn from(contact: wit::Contact) -> Self {
        Self {
            id: id(contact.id),
            name: name(&contact.name),
            email: contact.email.as_deref().map(name),
            organisation: contact.organisation.map(named),
            site: contact.site.map(named),
            extra: extra(contact.extra),
        }
    }
}

pub(crate) fn found_contact(found: directory::FoundContact) -> (model::Contact, ContactMatch) {
    let how = match found.matched_by.as_str() {
        "email" => ContactMatch::Email,
        "domain" | "device" => ContactMatch::Guess,
        _ => ContactMatch::CatchAll,
    };
    (found.contact.into(), how)
}

impl From<wit::Device> for model::Device {
    fn from(device: wit::Device) -> Self {
        Self {
            id: id(device.id),
            name: name(&device.name),
            matched_by: name(&device.matched_by),
            extra: extra(device.extra),
        }
    }
}

impl From<wit::Ticket> for model::Ticket {
    fn from(ticket: wit::Ticket) -> Self {
        Self {
            id: id(ticket.id),
            number: name(&ticket.number),
            url: ticket.url.as_deref().and_then(address),
        }
    }
}

impl From<wit::Correction> for model::Correction {
    fn from(correction: wit::Correction) -> Self {
        Self {
            field: name(&correction.field),
            given: name(&correction.given),
            used: correction.used.as_deref().map(name),
            reason: sentence(&correction.reason),
            nearest: list(correction.nearest, |nearest| name(&nearest)),
        }
    }
}

pub(crate) fn corrections(corrections: Vec<wit::Correction>) -> Vec<model::Correction> {
    list(corrections, Into::into)
}

/// A draft whose title and fields a connector has set.
pub(crate) fn assigned(given: wit::Draft, draft: model::Draft) -> model::Draft {
    model::Draft {
        summary: sentence(&given.summary),
        fields: list(given.fields, |(field, value)| (name(&field), paragraphs(&value))),
        ..draft
    }
}

pub(crate) fn variables(variables: Vec<dispatcher::Variable>) -> Vec<Variable> {
    list(variables, |variable| Variable {
        name: name(&variable.name),
        access: if variable.access == "read-write" {
            Access::ReadWrite
        } else {
            Access::Read
        },
        kind: name(&variable.kind),
        meaning: sentence(&variable.meaning),
        choices: list(variable.choices, |choice| name(&choice)),
        live: variable.live,
    })
}

pub(crate) fn created(created: tickets::Created) -> (model::Ticket, Vec<model::Correction>) {
    (created.ticket.into(), corrections(created.corrections))
}

pub(crate) fn ticket_state(state: tickets::TicketState) -> TicketState {
    TicketState {
        ticket: state.ticket.into(),
        summary: sentence(&state.summary),
        status: name(&state.status),
        phase: name(&state.phase),
        agent: state.agent.as_deref().map(name),
        last_public_note: state.last_public_note.as_deref().map(paragraphs),
        updated: state.updated.as_deref().map(name),
    }
}

pub(crate) fn found_tickets(found: Vec<wit::Ticket>) -> Vec<model::Ticket> {
    list(found, Into::into)
}

pub(crate) fn added_note(note: notes::AddedNote) -> AddedNote {
    AddedNote {
        id: id(note.id),
        attachments: list(note.attachments, id),
        confirmed: note.confirmed,
    }
}

pub(crate) fn added_notes(found: Vec<notes::AddedNote>) -> Vec<AddedNote> {
    list(found, added_note)
}

/// Pick-lists may be long; `choices` is the one list that is not cut.
pub(crate) fn choices(choices: Vec<wit::Choice>) -> Vec<Choice> {
    choices
        .into_iter()
        .map(|choice| Choice {
            id: id(choice.id),
            label: name(&choice.label),
            parent: choice.parent.map(|(field, value)| (name(&field), name(&value))),
            is_default: choice.is_default,
        })
        .collect()
}

/// Severities that later versions may add count as warnings.
fn severity(word: &str) -> doctor::Severity {
    match word {
        "ok" => doctor::Severity::Ok,
        "note" => doctor::Severity::Note,
        "problem" => doctor::Severity::Problem,
        _ => doctor::Severity::Warning,
    }
}

pub(crate) fn checks(checks: Vec<wit_doctor::Check>) -> Vec<doctor::Check> {
    list(checks, |check| doctor::Check {
        id: name(&check.id),
        title: sentence(&check.title),
    })
}

pub(crate) fn doctor_findings(check: &str, found: Vec<wit_doctor::Finding>) -> Vec<doctor::Finding> {
    list(found, |finding| doctor::Finding {
        check: check.to_owned(),
        severity: severity(&finding.severity),
        summary: sentence(&finding.summary),
        why: sentence(&finding.why),
        cure: list(finding.cure, |step| sentence(&step)),
        suggestion: finding
            .suggestion
            .map(|(setting, value)| (name(&setting), name(&value))),
        guide: finding.guide.as_deref().map(name),
    })
}

/// None if there is more than is taken of any answer: ids that were cut off would be changes that nobody hears of, and a
/// cursor that was cut off names another place.
pub(crate) fn changes(changes: poller::Changes) -> Option<Changes> {
    let fits = changes.ticket_ids.len() <= GUEST_LIST && changes.cursor.chars().count() <= GUEST_NAME_CHARS;
    fits.then(|| Changes {
        ticket_ids: list(changes.ticket_ids, id),
        cursor: changes.cursor,
        more: changes.more,
    })
}

/// A webhook's answer goes back to the PSA; a body larger than this is none.
const REPLY_CHARS: usize = 4_000;

pub(crate) fn hook(hook: wit_webhooks::Hook) -> Hook {
    Hook {
        ticket_ids: list(hook.ticket_ids, id),
        // A status that is none, or says to wait, cannot be sent.
        reply: hook
            .reply
            .filter(|reply| (200..=599).contains(&reply.status))
            .map(|reply| {
                (
                    reply.status,
                    name(&reply.content_type),
                    text::truncate(&reply.body, REPLY_CHARS),
                )
            }),
    }
}

pub(crate) fn description(said: wit_describe::Description) -> Description {
    Description {
        id: name(&said.id),
        name: name(&said.name),
        version: name(&said.version),
        summary: sentence(&said.summary),
        settings: list(said.settings, |setting| Setting {
            name: name(&setting.name),
            label: name(&setting.label),
            help: sentence(&setting.help),
            kind: name(&setting.kind),
            choices: list(setting.choices, |(value, label)| (name(&value), name(&label))),
            required: setting.required,
            default: setting.default.as_deref().map(name),
            example: name(&setting.example),
        }),
        secrets: list(said.secrets, |secret| SecretSlot {
            name: name(&secret.name),
            label: name(&secret.label),
            help: sentence(&secret.help),
            example: name(&secret.example),
        }),
        origins: list(said.origins, |origin| Origin {
            name: name(&origin.name),
            source: match origin.source {
                wit_describe::OriginSource::Fixed(address) => OriginSource::Fixed(name(&address)),
                wit_describe::OriginSource::Setting(setting) => OriginSource::Setting(name(&setting)),
                wit_describe::OriginSource::SettingOrigin(setting) => {
                    OriginSource::SettingOrigin(name(&setting))
                }
                wit_describe::OriginSource::Discovered(within) => {
                    OriginSource::Discovered(list(within, |one| name(&one)))
                }
            },
        }),
        requests: list(said.requests, request),
        auth_requests: list(said.auth_requests, request),
        capabilities: list(said.capabilities, |capability| name(&capability)),
        limits: Limits {
            summary_chars: said.limits.summary_chars,
            attachment_bytes: said.limits.attachment_bytes,
            note_bytes: said.limits.note_bytes,
        },
        lookup: match said.lookup {
            wit_describe::LookupStrength::Strong => Lookup::Strong,
            wit_describe::LookupStrength::Eventual(seconds) => Lookup::Eventual(seconds),
            wit_describe::LookupStrength::None => Lookup::None,
        },
    }
}

fn request(wanted: wit_describe::Request) -> RequestTemplate {
    RequestTemplate {
        origin: name(&wanted.origin),
        method: name(&wanted.method),
        path: name(&wanted.path),
        effect: match wanted.effect {
            wit_describe::RequestEffect::Read => RequestEffect::Read,
            wit_describe::RequestEffect::Effect => RequestEffect::Effect,
        },
        refusals: list(wanted.refusals, |refusal| Refusal {
            status: refusal.status,
            member: refusal.member.as_deref().map(name),
        }),
        purpose: sentence(&wanted.purpose),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_a_browser_may_open_survive() {
        assert_eq!(
            address("https://halo.example.com/ticket?id=1").as_deref(),
            Some("https://halo.example.com/ticket?id=1")
        );
        for dangerous in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://a@b/",
            "data:text/html,x",
            "not an address",
        ] {
            assert_eq!(address(dangerous), None, "{dangerous}");
        }
    }

    #[test]
    fn a_failure_of_a_guest_is_bounded_and_stripped() {
        let failure = model::Failure::from(wit::Failure {
            kind: wit::FailureKind::Internal,
            code: "x".repeat(10_000),
            message: format!("\u{1b}[2J{}", "long ".repeat(10_000)),
            help: Some("click\nhere\u{202e}".into()),
            field: None,
            retry_after_ms: None,
            extra: vec![],
        });
        assert!(failure.code.chars().count() <= GUEST_NAME_CHARS);
        assert!(failure.message.chars().count() <= GUEST_TEXT_CHARS && !failure.message.contains('\u{1b}'));
        assert_eq!(failure.help.as_deref(), Some("click\nhere"));
    }

    #[test]
    fn no_connector_speaks_with_the_hosts_codes() {
        assert_eq!(code("halo.outcome-missing"), "halo.outcome-missing");
        assert_eq!(code("\u{1b}host.egress-denied"), "connector.host.egress-denied");
    }

    #[test]
    fn ids_go_back_as_they_came_unless_they_hide_something() {
        assert_eq!(id("  17/ä 🖨️".to_owned()), "  17/ä 🖨️");
        assert_eq!(id("17\u{1b}]52;c;ZXZpbA==\u{7}\n".to_owned()), "17]52;c;ZXZpbA==");
        assert!(id("x".repeat(10_000)).chars().count() <= GUEST_NAME_CHARS);
    }

    #[test]
    fn what_a_connector_remembers_is_kept_whole_or_not_at_all() {
        let some = vec![("type".to_owned(), "3".to_owned())];
        assert_eq!(extra(some.clone()), some);
        assert_eq!(extra(vec![("x".repeat(EXTRA_BYTES), "y".to_owned())]), vec![]);
    }
}
