//! Writing a commented `helpbell.toml`.

use helpbell_model::{
    connector::{Description, Setting},
    ticket::{Access, Variable},
};
use helpbell_sandbox::NetworkGrant;
use std::fmt::Write as _;

/// What is filled in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filled {
    /// Settings by name.
    pub settings: Vec<(String, String)>,
    /// Integration defaults.
    pub defaults: Vec<(String, String)>,
    /// The `[key]` line: `file = "…"`, `env = "…"` or `credential = "…"`.
    pub key: String,
    /// Networks.
    pub network: NetworkGrant,
}

/// Wide enough for a sentence, narrow enough for an editor beside a browser.
const COMMENT_WIDTH: usize = 96;

/// The file's text: every setting with the PSA's word for it, where to find it, and its value or an example.
/// `variables` are what integration defaults can be given for.
pub(crate) fn render(description: &Description, variables: &[Variable], filled: &Filled) -> String {
    let mut text = String::new();
    comment(
        &mut text,
        &format!(
            "Helpbell with {}. Change it with any editor; try it with:",
            description.name
        ),
    );
    text.push_str("#   helpbell press --no-dialog --message \"test\" --dry-run\n\n[connector]\n");
    let _ = writeln!(text, "name = {}\n\n[settings]", quoted(&description.id));
    for setting in &description.settings {
        comment(&mut text, &format!("{}. {}", setting.label, setting.help));
        for (value, label) in &setting.choices {
            comment(&mut text, &format!("  {value}: {label}"));
        }
        let _ = writeln!(text, "{}\n", setting_line(setting, &filled.settings));
    }
    text.push_str("[key]\n");
    for secret in &description.secrets {
        comment(&mut text, &format!("{}. {}", secret.label, secret.help));
        comment(&mut text, &format!("Form: {}", secret.example));
    }
    comment(
        &mut text,
        "The key itself never stands in this file. It can read what its agent can read; on customers' computers it does not belong.",
    );
    let _ = writeln!(text, "{}\n\n[defaults]", filled.key);
    comment(
        &mut text,
        "Integration defaults, as shown in the PSA. What is left out, the PSA fills in.",
    );
    let writable = || {
        variables
            .iter()
            .filter(|variable| variable.access == Access::ReadWrite)
    };
    for variable in writable() {
        comment(&mut text, &variable.meaning);
        match filled.defaults.iter().find(|(given, _)| *given == variable.name) {
            Some((_, value)) => drop(writeln!(text, "{} = {}", key(&variable.name), quoted(value))),
            None => {
                let example = variable.choices.first().map_or("…", String::as_str);
                let _ = writeln!(text, "# {} = {}", key(&variable.name), quoted(example));
            }
        }
    }
    for (name, value) in &filled.defaults {
        if !writable().any(|variable| variable.name == *name) {
            let _ = writeln!(text, "{} = {}", key(name), quoted(value));
        }
    }
    text.push('\n');
    comment(
        &mut text,
        "Dispatcher rules, beside this file: they judge every press before it becomes a ticket. Try them with helpbell rules check rules.py.",
    );
    text.push_str("# [rules]\n# file = \"rules.py\"\n\n");
    comment(
        &mut text,
        "What an examination looks at: whether it asks the network and which sites, names of wireless networks and of \
         all programs, your own scripts.",
    );
    text.push_str(
        "# [diagnosis]\n# network = true\n# wifi-names = false\n# program-names = false\n# sites = [\"login.microsoftonline.com\"]\n# scripts = [\"vpn.ps1\"]\n\n",
    );
    comment(
        &mut text,
        "Where the PSA's webhook has to call, once something receives it; the doctor then looks for it.",
    );
    text.push_str("# [webhook]\n# url = \"https://gateway.example.com/hook/…\"\n\n[network]\n");
    comment(
        &mut text,
        "Only for a server on the premises: plain http, and addresses that are not public.",
    );
    let _ = writeln!(text, "allow-http = {}", filled.network.allow_http);
    let ranges: Vec<String> = filled
        .network
        .allow_addresses
        .iter()
        .map(|range| quoted(&range.to_string()))
        .collect();
    let _ = writeln!(text, "allow-addresses = [{}]", ranges.join(", "));
    text
}

fn setting_line(setting: &Setting, filled: &[(String, String)]) -> String {
    let given = filled
        .iter()
        .find(|(name, _)| *name == setting.name)
        .map(|(_, value)| value);
    let name = key(&setting.name);
    match (given, &setting.default) {
        (Some(value), _) => format!("{name} = {}", quoted(value)),
        (None, Some(default)) => format!("{name} = {}", quoted(default)),
        (None, None) => format!("# {name} = {}", quoted(&setting.example)),
    }
}

fn comment(text: &mut String, words: &str) {
    let mut line = String::from("#");
    for word in words.split_whitespace() {
        if line.chars().count() + word.chars().count() >= COMMENT_WIDTH {
            text.push_str(&line);
            text.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}

/// A TOML key: bare where it can be. Names come from connectors and from the command line.
fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A TOML basic string.
pub(crate) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;
    use helpbell_model::connector::{Limits, Lookup, SecretSlot};

    fn description() -> Description {
        let setting = |name: &str, kind: &str, default: Option<&str>| Setting {
            name: name.into(),
            label: "Resource Server".into(),
            help: "Shown under Configuration > Integrations.".into(),
            kind: kind.into(),
            choices: vec![],
            required: default.is_none(),
            default: default.map(str::to_owned),
            example: "https://acme.example/api".into(),
        };
        Description {
            id: "halo".into(),
            name: "HaloPSA".into(),
            version: "1".into(),
            summary: String::new(),
            settings: vec![
                setting("resource-server", "url", None),
                setting("hosting", "text", Some("hosted")),
                setting("x = 1 #", "text", Some("a name that is no key")),
            ],
            secrets: vec![SecretSlot {
                name: "api-key".into(),
                label: "API key".into(),
                help: "Client ID and Secret.".into(),
                example: "tenant+id:secret".into(),
            }],
            origins: vec![],
            requests: vec![],
            auth_requests: vec![],
            capabilities: vec![],
            limits: Limits {
                summary_chars: 100,
                attachment_bytes: 1,
                note_bytes: 1,
            },
            lookup: Lookup::None,
        }
    }

    #[test]
    fn what_is_written_is_read_back_with_every_value() {
        let filled = Filled {
            settings: vec![("resource-server".into(), "https://a \"b\" \\c/api".into())],
            defaults: vec![
                ("team".into(), "1st \"Line\"".into()),
                ("customfield_7".into(), "x".into()),
                ("a b.c".into(), "spaces and dots".into()),
            ],
            key: "file = \"helpbell.key\"".into(),
            network: NetworkGrant {
                allow_http: true,
                allow_addresses: vec!["127.0.0.1/32".parse().unwrap()],
            },
        };
        let team = Variable {
            name: "team".into(),
            access: Access::ReadWrite,
            kind: "text".into(),
            meaning: "The team, and so the queue.".into(),
            choices: vec!["Unassigned".into()],
            live: true,
        };
        let state = Variable {
            name: "state".into(),
            ..team.clone()
        };
        let text = render(&description(), &[team, state], &filled);
        assert!(text.contains("# The team, and so the queue.\nteam = "), "{text}");
        assert!(text.contains("# state = \"Unassigned\""), "{text}");
        let config = parse::parse(std::path::Path::new("helpbell.toml"), &text).unwrap();
        assert_eq!(
            config.setting_values(),
            [
                filled.settings[0].clone(),
                ("hosting".into(), "hosted".into()),
                ("x = 1 #".into(), "a name that is no key".into()),
            ]
        );
        assert_eq!(config.defaults, filled.defaults);
        assert_eq!(config.network, filled.network);
        assert_eq!(config.webhook, None, "it is only shown how it would be written");
        assert_eq!(config.rules, None, "and so are rules");
        let with_rules = text.replace("# [rules]\n# file", "[rules]\nfile");
        let config = parse::parse(std::path::Path::new("helpbell.toml"), &with_rules).unwrap();
        assert!(config.rules.unwrap().file.ends_with("rules.py"));
    }
}
