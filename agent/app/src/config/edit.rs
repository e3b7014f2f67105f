//! Changes to `helpbell.toml` that leave everything else in it as it is, comments too.

use super::ConfigError;
use crate::places;
use helpbell_model::text;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

/// The section of integration defaults.
const DEFAULTS: &str = "defaults";
/// The section that names the rules.
const RULES: &str = "rules";
/// The key in it.
const FILE: &str = "file";

/// `helpbell.toml`, being changed.
pub(crate) struct Edit {
    path: PathBuf,
    before: String,
    document: DocumentMut,
}

impl Edit {
    /// Reads the file; none if there is none.
    ///
    /// # Errors
    /// If it cannot be read, or is no TOML.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, ConfigError> {
        let unreadable = |reason: String| ConfigError::Unreadable {
            path: path.to_owned(),
            reason: text::one_line(&reason, super::MESSAGE_CHARS),
        };
        let before = match fs::read_to_string(path) {
            Ok(before) => before,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error.to_string())),
        };
        let document = before
            .parse::<DocumentMut>()
            .map_err(|error| unreadable(error.to_string()))?;
        Ok(Some(Self {
            path: path.to_owned(),
            before,
            document,
        }))
    }

    /// The file with the rules.
    pub(crate) fn rules(&self) -> Option<PathBuf> {
        let file = self.text(RULES, FILE)?;
        Some(places::beside(&self.path).join(file))
    }

    /// An integration default.
    pub(crate) fn default(&self, name: &str) -> Option<String> {
        self.text(DEFAULTS, name)
    }

    fn text(&self, section: &str, key: &str) -> Option<String> {
        let value = self
            .document
            .get(section)?
            .as_table_like()?
            .get(key)?
            .as_value()?;
        Some(match value {
            Value::String(text) => text.value().clone(),
            other => other.clone().decorated("", "").to_string(),
        })
    }

    /// Sets an integration default.
    pub(crate) fn set_default(&mut self, name: &str, value: &str) {
        self.set(DEFAULTS, name, value);
    }

    /// Names the file with the rules, as seen from here if it lies beside or below this file.
    pub(crate) fn set_rules(&mut self, file: &Path) {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (file, folder) = (absolute(file), absolute(&places::beside(&self.path)));
        let named = file.strip_prefix(&folder).unwrap_or(&file);
        self.set(RULES, FILE, &named.display().to_string());
    }

    fn set(&mut self, section: &str, key: &str, text: &str) {
        let item = self.document.entry(section).or_insert_with(|| {
            let mut table = Table::new();
            table.decor_mut().set_prefix("\n");
            Item::Table(table)
        });
        // A section that is none was refused when the configuration was read.
        let Some(table) = item.as_table_like_mut() else {
            return;
        };
        put(table, key, text);
    }

    /// Whether anything is different.
    pub(crate) fn is_changed(&self) -> bool {
        self.document.to_string() != self.before
    }

    /// Writes the file. The old one is kept, and its path given.
    ///
    /// # Errors
    /// If the disk refuses; the file is as it was then.
    pub(crate) fn write(&self) -> io::Result<Option<PathBuf>> {
        replace(&self.path, &self.document.to_string())
    }
}

/// Sets a value; what stands around it, such as a comment, stays.
fn put(table: &mut dyn TableLike, key: &str, text: &str) {
    let mut value = Value::from(text);
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(there) => {
            *value.decor_mut() = there.decor().clone();
            *there = value;
        }
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

/// Writes a file as a whole or not at all. What it had before is kept beside it with `.old` at the end of its name; gives
/// that path.
///
/// # Errors
/// If the disk refuses; the file is as it was then.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<Option<PathBuf>> {
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let (new, old) = (beside(".new"), beside(".old"));
    let written = fs::write(&new, text).and_then(|()| exchange(path, &new, old));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

/// Puts a new file, with the old one's permissions, in the place of the old one, and keeps that.
fn exchange(path: &Path, new: &Path, old: PathBuf) -> io::Result<Option<PathBuf>> {
    let kept = match fs::metadata(path) {
        Ok(about) => {
            fs::set_permissions(new, about.permissions())?;
            fs::copy(path, &old)?;
            Some(old)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    fs::rename(new, path)?;
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "# Ours.\n[connector]\nname = \"halo\" # the PSA\n\n[key]\nenv = \"K\"\n\n[defaults]\n# The team.\nteam = \"1st Line\" # not the 2nd\nimpact = 3\n\n[network]\nallow-http = false\n";

    fn edit(folder: &Path, text: &str) -> Edit {
        let path = folder.join("helpbell.toml");
        fs::write(&path, text).unwrap();
        Edit::read(&path).unwrap().unwrap()
    }

    #[test]
    fn what_is_not_changed_stays_letter_by_letter() {
        let folder = tempfile::tempdir().unwrap();
        let mut edit = edit(folder.path(), BEFORE);
        assert!(!edit.is_changed());
        edit.set_default("team", "2nd \"Line\"");
        edit.set_default("priority", "Low");
        edit.set_rules(&folder.path().join("rules/mine.py"));
        assert!(edit.is_changed());
        let old = edit.write().unwrap().unwrap();
        assert_eq!(fs::read_to_string(old).unwrap(), BEFORE);
        let after = fs::read_to_string(folder.path().join("helpbell.toml")).unwrap();
        insta::assert_snapshot!(after, @r#"
        # Ours.
        [connector]
        name = "halo" # the PSA

        [key]
        env = "K"

        [defaults]
        # The team.
        team = '2nd "Line"' # not the 2nd
        impact = 3
        priority = "Low"

        [network]
        allow-http = false

        [rules]
        file = "rules/mine.py"
        "#);
        let names = fs::read_dir(folder.path()).unwrap();
        assert_eq!(names.count(), 2, "nothing else is left behind");
    }

    #[test]
    fn what_is_there_is_read_as_text() {
        let folder = tempfile::tempdir().unwrap();
        let edit = edit(folder.path(), &format!("{BEFORE}[rules]\nfile = \"a.py\"\n"));
        assert_eq!(edit.default("team").as_deref(), Some("1st Line"));
        assert_eq!(edit.default("impact").as_deref(), Some("3"));
        assert_eq!(edit.default("priority"), None);
        assert_eq!(edit.rules(), Some(folder.path().join("a.py")));
    }

    #[test]
    fn a_file_elsewhere_is_named_by_its_whole_path() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut edit = edit(folder.path(), BEFORE);
        let file = other.path().join("rules.py");
        edit.set_rules(&file);
        assert_eq!(edit.rules(), Some(file));
    }

    #[test]
    fn a_file_that_was_not_there_leaves_nothing_to_keep() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.py");
        assert_eq!(replace(&path, "a = 1\n").unwrap(), None);
        assert_eq!(
            replace(&path, "a = 2\n").unwrap(),
            Some(folder.path().join("rules.py.old"))
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "a = 2\n");
        assert!(Edit::read(&folder.path().join("none.toml")).unwrap().is_none());
    }

    #[test]
    fn a_file_that_cannot_be_replaced_stays_and_nothing_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.py");
        fs::write(&path, "a = 1\n").unwrap();
        // What would be kept has no place to go.
        fs::create_dir(folder.path().join("rules.py.old")).unwrap();
        replace(&path, "a = 2\n").unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "a = 1\n");
        assert!(!folder.path().join("rules.py.new").exists());
    }
}
