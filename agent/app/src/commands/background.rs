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
#[cfg(unix)]
fn detach(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

/// So that it outlives the terminal, and that whoever reads what this process says is not kept waiting for its end: on
/// Windows a new process is given every handle that may be inherited, whatever becomes of its own standard output.
#[cfg(windows)]
fn detach(command: &mut Command) {
    use std::os::windows::{io::AsRawHandle as _, process::CommandExt as _};
    use windows_sys::Win32::System::Threading::{CREATE_NEW_PROCESS_GROUP, DETACHED_PROCESS};
    // No console, and no part of the caller's; Ctrl+C there is not for it.
    command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
    keep_to_this_process(std::io::stdin().as_raw_handle());
    keep_to_this_process(std::io::stdout().as_raw_handle());
    keep_to_this_process(std::io::stderr().as_raw_handle());
}

/// No process that is started from now on inherits this handle. What is inherited on purpose is a copy.
#[cfg(windows)]
#[expect(unsafe_code, reason = "the standard library cannot change what is inherited")]
fn keep_to_this_process(handle: std::os::windows::io::RawHandle) {
    use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, SetHandleInformation};
    // SAFETY: the call changes one flag of a handle of this process and nothing in memory; a handle that is none, as
    // where there is no console, it refuses. Then there is nothing to inherit either, so that its result does not matter.
    unsafe {
        SetHandleInformation(handle, HANDLE_FLAG_INHERIT, 0);
    }
}
