//! The licences of all dependencies, on every platform, against a list of those that may be shipped with the product.

use crate::{process, workspace::Workspace};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};
use std::collections::BTreeSet;

/// Licences that ask for no more than their text to go along.
const ALLOWED: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// Packages under another licence, each with that licence and why it is bearable.
const EXCEPTIONS: [(&str, &str, &str); 13] = [
    (
        "cssparser",
        "MPL-2.0",
        "cleans HTML on the pages of the local PSA servers, which are not shipped",
    ),
    ("dtoa-short", "MPL-2.0", "comes with cssparser"),
    (
        "malachite-base",
        "LGPL-3.0-only",
        "RustPython's whole numbers, in the engine for rules: a component of its own, which anybody can build and replace",
    ),
    ("malachite-bigint", "LGPL-3.0-only", "as malachite-base"),
    ("malachite-nz", "LGPL-3.0-only", "as malachite-base"),
    ("malachite-q", "LGPL-3.0-only", "as malachite-base"),
    ("mt19937", UNNAMED, "BSD-3-Clause by the text that lies in it"),
    (
        "pymath",
        "PSF-2.0",
        "Python's mathematics; the licence asks for its text and a list of changes to go along",
    ),
    (
        "result-like",
        "BSD-2-Clause-Views",
        "BSD-2-Clause with a sentence on whose views it tells",
    ),
    ("result-like-derive", "BSD-2-Clause-Views", "as result-like"),
    (
        "rustpython-doc",
        UNNAMED,
        "a part of RustPython, which is under MIT",
    ),
    (
        "rustpython-pylib",
        UNNAMED,
        "Python's own library, under PSF-2.0 by the text that lies in it",
    ),
    (
        "syn-ext",
        UNNAMED,
        "used while RustPython is compiled, and in nothing that is shipped",
    ),
];

/// Stands in that list for the licence of a package that names none.
const UNNAMED: &str = "none named";

/// Where packages may come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// A dependency as cargo knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Dependency {
    name: String,
    version: String,
    source: String,
    licence: Option<String>,
}

/// Asks cargo for all dependencies and checks each.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["metadata", "--format-version", "1", "--quiet"]);
    let metadata = process::ask(&mut cargo).context("failed to ask cargo for the dependencies")?;
    let metadata =
        serde_json::from_str(&metadata).context("failed to read what cargo says of the dependencies")?;
    let dependencies = read(&metadata)
        .context("failed to read what cargo says of the dependencies: something is missing")?;
    let wrong = wrong(&dependencies)?;
    println!(
        "{} packages of others, {} of them wrong; {} exceptions by name",
        dependencies.len(),
        wrong.len(),
        EXCEPTIONS.len()
    );
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("{}", wrong.join("\n"))
}

/// All packages that are not members of the workspace. A package without a source lies on this machine.
fn read(metadata: &Value) -> Option<Vec<Dependency>> {
    let members: BTreeSet<&str> = metadata
        .get("workspace_members")?
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let packages = metadata.get("packages")?.as_array()?;
    packages
        .iter()
        .filter(|package| {
            let id = package.get("id").and_then(Value::as_str);
            !id.is_some_and(|id| members.contains(id))
        })
        .map(|package| {
            let text = |name: &str| package.get(name)?.as_str().map(str::to_owned);
            Some(Dependency {
                name: text("name")?,
                version: text("version")?,
                source: text("source").unwrap_or_else(|| "a folder of this machine".to_owned()),
                licence: text("license"),
            })
        })
        .collect()
}

/// One line for everything that is wrong, exceptions that nobody needs any more included.
fn wrong(dependencies: &[Dependency]) -> Result<Vec<String>> {
    let allowed = ALLOWED
        .iter()
        .map(|licence| {
            Licensee::parse(licence).with_context(|| format!("failed to read {licence:?} of the list"))
        })
        .collect::<Result<Vec<_>>>()?;
    let mut wrong: Vec<String> = dependencies
        .iter()
        .filter_map(|dependency| {
            let reason = reason(dependency, &allowed)?;
            Some(format!("{} {}: {reason}", dependency.name, dependency.version))
        })
        .collect();
    for (name, licence, _) in EXCEPTIONS {
        if !dependencies.iter().any(|dependency| dependency.name == name) {
            wrong.push(format!(
                "{name}: is no dependency any more, so its exception for {licence} must go"
            ));
        }
    }
    Ok(wrong)
}

/// What is wrong with one dependency.
fn reason(dependency: &Dependency, allowed: &[Licensee]) -> Option<String> {
    if dependency.source != REGISTRY {
        return Some(format!("comes from {}, not from crates.io", dependency.source));
    }
    let named = dependency.licence.as_deref().unwrap_or(UNNAMED);
    if EXCEPTIONS
        .iter()
        .any(|(name, excepted, _)| *name == dependency.name && *excepted == named)
    {
        return None;
    }
    let Some(licence) = &dependency.licence else {
        return Some("names no licence".to_owned());
    };
    // Older packages write `MIT/Apache-2.0`.
    let expression = match Expression::parse_mode(licence, ParseMode::LAX) {
        Ok(expression) => expression,
        Err(error) => {
            return Some(format!(
                "its licence {licence:?} cannot be read: {}",
                error.reason
            ));
        }
    };
    let satisfied = expression.evaluate(|wanted| allowed.iter().any(|licence| licence.satisfies(wanted)));
    (!satisfied).then(|| format!("its licence {licence:?} is not on the list"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn dependency(licence: Option<&str>) -> Dependency {
        Dependency {
            name: "example".to_owned(),
            version: "1.0.0".to_owned(),
            source: REGISTRY.to_owned(),
            licence: licence.map(str::to_owned),
        }
    }

    /// What is wrong with the dependency, stale exceptions aside.
    fn verdict(dependency: &Dependency) -> Option<String> {
        let found = wrong(std::slice::from_ref(dependency)).unwrap();
        found.into_iter().find(|line| line.starts_with("example "))
    }

    #[test]
    fn licences_that_ask_for_their_text_only_pass() {
        for licence in [
            "MIT",
            "MIT/Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
            "Unlicense OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "MIT OR Apache-2.0 OR LGPL-2.1-or-later",
        ] {
            assert_eq!(verdict(&dependency(Some(licence))), None, "{licence}");
        }
    }

    #[test]
    fn copyleft_without_a_choice_fails() {
        for licence in [
            "GPL-3.0-only",
            "GPL-3.0-or-later",
            "MIT AND GPL-2.0",
            "AGPL-3.0",
            "MPL-2.0",
            "LGPL-2.1 OR GPL-3.0",
            "Apache-2.0 WITH Classpath-exception-2.0",
        ] {
            let verdict = verdict(&dependency(Some(licence)));
            assert!(
                verdict.is_some_and(|line| line.contains("not on the list")),
                "{licence}"
            );
        }
    }

    #[test]
    fn a_licence_that_is_missing_or_cannot_be_read_fails() {
        assert!(verdict(&dependency(None)).unwrap().contains("names no licence"));
        assert!(
            verdict(&dependency(Some("do what you like")))
                .unwrap()
                .contains("cannot be read")
        );
    }

    #[test]
    fn a_package_from_elsewhere_than_the_registry_fails_whatever_its_licence() {
        let git = Dependency {
            source: "git+https://example.com/x".to_owned(),
            ..dependency(Some("MIT"))
        };
        assert!(verdict(&git).unwrap().contains("not from crates.io"));
    }

    #[test]
    fn an_exception_holds_for_its_package_and_its_licence_only() {
        let excepted = |licence: &str| Dependency {
            name: "cssparser".to_owned(),
            ..dependency(Some(licence))
        };
        let lines = |dependency: Dependency| wrong(&[dependency]).unwrap().join("\n");
        assert!(!lines(excepted("MPL-2.0")).contains("cssparser 1.0.0"));
        assert!(lines(excepted("GPL-3.0-only")).contains("cssparser 1.0.0"));
    }

    #[test]
    fn an_exception_that_nobody_needs_fails() {
        assert!(
            wrong(&[])
                .unwrap()
                .iter()
                .any(|line| line.contains("exception for MPL-2.0 must go"))
        );
    }

    #[test]
    fn members_of_the_workspace_are_no_dependencies() {
        let metadata = json!({
            "workspace_members": ["path+file:///w/xtask#0.1.0"],
            "packages": [
                {"id": "path+file:///w/xtask#0.1.0", "name": "xtask", "version": "0.1.0", "license": "X", "source": null},
                {"id": "r#a@1.0.0", "name": "a", "version": "1.0.0", "license": "MIT", "source": REGISTRY},
                {"id": "path+file:///elsewhere#b@1.0.0", "name": "b", "version": "1.0.0", "license": "MIT", "source": null},
            ],
        });
        let found = read(&metadata).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].name, "a");
        assert_eq!(found[1].source, "a folder of this machine");
    }
}
