//! `helpbell.toml`: what the operator decides.
//!
//! ```toml
//! [connector]
//! name = "halo"            # or: file = "connectors/mine.wasm"
//! [settings]               # the connector's own; `helpbell connector inspect` lists them
//! resource-server = "https://acme.halopsa.com/api"
//! [key]
//! file = "helpbell.key"    # readable by you alone; or: env = "HELPBELL_API_KEY", or: credential = "helpbell-key"
//! [defaults]               # integration defaults: dispatcher variables and their values
//! team = "1st Line"
//! [rules]                  # optional: dispatcher rules; both paths are relative to this file
//! file = "rules.py"
//! engine = "other.wasm"    # instead of the engine that comes with Helpbell
//! [diagnosis]              # optional: what an examination looks at
//! network = true           # echoes, name servers, sites
//! sites = ["erp.acme.example"]
//! scripts = ["vpn.ps1"]    # the provider's own, run at each press
//! [webhook]                # optional: what the doctor looks for among the PSA's webhooks
//! url = "https://gateway.example.com/hook/…"
//! [network]                # only for servers on the premises
//! allow-http = false
//! allow-addresses = []
//! proxy = "http://proxy.acme.example:3128"
//! ca-file = "acme-ca.pem"  # beside this file
//! [limits]                 # what the connector may take; the usual values are right for most
//! memory-mib = 256
//! ```

mod diagnosis;
mod edit;
mod key;
mod limits;
mod lock;
mod network;
mod parse;
mod rules;
mod template;
mod webhook;

pub(crate) use diagnosis::Diagnosis;
pub(crate) use edit::{Edit, replace};
pub(crate) use key::{KeySource, Scope, check_credential_name, keep as keep_key, read as read_key};
pub(crate) use lock::{LOCK_NAME, Lock};
pub(crate) use rules::RulesChoice;
pub(crate) use template::{Filled, quoted, render};

use helpbell_model::{connector::Description, text};
use helpbell_sandbox::{Limits, NetworkGrant, Proxy, egress::policy::Base};
use std::path::{Path, PathBuf};

/// Characters of what is wrong with a file: it repeats words of the file.
const MESSAGE_CHARS: usize = 500;

/// Which connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConnectorChoice {
    /// By name, in the usual folders.
    Name(String),
    /// By path, relative to the configuration.
    File(PathBuf),
}

/// A value and the line it stands in, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    /// As text, whatever its type was.
    pub value: String,
    /// Its line.
    pub line: usize,
}

/// The configuration, read and checked as far as is possible without the connector.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The file.
    pub path: PathBuf,
    /// Which connector.
    pub connector: ConnectorChoice,
    /// Its settings, in the file's order.
    pub settings: Vec<(String, Located)>,
    /// Where the key is.
    pub key: KeySource,
    /// Integration defaults in the file's order.
    pub defaults: Vec<(String, String)>,
    /// By which rules presses are judged.
    pub rules: Option<RulesChoice>,
    /// What an examination looks at.
    pub diagnosis: Diagnosis,
    /// Where the PSA's webhook has to call, if anything receives it.
    pub webhook: Option<String>,
    /// What is allowed of networks.
    pub network: NetworkGrant,
    /// What requests go through.
    pub proxy: Option<Proxy>,
    /// Certificate authorities to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// What the connector may take.
    pub limits: Limits,
}

/// What is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConfigError {
    /// There is none.
    #[error("there is no configuration: {path} does not exist")]
    Missing {
        /// Where it was expected.
        path: PathBuf,
    },
    /// It cannot be read.
    #[error("failed to read {path}: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// One place in it is wrong.
    #[error("{path}, line {line}: {message}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
        /// What would be right.
        help: Option<String>,
    },
    /// The connector it names is nowhere.
    #[error("there is no connector {name:?}")]
    UnknownConnector {
        /// The name.
        name: String,
        /// What there is, and where it was looked for.
        help: String,
    },
    /// The certificates cannot be had.
    #[error("failed to read the certificate authorities of [network] ca-file from {path}: {reason}")]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The key cannot be had.
    #[error("{message}")]
    Key {
        /// Why.
        message: String,
        /// What to do.
        help: String,
    },
    /// `connectors.lock` lacks the connector or is damaged.
    #[error("{message}")]
    Lock {
        /// Why.
        message: String,
        /// What to do.
        help: String,
    },
}

impl ConfigError {
    /// Stable and specific, for programs.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "configuration.missing",
            Self::Unreadable { .. } => "configuration.unreadable",
            Self::Authorities { .. } => "configuration.authorities",
            Self::Wrong { .. } => "configuration.wrong",
            Self::UnknownConnector { .. } => "connector.unknown",
            Self::Key { .. } => "key.unusable",
            Self::Lock { .. } => "connector.not-allowed",
        }
    }

    /// What cures it.
    pub(crate) fn help(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => Some("write one with: helpbell init".into()),
            Self::Authorities { .. } => Some(
                "it must hold the certificates of the authority that issued the server's, in PEM form".into(),
            ),
            Self::Unreadable { path, .. } => Some(format!(
                "check that this account may read {}, and that it is text",
                path.display()
            )),
            Self::Wrong { help, .. } => Some(help.clone().unwrap_or_else(|| {
                "a whole one, with every setting explained: helpbell init --force; this one is kept as helpbell.toml.old".into()
            })),
            Self::UnknownConnector { help, .. } | Self::Key { help, .. } | Self::Lock { help, .. } => {
                Some(help.clone())
            }
        }
    }
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// What is wrong with it, with line, key, and the nearest valid key.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => ConfigError::Missing {
                path: path.to_owned(),
            },
            _ => ConfigError::Unreadable {
                path: path.to_owned(),
                reason: error.to_string(),
            },
        })?;
        parse::parse(path, &text)
    }

    /// Checks the settings against what the connector says of itself.
    ///
    /// # Errors
    /// The first that is unknown or of the wrong kind.
    pub(crate) fn check_settings(&self, description: &Description) -> Result<(), ConfigError> {
        for (name, located) in &self.settings {
            let wrong = |message: String, help: Option<String>| ConfigError::Wrong {
                path: self.path.clone(),
                line: located.line,
                message,
                help,
            };
            let Some(setting) = description.settings.iter().find(|setting| setting.name == *name) else {
                let known: Vec<&str> = description
                    .settings
                    .iter()
                    .map(|setting| setting.name.as_str())
                    .collect();
                return Err(wrong(
                    format!("the connector {} has no setting `{name}`", description.id),
                    Some(did_you_mean(name, &known)),
                ));
            };
            if let Err(expected) = check_value(&setting.kind, &setting.choices, &located.value) {
                return Err(wrong(
                    format!(
                        "`{name}` ({}) must be {expected}, not {:?}",
                        setting.label,
                        text::one_line(&located.value, 80)
                    ),
                    Some(setting.help.clone()),
                ));
            }
        }
        Ok(())
    }

    /// The settings without their lines.
    pub(crate) fn setting_values(&self) -> Vec<(String, String)> {
        self.settings
            .iter()
            .map(|(name, located)| (name.clone(), located.value.clone()))
            .collect()
    }
}

/// Whether a setting's value is of its kind; the error says what would be.
pub(crate) fn check_value(kind: &str, choices: &[(String, String)], value: &str) -> Result<(), String> {
    let value = value.trim();
    let fits = |fits: bool, expected: &str| if fits { Ok(()) } else { Err(expected.to_owned()) };
    match kind {
        "url" => fits(
            Base::parse(value).is_ok(),
            "an address such as https://acme.halopsa.com/api",
        ),
        "email" => fits(
            value
                .split_once('@')
                .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.')),
            "an e-mail address",
        ),
        "integer" => fits(value.parse::<i64>().is_ok(), "a whole number"),
        "boolean" => fits(matches!(value, "true" | "false"), "true or false"),
        "choice" => {
            let known: Vec<String> = choices.iter().map(|(value, _)| format!("{value:?}")).collect();
            fits(
                choices.iter().any(|(known, _)| known == value),
                &known.join(" or "),
            )
        }
        _ => fits(!value.is_empty(), "some text"),
    }
}

/// `did you mean …`, or all there is.
pub(crate) fn did_you_mean(given: &str, known: &[&str]) -> String {
    match text::nearest(given, known.iter().copied()).as_slice() {
        [] => format!("known here: {}", known.join(", ")),
        [nearest, ..] => format!("did you mean `{nearest}`? known here: {}", known.join(", ")),
    }
}
