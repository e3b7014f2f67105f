//! The test programs of the whole workspace: built by one run of cargo, run one by one.

use super::WINDOWS;
use crate::{
    build, process, show, shown,
    workspace::{Package, Target, UNIT, Workspace, XTASK},
};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

/// Kinds of target whose tests are run. Examples are built, so that they do not rot, and not run.
const RUN: [&str; 6] = ["lib", "rlib", "cdylib", "proc-macro", "bin", "test"];

/// Test programs by package.
#[derive(Debug, Default)]
pub(super) struct Programs {
    built: Vec<Program>,
    /// Whether everything that a test may want is there.
    complete: bool,
}

/// One test program.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Program {
    /// Cargo's id of its package.
    package: String,
    /// What it was built from.
    target: Target,
    /// Its file.
    file: PathBuf,
}

/// Builds every target of every member but this one (which is running, and has tests of its own without building
/// itself anew); for the tests of the program for Windows alone, only these. `complete` says whether everything that a test
/// may want is there. What does not compile keeps only what needs it from being built; the second result is whether
/// everything did.
pub(super) fn build(workspace: &Workspace, areas: &[&str], complete: bool) -> Result<(Programs, Result<()>)> {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["build", "--workspace", "--exclude", XTASK, "--keep-going"]);
    cargo.args(selection(areas));
    cargo.arg("--message-format=json-render-diagnostics");
    let output = process::output(&mut cargo)?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let programs = Programs {
        built: messages.lines().filter_map(program).collect(),
        complete,
    };
    let verdict = if output.status.success() {
        Ok(())
    } else {
        Err(anyhow::anyhow!("some test programs do not compile"))
    };
    Ok((programs, verdict))
}

/// What cargo is to build of the members. Every area but one runs programs of this system, wherever they come from.
fn selection(areas: &[&str]) -> &'static [&'static str] {
    match areas {
        [WINDOWS] => &["--test", WINDOWS],
        _ => &["--all-targets"],
    }
}

/// The test program that a message of cargo's announces.
fn program(message: &str) -> Option<Program> {
    let message: Value = serde_json::from_str(message).ok()?;
    if message.get("reason")? != "compiler-artifact" || message.get("profile")?.get("test")? != true {
        return None;
    }
    Some(Program {
        package: message.get("package_id")?.as_str()?.to_owned(),
        target: Target::from_metadata(message.get("target")?)?,
        file: PathBuf::from(message.get("executable")?.as_str()?),
    })
}

impl Programs {
    /// Runs all tests of one area. One that fails does not keep the others from running.
    ///
    /// Fails when a test fails, when a test program is missing because it did not compile, or when there are no tests.
    pub(super) fn run(&self, workspace: &Workspace, area: &str) -> Result<()> {
        let mut failed = Vec::new();
        for package in workspace.packages.iter().filter(|package| package.area() == area) {
            if package.name == XTASK {
                let mut cargo = process::cargo(&workspace.root);
                cargo.args(["test", "--package", XTASK]);
                failed.extend(process::run(&mut cargo).err().map(|_| XTASK.to_owned()));
                continue;
            }
            for target in package.targets.iter().filter(|target| is_run(target)) {
                let name = format!("{} {}", package.name, describe(target));
                match self.find(package, target) {
                    None => failed.push(format!("{name} (not built)")),
                    Some(program) => {
                        show::note(&format!("{name} ({})", shown(&program.file).display()));
                        let run = process::run(&mut self.command(workspace, package, program));
                        failed.extend(run.err().map(|_| name));
                    }
                }
            }
        }
        if area == UNIT {
            failed.extend(
                examples_in_comments(workspace)
                    .err()
                    .map(|_| "examples in comments".to_owned()),
            );
        }
        if failed.is_empty() {
            return Ok(());
        }
        bail!("{}", failed.join(", "))
    }

    fn find(&self, package: &Package, target: &Target) -> Option<&Program> {
        self.built
            .iter()
            .find(|program| program.package == package.id && program.target == *target)
    }

    /// The program as `cargo test` would start it, and with the addresses of everything else that was built.
    fn command(&self, workspace: &Workspace, package: &Package, program: &Program) -> Command {
        let mut command = Command::new(&program.file);
        command
            .current_dir(&package.folder)
            .stdin(Stdio::null())
            .env("CARGO_MANIFEST_DIR", &package.folder)
            .env("CARGO_PKG_NAME", &package.name)
            .env("CARGO_PKG_VERSION", &package.version)
            // A run of the suite judges snapshots and writes none.
            .env("INSTA_UPDATE", "no")
            .env("HELPBELL_CONNECTORS", workspace.connector_folder())
            .env("HELPBELL_BIN", workspace.program("debug", "helpbell"))
            .env("HELPBELL_WINDOWS_BIN", build::windows_program(workspace))
            .env(
                "PSA_SANDBOX_BIN",
                workspace.program("debug", crate::psa::PSA_SANDBOX),
            )
            .env("HELPBELL_WASM_TARGET_DIR", &workspace.target);
        if self.complete {
            // Tests that miss something skip themselves, except under continuous integration.
            command.env("CI", "true");
        }
        command
    }
}

/// The examples in doc comments, of all packages at once: that is the choice of features they were built with.
fn examples_in_comments(workspace: &Workspace) -> Result<()> {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["test", "--workspace", "--exclude", XTASK, "--doc", "--quiet"]);
    process::run(&mut cargo).context("failed to run the examples in doc comments")
}

fn is_run(target: &Target) -> bool {
    target.tested && target.kinds.iter().any(|kind| RUN.contains(&kind.as_str()))
}

fn describe(target: &Target) -> String {
    match target.kinds.first().map(String::as_str) {
        Some("test") => format!("tests/{}", target.name),
        Some("bin") => format!("program {}", target.name),
        _ => "library".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::tests::workspace;
    use serde_json::json;

    fn message(package: &Package, test: bool, file: &str) -> String {
        let target = &package.targets[0];
        json!({
            "reason": "compiler-artifact",
            "package_id": package.id,
            "target": {"name": target.name, "kind": target.kinds, "test": target.tested},
            "profile": {"test": test},
            "executable": file,
        })
        .to_string()
    }

    fn programs(built: Vec<Program>) -> Programs {
        Programs {
            built,
            complete: true,
        }
    }

    #[test]
    fn a_test_program_is_read_from_cargos_messages_and_others_are_not() {
        let workspace = workspace();
        let package = &workspace.packages[0];
        let found = program(&message(package, true, "/t/psa-1")).unwrap();
        assert_eq!(found.file, PathBuf::from("/t/psa-1"));
        assert_eq!(
            programs(vec![found.clone()]).find(package, &package.targets[0]),
            Some(&found)
        );
        assert_eq!(program(&message(package, false, "/t/psa")), None);
        assert_eq!(program("{\"reason\":\"build-finished\",\"success\":true}"), None);
        assert_eq!(program("warning: not JSON at all"), None);
    }

    #[test]
    fn tests_that_were_not_built_fail_their_area() {
        let error = Programs::default().run(&workspace(), "psa").unwrap_err();
        assert!(
            error.to_string().contains("psa-sandbox library (not built)"),
            "{error}"
        );
    }

    #[test]
    fn tests_may_skip_themselves_only_where_something_could_not_be_installed() {
        let workspace = workspace();
        let package = &workspace.packages[0];
        let found = program(&message(package, true, "/t/psa-1")).unwrap();
        for complete in [true, false] {
            let programs = Programs {
                built: vec![],
                complete,
            };
            let command = programs.command(&workspace, package, &found);
            assert_eq!(command.get_envs().any(|(name, _)| name == "CI"), complete);
        }
    }

    #[test]
    fn the_tests_for_windows_alone_wait_for_no_others_to_be_built() {
        assert_eq!(selection(&["windows"]), ["--test", "windows"]);
        assert_eq!(selection(&["unit", "windows"]), ["--all-targets"]);
        assert_eq!(selection(&["unit"]), ["--all-targets"]);
    }

    #[test]
    fn an_example_is_built_and_not_run() {
        let example = Target {
            name: "report".to_owned(),
            kinds: vec!["example".to_owned()],
            tested: true,
        };
        assert!(!is_run(&example));
    }

    #[test]
    fn a_test_is_told_where_connectors_and_programs_are() {
        let workspace = workspace();
        let package = &workspace.packages[0];
        let found = program(&message(package, true, "/t/psa-1")).unwrap();
        let command = programs(vec![]).command(&workspace, package, &found);
        let value = |name: &str| {
            let (_, value) = command.get_envs().find(|(key, _)| *key == name)?;
            value.map(|value| value.to_string_lossy().into_owned())
        };
        assert_eq!(
            value("HELPBELL_CONNECTORS").as_deref(),
            Some("/elsewhere/target/connectors")
        );
        assert_eq!(
            value("HELPBELL_WASM_TARGET_DIR").as_deref(),
            Some("/elsewhere/target")
        );
        assert!(
            value("HELPBELL_BIN")
                .unwrap()
                .contains("/elsewhere/target/debug/helpbell")
        );
        assert_eq!(
            value("HELPBELL_WINDOWS_BIN").as_deref(),
            Some("/elsewhere/target/x86_64-pc-windows-gnu/debug/helpbell.exe")
        );
        assert_eq!(command.get_current_dir(), Some(package.folder.as_path()));
    }
}
