//! `helpbell rules …`: dispatcher rules, looked after outside of any press.
//!
//! ```text
//! FILE ──► Source ─┐
//!                  ├─► engine ─► check: diagnostics ─► show
//! PSA  ──► Scope ──┘          └► test: outcome
//! ```

mod check;
mod explain;
mod import;
mod lint;
mod scope;
mod test;
mod values;
mod variables;

use super::{Places, open};
use crate::{
    cli::RulesCommand,
    config::{Config, ConfigError},
    error::AppError,
    show,
    source::Source,
};
use helpbell_delivery::rules;
use helpbell_model::rules::Examined;
use helpbell_sandbox::RuleEngine;
use scope::Scope;
use std::{path::Path, process::ExitCode, sync::Arc};

pub(crate) async fn run(here: &Places, command: RulesCommand) -> Result<ExitCode, AppError> {
    match command {
        RulesCommand::Check(args) => check::run(here, &args).await,
        RulesCommand::Test(args) => test::run(here, &args).await,
        RulesCommand::Variables(args) => variables::run(here, &args).await,
        RulesCommand::Explain(args) => explain::run(here, &args).await,
        RulesCommand::Import(args) => import::run(here, &args).await,
    }
}

/// The engine, which takes some seconds to compile the first time.
async fn engine(
    here: &Places,
    config: Option<&Config>,
    progress: &show::Progress,
) -> Result<Arc<RuleEngine>, AppError> {
    progress.step("reading the engine for rules; its first compilation takes some seconds");
    let configured = config
        .and_then(|config| config.rules.as_ref())
        .and_then(|rules| rules.engine.as_deref());
    open::rules_engine(here, &here.config, configured)
        .await
        .map_err(|failure| AppError::Usage {
            message: failure.message,
            help: failure.help,
        })
}

/// The configuration, if there is one.
fn configuration(here: &Places) -> Result<Option<Config>, AppError> {
    match Config::read(&here.config) {
        Ok(config) => Ok(Some(config)),
        Err(ConfigError::Missing { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The rules that are named, else those that are configured.
fn named(file: Option<&Path>, config: Option<&Config>) -> Result<Source, AppError> {
    let configured = config.and_then(|config| config.rules.as_ref());
    match file.or(configured.map(|rules| rules.file.as_path())) {
        Some(file) => Source::read(file),
        None => Err(AppError::usage(
            "no rules are named, and none are configured",
            "name their file; or configure them: [rules] file = \"rules.py\"",
        )),
    }
}

/// Reads rules without running them. What is no text at all never reaches the engine.
async fn examine(engine: &RuleEngine, source: &Source, scope: &Scope) -> Result<Examined, AppError> {
    if let Some(fault) = &source.fault {
        return Ok(Examined {
            diagnostics: vec![fault.clone()],
            ..Examined::default()
        });
    }
    let variables = rules::offered(&scope.variables, &scope.defaults);
    let call = engine.check(&source.text, &variables).await;
    call.result.map_err(AppError::Psa)
}
