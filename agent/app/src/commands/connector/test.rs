//! `helpbell connector test`: the conformance run.

use super::{
    super::{Places, open},
    author,
};
use crate::{
    cli::ConnectorTest,
    error::{AppError, INTERNAL},
    show,
};
use helpbell_conformance::{Command, Person, Source, Subject, Witness, practice::Practice};
use helpbell_connector_project::Project;
use helpbell_sandbox::{Connector, NetworkGrant, Transport};
use secrecy::SecretString;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

/// The server that is started for the run.
const PRACTICE: &str = "practice";
/// What is read from the project's folder, or the current one, where no other file is named.
const USUAL_FILE: &str = "conformance.toml";
/// Longest secret that is read from standard input, in bytes.
const SECRET_BYTES: u64 = 64 << 10;

/// `conformance.toml`. Every line can be given as an argument, too, which wins.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Plan {
    /// Address of the PSA, or `practice`.
    server: Option<String>,
    /// Folder of recorded exchanges, from this file's folder.
    recorded: Option<PathBuf>,
    /// The connector's settings.
    #[serde(default)]
    settings: BTreeMap<String, String>,
    /// Fields of each ticket.
    #[serde(default)]
    defaults: BTreeMap<String, String>,
    /// Somebody the PSA knows.
    person: Option<Person>,
    /// A program that looks at tickets, with its arguments, started in the current folder.
    witness: Option<Vec<String>>,
}

impl Plan {
    /// The file that was named, else the usual one in this folder if it is there.
    fn read(named: Option<&Path>, folder: &Path) -> Result<Self, AppError> {
        let usual = folder.join(USUAL_FILE);
        let file = named.unwrap_or(&usual);
        if named.is_none() && !file.exists() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(file).map_err(AppError::file("read", file))?;
        let mut plan: Self = toml::from_str(&text).map_err(|error| {
            AppError::usage(
                format!("{} cannot be used: {error}", file.display()),
                "known are server, recorded, settings, defaults, person and witness",
            )
        })?;
        let folder = file.parent().unwrap_or(Path::new(""));
        plan.recorded = plan.recorded.map(|recorded| folder.join(recorded));
        Ok(plan)
    }

    /// The same with what the arguments say.
    fn overruled(mut self, args: &ConnectorTest) -> Self {
        if args.server.is_some() {
            self.server.clone_from(&args.server);
            self.recorded = None;
        }
        if let Some(recorded) = &args.recorded {
            self.recorded = Some(recorded.clone());
            self.server = None;
        }
        self.settings.extend(args.set.iter().cloned());
        self.defaults.extend(args.default.iter().cloned());
        if !args.witness.is_empty() {
            self.witness = Some(args.witness.clone());
        }
        if let Some(person) = &args.person {
            self.person = Some(person.clone());
        }
        self
    }
}

pub(super) async fn run(here: &Places, args: ConnectorTest) -> Result<ExitCode, AppError> {
    let (file, folder) = if args.file.is_dir() {
        let project = Project::at(&args.file)?;
        let output = project.output();
        author::built(here, &project, &output)?;
        (output, project.folder().to_owned())
    } else {
        (args.file.clone(), PathBuf::new())
    };
    let plan = Plan::read(args.plan.as_deref(), &folder)?.overruled(&args);
    let progress = show::Progress::start(args.json);
    progress.step("compiling the connector for this computer");
    let connector = open::sandbox(here)?.load(&file).await?;
    progress.finish();
    let report = report(connector, plan, &args).await?;
    show::conformance(&report, args.json, args.log);
    Ok(if report.passed() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(INTERNAL)
    })
}

async fn report(
    connector: Arc<Connector>,
    plan: Plan,
    args: &ConnectorTest,
) -> Result<helpbell_conformance::Report, AppError> {
    let progress = show::Progress::start(args.json);
    let heard = |title: &'static str| progress.step(title);
    let mut settings: Vec<(String, String)> = plan.settings.into_iter().collect();
    let mut secrets = vec![];
    // Kept until the run is over.
    let mut practice = None;
    let source = match (plan.server, plan.recorded) {
        (None, Some(recorded)) => Source::Recorded(recorded),
        (Some(server), _) => {
            let mut witness: Option<Arc<dyn Witness>> =
                plan.witness.map(|words| Arc::new(Command { words }) as _);
            let address = if server == PRACTICE {
                let started = Practice::start(0)
                    .await
                    .map_err(AppError::file("listen at", "127.0.0.1"))?;
                witness = witness.or_else(|| Some(started.witness()));
                let address = started.url();
                practice = Some(started);
                address
            } else {
                server
            };
            secrets = secret(&connector, args, practice.is_some())?;
            let setting = Subject::server_setting(&connector).ok_or_else(|| {
                AppError::usage(
                    "the connector takes its address from no setting",
                    "declare a setting of the kind url and an origin that is taken from it; or play a recording: --recorded FOLDER",
                )
            })?;
            settings.retain(|(name, _)| name != setting);
            settings.push((setting.to_owned(), address));
            Source::Server {
                witness,
                record: args.record.clone(),
            }
        }
        (None, None) => {
            return Err(AppError::usage(
                "nothing says which server answers",
                "add --server ADDRESS, --server practice or --recorded FOLDER, or write it into conformance.toml",
            ));
        }
    };
    let person = plan.person.unwrap_or_else(|| Person {
        name: "Maria Rossi".into(),
        email: "maria.rossi@bianchi.example".into(),
    });
    let loopback = [ipnet::Ipv4Net::new_assert([127, 0, 0, 0].into(), 8).into()];
    let subject = Subject {
        connector,
        settings,
        secrets,
        defaults: plan.defaults.into_iter().collect(),
        person,
        network: NetworkGrant {
            allow_http: true,
            allow_addresses: loopback
                .into_iter()
                .chain(args.allow_address.iter().copied())
                .collect(),
        },
        transport: Transport::direct(),
    };
    let report = helpbell_conformance::run(subject, source, heard).await;
    drop(practice);
    progress.finish();
    report.map_err(AppError::Conformance)
}

/// The connector's secret, where it takes one.
fn secret(
    connector: &Connector,
    args: &ConnectorTest,
    practising: bool,
) -> Result<Vec<(String, SecretString)>, AppError> {
    let Some(slot) = connector.description().secrets.first() else {
        return Ok(vec![]);
    };
    let text = if let Some(variable) = &args.key_env {
        std::env::var(variable).map_err(|error| {
            AppError::usage(
                format!("the variable {variable} cannot be read: {error}"),
                format!("put the {} into it", slot.label),
            )
        })?
    } else if args.key_stdin {
        let mut text = String::new();
        let mut input = std::io::stdin().lock().take(SECRET_BYTES);
        input
            .read_to_string(&mut text)
            .map_err(AppError::file("read", "standard input"))?;
        text.trim().to_owned()
    } else if practising {
        helpbell_conformance::practice::KEY.to_owned()
    } else {
        return Err(AppError::usage(
            format!("the connector needs a secret: {}", slot.label),
            "add --key-env VARIABLE or --key-stdin",
        ));
    };
    Ok(vec![(slot.name.clone(), SecretString::from(text))])
}

/// Reads `Maria Rossi <maria@acme.example>`.
pub(crate) fn person(text: &str) -> Result<Person, String> {
    let (name, rest) = text
        .split_once('<')
        .ok_or_else(|| format!("{text:?} has no address; write NAME <ADDRESS>"))?;
    let email = rest.trim_end().trim_end_matches('>');
    Ok(Person {
        name: name.trim().to_owned(),
        email: email.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_read_as_in_a_mail_program() {
        let read = person("Maria Rossi <maria@acme.example>").unwrap();
        assert_eq!(
            (read.name.as_str(), read.email.as_str()),
            ("Maria Rossi", "maria@acme.example")
        );
        assert!(person("maria@acme.example").is_err());
    }

    #[test]
    fn a_plan_that_is_named_must_be_there_and_hold_nothing_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plan.toml");
        assert!(Plan::read(Some(&file), Path::new("")).is_err());
        std::fs::write(&file, "recorded = \"r\"\n[defaults]\nqueue = \"Support\"\n").unwrap();
        let plan = Plan::read(Some(&file), Path::new("")).unwrap();
        assert_eq!(plan.recorded, Some(folder.path().join("r")));
        std::fs::write(&file, "servers = \"x\"\n").unwrap();
        assert!(
            Plan::read(Some(&file), Path::new(""))
                .unwrap_err()
                .to_string()
                .contains("servers")
        );
    }
}
