//! From the configuration to a delivery that can be used.

use super::Places;
use crate::{
    config::{Config, ConfigError, ConnectorChoice, LOCK_NAME, Lock, RulesChoice},
    error::AppError,
    places,
};
use helpbell_delivery::{
    Delivery,
    rules::{Archive, Engine, Rules, Script},
    store::Sqlite,
};
use helpbell_model::{Failure, FailureKind, text};
use helpbell_sandbox::{Authorities, Binding, Connector, RuleEngine, Sandbox, Session, Transport};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The sandbox of this machine, with compiled code in the state folder.
pub(crate) fn sandbox(here: &Places) -> Result<Sandbox, AppError> {
    Ok(Sandbox::new(Some(here.state.join("compiled")))?)
}

/// The folder of the outbox.
pub(crate) fn outbox(here: &Places) -> PathBuf {
    here.state.join("outbox")
}

/// The outbox of this account.
pub(crate) async fn store(here: &Places) -> Result<Sqlite, AppError> {
    Ok(Sqlite::open(&outbox(here)).await?)
}

/// The file of a connector that is named or given by path.
pub(crate) fn connector_file(choice: &ConnectorChoice, config: &Path) -> Result<PathBuf, ConfigError> {
    let name = match choice {
        ConnectorChoice::File(file) => return Ok(file.clone()),
        ConnectorChoice::Name(name) => name,
    };
    places::connector(name, config).map_err(|folders| {
        let there = places::connector_names(config);
        let names: Vec<&str> = there.iter().map(String::as_str).collect();
        let folders: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
        let known = match text::nearest(name, names.iter().copied()).as_slice() {
            [nearest, ..] => format!("did you mean {nearest:?}? "),
            [] if names.is_empty() => String::new(),
            [] => format!("there are: {}. ", names.join(", ")),
        };
        ConfigError::UnknownConnector {
            name: name.clone(),
            help: format!("{known}looked for {name}.wasm in: {}; set HELPBELL_CONNECTORS to another folder, or give the path: [connector] file = \"…\"", folders.join(", ")),
        }
    })
}

/// Loads the configured connector and checks the settings against it.
pub(crate) async fn connector(here: &Places, config: &Config) -> Result<Arc<Connector>, AppError> {
    let file = connector_file(&config.connector, &config.path)?;
    let connector = sandbox(here)?.load(&file).await?;
    config.check_settings(connector.description())?;
    Ok(connector)
}

/// The lock beside a configuration.
pub(crate) fn lock_path(config: &Path) -> PathBuf {
    places::beside(config).join(LOCK_NAME)
}

/// How requests travel: straight, or as the configuration says. The environment has no say.
fn transport(config: &Config) -> Result<Transport, ConfigError> {
    let mut transport = Transport::direct();
    if let Some(proxy) = &config.proxy {
        transport = transport.through(proxy.clone());
    }
    if let Some(path) = &config.ca_file {
        let failed = |reason: String| ConfigError::Authorities {
            path: path.clone(),
            reason,
        };
        let text = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
        let authorities = Authorities::from_pem(&text).map_err(|error| failed(error.to_string()))?;
        transport = transport.trusting(authorities);
    }
    Ok(transport)
}

/// Everything that a press needs to be delivered.
pub(crate) async fn delivery(here: &Places) -> Result<Delivery, AppError> {
    let config = Config::read(&here.config)?;
    let connector = connector(here, &config).await?;
    let session = session(here, &config, connector)?;
    let delivery = Delivery::new(session, config.defaults);
    Ok(match &config.rules {
        Some(choice) => delivery.with_rules(rules(here, &config.path, choice).await),
        None => delivery,
    })
}

/// The configured PSA, as its connector reaches it with the operator's key and grant. Sends nothing.
pub(crate) fn session(
    here: &Places,
    config: &Config,
    connector: Arc<Connector>,
) -> Result<Session, AppError> {
    let description = connector.description();
    let grant = Lock::read(&lock_path(&config.path))?
        .grant(&description.id)?
        .clone();
    let secrets = match description.secrets.first() {
        Some(slot) => vec![(slot.name.clone(), config.key.read()?)],
        None => vec![],
    };
    let settings = config.setting_values();
    let binding = Binding {
        // Another server or account is another tenant: its contacts and pick-lists are its own.
        tenant: settings
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect(),
        settings,
        secrets,
        grant,
        network: config.network.clone(),
        transport: transport(config)?,
        state_folder: Some(here.state.clone()),
        limits: config.limits,
    };
    Session::bind(connector, binding).map_err(|error| AppError::Bind {
        error,
        config: config.path.clone(),
    })
}

/// The rules and their engine. That one of them cannot be had keeps no press from its ticket.
async fn rules(here: &Places, config: &Path, choice: &RulesChoice) -> Rules {
    let engine = rules_engine(here, config, choice.engine.as_deref()).await;
    let engine = engine.map(|engine| engine as Arc<dyn Engine>);
    Rules::new(Script::read(&choice.file), engine, Some(Archive::of(&here.state)))
}

/// The engine that runs rules: the one that is configured, else the one that comes with Helpbell.
pub(crate) async fn rules_engine(
    here: &Places,
    config: &Path,
    configured: Option<&Path>,
) -> Result<Arc<RuleEngine>, Failure> {
    let missing = |message: String, help: String| {
        Failure::new(FailureKind::InvalidInput, "rules.engine", message).with_help(help)
    };
    let file = match configured {
        Some(file) => file.to_owned(),
        None => places::connector(places::RULES_ENGINE, config).map_err(|folders| {
            let folders: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
            missing(
                "the engine for rules, rules.wasm, is not there".to_owned(),
                format!(
                    "it comes with Helpbell; looked for it in: {}; or name another one: [rules] engine = \"…\"",
                    folders.join(", ")
                ),
            )
        })?,
    };
    let loaded = async { sandbox(here)?.load_rules(&file).await.map_err(AppError::from) };
    loaded.await.map_err(|error| {
        let help =
            "get the engine that comes with this Helpbell, or name another one: [rules] engine = \"…\"";
        missing(error.to_string(), help.to_owned())
    })
}
