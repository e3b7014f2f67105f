//! What every text for people promises, whoever wrote the bytes it came from.

use helpbell_model::text::is_shown;
use serde_json::Value;

/// No sentence for people is longer, in characters: a name or two of 300, a sentence of 2,000, and what stands around them.
const SENTENCE_CHARS: usize = 8_000;

/// Checks that a text can be shown: no control characters but line breaks, nothing that turns the direction of
/// writing, and not without bounds.
///
/// # Panics
/// If it cannot.
#[track_caller]
pub fn can_be_shown(text: &str) {
    let hidden = text.chars().find(|c| *c != '\n' && !is_shown(*c));
    assert!(hidden.is_none(), "{hidden:?} in {text:?}");
    let chars = text.chars().count();
    assert!(
        chars <= SENTENCE_CHARS,
        "a text of {chars} characters: {text:.100}…"
    );
}

/// Checks every text in a value that came from a connector.
///
/// # Panics
/// If one cannot be shown, or a list has no bounds.
#[track_caller]
pub fn all_can_be_shown(value: &Value) {
    /// Lists are cut there, except pick-lists, which are not looked at by this.
    const ENTRIES: usize = 1_000;
    match value {
        Value::String(text) => can_be_shown(text),
        Value::Array(items) => {
            assert!(items.len() <= ENTRIES, "a list of {}", items.len());
            items.iter().for_each(all_can_be_shown);
        }
        Value::Object(members) => members.values().for_each(all_can_be_shown),
        _ => {}
    }
}
