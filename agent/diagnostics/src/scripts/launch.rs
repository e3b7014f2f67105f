//! How a script is started.

use std::{path::Path, process::Command};

/// The command that runs a script. Refuses what others than its owner could have written: it runs as the person, with
/// all the person's rights.
pub(super) fn command(script: &Path) -> Result<Command, String> {
    let metadata = script
        .metadata()
        .map_err(|error| format!("it cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err("it is no file".to_owned());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        /// Writable by the group or by everybody.
        const OTHERS_WRITE: u32 = 0o022;
        if metadata.permissions().mode() & OTHERS_WRITE != 0 {
            return Err("not started: others than its owner may change it; cure: chmod go-w".to_owned());
        }
    }
    let ending = script
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase());
    Ok(match ending.as_deref() {
        Some("ps1") => {
            let mut command = Command::new(if cfg!(windows) { "powershell.exe" } else { "pwsh" });
            command.args(["-NoLogo", "-NoProfile", "-NonInteractive"]);
            // Scripts from the internet need a signature, those on this machine do not.
            command
                .args(["-ExecutionPolicy", "RemoteSigned", "-File"])
                .arg(script);
            command
        }
        Some("cmd" | "bat") if cfg!(windows) => {
            let mut command = Command::new("cmd.exe");
            command.args(["/d", "/c"]).arg(script);
            command
        }
        _ => Command::new(script),
    })
}
