//! From text to a tree, or to the reason why there is none.

use crate::{
    contract::helpbell::rules::types::Diagnostic,
    nesting::{DEEPEST, too_deep},
    place::{Lines, Place},
};
use ruff_text_size::TextSize;
use rustpython_vm::compiler::{
    ast::ModModule,
    parser::{self, Parsed},
};

/// Bytes of rules: some hundred times the longest scripts known.
const SOURCE_BYTES: usize = 256 << 10;

/// A diagnostic without help and replacement.
pub(crate) fn diagnostic(severity: &str, code: &str, at: Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic {
        severity: severity.to_owned(),
        code: code.to_owned(),
        line: at.line,
        column: at.column,
        message: message.into(),
        help: None,
        replacement: None,
    }
}

/// Reads a source.
pub(crate) fn read(source: &str) -> Result<Parsed<ModModule>, Diagnostic> {
    let lines = Lines::new(source);
    let error = |offset: usize, code: &str, message: String| {
        let offset = TextSize::try_from(offset).unwrap_or_default();
        diagnostic("error", code, lines.place(offset), message)
    };
    if source.len() > SOURCE_BYTES {
        let message = format!(
            "these rules have {} bytes, more than the {SOURCE_BYTES} that are read",
            source.len()
        );
        return Err(error(0, "source", message));
    }
    if let Some(offset) = source.find('\0') {
        let message = "there is a null byte here: this is no text, or it is saved as UTF-16".to_owned();
        return Err(Diagnostic {
            help: Some("save the file as UTF-8".to_owned()),
            ..error(offset, "source", message)
        });
    }
    if let Some(offset) = too_deep(source) {
        let message = format!("this is nested more than {DEEPEST} levels deep");
        return Err(error(offset, "nesting", message));
    }
    parser::parse_module(source).map_err(|wrong| {
        let message = format!("this is not Python: {}", sentence(&wrong.error.to_string()));
        error(wrong.location.start().to_usize(), "syntax", message)
    })
}

/// The parser's words begin like sentences; here they follow a colon.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let second_is_small = text.chars().nth(1).is_some_and(char::is_lowercase);
    match letters.next() {
        Some(first) if second_is_small => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}
