//! What a press gathers, under way: pictures of the screens first, then the examination, while the person writes.

use crate::{commands::Places, config::Config, error::AppError};
use helpbell_diagnostics::{Examination, Isolation, Limits, Scope, capture, scripts};
use helpbell_model::report::{ProbeStatus, Report, Screen, Session};
use jiff::Timestamp;
use std::{
    path::Path,
    time::{Duration, Instant, SystemTime},
};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// Under way.
pub(crate) struct Gathering {
    examination: Examination,
    screens: JoinHandle<Vec<Screen>>,
    /// The session when the screens were photographed.
    session: Option<Session>,
    /// Where scripts leave their files; gone with the value.
    scripts: Option<TempDir>,
}

/// What there is.
#[derive(Debug)]
pub(crate) struct Gathered {
    /// The report, with pictures.
    pub report: Report,
    /// What the provider's scripts left to be attached, by name.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Gathering {
    /// Photographs the screens, at once: before anything of ours covers them. Then the examination begins, and the
    /// pictures are encoded beside it.
    pub(crate) async fn begin(here: &Places, with_screens: bool) -> Self {
        let photographed =
            tokio::task::spawn_blocking(move || with_screens.then(|| capture::grab(Limits::default())));
        let frames = photographed.await.ok().flatten();
        let session = frames.as_ref().and_then(|frames| frames.session().cloned());
        let mut scope = scope(here);
        let scripts = (!scope.scripts.is_empty()).then(|| folder(here)).flatten();
        scope.scripts_folder = scripts.as_ref().map(|folder| folder.path().to_owned());
        Self {
            examination: Examination::begin(Limits::default(), scope, isolation()),
            session,
            screens: tokio::task::spawn_blocking(|| frames.map(capture::Frames::develop).unwrap_or_default()),
            scripts,
        }
    }

    /// Waits for what is still at work, for at most `patience`; with what is in by then, and with the rest if anything is
    /// still at work.
    pub(crate) async fn within(self, patience: Duration) -> Result<(Gathered, Option<Rest>), AppError> {
        let since = Instant::now();
        let rest = self.photographed().await?;
        let (rest, report) = blocking(move || {
            let left = patience.saturating_sub(since.elapsed());
            let report = rest.examination.report_within(left);
            (rest, report)
        })
        .await?;
        let is_pending = report.probes.iter().any(|run| run.status == ProbeStatus::Pending);
        let gathered = rest.beside.with(report);
        Ok((gathered, is_pending.then_some(rest)))
    }

    /// Waits for everything.
    pub(crate) async fn complete(self) -> Result<Gathered, AppError> {
        self.photographed().await?.complete().await
    }

    /// Waits for the pictures.
    async fn photographed(self) -> Result<Rest, AppError> {
        Ok(Rest {
            examination: self.examination,
            beside: Beside {
                screens: self.screens.await.map_err(failed)?,
                session: self.session,
                scripts: self.scripts,
            },
        })
    }
}

impl Gathered {
    /// What scripts add to the ticket's text.
    pub(crate) fn append(&self) -> Option<String> {
        scripts::append(self.report.machine.scripts.as_deref()?)
    }
}

/// What goes with every report of one press, whenever it is made.
struct Beside {
    screens: Vec<Screen>,
    session: Option<Session>,
    scripts: Option<TempDir>,
}

impl Beside {
    fn with(&self, mut report: Report) -> Gathered {
        report.screens.clone_from(&self.screens);
        if self.session.is_some() {
            report.machine.session.clone_from(&self.session);
        }
        let runs = report.machine.scripts.as_deref().unwrap_or_default();
        let folder = self.scripts.as_ref();
        let files = folder.map_or_else(Vec::new, |folder| scripts::files(folder.path(), runs));
        Gathered { report, files }
    }
}

/// What is still at work once the pictures are there.
pub(crate) struct Rest {
    examination: Examination,
    beside: Beside,
}

impl Rest {
    /// When the slowest has answered or is given up.
    pub(crate) fn ends_by(&self) -> Timestamp {
        self.examination.ends_by()
    }

    /// What is still at work, in words: `the printers`.
    pub(crate) fn at_work(&self) -> Vec<&'static str> {
        self.examination.at_work()
    }

    /// Waits for everything.
    pub(crate) async fn complete(self) -> Result<Gathered, AppError> {
        let Self { examination, beside } = self;
        let report = blocking(move || examination.complete()).await?;
        Ok(beside.with(report))
    }
}

/// What may be looked at, as far as the configuration can be read: one that is broken is told elsewhere, and costs no
/// examination.
pub(crate) fn scope(here: &Places) -> Scope {
    Config::read(&here.config)
        .map(|config| config.diagnosis.scope)
        .unwrap_or_default()
}

/// Who sits here, as far as the provider's script knows. That it fails costs nobody a press.
pub(crate) async fn identity(here: &Places) -> scripts::Identity {
    let script = Config::read(&here.config)
        .ok()
        .and_then(|config| config.diagnosis.identity);
    let Some(script) = script else {
        return scripts::Identity::default();
    };
    let asked = blocking(move || scripts::identity(&script)).await;
    match asked {
        Ok(Ok(identity)) => identity,
        Ok(Err(error)) => {
            tracing::warn!(%error, "failed to ask the identity script who sits here");
            scripts::Identity::default()
        }
        Err(_) => scripts::Identity::default(),
    }
}

/// This program asks what may hang in a process of its own.
fn isolation() -> Isolation {
    std::env::current_exe().map_or_else(|_| Isolation::none(), Isolation::by)
}

/// How the folders begin that scripts leave their files in.
const FOLDER: &str = "scripts-";

/// Such a folder belongs to nobody any more after this time: its press was ended with its process.
const LEFT_BEHIND: Duration = Duration::from_secs(3600);

/// A folder of this account's alone. Without one scripts are not run, and the report says so.
fn folder(here: &Places) -> Option<TempDir> {
    helpbell_sandbox::private::folder(&here.state).ok()?;
    clear(&here.state);
    tempfile::Builder::new()
        .prefix(FOLDER)
        .tempdir_in(&here.state)
        .ok()
}

/// Removes what presses left whose process was ended.
fn clear(state: &Path) {
    for entry in std::fs::read_dir(state).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(FOLDER);
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let is_old = modified.is_ok_and(|at| {
            SystemTime::now()
                .duration_since(at)
                .is_ok_and(|age| age > LEFT_BEHIND)
        });
        if is_ours && is_old {
            // Whatever cannot be removed now is tried again at the next press.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work).await.map_err(failed)
}

fn failed(error: tokio::task::JoinError) -> AppError {
    AppError::Report(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};

    #[test]
    fn only_folders_that_scripts_left_long_ago_are_removed() {
        let state = tempfile::tempdir().unwrap();
        let long_ago = SystemTime::now() - 2 * LEFT_BEHIND;
        for (name, is_old) in [("scripts-old", true), ("scripts-new", false), ("code", true)] {
            let path = state.path().join(name);
            fs::create_dir(&path).unwrap();
            if is_old {
                File::open(path).unwrap().set_modified(long_ago).unwrap();
            }
        }
        clear(state.path());
        let mut left: Vec<_> = fs::read_dir(state.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["code", "scripts-new"]);
    }
}
