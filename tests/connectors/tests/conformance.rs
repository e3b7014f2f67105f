//! What each connector keeps of the contract: against its PSA, against what was recorded there, and beside the others.
//!
//! `docs/conformance.md` is written by the first of these tests; after a change that is meant, write it anew with
//! `HELPBELL_UPDATE_DOCS=1 cargo test -p helpbell-connector-tests --test conformance`. The recordings in
//! `plugins/*/recorded` are made by the same run with `HELPBELL_RECORD=1`.

#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    reason = "every report has an outcome for each check, in their order"
)]

use helpbell_conformance::{CHECKS, Report, Source, Verdict, run};
use helpbell_connector_tests::{CONNECTORS, Trial, subject};
use std::{collections::BTreeMap, env, fmt::Write as _, fs, path::PathBuf};

/// Set to rewrite the page.
const UPDATE: &str = "HELPBELL_UPDATE_DOCS";
/// Set to the file that takes the reports.
const JSON: &str = "HELPBELL_CONFORMANCE_JSON";
/// Set to record anew.
const RECORD: &str = "HELPBELL_RECORD";

fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn recording(connector: &str) -> PathBuf {
    repository().join("plugins").join(connector).join("recorded")
}

fn failures(report: &Report) -> Vec<String> {
    let failed = report
        .outcomes
        .iter()
        .filter_map(|outcome| match &outcome.verdict {
            Verdict::Failed(broken) => Some(format!(
                "{} {}: {}",
                report.connector,
                outcome.check,
                broken.join("; ")
            )),
            _ => None,
        });
    failed.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_connector_keeps_the_contract_at_its_psa_and_the_page_tells_it() {
    let trials = Trial::all().await;
    let mut reports = vec![];
    for trial in &trials {
        let source = Source::Server {
            witness: Some(trial.witness()),
            record: env::var_os(RECORD).map(|_| recording(trial.connector)),
        };
        let report = run(trial.subject().await, source, |_| ()).await.unwrap();
        for calls in &report.calls {
            eprintln!(
                "{:<16} {:<26} {:>3} calls, at most {:>2} requests, fastest {:>7} µs, slowest {:>7} µs",
                report.connector,
                calls.function,
                calls.calls,
                calls.most_requests,
                calls.fastest_us,
                calls.slowest_us
            );
        }
        reports.push(report);
    }
    if let Some(file) = env::var_os(JSON) {
        let text = serde_json::to_string_pretty(&reports).unwrap();
        fs::write(file, text + "\n").unwrap();
    }
    let failed: Vec<String> = reports.iter().flat_map(failures).collect();
    let page = page(&trials, &reports);
    let file = repository().join("docs/conformance.md");
    if env::var_os(UPDATE).is_some() {
        fs::write(&file, &page).unwrap();
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let committed = fs::read_to_string(&file).unwrap_or_default();
    let different = page
        .lines()
        .zip(committed.lines())
        .find(|(seen, told)| seen != told);
    assert!(
        page == committed,
        "docs/conformance.md tells something else than what happened; if that is meant: {UPDATE}=1 cargo test -p helpbell-connector-tests --test conformance\nfirst difference (seen, told): {different:#?}"
    );
}

const INTRODUCTION: &str = "\
# What each connector keeps of the contract

Written by the conformance run (`cargo xtask conformance`), which drives each connector through every function of the
contract against the PSA it was written for. Where the contract itself cannot tell, a witness is asked: a client of its
own that looks at the ticket as an agent and as the person who asked.

**yes** means that it was asked and held. **–** means that it was not asked, for the reason below the table. Anything
else would have failed the run.
";

fn page(trials: &[Trial], reports: &[Report]) -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("\n| | ");
    let row = |cells: Vec<String>| format!("{} |\n", cells.join(" | "));
    page.push_str(&row(trials
        .iter()
        .map(|trial| trial.connector.to_owned())
        .collect()));
    let _ = writeln!(page, "|---|{}", "---|".repeat(trials.len()));
    let fact = |page: &mut String, name: &str, of: &dyn Fn(&Trial) -> String| {
        let _ = write!(page, "| {name} | ");
        page.push_str(&row(trials.iter().map(of).collect()));
    };
    fact(&mut page, "PSA", &|trial| trial.psa.to_owned());
    fact(&mut page, "its own program", &|trial| {
        if trial.real {
            "real"
        } else {
            "no: written here after its documentation"
        }
        .to_owned()
    });
    fact(&mut page, "connector written in", &|trial| {
        trial.language.to_owned()
    });
    let mut skipped: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (index, (check, title)) in CHECKS().into_iter().enumerate() {
        let _ = write!(page, "| {title} | ");
        let verdicts = reports
            .iter()
            .map(|report| match &report.outcomes[index].verdict {
                // Some PSAs hide the note alone; then their connectors may not claim more.
                Verdict::Passed(said) if said.contains("files are open") => {
                    "the note; not its files".to_owned()
                }
                Verdict::Passed(_) => "yes".to_owned(),
                Verdict::Skipped(why) => {
                    skipped
                        .entry(check)
                        .or_default()
                        .push(format!("{}: {why}", report.connector));
                    "–".to_owned()
                }
                Verdict::Failed(_) => "**no**".to_owned(),
            });
        page.push_str(&row(verdicts.collect()));
    }
    page.push_str("\n## Not asked\n\n");
    for (check, title) in CHECKS() {
        if let Some(reasons) = skipped.get(check) {
            let _ = writeln!(page, "- {title} {}.", reasons.join("; "));
        }
    }
    page.push_str("\n## Requests\n\nThe most that one call sent, signing in not counted.\n\n| | ");
    page.push_str(&row(trials
        .iter()
        .map(|trial| trial.connector.to_owned())
        .collect()));
    let _ = writeln!(page, "|---|{}", "---|".repeat(trials.len()));
    for function in [
        "directory.find-contact",
        "tickets.create",
        "tickets.find-by-reference",
        "notes.add",
        "tickets.get",
    ] {
        let _ = write!(page, "| `{function}` | ");
        let most = reports.iter().map(|report| {
            let calls = report.calls.iter().find(|calls| calls.function == function);
            calls.map_or_else(|| "–".to_owned(), |calls| calls.most_requests.to_string())
        });
        page.push_str(&row(most.collect()));
    }
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn every_connector_keeps_the_contract_at_what_was_recorded() {
    for connector in CONNECTORS {
        let source = Source::Recorded(recording(connector));
        let report = run(subject(connector).await, source, |_| ()).await.unwrap();
        assert_eq!(failures(&report), Vec::<String>::new());
        let (passed, _, _) = report.counts();
        assert!(passed > 15, "{connector}: only {passed} were asked");
    }
}
