//! Three keys that Windows leaves behind until it has been restarted.

use crate::windows::registry::Registry;
#[cfg(windows)]
use crate::{part::ProbeError, windows::registry::ThisMachine};
use helpbell_model::report::Restart;

/// What asks for a restart by the mere existence of a key, and who that is.
const ASKS: [(&str, &str); 3] = [
    (
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending",
        "Windows components",
    ),
    (
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired",
        "Windows Update",
    ),
    (
        r"HKLM\SOFTWARE\Microsoft\ServerManager\CurrentRebootAttempts",
        "Server Manager",
    ),
];

const SESSION_MANAGER: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager";
const COMPUTER_NAME: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName";

#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "other systems may fail")]
pub(super) fn ask() -> Result<Restart, ProbeError> {
    Ok(judge(&ThisMachine))
}

fn judge(registry: &impl Registry) -> Restart {
    let mut packages: Vec<String> = ASKS
        .iter()
        .filter(|(key, _)| registry.has(key))
        .map(|(_, who)| (*who).to_owned())
        .collect();
    if renamed(registry) {
        packages.push("a new computer name".to_owned());
    }
    Restart {
        pending: !packages.is_empty(),
        packages,
        files_waiting: files_waiting(registry),
    }
}

/// The computer has got a name that takes effect at the next start.
fn renamed(registry: &impl Registry) -> bool {
    let name = |which| registry.text(&format!(r"{COMPUTER_NAME}\{which}"), "ComputerName");
    match (name("ActiveComputerName"), name("ComputerName")) {
        (Some(active), Some(next)) => !active.eq_ignore_ascii_case(&next),
        _ => false,
    }
}

fn files_waiting(registry: &impl Registry) -> bool {
    ["PendingFileRenameOperations", "PendingFileRenameOperations2"]
        .iter()
        .any(|name| {
            registry
                .texts(SESSION_MANAGER, name)
                .is_some_and(|files| !files.is_empty())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::registry::Exported;

    #[test]
    fn files_that_wait_to_be_replaced_are_no_pending_restart() {
        let restart = judge(&Exported::laptop());
        assert_eq!(
            restart,
            Restart {
                files_waiting: true,
                ..Default::default()
            }
        );
    }

    #[test]
    fn whoever_asks_for_a_restart_is_named() {
        let asking = Exported::laptop().and(
            r#"[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending]
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired]
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ComputerName\ActiveComputerName]
"ComputerName"="DESK-7"
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName]
"ComputerName"="DESK-8"
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager]
"PendingFileRenameOperations"=-"#,
        );
        let restart = judge(&asking);
        assert!(restart.pending && !restart.files_waiting);
        assert_eq!(
            restart.packages,
            ["Windows components", "Windows Update", "a new computer name"]
        );
    }
}
