//! What the pages show, ready for the templates.

use askama::Template;
use jiff::{SignedDuration, Timestamp};

use crate::halo::ledger::{RequestKind, RequestRecord, Violation, ViolationKind};
use crate::halo::seed::Asset;
use crate::halo::store::{Action, Attachment, Store, Ticket};

/// Most rows one page shows; load tests make many more.
const SHOWN: usize = 500;

#[derive(Template)]
#[template(path = "halo/tickets.html")]
pub(super) struct Tickets {
    desk: Desk,
    show: &'static str,
    counts: Counts,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "halo/ticket.html")]
pub(super) struct OneTicket {
    desk: Desk,
    row: Row,
    /// Cleaned HTML.
    details: String,
    user: Person,
    site: String,
    kind: String,
    category: String,
    impact: String,
    source_reference: String,
    created: String,
    assets: Vec<Device>,
    files: Vec<File>,
    notes: Vec<Note>,
}

#[derive(Template)]
#[template(path = "halo/violations.html")]
pub(super) struct Violations {
    desk: Desk,
    rows: Vec<Violation>,
}

#[derive(Template)]
#[template(path = "halo/requests.html")]
pub(super) struct Requests {
    desk: Desk,
    tokens: usize,
    calls: usize,
    rows: Vec<RequestRecord>,
}

/// What every page's frame shows.
pub(super) struct Desk {
    pub(super) name: String,
    pub(super) tenant: String,
    pub(super) here: &'static str,
    pub(super) violations: usize,
}

struct Counts {
    open: usize,
    closed: usize,
    all: usize,
}

struct Row {
    id: i64,
    summary: String,
    user: String,
    client: String,
    device: String,
    status: String,
    status_id: i64,
    priority: String,
    priority_id: i64,
    team: String,
    agent: String,
    updated: String,
    age: String,
    private_notes: usize,
    files: usize,
}

struct Person {
    name: String,
    email: String,
    phone: String,
    important: bool,
}

struct Device {
    hostname: String,
    tag: String,
    kind: String,
    serial: String,
}

struct File {
    id: i64,
    name: String,
    size: String,
    private: bool,
}

struct Note {
    id: i64,
    who: String,
    initials: String,
    outcome: String,
    private: bool,
    system: bool,
    emailed: bool,
    at: String,
    age: String,
    /// Cleaned HTML.
    body: String,
    files: Vec<File>,
}

pub(super) fn tickets(store: &Store, show: Option<&str>) -> Tickets {
    let show = match show {
        Some("closed") => "closed",
        Some("all") => "all",
        _ => "open",
    };
    let all = store.tickets.len();
    let open = store
        .tickets
        .values()
        .filter(|ticket| ticket.closed.is_none())
        .count();
    let fits = |ticket: &&Ticket| match show {
        "open" => ticket.closed.is_none(),
        "closed" => ticket.closed.is_some(),
        _ => true,
    };
    Tickets {
        desk: desk(store, "tickets"),
        show,
        counts: Counts {
            open,
            closed: all - open,
            all,
        },
        rows: store
            .tickets
            .values()
            .rev()
            .filter(fits)
            .take(SHOWN)
            .map(|ticket| row(store, ticket))
            .collect(),
    }
}

pub(super) fn ticket(store: &Store, ticket: &Ticket) -> OneTicket {
    let seed = &store.seed;
    let core = &ticket.core;
    let user = seed.user(core.user_id);
    let text = |name: &str| {
        ticket
            .fields
            .get(name)
            .map_or_else(String::new, |value| match value.as_str() {
                Some(text) => text.to_owned(),
                None => value.to_string(),
            })
    };
    let number = |name: &str| {
        Some(text(name))
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| "–".to_owned())
    };
    let assets = core
        .asset_ids
        .iter()
        .filter_map(|id| seed.asset(*id))
        .map(device)
        .collect();
    let files = store
        .attachments_of(ticket.id)
        .filter(|it| it.action_id == 0)
        .map(|it| file(store, it))
        .collect();
    let site = seed
        .site(core.site_id)
        .map_or_else(String::new, |site| site.name.clone());
    OneTicket {
        desk: desk(store, "tickets"),
        row: row(store, ticket),
        details: clean(&core.details_html),
        user: Person {
            name: user.map_or_else(|| "General User".to_owned(), |user| user.name.clone()),
            email: user.map_or_else(String::new, |user| user.email.clone()),
            phone: user.map_or_else(String::new, |user| user.phone.clone()),
            important: user.is_some_and(|user| user.important),
        },
        site,
        kind: seed
            .ticket_type(core.type_id)
            .map_or_else(String::new, |kind| kind.name.clone()),
        category: core
            .categories
            .first()
            .cloned()
            .unwrap_or_default()
            .replace('>', " › "),
        impact: format!("{} / {}", number("impact"), number("urgency")),
        source_reference: text("third_party_id_string"),
        created: moment(ticket.logged.at),
        assets,
        files,
        // Newest first, without the opening action: its text is the ticket's own.
        notes: ticket
            .actions
            .values()
            .rev()
            .filter(|it| !it.system)
            .map(|it| note(store, ticket.id, it))
            .collect(),
    }
}

pub(super) fn violations(store: &Store) -> Violations {
    Violations {
        desk: desk(store, "violations"),
        rows: store.violations.iter().rev().take(SHOWN).cloned().collect(),
    }
}

pub(super) fn requests(store: &Store) -> Requests {
    let tokens = store
        .requests
        .iter()
        .filter(|it| it.counted_as == RequestKind::Token)
        .count();
    Requests {
        desk: desk(store, "requests"),
        tokens,
        calls: store.requests.len() - tokens,
        rows: store.requests.iter().rev().take(SHOWN).cloned().collect(),
    }
}

pub(super) fn desk(store: &Store, here: &'static str) -> Desk {
    Desk {
        name: store.seed.instance.name.clone(),
        tenant: store.seed.instance.tenant.clone(),
        here,
        violations: store.violations.len(),
    }
}

fn row(store: &Store, ticket: &Ticket) -> Row {
    let seed = &store.seed;
    let core = &ticket.core;
    let devices: Vec<&str> = core
        .asset_ids
        .iter()
        .filter_map(|id| seed.asset(*id))
        .map(Asset::label)
        .collect();
    Row {
        id: ticket.id,
        summary: core.summary.clone(),
        user: seed
            .user(core.user_id)
            .map_or_else(|| "General User".to_owned(), |user| user.name.clone()),
        client: seed
            .client(core.client_id)
            .map_or_else(String::new, |client| client.name.clone()),
        device: devices.join(", "),
        status: seed
            .status(core.status_id)
            .map_or_else(String::new, |status| status.name.clone()),
        status_id: core.status_id,
        priority: seed
            .priority(core.priority_id)
            .map_or_else(String::new, |priority| priority.name.clone()),
        priority_id: core.priority_id,
        team: core.team.clone(),
        agent: seed
            .agent(core.agent_id)
            .map_or_else(String::new, |agent| agent.name.clone()),
        updated: moment(ticket.updated),
        age: age(ticket.updated, store.now()),
        private_notes: ticket.actions.values().filter(|action| action.hidden).count(),
        files: store.attachments_of(ticket.id).count(),
    }
}

fn device(asset: &Asset) -> Device {
    Device {
        hostname: asset.label().to_owned(),
        tag: asset.inventory_number.clone(),
        kind: asset.type_name.clone(),
        serial: asset.serial.clone(),
    }
}

fn note(store: &Store, ticket_id: i64, action: &Action) -> Note {
    let files = store
        .attachments_of(ticket_id)
        .filter(|it| it.action_id == action.id);
    Note {
        id: action.id,
        who: action.who.clone(),
        initials: action
            .who
            .split_whitespace()
            .filter_map(|word| word.chars().next())
            .take(2)
            .collect(),
        outcome: action.outcome.clone(),
        private: action.hidden,
        system: action.system,
        emailed: action.send_email,
        at: moment(action.written.at),
        age: age(action.written.at, store.now()),
        body: clean(&action.note_html),
        files: files.map(|it| file(store, it)).collect(),
    }
}

fn file(store: &Store, attachment: &Attachment) -> File {
    File {
        id: attachment.id,
        name: attachment.filename.clone(),
        size: size(attachment.bytes.len()),
        private: store.is_private(attachment),
    }
}

/// HTML from outside without anything that runs, loads or styles the page around it.
fn clean(html: &str) -> String {
    ammonia::Builder::default()
        .rm_tags(["img"])
        .clean(html)
        .to_string()
}

fn moment(at: Timestamp) -> String {
    at.strftime("%d %b %Y, %H:%M UTC").to_string()
}

/// "3 min ago": the unit a person would use.
fn age(at: Timestamp, now: Timestamp) -> String {
    const UNITS: [(i64, &str); 3] = [(86_400, "d"), (3_600, "h"), (60, "min")];
    let seconds = now.duration_since(at).max(SignedDuration::ZERO).as_secs();
    let unit = UNITS.iter().find(|(length, _)| seconds >= *length);
    unit.map_or_else(
        || "just now".to_owned(),
        |(length, name)| format!("{} {name} ago", seconds / length),
    )
}

fn size(bytes: usize) -> String {
    const KIB: usize = 1024;
    match bytes {
        0..KIB => format!("{bytes} B"),
        bytes if bytes < KIB * KIB => format!("{} KB", bytes.div_ceil(KIB)),
        bytes => format!(
            "{}.{} MB",
            bytes / (KIB * KIB),
            bytes % (KIB * KIB) * 10 / (KIB * KIB)
        ),
    }
}

/// A violation's kind in words.
fn kind(kind: ViolationKind) -> &'static str {
    match kind {
        ViolationKind::UnknownField => "unknown field",
        ViolationKind::WrongType => "wrong type",
        ViolationKind::WrongBody => "wrong body",
        ViolationKind::UnknownParameter => "unknown parameter",
        ViolationKind::WrongParameter => "wrong parameter",
    }
}

/// CSS class of an HTTP status.
pub(super) fn tone(status: u16) -> &'static str {
    match status {
        200..300 => "good",
        429 => "slow",
        _ => "bad",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_from_outside_is_cleaned() {
        let html = clean(
            "<p onclick=x>hi <b>there</b></p><script>alert(1)</script><img src=//x.example/p.gif>\
             <a href='javascript:alert(1)'>l</a><form action=/x><input></form><style>*{display:none}</style>",
        );
        assert!(html.contains("<p>hi <b>there</b></p>"), "{html}");
        for gone in ["onclick", "script", "img", "javascript", "form", "input", "style"] {
            assert!(!html.contains(gone), "{gone} in {html}");
        }
    }

    #[test]
    fn ages_and_sizes_use_the_unit_a_person_would() {
        let now = Timestamp::now();
        assert_eq!(age(now - SignedDuration::from_secs(59), now), "just now");
        assert_eq!(age(now - SignedDuration::from_secs(7_200), now), "2 h ago");
        assert_eq!(size(1_500), "2 KB");
        assert_eq!(size(1_572_864), "1.5 MB");
    }
}
