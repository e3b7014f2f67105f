//! Rules as they stand in a file.

use crate::error::AppError;
use helpbell_model::rules::{Diagnostic, Severity};
use helpbell_sandbox::SOURCE_BYTES;
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// What a file is called that is read from standard input.
const STDIN: &str = "-";
/// What editors on Windows put before a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Rules that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// The file as it was named.
    pub name: String,
    /// The text; what can be read of it, if there is a fault.
    pub text: String,
    /// Why this is no text that could be rules.
    pub fault: Option<Diagnostic>,
}

impl Source {
    /// Reads a file, or standard input.
    ///
    /// # Errors
    /// If there is no such file, or it cannot be read.
    pub(crate) fn read(file: &Path) -> Result<Self, AppError> {
        let (name, bytes) = if file == Path::new(STDIN) {
            ("standard input".to_owned(), bounded(io::stdin().lock()))
        } else {
            (file.display().to_string(), File::open(file).and_then(bounded))
        };
        let bytes = bytes.map_err(|error| {
            AppError::usage(
                format!("failed to read the rules from {name}: {error}"),
                "name the file that holds them, or `-` for standard input",
            )
        })?;
        Ok(Self::of(name, bytes))
    }

    /// The text in these bytes.
    fn of(name: String, mut bytes: Vec<u8>) -> Self {
        let too_large = bytes.len() > SOURCE_BYTES;
        bytes.truncate(SOURCE_BYTES);
        let (text, not_text) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let place = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                (text, Some(place))
            }
        };
        let fault = if too_large {
            Some(fault(
                1,
                1,
                &format!("these rules have more than {SOURCE_BYTES} bytes, which nobody wrote by hand"),
                "check that this is the right file",
            ))
        } else {
            not_text.map(|place| {
                let before = text.get(..place).unwrap_or_default();
                let line = before.lines().count().max(1) + usize::from(before.ends_with('\n'));
                let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
                fault(
                    line,
                    column,
                    "this is not UTF-8 text",
                    "save the file as UTF-8 in your editor",
                )
            })
        };
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text);
        Self {
            name,
            // The language takes all of them for the end of a line, and so lines are counted.
            text: text.replace("\r\n", "\n").replace('\r', "\n"),
            fault,
        }
    }

    /// The line of this number, from 1.
    pub(crate) fn line(&self, number: u32) -> Option<&str> {
        line(&self.text, number)
    }
}

/// A line of a text, by its number from 1.
pub(crate) fn line(text: &str, number: u32) -> Option<&str> {
    text.lines().nth(usize::try_from(number.checked_sub(1)?).ok()?)
}

/// At most one byte more than rules may have.
fn bounded(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(u64::try_from(SOURCE_BYTES).unwrap_or(u64::MAX).saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn fault(line: usize, column: usize, message: &str, help: &str) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code: "source".into(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
        message: message.into(),
        help: Some(help.into()),
        replacement: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Source {
        Source::of("rules.py".into(), bytes.to_vec())
    }

    #[test]
    fn what_editors_add_is_no_part_of_the_rules() {
        let source = of("\u{feff}a = 1\r\nb = 2\rc = 3\n".as_bytes());
        assert_eq!(source.fault, None);
        assert_eq!(source.text, "a = 1\nb = 2\nc = 3\n");
        assert_eq!((source.line(1), source.line(3)), (Some("a = 1"), Some("c = 3")));
        assert_eq!((source.line(0), source.line(4)), (None, None));
    }

    #[test]
    fn what_is_no_text_is_told_with_its_place() {
        let fault = of(b"a = 1\nb = 'x\xff'\n").fault.unwrap();
        assert_eq!((fault.code.as_str(), fault.line, fault.column), ("source", 2, 7));
        let fault = of(b"\xff").fault.unwrap();
        assert_eq!((fault.line, fault.column), (1, 1));
        let fault = of(b"a\n\xff").fault.unwrap();
        assert_eq!((fault.line, fault.column), (2, 1));
    }

    #[test]
    fn rules_may_have_so_many_bytes_and_no_more() {
        assert_eq!(of(&vec![b'#'; SOURCE_BYTES]).fault, None);
        let fault = of(&vec![b'#'; SOURCE_BYTES + 1]).fault.unwrap();
        assert!(fault.message.contains("262144 bytes"), "{}", fault.message);
    }
}
