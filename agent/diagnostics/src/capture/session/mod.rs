//! The session at the moment of the press: where the person sits, whether the screen is locked, what is in front.
//!
//! Of the programs in front and in hiding only names and process numbers leave here, never a window's title.

#[cfg(all(unix, not(target_os = "macos")))]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

#[cfg(all(unix, not(target_os = "macos")))]
pub(super) use linux::{Login, complete};
#[cfg(target_os = "macos")]
pub(super) use macos::now;
#[cfg(windows)]
pub(super) use windows::now;

use crate::part::ProbeError;
use helpbell_model::{report::Session, text::one_line};

/// Characters of a program's, a monitor's or a desktop's name.
const NAME_CHARS: usize = 80;

/// The session now. At a press, that of [`super::Frames::session`] is older and therefore right: no window of ours was
/// in front yet.
///
/// # Errors
/// If nothing at all can be told.
pub(crate) fn ask() -> Result<Session, ProbeError> {
    let session = super::platform::session();
    if session == Session::default() {
        return Err(ProbeError::unsupported("this system does not tell"));
    }
    Ok(session)
}

/// A name as it may stand in the report, if anything of it is left.
pub(super) fn name(text: &str) -> Option<String> {
    Some(one_line(text, NAME_CHARS)).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::report::SessionKind;

    #[test]
    fn a_session_that_runs_tests_is_told_or_said_not_to_be() {
        match ask() {
            Ok(session) => assert_ne!(session, Session::default()),
            Err(why) => assert_eq!(why.words(), "this system does not tell"),
        }
        assert_eq!(Session::default().kind, SessionKind::Unknown);
    }
}
