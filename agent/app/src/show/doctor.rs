//! The findings of `helpbell doctor`.

use helpbell_model::doctor::{Finding, Severity};
use owo_colors::OwoColorize as _;
use serde_json::json;

/// Prints what was found, and how to cure it.
pub(crate) fn findings(findings: &[Finding], as_json: bool) {
    let worst = findings
        .iter()
        .map(|finding| finding.severity)
        .max()
        .unwrap_or(Severity::Ok);
    if as_json {
        super::print_json(&json!({"worst": worst, "findings": findings}));
        return;
    }
    for finding in findings {
        one(finding);
    }
    let bad = findings
        .iter()
        .filter(|finding| finding.severity >= Severity::Warning)
        .count();
    match bad {
        0 => anstream::println!("\nA press will work."),
        1 => anstream::println!("\n1 finding needs you."),
        more => anstream::println!("\n{more} findings need you."),
    }
}

fn one(finding: &Finding) {
    let word = match finding.severity {
        Severity::Ok => "ok".green().to_string(),
        Severity::Note => "note".cyan().to_string(),
        Severity::Warning => "warning".yellow().bold().to_string(),
        Severity::Problem => "problem".red().bold().to_string(),
    };
    anstream::println!("{word}: {}", finding.summary);
    if finding.severity == Severity::Ok {
        return;
    }
    if !finding.why.is_empty() {
        anstream::println!("    {}", finding.why);
    }
    for (index, step) in finding.cure.iter().enumerate() {
        let number = if finding.cure.len() > 1 {
            format!("{}. ", index + 1)
        } else {
            String::new()
        };
        let mut lines = step.lines();
        anstream::println!("    {number}{}", lines.next().unwrap_or_default());
        for line in lines {
            anstream::println!("       {line}");
        }
    }
    if let Some((setting, value)) = &finding.suggestion {
        anstream::println!("    try: {setting} = \"{value}\"");
    }
    if let Some(guide) = &finding.guide {
        anstream::println!("    see {guide}");
    }
}
