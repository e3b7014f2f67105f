//! What a connector says of itself.

use crate::{
    Verdict,
    scenario::{Broken, Scenario},
};
use helpbell_model::connector::{Description, Lookup, OriginSource, RequestEffect};
use std::collections::BTreeSet;

/// Capabilities that mean something to the host.
const CAPABILITIES: [&str; 6] = [
    "private-notes",
    "private-attachments",
    "devices",
    "contacts",
    "html",
    "close",
];
/// Kinds of settings.
const KINDS: [&str; 6] = ["text", "url", "email", "integer", "boolean", "choice"];
/// A title of fewer characters says nothing.
const SHORTEST_SUMMARY: u32 = 20;
/// Longer than this nobody waits for a lookup, in seconds.
const LONGEST_LOOKUP_S: u32 = 600;

pub(super) async fn run(scenario: &mut Scenario) -> Verdict {
    let said = scenario.session.connector().description();
    let mut broken = Broken::default();
    identity(said, &mut broken);
    settings(said, &mut broken);
    requests_wanted(said, &mut broken);
    for capability in &said.capabilities {
        broken.unless(CAPABILITIES.contains(&capability.as_str()), || {
            format!(
                "the capability {capability:?} means nothing to the host; known are {}",
                CAPABILITIES.join(", ")
            )
        });
    }
    broken.unless(said.limits.summary_chars >= SHORTEST_SUMMARY, || {
        format!(
            "limits.summary-chars is {}: too few for a title",
            said.limits.summary_chars
        )
    });
    if said.has("private-notes") {
        broken.unless(said.limits.note_bytes >= said.limits.attachment_bytes, || {
            format!(
                "limits: one attachment may have {} bytes, all of a note together only {}",
                said.limits.attachment_bytes, said.limits.note_bytes
            )
        });
    }
    if let Lookup::Eventual(seconds) = said.lookup {
        broken.unless(seconds <= LONGEST_LOOKUP_S, || {
            format!("a lookup that is right after {seconds} s helps no press; say none")
        });
    }
    broken.verdict(format!(
        "{} {}: {} settings, {} requests",
        said.id,
        said.version,
        said.settings.len(),
        said.requests.len() + said.auth_requests.len()
    ))
}

fn identity(said: &Description, broken: &mut Broken) {
    for (what, text) in [
        ("id", &said.id),
        ("name", &said.name),
        ("version", &said.version),
        ("summary", &said.summary),
    ] {
        broken.unless(!text.trim().is_empty(), || format!("its {what} is empty"));
    }
    let digits = said
        .version
        .split('.')
        .take(3)
        .filter(|part| part.chars().next().is_some_and(|first| first.is_ascii_digit()));
    broken.unless(digits.count() == 3, || {
        format!("its version {:?} is not of the form 1.2.3", said.version)
    });
    if let Some(twice) = twice(said.settings.iter().map(|setting| setting.name.as_str())) {
        broken.unless(false, || format!("there are two settings {twice}"));
    }
    if let Some(twice) = twice(said.origins.iter().map(|origin| origin.name.as_str())) {
        broken.unless(false, || format!("there are two origins {twice}"));
    }
}

fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    names.into_iter().find(|name| !seen.insert(*name))
}

fn settings(said: &Description, broken: &mut Broken) {
    for setting in &said.settings {
        let name = &setting.name;
        broken.unless(KINDS.contains(&setting.kind.as_str()), || {
            format!(
                "the setting {name} is of the kind {:?}; known are {}",
                setting.kind,
                KINDS.join(", ")
            )
        });
        for (what, text) in [("label", &setting.label), ("help", &setting.help)] {
            broken.unless(!text.trim().is_empty(), || {
                format!("the setting {name} has no {what}: an operator reads it in the form and the guide")
            });
        }
        let is_choice = setting.kind == "choice";
        broken.unless(is_choice != setting.choices.is_empty(), || {
            format!("the setting {name}: choices belong to the kind choice, and only there")
        });
    }
    for secret in &said.secrets {
        broken.unless(
            !secret.help.trim().is_empty() && !secret.example.trim().is_empty(),
            || {
                format!(
                    "the secret {} needs help and an example: an operator has to compose it",
                    secret.name
                )
            },
        );
    }
    for origin in &said.origins {
        if let OriginSource::Setting(setting) | OriginSource::SettingOrigin(setting) = &origin.source {
            let known = said
                .settings
                .iter()
                .any(|known| known.name == *setting && known.kind == "url");
            broken.unless(known, || {
                format!(
                    "the origin {} is taken from the setting {setting}, which is no setting of the kind url",
                    origin.name
                )
            });
        }
    }
}

fn requests_wanted(said: &Description, broken: &mut Broken) {
    let effects = said
        .requests
        .iter()
        .filter(|request| request.effect == RequestEffect::Effect);
    broken.unless(effects.count() > 0, || {
        "none of its requests is an effect: then no ticket can be filed".into()
    });
    for request in said.requests.iter().chain(&said.auth_requests) {
        let line = request.line();
        broken.unless(
            said.origins.iter().any(|origin| origin.name == request.origin),
            || {
                format!(
                    "{line} goes to the origin {:?}, which is not declared",
                    request.origin
                )
            },
        );
        broken.unless(!request.purpose.trim().is_empty(), || {
            format!("{line} has no purpose: an operator is asked to grant it")
        });
        let changes = matches!(request.method.as_str(), "PUT" | "PATCH" | "DELETE");
        broken.unless(!(changes && request.effect == RequestEffect::Read), || {
            format!("{line} is said to be a read")
        });
    }
}

/// Whether everything that was wanted in this run had been declared.
pub(super) async fn requests(scenario: &mut Scenario) -> Verdict {
    let mut broken = Broken::default();
    for denied in std::mem::take(&mut scenario.outside) {
        broken.unless(false, || denied);
    }
    broken.verdict("every request was one of its templates")
}
