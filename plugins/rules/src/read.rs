//! From text to a tree, or to the reason why there is none.

use crate::{
    contract::helpbell::rules::types::Diagnostic,
    place::{Lines, Place},
};
use ruff_text_size::TextSize;
use rustpython_vm::compiler::{
    ast::ModModule,
    parser::{self, Parsed},
};

/// Bytes of rules: some hundred times the longest scripts known.
const SOURCE_BYTES: usize = 256 << 10;

/// Brackets within brackets, and blocks within blocks. People stay below ten; the reader recurses into each, and an
/// instance's stack ends.
const DEEPEST: usize = 60;

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

/// The first place that is nested too deeply. Strings and comments are passed over as far as that is possible without
/// reading Python: a bracket too many in a string of an f-string costs a script that nobody writes.
fn too_deep(source: &str) -> Option<usize> {
    let mut open = 0_usize;
    let mut operators = 0_usize;
    let mut offset = 0;
    let mut blocks: Vec<usize> = vec![0];
    let bytes = source.as_bytes();
    let mut at_line_start = true;
    while let Some(byte) = bytes.get(offset) {
        if at_line_start && open == 0 {
            let blanks = bytes
                .iter()
                .skip(offset)
                .take_while(|byte| matches!(byte, b' ' | b'\t'))
                .count();
            let rest = bytes.get(offset + blanks);
            if !matches!(rest, None | Some(b'\n' | b'\r' | b'#')) {
                while blocks.last().is_some_and(|outer| *outer > blanks) {
                    blocks.pop();
                }
                if blocks.last().is_none_or(|outer| *outer < blanks) {
                    blocks.push(blanks);
                }
                if blocks.len() > DEEPEST {
                    return Some(offset);
                }
            }
            at_line_start = false;
            operators = 0;
            offset += blanks;
            continue;
        }
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            b'#' => {
                offset += rest_of_line(bytes, offset);
                continue;
            }
            b'\'' | b'"' => {
                offset = after_string(bytes, offset);
                continue;
            }
            b'\n' => at_line_start = true,
            // What follows stands beside it, not within it.
            b',' => operators = 0,
            // Each of a chain of them is a level of the tree: `a + a + a`, `- - - 1`, `a.b.c`.
            b'+' | b'-' | b'*' | b'/' | b'%' | b'~' | b'|' | b'&' | b'^' | b'@' | b'.' => operators += 1,
            b'n' | b'l' | b'i' if begins_word(bytes, offset) => operators += 1,
            _ => {}
        }
        if matches!(byte, b'(' | b'[') {
            // `f()()()`, `a[0][0]`.
            operators += 1;
        }
        if open > DEEPEST || operators > OPERATORS {
            return Some(offset);
        }
        offset += 1;
    }
    None
}

/// Operators between two commas. A long text put together piece by piece has some dozens; the reader's stack ends at
/// some thousand.
const OPERATORS: usize = 1_000;

/// Words whose every repetition is a level of the tree: `not not x`, `lambda: lambda: x`, `a if b else c if d else e`.
const NESTING_WORDS: [&[u8]; 3] = [b"not", b"lambda", b"if"];

/// Whether one of them stands here.
fn begins_word(bytes: &[u8], from: usize) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
    let before = from.checked_sub(1).and_then(|before| bytes.get(before));
    !before.is_some_and(is_part)
        && NESTING_WORDS.iter().any(|word| {
            let rest = bytes.get(from..).unwrap_or_default();
            rest.starts_with(word) && !rest.get(word.len()).is_some_and(is_part)
        })
}

fn rest_of_line(bytes: &[u8], from: usize) -> usize {
    bytes.iter().skip(from).take_while(|byte| **byte != b'\n').count()
}

/// The offset behind a string that begins here; the end of the line if it does not end on it, as a slip does.
fn after_string(bytes: &[u8], from: usize) -> usize {
    let quote = bytes.get(from).copied().unwrap_or_default();
    let triple = bytes
        .get(from..from + 3)
        .is_some_and(|three| three.iter().all(|byte| *byte == quote));
    let mut offset = from + if triple { 3 } else { 1 };
    while let Some(byte) = bytes.get(offset) {
        match byte {
            b'\\' => offset += 1,
            b'\n' if !triple => return offset,
            byte if *byte == quote => {
                if !triple {
                    return offset + 1;
                }
                if bytes
                    .get(offset..offset + 3)
                    .is_some_and(|three| three.iter().all(|byte| *byte == quote))
                {
                    return offset + 3;
                }
            }
            _ => {}
        }
        offset += 1;
    }
    offset
}
