//! A new project.

use crate::{Language, ProjectError, disk, kit};
use std::{
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Characters of a connector's name.
const LONGEST: usize = 40;

/// The name of a connector: short, in kebab-case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

/// The text is no such name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no name for a connector: small letters, digits and single hyphens, a letter first, at most {LONGEST} characters"
)]
pub struct NotAName(String);

impl FromStr for Name {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let first = text
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_lowercase());
        if first && text.len() <= LONGEST && text.split('-').all(word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAName(text.to_owned()))
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Name {
    /// `My Desk`.
    #[must_use]
    pub fn title(&self) -> String {
        self.words().join(" ")
    }

    /// `my_desk`.
    fn module(&self) -> String {
        self.0.replace('-', "_")
    }

    /// `MyDeskConnector`: never one of the kit's own names.
    fn type_name(&self) -> String {
        self.words().concat() + "Connector"
    }

    fn words(&self) -> Vec<String> {
        let capital = |word: &str| {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        };
        self.0.split('-').map(capital).collect()
    }
}

/// Makes a project in `folder`, which must not be there yet. `title` is what people call the PSA.
///
/// # Errors
/// If something is there already, or the disk does not take it.
pub fn create(folder: &Path, name: &Name, title: &str, language: Language) -> Result<PathBuf, ProjectError> {
    if folder.exists() {
        return Err(ProjectError::Exists(folder.to_owned()));
    }
    // Titles stand in quotes in three languages.
    let title: String = title
        .chars()
        .filter(|c| !matches!(c, '"' | '\'' | '\\' | '`' | '$'))
        .collect();
    let filled = |text: &str| {
        text.replace("{{name}}", &name.0)
            .replace("{{title}}", &title)
            .replace("{{module}}", &name.module())
            .replace("{{type}}", &name.type_name())
    };
    for (file, text) in kit::template(language) {
        kit::put(&folder.join(filled(&file)), filled(&text).as_bytes())?;
    }
    kit::write(language, &folder.join("kit"))?;
    fs::canonicalize(folder).map_err(disk("find", folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_or_several_in_small_letters() {
        for good in ["halo", "my-desk", "rt5", "a"] {
            assert_eq!(good.parse::<Name>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "5a",
            "My-Desk",
            "my--desk",
            "-a",
            "a-",
            "a b",
            "a/b",
            "..",
            &"a".repeat(41),
        ] {
            assert!(bad.parse::<Name>().is_err(), "{bad:?}");
        }
        let name: Name = "my-desk2".parse().unwrap();
        assert_eq!(
            (name.title().as_str(), name.module().as_str()),
            ("My Desk2", "my_desk2")
        );
        assert_eq!(name.type_name(), "MyDesk2Connector");
    }

    #[test]
    fn a_project_has_every_placeholder_filled_and_is_made_only_once() {
        let name: Name = "my-desk".parse().unwrap();
        for language in Language::ALL {
            let parent = tempfile::tempdir().unwrap();
            let folder = parent.path().join("my-desk");
            create(&folder, &name, "Bob's \"Desk\"", language).unwrap();
            for (file, _) in kit::template(language) {
                let file = file.replace("{{module}}", "my_desk");
                let text = fs::read_to_string(folder.join(&file)).unwrap();
                assert!(!text.contains("{{"), "{language}: {file}");
                assert!(!text.contains("Bob's"), "{language}: {file}");
            }
            let again = create(&folder, &name, "My Desk", language).unwrap_err();
            assert!(matches!(again, ProjectError::Exists(_)));
        }
    }
}
