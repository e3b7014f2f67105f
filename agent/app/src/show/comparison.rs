//! What changed between two reports.

use helpbell_diagnostics::compare::{Change, Comparison, Side, Still};
use helpbell_model::{
    report::{Finding, Severity},
    text::one_line,
};
use owo_colors::OwoColorize as _;
use serde_json::json;
use std::fmt::Write as _;

/// Characters of a finding's title.
const TITLE_CHARS: usize = 200;

/// Prints what changed.
pub(crate) fn comparison(comparison: &Comparison, as_json: bool) {
    if as_json {
        super::print_json(&json!({"worse": comparison.worse(), "comparison": comparison}));
    } else {
        anstream::print!("{}", told(comparison));
    }
}

fn told(comparison: &Comparison) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{} → {}", side(&comparison.older), side(&comparison.newer));
    if let Some(by) = &comparison.different_machines {
        let warning = "warning:".yellow().bold().to_string();
        let _ = writeln!(text, "{warning} these are reports of different machines ({by})");
    }
    if comparison.newer.made_at < comparison.older.made_at {
        let warning = "warning:".yellow().bold().to_string();
        let _ = writeln!(text, "{warning} the first report was made after the second one");
    }
    let findings = &comparison.findings;
    heading(&mut text, "New findings", findings.new.iter().map(finding));
    heading(
        &mut text,
        "Findings that are gone",
        findings.gone.iter().map(finding),
    );
    heading(&mut text, "Still there", findings.still.iter().map(still));
    heading(&mut text, "Changes", comparison.changes.iter().map(change));
    if comparison.left_out > 0 {
        let _ = writeln!(text, "  and {} more", comparison.left_out);
    }
    if comparison.is_empty() {
        text.push_str("\nNothing has changed that does not change by itself.\n");
    }
    if !comparison.not_compared.is_empty() {
        let _ = writeln!(
            text,
            "\nOnly one of the reports tells of: {}",
            comparison.not_compared.join(", ")
        );
    }
    text
}

fn heading(text: &mut String, words: &str, lines: impl Iterator<Item = String>) {
    for (index, line) in lines.enumerate() {
        if index == 0 {
            let _ = writeln!(text, "\n{}", words.bold());
        }
        let _ = writeln!(text, "  {line}");
    }
}

fn side(side: &Side) -> String {
    let when = side.made_at.strftime("%Y-%m-%d %H:%M UTC");
    if side.hostname.is_empty() {
        when.to_string()
    } else {
        format!("{}, {when}", side.hostname)
    }
}

fn word(severity: Severity) -> String {
    // Padded before it is coloured: colours have no width.
    match severity {
        Severity::Problem => format!("{:<8}", "problem").red().bold().to_string(),
        Severity::Warning => format!("{:<8}", "warning").yellow().bold().to_string(),
        Severity::Info => format!("{:<8}", "note").cyan().to_string(),
    }
}

fn finding(finding: &Finding) -> String {
    let title = one_line(&finding.title, TITLE_CHARS);
    format!("{}{:<9} {title}", word(finding.severity), finding.area)
}

fn still(still: &Still) -> String {
    let was = still
        .was
        .as_ref()
        .map(|was| format!(" (was: {})", one_line(was, TITLE_CHARS)));
    format!("{}{}", finding(&still.finding), was.unwrap_or_default())
}

fn change(change: &Change) -> String {
    format!("{}{:<9} {}", word(change.severity), change.area, change.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_diagnostics::{compare::compare, json};

    /// Two reports of one laptop, seven weeks apart.
    const BEFORE: &str = include_str!("../../../diagnostics/fixtures/version-1.json");
    const AFTER: &str = include_str!("../../../diagnostics/fixtures/office-laptop.json");

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_comparison_reads_from_the_worst_to_the_least() {
        let (before, after) = (
            json::read(BEFORE.as_bytes()).unwrap(),
            json::read(AFTER.as_bytes()).unwrap(),
        );
        insta::assert_snapshot!(plain(&told(&compare(&before, &after))));
    }

    #[test]
    fn nothing_new_is_said_in_one_line() {
        let mut report = json::read(AFTER.as_bytes()).unwrap();
        report.findings.clear();
        assert_eq!(
            plain(&told(&compare(&report, &report))),
            "DESK-7, 2026-11-23 09:41 UTC → DESK-7, 2026-11-23 09:41 UTC\n\n\
             Nothing has changed that does not change by itself.\n"
        );
    }

    #[test]
    fn reports_of_two_machines_and_in_the_wrong_order_are_told_before_anything_else() {
        let (before, mut after) = (
            json::read(AFTER.as_bytes()).unwrap(),
            json::read(BEFORE.as_bytes()).unwrap(),
        );
        after.machine.product.as_mut().unwrap().serial = Some("PF000000".into());
        let text = plain(&told(&compare(&before, &after)));
        let lines: Vec<&str> = text.lines().skip(1).take(2).collect();
        assert_eq!(
            lines,
            [
                "warning: these are reports of different machines (serial number PF3X9K2L, then PF000000)",
                "warning: the first report was made after the second one"
            ]
        );
    }
}
