//! What the details of the page are made of: tables of cells, cleaned and bounded.

use super::verdicts::{Mark, PROBLEM, WARNING};
use helpbell_model::text::one_line;

/// Characters of names, titles and table cells.
pub(super) const CELL_CHARS: usize = 120;
/// Characters of a cell with several addresses or a whole sentence in it.
pub(super) const LONG_CELL_CHARS: usize = 240;
/// Rows of each list. What the examination writes stays below; a report from elsewhere may not.
pub(super) const MOST_ROWS: usize = 30;
/// Shown where a value is not known.
const NOT_KNOWN: &str = "—";

/// A filled share, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) percent: u8,
    pub(super) class: &'static str,
}

impl Bar {
    /// A bar that turns to the colour of a warning from `warning` percent on, of a problem from `problem` on.
    pub(super) fn of(percent: f64, warning: f64, problem: f64) -> Self {
        let class = match percent {
            percent if percent >= problem => PROBLEM.class,
            percent if percent >= warning => WARNING.class,
            _ => "",
        };
        // Between 0 and 100, so the cast cuts the fraction only; NaN becomes 0.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let percent = percent.clamp(0.0, 100.0).round() as u8;
        Self { percent, class }
    }
}

/// A table cell.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) number: bool,
    pub(super) bar: Option<Bar>,
    /// Class of a mark, where the value itself is bad news; empty if it is not.
    pub(super) tone: &'static str,
}

impl Cell {
    /// Foreign or own words.
    pub(super) fn text(text: &str) -> Self {
        Self::bounded(text, CELL_CHARS)
    }

    /// The same with more room.
    pub(super) fn long(text: &str) -> Self {
        Self::bounded(text, LONG_CELL_CHARS)
    }

    /// The same, where it may not be known.
    pub(super) fn maybe(text: Option<&str>) -> Self {
        Self::text(text.unwrap_or_default())
    }

    /// Several words.
    pub(super) fn list(words: &[String]) -> Self {
        Self::long(&words.join(", "))
    }

    fn bounded(text: &str, chars: usize) -> Self {
        let text = one_line(text, chars);
        Self {
            text: if text.is_empty() {
                NOT_KNOWN.to_owned()
            } else {
                text
            },
            ..Self::default()
        }
    }

    /// A number in our own words.
    pub(super) fn number(text: String) -> Self {
        Self {
            text,
            number: true,
            ..Self::default()
        }
    }

    /// The same, where it may not be known.
    pub(super) fn maybe_number(text: Option<String>) -> Self {
        Self::number(text.unwrap_or_else(|| NOT_KNOWN.to_owned()))
    }

    pub(super) fn with(self, bar: Bar) -> Self {
        Self {
            bar: Some(bar),
            ..self
        }
    }

    /// Marked as bad news if it is.
    pub(super) fn marked(self, bad: bool, class: &'static str) -> Self {
        Self {
            tone: if bad { class } else { "" },
            ..self
        }
    }
}

/// A table behind a fold. The first cell of a row is what the row is about.
pub(super) struct Table {
    pub(super) title: &'static str,
    pub(super) summary: String,
    pub(super) head: &'static [&'static str],
    pub(super) rows: Vec<Vec<Cell>>,
    /// Rows that are not shown.
    pub(super) left_out: usize,
    /// What is missing in it, in words; empty if nothing is.
    pub(super) note: String,
}

impl Table {
    /// The worst mark of a cell or a bar in it, so that a closed fold tells that it should be opened.
    pub(super) fn mark(&self) -> Option<Mark> {
        let has = |class: &str| {
            self.rows
                .iter()
                .flatten()
                .any(|cell| cell.tone == class || cell.bar.is_some_and(|bar| bar.class == class))
        };
        [PROBLEM, WARNING].into_iter().find(|mark| has(mark.class))
    }

    /// A table of one row for each of `all`, as far as there is room.
    pub(super) fn of<T>(
        title: &'static str,
        summary: String,
        head: &'static [&'static str],
        all: &[T],
        row: impl Fn(&T) -> Vec<Cell>,
    ) -> Self {
        Self::within(MOST_ROWS, title, summary, head, all, row)
    }

    /// The same with another number of rows.
    pub(super) fn within<T>(
        most: usize,
        title: &'static str,
        summary: String,
        head: &'static [&'static str],
        all: &[T],
        row: impl Fn(&T) -> Vec<Cell>,
    ) -> Self {
        Self {
            title,
            summary,
            head,
            rows: all.iter().take(most).map(row).collect(),
            left_out: all.len().saturating_sub(most),
            note: String::new(),
        }
    }

    /// A table of names and values.
    pub(super) fn values(title: &'static str, summary: &str, values: Values) -> Self {
        Self {
            title,
            summary: one_line(summary, CELL_CHARS),
            head: &["What", "Value"],
            rows: values.rows,
            left_out: 0,
            note: String::new(),
        }
    }
}

/// Names and values, of those that are known.
#[derive(Default)]
pub(super) struct Values {
    rows: Vec<Vec<Cell>>,
}

impl Values {
    /// Adds a value, unless it is empty.
    pub(super) fn add(&mut self, name: &str, value: impl AsRef<str>) {
        self.add_marked(name, value, "");
    }

    /// The same for one that may not be known.
    pub(super) fn maybe(&mut self, name: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    /// The same for something that is on or off; the one that is bad news is marked.
    pub(super) fn switch(&mut self, name: &str, on: Option<bool>, bad: Option<bool>) {
        let tone = if on.is_some() && on == bad {
            WARNING.class
        } else {
            ""
        };
        self.add_marked(
            name,
            on.map_or("not known", |on| if on { "on" } else { "off" }),
            tone,
        );
    }

    /// Adds a value with the class of a mark.
    pub(super) fn add_marked(&mut self, name: &str, value: impl AsRef<str>, tone: &'static str) {
        if one_line(value.as_ref(), LONG_CELL_CHARS).is_empty() {
            return;
        }
        let cell = Cell {
            tone,
            ..Cell::long(value.as_ref())
        };
        self.rows.push(vec![Cell::text(name), cell]);
    }
}

/// `yes`, `no`.
pub(super) const fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_change_colour_at_their_thresholds_and_stay_within_the_scale() {
        let bar = |percent, class| Bar { percent, class };
        assert_eq!(Bar::of(50.4, 80.0, 95.0), bar(50, ""));
        assert_eq!(Bar::of(80.0, 80.0, 95.0), bar(80, "warning"));
        assert_eq!(Bar::of(170.0, 80.0, 95.0), bar(100, "problem"));
        assert_eq!(Bar::of(f64::NAN, 80.0, 95.0).percent, 0);
    }

    #[test]
    fn a_list_that_is_too_long_counts_what_it_leaves_out() {
        let table = Table::within(2, "t", String::new(), &["n"], &[1, 2, 3, 4, 5], |n| {
            vec![Cell::number(n.to_string())]
        });
        assert_eq!((table.rows.len(), table.left_out), (2, 3));
    }

    #[test]
    fn a_fold_is_marked_with_the_worst_that_is_in_it() {
        let table = |cells| Table {
            title: "t",
            summary: String::new(),
            head: &["n"],
            rows: vec![cells],
            left_out: 0,
            note: String::new(),
        };
        let plain = || Cell::text("x");
        let full = || plain().with(Bar::of(99.0, 90.0, 98.0));
        assert_eq!(table(vec![plain()]).mark(), None);
        assert_eq!(
            table(vec![plain().marked(true, WARNING.class)]).mark(),
            Some(WARNING)
        );
        assert_eq!(
            table(vec![plain().marked(true, WARNING.class), full()]).mark(),
            Some(PROBLEM)
        );
    }

    #[test]
    fn what_is_not_known_is_called_not_known_and_never_bad() {
        let mut values = Values::default();
        values.switch("Firewall", None, Some(false));
        values.switch("Firewall", Some(false), Some(false));
        values.add("Nothing", " \u{202e} ");
        let shown: Vec<(&str, &str)> = values
            .rows
            .iter()
            .map(|row| (row[1].text.as_str(), row[1].tone))
            .collect();
        assert_eq!(shown, [("not known", ""), ("off", "warning")]);
    }
}
