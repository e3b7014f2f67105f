//! A run of the program that a test looks at, and ends, while it is under way.

use crate::{Desk, Run};
use std::process::Stdio;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, ChildStderr, ChildStdout},
};

/// The run.
pub struct Begun {
    child: Child,
    arguments: String,
    stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
    said: Run,
}

impl Desk {
    /// Begins a run of the program that starts nothing in the background.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn begin(&self, arguments: &[&str]) -> Begun {
        let (mut command, arguments) = self.command(arguments, &[("HELPBELL_NO_BACKGROUND", "1")]);
        let mut child = command.stdin(Stdio::null()).spawn().unwrap();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Begun {
            child,
            arguments: arguments.clone(),
            stdout: BufReader::new(stdout),
            stderr: BufReader::new(stderr),
            said: Run {
                arguments,
                code: None,
                stdout: String::new(),
                stderr: String::new(),
            },
        }
    }
}

impl Begun {
    /// Waits for a line on standard output that has this in it.
    ///
    /// # Panics
    /// If the program ends without it, or hangs.
    pub async fn until_said(&mut self, part: &str) -> String {
        let reading = async {
            loop {
                let mut line = String::new();
                let read = self.stdout.read_line(&mut line).await.unwrap();
                assert!(
                    read > 0,
                    "{} ended without {part:?}: {}",
                    self.arguments,
                    self.said.said()
                );
                self.said.stdout.push_str(&line);
                if line.contains(part) {
                    return line;
                }
            }
        };
        tokio::time::timeout(crate::desk::HANGS_AFTER, reading)
            .await
            .expect("a run says nothing more")
    }

    /// Kills it, so that it can do nothing more.
    ///
    /// # Panics
    /// If that fails.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends it what Ctrl+C on its terminal sends.
    ///
    /// # Panics
    /// If that fails.
    #[cfg(unix)]
    pub async fn interrupt(&self) {
        let id = self.child.id().expect("it is still running").to_string();
        let sent = tokio::process::Command::new("kill")
            .args(["-INT", &id])
            .status()
            .await;
        assert!(sent.unwrap().success());
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it hangs.
    pub async fn end(mut self) -> Run {
        let ending = async {
            let (out, err) = (&mut self.said.stdout, &mut self.said.stderr);
            let (status, out, err) = tokio::join!(
                self.child.wait(),
                self.stdout.read_to_string(out),
                self.stderr.read_to_string(err)
            );
            out.and(err).unwrap();
            status.unwrap().code()
        };
        let code = tokio::time::timeout(crate::desk::HANGS_AFTER, ending)
            .await
            .expect("a run does not end");
        Run { code, ..self.said }
    }
}
