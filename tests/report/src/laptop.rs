//! The made-up laptop of all these tests, and pages of it.

use helpbell_diagnostics::html::{self, HtmlContext};
use helpbell_model::report::{Report, ScreenImage};
use image::{ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

/// Its report as JSON.
pub const JSON: &str = include_str!("../../../agent/diagnostics/fixtures/office-laptop.json");

/// One of the same laptop as version 1 wrote it.
pub const VERSION_1: &str = include_str!("../../../agent/diagnostics/fixtures/version-1.json");

/// Its report, every field filled, with pictures of both screens.
///
/// # Panics
/// If it cannot be read.
#[must_use]
pub fn report() -> Report {
    let mut report: Report = serde_json::from_str(JSON).unwrap();
    report.screens[0].image = Some(picture(2560, 1440));
    report
}

/// A page as a press makes it.
///
/// # Panics
/// If it cannot be laid out.
#[must_use]
pub fn page(report: &Report) -> String {
    page_saying(
        report,
        "Outlook says \"disk full\" when I save.\n\nSince this morning, and printing does not work either.",
    )
}

/// The same with other words of the person.
///
/// # Panics
/// If it cannot be laid out.
#[must_use]
pub fn page_saying(report: &Report, message: &str) -> String {
    let selections = ["Just me".to_owned(), "I can't work at all right now".to_owned()];
    let context = HtmlContext {
        title: "Outlook cannot save",
        person: "Maria Rossi",
        message,
        selections: &selections,
        pressed_at: "2026-11-23T09:41:02Z".parse().unwrap(),
        reference: "01936f7e-8c2a-7b3d-9e4f-5a6b7c8d9e0f",
    };
    html::render(report, &context).unwrap()
}

/// A desktop: a window with lines of text, a bar below.
fn picture(width: u32, height: u32) -> ScreenImage {
    let desk = RgbImage::from_fn(width, height, |x, y| {
        let (column, row) = (x * 100 / width, y * 100 / height);
        // Words of several lengths, line by line.
        let text = (y / 14) % 3 == 0 && (x / 20 + y / 42 * 7) % 9 > 1;
        match (column, row) {
            (_, 96..) => Rgb([32, 38, 48]),
            (14..=86, 10..=14) => Rgb([29, 95, 168]),
            (18..=74, 20..=84) if text => Rgb([70, 80, 92]),
            (14..=86, 15..=90) => Rgb([252, 252, 253]),
            _ => Rgb([88, 116, 148]),
        }
    });
    let mut bytes = Vec::new();
    desk.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .unwrap();
    ScreenImage {
        content_type: "image/png".to_owned(),
        bytes,
    }
}
