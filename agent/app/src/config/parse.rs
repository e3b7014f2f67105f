//! Reading `helpbell.toml` with the line of every mistake.

use super::{
    Config, ConfigError, ConnectorChoice, KeySource, Located, check_credential_name,
    diagnosis::diagnosis,
    did_you_mean,
    limits::limits,
    network::{Network, network},
    rules::rules,
    webhook::webhook,
};
use crate::places;
use helpbell_model::text::one_line;
use std::path::Path;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

const SECTIONS: [&str; 9] = [
    "connector",
    "settings",
    "key",
    "defaults",
    "rules",
    "diagnosis",
    "webhook",
    "network",
    "limits",
];

/// The text and its file, for errors with lines.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn line(&self, offset: usize) -> usize {
        self.text.get(..offset).unwrap_or(self.text).matches('\n').count() + 1
    }

    pub(super) fn wrong(
        &self,
        offset: usize,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) -> ConfigError {
        ConfigError::Wrong {
            path: self.path.to_owned(),
            line: self.line(offset),
            // Keys and values are repeated as they stand in the file, whoever wrote it.
            message: one_line(&message.into(), super::MESSAGE_CHARS),
            help: help.into(),
        }
    }
}

pub(super) type Entry<'a> = (&'a Spanned<toml::de::DeString<'a>>, &'a Spanned<DeValue<'a>>);

pub(super) fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
    let source = Source { path, text };
    let root = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        source.wrong(
            offset,
            format!("this is not TOML: {}", error.message()),
            Some("text stands in quotes: name = \"value\"".to_owned()),
        )
    })?;
    let root = root.get_ref();
    known_keys(&source, root, &SECTIONS, "helpbell.toml")?;
    let section = |name: &str| -> Result<Vec<Entry<'_>>, ConfigError> {
        let Some((_, value)) = root.iter().find(|(key, _)| key.get_ref() == name) else {
            return Ok(vec![]);
        };
        match value.get_ref() {
            DeValue::Table(table) => {
                let mut entries: Vec<Entry<'_>> = table.iter().collect();
                entries.sort_by_key(|(key, _)| key.span().start);
                Ok(entries)
            }
            _ => Err(source.wrong(
                value.span().start,
                format!("`{name}` must be a section: [{name}]"),
                None,
            )),
        }
    };

    let Network {
        grant,
        proxy,
        ca_file,
    } = network(&source, &section("network")?)?;
    Ok(Config {
        path: path.to_owned(),
        connector: connector(&source, &section("connector")?)?,
        settings: section("settings")?
            .into_iter()
            .map(|entry| located(&source, entry))
            .collect::<Result<_, _>>()?,
        key: key(&source, &section("key")?)?,
        defaults: section("defaults")?
            .into_iter()
            .map(|entry| located(&source, entry).map(|(name, located)| (name, located.value)))
            .collect::<Result<_, _>>()?,
        rules: rules(&source, &section("rules")?)?,
        diagnosis: diagnosis(&source, &section("diagnosis")?)?,
        webhook: webhook(&source, &section("webhook")?, grant.allow_http)?,
        network: grant,
        proxy,
        ca_file,
        limits: limits(&source, &section("limits")?)?,
    })
}

fn known_keys(
    source: &Source<'_>,
    table: &DeTable<'_>,
    known: &[&str],
    place: &str,
) -> Result<(), ConfigError> {
    match table.keys().find(|key| !known.contains(&key.get_ref().as_ref())) {
        None => Ok(()),
        Some(key) => Err(unknown(source, key, known, place)),
    }
}

pub(super) fn unknown(
    source: &Source<'_>,
    key: &Spanned<toml::de::DeString<'_>>,
    known: &[&str],
    place: &str,
) -> ConfigError {
    source.wrong(
        key.span().start,
        format!("unknown key `{}` in {place}", key.get_ref()),
        did_you_mean(key.get_ref(), known),
    )
}

/// A scalar as text.
fn located(source: &Source<'_>, (key, value): Entry<'_>) -> Result<(String, Located), ConfigError> {
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Float(number) => number.as_str().to_owned(),
        _ => {
            return Err(source.wrong(
                value.span().start,
                format!("`{}` must be text, a number, true or false", key.get_ref()),
                None,
            ));
        }
    };
    Ok((
        key.get_ref().to_string(),
        Located {
            value: text,
            line: source.line(key.span().start),
        },
    ))
}

pub(super) fn string(source: &Source<'_>, entry: Entry<'_>) -> Result<String, ConfigError> {
    match entry.1.get_ref() {
        DeValue::String(text) if !text.trim().is_empty() => Ok(text.to_string()),
        _ => Err(source.wrong(
            entry.1.span().start,
            format!("`{}` must be text that is not empty", entry.0.get_ref()),
            Some(format!("{} = \"…\"", entry.0.get_ref())),
        )),
    }
}

fn connector(source: &Source<'_>, entries: &[Entry<'_>]) -> Result<ConnectorChoice, ConfigError> {
    let mut choice = None;
    for entry in entries {
        let next = match entry.0.get_ref().as_ref() {
            "name" => ConnectorChoice::Name(string(source, *entry)?),
            "file" => ConnectorChoice::File(places::beside(source.path).join(string(source, *entry)?)),
            _ => return Err(unknown(source, entry.0, &["name", "file"], "[connector]")),
        };
        if choice.replace(next).is_some() {
            return Err(source.wrong(
                entry.0.span().start,
                "[connector] has both `name` and `file`; keep one",
                None,
            ));
        }
    }
    choice.ok_or_else(|| {
        source.wrong(
            0,
            "there is no [connector] with a name",
            Some("[connector]\nname = \"halo\"".to_owned()),
        )
    })
}

fn key(source: &Source<'_>, entries: &[Entry<'_>]) -> Result<KeySource, ConfigError> {
    let mut found = None;
    for entry in entries {
        let next = match entry.0.get_ref().as_ref() {
            "file" => KeySource::File(places::beside(source.path).join(string(source, *entry)?)),
            "env" => KeySource::Environment(string(source, *entry)?),
            "credential" => {
                let name = string(source, *entry)?;
                check_credential_name(&name).map_err(|expected| {
                    source.wrong(
                        entry.1.span().start,
                        format!("`credential` must be {expected}"),
                        Some("credential = \"helpbell-key\", with LoadCredential=helpbell-key:FILE in the unit".to_owned()),
                    )
                })?;
                KeySource::Credential(name)
            }
            "value" | "key" | "api-key" | "secret" => {
                return Err(source.wrong(
                    entry.0.span().start,
                    "the API key must not stand in helpbell.toml",
                    Some("put it into a file that only you can read and write: file = \"helpbell.key\"; and renew the key, since this file may have been copied".to_owned()),
                ));
            }
            _ => return Err(unknown(source, entry.0, &["file", "env", "credential"], "[key]")),
        };
        if found.replace(next).is_some() {
            return Err(source.wrong(
                entry.0.span().start,
                "[key] has more than one of `file`, `env` and `credential`; keep one",
                None,
            ));
        }
    }
    found.ok_or_else(|| {
        source.wrong(
            0,
            "there is no [key] that says where the API key is",
            Some("[key]\nfile = \"helpbell.key\"".to_owned()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, ConfigError> {
        parse(Path::new("helpbell.toml"), text)
    }

    fn error(text: &str) -> String {
        let error = read(text).unwrap_err();
        format!("{error} | {}", error.help().unwrap_or_default())
    }

    const GOOD: &str = "[connector]\nname = \"halo\"\n[settings]\nhosting = \"hosted\"\n[key]\nenv = \"K\"\n[defaults]\nteam = \"1st Line\"\nimpact = 3\n[network]\nallow-http = true\nallow-addresses = [\"10.0.0.0/8\"]\n";

    #[test]
    fn a_good_file_is_read_in_its_order() {
        let config = read(GOOD).unwrap();
        assert_eq!(config.connector, ConnectorChoice::Name("halo".into()));
        assert_eq!(
            config.defaults,
            [("team".into(), "1st Line".into()), ("impact".into(), "3".into())]
        );
        assert_eq!(
            config.settings[0].1,
            Located {
                value: "hosted".into(),
                line: 4
            }
        );
        assert!(config.network.allow_http);
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_the_nearest_key() {
        assert_eq!(
            error("[connector]\nname = \"halo\"\n[seting]\nx = 1\n"),
            "helpbell.toml, line 3: unknown key `seting` in helpbell.toml | did you mean `settings`? known here: connector, settings, key, defaults, rules, diagnosis, webhook, network, limits"
        );
        assert!(
            error("[connector]\nnam = \"halo\"\n")
                .contains("line 2: unknown key `nam` in [connector] | did you mean `name`?")
        );
        assert!(error("[connector]\nname = halo\n").contains("line 2: this is not TOML"));
        assert!(error("[connector]\nname = \"halo\"\n[key]\nenv = \"K\"\n[network]\nallow-addresses = [\"10.0.0.1/99\"]\n").contains("line 6"));
    }

    #[test]
    fn a_key_in_the_file_is_refused_and_not_repeated() {
        let told = error("[connector]\nname = \"halo\"\n[key]\nvalue = \"acme+id:topsecret\"\n");
        assert!(
            told.contains("must not stand in helpbell.toml") && !told.contains("topsecret"),
            "{told}"
        );
    }

    #[test]
    fn the_key_comes_from_one_place() {
        let key = |lines: &str| read(&format!("[connector]\nname = \"halo\"\n[key]\n{lines}\n"));
        assert_eq!(
            key("credential = \"helpbell-key\"").unwrap().key,
            KeySource::Credential("helpbell-key".into())
        );
        assert_eq!(
            key("file = \"a.key\"").unwrap().key,
            KeySource::File(places::beside(Path::new("helpbell.toml")).join("a.key"))
        );
        let told = key("credential = \"helpbell-key\"\nenv = \"K\"")
            .unwrap_err()
            .to_string();
        assert!(told.contains("line 5") && told.contains("keep one"), "{told}");
        let told = key("credential = \"../helpbell.key\"").unwrap_err().to_string();
        assert!(told.contains("line 4") && told.contains("no path"), "{told}");
    }

    #[test]
    fn what_is_missing_is_shown_as_it_would_be_written() {
        assert!(error("").contains("[connector]\nname = \"halo\""));
        assert!(error("[connector]\nname = \"halo\"\n").contains("[key]\nfile ="));
    }
}
