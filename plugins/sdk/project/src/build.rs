//! From a project to a component.

use crate::{Language, ProjectError, disk, tools};
use serde::Deserialize;
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::SystemTime,
};

/// What cargo compiles components for.
const WASM: &str = "wasm32-wasip2";
/// The profile they are shipped with; the template declares it.
const PROFILE: &str = "connector";
/// Folders that hold nothing an author wrote.
const NOT_SOURCES: [&str; 6] = [
    "target",
    "node_modules",
    "__pycache__",
    ".git",
    ".venv",
    "recorded",
];

/// A connector's project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    folder: PathBuf,
    language: Language,
    name: String,
    /// The folder that holds `wit/psa` and `plugins/sdk`.
    kit: PathBuf,
}

#[derive(Deserialize)]
struct Cargo {
    package: Named,
}

#[derive(Deserialize)]
struct Python {
    project: Named,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl Project {
    /// The project in this folder.
    ///
    /// # Errors
    /// If there is none, or its kit is gone.
    pub fn at(folder: &Path) -> Result<Self, ProjectError> {
        let absent = || ProjectError::NotAProject {
            folder: folder.to_owned(),
        };
        let folder = fs::canonicalize(folder).map_err(|_| absent())?;
        let language = Language::ALL
            .into_iter()
            .find(|language| folder.join(language.manifest()).is_file())
            .ok_or_else(absent)?;
        let name = name(language, &folder.join(language.manifest()))?;
        let holds = |folder: &Path| folder.join("wit/psa").is_dir() && folder.join("plugins/sdk").is_dir();
        let own = folder.join("kit");
        let kit = if holds(&own) {
            own
        } else {
            let above = folder.ancestors().skip(1).find(|above| holds(above));
            above.map(Path::to_owned).ok_or_else(|| ProjectError::NoKit {
                folder: folder.clone(),
            })?
        };
        Ok(Self {
            folder,
            language,
            name,
            kit,
        })
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// In what it is written.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Where its component is put unless somebody says otherwise.
    #[must_use]
    pub fn output(&self) -> PathBuf {
        self.folder.join(format!("{}.wasm", self.name))
    }

    /// When one of its sources, or of its kit's, was last changed.
    #[must_use]
    pub fn changed(&self) -> Option<SystemTime> {
        let kit = self.kit.join("plugins/sdk").join(self.language.as_str());
        [&self.folder, &kit, &self.kit.join("wit/psa")]
            .into_iter()
            .filter_map(|folder| newest(folder))
            .max()
    }

    /// Whether this component is newer than everything it is made of. Cargo knows by itself what there is to do.
    #[must_use]
    pub fn is_current(&self, output: &Path) -> bool {
        let built = fs::metadata(output).and_then(|about| about.modified()).ok();
        self.language != Language::Rust && built.is_some() && built > self.changed()
    }

    /// Builds it. What slow languages need is installed below `tools`, once.
    ///
    /// # Errors
    /// If something is missing that it takes, or it does not compile; then the compiler's words are the help.
    pub fn build(&self, output: &Path, tools: &Path) -> Result<(), ProjectError> {
        let sdk = self.kit.join("plugins/sdk").join(self.language.as_str());
        match self.language {
            Language::Rust => self.build_rust(output),
            Language::Python => {
                let python = tools::python(tools, &sdk)?;
                self.script(Command::new(python).arg(sdk.join("build.py")), output)
            }
            Language::Js => {
                let installed = tools::js(tools, &sdk)?;
                let mut node = Command::new(tools::node()?);
                node.arg(sdk.join("build.mjs")).arg("--tools").arg(installed);
                self.script(&mut node, output)
            }
        }
    }

    fn script(&self, command: &mut Command, output: &Path) -> Result<(), ProjectError> {
        command.arg("--project").arg(&self.folder);
        command.arg("--wit").arg(self.kit.join("wit/psa"));
        command.arg("--output").arg(output);
        // Nothing of the build is left among the sources.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        tools::run(command, &format!("building {}", self.name))
    }

    /// Cargo shows its own progress, and its own errors.
    fn build_rust(&self, output: &Path) -> Result<(), ProjectError> {
        let mut cargo = Command::new("cargo");
        cargo
            .current_dir(&self.folder)
            .args(["build", "--target", WASM, "--profile", PROFILE])
            .stdin(Stdio::null());
        // What was set for the author's own machine does not hold for WebAssembly.
        for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
            cargo.env_remove(variable);
        }
        let status = cargo.status().map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                ProjectError::Missing {
                    program: "cargo",
                    purpose: "connectors in Rust are built by it",
                    cure: "install Rust from https://rustup.rs, then: rustup target add wasm32-wasip2",
                }
            } else {
                disk("start", "cargo")(error)
            }
        })?;
        if !status.success() {
            return Err(ProjectError::Failed {
                doing: format!("building {}", self.name),
                status: status.to_string(),
                said: "read above what the compiler says; if it misses the target: rustup target add wasm32-wasip2"
                    .into(),
            });
        }
        let file = format!("{}.wasm", self.name.replace('-', "_"));
        let built = target_folder(&self.folder)?.join(WASM).join(PROFILE).join(file);
        fs::copy(&built, output).map(drop).map_err(disk("copy", built))
    }
}

/// Cargo's target folder, which an author may have set anywhere.
fn target_folder(project: &Path) -> Result<PathBuf, ProjectError> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let output = Command::new("cargo")
        .current_dir(project)
        .args(["metadata", "--format-version=1", "--no-deps"])
        .stdin(Stdio::null())
        .output()
        .map_err(disk("start", "cargo"))?;
    let metadata: Metadata =
        serde_json::from_slice(&output.stdout).map_err(|error| ProjectError::Manifest {
            path: project.join(Language::Rust.manifest()),
            reason: error.to_string(),
        })?;
    Ok(metadata.target_directory)
}

fn name(language: Language, manifest: &Path) -> Result<String, ProjectError> {
    let text = fs::read_to_string(manifest).map_err(disk("read", manifest))?;
    let found = match language {
        Language::Rust => toml::from_str::<Cargo>(&text)
            .map(|cargo| cargo.package.name)
            .map_err(|error| error.to_string()),
        Language::Python => toml::from_str::<Python>(&text)
            .map(|python| python.project.name)
            .map_err(|error| error.to_string()),
        Language::Js => serde_json::from_str::<Named>(&text)
            .map(|package| package.name)
            .map_err(|error| error.to_string()),
    };
    found.map_err(|reason| ProjectError::Manifest {
        path: manifest.to_owned(),
        reason,
    })
}

/// When a file below this folder was last changed, leaving out what no author writes.
#[must_use]
pub fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    entries
        .filter_map(|entry| {
            let (name, path) = (entry.file_name(), entry.path());
            if NOT_SOURCES.iter().any(|skipped| name == OsStr::new(skipped)) {
                return None;
            }
            if path.is_dir() {
                return newest(&path);
            }
            if path.extension().is_some_and(|extension| extension == "wasm") {
                return None;
            }
            entry.metadata().and_then(|about| about.modified()).ok()
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Name, create};

    #[test]
    fn a_new_project_is_found_by_its_language() {
        let parent = tempfile::tempdir().unwrap();
        let name: Name = "my-desk".parse().unwrap();
        for language in Language::ALL {
            let folder = parent.path().join(language.as_str());
            let folder = create(&folder, &name, "My Desk", language).unwrap();
            let project = Project::at(&folder).unwrap();
            assert_eq!((project.language(), project.name()), (language, "my-desk"));
            assert_eq!(project.output(), folder.join("my-desk.wasm"));
            assert_eq!(project.kit, folder.join("kit"));
        }
    }

    #[test]
    fn a_folder_that_is_none_is_told_with_the_command_that_makes_one() {
        let folder = tempfile::tempdir().unwrap();
        let error = Project::at(folder.path()).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("Cargo.toml, pyproject.toml, package.json"),
            "{error}"
        );
        assert!(error.help().unwrap().contains("helpbell connector new"));
        fs::write(folder.path().join("package.json"), "{\"name\": 5}").unwrap();
        assert!(matches!(
            Project::at(folder.path()).unwrap_err(),
            ProjectError::Manifest { .. }
        ));
        fs::write(folder.path().join("package.json"), "{\"name\": \"a\"}").unwrap();
        assert!(matches!(
            Project::at(folder.path()).unwrap_err(),
            ProjectError::NoKit { .. }
        ));
    }

    #[test]
    fn a_component_is_current_until_a_source_changes() {
        let parent = tempfile::tempdir().unwrap();
        let name: Name = "my-desk".parse().unwrap();
        let folder = create(&parent.path().join("my-desk"), &name, "My Desk", Language::Js).unwrap();
        let project = Project::at(&folder).unwrap();
        assert!(!project.is_current(&project.output()), "there is none");
        fs::write(project.output(), "").unwrap();
        let later = SystemTime::now() + std::time::Duration::from_secs(60);
        let touch = |path: &Path, at| {
            fs::File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_modified(at)
                .unwrap()
        };
        touch(&project.output(), later);
        assert!(project.is_current(&project.output()));
        touch(
            &folder.join("src/my_desk.js"),
            later + std::time::Duration::from_secs(1),
        );
        assert!(!project.is_current(&project.output()));
    }

    #[test]
    fn what_was_built_is_no_change() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("target/x")).unwrap();
        fs::write(folder.path().join("target/x/y.rs"), "").unwrap();
        fs::write(folder.path().join("my-desk.wasm"), "").unwrap();
        assert_eq!(newest(folder.path()), None);
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src/lib.rs"), "").unwrap();
        assert!(newest(folder.path()).is_some());
    }
}
