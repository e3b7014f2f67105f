//! The cases of `cases/*.py`, which are plain Python with a line before each:
//!
//! ```text
//! # case: what it shows
//! # given: msg = "another value, in JSON"
//! # differs: the key of a row of the page's table of differences
//! ```

use crate::Given;
use std::{fs, path::Path};

const CASE: &str = "# case: ";
const GIVEN: &str = "# given: ";
const DIFFERS: &str = "# differs: ";

/// One set of rules that both run.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its file's name and its own.
    pub name: String,
    /// The rules, in the lines of the file: what is said of a line is found there.
    pub source: String,
    /// What the run begins with.
    pub given: Given,
    /// Why it may end otherwise than in CPython.
    pub differs: Option<String>,
}

/// All cases, in the order of the files.
///
/// # Panics
/// If a file is not as it should be.
#[must_use]
pub fn all() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "py"))
        .collect();
    files.sort();
    files
        .iter()
        .flat_map(|file| {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            read(&name, &fs::read_to_string(file).unwrap())
        })
        .collect()
}

fn read(file: &str, text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = vec![];
    // By `\n` alone: a case may hold other ends of lines.
    for (index, line) in text.split('\n').enumerate() {
        if let Some(name) = line.strip_prefix(CASE) {
            cases.push(Case {
                name: format!("{file}: {name}"),
                source: "\n".repeat(index),
                given: Given::usual(),
                differs: None,
            });
        }
        let Some(case) = cases.last_mut() else { continue };
        if let Some(given) = line.strip_prefix(GIVEN) {
            let (variable, value) = given.split_once(" = ").expect("a name, an equals sign, a value");
            case.given = case.given.clone().with(variable, value);
        }
        if let Some(key) = line.strip_prefix(DIFFERS) {
            case.differs = Some(key.to_owned());
        }
        case.source.push_str(line);
        case.source.push('\n');
    }
    cases
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::value_of;

    #[test]
    fn a_case_keeps_its_lines_and_takes_what_it_is_given() {
        let text =
            "# about\n\n# case: one\na = 1\n\n# case: two\n# given: msg = \"x\"\n# differs: key\nb = 2\n";
        let cases = read("file.py", text);
        assert_eq!(cases.len(), 2);
        assert_eq!(cases[0].name, "file.py: one");
        assert_eq!(cases[0].source, "\n\n# case: one\na = 1\n\n");
        assert_eq!(cases[0].given, Given::usual());
        assert_eq!(cases[1].given.value("msg"), Some(&value_of("\"x\"")));
        assert_eq!(cases[1].differs.as_deref(), Some("key"));
        assert_eq!(cases[1].source.lines().nth(8), Some("b = 2"));
    }
}
