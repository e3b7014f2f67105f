//! How deep a source is nested, told from its bytes: before it is read, because the reader recurses into each level and an
//! instance's stack ends.

/// Brackets within brackets, and blocks within blocks. People stay below ten.
pub(crate) const DEEPEST: usize = 60;

/// Operators between two commas. A long text put together piece by piece has some dozens; the reader's stack ends at
/// some thousand.
const OPERATORS: usize = 1_000;

/// Words whose every repetition is a level of the tree: `not not x`, `lambda: lambda: x`, `a if b else c if d else e`.
const NESTING_WORDS: [&[u8]; 3] = [b"not", b"lambda", b"if"];

/// The first place that is nested too deeply. Strings and comments are passed over as far as that is possible without
/// reading Python: a bracket too many in a string of an f-string costs a script that nobody writes.
pub(crate) fn too_deep(source: &str) -> Option<usize> {
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
