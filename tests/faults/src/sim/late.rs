//! Reports that are completed after their press was accepted, and what their notes must have.

use helpbell_delivery::{
    Amendment, Clock, Store as _, StoreError, Submission, clock::after, saga::LONGEST_AWAIT, store::Memory,
};
use helpbell_model::{
    Attachment,
    report::{Area, Finding, Severity},
};
use std::time::Duration;
use tokio::{task::JoinHandle, time::sleep};

/// One examination in so many ends with its process, and its results are never known.
const DIES: u32 = 4;
/// How long after the time for it an examination may still end: a computer may have slept meanwhile.
const BEYOND: Duration = Duration::from_secs(200);

/// What completes a report: a finding in place of the first ones, the first file anew, and a further one.
pub(crate) fn amendment(submission: &Submission) -> Amendment {
    let press = submission.press.id;
    let anew = submission.attachments.first().map(|file| Attachment {
        bytes: b"complete".to_vec(),
        ..file.clone()
    });
    let further = Attachment {
        name: "further".into(),
        content_type: "text/plain".into(),
        bytes: b"found later".to_vec(),
        reference: format!("{press}/further"),
    };
    Amendment {
        findings: vec![finding("second look")],
        attachments: anew.into_iter().chain([further]).collect(),
    }
}

/// A finding with this title.
pub(crate) fn finding(title: &str) -> Finding {
    Finding {
        area: Area::Hardware,
        severity: Severity::Info,
        title: title.into(),
        detail: String::new(),
    }
}

/// What a press is owed once its report was completed so.
pub(crate) fn completed(submission: &Submission, amendment: &Amendment) -> Submission {
    let kept = submission.attachments.iter().filter(|file| {
        let replaces = |other: &Attachment| other.reference == file.reference;
        !amendment.attachments.iter().any(replaces)
    });
    Submission {
        findings: amendment.findings.clone(),
        attachments: kept.chain(&amendment.attachments).cloned().collect(),
        ..submission.clone()
    }
}

/// An examination that goes on after its press was accepted.
pub(super) struct Late {
    amendment: Amendment,
    /// Whether the store took it; none if it never came to that.
    taken: JoinHandle<Option<Result<(), StoreError>>>,
}

impl Late {
    /// Lets a press await the rest of its report, and completes that at some time: early, late, too late or never.
    pub(super) fn begin(
        disk: &Memory,
        submission: Submission,
        clock: Clock,
        rng: &mut fastrand::Rng,
    ) -> (Submission, Self) {
        let awaited = LONGEST_AWAIT.mul_f64(rng.f64());
        let submission = submission.awaiting(after(clock.now(), awaited));
        let ends = if rng.bool() {
            awaited.mul_f64(rng.f64())
        } else {
            awaited + BEYOND.mul_f64(rng.f64())
        };
        let dies = rng.u32(0..DIES) == 0;
        let (disk, press, amendment) = (disk.clone(), submission.press.id, amendment(&submission));
        let more = amendment.clone();
        let taken = tokio::spawn(async move {
            sleep(ends).await;
            if dies {
                return None;
            }
            Some(disk.amend(press, more, clock.now()).await)
        });
        (submission, Self { amendment, taken })
    }

    /// What the press is owed, and whether it was completed or that was refused.
    pub(super) async fn owed(self, submission: Submission) -> (Submission, Option<bool>) {
        let taken = self.taken.await.ok().flatten().map(|taken| taken.is_ok());
        let owed = match taken {
            Some(true) => completed(&submission, &self.amendment),
            Some(false) | None => submission,
        };
        (owed, taken)
    }
}
