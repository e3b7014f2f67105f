//! `docs/hostile-connectors.md` tells what the tests saw.

use crate::{
    answers, computing, files, host_calls, program, requests, signing_in,
    table::{Class, beside_the_neighbour},
};
use helpbell_hostile::{house, scene::Scene};
use std::{fmt::Write as _, fs, path::Path, thread, time::Duration};

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

/// Half of what one connector may take: what is made below would leave gigabytes if anything of it stayed.
const LEFT_OVER_MIB: usize = 64;
/// A page of memory as `/proc` counts it, in KiB.
const PAGE_KIB: usize = 4;
/// How often each attack is repeated.
const REPETITIONS: usize = 10;
/// Tests beside this one hold memory for a while; so often is looked whether they are done.
const LOOKS: u32 = 600;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// Attacks that take much, each in its own way, and end quickly.
const GREEDY: [&str; 6] = [
    "memory-in-pieces",
    "recursion",
    "log-flood",
    "resource-flood",
    "answers-huge",
    "answers-aliased",
];

/// Mebibytes of memory that this process has in use.
fn resident_mib() -> usize {
    let counts = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = counts.split(' ').nth(1).unwrap().parse().unwrap();
    pages * PAGE_KIB / 1024
}

/// All attacks that take much, many times.
fn greedy_attacks() {
    house::run(async {
        for attack in GREEDY {
            let repeated = (0..REPETITIONS).map(|_| async move {
                let _ = Scene::of(attack).await.create().await;
            });
            beside_the_neighbour(repeated).await;
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn memory_returns_to_its_level_after_attacks() {
    // Once, so that what is kept on purpose (compiled code, the allocator's reserves for just these attacks) is there.
    classes();
    greedy_attacks();
    let level = resident_mib();
    // The control: what somebody holds is seen.
    let held = std::hint::black_box(vec![1_u8; (2 * LEFT_OVER_MIB) << 20]);
    assert!(
        resident_mib() > level + LEFT_OVER_MIB,
        "memory in use is not seen"
    );
    drop(held);
    greedy_attacks();
    let returned = (0..LOOKS).any(|_| {
        thread::sleep(LOOK);
        resident_mib() <= level + LEFT_OVER_MIB
    });
    assert!(returned, "{} MiB in use, {level} MiB before", resident_mib());
}
