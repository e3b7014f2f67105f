//! What binds a connector to a tenant, and whether it fits.

use crate::{
    egress::{
        policy::{Base, NetworkGrant},
        transport::Transport,
    },
    limits::Limits,
    load::Connector,
    token::Secrets,
};
use helpbell_model::connector::{Grant, OriginSource};
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;

/// What binds a connector to a tenant.
pub struct Binding {
    /// Keeps the tenants' caches and tokens apart.
    pub tenant: String,
    /// The connector's settings by name.
    pub settings: Vec<(String, String)>,
    /// The operator's secrets by slot.
    pub secrets: Secrets,
    /// What the operator allows this very file.
    pub grant: Grant,
    /// What the operator allows of networks.
    pub network: NetworkGrant,
    /// How requests travel.
    pub transport: Transport,
    /// Where cache and sealed token live; without it nothing is kept between processes.
    pub state_folder: Option<PathBuf>,
    /// Bounds of each call that works.
    pub limits: Limits,
}

/// Why a connector cannot be bound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BindError {
    /// The grant is for another file.
    #[error(
        "the connector {connector} is not the file that was granted (granted {granted}, found {found}); look at it with `helpbell connector inspect`, then allow it with `helpbell connector grant`"
    )]
    OtherFile {
        /// The connector's id.
        connector: String,
        /// First digits of the digest in the grant.
        granted: String,
        /// First digits of the file's digest.
        found: String,
    },
    /// A required setting is missing.
    #[error("the setting `{name}` ({label}) is missing; {help}")]
    MissingSetting {
        /// Its key.
        name: String,
        /// The PSA's word for it.
        label: String,
        /// Where to find it.
        help: String,
    },
    /// A setting or fixed origin that must be an address is none.
    #[error("the setting `{name}` is wrong: {reason}")]
    NotAnAddress {
        /// Its key.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// HTTP cannot be set up.
    #[error("failed to set up HTTP: {0}")]
    Http(String),
}

/// The given settings and the defaults of those not given.
pub(crate) fn effective_settings(
    connector: &Connector,
    given: Vec<(String, String)>,
) -> Result<Vec<(String, String)>, BindError> {
    let mut settings = Vec::new();
    for wanted in &connector.description().settings {
        let value = given
            .iter()
            .find(|(name, _)| *name == wanted.name)
            .map(|(_, value)| value.clone());
        match value
            .filter(|value| !value.trim().is_empty())
            .or_else(|| wanted.default.clone())
        {
            Some(value) if wanted.kind == "url" => {
                settings.push((wanted.name.clone(), base(&wanted.name, &value)?.as_text()))
            }
            Some(value) => settings.push((wanted.name.clone(), value.trim().to_owned())),
            None if wanted.required => {
                return Err(BindError::MissingSetting {
                    name: wanted.name.clone(),
                    label: wanted.label.clone(),
                    help: wanted.help.clone(),
                });
            }
            None => {}
        }
    }
    Ok(settings)
}

pub(crate) type Discovered = Vec<(String, Vec<String>)>;

fn base(setting: &str, text: &str) -> Result<Base, BindError> {
    Base::parse(text).map_err(|error| BindError::NotAnAddress {
        name: setting.to_owned(),
        reason: error.to_string(),
    })
}

/// The origins that are known now, and those that authentication will find.
pub(crate) fn origins(
    connector: &Connector,
    settings: &[(String, String)],
) -> Result<(Vec<(String, Base)>, Discovered), BindError> {
    let (mut known, mut discovered) = (Vec::new(), Vec::new());
    // An optional setting that is absent simply is no origin.
    let setting = |wanted: &str| {
        settings
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| base(wanted, value))
            .transpose()
    };
    for origin in &connector.description().origins {
        let found = match &origin.source {
            OriginSource::Fixed(address) => Some(base(&origin.name, address)?),
            OriginSource::Setting(name) => setting(name)?,
            OriginSource::SettingOrigin(name) => setting(name)?.map(|base| base.without_path()),
            OriginSource::Discovered(within) => {
                let mut covered = Vec::new();
                for one in within {
                    match one.strip_prefix('{').and_then(|one| one.strip_suffix('}')) {
                        Some(name) => covered.extend(setting(name)?.map(|base| base.origin())),
                        None => covered.push(one.clone()),
                    }
                }
                discovered.push((origin.name.clone(), covered));
                None
            }
        };
        known.extend(found.map(|base| (origin.name.clone(), base)));
    }
    Ok((known, discovered))
}

/// A name for a tenant's files that says nothing about the tenant.
pub(crate) fn identity(tenant: &str, digest: &str) -> String {
    let hash = Sha256::new()
        .chain_update(tenant)
        .chain_update([0])
        .chain_update(digest)
        .finalize();
    hex::encode(hash).chars().take(32).collect()
}

/// What a sealed token belongs to.
pub(crate) fn purpose(tenant: &str, connector: &Connector, settings: &[(String, String)]) -> Vec<u8> {
    let mut hash = Sha256::new().chain_update(identity(tenant, connector.sha256()));
    for (name, value) in settings {
        hash.update(name);
        hash.update([0]);
        hash.update(value);
        hash.update([0]);
    }
    hash.finalize().to_vec()
}

/// Whether a declared origin, or a suffix such as `.example.net`, covers a discovered address. A
/// suffix covers https on the usual port only.
pub(crate) fn covers(declared: &str, base: &Base) -> bool {
    if declared.starts_with('.') {
        let host = base.origin();
        return host
            .strip_prefix("https://")
            .is_some_and(|host| !host.contains(':') && host.ends_with(declared));
    }
    Base::parse(declared).is_ok_and(|declared| declared.origin() == base.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_discovered_address_must_lie_within_what_was_declared() {
        let base = |text: &str| Base::parse(text).unwrap();
        assert!(covers(
            ".myconnectwise.net",
            &base("https://api-eu.myconnectwise.net/v2026_1/apis/3.0")
        ));
        assert!(covers(
            "https://psa.example.com",
            &base("https://psa.example.com/v1")
        ));
        for outside in [
            "https://myconnectwise.net.evil.example",
            "https://evilmyconnectwise.net",
            "http://api.myconnectwise.net",
            "https://x.myconnectwise.net:8443",
        ] {
            assert!(!covers(".myconnectwise.net", &base(outside)), "{outside}");
        }
    }
}
