//! The help desk page for people: what an MSP's technician would see of this instance.
//!
//! | path | shows |
//! |---|---|
//! | `/` | tickets; `?show=open`, `closed` or `all` |
//! | `/ticket?id=N` | one ticket with its notes and files |
//! | `/violations` | what clients sent that the vendor's schema does not know |
//! | `/requests` | token and API requests |
//! | `/settings` | every switch, and forms that change it |
//! | `/view/attachment/N` | a file in the browser, without any right to run or load |
//! | `/download/attachment/N` | a file to keep |
//!
//! Ticket texts, notes and files are written by people outside: text is escaped, HTML is cleaned, files are shown under
//! a policy that allows no script, no form and no request.

mod settings;
mod view;

use askama::Template;
use axum::http::{Method, StatusCode};
use bytes::Bytes;

use super::reply::{Answer, Refusal};
use super::server::Call;
use super::store::{Attachment, Store};

/// Policy of our own pages: one style sheet from here, nothing else.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'none'";
/// Policy of files shown in the browser: a sandbox of its own with inline styles and embedded images only.
const FILE_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; \
                           base-uri 'none'; form-action 'none'";
const ICON: &str = include_str!("../../../templates/halo/icon.svg");
const STYLE: &str = include_str!("../../../templates/halo/style.css");
/// Media types a browser shows under [`FILE_POLICY`]; everything else is offered for saving.
const VIEWABLE: [&str; 7] = [
    "text/html",
    "text/plain",
    "application/json",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
];

/// Answers a page, or `None` when the path is no page.
pub(crate) fn handle(store: &mut Store, call: &Call, lowered: &[&str]) -> Option<Result<Answer, Refusal>> {
    if call.method == Method::POST && lowered == ["settings"] {
        return Some(settings::take(store, call));
    }
    if call.method != Method::GET {
        return None;
    }
    let store = &*store;
    Some(match lowered {
        [] => render(&view::tickets(store, call.query.text("show"))),
        ["ticket"] => ticket(store, call),
        ["violations"] => render(&view::violations(store)),
        ["requests"] => render(&view::requests(store)),
        ["settings"] => settings::show(store, call),
        ["style.css"] => Ok(style(store)),
        ["favicon.ico"] => Ok(icon()),
        ["view", "attachment", id] => file(store, id, true),
        ["download", "attachment", id] => file(store, id, false),
        _ => return None,
    })
}

fn render(template: &impl Template) -> Result<Answer, Refusal> {
    match template.render() {
        Ok(html) => Ok(Answer::Page {
            status: StatusCode::OK,
            html,
            policy: PAGE_POLICY,
        }),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            Err(Refusal::Bare(StatusCode::INTERNAL_SERVER_ERROR))
        }
    }
}

fn ticket(store: &Store, call: &Call) -> Result<Answer, Refusal> {
    let id = call.query.integer("id");
    let ticket = id
        .and_then(|id| store.tickets.get(&id))
        .ok_or_else(Refusal::not_found)?;
    render(&view::ticket(store, ticket))
}

/// The style sheet, and one colour class per status and priority of the seed: the page's policy forbids inline styles.
fn style(store: &Store) -> Answer {
    let mut sheet = STYLE.to_owned();
    for status in &store.seed.statuses {
        sheet.push_str(&format!(".status-{}{{--tone:{}}}\n", status.id, status.colour));
    }
    for priority in &store.seed.priorities {
        sheet.push_str(&format!(
            ".priority-{}{{--tone:{}}}\n",
            priority.priority_id, priority.colour
        ));
    }
    Answer::Content {
        content_type: "text/css; charset=utf-8".to_owned(),
        policy: PAGE_POLICY,
        bytes: Bytes::from(sheet),
    }
}

/// Under the name browsers ask for unbidden, so that they leave no trace in the ledger.
fn icon() -> Answer {
    Answer::Content {
        content_type: "image/svg+xml".to_owned(),
        policy: PAGE_POLICY,
        bytes: Bytes::from_static(ICON.as_bytes()),
    }
}

fn file(store: &Store, id: &str, show: bool) -> Result<Answer, Refusal> {
    let file = id.parse().ok().and_then(|id: i64| store.attachments.get(&id));
    let file = file.ok_or_else(Refusal::not_found)?;
    if show && viewable(file) {
        return Ok(Answer::Content {
            content_type: file.content_type.clone(),
            policy: FILE_POLICY,
            bytes: file.bytes.clone(),
        });
    }
    Ok(Answer::File {
        name: file.filename.clone(),
        content_type: file.content_type.clone(),
        bytes: file.bytes.clone(),
    })
}

fn viewable(file: &Attachment) -> bool {
    let media_type = file.content_type.split(';').next().unwrap_or_default().trim();
    VIEWABLE
        .iter()
        .any(|known| known.eq_ignore_ascii_case(media_type))
}
