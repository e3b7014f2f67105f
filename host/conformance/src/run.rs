//! The run: one check after the other.

use crate::{
    checks::ALL,
    report::{Outcome, Report, Verdict},
    scenario::Scenario,
    subject::{Source, Subject},
    wire::{Line, Player, RecordError, Recorder, Run},
};
use helpbell_model::{Failure, FailureKind, PressId};
use helpbell_sandbox::BindError;
use std::{path::PathBuf, sync::Arc};

/// Presses that a run may use.
const PRESSES: usize = 32;

/// Stable names and titles of all checks, in order.
pub const CHECKS: fn() -> Vec<(&'static str, &'static str)> = || {
    ALL.iter()
        .map(|check| (check.id, check.title))
        .collect::<Vec<_>>()
};

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum CannotRun {
    /// The settings do not fit the connector.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The recording.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The recording was made with another connector.
    #[error("{folder} was recorded with the connector {recorded}, not {given}")]
    OtherConnector {
        /// The recording.
        folder: PathBuf,
        /// Whose it is.
        recorded: String,
        /// What is tried.
        given: String,
    },
    /// The server does not answer, or does not let the connector in.
    #[error("the server cannot be used: {0}")]
    Server(Failure),
    /// There is no folder for what connectors keep.
    #[error("failed to make a temporary folder: {0}")]
    Scratch(#[from] std::io::Error),
}

impl CannotRun {
    /// What cures it, where that is known.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Server(failure) => failure.help.clone(),
            Self::Record(_) | Self::OtherConnector { .. } => {
                Some("record anew, against a server: --server ADDRESS --record FOLDER".into())
            }
            Self::Bind(_) => Some("give settings as --set NAME=VALUE, or in conformance.toml".into()),
            Self::Scratch(_) => None,
        }
    }
}

/// Tries everything. `heard` is told of each check as it begins.
///
/// # Errors
/// If there can be no verdict: settings that do not fit, a server that is not there, a recording that cannot be read.
pub async fn run(
    mut subject: Subject,
    source: Source,
    mut heard: impl FnMut(&'static str),
) -> Result<Report, CannotRun> {
    let description = subject.connector.description();
    let (line, witness, references, against) = match source {
        Source::Server { witness, record } => {
            let references: Vec<PressId> = (0..PRESSES).map(|_| PressId::new()).collect();
            let line = match record {
                None => Line::to_server(),
                Some(folder) => {
                    let run = Run {
                        connector: description.id.clone(),
                        version: description.version.clone(),
                        settings: subject.settings.clone(),
                        defaults: subject.defaults.clone(),
                        person: subject.person.clone(),
                        references: references.clone(),
                    };
                    Line::recording(Recorder::new(&folder, &run)?, references.first().copied())
                }
            };
            (line, witness, references, "server")
        }
        Source::Recorded(folder) => {
            let run = Run::read(&folder)?;
            if run.connector != description.id {
                return Err(CannotRun::OtherConnector {
                    folder,
                    recorded: run.connector,
                    given: description.id.clone(),
                });
            }
            subject.settings = run.settings;
            subject.defaults = run.defaults;
            subject.person = run.person;
            subject.secrets = Subject::made_up_secrets(&subject.connector);
            // The recorded server may have been on this machine, over plain http.
            subject.network.allow_http = true;
            subject.network.allow_addresses = every_address();
            (
                Line::playing(Player::new(folder), run.references.first().copied()),
                None,
                run.references,
                "recorded",
            )
        }
    };
    let line = Arc::new(line);
    let scratch = tempfile::tempdir()?;
    let session = subject.session(&line, Some(scratch.path()))?;
    let connector = Arc::clone(&subject.connector);
    let mut scenario = Scenario::new(subject, line, session, witness, references);
    sign_in(&scenario).await?;
    let mut outcomes = Vec::with_capacity(ALL.len());
    for check in ALL {
        heard(check.title);
        scenario.line.begin(check.id)?;
        let verdict = (check.run)(&mut scenario).await;
        let differences = scenario.line.end()?;
        // Where signing in sends nothing, a wrong address or key shows at the first ticket only.
        // A recording that does not fit is the connector's affair, and told below.
        if let Some(failure) = scenario.unusable.take().filter(|_| differences.is_empty()) {
            return Err(CannotRun::Server(failure));
        }
        outcomes.push(Outcome {
            check: check.id,
            title: check.title,
            verdict: joined(verdict, differences),
        });
    }
    let (calls, log) = scenario.over();
    let description = connector.description();
    Ok(Report {
        connector: description.id.clone(),
        version: description.version.clone(),
        sha256: connector.sha256().to_owned(),
        size: connector.size(),
        against,
        outcomes,
        calls,
        log,
    })
}

/// Signs in once, so that a server that is not there is told as that and not as a broken connector.
async fn sign_in(scenario: &Scenario) -> Result<(), CannotRun> {
    scenario.line.begin("sign-in")?;
    let signed_in = scenario.session.authenticate().await.result;
    let differences = scenario.line.end()?;
    match signed_in {
        Err(failure) if is_the_server(&failure) => Err(CannotRun::Server(failure)),
        // Whatever else is wrong belongs to the connector: the checks will tell.
        _ if differences.is_empty() => Ok(()),
        _ => Err(CannotRun::Server(Failure::new(
            FailureKind::InvalidInput,
            "conformance.recording",
            differences.join("; "),
        ))),
    }
}

/// Whether a failure is the server's or the key's, and no connector could do better.
pub(crate) fn is_the_server(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Auth | FailureKind::Unavailable | FailureKind::Timeout
    )
}

/// What differs from the recording is broken, whatever the check says.
fn joined(verdict: Verdict, differences: Vec<String>) -> Verdict {
    match verdict {
        other if differences.is_empty() => other,
        Verdict::Failed(mut broken) => {
            broken.splice(0..0, differences);
            Verdict::Failed(broken)
        }
        Verdict::Passed(_) | Verdict::Skipped(_) => Verdict::Failed(differences),
    }
}

fn every_address() -> Vec<ipnet::IpNet> {
    vec![ipnet::Ipv4Net::default().into(), ipnet::Ipv6Net::default().into()]
}
