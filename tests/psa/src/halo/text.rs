//! Plain text out of HTML, as the vendor rebuilds it, and HTML out of plain text.

/// Elements whose content is not text.
const SILENT: [&str; 3] = ["script", "style", "head"];
/// Elements that end a line.
const BREAKS: [&str; 8] = ["br", "p", "div", "tr", "li", "h1", "h2", "h3"];

/// Strips the tags of `html`: what lists answer as a note's plain text. Line-ending elements become line feeds, the
/// commonest character references are resolved.
pub(crate) fn strip_tags(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    let mut rest = html;
    let mut silent: Option<&str> = None;
    while let Some(start) = rest.find('<') {
        let (text, tail) = rest.split_at(start);
        if silent.is_none() {
            plain.push_str(text);
        }
        let Some(end) = tail.find('>') else {
            // A lone "<" is text.
            rest = if silent.is_some() { "" } else { tail };
            plain.push_str(rest);
            return tidy(&plain);
        };
        let tag = tail.get(1..end).unwrap_or_default();
        let closing = tag.starts_with('/');
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let name = name.to_ascii_lowercase();
        match silent {
            Some(open) if closing && name == open => silent = None,
            Some(_) => {}
            None => {
                silent = SILENT.into_iter().find(|it| !closing && *it == name);
                if BREAKS.contains(&name.as_str()) && (closing || name == "br") {
                    plain.push('\n');
                }
            }
        }
        rest = tail.get(end + 1..).unwrap_or_default();
    }
    if silent.is_none() {
        plain.push_str(rest);
    }
    tidy(&plain)
}

fn tidy(text: &str) -> String {
    // The ampersand last, so that "&amp;lt;" becomes "&lt;" and not "<".
    let text = text
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
        .trim()
        .to_owned()
}

/// Plain text as HTML: escaped, lines kept.
pub(crate) fn to_html(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("<p>{}</p>", text.replace('\n', "<br>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_go_and_lines_stay() {
        let html = "<style>p{color:red}</style><p>Printer <b>down</b></p><p>a &lt; b<br>c &amp;lt;</p>";
        assert_eq!(strip_tags(html), "Printer down\na < b\nc &lt;");
    }

    #[test]
    fn broken_markup_ends_without_loss_of_the_text_before_it() {
        assert_eq!(strip_tags("a < b"), "a < b");
        assert_eq!(strip_tags("x<script>alert(1)"), "x");
        assert_eq!(strip_tags("é<p"), "é<p");
    }

    #[test]
    fn plain_text_becomes_escaped_html() {
        assert_eq!(to_html("a<b\nc"), "<p>a&lt;b<br>c</p>");
    }
}
