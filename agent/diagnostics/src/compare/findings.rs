//! What became of the findings.

use helpbell_model::report::{Finding, Severity};
use serde::Serialize;

/// Findings of both reports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// Only in the newer one.
    pub new: Vec<Finding>,
    /// Only in the older one.
    pub gone: Vec<Finding>,
    /// In both.
    pub still: Vec<Still>,
}

/// A finding of both reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Still {
    /// As the newer report tells it.
    #[serde(flatten)]
    pub finding: Finding,
    /// How the older one told it, if otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// How much it mattered then.
    pub was_severity: Severity,
}

impl Findings {
    /// The severities of what is new or has become worse.
    pub(super) fn worse(&self) -> impl Iterator<Item = Severity> {
        let risen = self
            .still
            .iter()
            .filter(|still| still.finding.severity > still.was_severity)
            .map(|still| still.finding.severity);
        self.new.iter().map(|finding| finding.severity).chain(risen)
    }
}

/// Matches findings by their words; numbers may have changed since.
pub(super) fn compare(older: &[Finding], newer: &[Finding]) -> Findings {
    let mut left: Vec<&Finding> = older.iter().collect();
    let mut findings = Findings::default();
    // Word for word first: of two alike ones each keeps its own.
    let mut take = |wanted: &dyn Fn(&Finding) -> bool| {
        let place = left.iter().position(|finding| wanted(finding))?;
        Some(left.remove(place))
    };
    let same: Vec<Option<&Finding>> = newer
        .iter()
        .map(|new| take(&|old| old.area == new.area && old.title == new.title))
        .collect();
    for (new, same) in newer.iter().zip(same) {
        let alike = || {
            let words = without_numbers(&new.title);
            take(&|old| old.area == new.area && without_numbers(&old.title) == words)
        };
        match same.or_else(alike) {
            Some(old) => findings.still.push(Still {
                was: (old.title != new.title).then(|| old.title.clone()),
                was_severity: old.severity,
                finding: new.clone(),
            }),
            None => findings.new.push(new.clone()),
        }
    }
    findings.gone = left.into_iter().cloned().collect();
    findings
}

/// Words that follow a number and change with it.
const UNITS: [&str; 14] = [
    "B", "KB", "MB", "GB", "TB", "PB", "%", "ms", "second", "minute", "hour", "day", "time", "job",
];

/// The words of a title that say what it is about.
fn without_numbers(title: &str) -> String {
    let mut words = Vec::new();
    let mut after_number = false;
    for word in title.split_whitespace() {
        let bare = word.trim_matches(|c: char| c.is_ascii_punctuation() && c != '%');
        let is_number = is_number(bare);
        let is_unit = after_number && UNITS.contains(&bare.strip_suffix('s').unwrap_or(bare));
        if !is_number && !is_unit {
            words.push(word);
        }
        after_number = is_number || is_unit;
    }
    words.join(" ")
}

/// `41`, `1.2`, `−77`; not `10.0.0.9`, which is a name.
fn is_number(word: &str) -> bool {
    let digits = word.trim_start_matches(['−', '-', '+']);
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::report::Area;

    fn finding(severity: Severity, title: &str) -> Finding {
        Finding {
            area: Area::Hardware,
            severity,
            title: title.into(),
            detail: String::new(),
        }
    }

    #[test]
    fn a_finding_stays_itself_while_its_numbers_change() {
        let older = [finding(Severity::Warning, "C: has 9.5 GB free of 237 GB")];
        let newer = [finding(Severity::Problem, "C: has 800 MB free of 237 GB")];
        let findings = compare(&older, &newer);
        assert_eq!((findings.new.len(), findings.gone.len()), (0, 0));
        let still = &findings.still[0];
        assert_eq!(still.was.as_deref(), Some("C: has 9.5 GB free of 237 GB"));
        assert_eq!(findings.worse().collect::<Vec<_>>(), [Severity::Problem]);
    }

    #[test]
    fn another_disk_is_another_finding() {
        let older = [finding(Severity::Problem, "C: has 1.2 GB free of 237 GB")];
        let newer = [finding(Severity::Problem, "D: has 1.2 GB free of 237 GB")];
        let findings = compare(&older, &newer);
        assert_eq!(
            (findings.new.len(), findings.gone.len(), findings.still.len()),
            (1, 1, 0)
        );
    }

    #[test]
    fn of_two_alike_each_finds_its_own() {
        let older = [
            finding(Severity::Info, "1 job is stuck at P"),
            finding(Severity::Info, "3 jobs are stuck at P"),
        ];
        let newer = [
            finding(Severity::Info, "3 jobs are stuck at P"),
            finding(Severity::Info, "1 job is stuck at P"),
        ];
        let findings = compare(&older, &newer);
        assert!(
            findings.still.iter().all(|still| still.was.is_none()),
            "{findings:?}"
        );
    }

    #[test]
    fn numbers_and_their_units_are_left_out_and_names_are_not() {
        let titles = [
            "41 days 4 hours without a restart",
            "1 day without a restart",
            "KB5034441 failed",
            "10.0.0.9 does not answer",
            "The Wi-Fi signal is weak (−77 dBm)",
        ];
        assert_eq!(
            titles.map(without_numbers),
            [
                "without a restart",
                "without a restart",
                "KB5034441 failed",
                "10.0.0.9 does not answer",
                "The Wi-Fi signal is weak dBm)"
            ]
        );
    }
}
