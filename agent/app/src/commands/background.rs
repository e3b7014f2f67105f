//! The process in the background that delivers what a command did not wait for.
//!
//! There is one per state folder: whoever holds `outbox/background.lock` is it. It ends when every press
//! is delivered or needs a person.

use super::Places;
use crate::error::AppError;
use std::{
    fs::{File, TryLockError},
    process::{Command, Stdio},
};

/// File name, in the outbox's folder. It stays empty; only the lock on it counts.
const LOCK_NAME: &str = "background.lock";

/// Starts it, unless it is there already or not wanted. Nothing waits for it.
pub(crate) fn start(here: &Places) -> Result<(), AppError> {
    if !here.background || lock(here)?.is_none() {
        return Ok(());
    }
    let program = std::env::current_exe().map_err(AppError::file("find", "this program"))?;
    let mut command = Command::new(&program);
    command
        .arg("--config")
        .arg(std::path::absolute(&here.config).unwrap_or_else(|_| here.config.clone()))
        .arg("--state")
        .arg(&here.state)
        .args(["deliver", "--until-settled", "--json"])
        .current_dir(&here.state)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    detach(&mut command);
    command
        .spawn()
        .map(drop)
        .map_err(AppError::file("start", program))
}

/// The right to be the process in the background, for as long as the file is held.
pub(crate) fn lock(here: &Places) -> Result<Option<File>, AppError> {
    let folder = super::open::outbox(here);
    helpbell_sandbox::private::folder(&folder).map_err(AppError::file("make", &folder))?;
    let path = folder.join(LOCK_NAME);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(AppError::file("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(AppError::file("lock", path)(error)),
    }
}

/// So that it outlives the terminal.
fn detach(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(windows)]
    {
        /// No console, and no part of the caller's.
        const DETACHED_PROCESS: u32 = 0x0000_0008;
        /// Ctrl+C in the caller's console is not for it.
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
        std::os::windows::process::CommandExt::creation_flags(
            command,
            DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP,
        );
    }
}
