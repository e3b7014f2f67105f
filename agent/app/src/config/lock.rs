//! `connectors.lock`: which connector files the operator allows, and what each may send.
//!
//! A grant belongs to one file by its digest. A file that changed, be it by an update, has no grant
//! until somebody has looked at what it wants.

use super::ConfigError;
use helpbell_model::{connector::Grant, text};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// File name, beside the configuration.
pub(crate) const LOCK_NAME: &str = "connectors.lock";

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lock {
    /// One grant per connector.
    #[serde(default, rename = "connector")]
    pub grants: Vec<Grant>,
}

impl Lock {
    /// Reads the file; a missing one holds no grants.
    ///
    /// # Errors
    /// If it is damaged.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => {
                return Err(ConfigError::Unreadable {
                    path: path.to_owned(),
                    reason: error.to_string(),
                });
            }
        };
        toml::from_str(&text).map_err(|error| ConfigError::Lock {
            message: format!(
                "{} is damaged: {}",
                path.display(),
                text::one_line(error.message(), super::MESSAGE_CHARS)
            ),
            help: "delete it and run: helpbell connector grant".into(),
        })
    }

    /// The grant of this connector.
    ///
    /// # Errors
    /// If it was never granted.
    pub(crate) fn grant(&self, connector: &str) -> Result<&Grant, ConfigError> {
        self.grants
            .iter()
            .find(|grant| grant.connector == connector)
            .ok_or_else(|| ConfigError::Lock {
                message: format!("the connector {connector} was not allowed to send anything yet"),
                help: "look at what it wants and allow it: helpbell connector grant".into(),
            })
    }

    /// Puts a grant in place of the connector's former one.
    pub(crate) fn put(&mut self, grant: Grant) {
        self.grants.retain(|other| other.connector != grant.connector);
        self.grants.push(grant);
    }

    /// The file's text.
    ///
    /// # Errors
    /// If a value cannot be written as TOML, which none of ours is.
    pub(crate) fn to_text(&self) -> Result<String, toml::ser::Error> {
        let head = "# What each connector may send, bound to its file by digest.\n# Written by `helpbell init` and `helpbell connector grant`; requests may be deleted by hand.\n\n";
        Ok(format!("{head}{}", toml::to_string(self)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::connector::{Refusal, RequestEffect, RequestTemplate};

    #[test]
    fn a_lock_survives_its_text_form_and_a_new_grant_replaces_the_old() {
        let grant = |sha256: &str| Grant {
            connector: "halo".into(),
            version: "0.1.0".into(),
            sha256: sha256.into(),
            requests: vec![RequestTemplate {
                origin: "resource-server".into(),
                method: "POST".into(),
                path: "/Tickets".into(),
                effect: RequestEffect::Effect,
                refusals: vec![Refusal {
                    status: 400,
                    member: None,
                }],
                purpose: "file the ticket".into(),
            }],
            auth_requests: vec![],
        };
        let mut lock = Lock::default();
        lock.put(grant("a"));
        lock.put(grant("b"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(LOCK_NAME);
        std::fs::write(&path, lock.to_text().unwrap()).unwrap();
        let read = Lock::read(&path).unwrap();
        assert_eq!(read, lock);
        assert_eq!(read.grant("halo").unwrap().sha256, "b");
        assert!(
            read.grant("other")
                .unwrap_err()
                .help()
                .unwrap()
                .contains("connector grant")
        );
    }
}
