//! What is tried, and against what.

use crate::{wire::Line, witness::Witness};
use helpbell_model::connector::{Grant, OriginSource};
use helpbell_sandbox::{BindError, Binding, Connector, Limits, NetworkGrant, Session, Transport};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Somebody the PSA knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their name as they type it.
    pub name: String,
    /// Their address, by which the PSA knows them.
    pub email: String,
}

/// A connector with everything that binds it to one server.
pub struct Subject {
    /// The component.
    pub connector: Arc<Connector>,
    /// Its settings.
    pub settings: Vec<(String, String)>,
    /// Its secrets by slot.
    pub secrets: Vec<(String, SecretString)>,
    /// What is written into the fields of each ticket.
    pub defaults: Vec<(String, String)>,
    /// Who asks for help.
    pub person: Person,
    /// Which addresses may be dialled.
    pub network: NetworkGrant,
    /// How requests travel.
    pub transport: Transport,
}

/// What answers.
pub enum Source {
    /// A server.
    Server {
        /// Who looks at its tickets.
        witness: Option<Arc<dyn Witness>>,
        /// A folder to record into.
        record: Option<PathBuf>,
    },
    /// A folder that an earlier run recorded.
    Recorded(PathBuf),
}

impl Subject {
    /// A session of this connector over this line. With a folder it keeps what connectors keep between calls.
    pub(crate) fn session(&self, line: &Arc<Line>, state: Option<&Path>) -> Result<Session, BindError> {
        let connector = Arc::clone(&self.connector);
        let grant = Grant::everything(connector.description(), connector.sha256());
        let binding = Binding {
            tenant: "conformance".to_owned(),
            settings: self.settings.clone(),
            secrets: self.secrets.clone(),
            grant,
            network: self.network.clone(),
            transport: self.transport.clone().past(Arc::clone(line) as _),
            state_folder: state.map(Path::to_owned),
            limits: Limits::work(),
        };
        Session::bind(connector, binding)
    }

    /// The setting that says where the PSA is: the first one that an origin is taken from.
    #[must_use]
    pub fn server_setting(connector: &Connector) -> Option<&str> {
        let origins = &connector.description().origins;
        origins.iter().find_map(|origin| match &origin.source {
            OriginSource::Setting(name) | OriginSource::SettingOrigin(name) => Some(name.as_str()),
            OriginSource::Fixed(_) | OriginSource::Discovered(_) => None,
        })
    }

    /// Secrets in the form their slots describe, for a run that signs in nowhere.
    #[must_use]
    pub fn made_up_secrets(connector: &Connector) -> Vec<(String, SecretString)> {
        let slots = &connector.description().secrets;
        slots
            .iter()
            .map(|slot| (slot.name.clone(), SecretString::from(slot.example.clone())))
            .collect()
    }
}
