//! Making foreign text fit to be shown: bounded, on one line, without hidden characters.

/// Characters that change how their neighbours are displayed: bidirectional embeddings,
/// overrides and isolates. In a terminal or a table they let a text pose as another.
const fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character may be shown: no control characters (terminal escapes among them), no
/// bidirectional controls, no line separators, no byte order mark.
#[must_use]
pub fn is_shown(c: char) -> bool {
    !c.is_control() && !is_bidi_control(c) && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// The text on one line: white space folded, hidden characters gone, at most `max` characters.
/// A cut is marked by `…`, which counts.
#[must_use]
pub fn one_line(text: &str, max: usize) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        let word: String = word.chars().filter(|c| is_shown(*c)).collect();
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    truncate(&line, max)
}

/// The text with its lines kept, hidden characters gone, at most `max` characters.
#[must_use]
pub fn paragraphs(text: &str, max: usize) -> String {
    let normal = text.replace("\r\n", "\n").replace('\r', "\n");
    let shown: String = normal
        .chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| *c == '\n' || is_shown(*c))
        .collect();
    truncate(shown.trim(), max)
}

/// At most `max` characters; a cut is marked by `…`, which counts.
#[must_use]
pub fn truncate(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(max.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    if max > 0 {
        cut.push('…');
    }
    cut
}

/// The beginning of a text, at most `max` characters, cut between words where there are any. What
/// the incumbent calls the subject of a press that has none.
#[must_use]
pub fn first_words(text: &str, max: usize) -> String {
    let line = one_line(text, usize::MAX);
    if line.chars().count() <= max {
        return line;
    }
    let head: String = line.chars().take(max.saturating_sub(1)).collect();
    let cut = head
        .rfind(' ')
        .map_or(head.as_str(), |space| head.get(..space).unwrap_or(&head));
    format!("{}…", cut.trim_end())
}

/// Escapes text for HTML content and double-quoted attributes.
#[must_use]
pub fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The nearest of `known` to `given`, best first, at most three, and only those near enough to
/// be meant: no more than a third of the letters differ.
#[must_use]
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    /// A suggestion is worth showing when at most this share of its letters differs.
    const FURTHEST_SHARE: usize = 3;
    /// More suggestions are a list, not a hint.
    const MOST: usize = 3;
    let given = given.to_lowercase();
    let mut ranked: Vec<(usize, &str)> = known
        .into_iter()
        .map(|name| (strsim::osa_distance(&given, &name.to_lowercase()), name))
        .filter(|(distance, name)| {
            *distance
                <= name
                    .chars()
                    .count()
                    .max(given.chars().count())
                    .div_ceil(FURTHEST_SHARE)
        })
        .collect();
    ranked.sort();
    ranked.truncate(MOST);
    ranked.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn terminal_escapes_and_direction_overrides_are_removed() {
        assert_eq!(one_line("a\u{1b}[31mred\u{202e}evil\u{7}", 99), "a[31mredevil");
    }

    #[test]
    fn right_to_left_text_and_emoji_stay_as_they_are() {
        assert_eq!(one_line("المساعدة 🆘", 99), "المساعدة 🆘");
    }

    #[test]
    fn the_first_words_end_between_words() {
        assert_eq!(
            first_words("The printer on the third floor is on fire", 24),
            "The printer on the…"
        );
    }

    #[test]
    fn a_single_long_word_is_cut_all_the_same() {
        assert_eq!(first_words(&"x".repeat(80), 10), format!("{}…", "x".repeat(9)));
    }

    #[test]
    fn the_nearest_name_is_found_despite_case_and_a_slip() {
        assert_eq!(
            nearest("resorce-server", ["hosting", "resource-server", "web-address"]),
            ["resource-server"]
        );
        assert!(nearest("banana", ["hosting", "resource-server"]).is_empty());
    }

    proptest! {
        #[test]
        fn one_line_is_one_bounded_line(text in "\\PC*|.{0,400}", max in 1usize..200) {
            let line = one_line(&text, max);
            prop_assert!(line.chars().count() <= max);
            prop_assert!(!line.contains('\n'));
            prop_assert!(line.chars().all(is_shown));
        }

        #[test]
        fn escaped_text_holds_no_markup(text in ".{0,200}") {
            let escaped = escape_html(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
        }

        #[test]
        fn first_words_never_exceed_their_bound(text in ".{0,200}", max in 2usize..80) {
            prop_assert!(first_words(&text, max).chars().count() <= max);
        }
    }
}
