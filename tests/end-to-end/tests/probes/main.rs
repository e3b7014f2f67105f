//! Each probe fails in each way, one press at a time: every press becomes one ticket with one private note, and report and
//! note name what failed.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on stops"
)]

use futures::{StreamExt as _, stream};
use helpbell_end_to_end::{
    Desk, FAULTS, LEFT_OUT,
    tickets::assert_no_violations,
    world::{self, MARIAS_SITE},
};
use serde_json::Value;
use std::{collections::BTreeSet, fs};

/// Presses side by side: those that wait for a probe that hangs need no processor.
const SIDE_BY_SIDE: usize = 4;

/// A way to fail, the status in the probe log, and the words of the finding before the probe's subject.
const WAYS: [(&str, &str, &str); 4] = [
    ("hang", "timeout", "No answer about"),
    ("fail", "error", "Could not examine"),
    ("panic", "error", "Could not examine"),
    ("denied", "denied", "Not allowed to examine"),
];

/// One press.
struct Case {
    probe: String,
    subject: String,
    way: (&'static str, &'static str, &'static str),
    faults: String,
}

/// The probes that this configuration asks, with what each is about.
async fn probes(desk: &Desk) -> Vec<(String, String)> {
    let listed = desk.run(&["probe", "--list"]).await.expect(0).stdout;
    let line = |line: &str| {
        let (name, subject) = line.split_once(' ').unwrap();
        (name.to_owned(), subject.trim().to_owned())
    };
    listed.lines().map(line).collect()
}

async fn cases(desk: &Desk) -> Vec<Case> {
    let here: BTreeSet<String> = probes(desk).await.into_iter().map(|(name, _)| name).collect();
    // Nothing beyond this machine is asked: of the probes that would, one fails as it shall and the others at once.
    desk.edit("network = false", "network = true");
    let all = probes(desk).await;
    let beyond: Vec<&String> = all
        .iter()
        .map(|(name, _)| name)
        .filter(|name| !here.contains(*name))
        .collect();
    assert!(!beyond.is_empty() && !here.is_empty());
    let mut cases = Vec::new();
    for (probe, subject) in &all {
        for way in WAYS {
            let mut faults = vec![format!("{probe}={}", way.0)];
            faults.extend(
                beyond
                    .iter()
                    .filter(|name| **name != probe)
                    .map(|name| format!("{name}=fail")),
            );
            faults.push(LEFT_OUT.to_owned());
            cases.push(Case {
                probe: probe.clone(),
                subject: subject.clone(),
                way,
                faults: faults.join(","),
            });
        }
    }
    cases
}

/// Presses, and gives the ticket's id and the report.
async fn pressed(desk: &Desk, case: &Case) -> (i64, Value) {
    let folder = desk.path(&format!("{}-{}", case.probe, case.way.0));
    let run = desk
        .press()
        .about(&format!("{} does {}", case.probe, case.way.0))
        .option("--report-to", &folder.display().to_string())
        .flag("--no-screens")
        .under(FAULTS, &case.faults)
        .now()
        .await
        .expect(0);
    let ticket = run.json()["ticket"]["id"].as_str().unwrap().parse().unwrap();
    let report = fs::read_dir(folder)
        .unwrap()
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .find_map(|file| serde_json::from_slice(&file).ok())
        .unwrap();
    (ticket, report)
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_probe_fails_in_whichever_way_the_press_gets_its_ticket_and_the_report_names_it() {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    // A hundred presses within a minute are more than a Halo takes, which others test.
    halo.adjust(|behaviour| behaviour.rate_limit = None).unwrap();
    let desk = Desk::at(&halo).await;
    let cases = cases(&desk).await;
    assert!(cases.len() >= 100, "{} presses", cases.len());
    let reports: Vec<(Case, i64, Value)> = stream::iter(cases)
        .map(|case| async {
            let (ticket, report) = pressed(&desk, &case).await;
            (case, ticket, report)
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .collect()
        .await;

    let ledger = halo.ledger();
    assert_no_violations(&ledger);
    assert_eq!(
        (ledger.tickets.len(), ledger.actions.len()),
        (reports.len(), reports.len())
    );
    let tickets: BTreeSet<i64> = reports.iter().map(|(_, ticket, _)| *ticket).collect();
    assert_eq!(tickets.len(), reports.len(), "each press has a ticket of its own");
    for (case, ticket, report) in &reports {
        let (_, status, words) = case.way;
        let probes = report["probes"].as_array().unwrap();
        let run = probes.iter().find(|run| run["name"] == *case.probe).unwrap();
        assert_eq!(
            run["status"], status,
            "{} made to {}: {run}",
            case.probe, case.way.0
        );
        let title = format!("{words} {}", case.subject);
        let findings = report["findings"].as_array().unwrap();
        assert!(
            findings
                .iter()
                .any(|finding| finding["title"].as_str().unwrap().starts_with(&title)),
            "{title}: {findings:#?}"
        );
        let note = ledger
            .actions
            .iter()
            .find(|note| note.ticket_id == *ticket)
            .unwrap();
        assert!(
            note.hidden_from_user && note.note_html.contains(&title),
            "{title}: {}",
            note.note_html
        );
        // Nobody else's data went with it.
        let answered = probes.iter().filter(|run| run["status"] == "ok").count();
        assert!(answered > 1, "{} made to {}: {probes:#?}", case.probe, case.way.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fault_no_probe_says_that_it_was_made_to_fail() {
    let halo = world::halo(world::with_this_machine(MARIAS_SITE)).await;
    let desk = Desk::at(&halo).await;
    let report = desk
        .run(&["report", "--json", "--no-screens"])
        .await
        .expect(0)
        .json();
    for run in report["probes"].as_array().unwrap() {
        assert!(
            !run["note"].as_str().unwrap_or_default().contains("was made to"),
            "{run}"
        );
    }
}
