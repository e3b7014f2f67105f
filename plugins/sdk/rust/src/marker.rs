//! How a press's reference stands in a ticket or a note, and how it is found again.
//!
//! Written as `[hb:REFERENCE]`: the brackets end the reference even where a server strips tags and
//! glues texts together. Searched as `hb:REFERENCE`, because brackets are wildcards in the `LIKE` of
//! some databases.

use crate::text::escape_html;

/// What stands before a reference.
const PREFIX: &str = "hb:";

/// What to write: `[hb:REFERENCE]`. Escape it where it becomes HTML.
pub fn written(reference: &str) -> String {
    format!("[{PREFIX}{reference}]")
}

/// What to search for: `hb:REFERENCE`.
pub fn searched(reference: &str) -> String {
    format!("{PREFIX}{reference}")
}

/// A small grey line with the marker, for the end of an HTML text.
pub fn footer_html(reference: &str) -> String {
    format!(
        "<p style=\"color:#888;font-size:11px\">{}</p>",
        escape_html(&written(reference))
    )
}

/// Whether text or HTML carries exactly this reference: `hb:ab` is not found in `[hb:abc]`.
pub fn carries(text: &str, reference: &str) -> bool {
    if reference.is_empty() {
        return false;
    }
    let plain = searched(reference);
    let escaped = escape_html(&plain);
    carries_word(text, &plain) || (escaped != plain && carries_word(text, &escaped))
}

/// The reference in a text that is nothing but a marker, such as an attachment's description.
pub fn read(text: &str) -> Option<&str> {
    text.trim()
        .strip_prefix('[')?
        .strip_suffix(']')?
        .strip_prefix(PREFIX)
        .filter(|reference| !reference.is_empty())
}

fn carries_word(text: &str, word: &str) -> bool {
    // References are ASCII; beyond it, telling letters from signs would take tables of Unicode's.
    let part_of_reference =
        |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || matches!(c, '-' | '_' | '.' | '/' | ':');
    text.match_indices(word).any(|(start, found)| {
        let before = text.get(..start).and_then(|t| t.chars().next_back());
        let after = text.get(start + found.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(part_of_reference) && !after.is_some_and(part_of_reference)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: &str = "0193a1f2-7c11-7d5e-9a55-0123456789ab";

    #[test]
    fn a_written_marker_is_found_in_html_and_in_stripped_text() {
        let html = format!("<p>help</p>{}", footer_html(REFERENCE));
        assert!(carries(&html, REFERENCE));
        assert!(carries(&crate::text::strip_tags(&html), REFERENCE));
    }

    #[test]
    fn a_reference_that_only_begins_or_ends_alike_is_not_found() {
        assert!(!carries("[hb:abc]", "ab"));
        assert!(!carries("[hb:abc/note]", "abc"));
        assert!(!carries("xhb:abc", "abc"));
        assert!(!carries("[hb:]", ""));
    }

    #[test]
    fn a_reference_with_markup_characters_is_found_where_it_was_escaped() {
        assert!(carries(&footer_html("a&b"), "a&b"));
    }

    #[test]
    fn a_description_that_is_a_marker_gives_its_reference_back() {
        assert_eq!(read(" [hb:press/report.html] "), Some("press/report.html"));
        assert_eq!(read("the report"), None);
        assert_eq!(read("[hb:]"), None);
    }
}
