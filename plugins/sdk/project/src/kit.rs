//! The kits and the contract, as this program carries them.

use crate::{Language, ProjectError, disk};
use rust_embed::{EmbeddedFile, RustEmbed};
use std::{fs, path::Path};

#[derive(RustEmbed)]
#[folder = "../../../wit/psa"]
struct Contract;

#[derive(RustEmbed)]
#[folder = "../rust"]
#[exclude = "target/*"]
struct Rust;

#[derive(RustEmbed)]
#[folder = "../python"]
#[exclude = "*__pycache__*"]
#[exclude = "tests/*"]
struct Python;

#[derive(RustEmbed)]
#[folder = "../js"]
#[exclude = "node_modules/*"]
#[exclude = "test/*"]
struct Js;

/// The templates stand among the kits' files.
const TEMPLATE: &str = "template/";

/// The workspace that the Rust kit finds around itself in an author's project: what it takes from this repository's.
const RUST_WORKSPACE: &str = include_str!("kit-workspace.toml");

type Files = Vec<(String, EmbeddedFile)>;

fn files<Folder: RustEmbed>() -> Files {
    Folder::iter()
        .filter_map(|name| Some((name.to_string(), Folder::get(&name)?)))
        .collect()
}

fn of(language: Language) -> Files {
    match language {
        Language::Rust => files::<Rust>(),
        Language::Python => files::<Python>(),
        Language::Js => files::<Js>(),
    }
}

/// The files of a language's template, by their names in a project.
pub(crate) fn template(language: Language) -> Vec<(String, String)> {
    let text = |(name, file): (String, EmbeddedFile)| {
        let name = name.strip_prefix(TEMPLATE)?.to_owned();
        Some((name, String::from_utf8_lossy(&file.data).into_owned()))
    };
    of(language).into_iter().filter_map(text).collect()
}

/// Writes contract and kit into a project's `kit/`.
pub(crate) fn write(language: Language, kit: &Path) -> Result<(), ProjectError> {
    let sdk = kit.join("plugins/sdk").join(language.as_str());
    for (name, file) in of(language) {
        if !name.starts_with(TEMPLATE) {
            put(&sdk.join(name), &file.data)?;
        }
    }
    for (name, file) in files::<Contract>() {
        put(&kit.join("wit/psa").join(name), &file.data)?;
    }
    if language == Language::Rust {
        put(&kit.join("Cargo.toml"), RUST_WORKSPACE.as_bytes())?;
    }
    Ok(())
}

pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<(), ProjectError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(disk("make", folder))?;
    }
    fs::write(path, bytes).map_err(disk("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::Value;

    #[test]
    fn every_kit_travels_with_its_template_and_the_contract() {
        for language in Language::ALL {
            let folder = tempfile::tempdir().unwrap();
            write(language, folder.path()).unwrap();
            assert!(folder.path().join("wit/psa/world.wit").is_file());
            assert!(folder.path().join("wit/psa/deps/http.wit").is_file());
            let sdk = folder.path().join("plugins/sdk").join(language.as_str());
            assert!(sdk.join("README.md").is_file(), "{language}");
            assert!(!sdk.join("template").exists(), "{language}");
            let template = template(language);
            for needed in [language.manifest(), "conformance.toml", "README.md", ".gitignore"] {
                assert!(
                    template.iter().any(|(name, _)| name == needed),
                    "{language}: {needed}"
                );
            }
        }
    }

    #[test]
    fn the_rust_kit_finds_in_a_project_what_it_takes_from_this_workspace() {
        let read = |text: &str| text.parse::<toml::Table>().unwrap();
        let ours = read(include_str!("../../../../Cargo.toml"));
        let theirs = read(RUST_WORKSPACE);
        let kit = read(include_str!("../../rust/Cargo.toml"));
        let workspace = |table: &toml::Table, section: &str| table["workspace"][section].clone();
        for section in ["package", "lints"] {
            assert_eq!(
                workspace(&theirs, section),
                workspace(&ours, section),
                "{section}"
            );
        }
        let Value::Table(needed) = &kit["dependencies"] else {
            panic!("the kit depends on nothing");
        };
        for name in needed.keys() {
            assert_eq!(
                workspace(&theirs, "dependencies")[name],
                workspace(&ours, "dependencies")[name],
                "{name}"
            );
        }
    }
}
