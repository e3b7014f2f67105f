//! X servers that tests start by themselves.

use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

/// An X server of its own, gone with the value.
pub(crate) struct XServer {
    process: Child,
    /// As `DISPLAY` has it.
    pub(crate) display: String,
}

impl XServer {
    /// One of usual size in memory; `None` if there is no Xvfb on this machine.
    pub(crate) fn start(more: &[&str]) -> Option<Self> {
        let mut server = Command::new("Xvfb");
        server
            .args(["-screen", "0", "1280x720x24", "-noreset"])
            .args(more);
        if !more.contains(&"-listen") {
            server.args(["-nolisten", "tcp"]);
        }
        Self::of(server)
    }

    /// The server that this command starts; `None` if its program is not on this machine. Where nobody reads that,
    /// it is an error.
    pub(crate) fn of(mut server: Command) -> Option<Self> {
        let spawned = server
            // The server picks a free display and writes its number once it is ready.
            .args(["-displayfd", "1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut process = match spawned {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && env::var_os("CI").is_none() => {
                eprintln!("skipped: {} is not installed", server.get_program().display());
                return None;
            }
            other => other.unwrap(),
        };
        let mut number = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut number)
            .unwrap();
        Some(Self {
            process,
            display: format!(":{}", number.trim()),
        })
    }
}

impl Drop for XServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
