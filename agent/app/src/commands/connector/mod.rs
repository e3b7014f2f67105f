//! `helpbell connector inspect`, `grant` and `install`; one file for each of the others.

mod author;
pub(crate) mod test;

use super::{Places, open};
use crate::{
    cli::ConnectorCommand,
    config::{Config, Lock},
    error::AppError,
    places, show,
};
use helpbell_conformance::practice::Practice;
use helpbell_model::connector::{Grant, RequestTemplate};
use helpbell_sandbox::{Connector, private};
use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

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
        ConnectorCommand::Install { file, yes } => install(here, &file, yes).await?,
        ConnectorCommand::New(args) => author::new(&args)?,
        ConnectorCommand::Build { project, output } => author::build(here, &project, output)?,
        ConnectorCommand::Dev(args) => return author::dev(here, args).await,
        ConnectorCommand::Test(args) => return test::run(here, args).await,
        ConnectorCommand::Desk { port } => desk(port).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the practice desk.
async fn desk(port: u16) -> Result<(), AppError> {
    let desk = Practice::start(port)
        .await
        .map_err(AppError::file("listen at", format!("127.0.0.1:{port}")))?;
    show::practice_desk(&desk.url());
    desk.serve().await;
    Ok(())
}

/// Allows a connector all it wants, in the lock beside the configuration. Gives the lock's path.
pub(crate) fn grant(connector: &Connector, config: &Path) -> Result<PathBuf, AppError> {
    let path = open::lock_path(config);
    let mut lock = Lock::read(&path)?;
    lock.put(Grant::everything(connector.description(), connector.sha256()));
    let text = lock
        .to_text()
        .map_err(|error| AppError::Report(error.to_string()))?;
    private::write(&path, text.as_bytes()).map_err(AppError::file("write", &path))?;
    Ok(path)
}

/// Looks at a connector, and puts it where it is found by name once its wishes are granted. One that asks
/// for more than its predecessor was granted is held back until somebody has said yes to that.
async fn install(here: &Places, file: &Path, yes: bool) -> Result<(), AppError> {
    let progress = show::Progress::start(false);
    progress.step("reading and compiling the connector");
    // Hashed, compiled and installed are the same bytes, whatever becomes of the file meanwhile.
    let bytes = std::fs::read(file).map_err(AppError::file("read", file))?;
    let connector = open::sandbox(here)?
        .load_bytes(&file.display().to_string(), bytes.clone())
        .await?;
    progress.finish();
    let description = connector.description();
    let lock = Lock::read(&open::lock_path(&here.config))?;
    let before = lock.grant(&description.id).ok();
    let more = asks_for_more(before, &Grant::everything(description, connector.sha256()));
    if !more.is_empty() {
        show::connector(&connector, file, false);
        show::asks_for_more(before, &more);
        if !yes && !agreed()? {
            return Err(AppError::usage(
                format!(
                    "{} {} was not installed: it asks for {}",
                    description.id,
                    description.version,
                    if before.is_some() {
                        "more than was granted"
                    } else {
                        "requests that nobody has granted yet"
                    }
                ),
                format!(
                    "look at them above; to grant them: helpbell connector install {} --yes",
                    file.display()
                ),
            ));
        }
    }
    let folder = places::beside(&here.config).join("connectors");
    private::folder(&folder).map_err(AppError::file("make", &folder))?;
    let to = folder.join(format!("{}.wasm", description.id));
    private::write(&to, &bytes).map_err(AppError::file("write", &to))?;
    let lock = grant(&connector, &here.config)?;
    show::installed(&connector, &to, &lock);
    Ok(())
}

/// What a connector wants and its predecessor was not granted.
fn asks_for_more(before: Option<&Grant>, wants: &Grant) -> Vec<RequestTemplate> {
    let was_granted = |granted: &[RequestTemplate], wanted: &RequestTemplate| {
        granted.iter().any(|request| {
            (&request.origin, &request.method, &request.path)
                == (&wanted.origin, &wanted.method, &wanted.path)
                && request.effect == wanted.effect
                && request.refusals == wanted.refusals
        })
    };
    let new = |granted: Option<&Vec<RequestTemplate>>, wanted: &[RequestTemplate]| {
        let granted = granted.map_or(&[][..], Vec::as_slice);
        wanted
            .iter()
            .filter(|request| !was_granted(granted, request))
            .cloned()
            .collect::<Vec<_>>()
    };
    let mut more = new(before.map(|grant| &grant.requests), &wants.requests);
    more.extend(new(
        before.map(|grant| &grant.auth_requests),
        &wants.auth_requests,
    ));
    more
}

/// Asks, where there is somebody to ask.
fn agreed() -> Result<bool, AppError> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Ok(false);
    }
    dialoguer::Confirm::new()
        .with_prompt("Allow it to send these requests?")
        .default(false)
        .interact()
        .map_err(|error| {
            AppError::usage(
                format!("the question was not answered: {error}"),
                "say it in the arguments: --yes",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::connector::{Refusal, RequestEffect};

    fn request(method: &str, path: &str, effect: RequestEffect) -> RequestTemplate {
        RequestTemplate {
            origin: "api".into(),
            method: method.into(),
            path: path.into(),
            effect,
            refusals: vec![],
            purpose: String::new(),
        }
    }

    fn grant(requests: &[RequestTemplate]) -> Grant {
        Grant {
            connector: "halo".into(),
            version: "1".into(),
            sha256: "a".into(),
            requests: requests.to_vec(),
            auth_requests: vec![],
        }
    }

    #[test]
    fn the_same_or_fewer_requests_are_no_more() {
        let (read, write) = (
            request("GET", "/Users", RequestEffect::Read),
            request("POST", "/Tickets", RequestEffect::Effect),
        );
        let granted = grant(&[read.clone(), write.clone()]);
        assert!(asks_for_more(Some(&granted), &grant(&[write, read.clone()])).is_empty());
        assert!(asks_for_more(Some(&granted), &grant(&[read])).is_empty());
    }

    #[test]
    fn everything_is_more_than_nothing_and_another_reading_of_a_request_is_more() {
        let write = request("POST", "/Tickets", RequestEffect::Effect);
        assert_eq!(asks_for_more(None, &grant(std::slice::from_ref(&write))).len(), 1);
        let granted = grant(std::slice::from_ref(&write));
        let called_a_read = request("POST", "/Tickets", RequestEffect::Read);
        let refused_by_500 = RequestTemplate {
            refusals: vec![Refusal {
                status: 500,
                member: None,
            }],
            ..write
        };
        for claim in [called_a_read, refused_by_500] {
            assert_eq!(asks_for_more(Some(&granted), &grant(&[claim])).len(), 1);
        }
    }
}
