//! `helpbell report`: examines and writes the page, or says what has changed; files nothing.

use super::Places;
use crate::{
    cli::Report as Args,
    collect,
    error::{AppError, PROBLEM, WARNING},
    gathering::Gathering,
    show,
};
use helpbell_diagnostics::{compare::compare, json};
use helpbell_model::{
    Person, Press, PressId,
    report::{Report, Severity},
};
use helpbell_sandbox::private;
use jiff::Timestamp;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

pub(crate) async fn run(here: &Places, args: Args) -> Result<ExitCode, AppError> {
    if args.schema {
        let schema = json::schema().map_err(|error| AppError::Report(error.to_string()))?;
        anstream::print!("{schema}");
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(older) = &args.compare {
        return changed(here, &args, older).await;
    }
    let report = examined(here, args.json, !args.no_screens).await?;
    let nobody = nobody(&report);
    let text = if args.json {
        collect::data(&report)?
    } else {
        collect::page(&report, &nobody)?
    };
    let path = match args.output {
        Some(path) => path,
        None if args.json => {
            anstream::print!("{text}");
            return Ok(ExitCode::SUCCESS);
        }
        None => PathBuf::from(collect::file_name(&report, &nobody, "html")),
    };
    // It shows what was on the screens.
    private::write(&path, text.as_bytes()).map_err(AppError::file("write", &path))?;
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

/// What has changed since an older report.
async fn changed(here: &Places, args: &Args, older: &Path) -> Result<ExitCode, AppError> {
    // Before the examination: a wrong file should not cost a wait.
    let older = collect::earlier(older)?;
    let newer = match &args.with {
        Some(newer) => collect::earlier(newer)?,
        None => examined(here, args.json, false).await?,
    };
    let comparison = compare(&older, &newer);
    show::comparison(&comparison, args.json);
    Ok(match comparison.worse() {
        Some(Severity::Problem) => ExitCode::from(PROBLEM),
        Some(Severity::Warning) => ExitCode::from(WARNING),
        Some(Severity::Info) | None => ExitCode::SUCCESS,
    })
}

async fn examined(here: &Places, silent: bool, pictures: bool) -> Result<Report, AppError> {
    let progress = show::Progress::start(silent);
    if pictures {
        progress.step("taking pictures of the screens");
    }
    let gathering = Gathering::begin(here, pictures).await;
    progress.step("examining this computer");
    let report = gathering.complete().await?.report;
    progress.examined(&report);
    progress.finish();
    Ok(report)
}

/// The press of a report that nobody pressed for.
fn nobody(report: &Report) -> Press {
    Press {
        id: PressId::new(),
        pressed_at: Timestamp::now(),
        person: Person::default(),
        message: String::new(),
        selections: vec![],
        append: None,
        device: collect::device_facts(report),
        locale: "en".into(),
    }
}
