//! What the hostile connector says of itself.

use crate::answers::{ESCAPES, HUGE_BYTES, MANY};
use helpbell_connector::{
    Description, Limits, LookupStrength, Origin, OriginSource, Refusal, RequestEffect, Secret, Setting,
    WantedRequest,
};

/// Puts one text into every place.
pub(crate) fn description(attack: &str) -> Description {
    let mut honest = honest();
    match attack {
        // No address is discovered, so that nothing signs in before a request needs it.
        "plain" => honest.origins.truncate(2),
        "other" => honest.summary = "The same in another file.".to_owned(),
        "escapes" => fill(&mut honest, ESCAPES),
        "huge" => fill(&mut honest, &"x".repeat(HUGE_BYTES)),
        "many" => {
            let one = honest.settings[0].clone();
            honest.settings = vec![one; MANY];
            let one = honest.requests[0].clone();
            honest.requests = vec![one; MANY];
        }
        "anywhere" => honest.origins[0].source = OriginSource::Fixed("javascript:alert(1)".to_owned()),
        _ => {}
    }
    honest
}

fn honest() -> Description {
    Description {
        id: "hostile".to_owned(),
        name: "Hostile PSA".to_owned(),
        version: "1.0.0".to_owned(),
        summary: "Attacks its host.".to_owned(),
        settings: vec![
            setting("server", "url", true),
            setting("files", "url", false),
            setting("attack", "text", false),
            setting("elsewhere", "text", false),
            setting("text", "text", false),
        ],
        secrets: vec![Secret {
            name: "api-key".to_owned(),
            label: "API key".to_owned(),
            help: "Any text.".to_owned(),
            example: "client:secret".to_owned(),
        }],
        origins: vec![
            Origin {
                name: "psa".to_owned(),
                source: OriginSource::Setting("server".to_owned()),
            },
            Origin {
                name: "files".to_owned(),
                source: OriginSource::Setting("files".to_owned()),
            },
            Origin {
                name: "zone".to_owned(),
                source: OriginSource::Discovered(vec![".example.net".to_owned(), "{server}".to_owned()]),
            },
        ],
        requests: vec![
            request("psa", "POST", "/tickets", RequestEffect::Effect),
            request("psa", "GET", "/read", RequestEffect::Read),
            request("psa", "GET", "/answer/{how}", RequestEffect::Read),
            request("psa", "POST", "/upload", RequestEffect::Read),
            request("files", "GET", "/read", RequestEffect::Read),
            request("zone", "GET", "/read", RequestEffect::Read),
        ],
        auth_requests: vec![request("psa", "POST", "/token", RequestEffect::Read)],
        capabilities: vec!["private-notes".to_owned()],
        limits: Limits {
            summary_chars: 100,
            attachment_bytes: 1 << 20,
            note_bytes: 1 << 20,
        },
        lookup: LookupStrength::Strong,
        extra: vec![],
    }
}

fn setting(name: &str, kind: &str, required: bool) -> Setting {
    Setting {
        name: name.to_owned(),
        label: name.to_owned(),
        help: "For the tests.".to_owned(),
        kind: kind.to_owned(),
        choices: vec![],
        required,
        default: None,
        example: String::new(),
    }
}

fn request(origin: &str, method: &str, path: &str, effect: RequestEffect) -> WantedRequest {
    WantedRequest {
        origin: origin.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        effect,
        refusals: vec![],
        purpose: "for the tests".to_owned(),
    }
}

/// Every text of the description becomes this one, but those that others refer to.
fn fill(description: &mut Description, text: &str) {
    let text = text.to_owned();
    description.id.clone_from(&text);
    description.name.clone_from(&text);
    description.version.clone_from(&text);
    description.summary.clone_from(&text);
    description.capabilities = vec![text.clone()];
    for setting in &mut description.settings {
        setting.label.clone_from(&text);
        setting.help.clone_from(&text);
        setting.example.clone_from(&text);
        setting.choices = vec![(text.clone(), text.clone())];
    }
    description.settings.push(Setting {
        name: text.clone(),
        default: Some(text.clone()),
        kind: text.clone(),
        ..setting("x", "text", false)
    });
    for secret in &mut description.secrets {
        secret.label.clone_from(&text);
        secret.help.clone_from(&text);
        secret.example.clone_from(&text);
    }
    description.origins.push(Origin {
        name: text.clone(),
        source: OriginSource::Discovered(vec![text.clone()]),
    });
    for request in description
        .requests
        .iter_mut()
        .chain(&mut description.auth_requests)
    {
        request.purpose.clone_from(&text);
        request.refusals = vec![Refusal {
            status: 400,
            member: Some(text.clone()),
        }];
    }
    description.requests.push(WantedRequest {
        purpose: text.clone(),
        ..request(&text, &text, &text, RequestEffect::Effect)
    });
    description.extra.push((text.clone(), text));
}
