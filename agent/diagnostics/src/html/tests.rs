//! What the whole page promises.

use super::*;
use crate::{
    fixtures::office_laptop,
    html::pictures::tests::{encoded, noise},
};
use helpbell_model::report::Screen;
use image::{Rgb, RgbImage};

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The laptop with one picture and one that came out black.
fn report() -> Report {
    let mut report = office_laptop();
    let picture = RgbImage::from_fn(2, 1, |x, _| {
        if x == 0 {
            Rgb([220, 30, 40])
        } else {
            Rgb([20, 90, 200])
        }
    });
    report.screens[0].image = Some(encoded(picture));
    report
}

fn context<'a>(selections: &'a [String]) -> HtmlContext<'a> {
    HtmlContext {
        title: "Outlook cannot save",
        person: "Maria Rossi",
        message: "Outlook says \"disk full\" when I save.\n\nSince this morning <9 o'clock>.",
        selections,
        pressed_at: moment("2026-11-23T09:41:02Z"),
        reference: "0193-6f7e",
    }
}

fn page(report: &Report) -> String {
    render(
        report,
        &context(&["Just me".to_owned(), "I can't work at all".to_owned()]),
    )
    .unwrap()
}

#[test]
fn the_page_of_a_fixed_report_stays_what_it_is() {
    // The style has its own file; in the snapshot it would only hide the page.
    let page = page(&report()).replace(STYLE, "(style)");
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    insta::assert_snapshot!(page.replace(&hash, "(hash)"));
}

#[test]
fn the_policy_names_the_hash_of_the_very_style_in_the_file() {
    let page = page(&report());
    let style = page
        .split_once("<style>")
        .unwrap()
        .1
        .split_once("</style>")
        .unwrap()
        .0;
    let hash = BASE64_STANDARD.encode(Sha256::digest(style));
    let policy = format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; \
         style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">"
    );
    assert!(page.contains(&policy), "the policy does not match the style");
    assert!(
        page.find(&policy) < page.find("<style>"),
        "the policy must stand before what it governs"
    );
}

#[test]
fn the_page_holds_nothing_that_runs_or_fetches() {
    let page = page(&report()).to_lowercase();
    let tags: Vec<&str> = page
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(tag, _)| tag)
        .collect();
    assert!(tags.len() > 500, "{}", tags.len());
    for tag in &tags {
        for forbidden in ["script", "link", "iframe", "object", "embed", "form", "base"] {
            assert!(!tag.starts_with(forbidden), "{tag}");
        }
        for forbidden in [" style=", " on", " srcset=", " action="] {
            assert!(!without_values(tag).contains(forbidden), "{tag}");
        }
    }
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    assert_eq!(
        page.matches("src=\"").count(),
        page.matches("src=\"data:image/").count()
    );
    assert_eq!(page.matches("href=\"").count(), page.matches("href=\"#").count());
}

/// A tag with the values of its attributes taken out.
fn without_values(tag: &str) -> String {
    tag.split('"').step_by(2).collect()
}

#[test]
fn three_noisy_4k_screens_fit_into_the_page_and_none_is_lost() {
    let mut report = office_laptop();
    let screen = Screen {
        image: Some(noise(3840, 2160)),
        ..report.screens[0].clone()
    };
    report.screens = vec![screen; 3];
    let page = page(&report);
    assert!(page.len() <= MOST_BYTES, "{}", page.len());
    // Each as a thumbnail and in full.
    assert_eq!(page.matches("src=\"data:image/jpeg;base64,").count(), 6);
    let notes: Vec<&str> = page
        .split("<figcaption>")
        .skip(1)
        .filter_map(|rest| rest.split_once("</figcaption>"))
        .map(|(caption, _)| caption)
        .collect();
    let reduced = |caption: &&&str| caption.contains("Compressed and reduced to 37 %");
    assert_eq!(notes.iter().filter(reduced).count(), 3, "{notes:?}");
}

#[test]
fn a_report_with_everything_in_it_is_small_without_pictures() {
    let mut report = report();
    report.screens.clear();
    assert!(page(&report).len() < 200_000);
}

#[test]
fn a_report_that_knows_nothing_is_still_a_page() {
    let page = render(
        &Report::new(Timestamp::UNIX_EPOCH),
        &HtmlContext {
            title: "",
            person: "",
            message: "",
            ..context(&[])
        },
    )
    .unwrap();
    assert!(page.contains("Help requested") && page.contains("Nothing was written."));
    assert_eq!(page.matches("Not examined").count(), 4);
}

#[test]
fn the_words_of_the_person_keep_their_lines_and_their_script() {
    let context = HtmlContext {
        message: "Zeile eins\r\n\r\nالسطر الثاني 🖨️",
        ..context(&[])
    };
    let page = render(&report(), &context).unwrap();
    assert!(page.contains("<blockquote dir=\"auto\">Zeile eins\n\nالسطر الثاني 🖨️</blockquote>"));
}
