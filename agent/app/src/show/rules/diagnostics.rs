//! What is wrong with rules, with the line and the place in it.

use crate::show::counted;
use helpbell_model::{
    rules::{Diagnostic, Severity},
    text::{is_shown, one_line},
};
use owo_colors::OwoColorize as _;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar as _;

/// Columns of a tabulator: what most editors of Python show.
const TAB: usize = 4;
/// Columns shown of a line before the place that is meant, and after it.
const BEFORE: usize = 60;
const AFTER: usize = 40;
/// Characters of a sentence of an engine.
const SENTENCE_CHARS: usize = 600;
/// Characters of a file's name.
const NAME_CHARS: usize = 300;

/// Diagnostics with their lines, ready for a terminal.
pub(crate) fn render(name: &str, source: &str, diagnostics: &[Diagnostic]) -> String {
    let name = one_line(name, NAME_CHARS);
    let mut told = String::new();
    for diagnostic in diagnostics {
        let (line, column) = (diagnostic.line, diagnostic.column);
        let _ = writeln!(
            told,
            "{} {}: {} {}",
            format!("{name}:{line}:{column}:").bold(),
            severity(diagnostic.severity),
            one_line(&diagnostic.message, SENTENCE_CHARS),
            format!("[{}]", diagnostic.code).dimmed(),
        );
        let text = usize::try_from(line)
            .ok()
            .and_then(|line| source.lines().nth(line.checked_sub(1)?));
        if let Some(text) = text {
            excerpt(&mut told, text, diagnostic);
        }
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(
                told,
                "  {} {}",
                "help:".cyan().bold(),
                one_line(help, SENTENCE_CHARS)
            );
        }
    }
    told
}

/// `2 errors, 1 warning`; notes count only where there is nothing else.
pub(crate) fn count(diagnostics: &[Diagnostic]) -> String {
    let of = |severity: Severity| {
        let number = diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count();
        (number > 0).then(|| counted(number, severity.as_str()))
    };
    let counted: Vec<String> = [Severity::Error, Severity::Warning]
        .into_iter()
        .filter_map(of)
        .collect();
    counted.join(", ")
}

pub(super) fn severity(severity: Severity) -> String {
    match severity {
        Severity::Error => severity.as_str().red().bold().to_string(),
        Severity::Warning => severity.as_str().yellow().bold().to_string(),
        Severity::Note => severity.as_str().cyan().bold().to_string(),
    }
}

/// The line, and carets below the characters that are meant.
fn excerpt(told: &mut String, line: &str, diagnostic: &Diagnostic) {
    let start = usize::try_from(diagnostic.column).unwrap_or(1).saturating_sub(1);
    let length = meant(line, start, diagnostic);
    let (mut shown, mut before, mut carets) = (String::new(), 0, 0);
    for (index, letter) in line.chars().enumerate() {
        let picture = picture(letter);
        let columns: usize = picture.chars().filter_map(char::width).sum();
        if index < start {
            before += columns;
        } else if index < start + length {
            carets += columns;
        }
        shown.push_str(&picture);
    }
    let (shown, before) = cut(&shown, before, carets);
    let number = diagnostic.line.to_string();
    let margin = " ".repeat(number.len());
    let bar = "|".dimmed();
    let _ = writeln!(told, "  {} {bar} {shown}", number.dimmed());
    let _ = writeln!(
        told,
        "  {margin} {bar} {}{}",
        " ".repeat(before),
        "^".repeat(carets.clamp(1, AFTER)).red().bold()
    );
}

/// A character as a terminal may show it.
fn picture(letter: char) -> String {
    match letter {
        '\t' => " ".repeat(TAB),
        _ if is_shown(letter) => letter.to_string(),
        _ => char::REPLACEMENT_CHARACTER.to_string(),
    }
}

/// How many characters from `start` on are meant: what is replaced, a quoted text, a word, or one.
fn meant(line: &str, start: usize, diagnostic: &Diagnostic) -> usize {
    if let Some(replacement) = &diagnostic.replacement {
        return usize::try_from(replacement.length).unwrap_or(1).max(1);
    }
    let rest: Vec<char> = line.chars().skip(start).collect();
    let length = match rest.first() {
        Some(&quote @ ('"' | '\'')) => {
            let mut escaped = false;
            let end = rest.iter().skip(1).position(|&letter| {
                let ends = letter == quote && !escaped;
                escaped = letter == '\\' && !escaped;
                ends
            });
            end.map_or(1, |end| end + 2)
        }
        _ => rest
            .iter()
            .take_while(|letter| letter.is_alphanumeric() || **letter == '_')
            .count(),
    };
    length.max(1)
}

/// The part of a long line around the place that is meant, and how many columns of it stand before that place.
fn cut(shown: &str, before: usize, carets: usize) -> (String, usize) {
    let from = before.saturating_sub(BEFORE);
    let until = before + carets.min(AFTER) + AFTER;
    let (mut part, mut at, mut skipped) = (String::new(), 0, 0);
    for letter in shown.chars() {
        let columns = letter.width().unwrap_or(0);
        if at < from {
            skipped += columns;
        } else if at < until {
            part.push(letter);
        }
        at += columns;
    }
    let mut lead = before.saturating_sub(skipped);
    if skipped > 0 {
        part.insert(0, '…');
        lead += 1;
    }
    if at > until {
        part.push('…');
    }
    (part, lead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpbell_model::rules::Replacement;

    fn diagnostic(line: u32, column: u32, length: Option<u32>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            code: "is-literal".into(),
            line,
            column,
            message: "`is` compares identities; here it is read as `==`".into(),
            help: Some("write `==`".into()),
            replacement: length.map(|length| Replacement {
                length,
                text: "==".into(),
            }),
        }
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_diagnostic_stands_below_its_place_with_its_line() {
        let source = "# VIP\nif name is \"Maria Rossi\": priority = 'Hihg'\n";
        let mut value = diagnostic(2, 38, None);
        value.severity = Severity::Error;
        value.code = "unknown-value".into();
        value.help = None;
        let told = plain(&render("rules.py", source, &[diagnostic(2, 9, Some(2)), value]));
        insta::assert_snapshot!(told, @r#"
        rules.py:2:9: warning: `is` compares identities; here it is read as `==` [is-literal]
          2 | if name is "Maria Rossi": priority = 'Hihg'
            |         ^^
          help: write `==`
        rules.py:2:38: error: `is` compares identities; here it is read as `==` [unknown-value]
          2 | if name is "Maria Rossi": priority = 'Hihg'
            |                                      ^^^^^^
        "#);
    }

    #[test]
    fn tabs_and_wide_letters_do_not_move_the_carets() {
        let source = "\tif name is '助けて': x = 1\n\tname = '助けて' is x";
        let told = plain(&render(
            "r",
            source,
            &[diagnostic(1, 10, Some(2)), diagnostic(2, 15, Some(2))],
        ));
        let columns = |line: &str, until: &str| {
            let before: String = line.split(until).next().unwrap_or_default().to_owned();
            unicode_width::UnicodeWidthStr::width(before.as_str())
        };
        let lines: Vec<&str> = told.lines().collect();
        for (text, carets) in [(lines[1], lines[2]), (lines[5], lines[6])] {
            assert_eq!(columns(text, "is "), columns(carets, "^"), "{told}");
        }
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_shown() {
        let source = format!("{} is {}", "a".repeat(500), "b".repeat(500));
        let told = plain(&render("r", &source, &[diagnostic(1, 502, Some(2))]));
        let lines: Vec<&str> = told.lines().collect();
        assert!(lines[1].chars().count() < 130, "{told}");
        let place = lines[1].chars().position(|letter| letter == 'i');
        assert_eq!(place, lines[2].chars().position(|letter| letter == '^'), "{told}");
    }

    #[test]
    fn what_would_change_the_terminal_is_not_shown() {
        let told = plain(&render(
            "r\u{1b}[2J",
            "x = '\u{1b}[2J\u{202e}'",
            &[diagnostic(1, 1, None)],
        ));
        assert!(!told.contains(['\u{1b}', '\u{202e}']), "{told:?}");
    }

    #[test]
    fn a_place_outside_the_text_is_told_without_a_line() {
        let told = plain(&render(
            "r",
            "x = 1",
            &[diagnostic(7, 400, Some(2)), diagnostic(1, 400, None)],
        ));
        assert!(told.starts_with("r:7:400: warning:"), "{told}");
    }

    #[test]
    fn errors_and_warnings_are_counted() {
        let mut error = diagnostic(1, 1, None);
        error.severity = Severity::Error;
        assert_eq!(count(&[]), "");
        assert_eq!(count(&[diagnostic(1, 1, None)]), "1 warning");
        let three = [error, diagnostic(1, 1, None), diagnostic(2, 1, None)];
        assert_eq!(count(&three), "1 error, 2 warnings");
    }
}
