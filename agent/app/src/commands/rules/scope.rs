//! What rules are written for: a PSA, as far as it is known here.
//!
//! ```text
//! --connector NAME ─┐
//! helpbell.toml ────┴─► connector ─► variables ─┬─ defaults, if helpbell.toml is for this connector
//!                       (else none)             └─ the PSA's own values, if the key is there, too
//! ```

use super::super::{Places, open};
use crate::{
    cli::ForPsa,
    config::{Config, ConnectorChoice},
    error::AppError,
};
use helpbell_model::{FailureKind, ticket};
use helpbell_sandbox::{CallContext, Connector, Session};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// Characters of a title where no PSA says how many it takes: more than any title has.
const TITLE_CHARS: u32 = 200;

/// A PSA as far as it is known.
pub(super) struct Scope {
    /// The connector's id and its name for people; none if only the common variables are known.
    pub psa: Option<(String, String)>,
    /// The variables that it adds to the common ones.
    pub variables: Vec<ticket::Variable>,
    /// The operator's integration defaults.
    pub defaults: Vec<(String, String)>,
    /// Characters of a title.
    pub title_chars: u32,
    session: Result<Session, NotAsked>,
}

/// Why a PSA is not asked for its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotAsked {
    /// Nobody wants it.
    Offline,
    /// Nothing says how to reach it.
    NoConfiguration,
    /// It cannot be asked.
    Impossible(String),
}

impl Scope {
    /// Finds out for which PSA rules are written. Sends nothing.
    pub(super) async fn open(here: &Places, config: Option<&Config>, psa: &ForPsa) -> Result<Self, AppError> {
        let choice = match (&psa.connector, config) {
            (Some(named), _) => chosen(named),
            (None, Some(config)) => config.connector.clone(),
            (None, None) => return Ok(Self::of_no_psa()),
        };
        let file = open::connector_file(&choice, &here.config)?;
        let connector = open::sandbox(here)?.load(&file).await?;
        let variables = connector.variables().await.result.map_err(AppError::Psa)?;
        let config = config.filter(|config| {
            open::connector_file(&config.connector, &config.path)
                .is_ok_and(|configured| is_same(&configured, &file))
        });
        let description = connector.description();
        Ok(Self {
            psa: Some((description.id.clone(), description.name.clone())),
            variables,
            title_chars: description.limits.summary_chars,
            session: session(here, config, &connector, psa.offline),
            defaults: config.map(|config| config.defaults.clone()).unwrap_or_default(),
        })
    }

    /// The common variables and no others.
    pub(super) fn of_no_psa() -> Self {
        Self {
            psa: None,
            variables: vec![],
            defaults: vec![],
            title_chars: TITLE_CHARS,
            session: Err(NotAsked::NoConfiguration),
        }
    }

    /// The same with other defaults.
    pub(super) fn beginning_with(mut self, defaults: &[(String, String)]) -> Self {
        self.defaults = defaults.to_vec();
        self
    }

    /// What a variable takes: `text`, `integer` or `list`.
    pub(super) fn kind(&self, name: &str) -> &str {
        let offered = self.variables.iter().find(|variable| variable.name == name);
        offered.map_or("text", |variable| variable.kind.as_str())
    }

    /// What somebody should know who expected more.
    pub(super) fn note(&self) -> Option<&'static str> {
        self.psa.is_none().then_some(
            "only the common variables are known; to know those of a PSA as well, name its connector: --connector NAME",
        )
    }

    /// The values that these variables have in the PSA. Variables without a list are left out.
    pub(super) async fn values(&self, of: &[&ticket::Variable], heard: impl Fn(&str)) -> Values {
        let mut values = Values::default();
        let session = match &self.session {
            Ok(session) => session,
            Err(reason) => {
                let is_live = of.iter().any(|variable| variable.live);
                values.not_asked = Some(reason.clone()).filter(|_| is_live);
                return values;
            }
        };
        let context = CallContext {
            press: None,
            locale: "en".into(),
            not_after: None,
        };
        for variable in of.iter().filter(|variable| variable.live) {
            heard(&variable.name);
            // A list may depend on other fields, which have their defaults when rules begin.
            let asked = session.choices(&context, &variable.name, &self.defaults).await;
            match asked.result {
                Ok(choices) => {
                    values.live.insert(variable.name.clone(), choices);
                }
                Err(failure) => {
                    let is_of_one = matches!(
                        failure.kind,
                        FailureKind::Forbidden | FailureKind::NotFound | FailureKind::Unsupported
                    );
                    values.not_asked = Some(NotAsked::Impossible(failure.to_string()));
                    if !is_of_one {
                        break;
                    }
                }
            }
        }
        values
    }
}

/// The PSA's own values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Values {
    /// By the name of the variable.
    pub live: BTreeMap<String, Vec<ticket::Choice>>,
    /// Why some or all are missing.
    pub not_asked: Option<NotAsked>,
}

impl Values {
    /// Why values are missing, where somebody should know.
    pub(super) fn problem(&self) -> Option<String> {
        match self.not_asked.as_ref()? {
            NotAsked::Offline => None,
            NotAsked::NoConfiguration => Some(
                "the PSA's own values are not known: there is no helpbell.toml that says how to reach it; write one with: helpbell init"
                    .to_owned(),
            ),
            NotAsked::Impossible(reason) => Some(format!("the PSA's own values are not known: {reason}")),
        }
    }
}

fn chosen(named: &str) -> ConnectorChoice {
    if named.ends_with(".wasm") {
        ConnectorChoice::File(named.into())
    } else {
        ConnectorChoice::Name(named.to_owned())
    }
}

/// Whether two paths lead to one file.
fn is_same(one: &Path, other: &Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn session(
    here: &Places,
    config: Option<&Config>,
    connector: &Arc<Connector>,
    offline: bool,
) -> Result<Session, NotAsked> {
    if offline {
        return Err(NotAsked::Offline);
    }
    let config = config.ok_or(NotAsked::NoConfiguration)?;
    open::session(here, config, Arc::clone(connector))
        .map_err(|error| NotAsked::Impossible(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connector_is_named_or_given_by_its_file() {
        assert_eq!(chosen("halo"), ConnectorChoice::Name("halo".into()));
        assert_eq!(
            chosen("out/mine.wasm"),
            ConnectorChoice::File("out/mine.wasm".into())
        );
    }
}
