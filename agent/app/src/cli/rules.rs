//! `helpbell rules …`.

use clap::{Args, Subcommand, ValueHint};
use jiff::Timestamp;
use std::path::PathBuf;

/// `helpbell rules …`.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  helpbell rules import dispatcher.txt     take over rules from elsewhere
  helpbell rules check rules.py            what will not do what is meant, without running it
  helpbell rules test rules.py --set msg=\"HELP!!!\" --set selections=\"This is an emergency\"
  helpbell rules variables                 what rules can read and assign
  helpbell rules explain 01936f7e-8c2a-7b3d-9e4f-5a6b7c8d9e0f")]
pub(crate) enum RulesCommand {
    /// Look for mistakes in rules, without running them.
    Check(RulesCheck),
    /// Run rules on made-up values, or on those of a press. Files nothing.
    Test(RulesTest),
    /// Show which variables rules can read and assign, and their values in the PSA.
    Variables(RulesVariables),
    /// Show what rules did to a press: which fired, and what each changed.
    Explain(RulesExplain),
    /// Take over rules that were written for another dispatcher.
    Import(RulesImport),
}

/// For which PSA rules are written.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ForPsa {
    /// The PSA's connector (default: the one in helpbell.toml; without any only the common variables are known).
    #[arg(long, value_name = "NAME|FILE.wasm")]
    pub connector: Option<String>,
    /// Ask the PSA nothing. Otherwise it is asked for its values where helpbell.toml says how to reach it.
    #[arg(long)]
    pub offline: bool,
}

/// `helpbell rules check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helpbell rules check rules.py
  helpbell rules check rules.py --connector halo     with the variables of HaloPSA
  helpbell rules check rules.py --strict             for scripts: warnings count as errors
  helpbell rules check - < rules.py

With a helpbell.toml and its key, values that rules compare or assign are looked up in the PSA; --offline does without.

Exit codes: 0 nothing worse than warnings, 2 an error, or with --strict a warning.")]
pub(crate) struct RulesCheck {
    /// The rules (default: those in helpbell.toml); `-` reads them from standard input.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// For which PSA.
    #[command(flatten)]
    pub psa: ForPsa,
    /// Let warnings count as errors.
    #[arg(long)]
    pub strict: bool,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `helpbell rules test`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helpbell rules test rules.py
  helpbell rules test rules.py --connector halo --set priority=Low --set name=\"Maria Rossi\"
  helpbell rules test rules.py --set selections=\"This is an emergency\" --set selections=\"Call me back\"
  helpbell rules test rules.py --press 01936f7e-8c2a-7b3d-9e4f-5a6b7c8d9e0f
  helpbell rules test rules.py --clock 2026-11-23T09:30:00+01:00 --seed 7    the same outcome every time

Variables that nothing is said about have made-up values; those of the PSA have the integration defaults of helpbell.toml.
Nothing is filed and nothing is asked of the PSA.

Exit codes: 0 the rules ran to their end (also if they refuse the ticket), 1 they ended in an error or were stopped,
2 they cannot be read, or the arguments are wrong.")]
pub(crate) struct RulesTest {
    /// The rules (default: those in helpbell.toml); `-` reads them from standard input.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// The PSA's connector (default: the one in helpbell.toml; without any only the common variables are known).
    #[arg(long, value_name = "NAME|FILE.wasm")]
    pub connector: Option<String>,
    /// The value of a variable, also of one that rules cannot assign; may be repeated. For a list each one adds an entry.
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,
    /// Take the values from a press: its id, the folder of an export, or a file with what `outbox show --json` printed.
    #[arg(long, value_name = "PRESS|FILE", value_hint = ValueHint::AnyPath)]
    pub press: Option<String>,
    /// The time that the rules see (default: now, in local time).
    #[arg(long, value_name = "TIME", value_parser = clock)]
    pub clock: Option<Clock>,
    /// What their randomness comes from (default: another each time).
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `helpbell rules variables`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helpbell rules variables
  helpbell rules variables --connector halo --offline
  helpbell rules variables --json | jq '.variables[] | select(.name == \"priority\") | .choices'")]
pub(crate) struct RulesVariables {
    /// For which PSA.
    #[command(flatten)]
    pub psa: ForPsa,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `helpbell rules explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helpbell rules explain 01936f7e-8c2a-7b3d-9e4f-5a6b7c8d9e0f
  helpbell rules explain 01936f7e-8c2a-7b3d-9e4f-5a6b7c8d9e0f --again

A rule is an `if`, a loop, a `try` or an assignment that is not indented.

Exit codes: 0 told, 1 --again came to another outcome, 2 there is no such press, or no rules ran for it.")]
pub(crate) struct RulesExplain {
    /// The press.
    pub press: helpbell_model::PressId,
    /// Run the same rules again, at the recorded time and with the recorded randomness, and compare the outcomes.
    #[arg(long)]
    pub again: bool,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

/// `helpbell rules import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helpbell rules import dispatcher.txt
  helpbell rules import old-settings.json --output rules.py
  helpbell rules import dispatcher.txt --yes         for scripts: takes over everything without a question

FILE holds rules, or the older form {\"defaults\": {…}, \"custom_rules\": [\"…\", …]}, whose defaults go into [defaults].

`is` between a variable and a text never held where these rules come from; here it means `==`, and so it is written. A
rule that refuses tickets by such a comparison may have refused none so far: you are asked before it is activated.

Exit codes: 0 taken over, 1 a file could not be written, 2 the rules cannot run, or a question found nobody to answer it.
Then nothing was written.")]
pub(crate) struct RulesImport {
    /// What to take over; `-` reads it from standard input.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Where to write the rules (default: the file that helpbell.toml names, else rules.py beside it).
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// The PSA's connector (default: the one in helpbell.toml; without any only the common variables are known).
    #[arg(long, value_name = "NAME|FILE.wasm")]
    pub connector: Option<String>,
    /// Answer every question with yes.
    #[arg(long)]
    pub yes: bool,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}

/// A time and how far its place is ahead of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clock {
    /// The time.
    pub at: Timestamp,
    /// Minutes that local time is ahead of UTC.
    pub offset_minutes: i16,
}

/// Reads a time with its offset, such as `2026-11-23T09:30:00+01:00`.
fn clock(text: &str) -> Result<Clock, String> {
    let expected = || "write a time with its offset, such as 2026-11-23T09:30:00+01:00".to_owned();
    let pieces = jiff::fmt::temporal::DateTimeParser::new()
        .parse_pieces(text)
        .map_err(|_| expected())?;
    let at: Timestamp = text.parse().map_err(|_| expected())?;
    let offset = pieces.to_numeric_offset().ok_or_else(expected)?;
    if at < Timestamp::UNIX_EPOCH {
        return Err("rules know no time before 1970".to_owned());
    }
    Ok(Clock {
        at,
        offset_minutes: minutes(offset),
    })
}

/// An offset in minutes; those of the world's time zones are whole ones and less than a day.
fn minutes(offset: jiff::tz::Offset) -> i16 {
    /// Seconds.
    const MINUTE: i32 = 60;
    i16::try_from(offset.seconds() / MINUTE).unwrap_or_default()
}

/// A variable and its value, which keeps its blanks.
fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| format!("{text:?} has no `=`; write NAME=VALUE"))?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_with_its_offset_and_without_one_refused() {
        let read = clock("2026-11-23T09:30:00+01:00").unwrap();
        assert_eq!(read.at, "2026-11-23T08:30:00Z".parse().unwrap());
        assert_eq!(read.offset_minutes, 60);
        assert_eq!(clock("2026-11-23T09:30:00-03:30").unwrap().offset_minutes, -210);
        assert_eq!(clock("2026-11-23T09:30:00Z").unwrap().offset_minutes, 0);
        for wrong in [
            "2026-11-23T09:30:00",
            "half past nine",
            "1969-12-31T23:59:59Z",
            "",
        ] {
            assert!(clock(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_value_keeps_its_blanks_and_its_equals_signs() {
        assert_eq!(assignment("msg = a=b ").unwrap(), ("msg".into(), " a=b ".into()));
        assert!(assignment("msg").is_err());
    }
}
