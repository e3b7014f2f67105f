//! The guide, `docs/rules.md`, as far as the tests read it.
//!
//! ````text
//! ### A heading
//!
//! ```python
//! the rules
//! ```
//!
//! What they do.
//!
//! | given | then |
//! |---|---|
//! | `name = "value"`, `now = "2026-03-02 08:15"` | `other = "value"` |
//! | … | nothing changes |
//! | … | stops in line 3: `ZeroDivisionError`; warns in line 2: `is-literal`, in line 4: `read-only` |
//! ````
//!
//! Values are JSON. A name that is no variable of the host's is a helper of the rules, and its value is what is shown of
//! it.

use crate::{Given, given::value_of};
use helpbell_model::rules::{Circumstances, Value};
use jiff::{civil::DateTime, tz::Offset};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

/// Set to rewrite what the page has from the tests.
const UPDATE: &str = "HELPBELL_UPDATE_DOCS";

/// The time of a row, local.
const NOW: &str = "now";
/// Of [`NOW`].
const NOW_FORM: &str = "%Y-%m-%d %H:%M";

/// An example of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The heading above it.
    pub title: String,
    /// The line of the page where its rules begin.
    pub line: usize,
    /// The rules.
    pub source: String,
    /// The table below.
    pub rows: Vec<Row>,
}

/// One row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What the run begins with.
    pub given: Given,
    /// How it ends.
    pub then: Then,
}

/// How a run ends.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Then {
    /// Everything that has changed, and helper variables that are told.
    pub values: BTreeMap<String, Value>,
    /// The line and kind of the failure.
    pub stops: Option<(u32, String)>,
    /// Lines and codes of everything that is noticed.
    pub notices: BTreeSet<(u32, String)>,
}

/// The file.
#[must_use]
pub fn file() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md"))
}

/// The text.
#[must_use]
pub fn text() -> String {
    fs::read_to_string(file()).unwrap()
}

/// What stands between `<!-- name -->` and `<!-- end of name -->`.
///
/// # Panics
/// If it is not there.
#[must_use]
pub fn part(page: &str, name: &str) -> String {
    let (_, part, _) = parts(page, name);
    part
}

fn parts(page: &str, name: &str) -> (String, String, String) {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("no {begin}"));
    let (part, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no {end}"));
    (before.to_owned() + &begin, part.to_owned(), end + after)
}

/// Checks that this stands in that part, or puts it there if the page is to be written anew.
///
/// # Panics
/// If something else stands there.
pub fn assert_part(name: &str, wanted: &str) {
    let (before, _, after) = parts(&text(), name);
    let wanted = format!("{before}\n{wanted}\n{after}");
    if std::env::var_os(UPDATE).is_some() {
        fs::write(file(), &wanted).unwrap();
    }
    assert!(
        text() == wanted,
        "docs/rules.md tells something else under {name}; if that is meant: {UPDATE}=1 cargo test -p helpbell-rules-tests"
    );
}

/// The keys of the table of differences: what stands in code in its first column.
#[must_use]
pub fn differences(page: &str) -> BTreeSet<String> {
    part(page, "differences")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(key, _)| key.to_owned())
        .collect()
}

/// All examples.
///
/// # Panics
/// If one is not written as the tests read it.
#[must_use]
pub fn examples(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = vec![];
    let mut title = String::new();
    let mut in_code = false;
    let mut in_table = false;
    for (index, line) in page.lines().enumerate() {
        if in_code {
            if line == "```" {
                in_code = false;
            } else {
                let source = &mut examples.last_mut().unwrap().source;
                source.push_str(line);
                source.push('\n');
            }
        } else if line == "```python" {
            in_code = true;
            examples.push(Example {
                title: title.clone(),
                line: index + 2,
                source: String::new(),
                rows: vec![],
            });
        } else if let Some(heading) = line.strip_prefix("### ") {
            heading.clone_into(&mut title);
        } else if line == "| given | then |" {
            in_table = true;
        } else if in_table && !line.starts_with("|---") {
            match line.strip_prefix('|').and_then(|row| row.strip_suffix('|')) {
                Some(row) => {
                    let (given, then) = row.split_once('|').expect("two columns");
                    let example = examples.last_mut().unwrap();
                    example.rows.push(Row {
                        given: given_of(given.trim()),
                        then: then_of(then.trim()),
                    });
                }
                None => in_table = false,
            }
        }
    }
    examples
}

/// What stands in code in a cell, each with the words before it.
fn spans(cell: &str) -> Vec<(String, String)> {
    let mut spans = vec![];
    let mut rest = cell;
    while let Some((before, begun)) = rest.split_once('`') {
        let (code, after) = begun.split_once('`').expect("code ends");
        let words = before.trim_matches([' ', ',', ';']).to_owned();
        spans.push((words, code.to_owned()));
        rest = after;
    }
    spans
}

fn assignment(code: &str) -> (&str, &str) {
    code.split_once(" = ")
        .unwrap_or_else(|| panic!("{code} is no assignment"))
}

fn given_of(cell: &str) -> Given {
    let mut given = Given::example();
    for (words, code) in spans(cell) {
        assert_eq!(words, "", "in {cell}");
        let (name, value) = assignment(&code);
        given = if name == NOW {
            let Value::Text(now) = value_of(value) else {
                panic!("{value} is no time")
            };
            let circumstances = Circumstances {
                clock_ms: clock_ms(&now, given.circumstances.offset_minutes),
                ..given.circumstances
            };
            given.at(circumstances)
        } else {
            given.with(name, value)
        };
    }
    given
}

fn clock_ms(local: &str, offset_minutes: i16) -> u64 {
    let local = DateTime::strptime(NOW_FORM, local).unwrap_or_else(|error| panic!("{local}: {error}"));
    let as_utc = Offset::UTC.to_timestamp(local).unwrap();
    u64::try_from(as_utc.as_millisecond() - i64::from(offset_minutes) * 60_000).unwrap()
}

fn then_of(cell: &str) -> Then {
    let mut then = Then::default();
    for (words, code) in spans(cell) {
        let line = |words: &str| -> u32 { words.trim_end_matches(':').parse().expect("a line") };
        if let Some(at) = words.strip_prefix("stops in line ") {
            then.stops = Some((line(at), code));
        } else if let Some(at) = words
            .strip_prefix("warns in line ")
            .or_else(|| words.strip_prefix("in line "))
        {
            then.notices.insert((line(at), code));
        } else {
            assert_eq!(words, "", "in {cell}");
            let (name, value) = assignment(&code);
            then.values.insert(name.to_owned(), value_of(value));
        }
    }
    if then == Then::default() {
        assert_eq!(cell, "nothing changes");
    }
    then
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
### One

```python
a = 1
b = 2
```

| given | then |
|---|---|
| `priority = \"Low\"`, `now = \"1970-01-01 02:00\"` | `team = \"A, B\"`, `count = 2`; warns in line 2: `read-only` |
| | nothing changes |
| `impact = 1` | stops in line 1: `KeyError` |

### Two
";

    #[test]
    fn an_example_is_read_with_its_table() {
        let [example] = &examples(PAGE)[..] else {
            panic!("one example")
        };
        assert_eq!((example.title.as_str(), example.line), ("One", 4));
        assert_eq!(example.source, "a = 1\nb = 2\n");
        let [first, second, third] = &example.rows[..] else {
            panic!("three rows")
        };
        assert_eq!(first.given.value("priority"), Some(&value_of("\"Low\"")));
        // At an offset of one hour.
        assert_eq!(first.given.circumstances.clock_ms, 60 * 60 * 1000);
        assert_eq!(first.then.values["team"], value_of("\"A, B\""));
        assert_eq!(first.then.values["count"], value_of("2"));
        assert_eq!(first.then.notices, BTreeSet::from([(2, "read-only".to_owned())]));
        assert_eq!(
            (&second.given, &second.then),
            (&Given::example(), &Then::default())
        );
        assert_eq!(third.then.stops, Some((1, "KeyError".to_owned())));
    }

    #[test]
    fn the_keys_of_differences_are_the_code_of_the_first_column() {
        let page = "<!-- differences -->\n\n| | |\n|---|---|\n| `a` | x `y` |\n| `b-c` | z |\n\n<!-- end of differences -->\n";
        assert_eq!(
            differences(page),
            BTreeSet::from(["a".to_owned(), "b-c".to_owned()])
        );
    }
}
