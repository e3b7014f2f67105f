//! Asks the system's own programs: without a shell, in plain English, within one limit for all.

use crate::{
    part::ProbeError,
    process::{self, Unfinished},
    run::in_words,
};
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// Where a system keeps its programs. Never the person's own path: what lies there is not the system's.
const FOLDERS: [&str; 5] = [
    "usr/bin",
    "usr/sbin",
    "bin",
    "sbin",
    // NixOS.
    "run/current-system/sw/bin",
];

/// The longest answer that is taken, in bytes. A day of errors as JSON stays below it.
const MOST_BYTES: u64 = 4 << 20;

/// The programs of one machine, for as long as one probe may take. Its limit must be shorter than the probe's own, so
/// that whatever hangs is ended here, with all that it started.
#[derive(Debug)]
pub(in crate::probes) struct Programs {
    folders: Vec<PathBuf>,
    limit: Duration,
    until: Instant,
}

/// What a program printed.
#[derive(Debug)]
pub(in crate::probes) struct Printed {
    /// Its standard output; cut at the last whole line if it was very long.
    pub(in crate::probes) text: String,
    /// What it ended with; none if it was ended.
    pub(in crate::probes) code: Option<i32>,
}

impl Printed {
    /// What was printed, unless the program says that it failed.
    pub(in crate::probes) fn if_it_went_well(self, name: &str) -> Result<String, ProbeError> {
        match self.code {
            // One whose output was cut had to be ended.
            Some(0) | None => Ok(self.text),
            Some(code) => Err(ProbeError::Failed(format!("{name} ended with code {code}"))),
        }
    }
}

impl Programs {
    /// Those of the machine below `root`, for `limit` altogether, from now on.
    pub(in crate::probes) fn below(root: &Path, limit: Duration) -> Self {
        Self {
            folders: FOLDERS.iter().map(|folder| root.join(folder)).collect(),
            limit,
            until: Instant::now() + limit,
        }
    }

    /// Whether there is such a program.
    pub(in crate::probes) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn find(&self, name: &str) -> Option<PathBuf> {
        self.folders
            .iter()
            .map(|folder| folder.join(name))
            .find(|path| path.is_file())
    }

    /// Runs `name` and takes what it prints.
    pub(in crate::probes) fn ask<A: AsRef<OsStr>>(
        &self,
        name: &str,
        arguments: &[A],
    ) -> Result<Printed, ProbeError> {
        let program = self
            .find(name)
            .ok_or_else(|| ProbeError::unsupported(format!("{name} is not installed")))?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir("/")
            .env("LC_ALL", "C")
            .env("SYSTEMD_PAGER", "")
            .env("SYSTEMD_COLORS", "0")
            .env_remove("LANGUAGE");
        let left = self.until.saturating_duration_since(Instant::now());
        let finished = process::run(command, &[], MOST_BYTES, left).map_err(|error| match error {
            Unfinished::Late(_) => {
                ProbeError::TimedOut(format!("{name} gave no answer within {}", in_words(self.limit)))
            }
            Unfinished::NotStarted(error) => ProbeError::from(error),
            Unfinished::Unreadable(_) => ProbeError::Failed(format!("{name}: {error}")),
        })?;
        let mut text = String::from_utf8_lossy(&finished.output).into_owned();
        if finished.cut {
            text.truncate(text.rfind('\n').map_or(0, |end| end + 1));
        }
        Ok(Printed {
            text,
            code: finished.status.and_then(|status| status.code()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::linux::made_up::MadeUp;

    const AMPLE: Duration = Duration::from_secs(60);

    #[test]
    fn a_program_is_asked_in_plain_english_and_without_the_persons_own_path() {
        let machine = MadeUp::machine().program("lpstat", "echo \"$LC_ALL $1\"; pwd; exit 1");
        let programs = Programs::below(machine.root(), AMPLE);
        let printed = programs.ask("lpstat", &["-p"]).unwrap();
        assert_eq!((printed.text.as_str(), printed.code), ("C -p\n/\n", Some(1)));
        assert_eq!(
            printed.if_it_went_well("lpstat"),
            Err(ProbeError::Failed("lpstat ended with code 1".into()))
        );
        assert!(programs.has("lpstat") && !programs.has("sh"));
    }

    #[test]
    fn a_missing_program_is_told_by_name() {
        let machine = MadeUp::machine();
        let missing = Programs::below(machine.root(), AMPLE).ask::<&str>("smartctl", &[]);
        assert_eq!(
            missing.unwrap_err(),
            ProbeError::Unsupported("smartctl is not installed".into())
        );
    }

    #[test]
    fn all_programs_of_a_probe_share_its_limit() {
        let machine = MadeUp::machine().program("hang", "sleep 1000");
        let programs = Programs::below(machine.root(), Duration::from_millis(100));
        for _ in 0..2 {
            assert_eq!(
                programs.ask::<&str>("hang", &[]).unwrap_err(),
                ProbeError::TimedOut("hang gave no answer within 100 ms".into())
            );
        }
        assert!(programs.until < Instant::now());
    }

    #[test]
    fn a_very_long_answer_ends_with_a_whole_line() {
        let machine = MadeUp::machine().program("chatter", "while :; do echo 0123456789; done");
        let printed = Programs::below(machine.root(), AMPLE)
            .ask::<&str>("chatter", &[])
            .unwrap();
        assert!(printed.text.ends_with("0123456789\n") && printed.text.len() as u64 <= MOST_BYTES);
        assert_eq!(printed.code, None);
    }
}
