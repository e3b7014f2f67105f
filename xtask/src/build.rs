//! Connectors and programs.

use crate::{
    process, show, shown,
    workspace::{RULES, Workspace, XTASK},
};
use anyhow::{Context as _, Result};
use helpbell_connector_project::{Language, Project};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What connectors are compiled for.
pub(crate) const WASM: &str = "wasm32-wasip2";
/// The target that stands for Windows where there is none: its compiler exists as a package.
pub(crate) const WINDOWS: &str = "x86_64-pc-windows-gnu";
/// The profile they are shipped with, and its folder below `target`.
const CONNECTOR_PROFILE: &str = "connector";
/// The program that starts the engine for rules and keeps it as it is then.
const RULES_PREPARE: &str = "helpbell-rules-prepare";

/// Builds the connectors written in Rust as they are shipped, puts them into [`Workspace::connector_folder`], and gives their files.
pub(crate) fn connectors(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let connectors = workspace.connectors();
    components(
        workspace,
        connectors.iter().map(|connector| connector.package.as_str()),
    )
    .context("failed to build the connectors")?;
    let folder = workspace.connector_folder();
    let mut files = vec![];
    for connector in &connectors {
        let to = folder.join(format!("{}.wasm", connector.name));
        put(&built(workspace, &connector.package), &to)?;
        files.push(to);
    }
    Ok(files)
}

/// Builds packages as components.
fn components<'a>(workspace: &Workspace, packages: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["build", "--target", WASM, "--profile", CONNECTOR_PROFILE]);
    for package in packages {
        cargo.args(["--package", package]);
    }
    // What the caller set for its own machine does not hold for WebAssembly.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(variable);
    }
    process::run(&mut cargo)
}

/// Builds the engine for dispatcher rules, starts it and keeps it as it is then, beside the connectors. `profile` is that
/// of the program which starts it.
pub(crate) fn rules(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    components(workspace, [RULES]).context("failed to build the engine for rules")?;
    programs(workspace, profile, &[RULES_PREPARE])?;
    let to = workspace.connector_folder().join("rules.wasm");
    let beside = to.with_extension(format!("{}.tmp", std::process::id()));
    let mut prepare = std::process::Command::new(workspace.program(profile.folder(), RULES_PREPARE));
    prepare
        .arg(built(workspace, RULES))
        .arg(workspace.root.join("plugins/rules/library"))
        .arg(&beside);
    process::run(&mut prepare).context("failed to start the engine for rules")?;
    fs::rename(&beside, &to).with_context(|| format!("failed to write {}", shown(&to).display()))?;
    Ok(to)
}

/// The same with those in Python and JavaScript, which take an interpreter, a package manager and a minute more: for whoever
/// needs every connector.
pub(crate) fn all_connectors(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut files = connectors(workspace)?;
    for project in workspace.projects()? {
        // Named after its folder, like those in Rust.
        let name = project.folder().file_name().unwrap_or_default();
        let to = workspace.connector_folder().join(name).with_extension("wasm");
        project_anew(workspace, &project, &to)?;
        files.push(to);
    }
    Ok(files)
}

/// Builds a connector in Python or JavaScript, unless it is newer than everything it is made of: that takes half a minute.
fn project_anew(workspace: &Workspace, project: &Project, to: &Path) -> Result<()> {
    if project.is_current(to) {
        return Ok(());
    }
    match project.language() {
        Language::Python => crate::prepare::python()?,
        Language::Js => crate::prepare::node()?,
        Language::Rust => {}
    }
    show::note(&format!("building {} ({})", project.name(), project.language()));
    project
        .build(to, &workspace.target.join("tools"))
        .map_err(|error| match error.help() {
            Some(help) => show::cured(error.to_string(), help),
            None => error.into(),
        })
}

/// Where cargo leaves a component.
fn built(workspace: &Workspace, package: &str) -> PathBuf {
    workspace
        .target
        .join(WASM)
        .join(CONNECTOR_PROFILE)
        .join(format!("{}.wasm", package.replace('-', "_")))
}

/// Puts a file where others may be reading its predecessor: copied beside it and renamed into place.
fn put(from: &Path, to: &Path) -> Result<()> {
    let failed = || {
        format!(
            "failed to copy {} to {}",
            shown(from).display(),
            shown(to).display()
        )
    };
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(failed)?;
    }
    let beside = to.with_extension(format!("{}.tmp", std::process::id()));
    fs::copy(from, &beside).with_context(failed)?;
    fs::rename(&beside, to).with_context(failed)
}

/// Builds programs by their names. The whole workspace is selected, and of it only what these need is built: with
/// packages alone cargo would choose other features for each choice of them, and build what they share again and again.
/// What tests need besides changes features once more: they share nothing with these.
pub(crate) fn programs(workspace: &Workspace, profile: Profile, names: &[&str]) -> Result<()> {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["build", "--workspace", "--exclude", XTASK]);
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    for name in names {
        cargo.args(["--bin", name]);
    }
    process::run(&mut cargo)
}

/// cargo, to build or judge `helpbell.exe` as tests are built; chosen out of the whole workspace as in [`programs`], so that
/// what runs while building is shared with everything else that is built.
pub(crate) fn for_windows(workspace: &Workspace, subcommand: &str) -> std::process::Command {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args([subcommand, "--target", WINDOWS]);
    cargo.args(["--workspace", "--exclude", XTASK, "--bin", "helpbell"]);
    cargo
}

/// Where [`for_windows`] leaves it.
pub(crate) fn windows_program(workspace: &Workspace) -> PathBuf {
    let folder = workspace.target.join(WINDOWS).join(Profile::Dev.folder());
    folder.join("helpbell.exe")
}

/// How programs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As tests are.
    Dev,
    /// As what is measured.
    Release,
}

impl Profile {
    /// The folder below `target` in which cargo puts what it builds so.
    const fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

/// `cargo xtask build`: connectors and `helpbell` in release, the connectors beside the program, where it looks for
/// them by itself.
pub(crate) fn product(workspace: &Workspace) -> Result<()> {
    crate::prepare::toolchain(workspace)?;
    show::heading("Building the connectors");
    let mut connectors = all_connectors(workspace)?;
    show::heading("Building the engine for rules");
    connectors.push(rules(workspace, Profile::Release)?);
    show::heading("Building helpbell");
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["build", "--release", "--package", "helpbell"]);
    process::run(&mut cargo)?;
    let program = workspace.program("release", "helpbell");
    let beside = workspace.target.join("release").join("connectors");
    for connector in connectors {
        let name = connector.file_name().unwrap_or_default();
        put(&connector, &beside.join(name))?;
    }
    println!("{}", shown(&program).display());
    println!("{}", shown(&beside).display());
    show::note(&format!("next: {} init", shown(&program).display()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connector_is_copied_over_its_predecessor_and_nothing_is_left_beside_it() {
        let folder = std::env::temp_dir().join(format!("xtask-put-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (from, to) = (
            folder.join("new.wasm"),
            folder.join("connectors").join("halo.wasm"),
        );
        for content in ["first", "second"] {
            fs::write(&from, content).unwrap();
            put(&from, &to).unwrap();
            assert_eq!(fs::read_to_string(&to).unwrap(), content);
        }
        assert_eq!(fs::read_dir(folder.join("connectors")).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_connector_that_was_not_built_is_named() {
        let error = put(
            Path::new("no-such.wasm"),
            &std::env::temp_dir().join("xtask-never.wasm"),
        )
        .unwrap_err();
        assert!(error.to_string().contains("no-such.wasm"), "{error}");
    }

    #[test]
    fn cargo_writes_a_package_with_underscores() {
        let workspace = crate::workspace::tests::workspace();
        let file = built(&workspace, "helpbell-halo");
        assert_eq!(
            file,
            Path::new("/elsewhere/target/wasm32-wasip2/connector/helpbell_halo.wasm")
        );
    }
}
