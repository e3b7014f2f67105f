//! `helpbell report …`.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `helpbell report`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helpbell report --open                          look at it in the browser
  helpbell report --json | jq .findings
  helpbell report --json --output before.json     keep it, and later:
  helpbell report --compare before.json           what has changed since?
  helpbell report --compare monday.json --with friday.json
  helpbell report --schema > report.schema.json

The files are readable by you alone. Whoever gets one sees what your screens showed.

Exit codes of --compare: 0 nothing became worse, 5 something became worse, 6 something broke.")]
pub(crate) struct Report {
    /// Open the report in the browser.
    #[arg(long)]
    pub open: bool,
    /// The report as JSON, on standard output or into --output.
    #[arg(long, conflicts_with = "open")]
    pub json: bool,
    /// Where to write it (default: helpbell-report-….html here).
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// Take no pictures of the screens.
    #[arg(long)]
    pub no_screens: bool,
    /// Say what has changed since this report, which --json wrote; with --json for programs.
    #[arg(long, value_name = "OLD.json", value_hint = ValueHint::FilePath, conflicts_with_all = ["open", "output"])]
    pub compare: Option<PathBuf>,
    /// Compare with this report instead of examining the computer.
    #[arg(long, value_name = "NEW.json", value_hint = ValueHint::FilePath, requires = "compare")]
    pub with: Option<PathBuf>,
    /// Print the JSON schema of the report, and examine nothing.
    #[arg(long, conflicts_with_all = ["open", "json", "output", "no_screens", "compare", "with"])]
    pub schema: bool,
}
