//! The bytes of a press's files, beside the database.
//!
//! ```text
//! <folder>/<press id>/<sha256>     0600, on disk before the row that names it
//! ```
//!
//! A file's name is the digest of its bytes, so that damage shows when it is read. Each press has a
//! folder of its own: removing one press's files can never touch another's.

use super::StoreError;
use helpbell_model::PressId;
use helpbell_sandbox::private;
use sha2::{Digest as _, Sha256};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// A folder without a row is the remains of an acceptance that never was, unless it is so young that
/// its row may still be on the way.
const ORPHAN_AFTER: Duration = Duration::from_secs(3600);

#[derive(Debug, Clone)]
pub(super) struct Files {
    folder: PathBuf,
}

impl Files {
    pub(super) fn open(folder: PathBuf) -> Result<Self, StoreError> {
        private::folder(&folder).map_err(disk("make", &folder))?;
        Ok(Self { folder })
    }

    /// Writes a press's files and gives their digests. They are on disk when this returns.
    pub(super) fn write<'a>(
        &self,
        press: PressId,
        files: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Vec<String>, StoreError> {
        let folder = self.of(press);
        let mut digests = Vec::new();
        for bytes in files {
            private::folder(&folder).map_err(disk("make", &folder))?;
            let digest = hex::encode(Sha256::digest(bytes));
            let path = folder.join(&digest);
            private::write(&path, bytes).map_err(disk("write", &path))?;
            digests.push(digest);
        }
        if !digests.is_empty() {
            sync(&folder)?;
            sync(&self.folder)?;
        }
        Ok(digests)
    }

    /// Reads a file back; the reason if it is not what was written.
    pub(super) fn read(&self, press: PressId, digest: &str) -> Result<Vec<u8>, String> {
        let bytes = fs::read(self.of(press).join(digest))
            .map_err(|error| format!("a file cannot be read: {error}"))?;
        if hex::encode(Sha256::digest(&bytes)) == digest {
            Ok(bytes)
        } else {
            Err("a file has other bytes than were accepted".to_owned())
        }
    }

    /// Removes a press's files. Those that will not go are removed by a later start.
    pub(super) fn remove(&self, press: PressId) {
        let folder = self.of(press);
        if let Err(error) = fs::remove_dir_all(&folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(folder = %folder.display(), %error, "failed to remove the files of a press that is over");
        }
    }

    /// Removes what belongs to no open press.
    pub(super) fn remove_orphans(&self, is_open: impl Fn(PressId) -> bool) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        for entry in entries.flatten() {
            let press = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse::<PressId>().ok());
            let written = entry.metadata().and_then(|metadata| metadata.modified());
            let is_old = written.is_ok_and(|written| {
                SystemTime::now()
                    .duration_since(written)
                    .is_ok_and(|age| age > ORPHAN_AFTER)
            });
            if let Some(press) = press.filter(|press| is_old && !is_open(*press)) {
                self.remove(press);
            }
        }
    }

    fn of(&self, press: PressId) -> PathBuf {
        self.folder.join(press.to_string())
    }
}

/// Makes the names in a folder durable. Windows has no such call and needs none.
fn sync(folder: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(disk("write", folder))?;
    }
    Ok(())
}

pub(super) fn disk(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError + use<> {
    let path = path.to_owned();
    move |source| StoreError::Disk { doing, path, source }
}
