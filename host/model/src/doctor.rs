//! What an examination of an integration shows, and what cures it.

use serde::{Deserialize, Serialize};

/// How bad a finding is, from harmless to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Worth knowing; nothing needs doing.
    Note,
    /// A press works, but not as well as it could.
    Warning,
    /// A press will fail or lose its report.
    Problem,
}

/// Something that can be examined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Stable: `permission-read-assets`.
    pub id: String,
    /// What is asked.
    pub title: String,
}

/// What one examination showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The check it belongs to.
    pub check: String,
    /// How bad it is.
    pub severity: Severity,
    /// What was found, in one sentence.
    pub summary: String,
    /// Why it matters to a press; empty where all is well.
    pub why: String,
    /// The clicks or commands that cure it, in order.
    pub cure: Vec<String>,
    /// The setting at fault and the value to use instead.
    pub suggestion: Option<(String, String)>,
    /// The paragraph of the guide.
    pub guide: Option<String>,
}
