//! Programs that are run: cargo, the programs it built, the package manager.

use crate::show::cured;
use anyhow::{Context as _, Result, bail};
use std::{
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

/// What the outer `cargo run` tells this program about itself. Build scripts ask to be run again when some of it
/// changes, so that passing it on would build them anew each time.
const OUTER_CARGO: [&str; 5] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
    "CARGO_PRIMARY_",
];

/// The cargo that runs this program, in the folder of the workspace, without standard input.
pub(crate) fn cargo(root: &Path) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root).stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        let told_by_cargo = |prefix: &str| name.to_str().is_some_and(|name| name.starts_with(prefix));
        if OUTER_CARGO.iter().any(|prefix| told_by_cargo(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a program whose words go straight to the terminal.
///
/// Fails when it cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    if status.success() {
        return Ok(());
    }
    bail!("`{}` failed ({status})", line(command))
}

/// Runs a program and keeps what it prints on standard output; its errors go to the terminal.
///
/// Fails when it cannot be started. Whether it succeeded is the caller's to judge.
pub(crate) fn output(command: &mut Command) -> Result<Output> {
    command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| cannot_start(command))
}

/// What a command that only tells something printed on standard output, both ends trimmed.
///
/// Fails when it cannot be started or does not succeed; then its own words are in the error.
pub(crate) fn ask(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| cannot_start(command))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}): {}", line(command), output.status, words.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Starts a program that goes on beside this one.
pub(crate) fn start(command: &mut Command) -> Result<Running> {
    let child = command.spawn().with_context(|| cannot_start(command))?;
    Ok(Running(child))
}

/// A program beside this one. It ends with this value.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where a program is that the shell would find under this name.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(&name))
        .find(|file| file.is_file())
}

/// The program under this name, or an error that names the cure.
pub(crate) fn need(program: &str, cure: &str) -> Result<PathBuf> {
    find(program).ok_or_else(|| cured(format!("there is no `{program}` on this machine"), cure))
}

/// The command as it could be typed.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    std::iter::once(name)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .map(|word| {
            if word.is_empty() || word.contains(char::is_whitespace) {
                format!("'{word}'")
            } else {
                word.into_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn cannot_start(command: &Command) -> String {
    format!("failed to start `{}`", line(command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_could_be_typed() {
        let mut command = Command::new("/somewhere/bin/cargo");
        command.args(["build", "--message", "two words"]);
        assert_eq!(line(&command), "cargo build --message 'two words'");
    }

    #[test]
    fn a_program_that_does_not_exist_is_named_in_the_error() {
        let error = run(&mut Command::new("no-such-program-of-helpbell")).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("failed to start `no-such-program-of-helpbell`"),
            "{error}"
        );
    }

    #[test]
    fn what_the_outer_cargo_says_of_this_program_is_not_passed_on() {
        // Set by cargo for this very test.
        assert!(env::var_os("CARGO_PKG_NAME").is_some());
        let command = cargo(Path::new("."));
        let removed = command
            .get_envs()
            .any(|(name, value)| name == "CARGO_PKG_NAME" && value.is_none());
        assert!(removed);
    }
}
