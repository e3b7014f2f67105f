//! Where a finding of the host's own is explained: a paragraph of the connector's guide.
//!
//! A connector named `halo` has its guide in `docs/halo.md`. Whatever the connector, the guide has these paragraphs.

use super::CLOCK;
use helpbell_model::doctor::{Finding, Severity};

/// The guide of connectors that have none of their own: the first one, whose paragraphs of the host's hold for all.
const USUAL: &str = "halo";

/// Before the name of a server: whether it can be reached.
pub(super) const REACH: &str = "reach-";

/// Before what the test that writes does.
pub(super) const WRITE_TEST: &str = "write-test-";

/// Adds the paragraph to every finding that is amiss and names none. `connector` is known once it is loaded.
pub(super) fn completed(connector: Option<&str>, mut findings: Vec<Finding>) -> Vec<Finding> {
    let guide = format!("docs/{}.md", connector.unwrap_or(USUAL));
    for finding in &mut findings {
        if finding.severity > Severity::Ok && finding.guide.is_none() {
            finding.guide = Some(format!("{guide}#{}", paragraph(&finding.check)));
        }
    }
    findings
}

/// The paragraph about a check of the host's, or about a connector's check that could not be made.
fn paragraph(check: &str) -> &'static str {
    match check {
        "configuration" => "configuration",
        "proxy" => "network",
        "sign-in" => "sign-in",
        CLOCK => "clock",
        _ if check.starts_with(REACH) => "network",
        "write-test-note" => "note-permission",
        _ if check.starts_with(WRITE_TEST) => "write-test",
        _ => "not-examined",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paragraphs of the guide that ships.
    const GUIDE: &str = include_str!("../../../../../docs/halo.md");

    #[test]
    fn every_check_of_the_host_has_its_paragraph_in_the_guide() {
        let checks = [
            "configuration",
            "proxy",
            "reach-resource-server",
            "clock",
            "sign-in",
            "connector",
            "permission-read-assets",
            "write-test-ticket",
            "write-test-note",
            super::super::checks::NOT_EXAMINED,
        ];
        for check in checks {
            let anchor = format!("<a id=\"{}\"></a>", paragraph(check));
            assert!(GUIDE.contains(&anchor), "{anchor} for {check}");
        }
    }
}
