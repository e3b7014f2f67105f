//! The provider's own scripts, run at each press.
//!
//! ```text
//! script ──► its folder ─┬─ …_append.txt   added to the ticket's text
//!  (as the person)       └─ other files    attached to the private note
//! ```
//!
//! The folder is the working folder, and stands in `HELPBELL_FOLDER` and, for scripts that were written for another help
//! button, in `_uploadDir`. What a script prints is not used. Its files are read once it has ended.

mod identity;
mod launch;

pub use identity::{Identity, IdentityError, identity};

use crate::{
    part::ProbeError,
    process::{self, Unfinished},
    scope::Scope,
    units::millis,
};
use helpbell_model::{
    report::ScriptRun,
    text::{one_line, paragraphs},
};
use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// All scripts together; the probe is given up half a second later, with whatever they had done by then.
const TOGETHER: Duration = Duration::from_millis(9_500);

/// What is read of a script's output, in bytes. It is not used, and a script that prints for ever must end.
const OUTPUT_BYTES: u64 = 1 << 20;

/// Files that one script may leave to be attached.
const MOST_FILES: usize = 10;
/// Bytes of such a file: what the strictest PSA in use takes, with air for its base64.
const FILE_BYTES: u64 = 4_500_000;
/// Bytes of all of them.
const FILES_BYTES: u64 = 15_000_000;

/// Characters added to a ticket by all scripts together; a ticket's own message has as many.
pub const APPEND_CHARS: usize = 8_000;
/// Bytes that are read of a text that is to be appended.
const APPEND_BYTES: u64 = 64 * 1024;

/// Characters of a file's name.
const NAME_CHARS: usize = 120;
/// Characters of what went wrong.
const NOTE_CHARS: usize = 300;

/// Runs the scripts one after the other, each in a folder of its own below the scope's.
pub(crate) fn ask(scope: &Scope) -> Result<Vec<ScriptRun>, ProbeError> {
    let Some(folder) = &scope.scripts_folder else {
        return Err(ProbeError::Failed(
            "there is no folder for what they leave".to_owned(),
        ));
    };
    let began = Instant::now();
    let runs = scope.scripts.iter().enumerate().map(|(index, script)| {
        let left = TOGETHER.saturating_sub(began.elapsed());
        run_one(script, &place(folder, index), left)
    });
    Ok(runs.collect())
}

/// The folder of the script with this index.
fn place(folder: &Path, index: usize) -> PathBuf {
    folder.join(index.to_string())
}

fn run_one(script: &Path, folder: &Path, limit: Duration) -> ScriptRun {
    let began = Instant::now();
    let mut run = ScriptRun {
        name: name_of(script),
        ..ScriptRun::default()
    };
    let mut notes = Vec::new();
    match launch(script, folder, limit) {
        Ok(code) => {
            run.exit_code = code;
            match code {
                Some(0) => {}
                Some(code) => notes.push(format!("it ended with code {code}")),
                None => notes.push("it was ended by the system".to_owned()),
            }
        }
        Err(why) => notes.push(why),
    }
    run.ms = millis(began.elapsed());
    // A script that failed or came late may have left something all the same.
    let left = Left::in_folder(folder);
    run.append = left.append;
    run.files = left.files;
    notes.extend(left.notes);
    run.note = one_line(&notes.join("; "), NOTE_CHARS);
    run
}

fn launch(script: &Path, folder: &Path, limit: Duration) -> Result<Option<i32>, String> {
    if limit.is_zero() {
        return Err("not started: the scripts before it took all the time there was".to_owned());
    }
    let mut command = launch::command(script)?;
    fs::create_dir_all(folder).map_err(|error| format!("its folder could not be made: {error}"))?;
    command.current_dir(folder);
    command.env("HELPBELL_FOLDER", folder).env("_uploadDir", folder);
    match process::run(command, b"", OUTPUT_BYTES, limit) {
        Ok(finished) if finished.cut => {
            Err(format!("it printed more than {OUTPUT_BYTES} bytes and was ended"))
        }
        Ok(finished) => Ok(finished.status.and_then(|status| status.code())),
        Err(late @ Unfinished::Late(_)) => Err(format!("{late}; it was ended")),
        Err(error) => Err(error.to_string()),
    }
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| one_line(&name.to_string_lossy(), NAME_CHARS))
        .unwrap_or_default()
}

/// What a script left in its folder.
#[derive(Debug, Default)]
struct Left {
    append: Option<String>,
    files: Vec<String>,
    notes: Vec<String>,
}

impl Left {
    fn in_folder(folder: &Path) -> Self {
        let mut left = Self::default();
        let mut names: Vec<PathBuf> = fs::read_dir(folder)
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default();
        names.sort();
        let mut bytes = 0;
        for path in names {
            // A link may lead to anything that the person can read.
            let Some(size) = fs::symlink_metadata(&path)
                .ok()
                .filter(fs::Metadata::is_file)
                .map(|file| file.len())
            else {
                continue;
            };
            let name = name_of(&path);
            if is_append(&name) {
                left.read_append(&path);
            } else if size > FILE_BYTES || bytes + size > FILES_BYTES || left.files.len() >= MOST_FILES {
                left.notes
                    .push(format!("{name} ({size} bytes) is too much to be attached"));
            } else {
                bytes += size;
                left.files.push(name);
            }
        }
        left
    }

    fn read_append(&mut self, path: &Path) {
        let text = match bounded(path, APPEND_BYTES) {
            Ok(bytes) => paragraphs(&decoded(&bytes), APPEND_CHARS),
            Err(error) => {
                self.notes
                    .push(format!("{} could not be read: {error}", name_of(path)));
                return;
            }
        };
        if text.trim().is_empty() {
            return;
        }
        let append = self.append.get_or_insert_default();
        if !append.is_empty() {
            append.push('\n');
        }
        append.push_str(text.trim_end());
    }
}

fn is_append(name: &str) -> bool {
    let name = name.to_lowercase();
    name == "append.txt" || name.ends_with("_append.txt")
}

fn bounded(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Text as Windows' programs write it: UTF-8 with or without a mark, or UTF-16 with one.
fn decoded(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .filter_map(|pair| pair.try_into().ok().map(read))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The texts of all scripts that belong into the ticket.
#[must_use]
pub fn append(runs: &[ScriptRun]) -> Option<String> {
    let texts: Vec<&str> = runs.iter().filter_map(|run| run.append.as_deref()).collect();
    (!texts.is_empty()).then(|| paragraphs(&texts.join("\n"), APPEND_CHARS))
}

/// The files that scripts left below `folder`, by name; those that are gone by now are left out.
#[must_use]
pub fn files(folder: &Path, runs: &[ScriptRun]) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        for name in &run.files {
            if let Ok(bytes) = bounded(&place(folder, index).join(name), FILE_BYTES) {
                files.push((name.clone(), bytes));
            }
        }
    }
    files
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
