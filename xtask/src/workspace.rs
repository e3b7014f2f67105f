//! What there is to build and test, from cargo's own account of the workspace.
//!
//! Nothing is listed by hand: a connector is a package below `plugins/` that becomes a component, an area of the
//! suite is a folder of `tests/`, and whatever lies elsewhere is tested in the area `unit`.

use crate::process;
use anyhow::{Context as _, Result};
use helpbell_connector_project::{Language, Project};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The area of packages that are not below [`TESTS`].
pub(crate) const UNIT: &str = "unit";
/// Folder of areas.
const TESTS: &str = "tests";
/// Folder of connectors.
const PLUGINS: &str = "plugins";
/// The package of the engine for dispatcher rules: a component, but no connector.
pub(crate) const RULES: &str = "helpbell-rules";
/// This package.
pub(crate) const XTASK: &str = "xtask";

/// The workspace.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its folder.
    pub(crate) root: PathBuf,
    /// Where cargo builds: `target`, or wherever the caller has moved it.
    pub(crate) target: PathBuf,
    /// Its members.
    pub(crate) packages: Vec<Package>,
}

/// A member.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    /// Cargo's id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// Its folder's path within the workspace, part by part.
    place: Vec<String>,
    /// What it is built into.
    pub(crate) targets: Vec<Target>,
}

/// A library, program or test of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Its name.
    pub(crate) name: String,
    /// `lib`, `cdylib`, `bin`, `test`, `example`, …
    pub(crate) kinds: Vec<String>,
    /// Whether `cargo test` makes a test program of it.
    pub(crate) tested: bool,
}

/// A package that becomes a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connector {
    /// What `helpbell.toml` calls it: `halo`.
    pub(crate) name: String,
    /// The package: `helpbell-halo`.
    pub(crate) package: String,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn read() -> Result<Self> {
        // Compiled in: the workshop works from any folder below the workspace, and only on its own one.
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("failed to find the workspace: this package has no parent folder")?;
        let mut cargo = process::cargo(root);
        cargo.args(["metadata", "--format-version", "1", "--no-deps"]);
        let metadata = process::ask(&mut cargo).context("failed to ask cargo about the workspace")?;
        let metadata =
            serde_json::from_str(&metadata).context("failed to read what cargo says of the workspace")?;
        Self::from_metadata(&metadata)
            .context("failed to read what cargo says of the workspace: something is missing")
    }

    fn from_metadata(metadata: &Value) -> Option<Self> {
        let root = PathBuf::from(metadata.get("workspace_root")?.as_str()?);
        let packages = metadata.get("packages")?.as_array()?;
        Some(Self {
            target: PathBuf::from(metadata.get("target_directory")?.as_str()?),
            packages: packages
                .iter()
                .map(|package| Package::from_metadata(package, &root))
                .collect::<Option<_>>()?,
            root,
        })
    }

    /// The connectors that cargo does not know, because they are written in another language: the folders of `plugins/`
    /// with their manifests.
    pub(crate) fn projects(&self) -> Result<Vec<Project>> {
        let plugins = self.root.join(PLUGINS);
        let mut projects = vec![];
        for entry in
            std::fs::read_dir(&plugins).with_context(|| format!("failed to read {}", plugins.display()))?
        {
            let folder = entry?.path();
            if folder.is_dir()
                && let Ok(project) = Project::at(&folder)
                && project.language() != Language::Rust
            {
                projects.push(project);
            }
        }
        projects.sort_by(|a, b| a.name().cmp(b.name()));
        Ok(projects)
    }

    /// The connectors written in Rust, by name.
    pub(crate) fn connectors(&self) -> Vec<Connector> {
        let mut connectors: Vec<Connector> = self
            .packages
            .iter()
            .filter(|package| package.is_plugin() && package.is_component() && package.name != RULES)
            .filter_map(|package| {
                Some(Connector {
                    name: package.place.last()?.clone(),
                    package: package.name.clone(),
                })
            })
            .collect();
        connectors.sort_by(|a, b| a.name.cmp(&b.name));
        connectors
    }

    /// Packages whose code runs in the sandbox, and therefore is linted as WebAssembly too.
    pub(crate) fn guests(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| (package.is_plugin() && !package.is_program()) || package.is_component())
    }

    /// The areas of tests in the order in which they run.
    pub(crate) fn areas(&self) -> Vec<String> {
        let mut areas: Vec<String> = self
            .packages
            .iter()
            .map(|package| package.area().to_owned())
            .collect();
        // `unit` first: what fails there makes the rest fail too.
        areas.sort_by_key(|area| (area != UNIT, area.clone()));
        areas.dedup();
        areas
    }

    /// The folder in which connectors are found by name.
    pub(crate) fn connector_folder(&self) -> PathBuf {
        self.target.join("connectors")
    }

    /// A program built by the profile whose folder is named, such as `debug`.
    pub(crate) fn program(&self, profile: &str, name: &str) -> PathBuf {
        self.target
            .join(profile)
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

impl Package {
    fn from_metadata(package: &Value, root: &Path) -> Option<Self> {
        let text = |name: &str| package.get(name)?.as_str().map(str::to_owned);
        let folder = PathBuf::from(text("manifest_path")?).parent()?.to_owned();
        let place = folder.strip_prefix(root).ok()?;
        Some(Self {
            id: text("id")?,
            name: text("name")?,
            version: text("version")?,
            place: place
                .iter()
                .map(|part| part.to_string_lossy().into_owned())
                .collect(),
            targets: package
                .get("targets")?
                .as_array()?
                .iter()
                .map(Target::from_metadata)
                .collect::<Option<_>>()?,
            folder,
        })
    }

    /// The area whose tests these are.
    pub(crate) fn area(&self) -> &str {
        match self.place.as_slice() {
            [tests, area, ..] if tests == TESTS => area,
            _ => UNIT,
        }
    }

    fn is_plugin(&self) -> bool {
        self.place.first().is_some_and(|first| first == PLUGINS)
    }

    fn is_component(&self) -> bool {
        self.is_built_into("cdylib")
    }

    fn is_program(&self) -> bool {
        self.is_built_into("bin")
    }

    fn is_built_into(&self, kind: &str) -> bool {
        let mut kinds = self.targets.iter().flat_map(|target| &target.kinds);
        kinds.any(|known| known == kind)
    }
}

impl Target {
    /// Reads a target as `cargo metadata` and the messages of `cargo build` write it.
    pub(crate) fn from_metadata(target: &Value) -> Option<Self> {
        let kinds = target.get("kind")?.as_array()?;
        Some(Self {
            name: target.get("name")?.as_str()?.to_owned(),
            kinds: kinds
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            tested: target.get("test")?.as_bool()?,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    pub(crate) fn workspace() -> Workspace {
        let package = |name: &str, place: &str, kind: &str| {
            json!({
                "id": format!("path+file:///w/{place}#{name}@0.1.0"), "name": name, "version": "0.1.0",
                "manifest_path": format!("/w/{place}/Cargo.toml"),
                "targets": [{"name": name.replace('-', "_"), "kind": [kind], "test": true}],
            })
        };
        let metadata = json!({
            "workspace_root": "/w",
            "target_directory": "/elsewhere/target",
            "packages": [
                package("psa-sandbox", "tests/psa", "lib"),
                package("helpbell-end-to-end", "tests/end-to-end", "lib"),
                package("helpbell-windows-tests", "tests/windows", "lib"),
                package("skeleton-email", "tests/contract/skeletons/email", "cdylib"),
                package("helpbell-model", "host/model", "lib"),
                package("helpbell-connector", "plugins/sdk/rust", "lib"),
                package("helpbell-halo", "plugins/halo", "cdylib"),
                package("helpbell-rules", "plugins/rules", "cdylib"),
                package("helpbell-rules-prepare", "plugins/rules/prepare", "bin"),
                package("xtask", "xtask", "bin"),
            ],
        });
        Workspace::from_metadata(&metadata).unwrap()
    }

    #[test]
    fn areas_are_the_folders_of_tests_and_unit_comes_first() {
        assert_eq!(
            workspace().areas(),
            ["unit", "contract", "end-to-end", "psa", "windows"]
        );
    }

    #[test]
    fn connectors_are_the_components_below_plugins_but_the_engine_for_rules() {
        let halo = Connector {
            name: "halo".to_owned(),
            package: "helpbell-halo".to_owned(),
        };
        assert_eq!(workspace().connectors(), [halo]);
    }

    #[test]
    fn everything_below_plugins_but_programs_and_every_component_of_a_test_is_a_guest() {
        let workspace = workspace();
        let guests: Vec<&str> = workspace.guests().map(|guest| guest.name.as_str()).collect();
        assert_eq!(
            guests,
            [
                "skeleton-email",
                "helpbell-connector",
                "helpbell-halo",
                "helpbell-rules"
            ]
        );
    }

    #[test]
    fn what_is_built_stands_where_cargo_says() {
        assert_eq!(
            workspace().connector_folder(),
            Path::new("/elsewhere/target/connectors")
        );
    }
}
