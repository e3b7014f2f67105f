//! Who sits where, in front of what: one line below the heading.

use super::{
    table::CELL_CHARS,
    verdicts::{NOTE, WARNING},
};
use crate::units::counted;
use helpbell_model::{
    report::{Monitor, Session, SessionKind},
    text::one_line,
};

/// Monitors and programs that are named in the line; the details have the others.
const NAMED: usize = 4;

/// A part of the line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bit {
    pub(super) text: String,
    /// Class of a mark, for what a technician must not miss; empty otherwise.
    pub(super) class: &'static str,
}

impl Bit {
    fn plain(text: String) -> Self {
        Self { text, class: "" }
    }
}

/// The session in words.
pub(super) fn line(session: &Session) -> Vec<Bit> {
    let mut bits = Vec::new();
    bits.extend(place(session.kind));
    if session.locked == Some(true) {
        bits.push(Bit {
            text: "Screen locked".to_owned(),
            class: WARNING.class,
        });
    }
    let foreground = session
        .foreground
        .as_ref()
        .map(|program| one_line(&program.name, CELL_CHARS))
        .filter(|name| !name.is_empty());
    bits.extend(foreground.map(|name| Bit::plain(format!("{name} in front"))));
    if !session.monitors.is_empty() {
        bits.push(Bit::plain(monitors(&session.monitors)));
    }
    if !session.hidden_from_capture.is_empty() {
        let hidden = named(
            session
                .hidden_from_capture
                .iter()
                .map(|name| one_line(name, CELL_CHARS)),
        );
        bits.push(Bit {
            text: format!("Kept out of the pictures: {hidden}"),
            class: NOTE.class,
        });
    }
    let desktop = [&session.desktop, &session.display];
    let desktop: Vec<String> = desktop
        .into_iter()
        .flatten()
        .map(|part| one_line(part, CELL_CHARS))
        .filter(|part| !part.is_empty())
        .collect();
    if !desktop.is_empty() {
        bits.push(Bit::plain(desktop.join(" on ")));
    }
    bits
}

fn place(kind: SessionKind) -> Option<Bit> {
    let (text, class) = match kind {
        SessionKind::Console => ("At the machine", ""),
        SessionKind::Remote => ("Remote session", NOTE.class),
        SessionKind::Ssh => ("At a terminal over the network", NOTE.class),
        SessionKind::None => ("Nobody is signed in", NOTE.class),
        SessionKind::Unknown => return None,
    };
    Some(Bit {
        text: text.to_owned(),
        class,
    })
}

fn monitors(monitors: &[Monitor]) -> String {
    let count = counted(u64::try_from(monitors.len()).unwrap_or(u64::MAX), "monitor");
    format!("{count}: {}", named(monitors.iter().map(size)))
}

/// `2560 × 1440 at 125 %`.
pub(crate) fn size(monitor: &Monitor) -> String {
    let scale = match monitor.scale_percent {
        None | Some(100) => String::new(),
        Some(percent) => format!(" at {percent} %"),
    };
    format!("{} × {}{scale}", monitor.width, monitor.height)
}

/// The first few, and how many more there are.
fn named(all: impl ExactSizeIterator<Item = String>) -> String {
    let more = all.len().saturating_sub(NAMED);
    let mut words: Vec<String> = all.take(NAMED).collect();
    if more > 0 {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::report::Foreground;

    fn said(session: &Session) -> Vec<String> {
        line(session).into_iter().map(|bit| bit.text).collect()
    }

    #[test]
    fn the_line_tells_where_the_person_sits_and_what_they_look_at() {
        let monitor = |width, height, scale_percent| Monitor {
            width,
            height,
            scale_percent,
            ..Monitor::default()
        };
        let session = Session {
            kind: SessionKind::Remote,
            locked: Some(true),
            foreground: Some(Foreground {
                name: "EXCEL.EXE".into(),
                pid: None,
            }),
            hidden_from_capture: vec!["Vault".into()],
            monitors: vec![monitor(3840, 2160, Some(150)), monitor(1920, 1080, Some(100))],
            ..Session::default()
        };
        assert_eq!(
            said(&session),
            [
                "Remote session",
                "Screen locked",
                "EXCEL.EXE in front",
                "2 monitors: 3840 × 2160 at 150 %, 1920 × 1080",
                "Kept out of the pictures: Vault"
            ]
        );
    }

    #[test]
    fn a_session_nobody_knows_anything_of_has_no_line() {
        assert_eq!(said(&Session::default()), Vec::<String>::new());
    }

    #[test]
    fn a_hundred_monitors_are_counted_and_few_of_them_named() {
        let session = Session {
            monitors: vec![Monitor::default(); 100],
            ..Session::default()
        };
        assert_eq!(
            said(&session),
            ["100 monitors: 0 × 0, 0 × 0, 0 × 0, 0 × 0, 96 more"]
        );
    }
}
