//! `helpbell connector new`, `build` and `dev`: what authors of connectors need.

use super::{super::Places, test};
use crate::{
    cli::{ConnectorNew, ConnectorTest},
    error::AppError,
    show,
};
use helpbell_connector_project::{Language, Project, create};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

/// Between two looks at an author's files: short enough to seem at once.
const LOOK: Duration = Duration::from_millis(300);

/// Makes a project.
pub(super) fn new(args: &ConnectorNew) -> Result<(), AppError> {
    let folder = args
        .dir
        .clone()
        .unwrap_or_else(|| PathBuf::from(args.name.to_string()));
    let title = args.title.clone().unwrap_or_else(|| args.name.title());
    create(&folder, &args.name, &title, args.lang)?;
    show::project_made(&folder, args.lang);
    Ok(())
}

/// Builds the project in this folder, and says where the component is.
pub(super) fn build(here: &Places, folder: &Path, output: Option<PathBuf>) -> Result<(), AppError> {
    let project = Project::at(folder)?;
    let output = output.unwrap_or_else(|| project.output());
    built(here, &project, &output)?;
    show::built(&output);
    Ok(())
}

/// Builds a project that has changed, with what its language needs, which is installed into the state folder the first
/// time.
pub(super) fn built(here: &Places, project: &Project, output: &Path) -> Result<(), AppError> {
    if project.is_current(output) {
        return Ok(());
    }
    // Cargo shows its own progress.
    let progress = show::Progress::start(project.language() == Language::Rust);
    progress.step(match project.language() {
        Language::Rust => "building",
        Language::Python => "building; the first time installs componentize-py",
        Language::Js => "building; the first time installs componentize-js",
    });
    let result = project.build(output, &here.state.join("tools"));
    progress.finish();
    Ok(result?)
}

/// Builds and tries the project again whenever one of its files changes, until interrupted.
pub(super) async fn dev(here: &Places, args: ConnectorTest) -> Result<ExitCode, AppError> {
    let project = Project::at(&args.file)?;
    let args = ConnectorTest { log: true, ..args };
    loop {
        let seen = project.changed();
        if let Err(error) = test::run(here, args.clone()).await {
            show::failed(&error);
        }
        show::watching(project.folder());
        while project.changed() == seen {
            tokio::time::sleep(LOOK).await;
        }
    }
}
