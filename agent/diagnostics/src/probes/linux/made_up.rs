//! A machine made up for a test: files below a root of its own, and programs that say what the test wants.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

pub(in crate::probes) struct MadeUp(tempfile::TempDir);

impl MadeUp {
    /// One with nothing on it.
    pub(in crate::probes) fn machine() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(in crate::probes) fn root(&self) -> &Path {
        self.0.path()
    }

    fn place(&self, path: &str) -> PathBuf {
        let place = self.root().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        place
    }

    /// The same with one more file.
    pub(in crate::probes) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.place(path), content).unwrap();
        self
    }

    /// The same with one more, perhaps empty, folder.
    pub(in crate::probes) fn folder(self, path: &str) -> Self {
        fs::create_dir_all(self.place(path)).unwrap();
        self
    }

    /// The same with a link at `path`.
    pub(in crate::probes) fn link(self, path: &str, target: &str) -> Self {
        symlink(target, self.place(path)).unwrap();
        self
    }

    /// The same with a program that does what `script` tells the shell.
    pub(in crate::probes) fn program(self, name: &str, script: &str) -> Self {
        let text = self.place(&format!("scripts/{name}"));
        fs::write(&text, format!("#!/bin/sh\n{script}\n")).unwrap();
        // Another test may fork just now and inherit whatever file is open for writing here, and such a file cannot be
        // run. So another process writes it.
        let place = self.place(&format!("usr/bin/{name}"));
        let installed = Command::new("install")
            .args(["-m", "755"])
            .arg(text)
            .arg(place)
            .status()
            .unwrap();
        assert!(installed.success());
        self
    }
}
