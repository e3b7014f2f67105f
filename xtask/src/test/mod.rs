//! `cargo xtask test`: the whole suite, area by area.
//!
//! ```text
//! preparation ─► format ─► licences ─► lints ─► windows ─► size ─► the test programs are built once ─► unit ─► folders of tests/
//! ```
//!
//! All test programs come out of one run of cargo: asked package by package, cargo would choose other features each
//! time and build half of the dependencies again. They are then run one by one, as `cargo test` does it, and what they
//! say goes straight to the terminal.

mod checks;
mod licences;
mod programs;

use crate::{
    build, prepare,
    show::{self, Paint, usage},
    workspace::{UNIT, Workspace},
};
use anyhow::{Result, bail};
use programs::Programs;
use std::time::{Duration, Instant};

/// `cargo xtask test`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask test                                  everything, in about half an hour on two cores from nothing
  cargo xtask test --only format --only lints       what a commit needs
  cargo xtask test --only contract                  one area
  cargo xtask test --list                           which areas there are")]
pub(crate) struct Arguments {
    /// Only this area; may be repeated.
    #[arg(long, value_name = "AREA")]
    only: Vec<String>,
    /// Name the areas and run nothing.
    #[arg(long)]
    list: bool,
}

/// A part of the suite that is no test program.
type Check = (&'static str, &'static str, fn(&Workspace) -> Result<()>);

/// The checks, in the order in which they run: the quickest first.
const CHECKS: [Check; 5] = [
    ("format", "the code is formatted", checks::format),
    (
        "licences",
        "every dependency may be shipped with the product",
        licences::check,
    ),
    (
        "lints",
        "clippy finds nothing, natively and for WebAssembly",
        checks::lints,
    ),
    (
        WINDOWS,
        "the program compiles for Windows, clippy finds nothing there, and it runs under Wine",
        checks::windows,
    ),
    ("size", "each connector is small", checks::size),
];

/// The check of this name is also an area of tests, which run what it builds. They take less than the others.
pub(crate) const WINDOWS: &str = "windows";

/// Row of the table for what comes before the areas.
const PREPARATION: &str = "preparation";
/// Row of the table for building the test programs.
const BUILD: &str = "build";

/// How one area went.
struct Row {
    area: String,
    took: Duration,
    /// Why it failed.
    failure: Option<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let areas = areas(workspace);
    if arguments.list {
        for (area, what) in areas {
            println!("{area:<12} {what}");
        }
        return Ok(());
    }
    let chosen = choose(&areas, &arguments.only)?;
    let began = Instant::now();
    let mut rows = Vec::new();
    show::heading("Preparing");
    let folders = workspace.areas();
    let tests: Vec<&str> = chosen
        .iter()
        .map(String::as_str)
        .filter(|area| folders.iter().any(|folder| folder == area))
        .collect();
    let complete = prepare(workspace, &chosen, &tests)?;
    rows.push(Row {
        area: PREPARATION.to_owned(),
        took: began.elapsed(),
        failure: None,
    });
    for (name, what, check) in CHECKS {
        if chosen.iter().any(|area| area == name) {
            show::heading(&format!("{name}: {what}"));
            rows.push(timed(name, || check(workspace)));
        }
    }
    if !tests.is_empty() {
        show::heading("Building the test programs");
        let mut programs = Programs::default();
        rows.push(timed(BUILD, || {
            let built;
            (programs, built) = programs::build(workspace, &tests, complete)?;
            built
        }));
        for area in tests {
            show::heading(area);
            let name = if is_check(area) {
                format!("{area} tests")
            } else {
                area.to_owned()
            };
            rows.push(timed(&name, || programs.run(workspace, area)));
        }
    }
    finish(&rows, began.elapsed())
}

/// Every area with what it is about.
fn areas(workspace: &Workspace) -> Vec<(String, String)> {
    let checks = CHECKS
        .iter()
        .map(|(name, what, _)| ((*name).to_owned(), (*what).to_owned()));
    let tests = workspace.areas().into_iter();
    let tests = tests.filter(|area| !is_check(area)).map(|area| {
        let what = match area.as_str() {
            UNIT => "the tests beside the code".to_owned(),
            folder => format!("tests/{folder}"),
        };
        (area, what)
    });
    checks.chain(tests).collect()
}

fn is_check(area: &str) -> bool {
    CHECKS.iter().any(|(name, ..)| *name == area)
}

/// The areas asked for, in the order of the suite; all of them when none is named.
fn choose(areas: &[(String, String)], only: &[String]) -> Result<Vec<String>> {
    let names = || areas.iter().map(|(name, _)| name.as_str());
    if let Some(unknown) = only.iter().find(|wanted| !names().any(|name| name == *wanted)) {
        let known: Vec<&str> = names().collect();
        return Err(usage(
            format!("there is no area {unknown:?}"),
            format!("there are: {}", known.join(", ")),
        ));
    }
    let wanted = |name: &&str| only.is_empty() || only.iter().any(|one| one == name);
    Ok(names().filter(wanted).map(str::to_owned).collect())
}

/// Gets ready what the chosen areas take, and says whether no test has to skip itself for want of something. `tests` are
/// those of them that have some. A failure here ends the run: nothing after it would mean anything.
fn prepare(workspace: &Workspace, chosen: &[String], tests: &[&str]) -> Result<bool> {
    let any = |names: &[&str]| chosen.iter().any(|area| names.contains(&area.as_str()));
    let windows = tests.contains(&WINDOWS);
    let others = tests.iter().any(|area| *area != WINDOWS);
    if any(&["format", "lints", WINDOWS]) {
        prepare::components(workspace)?;
    }
    if windows || others || any(&["lints", "size"]) {
        prepare::toolchain(workspace)?;
    }
    if any(&[WINDOWS]) {
        prepare::windows(workspace)?;
    }
    if others || any(&["size"]) {
        build::all_connectors(workspace)?;
        build::rules(workspace, build::Profile::Dev)?;
    } else if windows {
        build::connectors(workspace)?;
    }
    if windows {
        prepare::windows_test_programs()?;
    }
    if others {
        return prepare::test_programs();
    }
    Ok(true)
}

fn timed(area: &str, work: impl FnOnce() -> Result<()>) -> Row {
    let began = Instant::now();
    let failure = work().err().map(|error| format!("{error:#}"));
    if let Some(failure) = &failure {
        eprintln!("{} {failure}", show::paint(Paint::Bad, "failed:"));
    }
    Row {
        area: area.to_owned(),
        took: began.elapsed(),
        failure,
    }
}

/// The table, and the verdict.
fn finish(rows: &[Row], took: Duration) -> Result<()> {
    println!();
    for row in rows {
        let verdict = match &row.failure {
            None => show::paint_result(Paint::Good, "ok"),
            Some(failure) => {
                let first = failure.lines().next().unwrap_or_default();
                format!("{}: {first}", show::paint_result(Paint::Bad, "FAILED"))
            }
        };
        println!("  {:<13} {:>9}  {verdict}", row.area, show::minutes(row.took));
    }
    println!("  {:<13} {:>9}", "together", show::minutes(took));
    let failed: Vec<&str> = rows
        .iter()
        .filter(|row| row.failure.is_some())
        .map(|row| row.area.as_str())
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    bail!("failed: {}", failed.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str]) -> Result<Vec<String>> {
        let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
        choose(&areas(&crate::workspace::tests::workspace()), &only)
    }

    #[test]
    fn all_areas_run_when_none_is_named_and_checks_come_first() {
        let expected = [
            "format",
            "licences",
            "lints",
            "windows",
            "size",
            "unit",
            "contract",
            "end-to-end",
            "psa",
        ];
        assert_eq!(names(&[]).unwrap(), expected);
    }

    #[test]
    fn named_areas_keep_the_order_of_the_suite() {
        assert_eq!(names(&["psa", "format"]).unwrap(), ["format", "psa"]);
    }

    #[test]
    fn an_area_that_does_not_exist_is_refused_with_those_that_do() {
        let error = names(&["units"]).unwrap_err();
        assert!(error.to_string().contains("\"units\""), "{error}");
        assert!(show::blames_arguments(&error));
        assert!(
            error
                .downcast_ref::<show::Cured>()
                .unwrap()
                .cure
                .contains("unit, contract")
        );
    }

    #[test]
    fn one_failed_area_fails_the_run_and_is_named() {
        let row = |area: &str, failure: Option<&str>| Row {
            area: area.to_owned(),
            took: Duration::ZERO,
            failure: failure.map(str::to_owned),
        };
        finish(&[row("unit", None)], Duration::ZERO).unwrap();
        let error = finish(
            &[row("unit", None), row("psa", Some("1 of 3 failed"))],
            Duration::ZERO,
        )
        .unwrap_err();
        assert_eq!(error.to_string(), "failed: psa");
    }

    #[test]
    fn a_failing_area_is_timed_and_does_not_end_the_run() {
        let row = timed("unit", || bail!("one"));
        assert_eq!(row.failure.as_deref(), Some("one"));
        assert!(timed("unit", || Ok(())).failure.is_none());
    }
}
