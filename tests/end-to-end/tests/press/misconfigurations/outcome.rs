//! What the doctor and the press said of one misconfiguration, and what must hold of it.

use serde_json::Value;
use std::sync::OnceLock;

/// A finding of the doctor's that is amiss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) check: String,
    pub(super) severity: String,
    pub(super) summary: String,
    pub(super) cure: Vec<String>,
    pub(super) suggestion: Option<String>,
    pub(super) guide: String,
}

/// Something that a press could not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) code: String,
    pub(super) message: String,
    pub(super) help: String,
}

/// Both.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    /// Findings that are not `ok`.
    pub(super) findings: Vec<Found>,
    /// `delivered`, `note-missing` or `kept`.
    pub(super) end: String,
    /// Why there is no ticket, or no note.
    pub(super) failure: Option<Failed>,
    /// What else the private note tells the technician.
    pub(super) problems: Vec<Failed>,
    /// Defaults that were not taken.
    pub(super) corrections: Vec<String>,
    /// What the person or the technician misses, in words.
    pub(super) missing: Vec<&'static str>,
    /// Whether the report is on the ticket itself.
    pub(super) on_ticket: bool,
    /// Everything said, for what nobody may say.
    said: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn failed(failure: &Value) -> Failed {
    Failed {
        code: text(&failure["code"]),
        message: text(&failure["message"]),
        help: text(&failure["help"]),
    }
}

fn found(finding: &Value) -> Found {
    let suggestion = finding["suggestion"].as_array();
    Found {
        check: text(&finding["check"]),
        severity: text(&finding["severity"]),
        summary: text(&finding["summary"]),
        cure: list(&finding["cure"]).map(text).collect(),
        suggestion: suggestion.map(|pair| pair.iter().map(text).collect::<Vec<_>>().join(" = ")),
        guide: text(&finding["guide"]),
    }
}

impl Outcome {
    /// Reads the JSON of `helpbell doctor` and of `helpbell press`.
    pub(super) fn of(doctor: &Value, press: &Value) -> Self {
        let amiss = |finding: &&Value| finding["severity"] != "ok";
        let failures = [&press["failure"], &press["note_failure"]];
        let correction = |correction: &Value| {
            let nearest = list(&correction["nearest"]).map(text).next();
            let nearest = nearest
                .map(|nearest| format!(" (nearest: {nearest})"))
                .unwrap_or_default();
            format!(
                "{} = {}: {}{nearest}",
                text(&correction["field"]),
                text(&correction["given"]),
                text(&correction["reason"])
            )
        };
        let end = text(&press["outcome"]);
        let has_ticket = end != "kept";
        let has_note = end == "delivered";
        let lacks = [
            (has_ticket && press["contact"].is_null(), "no contact"),
            // The computer of somebody unknown is looked for nowhere.
            (
                press["contact"]["matched_by"] == "email" && press["device"].is_null(),
                "no computer",
            ),
            (
                has_note && press["note"]["confirmed"] != true,
                "the note was not read back",
            ),
        ];
        Self {
            findings: list(&doctor["findings"]).filter(amiss).map(found).collect(),
            failure: failures
                .into_iter()
                .find(|failure| !failure.is_null())
                .map(failed),
            problems: list(&press["problems"]).map(failed).collect(),
            corrections: list(&press["corrections"]).map(correction).collect(),
            missing: lacks
                .into_iter()
                .filter(|(lacks, _)| *lacks)
                .map(|(_, what)| what)
                .collect(),
            on_ticket: list(&press["on_ticket"]).next().is_some(),
            said: format!("{doctor}{press}"),
            end,
        }
    }

    /// Without what a Halo that is set up well has as well.
    pub(super) fn beyond(mut self, healthy: &Self) -> Self {
        self.findings
            .retain(|finding| !healthy.findings.contains(finding));
        self
    }

    /// Whether a press loses something.
    pub(super) fn is_harmed(&self) -> bool {
        self.end != "delivered"
            || !self.problems.is_empty()
            || !self.corrections.is_empty()
            || !self.missing.is_empty()
    }

    /// What is wrong with how it was told.
    pub(super) fn complaints(&self, harmless: bool) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.said.to_lowercase().contains("unexpected") {
            wrong.push("somebody says \"unexpected\"".to_owned());
        }
        if (self.end == "delivered") == self.failure.is_some() {
            wrong.push(format!(
                "a press that ended {:?} with the failure {:?}",
                self.end, self.failure
            ));
        }
        for failure in self.failure.iter().chain(&self.problems) {
            if failure.code.is_empty() || failure.message.is_empty() || failure.help.is_empty() {
                wrong.push(format!("a failure without code or help: {failure:?}"));
            }
        }
        for finding in &self.findings {
            let bad = finding.severity == "warning" || finding.severity == "problem";
            if bad && (finding.cure.is_empty() || finding.cure.iter().any(String::is_empty)) {
                wrong.push(format!("a finding without cure: {finding:?}"));
            }
            if !is_in_the_guide(&finding.guide) {
                wrong.push(format!("a finding whose paragraph is nowhere: {finding:?}"));
            }
        }
        let named = self
            .findings
            .iter()
            .any(|finding| finding.severity == "warning" || finding.severity == "problem");
        if self.is_harmed() && !named {
            wrong.push("the doctor does not name what harms the press".to_owned());
        }
        if harmless == (self.is_harmed() || named) {
            let what = if harmless {
                "is not harmless"
            } else {
                "nobody says anything of it"
            };
            if harmless || self.findings.is_empty() {
                wrong.push(what.to_owned());
            }
        }
        wrong
    }
}

/// Whether a link such as `docs/halo.md#permissions` leads somewhere.
fn is_in_the_guide(link: &str) -> bool {
    static GUIDE: OnceLock<String> = OnceLock::new();
    let guide = GUIDE.get_or_init(|| std::fs::read_to_string(super::page::docs().join("halo.md")).unwrap());
    link.strip_prefix("docs/halo.md#")
        .is_some_and(|anchor| guide.contains(&format!("<a id=\"{anchor}\"></a>")))
}
