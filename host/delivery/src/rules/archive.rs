//! The rules that were ever used here, so that it can be told later why a ticket looks as it does, even if the rules
//! have changed since.
//!
//! ```text
//! <state>/rules/             0700
//!   <sha256 of its bytes>.py 0600, written once, whole or not at all, and never changed
//! ```
//!
//! Journals name rules by that digest ([`Ruling::source`](super::Ruling::source)). A file that is missing costs an
//! explanation, never a ticket.

use super::script::Script;
use helpbell_sandbox::{SOURCE_BYTES, private};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Name of the folder within the state folder.
const FOLDER: &str = "rules";

/// The rules that were ever used here.
#[derive(Debug, Clone)]
pub struct Archive {
    folder: PathBuf,
}

impl Archive {
    /// The archive of a state folder. Nothing is made before there is something to keep.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        Self {
            folder: state.join(FOLDER),
        }
    }

    /// Keeps rules, unless they are kept already.
    ///
    /// # Errors
    /// If the disk refuses, or others may write to the folder.
    pub fn keep(&self, script: &Script) -> io::Result<()> {
        if self.read(script.sha256()).is_some() {
            return Ok(());
        }
        private::folder(&self.folder)?;
        private::write(&self.file(script.sha256()), script.text().as_bytes())
    }

    /// The rules with this digest, if they are kept and are what they were.
    #[must_use]
    pub fn read(&self, sha256: &str) -> Option<Script> {
        // Digests come out of journals, which anybody may have exported: none of them is a path.
        if !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let file = self.file(sha256);
        let size = fs::metadata(&file).ok()?.len();
        if size > SOURCE_BYTES as u64 {
            return None;
        }
        let script = Script::new(fs::read_to_string(file).ok()?);
        (script.sha256() == sha256).then_some(script)
    }

    fn file(&self, sha256: &str) -> PathBuf {
        self.folder.join(format!("{sha256}.py"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_kept_once_and_found_by_their_digest() {
        let state = tempfile::tempdir().unwrap();
        let archive = Archive::of(state.path());
        let (first, second) = (
            Script::new("priority = 1\n".into()),
            Script::new("# “2”\n".into()),
        );
        assert!(archive.read(first.sha256()).is_none());
        for script in [&first, &second, &first] {
            archive.keep(script).unwrap();
        }
        assert_eq!(archive.read(first.sha256()).unwrap().text(), first.text());
        assert_eq!(archive.read(second.sha256()).unwrap().text(), second.text());
        assert_eq!(fs::read_dir(state.path().join(FOLDER)).unwrap().count(), 2);
    }

    #[test]
    fn what_was_changed_since_is_not_what_was_used_and_is_written_anew() {
        let state = tempfile::tempdir().unwrap();
        let (archive, script) = (Archive::of(state.path()), Script::new("priority = 1\n".into()));
        archive.keep(&script).unwrap();
        fs::write(archive.file(script.sha256()), "priority = 2\n").unwrap();
        assert!(archive.read(script.sha256()).is_none());
        archive.keep(&script).unwrap();
        assert_eq!(archive.read(script.sha256()).unwrap().text(), script.text());
    }

    #[test]
    fn a_digest_that_is_a_path_leads_nowhere() {
        let state = tempfile::tempdir().unwrap();
        let archive = Archive::of(state.path());
        fs::create_dir(state.path().join(FOLDER)).unwrap();
        fs::write(state.path().join("secret.py"), "x").unwrap();
        assert!(archive.read("../secret").is_none());
    }

    #[cfg(unix)]
    #[test]
    fn others_cannot_read_what_is_kept() {
        use std::os::unix::fs::PermissionsExt as _;
        let state = tempfile::tempdir().unwrap();
        let (archive, script) = (Archive::of(state.path()), Script::new("priority = 1\n".into()));
        archive.keep(&script).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&state.path().join(FOLDER)), 0o700);
        assert_eq!(mode(&archive.file(script.sha256())), 0o600);
    }
}
