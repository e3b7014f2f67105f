//! `helpbell key`: replaces the API key; and how a key comes in, here and in `init`.

use super::{Places, open};
use crate::{
    cli::Key as Args,
    config::{self, Config, KeySource, Scope},
    error::AppError,
    show,
};
use helpbell_model::connector::SecretSlot;
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    fs::File,
    io::{self, IsTerminal as _},
    path::Path,
    process::ExitCode,
};
use zeroize::Zeroizing;

pub(crate) async fn run(here: &Places, args: Args) -> Result<ExitCode, AppError> {
    let config = Config::read(&here.config)?;
    let KeySource::File(path) = &config.key else {
        return Err(AppError::usage(
            format!(
                "{} takes the API key from {}",
                here.config.display(),
                config.key.place()
            ),
            "replace it there; or let Helpbell keep it: [key] file = \"helpbell.key\"",
        ));
    };
    let scope = scope(args.for_machine)?;
    let key = if args.stdin {
        from_stdin()?
    } else if may_ask() {
        let connector = open::connector(here, &config).await?;
        match connector.description().secrets.first() {
            Some(slot) => ask(slot)?,
            None => {
                return Err(AppError::usage(
                    "this connector takes no key",
                    "there is nothing to do",
                ));
            }
        }
    } else {
        return Err(AppError::usage(
            "there is no terminal to ask for the key",
            "give it with --stdin",
        ));
    };
    if key.expose_secret().is_empty() {
        return Err(AppError::usage("the key is empty", "give it as one line"));
    }
    keep(path, &key, scope)?;
    show::key_kept(path, scope);
    Ok(ExitCode::SUCCESS)
}

/// For whom a key is kept.
pub(super) fn scope(for_machine: bool) -> Result<Scope, AppError> {
    match for_machine {
        false => Ok(Scope::Account),
        true if cfg!(windows) => Ok(Scope::Computer),
        true => Err(AppError::usage(
            "only Windows protects a key for a whole computer",
            "give each account that presses a key file of its own, or let systemd pass the key: --key-credential",
        )),
    }
}

/// Whether there is somebody to ask.
pub(super) fn may_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Writes the key file.
pub(super) fn keep(path: &Path, key: &SecretString, scope: Scope) -> Result<(), AppError> {
    config::keep_key(path, key, scope).map_err(AppError::file("write", path))
}

/// Everything on standard input. Not through the standard library's buffer, which nobody could wipe.
pub(super) fn from_stdin() -> Result<SecretString, AppError> {
    #[cfg(unix)]
    let handle = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned();
    #[cfg(windows)]
    let handle = std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned();
    handle
        .and_then(|handle| config::read_key(File::from(handle)))
        .map_err(AppError::file("read the API key from", "standard input"))
}

/// Asks for the key on the terminal, without showing it.
pub(super) fn ask(slot: &SecretSlot) -> Result<SecretString, AppError> {
    anstream::eprintln!("\n{}", slot.help);
    let typed = dialoguer::Password::new()
        .with_prompt(format!("{} ({}; not shown)", slot.label, slot.example))
        .allow_empty_password(true)
        .interact()
        .map(Zeroizing::new)
        .map_err(|error| {
            AppError::usage(
                format!("the question was not answered: {error}"),
                "give the key on standard input, or name an environment variable or a systemd credential",
            )
        })?;
    Ok(SecretString::from(typed.trim()))
}
