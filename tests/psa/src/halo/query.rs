//! Query parameters: names without regard to case, values read as the vendor's framework reads them.

use std::cell::RefCell;
use std::collections::BTreeSet;

use jiff::Timestamp;

use super::clock::read_date;

/// The parameters of one request. Remembers which were asked for, so that the ledger can say which were ignored.
#[derive(Debug, Default)]
pub(crate) struct Query {
    sent: String,
    /// Lower-cased name, name as sent, value.
    pairs: Vec<(String, String, String)>,
    used: RefCell<BTreeSet<String>>,
    unreadable: RefCell<Vec<(String, String)>>,
}

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        let pairs =
            pairs.map(|(name, value)| (name.to_ascii_lowercase(), name.into_owned(), value.into_owned()));
        Self {
            sent: text.to_owned(),
            pairs: pairs.collect(),
            ..Self::default()
        }
    }

    /// The query as sent, without the question mark.
    pub(crate) fn as_sent(&self) -> &str {
        &self.sent
    }

    /// Names as sent.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(_, name, _)| name.as_str())
    }

    /// Names as sent that no handler asked for.
    pub(crate) fn ignored(&self) -> Vec<String> {
        let used = self.used.borrow();
        self.pairs
            .iter()
            .filter(|(lower, _, _)| !used.contains(lower))
            .map(|(_, name, _)| name.clone())
            .collect()
    }

    /// Parameters asked for whose value could not be read: name and what was expected.
    pub(crate) fn unreadable(&self) -> Vec<(String, String)> {
        self.unreadable.borrow().clone()
    }

    /// The text of a parameter; `None` when absent or blank.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.used.borrow_mut().insert(name.to_owned());
        let value = self
            .pairs
            .iter()
            .find(|(lower, _, _)| lower == name)
            .map(|(_, _, value)| value.trim())?;
        (!value.is_empty()).then_some(value)
    }

    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.read(name, "an integer", |text| text.parse().ok())
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.read(name, "true or false", |text| {
            match text.to_ascii_lowercase().as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            }
        })
    }

    /// A flag that is off unless sent as true.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.flag(name).unwrap_or(false)
    }

    pub(crate) fn date(&self, name: &str) -> Option<Timestamp> {
        self.read(name, "a date", read_date)
    }

    fn read<T>(&self, name: &str, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name)?;
        let value = parse(text);
        if value.is_none() {
            self.unreadable
                .borrow_mut()
                .push((name.to_owned(), format!("expected {expected}")));
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_in_any_case_and_unused_ones_are_remembered() {
        let query = Query::parse("Search=a%20b&COUNT=5&debug=true&page_no=x");
        assert_eq!(query.text("search"), Some("a b"));
        assert_eq!(query.integer("count"), Some(5));
        assert_eq!(query.integer("page_no"), None);
        assert_eq!(query.ignored(), ["debug"]);
        assert_eq!(
            query.unreadable(),
            [("page_no".to_owned(), "expected an integer".to_owned())]
        );
    }
}
