//! What an MSP pastes into a connector: the Halo API screen of this instance.

use serde::{Deserialize, Serialize};

use super::config::Deployment;
use super::store::Store;

/// The settings of one instance and its first active application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Base of API calls, as Halo's screen shows it.
    pub resource_server: String,
    /// Base of the token endpoint, as Halo's screen shows it.
    pub authorisation_server: String,
    /// Hosted only.
    pub tenant: Option<String>,
    /// `tenant+client_id:client_secret` hosted, `client_id:client_secret` on-premises.
    pub api_key: String,
    /// The help desk page for people.
    pub page: String,
    /// The ledger.
    pub ledger: String,
}

impl Settings {
    pub(crate) fn of(store: &Store, host: &str) -> Self {
        let application = store.seed.applications.iter().find(|it| it.active);
        let pair =
            application.map_or_else(String::new, |it| format!("{}:{}", it.client_id, it.client_secret));
        let tenant = match store.deployment {
            Deployment::Hosted => Some(store.seed.instance.tenant.clone()),
            Deployment::OnPremises => None,
        };
        Self {
            resource_server: format!("http://{host}/api"),
            authorisation_server: format!("http://{host}/auth"),
            api_key: tenant
                .as_ref()
                .map_or_else(|| pair.clone(), |tenant| format!("{tenant}+{pair}")),
            tenant,
            page: format!("http://{host}/"),
            ledger: format!("http://{host}/_sandbox/ledger"),
        }
    }
}
