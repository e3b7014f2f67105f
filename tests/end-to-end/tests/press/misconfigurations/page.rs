//! The page that the rows are written to, and the comparison with the committed one.

use super::{
    outcome::{Failed, Found, Outcome},
    row::Row,
};
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// Set to anything, the page is written instead of compared.
const UPDATE: &str = "HELPBELL_UPDATE_DOCS";
/// How.
const COMMAND: &str = "HELPBELL_UPDATE_DOCS=1 cargo test --package helpbell-end-to-end --test press misconfigurations_are_named";
/// The page.
const FILE: &str = "halo-misconfigurations.md";

/// The folder of the documentation.
pub(super) fn docs() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    package.join("../../docs")
}

/// Compares the page with the committed one, or writes it anew.
///
/// # Panics
/// If they differ.
#[track_caller]
pub(super) fn compare(made: &[(&Row, Outcome)]) {
    let (page, path) = (page(made), docs().join(FILE));
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, page).unwrap();
        return;
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    if let Some(difference) = difference(&committed, &page) {
        panic!(
            "docs/{FILE} does not say what the programs say; read what changed and write it anew:\n  {COMMAND}\n{difference}"
        );
    }
}

/// The first line in which two texts differ.
fn difference(committed: &str, page: &str) -> Option<String> {
    if committed == page {
        return None;
    }
    let (mut old, mut new) = (committed.lines(), page.lines());
    let mut line = 0;
    loop {
        line += 1;
        match (old.next(), new.next()) {
            (Some(old), Some(new)) if old == new => {}
            (None, None) => return Some("the line ends differ".to_owned()),
            (old, new) => {
                let shown = |line: Option<&str>| line.unwrap_or("(nothing)").to_owned();
                return Some(format!("line {line}\n- {}\n+ {}", shown(old), shown(new)));
            }
        }
    }
}

fn page(made: &[(&Row, Outcome)]) -> String {
    let mut page = String::from(
        "# What can be set up wrongly in Halo, and what Helpbell says of it\n\n\
         <!-- Written by the tests from what the programs said; change the rows there, not this page. -->\n\n\
         Each row is a local Halo that was set up wrongly in just this way, `helpbell doctor`, and `helpbell press`. Quoted are the\n\
         words of the guide that MSPs follow. A finding links to the paragraph of [HaloPSA in 15 minutes](halo.md) that cures it; of its\n\
         steps the first is shown. A press that has no ticket is kept on the computer, and goes out once the cause is mended. `halo.example` stands for the Halo, `portal.example` for a web page that is none,\n\
         `nothing.example` for an address where nothing listens.\n",
    );
    for (row, outcome) in made {
        if let Some(heading) = row.heading {
            let _ = write!(
                page,
                "\n## {heading}\n\n| what is wrong | `helpbell doctor` | `helpbell press` |\n|---|---|---|\n"
            );
        }
        let _ = writeln!(
            page,
            "| {} | {} | {} |",
            wrong(row),
            doctor(row, outcome),
            press(outcome)
        );
    }
    page
}

/// Text in a cell of a table, with nothing of Markdown's or HTML's own in it.
fn cell(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '|' => escaped.push_str("\\|"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '*' | '_' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            '\n' => escaped.push_str("<br>"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

fn wrong(row: &Row) -> String {
    let guide = match row.guide {
        "" => String::new(),
        guide => format!("<br>“{}”", cell(guide)),
    };
    format!("{}{guide}", cell(row.wrong))
}

fn doctor(row: &Row, outcome: &Outcome) -> String {
    let lead = if row.writes {
        "With `--write-test`:<br>"
    } else {
        ""
    };
    // That something could not be examined because of a problem says nothing about the row.
    let shown = outcome
        .findings
        .iter()
        .filter(|finding| finding.check != "not-examined");
    let findings: Vec<String> = shown.map(finding).collect();
    let nothing = || "nothing amiss".to_owned();
    let found = if findings.is_empty() {
        nothing()
    } else {
        findings.join("<br>")
    };
    format!("{lead}{found}")
}

fn finding(finding: &Found) -> String {
    let link = Path::new(&finding.guide)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut told = format!(
        "**{}** [{}]({link}): {}",
        finding.severity,
        finding.check,
        cell(&finding.summary)
    );
    if let Some(first) = finding.cure.first() {
        let _ = write!(told, " → {}", cell(first));
    }
    if let Some(suggestion) = &finding.suggestion {
        let _ = write!(told, " Try {}", cell(suggestion));
    }
    told
}

fn press(outcome: &Outcome) -> String {
    let mut told = match outcome.end.as_str() {
        "delivered" => "Ticket and private note.".to_owned(),
        "note-missing" if outcome.on_ticket => {
            "Ticket without its note; the report is on the ticket itself.".to_owned()
        }
        "note-missing" => "Ticket without its note.".to_owned(),
        _ => "No ticket yet; the press is kept.".to_owned(),
    };
    for failure in outcome.failure.iter().chain(&outcome.problems) {
        let _ = write!(told, "<br>{}", failed(failure));
    }
    for correction in &outcome.corrections {
        let _ = write!(told, "<br>Not taken: {}", cell(correction));
    }
    for missing in &outcome.missing {
        let _ = write!(told, "<br>({missing})");
    }
    told
}

fn failed(failure: &Failed) -> String {
    format!(
        "`{}`: {} → {}",
        failure.code,
        cell(&failure.message),
        cell(&failure.help)
    )
}

#[test]
fn a_cell_holds_any_text_and_stays_a_cell() {
    assert_eq!(
        cell("a|b\nHardware>Desktop *x* <b>"),
        "a\\|b<br>Hardware&gt;Desktop \\*x\\* &lt;b&gt;"
    );
}

#[test]
fn the_first_difference_is_shown_with_its_line() {
    assert_eq!(difference("a\nb\n", "a\nb\n"), None);
    let told = difference("a\nb\n", "a\nc\n").unwrap();
    assert!(
        told.contains("line 2") && told.contains("- b") && told.contains("+ c"),
        "{told}"
    );
    assert!(difference("a\n", "a\nb\n").unwrap().contains("(nothing)"));
}
