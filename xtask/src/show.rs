//! What people read. Colours on a terminal only, and nothing is told by colour alone.

use std::{fmt, io::IsTerminal as _, time::Duration};

/// A failure together with what cures it.
#[derive(Debug)]
pub(crate) struct Cured {
    /// What went wrong.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) cure: String,
    /// Whether the arguments are what is wrong.
    usage: bool,
}

impl fmt::Display for Cured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Cured {}

/// A failure with its cure, as an error.
pub(crate) fn cured(what: impl Into<String>, cure: impl Into<String>) -> anyhow::Error {
    anyhow::Error::new(Cured {
        what: what.into(),
        cure: cure.into(),
        usage: false,
    })
}

/// Arguments that ask for what does not exist, and what does.
pub(crate) fn usage(what: impl Into<String>, cure: impl Into<String>) -> anyhow::Error {
    anyhow::Error::new(Cured {
        what: what.into(),
        cure: cure.into(),
        usage: true,
    })
}

/// Whether an error blames the arguments.
pub(crate) fn blames_arguments(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Cured>().is_some_and(|cured| cured.usage)
}

/// Prints why a command failed, and the cure where one is known.
pub(crate) fn failed(error: &anyhow::Error) {
    eprintln!("{} {error:#}", paint(Paint::Bad, "error:"));
    if let Some(cured) = error.downcast_ref::<Cured>() {
        eprintln!(" {} {}", paint(Paint::Heading, "help:"), cured.cure);
    }
}

/// A part of the work begins.
pub(crate) fn heading(words: &str) {
    eprintln!("{} {}", paint(Paint::Heading, "==>"), paint(Paint::Strong, words));
}

/// One thing to know about the work.
pub(crate) fn note(words: &str) {
    eprintln!("    {words}");
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Paint {
    Heading,
    Strong,
    Good,
    Bad,
}

/// Text for standard error.
pub(crate) fn paint(paint: Paint, text: &str) -> String {
    painted(paint, text, std::io::stderr().is_terminal())
}

/// Text for standard output.
pub(crate) fn paint_result(paint: Paint, text: &str) -> String {
    painted(paint, text, std::io::stdout().is_terminal())
}

fn painted(paint: Paint, text: &str, terminal: bool) -> String {
    if !terminal || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return text.to_owned();
    }
    let code = match paint {
        Paint::Heading => "36;1",
        Paint::Strong => "1",
        Paint::Good => "32;1",
        Paint::Bad => "31;1",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// `0.4 min`, the unit of everything that includes a build.
pub(crate) fn minutes(time: Duration) -> String {
    const SECONDS: f64 = 60.0;
    format!("{:.1} min", time.as_secs_f64() / SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_colour_away_from_a_terminal() {
        assert_eq!(painted(Paint::Bad, "error:", false), "error:");
    }

    #[test]
    fn a_cure_survives_the_context_put_around_it() {
        let error = cured("there is no cc", "install gcc").context("failed to prepare");
        assert_eq!(error.downcast_ref::<Cured>().unwrap().cure, "install gcc");
        assert_eq!(format!("{error:#}"), "failed to prepare: there is no cc");
    }

    #[test]
    fn times_are_told_in_minutes() {
        assert_eq!(minutes(Duration::from_secs(90)), "1.5 min");
    }
}
