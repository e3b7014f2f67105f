//! The report as one self-contained HTML file a technician reads in ten seconds.
//!
//! Opened straight out of a ticket, on a machine that can do much: so there is no JavaScript, nothing
//! is fetched, and a content security policy in the file forbids both even if an escape were
//! missed. Every text comes from a person or a foreign program; the template engine escapes all
//! of it, and the view strips invisible characters and bounds the length before.

mod facts;
mod pictures;
mod sections;
mod session;
mod sparklines;
mod table;
mod verdicts;
mod view;

use askama::Template;
use base64::{Engine, prelude::BASE64_STANDARD};
use helpbell_model::report::Report;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use view::View;

pub(crate) use session::size as monitor_size;

/// The style, in the file and in the policy's hash. Our own text, so it may pass unescaped.
const STYLE: &str = include_str!("../../templates/report.css");

/// Size of the file in bytes that no PSA in use refuses, with air below the 6 MB of the strictest one
/// known after its base64.
pub const MOST_BYTES: usize = 4_500_000;

/// What the report says beyond the examination: who asked, and in which words.
#[derive(Debug, Clone, Copy)]
pub struct HtmlContext<'a> {
    /// Heading; the ticket's summary.
    pub title: &'a str,
    /// Name of the person, as typed.
    pub person: &'a str,
    /// What is wrong, as typed; may be empty and may hold lines.
    pub message: &'a str,
    /// Texts of the ticked boxes and chosen buttons.
    pub selections: &'a [String],
    /// When the button went down.
    pub pressed_at: Timestamp,
    /// The press's reference, by which ticket and report find each other.
    pub reference: &'a str,
}

/// The file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the report could not be laid out: {0}")]
pub struct RenderError(#[from] askama::Error);

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    style: askama::filters::Safe<&'static str>,
    style_hash: String,
    view: View,
}

/// The report as HTML of at most [`MOST_BYTES`]. Pictures are embedded; those that are too large
/// become JPEG, then smaller, and their caption says so.
///
/// # Errors
///
/// [`RenderError`] if the template engine fails, which takes a failing allocation.
pub fn render(report: &Report, context: &HtmlContext<'_>) -> Result<String, RenderError> {
    let mut page = Page {
        style: askama::filters::Safe(STYLE),
        style_hash: BASE64_STANDARD.encode(Sha256::digest(STYLE)),
        view: View::of(report, context),
    };
    // Laid out twice: only the first time tells how much room the text leaves for pictures.
    let screens = view::shown(&report.screens);
    page.view.screens = view::shots(screens, Vec::new());
    let room = MOST_BYTES.saturating_sub(page.render()?.len());
    let images: Vec<_> = screens.iter().map(|screen| screen.image.as_ref()).collect();
    page.view.screens = view::shots(screens, pictures::embed(&images, room));
    Ok(page.render()?)
}

#[cfg(test)]
mod tests;
