//! A press in a folder of its own: how it leaves one computer and comes to another.
//!
//! ```text
//! <press id>/                      0700
//!   press.json                     version, words, journal, names of the files
//!   files/0, files/1, …            the files in that order
//! ```
//!
//! The folder is written under another name and renamed when it is complete and on disk: a folder with
//! the name of a press is a whole press.

use crate::{
    journal::Event,
    submission::{FileEntry, Submission, Words},
};
use helpbell_model::{Attachment, text::one_line};
use helpbell_sandbox::private;
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The format's version; a reader refuses newer ones.
/// Since 2 a press may await the rest of its report.
const VERSION: u32 = 2;
/// A message of at most four megabytes, as JSON, and a journal; more is not ours.
const MANIFEST_BYTES: u64 = 64 << 20;

/// Characters of a reason why a file cannot be read.
const REASON_CHARS: usize = 300;

/// `press.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    version: u32,
    words: Words,
    journal: Vec<Event>,
    files: Vec<FileEntry>,
}

/// Why a press cannot be written to a folder or read from it.
#[derive(Debug, thiserror::Error)]
pub enum ParcelError {
    /// The disk said no.
    #[error("failed to {doing} {path}: {source}")]
    Disk {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It is there already.
    #[error("{0} exists already; export to another folder")]
    Exists(PathBuf),
    /// Not a folder that Helpbell wrote, or damaged.
    #[error("{path} is not an exported press: {reason}")]
    NotAPress {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Written by a newer Helpbell.
    #[error(
        "{path} was exported by a newer Helpbell (format {found}, this one knows {VERSION}); update Helpbell and try again"
    )]
    Newer {
        /// The folder.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
}

/// Writes a press and its story below `parent`. Gives the folder.
///
/// # Errors
/// If the disk refuses; nothing half-written stays.
pub fn write(parent: &Path, submission: &Submission, journal: Vec<Event>) -> Result<PathBuf, ParcelError> {
    let folder = parent.join(submission.press.id.to_string());
    if folder.exists() {
        return Err(ParcelError::Exists(folder));
    }
    fs::create_dir_all(parent).map_err(disk("make", parent))?;
    let mut staging = tempfile::Builder::new();
    staging.prefix(".exporting-");
    #[cfg(unix)]
    staging.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let staging = staging.tempdir_in(parent).map_err(disk("write to", parent))?;
    let files = staging.path().join("files");
    private::folder(&files).map_err(disk("make", &files))?;
    for (index, file) in submission.attachments.iter().enumerate() {
        let path = files.join(index.to_string());
        private::write(&path, &file.bytes).map_err(disk("write", &path))?;
    }
    let manifest = Manifest {
        version: VERSION,
        words: Words::of(submission),
        journal,
        files: submission.attachments.iter().map(FileEntry::of).collect(),
    };
    let path = staging.path().join("press.json");
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| disk("write", &path)(error.into()))?;
    private::write(&path, &text).map_err(disk("write", &path))?;
    fs::rename(staging.keep(), &folder).map_err(disk("write", &folder))?;
    Ok(folder)
}

/// Reads a press and its story back.
///
/// # Errors
/// If the folder is no exported press, is damaged, or comes from a newer version.
pub fn read(folder: &Path) -> Result<(Submission, Vec<Event>), ParcelError> {
    let path = folder.join("press.json");
    // What is wrong is told in the words of a file that anybody may have written.
    let wrong = |reason: String| ParcelError::NotAPress {
        path: folder.to_owned(),
        reason: one_line(&reason, REASON_CHARS),
    };
    let size = fs::metadata(&path)
        .map_err(|error| wrong(format!("press.json: {error}")))?
        .len();
    if size > MANIFEST_BYTES {
        return Err(wrong("press.json is too large".into()));
    }
    let text = fs::read(&path).map_err(disk("read", &path))?;
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let Version { version } =
        serde_json::from_slice(&text).map_err(|error| wrong(format!("press.json: {error}")))?;
    if version > VERSION {
        return Err(ParcelError::Newer {
            path: folder.to_owned(),
            found: version,
        });
    }
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| wrong(format!("press.json: {error}")))?;
    let mut attachments = Vec::new();
    for (index, file) in manifest.files.into_iter().enumerate() {
        let path = folder.join("files").join(index.to_string());
        let bytes = fs::read(&path).map_err(disk("read", &path))?;
        attachments.push(Attachment {
            name: file.name,
            content_type: file.content_type,
            bytes,
            reference: file.reference,
        });
    }
    Ok((manifest.words.with(attachments), manifest.journal))
}

fn disk(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ParcelError + use<> {
    let path = path.to_owned();
    move |source| ParcelError::Disk { doing, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submission::tests::{findings, press};

    fn submission() -> Submission {
        let file = Attachment {
            name: "report \"1\".html".into(),
            content_type: "text/html".into(),
            bytes: vec![0, 159, 146, 150],
            reference: "r".into(),
        };
        Submission::new(press("Hilfe 🆘 مساعدة"), findings(), vec![file]).unwrap()
    }

    #[test]
    fn an_exported_press_comes_back_byte_for_byte_with_its_story() {
        let parent = tempfile::tempdir().unwrap();
        let journal = vec![Event::Retried];
        let folder = write(parent.path(), &submission(), journal.clone()).unwrap();
        assert_eq!(read(&folder).unwrap(), (submission(), journal));
        assert!(matches!(
            write(parent.path(), &submission(), vec![]),
            Err(ParcelError::Exists(_))
        ));
        assert_eq!(
            fs::read_dir(parent.path()).unwrap().count(),
            1,
            "nothing half-written stays"
        );
    }

    #[test]
    fn an_exported_press_says_what_it_awaits_and_one_of_an_older_helpbell_awaits_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let awaiting = submission().awaiting("2026-11-23T09:30:20Z".parse().unwrap());
        let folder = write(parent.path(), &awaiting, vec![]).unwrap();
        assert_eq!(read(&folder).unwrap().0, awaiting);
        let file = folder.join("press.json");
        let text = fs::read_to_string(&file).unwrap();
        let mut older: serde_json::Value = serde_json::from_str(&text).unwrap();
        older["version"] = 1.into();
        let words = older["words"].as_object_mut().unwrap();
        assert!(words.remove("awaits").is_some(), "{text}");
        fs::write(&file, older.to_string()).unwrap();
        assert_eq!(read(&folder).unwrap().0, submission());
    }

    #[cfg(unix)]
    #[test]
    fn others_cannot_read_an_exported_press() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let folder = write(parent.path(), &submission(), vec![]).unwrap();
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder.join("press.json")), 0o600);
        assert_eq!(mode(folder), 0o700);
    }

    #[test]
    fn damage_and_newer_formats_are_told_apart() {
        let parent = tempfile::tempdir().unwrap();
        let folder = write(parent.path(), &submission(), vec![]).unwrap();
        let file = folder.join("press.json");
        fs::write(&file, r#"{"version":99}"#).unwrap();
        assert!(matches!(read(&folder), Err(ParcelError::Newer { found: 99, .. })));
        fs::write(&file, "{").unwrap();
        assert!(matches!(read(&folder), Err(ParcelError::NotAPress { .. })));
        assert!(matches!(
            read(&parent.path().join("none")),
            Err(ParcelError::NotAPress { .. })
        ));
    }
}
