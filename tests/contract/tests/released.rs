//! Released versions of the contract: frozen, and kept.
//!
//! A connector that was built against one must run in every later host of the same line. That a committed component does
//! is proved where there is a host: `tests/connectors/tests/released.rs`.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::path::{Path, PathBuf};

use helpbell_contract_tests::contract::{beside_released, packages, released, workspace, world};
use sha2::{Digest as _, Sha256};
use wit_component::semver_check;

/// Every released version with the SHA-256 of its folder. A line here is never changed, only added.
const RELEASED: [(&str, &str); 1] = [(
    "0.1.0",
    "97dc53cc01b32fb1551e02da153e2fb86c9b175d6c62da02ff939c5766077d7f",
)];

/// The folder's files by name, each with its length, in order.
fn digest(folder: &Path) -> String {
    let mut hasher = Sha256::new();
    for file in files(folder) {
        let text = std::fs::read(&file).unwrap();
        let name = file
            .strip_prefix(folder)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        hasher.update(format!("{name} {}\n", text.len()));
        hasher.update(&text);
    }
    hex::encode(hasher.finalize())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn a_released_version_is_what_it_was() {
    for (version, known) in RELEASED {
        assert_eq!(digest(&released(version)), known, "wit/psa-{version} was changed");
    }
    let folders = packages().unwrap();
    let frozen = folders.iter().filter(|folder| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("psa-")
    });
    assert_eq!(
        frozen.count(),
        RELEASED.len(),
        "a frozen folder is not listed here"
    );
}

#[test]
fn a_connector_built_against_a_released_version_fits_the_contract_as_it_stands() {
    for (version, _) in RELEASED {
        let (resolve, old, now) = beside_released(version).unwrap();
        for (name, old) in &resolve.packages[old].worlds {
            let now = world(&resolve, now, name).unwrap();
            semver_check(resolve.clone(), *old, now)
                .unwrap_or_else(|error| panic!("{version}, {name}: {error:?}"));
        }
    }
}

#[test]
fn a_released_version_has_a_component_that_was_built_against_it() {
    for (version, _) in RELEASED {
        let file = workspace().join(format!("tests/contract/fixtures/psa-{version}.wasm"));
        let component = std::fs::read(&file).unwrap();
        let wit_component::DecodedWasm::Component(resolve, world) =
            wit_component::decode(&component).unwrap()
        else {
            panic!("{} is no component", file.display());
        };
        let exports = &resolve.worlds[world].exports;
        let exported: Vec<String> = exports.keys().map(|key| resolve.name_world_key(key)).collect();
        let wanted = format!("helpbell:psa/tickets@{version}");
        assert!(exported.contains(&wanted), "{exported:?}");
    }
}
