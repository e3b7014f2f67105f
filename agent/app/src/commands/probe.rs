//! `helpbell probe`: asks one part of this computer.

use super::Places;
use crate::{cli::Probe as Args, error::AppError, gathering};
use helpbell_diagnostics::Scope;
use helpbell_model::{report::ProbeStatus, text::nearest};
use std::{
    io::{Read as _, Write as _},
    process::ExitCode,
};

/// A scope has a few names and paths.
const SCOPE_BYTES: u64 = 1 << 20;

pub(crate) fn run(here: &Places, args: Args) -> Result<ExitCode, AppError> {
    let scope = if args.scope_from_stdin {
        from_stdin()?
    } else {
        gathering::scope(here)
    };
    let Some(name) = args.name else {
        for (name, subject) in helpbell_diagnostics::probe_names(&scope) {
            anstream::println!("{name:<16} {subject}");
        }
        return Ok(ExitCode::SUCCESS);
    };
    let Some(answer) = helpbell_diagnostics::probe(&name, &scope) else {
        let names = helpbell_diagnostics::probe_names(&scope).map(|(name, _)| name);
        let meant = nearest(&name, names)
            .first()
            .map_or_else(String::new, |nearest| format!("did you mean {nearest}? "));
        return Err(AppError::usage(
            format!("there is no probe {name:?}"),
            format!("{meant}all of them: helpbell probe --list"),
        ));
    };
    let mut line = serde_json::to_vec(&answer).map_err(|error| AppError::Report(error.to_string()))?;
    line.push(b'\n');
    std::io::stdout()
        .write_all(&line)
        .map_err(AppError::file("write", "standard output"))?;
    Ok(match answer.status() {
        ProbeStatus::Ok => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn from_stdin() -> Result<Scope, AppError> {
    let mut text = Vec::new();
    std::io::stdin()
        .take(SCOPE_BYTES)
        .read_to_end(&mut text)
        .map_err(AppError::file("read", "standard input"))?;
    serde_json::from_slice(&text).map_err(|error| {
        AppError::usage(
            format!("standard input is no scope: {error}"),
            "leave --scope-from-stdin out",
        )
    })
}
