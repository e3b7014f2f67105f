//! `helpbell connector inspect` and `grant`.

use super::{Places, open};
use crate::{
    cli::ConnectorCommand,
    config::{Config, Lock},
    error::AppError,
    show,
};
use helpbell_model::connector::Grant;
use helpbell_sandbox::{Connector, private};
use std::{path::Path, process::ExitCode};

pub(crate) async fn run(here: &Places, command: ConnectorCommand) -> Result<ExitCode, AppError> {
    match command {
        ConnectorCommand::Inspect { file, json } => {
            let connector = open::sandbox(here)?.load(&file).await?;
            show::connector(&connector, &file, json);
        }
        ConnectorCommand::Grant { file } => {
            let connector = match file {
                Some(file) => open::sandbox(here)?.load(&file).await?,
                None => open::connector(here, &Config::read(&here.config)?).await?,
            };
            let lock = grant(&connector, &here.config)?;
            show::granted(&connector, &lock);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Allows a connector all it wants, in the lock beside the configuration. Gives the lock's path.
pub(crate) fn grant(connector: &Connector, config: &Path) -> Result<std::path::PathBuf, AppError> {
    let path = open::lock_path(config);
    let mut lock = Lock::read(&path)?;
    lock.put(Grant::everything(connector.description(), connector.sha256()));
    let text = lock
        .to_text()
        .map_err(|error| AppError::Report(error.to_string()))?;
    private::write(&path, text.as_bytes()).map_err(AppError::file("write", &path))?;
    Ok(path)
}
