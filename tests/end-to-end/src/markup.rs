//! Reads HTML with a browser's tokenizer and says what in it could act.

use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states::RawKind,
};
use std::cell::RefCell;

/// One start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Lower case.
    pub name: String,
    /// Name and value.
    pub attributes: Vec<(String, String)>,
}

/// The start tags of a document, in order.
#[must_use]
pub fn elements(html: &str) -> Vec<Element> {
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(html.into());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.elements.into_inner()
}

/// What of a document runs, loads or sends something, in words; nothing if it is only text and form.
#[must_use]
pub fn active_parts(html: &str) -> Vec<String> {
    elements(html).iter().flat_map(active).collect()
}

/// Elements that bring code or other documents, and forms.
const ACTIVE: [&str; 9] = [
    "script", "iframe", "frame", "object", "embed", "applet", "form", "base", "portal",
];

fn active(element: &Element) -> Vec<String> {
    let mut found = vec![];
    if ACTIVE.contains(&element.name.as_str()) {
        found.push(format!("<{}>", element.name));
    }
    for (name, value) in &element.attributes {
        let value = value.trim().to_ascii_lowercase();
        if name.starts_with("on")
            || value.starts_with("javascript:")
            || (name == "src" && !value.starts_with("data:image/"))
        {
            found.push(format!("<{} {name}={value:?}>", element.name));
        }
    }
    found
}

#[derive(Default)]
struct Sink {
    elements: RefCell<Vec<Element>>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(Tag {
            kind: TagKind::StartTag,
            name,
            attrs,
            ..
        }) = token
        else {
            return TokenSinkResult::Continue;
        };
        let attributes = attrs
            .iter()
            .map(|attribute| (attribute.name.local.to_string(), attribute.value.to_string()))
            .collect();
        self.elements.borrow_mut().push(Element {
            name: name.to_string(),
            attributes,
        });
        // What stands in these is no markup; a tokenizer alone does not know.
        match &*name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_act_is_found_and_escaped_text_is_not() {
        for evil in [
            "<p><SCRIPT>x</SCRIPT>",
            "<img src=x>",
            "<svg onload=alert(1)>",
            "<a href=' JavaScript:alert(1)'>",
            "<p title='a' onclick=\"x\">",
            "<iframe srcdoc='x'></iframe>",
        ] {
            assert_ne!(active_parts(evil), Vec::<String>::new(), "{evil}");
        }
        let harmless = "<p title=\"<script>\">&lt;script&gt; <img src=\"data:image/png;base64,\"> onload=</p><style>a>b{}</style>";
        assert_eq!(active_parts(harmless), Vec::<String>::new());
    }
}
