//! `[webhook]`: where the PSA tells of changes.

use super::{
    ConfigError,
    parse::{Entry, Source, string, unknown},
};
use helpbell_sandbox::egress::policy::Base;

/// The address that the PSA calls. It holds a secret path, so that plain http needs the same word as elsewhere.
pub(super) fn webhook(
    source: &Source<'_>,
    entries: &[Entry<'_>],
    allow_http: bool,
) -> Result<Option<String>, ConfigError> {
    let mut url = None;
    for entry in entries {
        if entry.0.get_ref() != "url" {
            return Err(unknown(source, entry.0, &["url"], "[webhook]"));
        }
        let text = string(source, *entry)?;
        let wrong = |message: String, help: &str| {
            Err(source.wrong(entry.1.span().start, message, Some(help.to_owned())))
        };
        let expected = "url = \"https://gateway.example.com/hook/…\"";
        match Base::parse(&text) {
            Err(error) => return wrong(format!("`url` in [webhook]: {error}"), expected),
            Ok(_) if !text.contains("://") => {
                return wrong("`url` in [webhook] must begin with https://".to_owned(), expected);
            }
            Ok(base) if base.origin().starts_with("http://") && !allow_http => {
                return wrong(
                    format!(
                        "`url` in [webhook] is plain http, which anybody on the way to {} can read",
                        base.origin()
                    ),
                    "use https; within your own network: [network] allow-http = true",
                );
            }
            Ok(base) => url = Some(base.as_text()),
        }
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use std::path::Path;

    #[test]
    fn a_webhook_is_an_address_that_nobody_on_the_way_can_read() {
        let webhook = |lines: &str| {
            let text = format!("[connector]\nname = \"halo\"\n[key]\nenv = \"K\"\n{lines}\n");
            parse(Path::new("helpbell.toml"), &text)
                .map(|config| config.webhook)
                .map_err(|error| format!("{error} | {}", error.help().unwrap_or_default()))
        };

        assert_eq!(
            webhook("[webhook]\nurl = \" https://gw.example/hook/x/ \"")
                .unwrap()
                .as_deref(),
            Some("https://gw.example/hook/x")
        );
        assert_eq!(webhook("").unwrap(), None);
        for wrong in [
            "",
            "gw.example/hook",
            "ftp://gw.example",
            "https://u:p@gw.example",
            "https://",
        ] {
            let told = webhook(&format!("[webhook]\nurl = \"{wrong}\"")).unwrap_err();
            assert!(told.contains("line 6"), "{wrong}: {told}");
        }
        assert!(webhook("[webhook]\nurl = 7").is_err());
        assert!(
            webhook("[webhook]\nuri = \"https://gw.example\"")
                .unwrap_err()
                .contains("did you mean `url`")
        );
        let plain = "[webhook]\nurl = \"http://gw.example/hook\"";
        assert!(webhook(plain).unwrap_err().contains("allow-http = true"));
        let allowed = webhook(&format!("{plain}\n[network]\nallow-http = true")).unwrap();
        assert_eq!(allowed.as_deref(), Some("http://gw.example/hook"));
    }
}
