//! What a press gathers by itself: screens, examination, report files.

use crate::{commands::Places, config::Config, error::AppError};
use helpbell_diagnostics::{Examination, Isolation, Limits, Scope, capture, html, json};
use helpbell_model::{
    Attachment, DeviceFacts, Press,
    report::{Report, Screen},
    text,
};
use std::path::Path;

/// Characters of a host name in a file name.
const HOST_IN_NAME_CHARS: usize = 40;

/// A file given with `--attach` may be so large: as much as the strictest PSA in use takes.
const ATTACHED_BYTES: u64 = 6 << 20;

/// The screens, at once: before anything of ours covers them.
pub(crate) async fn screens(wanted: bool) -> Vec<Screen> {
    if !wanted {
        return vec![];
    }
    tokio::task::spawn_blocking(|| capture::screens(Limits::default()))
        .await
        .unwrap_or_default()
}

/// The examination begins; it goes on in the background.
pub(crate) fn begin_examination(here: &Places) -> Examination {
    Examination::begin(Limits::default(), scope(here), isolation())
}

/// The whole examination; it takes up to a few seconds, in the background.
pub(crate) fn examination(here: &Places) -> tokio::task::JoinHandle<Report> {
    let examination = begin_examination(here);
    tokio::task::spawn_blocking(move || examination.complete())
}

/// What may be looked at, as far as the configuration can be read: one that is broken is told elsewhere, and costs no
/// examination.
pub(crate) fn scope(here: &Places) -> Scope {
    Config::read(&here.config)
        .map(|config| config.diagnosis.scope)
        .unwrap_or_default()
}

/// This program asks what may hang in a process of its own.
fn isolation() -> Isolation {
    std::env::current_exe().map_or_else(|_| Isolation::none(), Isolation::by)
}

/// What the machine says of itself, from the examination.
pub(crate) fn device_facts(report: &Report) -> DeviceFacts {
    helpbell_diagnostics::facts_of(&report.machine)
}

/// The report as a page.
pub(crate) fn page(report: &Report, press: &Press) -> Result<String, AppError> {
    let title = if press.message.trim().is_empty() {
        "Examination without a press".to_owned()
    } else {
        text::first_words(&press.message, 80)
    };
    let context = html::HtmlContext {
        title: &title,
        person: &press.person.name,
        message: &press.message,
        selections: &press.selections,
        pressed_at: press.pressed_at,
        reference: &press.id.to_string(),
    };
    html::render(report, &context).map_err(|error| AppError::Report(error.to_string()))
}

/// The report as JSON.
pub(crate) fn data(report: &Report) -> Result<String, AppError> {
    json::render(report).map_err(|error| AppError::Report(error.to_string()))
}

/// A report that was written as JSON before.
pub(crate) fn earlier(path: &Path) -> Result<Report, AppError> {
    std::fs::File::open(path)
        .map_err(json::ReadError::from)
        .and_then(json::read)
        .map_err(|source| AppError::Unreadable {
            path: path.to_owned(),
            source,
        })
}

/// `helpbell-report-PC-7-20261123-0930.html`: unique enough in a ticket, and says whose it is.
pub(crate) fn file_name(report: &Report, press: &Press, ending: &str) -> String {
    let host: String = device_facts(report)
        .hostname
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(HOST_IN_NAME_CHARS)
        .collect();
    format!(
        "helpbell-report-{host}-{}.{ending}",
        press.pressed_at.strftime("%Y%m%d-%H%M%S")
    )
}

/// The report's files for the private note.
pub(crate) fn report_files(report: &Report, press: &Press) -> Result<Vec<Attachment>, AppError> {
    Ok(vec![
        Attachment {
            name: file_name(report, press, "html"),
            content_type: "text/html; charset=utf-8".into(),
            bytes: page(report, press)?.into_bytes(),
            reference: format!("{}/report.html", press.id),
        },
        Attachment {
            name: file_name(report, press, "json"),
            content_type: "application/json".into(),
            bytes: data(report)?.into_bytes(),
            reference: format!("{}/report.json", press.id),
        },
    ])
}

/// Reads a file to be attached.
pub(crate) fn attached(path: &Path, press: &Press, index: usize) -> Result<Attachment, AppError> {
    let size = std::fs::metadata(path)
        .map_err(AppError::file("read", path))?
        .len();
    if size > ATTACHED_BYTES {
        return Err(AppError::usage(
            format!(
                "{} has {size} bytes, more than the {ATTACHED_BYTES} that may be attached",
                path.display()
            ),
            "put it where your technician can fetch it and say where in the message",
        ));
    }
    let name = path.file_name().map_or_else(
        || "file".into(),
        |name| text::one_line(&name.to_string_lossy(), 120),
    );
    Ok(Attachment {
        name,
        content_type: "application/octet-stream".into(),
        bytes: std::fs::read(path).map_err(AppError::file("read", path))?,
        reference: format!("{}/attached-{index}", press.id),
    })
}
