//! What a technician has to know of probes that brought nothing.

use super::in_words;
use helpbell_model::report::{Area, Finding, ProbeStatus, Severity};
use std::time::Duration;

/// A gap as a finding. What a system cannot tell at all is no news.
pub(super) fn gap(
    subject: &str,
    area: Area,
    hard: Duration,
    status: ProbeStatus,
    note: &str,
) -> Option<Finding> {
    let (severity, title) = match status {
        ProbeStatus::Ok | ProbeStatus::Unsupported => return None,
        ProbeStatus::Pending => (Severity::Info, format!("Still examining {subject}")),
        ProbeStatus::Timeout => (
            Severity::Warning,
            format!("No answer about {subject} within {}", in_words(hard)),
        ),
        ProbeStatus::Denied => (Severity::Info, format!("Not allowed to examine {subject}")),
        ProbeStatus::Error => (Severity::Warning, format!("Could not examine {subject}")),
    };
    let detail = match status {
        ProbeStatus::Timeout => {
            "A system that hangs on such a question often hangs for the person too.".to_owned()
        }
        ProbeStatus::Pending => "The answer was not in when the report was written, and follows.".to_owned(),
        _ => format!("The probe said: {note}."),
    };
    Some(Finding {
        area,
        severity,
        title,
        detail,
    })
}

/// One finding for everything that answered late.
pub(super) fn slow(answers: &[(&'static str, Duration)]) -> Option<Finding> {
    if answers.is_empty() {
        return None;
    }
    let told: Vec<String> = answers
        .iter()
        .map(|(subject, took)| format!("{subject} ({:.1} s)", took.as_secs_f64()))
        .collect();
    Some(Finding {
        area: Area::Software,
        severity: Severity::Info,
        title: "This computer answers slowly".to_owned(),
        detail: format!("It took longer than usual to tell of {}.", told.join(", ")),
    })
}
