//! What came of a conformance run.

use super::print_json;
use helpbell_conformance::{Report, Verdict};
use owo_colors::OwoColorize as _;
use serde_json::json;

/// Prints a run, and with `log` what the connector said meanwhile.
pub(crate) fn conformance(report: &Report, as_json: bool, log: bool) {
    let (passed, skipped, failed) = report.counts();
    if as_json {
        let counts = json!({"passed": passed, "skipped": skipped, "failed": failed});
        print_json(&json!({"counts": counts, "report": report}));
        return;
    }
    anstream::println!(
        "{} {}, {} bytes, against {}",
        report.connector.bold(),
        report.version,
        report.size,
        if report.against == "server" {
            "a server"
        } else {
            "a recording"
        }
    );
    for outcome in &report.outcomes {
        match &outcome.verdict {
            Verdict::Passed(said) => line(&"ok     ".green(), outcome.check, outcome.title, said),
            Verdict::Skipped(why) => line(&"skipped".yellow(), outcome.check, outcome.title, why),
            Verdict::Failed(broken) => {
                line(&"FAILED ".red(), outcome.check, outcome.title, "");
                for broken in broken {
                    anstream::println!("                        {} {broken}", "-".red());
                }
            }
        }
    }
    anstream::println!("\n{}", "Calls".bold());
    for calls in &report.calls {
        let requests = if calls.most_requests == 1 {
            "request"
        } else {
            "requests"
        };
        anstream::println!(
            "  {:<26} {:>3} ×, at most {} {requests}, at most {} ms",
            calls.function,
            calls.calls,
            calls.most_requests,
            calls.slowest_us / 1_000
        );
    }
    if log && !report.log.is_empty() {
        anstream::println!("\n{}", "Log of the connector".bold());
        for said in &report.log {
            anstream::println!("  | {}", said.text);
        }
    }
    anstream::println!("\n{passed} passed, {skipped} skipped, {failed} failed");
}

fn line(verdict: &impl std::fmt::Display, check: &str, title: &str, said: &str) {
    anstream::println!("  {verdict}  {check:<14} {title}");
    if !said.is_empty() {
        anstream::println!("                          {}", said.dimmed());
    }
}
