//! A posted form.

/// Names and values in the order sent.
#[derive(Debug)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn read(body: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(body);
        Self(
            pairs
                .map(|(name, value)| (name.into_owned(), value.trim().to_owned()))
                .collect(),
        )
    }

    /// The first value of a field; empty when it was not sent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// The text of a field that was filled in.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Whether a box is ticked.
    pub(super) fn ticked(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Every value of a field.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let name = name.to_owned();
        self.0
            .iter()
            .filter(move |(sent, _)| *sent == name)
            .map(|(_, value)| value.as_str())
    }

    /// A number; an empty field is the fallback.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str, fallback: T) -> Result<T, String> {
        match self.filled(name) {
            None => Ok(fallback),
            Some(text) => text.parse().map_err(|_| {
                format!(
                    "{} holds {text:?}, which is no such number",
                    name.replace('_', " ")
                )
            }),
        }
    }

    /// A number, or nothing when the field is empty.
    pub(super) fn optional<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, String> {
        match self.filled(name) {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| {
                format!(
                    "{} holds {text:?}, which is no such number",
                    name.replace('_', " ")
                )
            }),
        }
    }
}
