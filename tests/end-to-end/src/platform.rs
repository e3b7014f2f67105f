//! What a computer runs the program on.

use crate::built;
use std::{
    ffi::{OsStr, OsString},
    path::Path,
    process::Command,
};

/// An operating system, and the program on it.
pub trait Platform: Send + Sync {
    /// Tells systems apart whose compiled code differs.
    fn name(&self) -> &'static str;

    /// How the name of a person's folder begins.
    fn folder(&self) -> &'static str;

    /// The program in an environment that holds what it takes to run at all, and nothing else.
    fn program(&self) -> Command;

    /// A path of the system that tests, as it is called here.
    fn path(&self, path: &Path) -> OsString;
}

/// The system that tests.
pub(crate) struct Native;

impl Platform for Native {
    fn name(&self) -> &'static str {
        ""
    }

    fn folder(&self) -> &'static str {
        "helpbell-desk-"
    }

    fn program(&self) -> Command {
        let mut command = Command::new(built::program());
        // Nothing of the machine that tests: no display, no proxies, no configuration.
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("USER", "maria")
            .env("LANG", "C.UTF-8");
        command
    }

    fn path(&self, path: &Path) -> OsString {
        OsStr::to_owned(path.as_os_str())
    }
}
