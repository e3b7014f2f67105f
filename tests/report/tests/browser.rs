//! The page in a real browser.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use helpbell_report_tests::{
    browser::{Browser, Page},
    docs, hostile, laptop, tools, updating,
};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use proptest::{prelude::*, test_runner::TestRunner};
use std::fs;

/// Widths of a window on a monitor and of one on a telephone.
const WIDTHS: [u32; 2] = [1280, 400];

/// Tab, as the protocol numbers it.
const TAB: (&str, u32) = ("Tab", 9);

#[test]
fn the_page_does_nothing_and_asks_for_nothing() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let mut page = browser.open(&laptop::page(&laptop::report()));
    assert_eq!(page.faults(), Vec::<String>::new());
    assert_eq!(page.evaluate("document.title"), "Outlook cannot save");
}

/// A report whose every text is markup.
fn attacked() -> helpbell_model::report::Report {
    hostile::replaced(&laptop::report(), |_, _| hostile::MARKUP.to_owned())
}

#[test]
fn markup_in_every_text_stays_text() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let report = attacked();
    let mut page = browser.open(&laptop::page_saying(&report, hostile::MARKUP));
    assert_eq!(page.faults(), Vec::<String>::new());
    // It is there, and to be read.
    let shown = page.evaluate("document.body.textContent.split('<svg/onload=').length - 1");
    assert!(shown.as_u64().unwrap() > 150, "{shown}");
}

/// What the tests above must see: the page as an engine would lay it out that forgot to escape.
fn unescaped() -> String {
    let page = laptop::page_saying(&attacked(), hostile::MARKUP);
    let escaped = "&#34;&#62;&#60;svg/onload=document.title=&#39;owned&#39;&#62;&#60;img src=x \
                   onerror=document.title=&#39;owned&#39;&#62;";
    assert!(page.contains(escaped), "the control must change something");
    page.replace(escaped, hostile::MARKUP)
}

#[test]
fn without_escaping_the_policy_still_holds_and_the_tests_notice() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let mut page = browser.open(&unescaped());
    let faults = page.faults();
    assert!(
        faults.iter().any(|fault| fault.starts_with("<svg onload=")),
        "{faults:?}"
    );
    assert!(
        faults.iter().any(|fault| fault.starts_with("console: ")),
        "{faults:?}"
    );
    assert!(
        !faults.iter().any(|fault| fault == "code of others ran"),
        "{faults:?}"
    );
}

#[test]
fn without_escaping_and_policy_the_code_runs_and_the_tests_notice() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let (before, rest) = unescaped()
        .split_once("<meta http-equiv=")
        .map(|(before, rest)| (before.to_owned(), rest.to_owned()))
        .unwrap();
    let (_, after) = rest.split_once('>').unwrap();
    let mut page = browser.open(&format!("{before}{after}"));
    let faults = page.faults();
    assert!(
        faults.iter().any(|fault| fault == "code of others ran"),
        "{faults:?}"
    );
    assert!(
        faults.iter().any(|fault| fault.starts_with("asks for ")),
        "{faults:?}"
    );
}

/// The elements of a page with the names of their attributes.
fn skeleton(page: &mut Page<'_>) -> String {
    let told = page.evaluate(
        "[...document.querySelectorAll('*')].map(e => e.localName + [...e.attributes].map(a => a.name)).join('\\n')",
    );
    told.as_str().unwrap().to_owned()
}

/// Words that others have tried, and what is left of the alphabet.
fn texts() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        hostile::MARKUP,
        "</style><script>document.title='owned'</script>",
        "<!--",
        "]]>",
        "&lt;b&gt;&#0;&#x3c;script&#x3e;",
        "{{ 7 * 7 }}",
        "' onmouseover='document.title=1",
        "javascript:document.title='owned'",
        "\u{202e}\u{2066}\u{200f}",
        "\u{0}\u{1b}[31m\u{7f}\u{85}",
        "\u{feff}\u{2028}",
        "مرحبا 🖨️ 漢字",
    ]);
    prop::collection::vec(prop_oneof![parts.prop_map(str::to_owned), any::<String>()], 1..4)
        .prop_map(|parts| parts.concat())
}

#[test]
fn no_text_anywhere_changes_an_element_of_the_page() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let report = laptop::report();
    let plain = hostile::replaced(&report, |_, _| "x".to_owned());
    let wanted = skeleton(&mut browser.open(&laptop::page_saying(&plain, "x")));
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let browser = std::cell::RefCell::new(browser);
    runner
        .run(&prop::collection::vec(texts(), 1..6), |texts| {
            // An `x` before it: a text of invisible characters alone is no text, and leaves its row out.
            let report = hostile::replaced(&report, |index, _| format!("x{}", texts[index % texts.len()]));
            let mut browser = browser.borrow_mut();
            let mut page = browser.open(&laptop::page_saying(&report, &format!("x{}", texts[0])));
            prop_assert_eq!(page.faults(), Vec::<String>::new());
            prop_assert_eq!(skeleton(&mut page), wanted.clone());
            let invisible = "/[\\u202a-\\u202e\\u2066-\\u2069\\u200e\\u200f\\u0000-\\u0008\\u001b]/";
            prop_assert_eq!(
                page.evaluate(&format!("{invisible}.test(document.body.textContent)")),
                false
            );
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_picture_opens_in_full_at_a_click_and_closes_again() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let mut page = browser.open(&laptop::page(&laptop::report()));
    page.look(1280, 900, false);
    let thumbnail = page.evaluate("document.querySelector('a.frame img').naturalWidth");
    assert_eq!(thumbnail, 480);
    let seen = "(() => { const r = document.querySelector('.full img').getBoundingClientRect();
                return [r.width, r.height].map(Math.round); })()";
    assert_eq!(page.evaluate(seen), serde_json::json!([0, 0]));
    page.click("a.frame");
    // Fit into the window: 16 pixels are left on each side.
    assert_eq!(page.evaluate(seen), serde_json::json!([1248, 702]));
    assert_eq!(
        page.evaluate("document.querySelector('.full img').naturalWidth"),
        2560
    );
    page.click(".full .enlarge");
    assert_eq!(page.evaluate(seen), serde_json::json!([2560, 1440]));
    page.click(".full .reduce");
    assert_eq!(page.evaluate(seen), serde_json::json!([1248, 702]));
    page.click(".full .close");
    assert_eq!(page.evaluate(seen), serde_json::json!([0, 0]));
    assert_eq!(page.faults(), Vec::<String>::new());
}

#[test]
fn the_keyboard_reaches_everything_and_shows_where_it_is() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let mut page = browser.open(&laptop::page(&laptop::report()));
    page.look(1280, 900, false);
    let focusable = "document.querySelectorAll('.tile a, a.frame, summary').length";
    let wanted = page.evaluate(focusable).as_u64().unwrap();
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..wanted {
        page.key(TAB.0, TAB.1);
        let focus = page.evaluate(
            "(() => { const e = document.activeElement;
               const marked = [getComputedStyle(e), getComputedStyle(e, '::after')].some(s => s.outlineStyle !== 'none');
               return [e.localName + ' ' + e.textContent.trim(), marked]; })()",
        );
        assert_eq!(focus[1], true, "{focus}");
        reached.insert(focus.to_string());
    }
    assert_eq!(reached.len() as u64, wanted, "{reached:#?}");
}

#[test]
fn a_print_has_the_pictures_in_full_and_all_details() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let mut page = browser.open(&laptop::page(&laptop::report()));
    page.as_printed();
    let missing = page.evaluate(
        "[...document.querySelectorAll('td, tbody th, .charts svg, .full img')]
           .filter(e => !e.checkVisibility({contentVisibilityAuto: true, opacityProperty: true, visibilityProperty: true})
             || e.getBoundingClientRect().height === 0).length",
    );
    assert_eq!(missing, 0);
    assert_eq!(
        page.evaluate("document.querySelector('a.frame').checkVisibility()"),
        false
    );
    // A picture as wide as the page it is printed on.
    let share = page.evaluate(
        "document.querySelector('.full img').getBoundingClientRect().width / document.querySelector('main').clientWidth",
    );
    assert!(share.as_f64().unwrap() > 0.9, "{share}");
    let pdf = page.pdf();
    assert!(pdf.starts_with(b"%PDF-"), "{} bytes", pdf.len());
    // One page would hold none of the details.
    let pages = pdf.windows(12).filter(|bytes| bytes == b"/Type /Page\n").count();
    assert!(pages >= 6, "{pages} pages");
}

#[test]
fn nothing_is_wider_than_a_narrow_window() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let mut page = browser.open(&laptop::page(&attacked()));
    for width in WIDTHS {
        page.look(width, 900, false);
        page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)");
        assert_eq!(page.evaluate("document.documentElement.scrollWidth"), width);
    }
}

#[test]
fn axe_finds_nothing_whatever_the_window_and_the_light() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let Some(axe) = tools::axe() else { return };
    let mut page = browser.open(&laptop::page(&laptop::report()));
    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)");
    for width in WIDTHS {
        for dark in [false, true] {
            page.look(width, 900, dark);
            assert_eq!(
                page.violations(&axe),
                Vec::<String>::new(),
                "{width} wide, dark: {dark}"
            );
        }
    }
    page.click("a.frame");
    assert_eq!(
        page.violations(&axe),
        Vec::<String>::new(),
        "with an open picture"
    );
}

/// A page with one fault for each examiner.
const FAULTY: &str = "<!DOCTYPE html><html><head><title>x</title></head><body><h1>a</h1><h4>b</h4>\
                      <img src=\"data:image/gif;base64,R0lGODlhAQABAAAAACw=\"><p style=\"color:#aaa;background:#fff\">pale</p>\
                      <div><li>lost</li></div><p id=\"a\"></p><p id=\"a\"></p></body></html>";

#[test]
fn axe_and_the_validator_find_the_faults_of_a_faulty_page() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let (Some(axe), Some(invalid)) = (tools::axe(), tools::invalid(FAULTY)) else {
        return;
    };
    let found = browser.open(FAULTY).violations(&axe).join("\n");
    for rule in ["html-has-lang", "image-alt", "color-contrast", "listitem"] {
        assert!(found.contains(rule), "{rule}: {found}");
    }
    let invalid = invalid.join("\n");
    for rule in ["no-dup-id", "element-permitted-parent", "wcag/h37"] {
        assert!(invalid.contains(rule), "{rule}: {invalid}");
    }
}

#[test]
fn the_page_is_valid_html() {
    for report in [
        laptop::report(),
        attacked(),
        helpbell_model::report::Report::new("2026-11-23T09:41:07Z".parse().unwrap()),
    ] {
        let Some(invalid) = tools::invalid(&laptop::page(&report)) else {
            return;
        };
        assert_eq!(invalid, Vec::<String>::new());
    }
}

/// Keeps a picture in the docs, encoded with more care than the browser takes.
fn keep(name: &str, png: &[u8]) {
    let picture = image::load_from_memory(png).unwrap().into_rgb8();
    let file = fs::File::create(docs().join("pictures").join(name)).unwrap();
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
    picture.write_with_encoder(encoder).unwrap();
}

/// The pictures in the docs show the page as it is now, as far as a test can tell: they are there, and not large. With
/// `HELPBELL_UPDATE_DOCS=1` they are taken anew.
#[test]
fn the_docs_have_pictures_of_the_page() {
    /// More would be a burden to whoever clones the project.
    const MOST_BYTES: u64 = 300_000;
    let names = ["report.png", "report-dark.png", "report-print.png"];
    if updating() {
        let Some(mut browser) = Browser::start() else {
            return;
        };
        let mut page = browser.open(&laptop::page(&laptop::report()));
        for (name, dark) in [(names[0], false), (names[1], true)] {
            page.look(1280, 1400, dark);
            keep(name, &page.screenshot());
        }
        // The width of A4 at the browser's 96 pixels an inch.
        page.look(794, 1123, false);
        page.as_printed();
        keep(names[2], &page.screenshot());
    }
    for name in names {
        let size = fs::metadata(docs().join("pictures").join(name)).unwrap().len();
        assert!((10_000..MOST_BYTES).contains(&size), "{name} has {size} bytes");
    }
}
