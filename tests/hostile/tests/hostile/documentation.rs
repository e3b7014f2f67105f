//! `docs/hostile-connectors.md` tells what the tests saw.

use crate::{answers, computing, files, host_calls, program, requests, signing_in, table::Class};
use std::{fmt::Write as _, fs, path::Path};

/// Fewer attacks than this are not what the area is for.
const ATTACKS: usize = 100;
/// Set to rewrite the page.
const UPDATE: &str = "HELPBELL_UPDATE_DOCS";

const INTRODUCTION: &str = "\
# What hostile connectors come to

A connector is a file that somebody else wrote. The suite attacks the host with connectors made for it; this page is
written by the suite and tells what came of each attack, in the words an operator reads where there are any (in quotes).
In all cases the host goes on, another connector on the same engine files its ticket meanwhile, and no server is
reached that was not granted.

Codes that begin with `host.` are Helpbell's own; no connector can use them.

Run it with `cargo xtask test --only hostile`. After a change that is meant, write the page anew with
`HELPBELL_UPDATE_DOCS=1 cargo test -p helpbell-hostile`.
";

fn page(classes: &[&Class]) -> String {
    let mut page = INTRODUCTION.to_owned();
    for class in classes {
        let about = class.about.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = write!(
            page,
            "\n## {}\n\n{about}\n\n| the connector | what comes of it |\n|---|---|\n",
            class.title
        );
        for row in &class.rows {
            let _ = writeln!(page, "| {} | {} |", cell(row.does), cell(&row.outcome));
        }
    }
    page
}

/// Text within a table.
fn cell(text: &str) -> String {
    text.replace('\n', " ")
        .replace('|', "\\|")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// All attacks, made once per process.
fn classes() -> [&'static Class; 7] {
    [
        computing::class(),
        host_calls::class(),
        requests::class(),
        signing_in::class(),
        answers::class(),
        files::class(),
        program::class(),
    ]
}

#[test]
fn the_page_tells_what_came_of_every_attack() {
    let classes = classes();
    let attacks: usize = classes.iter().map(|class| class.rows.len()).sum();
    assert!(attacks >= ATTACKS, "{attacks} attacks");
    let page = page(&classes);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/hostile-connectors.md");
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&file, page).unwrap();
        return;
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    let different = page
        .lines()
        .zip(committed.lines())
        .find(|(seen, told)| seen != told);
    assert!(
        page == committed,
        "docs/hostile-connectors.md tells something else than what happened; if that is meant, run: {UPDATE}=1 cargo test -p helpbell-hostile\nfirst difference (seen, told): {different:#?}"
    );
}
