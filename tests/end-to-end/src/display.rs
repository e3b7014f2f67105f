//! A screen that exists only in memory.

use std::{
    env,
    io::{BufRead as _, BufReader, ErrorKind},
    process::{Child, Command, Stdio},
};

/// An X server of its own, gone with the value.
pub struct Screen {
    process: Child,
    name: String,
}

impl Screen {
    /// A white screen: a black one would count as no picture. `None` where Xvfb is not installed, except
    /// under continuous integration, which must have it.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn white() -> Option<Self> {
        let spawned = Command::new("Xvfb")
            // The server picks a free display and writes its number once it is ready.
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "800x600x24",
                "-wr",
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut process = match spawned {
            Err(error) if error.kind() == ErrorKind::NotFound && env::var_os("CI").is_none() => {
                eprintln!("skipped: Xvfb is not installed (apt-get install xvfb)");
                return None;
            }
            other => other.expect("Xvfb starts; it comes with: apt-get install xvfb"),
        };
        let mut number = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut number)
            .unwrap();
        Some(Self {
            process,
            name: format!(":{}", number.trim()),
        })
    }

    /// What goes into `DISPLAY`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
