//! One release of WASI, vendored, and nothing that is not used of anyone else.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::path::{Path, PathBuf};

use helpbell_contract_tests::contract::{load, packages, workspace};
use helpbell_contract_tests::versions::{WASI, wasi_references};

fn wit_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(wit_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "wit") {
            files.push(path);
        }
    }
    files
}

#[test]
fn every_file_refers_to_the_one_vendored_release_of_wasi() {
    let files = wit_files(&workspace().join("wit"));
    let mut references = 0;
    for file in &files {
        for (name, version) in wasi_references(&std::fs::read_to_string(file).unwrap()) {
            assert_eq!(version, WASI, "wasi:{name} in {}", file.display());
            references += 1;
        }
    }
    assert!(
        references > 0,
        "no reference found in {} files: the search is broken",
        files.len()
    );
}

#[test]
fn every_package_resolves_to_wasi_of_that_release_and_our_own() {
    for folder in packages().unwrap() {
        let (resolve, _) = load(&folder).unwrap();
        for (_, package) in resolve.packages.iter() {
            let name = &package.name;
            match name.namespace.as_str() {
                "wasi" => assert_eq!(name.version.as_ref().unwrap().to_string(), WASI, "{name}"),
                "helpbell" => assert!(name.version.is_some(), "{name} has no version"),
                other => panic!("{}: {other} is nobody we depend on", folder.display()),
            }
        }
    }
}
