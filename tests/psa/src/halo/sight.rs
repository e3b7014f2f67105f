//! What agents and people see of a ticket, in the words common to all PSAs.

use super::{Halo, ledger::AttachmentRecord};
use crate::seen::{Seen, SeenFile, SeenNote};

impl Halo {
    /// A ticket as it is seen; None if there is none.
    #[must_use]
    pub fn seen(&self, ticket: &str) -> Option<Seen> {
        let id: i64 = ticket.parse().ok()?;
        let ledger = self.ledger();
        let record = ledger.ticket(id)?;
        let store = self.shared.lock();
        let status = store.seed.status(record.status_id);
        let user = store.seed.user(record.user_id);
        let files = |action: i64| -> Vec<SeenFile> {
            let of = |file: &&AttachmentRecord| file.ticket_id == id && file.action_id == action;
            ledger.attachments.iter().filter(of).map(file).collect()
        };
        let notes = ledger.actions_of(id).map(|action| SeenNote {
            text: action.note_html.clone(),
            private: action.hidden_from_user,
            attachments: files(action.id),
        });
        let body = record
            .sent
            .get("details_html")
            .or_else(|| record.sent.get("details"));
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Some(Seen {
            id: record.id.to_string(),
            summary: record.summary.clone(),
            body: body.and_then(|body| body.as_str()).unwrap_or_default().to_owned(),
            requester: user.map(|user| user.email.clone()),
            status: status.map(|status| status.name.clone()).unwrap_or_default(),
            closed: store.is_closed(record.status_id),
            fields: vec![
                field("team", &record.team),
                field("client", &record.client_name),
                field("site", &record.site_name),
                field("user", &record.user_name),
            ],
            notes: notes.collect(),
            attachments: files(0),
        })
    }
}

fn file(record: &AttachmentRecord) -> SeenFile {
    SeenFile {
        name: record.filename.clone(),
        size: record.size,
        sha256: record.sha256.clone(),
        private: record.private,
    }
}
