//! `helpbell init`: writes `helpbell.toml`, the key file and the grant.

use super::{Places, connector as grants, key, open};
use crate::{
    cli::Init as Args,
    config::{ConnectorChoice, Filled, KeySource, Scope, check_value, did_you_mean, render},
    error::AppError,
    places, show,
};
use helpbell_model::connector::{Description, Setting};
use helpbell_sandbox::NetworkGrant;
use secrecy::ExposeSecret as _;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// The key file's name, beside the configuration.
const KEY_NAME: &str = "helpbell.key";

pub(crate) async fn run(given: Option<PathBuf>, here: &Places, args: Args) -> Result<ExitCode, AppError> {
    let config = given.unwrap_or_else(|| PathBuf::from(places::CONFIG_NAME));
    if config.exists() && !args.force {
        return Err(AppError::usage(
            format!("{} exists already", config.display()),
            "to replace it (the old one is kept as .old): helpbell init --force",
        ));
    }
    let folder = places::beside(&config);
    std::fs::create_dir_all(&folder).map_err(AppError::file("make", &folder))?;
    let file = open::connector_file(&ConnectorChoice::Name(args.connector.clone()), &config)?;
    let connector = open::sandbox(here)?.load(&file).await?;
    let description = connector.description();
    check_given(description, &args.set)?;

    let may_ask = key::may_ask();
    let mut settings = args.set.clone();
    if may_ask {
        for setting in &description.settings {
            if !settings.iter().any(|(name, _)| *name == setting.name) {
                settings.extend(ask(setting)?.map(|value| (setting.name.clone(), value)));
            }
        }
    }
    let key = key_place(&args, &folder, description, may_ask)?;
    let filled = Filled {
        settings,
        defaults: args.default,
        key: key.line,
        network: NetworkGrant {
            allow_http: args.allow_http,
            allow_addresses: args.allow_address,
        },
    };
    if config.exists() {
        let old = config.with_extension("toml.old");
        std::fs::rename(&config, &old).map_err(AppError::file("keep", old))?;
    }
    // Only comments are made of them: without any the file is as good.
    let variables = connector.variables().await.result.unwrap_or_default();
    std::fs::write(&config, render(description, &variables, &filled))
        .map_err(AppError::file("write", &config))?;
    let lock = grants::grant(&connector, &config)?;
    let missing: Vec<&Setting> = description
        .settings
        .iter()
        .filter(|setting| {
            setting.required
                && setting.default.is_none()
                && !filled.settings.iter().any(|(name, _)| *name == setting.name)
        })
        .collect();
    show::initialised(
        &config,
        &lock,
        key.written.as_ref().map(|(path, scope)| (path.as_path(), *scope)),
        &missing,
        key.todo.as_deref(),
    );
    Ok(ExitCode::SUCCESS)
}

/// Given settings must exist and be of their kind; blanks and slashes around addresses are the connector's affair.
fn check_given(description: &Description, given: &[(String, String)]) -> Result<(), AppError> {
    let names: Vec<&str> = description
        .settings
        .iter()
        .map(|setting| setting.name.as_str())
        .collect();
    for (name, value) in given {
        let Some(setting) = description.settings.iter().find(|setting| setting.name == *name) else {
            return Err(AppError::usage(
                format!("the connector {} has no setting `{name}`", description.id),
                did_you_mean(name, &names),
            ));
        };
        check_value(&setting.kind, &setting.choices, value).map_err(|expected| {
            AppError::usage(
                format!("`{name}` ({}) must be {expected}, not {value:?}", setting.label),
                setting.help.clone(),
            )
        })?;
    }
    Ok(())
}

/// Asks for one setting until the answer is of its kind; nothing leaves an optional one out.
fn ask(setting: &Setting) -> Result<Option<String>, AppError> {
    let given_up = |error: dialoguer::Error| {
        AppError::usage(
            format!("the question was not answered: {error}"),
            "give settings as arguments: --set NAME=VALUE",
        )
    };
    anstream::eprintln!("\n{}", setting.help);
    if !setting.choices.is_empty() {
        let labels: Vec<&str> = setting.choices.iter().map(|(_, label)| label.as_str()).collect();
        let first = setting
            .choices
            .iter()
            .position(|(value, _)| Some(value) == setting.default.as_ref())
            .unwrap_or(0);
        let index = dialoguer::Select::new()
            .with_prompt(&setting.label)
            .items(&labels)
            .default(first)
            .interact()
            .map_err(given_up)?;
        return Ok(setting.choices.get(index).map(|(value, _)| value.clone()));
    }
    loop {
        let mut input = dialoguer::Input::<String>::new()
            .with_prompt(format!("{} (such as {})", setting.label, setting.example))
            .allow_empty(true);
        if let Some(default) = &setting.default {
            input = input.default(default.clone());
        }
        let answer = input.interact_text().map_err(given_up)?;
        if answer.trim().is_empty() {
            return Ok(None);
        }
        match check_value(&setting.kind, &setting.choices, &answer) {
            Ok(()) => return Ok(Some(answer.trim().to_owned())),
            Err(expected) => anstream::eprintln!("That is not {expected}."),
        }
    }
}

/// Where the key went.
struct KeyPlace {
    /// The line under `[key]`.
    line: String,
    /// The file that was written, and for whom.
    written: Option<(PathBuf, Scope)>,
    /// What the operator still has to do.
    todo: Option<String>,
}

impl KeyPlace {
    /// A key that stays where it is.
    fn elsewhere(name: &str, value: &str, todo: Option<String>) -> Self {
        Self {
            line: format!("{name} = {}", crate::config::quoted(value)),
            written: None,
            todo,
        }
    }
}

fn key_place(
    args: &Args,
    folder: &Path,
    description: &Description,
    may_ask: bool,
) -> Result<KeyPlace, AppError> {
    if let Some(variable) = &args.key_env {
        let todo = std::env::var_os(variable)
            .is_none()
            .then(|| format!("set the environment variable {variable} to the API key"));
        return Ok(KeyPlace::elsewhere("env", variable, todo));
    }
    if let Some(name) = &args.key_credential {
        let todo = KeySource::Credential(name.clone())
            .read()
            .err()
            .and_then(|error| error.help());
        return Ok(KeyPlace::elsewhere("credential", name, todo));
    }
    let scope = key::scope(args.key_for_machine)?;
    let path = folder.join(KEY_NAME);
    let place = KeyPlace::elsewhere("file", KEY_NAME, None);
    let given = if args.key_stdin {
        Some(key::from_stdin()?)
    } else if may_ask && let Some(slot) = description.secrets.first() {
        Some(key::ask(slot)?)
    } else {
        None
    };
    match given.filter(|key| !key.expose_secret().is_empty()) {
        Some(key) => {
            key::keep(&path, &key, scope)?;
            Ok(KeyPlace {
                written: Some((path, scope)),
                ..place
            })
        }
        None => Ok(KeyPlace {
            todo: Some(format!(
                "give the API key, which goes into {}: helpbell key",
                path.display()
            )),
            ..place
        }),
    }
}
