//! What an examination still finds out after the person has sent: it is waited for while the ticket is filed, and
//! completes the report before the private note goes out.
//!
//! ```text
//! press ──── examination ────────────────┬──────────── the slow ones ──────────► complete
//!                      Send ──► 3 s ──►  report ─► accepted ─► ticket ─► … wait … │ ─► note
//! ```

use crate::{collect, error::AppError};
use helpbell_delivery::{Amendment, Clock, Store as _, clock::after, store::Sqlite};
use helpbell_diagnostics::{Examination, PATIENCE};
use helpbell_model::{
    Attachment, Press,
    report::{ProbeStatus, Report, Screen},
};
use jiff::Timestamp;
use std::time::Duration;

/// How long after the end of an examination its report may still be completed: pictures are encoded anew, and everything
/// is flushed to a disk that may be slow.
const WRITING: Duration = Duration::from_secs(5);

/// What is still at work is named up to this many; more would not fit into a line.
const NAMED: usize = 3;

/// What the report holds so far, and what is still at work, if anything is.
pub(super) async fn at_send(
    examination: Examination,
    screens: Vec<Screen>,
) -> Result<(Report, Option<Late>), AppError> {
    let (examination, mut report) = blocking(move || {
        let report = examination.report_within(PATIENCE);
        (examination, report)
    })
    .await?;
    let is_pending = report
        .probes
        .iter()
        .any(|probe| probe.status == ProbeStatus::Pending);
    let late = is_pending.then(|| Late {
        examination,
        screens: screens.clone(),
    });
    report.screens = screens;
    Ok((report, late))
}

/// An examination that is still under way after Send.
pub(super) struct Late {
    examination: Examination,
    screens: Vec<Screen>,
}

impl Late {
    /// Until when the report is completed.
    pub(super) fn until(&self) -> Timestamp {
        after(self.examination.ends_by(), WRITING)
    }

    /// What is waited for, for a progress line.
    pub(super) fn doing(&self) -> String {
        doing(&self.examination.at_work())
    }

    /// Waits until everything is in and completes the report of a press that was accepted. Gives the report's files.
    pub(super) async fn complete(self, store: &Sqlite, press: &Press) -> Result<Vec<Attachment>, AppError> {
        let Self { examination, screens } = self;
        let mut report = blocking(move || examination.complete()).await?;
        report.screens = screens;
        let files = collect::report_files(&report, press)?;
        let amendment = Amendment {
            findings: report.findings,
            attachments: files.clone(),
        };
        store.amend(press.id, amendment, Clock::system().now()).await?;
        Ok(files)
    }
}

fn doing(at_work: &[&str]) -> String {
    let named: Vec<&str> = at_work.iter().take(NAMED).copied().collect();
    match (named.as_slice(), at_work.len().saturating_sub(NAMED)) {
        ([], _) => "waiting for late results".to_owned(),
        (named, 0) => format!("waiting for late results: {}", named.join(", ")),
        (named, more) => format!("waiting for late results: {} and {more} more", named.join(", ")),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| AppError::Report(error.to_string()))
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
