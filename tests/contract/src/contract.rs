//! The contract's text and what it resolves to.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wit_parser::{PackageId, Resolve, WorldId};

/// The package line of the connector contract as it stands.
const PACKAGE_LINE: &str = "package helpbell:psa@0.1.0;";
/// The same package one patch later, for a changed copy beside the original.
const CHANGED_PACKAGE_LINE: &str = "package helpbell:psa@0.1.1;";

/// The workspace's root.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folders of all packages of ours, released versions among them, in order. Fails if `wit/` cannot be read.
pub fn packages() -> Result<Vec<PathBuf>> {
    let wit = workspace().join("wit");
    let entries = std::fs::read_dir(&wit).with_context(|| format!("failed to read {}", wit.display()))?;
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

/// A package with everything it depends on. Fails with the place if the text does not parse.
pub fn load(folder: &Path) -> Result<(Resolve, PackageId)> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(folder)
        .with_context(|| format!("failed to parse {}", folder.display()))?;
    Ok((resolve, package))
}

/// The connector contract.
pub fn connector_contract() -> Result<(Resolve, PackageId)> {
    load(&workspace().join("wit/psa"))
}

/// The world of this name. Fails if the package has none.
pub fn world(resolve: &Resolve, package: PackageId, name: &str) -> Result<WorldId> {
    let package = resolve
        .packages
        .get(package)
        .context("failed to find the package in its own resolve")?;
    package
        .worlds
        .get(name)
        .copied()
        .with_context(|| format!("{} has no world {name}", package.name))
}

/// The connector contract beside a changed copy of itself, as a later patch release would be.
///
/// Each change is a piece of the text and what stands there instead. Fails if a piece is not in
/// the text exactly once: a change that changes nothing would prove nothing.
pub fn beside_changed_copy(changes: &[(&str, &str)]) -> Result<(Resolve, PackageId, PackageId)> {
    let (mut resolve, original) = connector_contract()?;
    let mut text = one_text()?;
    for (piece, instead) in [(PACKAGE_LINE, CHANGED_PACKAGE_LINE)].iter().chain(changes) {
        let found = text.matches(piece).count();
        anyhow::ensure!(
            found == 1,
            "{piece:?} stands {found} times in the contract, not once"
        );
        text = text.replace(piece, instead);
    }
    let changed = resolve
        .push_str("changed.wit", &text)
        .context("failed to parse the changed copy")?;
    Ok((resolve, original, changed))
}

/// A released version beside the contract as it stands, which counts as a later patch release. Fails if either does not
/// parse.
pub fn beside_released(version: &str) -> Result<(Resolve, PackageId, PackageId)> {
    let mut resolve = Resolve::default();
    let folder = released(version);
    let (old, _) = resolve
        .push_dir(&folder)
        .with_context(|| format!("failed to parse {}", folder.display()))?;
    let now = one_text()?.replace(PACKAGE_LINE, CHANGED_PACKAGE_LINE);
    let now = resolve
        .push_str("now.wit", &now)
        .context("failed to parse the contract as it stands")?;
    Ok((resolve, old, now))
}

/// The frozen folder of a released version.
#[must_use]
pub fn released(version: &str) -> PathBuf {
    workspace().join(format!("wit/psa-{version}"))
}

/// All files of the contract as one: the one that names the package first, as the language wants it.
fn one_text() -> Result<String> {
    let folder = workspace().join("wit/psa");
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wit") {
            texts.push(
                std::fs::read_to_string(&path)
                    .with_context(|| format!("failed to read {}", path.display()))?,
            );
        }
    }
    texts.sort_by_key(|text| !text.contains(PACKAGE_LINE));
    Ok(texts.join("\n"))
}
