//! An author's project: made from a template, and built into a component.
//!
//! ```text
//! my-desk/
//!   Cargo.toml | pyproject.toml | package.json    says the language
//!   …                                             the connector and its tests
//!   conformance.toml                              what `helpbell connector test` tries it with
//!   kit/                                          what it depends on, as this program carries it
//!     wit/psa/                                    the contract
//!     plugins/sdk/LANGUAGE/                       the kit
//! ```
//!
//! The connectors of this repository are projects, too. They have no `kit/`: theirs is the repository itself, which has
//! the same shape.

mod build;
mod kit;
mod new;
mod tools;

pub use build::{Project, newest};
pub use new::{Name, NotAName, create};

use std::{fmt, io, path::PathBuf, str::FromStr};

/// In what a connector is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Rust, built by cargo.
    Rust,
    /// Python, built by componentize-py.
    Python,
    /// JavaScript, built by componentize-js.
    Js,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rust, Self::Python, Self::Js];

    /// Its name on the command line, and its folder's in `plugins/sdk`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Js => "js",
        }
    }

    /// The file that makes a folder a project of this language.
    #[must_use]
    pub const fn manifest(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::Python => "pyproject.toml",
            Self::Js => "package.json",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|language| language.as_str() == text)
            .ok_or_else(|| format!("{text:?} is not one of rust, python, js"))
    }
}

/// Why a project cannot be made or built. Each message is a fragment that may follow "failed to …" or stand alone.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// Something stands where the project should.
    #[error("{0} is there already")]
    Exists(PathBuf),
    /// The folder holds no project.
    #[error("{folder} is no connector's project: it has none of {}", manifests())]
    NotAProject {
        /// Where was looked.
        folder: PathBuf,
    },
    /// The folder that holds contract and kit is gone.
    #[error("{folder} has no kit/, and no folder above it has wit/psa and plugins/sdk")]
    NoKit {
        /// The project.
        folder: PathBuf,
    },
    /// The manifest cannot be read.
    #[error("{path} cannot be used: {reason}")]
    Manifest {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A program that the language needs is missing.
    #[error("{program} is missing: {purpose}")]
    Missing {
        /// Which.
        program: &'static str,
        /// What it is for.
        purpose: &'static str,
        /// How to get it.
        cure: &'static str,
    },
    /// A program failed; it has said why.
    #[error("{doing} failed ({status})")]
    Failed {
        /// What it was to do.
        doing: String,
        /// How it ended.
        status: String,
        /// What it said, where that was kept.
        said: String,
    },
    /// The disk.
    #[error("failed to {doing} {path}: {source}")]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl ProjectError {
    /// What cures it, where that is known.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Exists(_) => Some("choose another name, or remove it".into()),
            Self::NotAProject { .. } => {
                Some("make one: helpbell connector new my-desk --lang rust (or python, js)".into())
            }
            Self::NoKit { .. } => {
                Some("make a new project and take its kit/: helpbell connector new other --lang …".into())
            }
            Self::Missing { cure, .. } => Some((*cure).into()),
            Self::Failed { said, .. } if !said.is_empty() => Some(said.clone()),
            Self::Failed { .. } | Self::Manifest { .. } | Self::Disk { .. } => None,
        }
    }
}

fn manifests() -> String {
    Language::ALL.map(Language::manifest).join(", ")
}

fn disk(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> ProjectError {
    let path = path.into();
    move |source| ProjectError::Disk { doing, path, source }
}
