//! The files that go with a press.

use crate::{error::AppError, gathering::Gathered};
use helpbell_diagnostics::{html, json};
use helpbell_model::{Attachment, DeviceFacts, Press, report::Report, text};
use std::path::Path;

/// Characters of a host name in a file name.
const HOST_IN_NAME_CHARS: usize = 40;

/// A file given with `--attach` may be so large: as much as the strictest PSA in use takes.
const ATTACHED_BYTES: u64 = 6 << 20;

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

/// The files for the private note: the report, and what scripts left.
pub(crate) fn files(gathered: &Gathered, press: &Press) -> Result<Vec<Attachment>, AppError> {
    let report = &gathered.report;
    let mut files = vec![
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
    ];
    for (index, (name, bytes)) in gathered.files.iter().enumerate() {
        files.push(Attachment {
            name: name.clone(),
            content_type: "application/octet-stream".into(),
            bytes: bytes.clone(),
            reference: format!("{}/script-{index}", press.id),
        });
    }
    Ok(files)
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
