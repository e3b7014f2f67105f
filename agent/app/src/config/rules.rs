//! `[rules]`: by which dispatcher rules presses are judged before they become tickets.

use super::{
    ConfigError,
    parse::{Entry, Source, string, unknown},
};
use crate::places;
use std::path::PathBuf;

const KEYS: [&str; 2] = ["file", "engine"];

/// The rules and what runs them. Whether either is there is seen when a press is delivered: neither costs it its ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RulesChoice {
    /// The rules.
    pub file: PathBuf,
    /// An engine other than the one that comes with Helpbell.
    pub engine: Option<PathBuf>,
}

pub(super) fn rules(source: &Source<'_>, entries: &[Entry<'_>]) -> Result<Option<RulesChoice>, ConfigError> {
    let (mut file, mut engine) = (None, None);
    for entry in entries {
        let place = match entry.0.get_ref().as_ref() {
            "file" => &mut file,
            "engine" => &mut engine,
            _ => return Err(unknown(source, entry.0, &KEYS, "[rules]")),
        };
        *place = Some(places::beside(source.path).join(string(source, *entry)?));
    }
    match (file, entries.first()) {
        (Some(file), _) => Ok(Some(RulesChoice { file, engine })),
        (None, Some((key, _))) => Err(source.wrong(
            key.span().start,
            "[rules] has an `engine` and no `file` with rules",
            Some("file = \"rules.py\"".to_owned()),
        )),
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;
    use std::path::Path;

    fn read(rules: &str) -> Result<Option<RulesChoice>, String> {
        let text = format!("[connector]\nname = \"halo\"\n[key]\nenv = \"K\"\n{rules}\n");
        parse(Path::new("/etc/helpbell/helpbell.toml"), &text)
            .map(|config| config.rules)
            .map_err(|error| format!("{error} | {}", error.help().unwrap_or_default()))
    }

    #[test]
    fn files_are_looked_for_beside_the_configuration() {
        assert_eq!(read(""), Ok(None));
        assert_eq!(
            read("[rules]\nfile = \"rules.py\"\nengine = \"/opt/other.wasm\""),
            Ok(Some(RulesChoice {
                file: "/etc/helpbell/rules.py".into(),
                engine: Some("/opt/other.wasm".into()),
            }))
        );
        let usual = read("[rules]\nfile = \"rules.py\"").unwrap().unwrap();
        assert_eq!(usual.engine, None);
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_what_would_be_right() {
        let told = read("[rules]\nfil = \"rules.py\"").unwrap_err();
        assert!(
            told.contains("line 6: unknown key `fil` in [rules] | did you mean `file`?"),
            "{told}"
        );
        let told = read("[rules]\nengine = \"other.wasm\"").unwrap_err();
        assert!(
            told.contains("line 6: ") && told.ends_with("file = \"rules.py\""),
            "{told}"
        );
        let told = read("[rules]\nfile = 7").unwrap_err();
        assert!(told.contains("line 6: `file` must be text"), "{told}");
    }
}
