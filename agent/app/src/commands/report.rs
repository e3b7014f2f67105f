//! `helpbell report`: examines and writes the page, files nothing.

use super::Places;
use crate::{cli::Report as Args, collect, error::AppError, gathering::Gathering, show};
use helpbell_model::{Person, Press, PressId};
use jiff::Timestamp;
use std::{path::PathBuf, process::ExitCode};

pub(crate) async fn run(here: &Places, args: Args) -> Result<ExitCode, AppError> {
    let progress = show::Progress::start(args.json);
    progress.step("taking pictures of the screens");
    let gathering = Gathering::begin(here, !args.no_screens).await;
    progress.step("examining this computer");
    let report = gathering.complete().await?.report;
    progress.examined(&report);
    progress.finish();
    if args.json {
        anstream::println!("{}", collect::data(&report)?);
        return Ok(ExitCode::SUCCESS);
    }
    let nobody = Press {
        id: PressId::new(),
        pressed_at: Timestamp::now(),
        person: Person::default(),
        message: String::new(),
        selections: vec![],
        append: None,
        device: collect::device_facts(&report),
        locale: "en".into(),
    };
    let path = args
        .output
        .unwrap_or_else(|| PathBuf::from(collect::file_name(&report, &nobody, "html")));
    std::fs::write(&path, collect::page(&report, &nobody)?).map_err(AppError::file("write", &path))?;
    show::report_written(&path, &report);
    if args.open {
        opener::open(&path).map_err(|error| {
            AppError::usage(
                format!("no browser could be opened: {error}"),
                format!("open {} by hand", path.display()),
            )
        })?;
    }
    Ok(ExitCode::SUCCESS)
}
