//! `helpbell deliver`: goes on with presses that were kept.

use super::{Places, press};
use crate::{cli::Deliver as Args, error::AppError, show};
use helpbell_delivery::Kept;
use std::{fs, path::PathBuf, process::ExitCode};

pub(crate) async fn run(here: &Places, args: Args) -> Result<ExitCode, AppError> {
    let folders = if args.folders.is_empty() {
        all(here)?
    } else {
        args.folders
    };
    if folders.is_empty() {
        anstream::eprintln!("nothing to deliver: no press is kept in {}", here.state.display());
    }
    // One that is damaged or refused must not keep the others from their tickets.
    let mut worst = 0;
    for folder in folders {
        let code = match one(here, folder, args.json).await {
            Ok(code) => code,
            Err(error) => {
                show::failed(&error);
                error.exit_code()
            }
        };
        worst = worst.max(code);
    }
    Ok(ExitCode::from(worst))
}

async fn one(here: &Places, folder: PathBuf, json: bool) -> Result<u8, AppError> {
    let kept = Kept::at(folder);
    let submission = kept.read()?;
    let progress = show::Progress::start(json);
    // It may have been filed before it was kept: the delivery looks for its ticket first.
    press::deliver(here, &submission, Some(kept), &progress, json).await
}

/// The kept presses, oldest first: their names sort by time.
fn all(here: &Places) -> Result<Vec<PathBuf>, AppError> {
    let parent = here.state.join("undelivered");
    let entries = match fs::read_dir(&parent) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(AppError::file("read", parent)(error)),
    };
    let named = entries.flatten().map(|entry| entry.path());
    let mut folders: Vec<PathBuf> = named
        .filter(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.parse::<helpbell_model::PressId>().is_ok())
        })
        .collect();
    folders.sort();
    Ok(folders)
}
