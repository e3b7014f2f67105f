//! `[diagnosis]`: what an examination looks at, and the provider's own scripts.

use super::{
    ConfigError,
    parse::{Entry, Source, string, unknown},
};
use crate::places;
use helpbell_diagnostics::Scope;
use std::path::PathBuf;
use toml::{Spanned, de::DeValue};

const KEYS: [&str; 6] = [
    "network",
    "wifi-names",
    "program-names",
    "sites",
    "scripts",
    "identity",
];

/// Sites asked in one examination: each is a connection of its own, and they all are made at once.
const MOST_SITES: usize = 12;

/// Scripts run in one examination: they share its time.
const MOST_SCRIPTS: usize = 8;

/// A host name has at most so many characters (RFC 1035).
const HOST_CHARS: usize = 253;

/// What an examination looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    /// What may be looked at and who may be asked.
    pub scope: Scope,
    /// A script that tells who sits here.
    pub identity: Option<PathBuf>,
}

pub(super) fn diagnosis(source: &Source<'_>, entries: &[Entry<'_>]) -> Result<Diagnosis, ConfigError> {
    let mut diagnosis = Diagnosis::default();
    let scope = &mut diagnosis.scope;
    for entry in entries {
        match entry.0.get_ref().as_ref() {
            "network" => scope.network = truth(source, *entry)?,
            "wifi-names" => scope.wifi_names = truth(source, *entry)?,
            "program-names" => scope.program_names = truth(source, *entry)?,
            "sites" => {
                scope.sites = texts(source, *entry, MOST_SITES)?
                    .into_iter()
                    .map(|text| host(source, text))
                    .collect::<Result<_, _>>()?;
            }
            "scripts" => {
                scope.scripts = texts(source, *entry, MOST_SCRIPTS)?
                    .into_iter()
                    .map(|(_, script)| places::beside(source.path).join(script))
                    .collect();
            }
            "identity" => {
                diagnosis.identity = Some(places::beside(source.path).join(string(source, *entry)?));
            }
            _ => return Err(unknown(source, entry.0, &KEYS, "[diagnosis]")),
        }
    }
    Ok(diagnosis)
}

fn truth(source: &Source<'_>, (key, value): Entry<'_>) -> Result<bool, ConfigError> {
    match value.get_ref() {
        DeValue::Boolean(truth) => Ok(*truth),
        _ => Err(source.wrong(
            value.span().start,
            format!("`{}` must be true or false", key.get_ref()),
            Some(format!("{} = true", key.get_ref())),
        )),
    }
}

/// The entries of a list, each with where it stands.
fn texts<'a>(
    source: &Source<'_>,
    (key, value): Entry<'a>,
    most: usize,
) -> Result<Vec<(usize, &'a str)>, ConfigError> {
    let name = key.get_ref();
    let wrong =
        |offset: usize, what: String| source.wrong(offset, what, Some(format!("{name} = [\"…\", \"…\"]")));
    let DeValue::Array(items) = value.get_ref() else {
        return Err(wrong(
            value.span().start,
            format!("`{name}` must be a list of texts"),
        ));
    };
    if items.len() > most {
        return Err(wrong(
            value.span().start,
            format!("`{name}` has {} entries, more than {most}", items.len()),
        ));
    }
    let text = |item: &'a Spanned<DeValue<'a>>| match item.get_ref() {
        DeValue::String(text) if !text.trim().is_empty() => Ok((item.span().start, text.as_ref())),
        _ => Err(wrong(
            item.span().start,
            format!("each entry of `{name}` must be text that is not empty"),
        )),
    };
    items.iter().map(text).collect()
}

/// A site is known by its host name alone: what is asked of it is fixed.
fn host(source: &Source<'_>, (offset, name): (usize, &str)) -> Result<String, ConfigError> {
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    if name.len() <= HOST_CHARS && name.split('.').all(is_label) {
        return Ok(name.to_owned());
    }
    Err(source.wrong(
        offset,
        format!("{name:?} is no host name"),
        Some("sites = [\"portal.example.com\"], without https:// and without a path".to_owned()),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;
    use std::path::Path;

    fn read(diagnosis: &str) -> Result<Diagnosis, String> {
        let text = format!("[connector]\nname = \"halo\"\n[key]\nenv = \"K\"\n[diagnosis]\n{diagnosis}\n");
        parse(Path::new("/etc/helpbell/helpbell.toml"), &text)
            .map(|config| config.diagnosis)
            .map_err(|error| format!("{error} | {}", error.help().unwrap_or_default()))
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        assert_eq!(read(""), Ok(Diagnosis::default()));
        let quiet = read("network = false").unwrap();
        assert!(!quiet.scope.network && !quiet.scope.sites.is_empty());
    }

    #[test]
    fn scripts_are_looked_for_beside_the_configuration() {
        let read = read(
            "scripts = [\"mri.ps1\", \"/opt/b\"]\nidentity = \"who.ps1\"\nsites = [\"erp.acme.example\"]",
        )
        .unwrap();
        assert_eq!(
            read.scope.scripts,
            [PathBuf::from("/etc/helpbell/mri.ps1"), PathBuf::from("/opt/b")]
        );
        assert_eq!(read.identity, Some("/etc/helpbell/who.ps1".into()));
        assert_eq!(read.scope.sites, ["erp.acme.example"]);
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_what_would_be_right() {
        for (text, told) in [
            (
                "wifi-name = true",
                "line 6: unknown key `wifi-name` in [diagnosis] | did you mean `wifi-names`?",
            ),
            (
                "network = \"no\"",
                "line 6: `network` must be true or false | network = true",
            ),
            ("scripts = \"a.ps1\"", "line 6: `scripts` must be a list of texts"),
            (
                "sites = [\"a.example\",\n \"https://b.example/x\"]",
                "line 7: \"https://b.example/x\" is no host name | sites =",
            ),
            ("sites = [1]", "line 6: each entry of `sites` must be text"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
        let many = format!("sites = [{}]", "\"a.example\",".repeat(13));
        assert!(read(&many).unwrap_err().contains("13 entries, more than 12"));
    }
}
