//! `[limits]`: what the connector may take, where the usual is too much or too little.

use super::{
    ConfigError,
    parse::{Entry, Source, unknown},
};
use helpbell_sandbox::{LIMIT_KEYS, LimitKey, Limits};
use toml::de::DeValue;

pub(super) fn limits(source: &Source<'_>, entries: &[Entry<'_>]) -> Result<Limits, ConfigError> {
    let mut limits = Limits::work();
    for (key, value) in entries {
        let Some(known) = LimitKey::named(key.get_ref()) else {
            let names: Vec<&str> = LIMIT_KEYS.iter().map(|key| key.name).collect();
            return Err(unknown(source, key, &names, "[limits]"));
        };
        let number = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().parse::<u64>().ok(),
            _ => None,
        };
        if !number.is_some_and(|number| known.apply(&mut limits, number)) {
            let LimitKey {
                name,
                meaning,
                smallest,
                usual,
                largest,
                ..
            } = known;
            return Err(source.wrong(
                value.span().start,
                format!("`{name}` ({meaning}) must be a whole number from {smallest} to {largest}"),
                Some(format!("{name} = {usual}")),
            ));
        }
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;
    use std::path::Path;

    fn read(limits: &str) -> Result<Limits, String> {
        let text = format!("[connector]\nname = \"halo\"\n[key]\nenv = \"K\"\n[limits]\n{limits}\n");
        parse(Path::new("helpbell.toml"), &text)
            .map(|config| config.limits)
            .map_err(|error| format!("{error} | {}", error.help().unwrap_or_default()))
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        assert_eq!(read(""), Ok(Limits::work()));
        let more = read("memory-mib = 256").unwrap();
        assert_eq!(
            more,
            Limits {
                memory_bytes: 256 << 20,
                ..Limits::work()
            }
        );
    }

    #[test]
    fn an_unknown_key_is_told_with_the_nearest() {
        let told = read("memory-mb = 256").unwrap_err();
        assert!(
            told.starts_with(
                "helpbell.toml, line 6: unknown key `memory-mb` in [limits] | did you mean `memory-mib`?"
            ),
            "{told}"
        );
    }

    #[test]
    fn a_value_beyond_its_bounds_is_told_with_them() {
        for wrong in ["301", "0", "-1", "\"60\"", "1.5", "99999999999999999999"] {
            assert_eq!(
                read(&format!("deadline-seconds = {wrong}")).unwrap_err(),
                "helpbell.toml, line 6: `deadline-seconds` (wall time of one call, HTTP included) must be a whole number from 1 to 300 | deadline-seconds = 60"
            );
        }
    }
}
