//! What an operator pastes.

use psa_sandbox::halo::Halo;

/// What an operator pastes into `helpbell init`.
#[derive(Debug, Clone)]
pub struct Setup {
    /// `hosted` or `on-prem`.
    pub hosting: String,
    /// "Resource Server" of Halo's screen.
    pub resource_server: String,
    /// "Authorisation Server" of Halo's screen.
    pub authorisation_server: String,
    /// The API key.
    pub key: String,
    /// Other settings of the connector.
    pub settings: Vec<(String, String)>,
    /// Integration defaults.
    pub defaults: Vec<(String, String)>,
}

impl Setup {
    /// The settings that this Halo shows, and no defaults.
    #[must_use]
    pub fn of(halo: &Halo) -> Self {
        let shown = halo.settings();
        Self {
            hosting: if shown.tenant.is_some() {
                "hosted"
            } else {
                "on-prem"
            }
            .to_owned(),
            resource_server: shown.resource_server,
            authorisation_server: shown.authorisation_server,
            key: shown.api_key,
            settings: vec![],
            defaults: vec![],
        }
    }

    /// The same through another address.
    #[must_use]
    pub fn through(mut self, address: &str) -> Self {
        self.resource_server = format!("http://{address}/api");
        self.authorisation_server = format!("http://{address}/auth");
        self
    }

    /// The same with one more setting of the connector.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with one more integration default.
    #[must_use]
    pub fn default(mut self, name: &str, value: &str) -> Self {
        self.defaults.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The secret half of the key, which must stand nowhere but in the key file.
    #[must_use]
    pub fn secret(&self) -> String {
        self.key
            .split_once(':')
            .map_or(self.key.clone(), |(_, secret)| secret.to_owned())
    }
}
