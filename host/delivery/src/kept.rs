//! Presses that could not be delivered, kept until they can.
//!
//! ```text
//! <state folder>/undelivered/        0700
//!   <press id>/                      one press
//!     press.json                     the manifest: press, findings, names of the files
//!     files/0, files/1, …            the files in the manifest's order
//! ```
//!
//! The folder is written under another name and renamed when it is complete: a folder with
//! the name of a press is a whole press.

use crate::submission::{FileEntry, Manifest, Submission};
use helpbell_model::Attachment;
use helpbell_sandbox::private;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The manifest's version; a reader refuses newer ones.
const VERSION: u32 = 1;
/// A manifest holds a message of at most four megabytes, as JSON; more is not ours.
const MANIFEST_BYTES: u64 = 64 << 20;

/// Why a press cannot be kept or read back.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
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
    /// Not a folder that Helpbell wrote, or damaged.
    #[error("{path} is not a kept press: {reason}")]
    NotAPress {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Written by a newer Helpbell.
    #[error(
        "{path} was kept by a newer Helpbell (format {found}, this one knows {VERSION}); update Helpbell and try again"
    )]
    Newer {
        /// The folder.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
}

/// A press on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// Keeps a press below the state folder. Keeping the same press again replaces what was kept.
    ///
    /// # Errors
    /// If the disk refuses; nothing half-written stays.
    pub fn keep(state_folder: &Path, submission: &Submission) -> Result<Self, KeepError> {
        let parent = state_folder.join("undelivered");
        private::folder(&parent).map_err(disk("make", &parent))?;
        let mut staging = tempfile::Builder::new();
        staging.prefix(".keeping-");
        #[cfg(unix)]
        staging.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let staging = staging.tempdir_in(&parent).map_err(disk("write to", &parent))?;
        let files = staging.path().join("files");
        private::folder(&files).map_err(disk("make", &files))?;
        for (index, file) in submission.attachments.iter().enumerate() {
            let path = files.join(index.to_string());
            private::write(&path, &file.bytes).map_err(disk("write", &path))?;
        }
        let manifest = Manifest {
            version: VERSION,
            press: submission.press.clone(),
            findings: submission.findings.clone(),
            files: submission
                .attachments
                .iter()
                .map(|file| FileEntry {
                    name: file.name.clone(),
                    content_type: file.content_type.clone(),
                    reference: file.reference.clone(),
                })
                .collect(),
        };
        let path = staging.path().join("press.json");
        let text =
            serde_json::to_vec_pretty(&manifest).map_err(|error| disk("write", &path)(error.into()))?;
        private::write(&path, &text).map_err(disk("write", &path))?;

        let folder = parent.join(submission.press.id.to_string());
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(disk("replace", &folder))?;
        }
        fs::rename(staging.keep(), &folder).map_err(disk("write", &folder))?;
        Ok(Self { folder })
    }

    /// A press that was kept here.
    #[must_use]
    pub const fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads it back.
    ///
    /// # Errors
    /// If the folder is no kept press, is damaged, or comes from a newer version.
    pub fn read(&self) -> Result<Submission, KeepError> {
        let path = self.folder.join("press.json");
        let wrong = |reason: String| KeepError::NotAPress {
            path: self.folder.clone(),
            reason,
        };
        let size = fs::metadata(&path)
            .map_err(|error| wrong(format!("press.json: {error}")))?
            .len();
        if size > MANIFEST_BYTES {
            return Err(wrong("press.json is too large".into()));
        }
        let text = fs::read(&path).map_err(disk("read", &path))?;
        #[derive(serde::Deserialize)]
        struct Version {
            version: u32,
        }
        let Version { version } =
            serde_json::from_slice(&text).map_err(|error| wrong(format!("press.json: {error}")))?;
        if version > VERSION {
            return Err(KeepError::Newer {
                path: self.folder.clone(),
                found: version,
            });
        }
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|error| wrong(format!("press.json: {error}")))?;
        let mut attachments = Vec::new();
        for (index, file) in manifest.files.into_iter().enumerate() {
            let path = self.folder.join("files").join(index.to_string());
            let bytes = fs::read(&path).map_err(disk("read", &path))?;
            attachments.push(Attachment {
                name: file.name,
                content_type: file.content_type,
                bytes,
                reference: file.reference,
            });
        }
        Ok(Submission {
            press: manifest.press,
            findings: manifest.findings,
            attachments,
        })
    }

    /// Forgets it, once it has its ticket and note.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn forget(self) -> Result<(), KeepError> {
        fs::remove_dir_all(&self.folder).map_err(disk("remove", &self.folder))
    }
}

fn disk(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeepError {
    let path = path.to_owned();
    move |source| KeepError::Disk { doing, path, source }
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
    fn a_kept_press_comes_back_byte_for_byte_and_is_forgotten_once() {
        let state = tempfile::tempdir().unwrap();
        let kept = Kept::keep(state.path(), &submission()).unwrap();
        assert_eq!(Kept::at(kept.folder().to_owned()).read().unwrap(), submission());
        let again = Kept::keep(state.path(), &submission()).unwrap();
        assert_eq!(again, kept);
        kept.forget().unwrap();
        assert!(again.read().is_err());
        assert_eq!(fs::read_dir(state.path().join("undelivered")).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn others_cannot_read_a_kept_press() {
        use std::os::unix::fs::PermissionsExt as _;
        let state = tempfile::tempdir().unwrap();
        let kept = Kept::keep(state.path(), &submission()).unwrap();
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(kept.folder().join("press.json")), 0o600);
        assert_eq!(mode(kept.folder().to_owned()), 0o700);
    }

    #[test]
    fn damage_and_newer_formats_are_told_apart() {
        let state = tempfile::tempdir().unwrap();
        let kept = Kept::keep(state.path(), &submission()).unwrap();
        let file = kept.folder().join("press.json");
        fs::write(&file, r#"{"version":99}"#).unwrap();
        assert!(matches!(kept.read(), Err(KeepError::Newer { found: 99, .. })));
        fs::write(&file, "{").unwrap();
        assert!(matches!(kept.read(), Err(KeepError::NotAPress { .. })));
        assert!(matches!(
            Kept::at(state.path().join("none")).read(),
            Err(KeepError::NotAPress { .. })
        ));
    }
}
