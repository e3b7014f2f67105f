//! What can go wrong for the person at the terminal, and the exit code that says so to a program.

use crate::config::ConfigError;
use helpbell_conformance::CannotRun;
use helpbell_connector_project::ProjectError;
use helpbell_delivery::{StoreError, SubmissionError, parcel::ParcelError};
use helpbell_diagnostics::json::ReadError;
use helpbell_model::{Failure, FailureKind};
use helpbell_sandbox::{BindError, LoadError};
use std::path::PathBuf;

/// Something failed that no input of the caller's explains.
pub(crate) const INTERNAL: u8 = 1;
/// The arguments, the configuration or the input are wrong; nothing was sent.
pub(crate) const USAGE: u8 = 2;
/// The press has no ticket yet; it is kept on disk.
pub(crate) const KEPT: u8 = 3;
/// A rule refused the press; there is no ticket.
pub(crate) const REFUSED: u8 = 7;
/// `doctor` found a warning, or a comparison something that became worse.
pub(crate) const WARNING: u8 = 5;
/// `doctor` found a problem, or a comparison something that broke.
pub(crate) const PROBLEM: u8 = 6;
/// The ticket exists, but its private note does not.
pub(crate) const NOTE_MISSING: u8 = 4;

/// The errors of the program. Each message is a fragment that may follow "failed to …" or stand alone.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The connector file.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The connector with these settings.
    #[error("{error}")]
    Bind {
        /// Why.
        error: BindError,
        /// The configuration it was bound with.
        config: PathBuf,
    },
    /// The press itself.
    #[error(transparent)]
    Submission(#[from] SubmissionError),
    /// The outbox.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A press in a folder.
    #[error(transparent)]
    Parcel(#[from] ParcelError),
    /// Neither connector nor PSA could do it.
    #[error("{0}")]
    Psa(Failure),
    /// A file of the caller's.
    #[error("failed to {doing} {path}: {source}")]
    File {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A connector's project could not be made or built.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// A connector could not be tried.
    #[error(transparent)]
    Conformance(CannotRun),
    /// The arguments ask for what cannot be.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do instead.
        help: Option<String>,
    },
    /// The report could not be written.
    #[error("failed to write the report: {0}")]
    Report(String),
    /// A report of the caller's could not be read.
    #[error("failed to read the report {path}: {source}")]
    Unreadable {
        /// Its file.
        path: PathBuf,
        /// What it is instead.
        source: ReadError,
    },
}

impl AppError {
    /// A mistake in the arguments.
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            help: Some(help.into()),
        }
    }

    /// Wraps a failed file operation.
    pub(crate) fn file(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { doing, path, source }
    }

    /// What cures it, where that is known.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Self::Config(error) => error.help(),
            Self::Psa(failure) => failure.help.clone(),
            Self::Usage { help, .. } => help.clone(),
            Self::Conformance(error) => error.help(),
            Self::Project(error) => error.help(),
            Self::Bind { config, .. } => Some(format!("the settings stand in {}", config.display())),
            Self::Load(_) => Some(
                "look at the file with: helpbell connector inspect FILE; another one is chosen under [connector] in helpbell.toml".into(),
            ),
            Self::Store(StoreError::Disk { path, .. }) | Self::Parcel(ParcelError::Disk { path, .. }) => {
                Some(format!(
                    "check that {} is there, that this account may use it, and that the disk has room",
                    path.display()
                ))
            }
            Self::Unreadable { source, .. } => match source {
                ReadError::Io(_) => None,
                ReadError::Newer(_) => Some("install the newest Helpbell on this computer".into()),
                _ => Some("make one with: helpbell report --json --output FILE".into()),
            },
            Self::Store(_) | Self::Parcel(_) | Self::Submission(_) | Self::File { .. } | Self::Report(_) => {
                None
            }
        }
    }

    /// The same as a failure, for programs and for a press's story: of a kind, with a code that stays.
    pub(crate) fn failure(&self) -> Failure {
        let (kind, code) = match self {
            Self::Psa(failure) => return failure.clone(),
            Self::Config(error) => (FailureKind::InvalidInput, error.code()),
            Self::Load(_) => (FailureKind::InvalidInput, "connector.unusable"),
            Self::Bind { .. } => (FailureKind::InvalidInput, "configuration.settings"),
            Self::Submission(_) | Self::Usage { .. } => (FailureKind::InvalidInput, "press.arguments"),
            Self::Store(_) | Self::Parcel(_) => (FailureKind::Internal, "press.unreadable"),
            Self::File { .. } => (FailureKind::Internal, "file.unusable"),
            Self::Conformance(_) | Self::Project(_) => (FailureKind::InvalidInput, "connector.untried"),
            Self::Report(_) => (FailureKind::Internal, "report.unwritten"),
            Self::Unreadable { .. } => (FailureKind::InvalidInput, "report.unreadable"),
        };
        Failure {
            help: self.help(),
            ..Failure::new(kind, code, self.to_string())
        }
    }

    /// The process's exit code.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_)
            | Self::Load(_)
            | Self::Bind { .. }
            | Self::Submission(_)
            | Self::Store(StoreError::NoSuchPress(_) | StoreError::Over { .. })
            | Self::Parcel(ParcelError::NotAPress { .. } | ParcelError::Exists(_))
            | Self::Conformance(_)
            | Self::Project(_)
            | Self::Unreadable { .. }
            | Self::Usage { .. } => USAGE,
            Self::Store(_) | Self::Parcel(_) | Self::Psa(_) | Self::File { .. } | Self::Report(_) => INTERNAL,
        }
    }
}
