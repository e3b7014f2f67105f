//! Runs another program for a limited time, and takes a limited amount of what it prints.
//!
//! Whatever it does, the caller goes on at its limit: the program is killed with everything it started.

use crate::run::in_words;
use process_wrap::std::{ChildWrapper, CommandWrap};
use std::{
    io::{self, Read as _, Write as _},
    process::{Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// What a program left behind.
#[derive(Debug)]
pub(crate) struct Finished {
    /// What it printed, no more than was asked for.
    pub(crate) output: Vec<u8>,
    /// It printed more than that.
    pub(crate) cut: bool,
    /// How it ended; `None` if it had to be killed although it had closed its output.
    pub(crate) status: Option<ExitStatus>,
}

/// Why there is no output.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfinished {
    /// It is not there, or may not be run.
    #[error("could not be started: {0}")]
    NotStarted(io::Error),
    /// It printed something that cannot be read.
    #[error("its answer cannot be read: {0}")]
    Unreadable(io::Error),
    /// It was killed.
    #[error("no answer within {}", in_words(*.0))]
    Late(Duration),
}

/// Runs `command` with `input` on its standard input, for at most `limit`, and takes at most `most` bytes of its
/// standard output. Its error output is dropped. Blocks the thread.
pub(crate) fn run(
    mut command: Command,
    input: &[u8],
    most: u64,
    limit: Duration,
) -> Result<Finished, Unfinished> {
    let stdin = if input.is_empty() {
        Stdio::null()
    } else {
        Stdio::piped()
    };
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut wrapped = CommandWrap::from(command);
    #[cfg(unix)]
    wrapped.wrap(process_wrap::std::ProcessGroup::leader());
    #[cfg(windows)]
    {
        wrapped.wrap(process_wrap::std::CreationFlags(NO_WINDOW));
        wrapped.wrap(process_wrap::std::JobObject);
    }
    let mut child = wrapped.spawn().map_err(Unfinished::NotStarted)?;
    if let Some(mut stdin) = child.stdin().take() {
        // A child that died already tells by its missing answer.
        let _ = stdin.write_all(input);
    }
    let (sender, receiver) = mpsc::sync_channel(1);
    let output = child.stdout().take();
    // The pipe stays open for as long as any child of the child has it: reading must not be what waits.
    let reader = thread::Builder::new().name("output".to_owned()).spawn(move || {
        let mut bytes = Vec::new();
        let read = output.map_or(Ok(0), |output| output.take(most + 1).read_to_end(&mut bytes));
        let _ = sender.send(read.map(|_| bytes));
    });
    if let Err(error) = reader {
        end(child, false);
        return Err(Unfinished::Unreadable(error));
    }
    let read = receiver.recv_timeout(limit);
    let cut = matches!(&read, Ok(Ok(bytes)) if bytes.len() as u64 > most);
    // Whoever still has something to say is not waited for.
    let status = end(child, read.is_ok() && !cut);
    match read {
        Err(_) => Err(Unfinished::Late(limit)),
        Ok(Err(error)) => Err(Unfinished::Unreadable(error)),
        Ok(Ok(mut output)) => {
            output.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            Ok(Finished { output, cut, status })
        }
    }
}

/// `CREATE_NO_WINDOW`: no console flashes up in front of the person.
#[cfg(windows)]
const NO_WINDOW: windows::Win32::System::Threading::PROCESS_CREATION_FLAGS =
    windows::Win32::System::Threading::PROCESS_CREATION_FLAGS(0x0800_0000);

/// How long a child that has answered may take to end by itself.
const LEAVING: Duration = Duration::from_millis(100);
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// Sees a child off: kills it with all its children unless it has ended. One that has answered is given a moment. A
/// process that hangs in the kernel ends when that lets go of it; nobody waits for that but a thread of its own. Tells
/// how it ended, if it ended by itself.
fn end(mut child: Box<dyn ChildWrapper>, answered: bool) -> Option<ExitStatus> {
    let since = Instant::now();
    while answered && since.elapsed() < LEAVING {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) => thread::sleep(LOOK),
            Err(_) => break,
        }
    }
    let _ = child.start_kill();
    let reaper = thread::Builder::new().name("reaper".to_owned());
    let _ = reaper.spawn(move || child.wait());
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// Nothing in these tests takes so long.
    const AMPLE: Duration = Duration::from_secs(60);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_program_gets_its_input_and_gives_its_output_and_its_code() {
        let finished = run(shell("cat; exit 3"), b"hello", 100, AMPLE).unwrap();
        assert_eq!(finished.output, b"hello");
        assert!(!finished.cut);
        assert_eq!(finished.status.unwrap().code(), Some(3));
    }

    #[test]
    fn a_program_that_prints_for_ever_is_cut_and_ended() {
        let finished = run(shell("while :; do echo x; done"), b"", 10, AMPLE).unwrap();
        assert_eq!(finished.output.len(), 10);
        assert!(finished.cut && finished.status.is_none());
    }

    #[test]
    fn a_program_that_hangs_is_killed_with_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let marker = folder.path().join("pid");
        let script = format!(
            "sleep 1000 & echo $! > {0}.new; mv {0}.new {0}; wait",
            marker.display()
        );
        let late = run(shell(&script), b"", 10, Duration::from_secs(2));
        assert!(matches!(late, Err(Unfinished::Late(_))), "{late:?}");
        let pid = std::fs::read_to_string(&marker).unwrap();
        let state = format!("/proc/{}/stat", pid.trim());
        let since = Instant::now();
        // Killed means gone, or a zombie that nobody has collected yet.
        while std::fs::read_to_string(&state).is_ok_and(|stat| !stat.contains(") Z ")) {
            assert!(since.elapsed() < AMPLE, "still there: {state}");
            thread::yield_now();
        }
    }

    #[test]
    fn a_program_that_is_not_there_says_so() {
        let missing = run(Command::new("/nowhere/at/all"), b"", 10, AMPLE);
        assert!(matches!(missing, Err(Unfinished::NotStarted(_))), "{missing:?}");
    }
}
