//! What an examination still finds out after the person has sent: it is waited for while the ticket is filed, and
//! completes the report before the private note goes out.
//!
//! ```text
//! press ──── examination ────────────────┬──────────── the slow ones ──────────► complete
//!                      Send ──► 3 s ──►  report ─► accepted ─► ticket ─► … wait … │ ─► note
//! ```

use crate::{
    collect,
    error::AppError,
    gathering::{Gathered, Gathering, Rest},
};
use helpbell_delivery::{Amendment, Clock, Store as _, clock::after, store::Sqlite};
use helpbell_diagnostics::PATIENCE;
use helpbell_model::{
    Attachment, Press,
    report::{Area, Finding, Severity},
    text,
};
use jiff::Timestamp;
use std::time::Duration;

/// How long after the end of an examination its report may still be completed: pictures are encoded anew, and everything
/// is flushed to a disk that may be slow.
const WRITING: Duration = Duration::from_secs(5);

/// Characters of what scripts wrote too late; the report has all of it.
const TOO_LATE_CHARS: usize = 300;

/// What is still at work is named up to this many; more would not fit into a line.
const NAMED: usize = 3;

/// What was gathered so far, and what is still at work, if anything is.
pub(super) async fn at_send(gathering: Gathering) -> Result<(Gathered, Option<Late>), AppError> {
    let (gathered, rest) = gathering.within(PATIENCE).await?;
    Ok((gathered, rest.map(Late)))
}

/// An examination that is still under way after Send.
pub(super) struct Late(Rest);

impl Late {
    /// Until when the report is completed.
    pub(super) fn until(&self) -> Timestamp {
        after(self.0.ends_by(), WRITING)
    }

    /// What is waited for, for a progress line.
    pub(super) fn doing(&self) -> String {
        doing(&self.0.at_work())
    }

    /// Waits until everything is in and completes the report of a press that was accepted. Gives the files.
    pub(super) async fn complete(self, store: &Sqlite, press: &Press) -> Result<Vec<Attachment>, AppError> {
        let mut gathered = self.0.complete().await?;
        gathered.report.findings.extend(too_late(&gathered, press));
        let files = collect::files(&gathered, press)?;
        let amendment = Amendment {
            findings: gathered.report.findings,
            attachments: files.clone(),
        };
        store.amend(press.id, amendment, Clock::system().now()).await?;
        Ok(files)
    }
}

/// What scripts wrote for a ticket that was filed by then.
fn too_late(gathered: &Gathered, press: &Press) -> Option<Finding> {
    let append = gathered.append().filter(|_| press.append.is_none())?;
    Some(Finding {
        area: Area::Software,
        severity: Severity::Info,
        title: "Scripts wrote for the ticket after it was filed".to_owned(),
        detail: text::one_line(&append, TOO_LATE_CHARS),
    })
}

fn doing(at_work: &[&str]) -> String {
    let named: Vec<&str> = at_work.iter().take(NAMED).copied().collect();
    match (named.as_slice(), at_work.len().saturating_sub(NAMED)) {
        ([], _) => "waiting for late results".to_owned(),
        (named, 0) => format!("waiting for late results: {}", named.join(", ")),
        (named, more) => format!("waiting for late results: {} and {more} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_delivery::saga::LONGEST_AWAIT;
    use helpbell_diagnostics::Limits;

    #[test]
    fn what_is_waited_for_is_named_up_to_a_lines_length() {
        assert_eq!(doing(&[]), "waiting for late results");
        assert_eq!(doing(&["the printers"]), "waiting for late results: the printers");
        assert_eq!(
            doing(&["the printers", "the disks", "the updates", "the events", "x"]),
            "waiting for late results: the printers, the disks, the updates and 2 more"
        );
    }

    #[test]
    fn the_outbox_waits_for_as_long_as_an_examination_may_take() {
        assert!(Limits::default().whole + WRITING < LONGEST_AWAIT);
    }
}
