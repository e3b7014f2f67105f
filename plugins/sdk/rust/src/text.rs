//! Text that comes from people and servers: escaped, shortened, quoted.

/// Characters of a server's own words that are worth showing to an operator.
pub const QUOTE_CHARS: usize = 300;

/// Escapes text for HTML content and for attribute values in double or single quotes.
pub fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Not allowed in HTML at all, not even as references.
            '\0' => {}
            other => out.push(other),
        }
    }
    out
}

/// At most `max` characters (not bytes); an ellipsis stands for what was cut off.
pub fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(max.saturating_sub(1)).collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// At most `max` bytes, for a PSA that counts those; an ellipsis stands for what was cut off. No letter is cut in two.
///
/// ```
/// use helpbell_connector::text::shorten_bytes;
///
/// assert_eq!(shorten_bytes("長さ", 6), "長さ");
/// assert_eq!(shorten_bytes("長さ 長さ", 11), "長さ…");
/// ```
pub fn shorten_bytes(text: &str, max: usize) -> String {
    const ELLIPSIS: char = '…';
    if text.len() <= max {
        return text.to_owned();
    }
    let mut end = max.saturating_sub(ELLIPSIS.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let kept = text.get(..end).unwrap_or_default();
    format!("{}{ELLIPSIS}", kept.trim_end())
}

/// A server's words on one line, without control characters, at most [`QUOTE_CHARS`] long.
pub fn quote(text: &str) -> String {
    let printable: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words: Vec<&str> = printable.split_whitespace().collect();
    shorten(&words.join(" "), QUOTE_CHARS)
}

/// Lower case, for comparing names that people type. Knows the alphabets that have two cases in the
/// languages PSAs are used in: Latin with its accents, Greek, Cyrillic, Armenian. The standard library
/// knows the rest too, for 15 kB of tables in every component; other letters stay as they are.
pub fn lower_case(text: &str) -> String {
    text.chars().map(lower).collect()
}

fn lower(character: char) -> char {
    let code = u32::from(character);
    let (even, odd) = (code.is_multiple_of(2), !code.is_multiple_of(2));
    let small = match code {
        // A to Z, À to Þ without ×, Α to Ϋ, А to Я.
        0x41..=0x5a | 0xc0..=0xd6 | 0xd8..=0xde | 0x391..=0x3a1 | 0x3a3..=0x3ab | 0x410..=0x42f => code + 32,
        // Turkish İ; the exact answer, with a dot that combines, would match nothing that people type.
        0x130 => 0x69,
        // Ÿ
        0x178 => 0xff,
        // Pairs of large and small: accented Latin, rarer Cyrillic, Vietnamese.
        0x100..=0x137 | 0x14a..=0x177 | 0x48a..=0x4bf | 0x4d0..=0x52f | 0x1e00..=0x1e95 | 0x1ea0..=0x1eff
            if even =>
        {
            code + 1
        }
        0x139..=0x148 | 0x179..=0x17e if odd => code + 1,
        // Accented Greek: Ά, Έ to Ί, Ό, Ύ and Ώ.
        0x386 => 0x3ac,
        0x388..=0x38a => code + 37,
        0x38c => 0x3cc,
        0x38e | 0x38f => code + 63,
        // Ѐ to Џ
        0x400..=0x40f => code + 80,
        // Ա to Ֆ
        0x531..=0x556 => code + 48,
        _ => code,
    };
    char::from_u32(small).unwrap_or(character)
}

/// Percent-encodes for a query or a form: everything but RFC 3986's unreserved characters.
pub fn percent_encode(text: &str) -> String {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or('0');
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(digit(byte >> 4));
            out.push(digit(byte & 15));
        }
    }
    out
}

/// The text of HTML without its tags; the few entities that tag-stripping servers leave are resolved.
/// For showing and comparing, never for sanitising.
pub fn strip_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut in_tag = false;
    for character in html.chars() {
        match character {
            '<' => {
                in_tag = true;
                out.push(' ');
            }
            '>' if in_tag => in_tag = false,
            other if !in_tag => out.push(other),
            _ => {}
        }
    }
    let mut out = out
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    // Last, so that `&amp;lt;` becomes `&lt;` and not `<`.
    out = out.replace("&#39;", "'").replace("&amp;", "&");
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_is_the_standard_librarys_in_every_alphabet_it_knows() {
        let known = ('\u{0}'..='\u{17f}')
            .chain('\u{386}'..='\u{3ce}')
            .chain('\u{400}'..='\u{45f}')
            .chain('\u{48a}'..='\u{4bf}')
            .chain('\u{4d0}'..='\u{586}')
            .chain('\u{1e00}'..='\u{1e95}')
            .chain('\u{1ea0}'..='\u{1eff}');
        for character in known.filter(|character| *character != 'İ' && *character != 'ẞ') {
            let text = character.to_string();
            assert_eq!(
                lower_case(&text),
                text.to_lowercase(),
                "{:x}",
                u32::from(character)
            );
        }
        assert_eq!(lower_case("GRÜN Łódź İ ΑΘΉΝΑ Київ"), "grün łódź i αθήνα київ");
        assert_eq!(lower_case("日本 ×"), "日本 ×");
    }

    #[test]
    fn markup_in_a_persons_words_is_inert_after_escaping() {
        assert_eq!(
            escape_html("<a href='x' id=\"y\">&\0"),
            "&lt;a href=&#39;x&#39; id=&quot;y&quot;&gt;&amp;"
        );
    }

    #[test]
    fn shortening_counts_characters_and_not_bytes() {
        assert_eq!(shorten("grüße", 5), "grüße");
        assert_eq!(shorten("grüße!", 5), "grüß…");
    }

    #[test]
    fn a_quotation_is_one_line_without_control_characters() {
        assert_eq!(quote("a\r\n\x1b[31mb\t c"), "a [31mb c");
        assert_eq!(quote(&"x".repeat(1000)).chars().count(), QUOTE_CHARS);
    }

    #[test]
    fn an_address_with_plus_and_umlauts_survives_a_query() {
        assert_eq!(percent_encode("jö+it@example.com"), "j%C3%B6%2Bit%40example.com");
    }

    #[test]
    fn stripped_html_reads_like_text_and_unescapes_once() {
        assert_eq!(strip_tags("<p>a&nbsp;b</p><b>c &amp;lt; d</b>"), "a b c &lt; d");
    }
}
