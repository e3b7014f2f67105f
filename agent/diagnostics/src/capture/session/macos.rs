//! What macOS tells of the session by way of its windows.

use super::name;
use helpbell_model::report::{Foreground, Session, SessionKind};

/// The session, without its monitors.
pub(in crate::capture) fn now() -> Session {
    Session {
        kind: if std::env::var_os("SSH_CONNECTION").is_some() {
            SessionKind::Ssh
        } else {
            SessionKind::Unknown
        },
        display: Some("macos".to_owned()),
        foreground: foreground(),
        ..Session::default()
    }
}

fn foreground() -> Option<Foreground> {
    let windows = xcap::Window::all().ok()?;
    let front = windows
        .iter()
        .find(|window| window.is_focused().unwrap_or(false))?;
    Some(Foreground {
        name: name(&front.app_name().ok()?)?,
        pid: front.pid().ok(),
    })
}
