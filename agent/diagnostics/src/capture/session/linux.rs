//! What Linux knows of a session besides its display: the login, and what remote desktops leave in the environment.

use super::name;
use crate::capture::bus;
use helpbell_model::report::{Session, SessionKind};
use std::{collections::HashMap, io::IsTerminal as _, time::Duration};
use zbus::zvariant::OwnedValue;

/// logind answers within 5 ms. A machine where it does not has other troubles, and a press does not wait for it.
const LOGIN_LIMIT: Duration = Duration::from_millis(200);

const LOGIND: &str = "org.freedesktop.login1";
/// The session of whoever asks; for a service of a person, that of the person's screen.
const OWN_SESSION: &str = "/org/freedesktop/login1/session/auto";
const SESSION_INTERFACE: &str = "org.freedesktop.login1.Session";

/// Variables that remote desktops set for the programs in them: xrdp, TigerVNC and its kin, X2Go and NoMachine, Chrome.
const REMOTE_DESKTOPS: [&str; 6] = [
    "XRDP_SESSION",
    "VNCDESKTOP",
    "X2GO_SESSION",
    "NXSESSIONID",
    "NX_SESSION_ID",
    "CHROME_REMOTE_DESKTOP_SESSION",
];

/// What logind says of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::capture) struct Login {
    /// `x11`, `wayland`, `tty`; empty if unknown.
    pub(in crate::capture) class: String,
    pub(in crate::capture) remote: bool,
    pub(in crate::capture) desktop: String,
    pub(in crate::capture) locked: Option<bool>,
}

impl Login {
    /// Asks logind; nothing where there is none, or no answer soon.
    pub(in crate::capture) fn ask() -> Option<Self> {
        let properties = bus::within(LOGIN_LIMIT, async {
            let system = zbus::Connection::system().await?;
            let interface = zbus::names::InterfaceName::try_from(SESSION_INTERFACE)?;
            let session = zbus::fdo::PropertiesProxy::new(&system, LOGIND, OWN_SESSION).await?;
            Ok(session.get_all(interface).await?)
        });
        properties.ok().map(Self::of)
    }

    fn of(mut properties: HashMap<String, OwnedValue>) -> Self {
        let mut text = |key: &str| {
            properties
                .remove(key)
                .and_then(|value| String::try_from(value).ok())
                .unwrap_or_default()
        };
        let (class, desktop) = (text("Type"), text("Desktop"));
        let mut flag = |key: &str| {
            properties
                .remove(key)
                .and_then(|value| bool::try_from(value).ok())
        };
        Self {
            class,
            desktop,
            remote: flag("Remote").unwrap_or(false),
            locked: flag("LockedHint"),
        }
    }
}

/// Adds what is known of the login and the environment to what the display said.
pub(in crate::capture) fn complete(
    session: &mut Session,
    login: Option<&Login>,
    variable: impl Fn(&str) -> Option<String>,
) {
    session.kind = kind(login, &variable);
    // A locker that is seen is believed more than a desktop that was not told of it.
    if session.locked != Some(true) {
        session.locked = login.and_then(|login| login.locked);
    }
    session.desktop = variable("XDG_CURRENT_DESKTOP")
        .or_else(|| login.map(|login| login.desktop.clone()))
        // Variants come with what they are a variant of: `ubuntu:GNOME`.
        .and_then(|desktop| name(&desktop.replace(':', " / ")));
    if session.display.is_none() {
        session.display = login
            .map(|login| login.class.as_str())
            .filter(|class| matches!(*class, "x11" | "wayland"))
            .map(str::to_owned);
    }
}

fn kind(login: Option<&Login>, variable: impl Fn(&str) -> Option<String>) -> SessionKind {
    let has = |name: &str| variable(name).is_some();
    let graphical = has("DISPLAY") || has("WAYLAND_DISPLAY");
    if REMOTE_DESKTOPS.iter().any(|name| has(name)) {
        return SessionKind::Remote;
    }
    if has("SSH_CONNECTION") {
        return SessionKind::Ssh;
    }
    match login {
        Some(login) if login.remote && login.class == "tty" => SessionKind::Ssh,
        Some(login) if login.remote => SessionKind::Remote,
        Some(login) if matches!(login.class.as_str(), "x11" | "wayland" | "mir" | "tty") => {
            SessionKind::Console
        }
        _ if !graphical && !std::io::stdin().is_terminal() => SessionKind::None,
        _ => SessionKind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(class: &str, remote: bool) -> Login {
        Login {
            class: class.to_owned(),
            remote,
            ..Login::default()
        }
    }

    fn kind_with(login: Option<&Login>, set: &[&str]) -> SessionKind {
        kind(login, |name| set.contains(&name).then(|| "1".to_owned()))
    }

    #[test]
    fn where_the_person_sits_is_told_by_the_login_and_the_environment() {
        let (x11, far, tty) = (login("x11", false), login("x11", true), login("tty", true));
        assert_eq!(kind_with(Some(&x11), &["DISPLAY"]), SessionKind::Console);
        assert_eq!(kind_with(Some(&far), &["DISPLAY"]), SessionKind::Remote);
        assert_eq!(kind_with(Some(&tty), &[]), SessionKind::Ssh);
        // xrdp logs people in as if they sat there.
        assert_eq!(
            kind_with(Some(&x11), &["DISPLAY", "XRDP_SESSION"]),
            SessionKind::Remote
        );
        assert_eq!(kind_with(None, &["DISPLAY", "SSH_CONNECTION"]), SessionKind::Ssh);
        assert_eq!(kind_with(None, &["DISPLAY"]), SessionKind::Unknown);
    }

    #[test]
    fn a_locker_that_is_seen_is_believed_more_than_the_login() {
        let unlocked = Login {
            locked: Some(false),
            ..login("x11", false)
        };
        let mut session = Session {
            locked: Some(true),
            ..Session::default()
        };
        complete(&mut session, Some(&unlocked), |_| None);
        assert_eq!(session.locked, Some(true));
        session.locked = None;
        complete(&mut session, Some(&unlocked), |_| None);
        assert_eq!(session.locked, Some(false));
        complete(&mut session, None, |_| None);
        assert_eq!(session.locked, None);
    }

    #[test]
    fn a_desktop_says_what_it_is_a_variant_of() {
        let mut session = Session::default();
        complete(&mut session, None, |name| {
            (name == "XDG_CURRENT_DESKTOP").then(|| "ubuntu:GNOME\u{202e}".to_owned())
        });
        assert_eq!(session.desktop.as_deref(), Some("ubuntu / GNOME"));
    }

    #[test]
    fn what_logind_answers_is_read_whatever_its_types() {
        let properties = HashMap::from([
            (
                "Type".to_owned(),
                OwnedValue::try_from(zbus::zvariant::Value::from("x11")).unwrap(),
            ),
            ("LockedHint".to_owned(), OwnedValue::from(true)),
            ("Remote".to_owned(), OwnedValue::from(7_u32)),
        ]);
        let read = Login::of(properties);
        assert_eq!(
            (read.class.as_str(), read.remote, read.locked),
            ("x11", false, Some(true))
        );
    }
}
