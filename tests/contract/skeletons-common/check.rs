//! What must hold for every description, and a press to try `create` with. Tests only.

use std::collections::BTreeSet;

use crate::bindings::exports::helpbell::psa::describe::{OriginSource, Request, RequestEffect};
use crate::bindings::helpbell::psa::types::{Contact, Context, DeviceFacts, Draft, Person};
use crate::create::VARIABLES;
use crate::describe::{ID, describe};

/// The press that the tests file.
pub(crate) const REFERENCE: &str = "01930c5e-7c3a-7d11-9f00-5a5a5a5a5a5a";

/// A call's context with these settings.
pub(crate) fn context(settings: &[(&str, &str)], endpoint: Option<&str>) -> Context {
    Context {
        settings: settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        endpoint: endpoint.map(ToOwned::to_owned),
        reference: REFERENCE.to_owned(),
        locale: "en".to_owned(),
        deadline_ms: 30_000,
    }
}

/// A draft by a known person whose text tries to be markup.
pub(crate) fn draft(fields: &[(&str, &str)]) -> Draft {
    Draft {
        summary: "Printer \"on fire\" <b>".to_owned(),
        body_html: "<p>It burns &lt;b&gt;</p>".to_owned(),
        body_text: "It burns <b> </pre> {{include(secret)}}".to_owned(),
        person: Person {
            name: "Ada\nLovelace".to_owned(),
            email: "ada@example.com".to_owned(),
            phone: Some("+43 1 234".to_owned()),
            company: None,
        },
        contact: Some(Contact {
            id: "31".to_owned(),
            name: "Ada Lovelace".to_owned(),
            email: Some("ada@example.com".to_owned()),
            organisation: Some(("19".to_owned(), "Engines Ltd".to_owned())),
            site: None,
            extra: Vec::new(),
        }),
        device: None,
        facts: DeviceFacts {
            hostname: "PC-7".to_owned(),
            macs: vec!["aa:bb:cc:dd:ee:ff".to_owned()],
            serial: None,
            ip: None,
            os: "Windows 11 Pro 24H2".to_owned(),
            user: None,
        },
        fields: fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    }
}

/// An answer with a JSON body.
pub(crate) fn answer(status: u16, body: &str) -> super::Answer {
    super::Answer {
        status,
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body: body.as_bytes().to_vec(),
    }
}

/// The request's body as JSON.
pub(crate) fn body(request: &super::Request) -> serde_json::Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// Asserts that this request is declared for this origin, with this effect.
pub(crate) fn assert_declared(origin: &str, method: &str, path: &str, effect: RequestEffect) {
    let path = path.split('?').next().unwrap();
    let declared: Vec<_> = describe()
        .requests
        .into_iter()
        .filter(|r| r.origin == origin && r.method == method)
        .collect();
    let matching: Vec<_> = declared.iter().filter(|r| matches(&r.path, path)).collect();
    assert!(
        !matching.is_empty(),
        "{method} {path} is not declared for {origin}"
    );
    assert!(
        matching.iter().all(|r| r.effect == effect),
        "{method} {path} is not declared as {effect:?}"
    );
}

/// Whether a template matches a path: `{…}` stands for one segment that is not empty.
fn matches(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(t, p)| if t.starts_with('{') { !p.is_empty() } else { t == p })
}

fn is_kebab(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn all_requests() -> Vec<Request> {
    let description = describe();
    description
        .requests
        .into_iter()
        .chain(description.auth_requests)
        .collect()
}

#[test]
fn names_are_in_kebab_case_and_stand_once() {
    let description = describe();
    assert_eq!(description.id, ID);
    let names: Vec<_> = description
        .settings
        .iter()
        .map(|s| &s.name)
        .chain(description.secrets.iter().map(|s| &s.name))
        .cloned()
        .collect();
    assert!(
        names.iter().chain([&description.id]).all(|name| is_kebab(name)),
        "{names:?}"
    );
    assert_eq!(
        names.iter().collect::<BTreeSet<_>>().len(),
        names.len(),
        "{names:?}"
    );
    let origins: BTreeSet<_> = description.origins.iter().map(|o| &o.name).collect();
    assert_eq!(origins.len(), description.origins.len());
}

#[test]
fn every_request_goes_to_a_declared_origin() {
    let origins: BTreeSet<_> = describe().origins.into_iter().map(|o| o.name).collect();
    for request in all_requests() {
        assert!(
            origins.contains(&request.origin),
            "{} is no origin",
            request.origin
        );
    }
}

#[test]
fn every_origin_is_fixed_a_setting_or_narrowed() {
    let description = describe();
    for origin in &description.origins {
        match &origin.source {
            OriginSource::Fixed(address) => assert!(address.starts_with("https://"), "{address}"),
            OriginSource::Setting(name) => {
                assert!(
                    description
                        .settings
                        .iter()
                        .any(|s| &s.name == name && s.kind == "url"),
                    "{name}"
                );
            }
            OriginSource::Discovered(allowed) => {
                assert!(!allowed.is_empty());
                assert!(
                    allowed
                        .iter()
                        .all(|a| a.starts_with('.') || a.starts_with("https://")),
                    "{allowed:?}"
                );
            }
        }
    }
}

#[test]
fn every_template_is_well_formed() {
    for request in all_requests() {
        let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
        assert!(known.contains(&request.method.as_str()), "{}", request.method);
        assert!(
            request.path.starts_with('/') && !request.path.contains('?'),
            "{}",
            request.path
        );
        for segment in request.path.split('/') {
            let whole = segment.starts_with('{') && segment.ends_with('}');
            assert!(whole || !segment.contains(['{', '}']), "{}", request.path);
        }
    }
}

#[test]
fn no_path_is_both_a_read_and_an_effect() {
    let requests = all_requests();
    for (a, b) in requests.iter().flat_map(|a| requests.iter().map(move |b| (a, b))) {
        if a.origin == b.origin && a.method == b.method && matches(&a.path, &b.path) {
            assert_eq!(a.effect, b.effect, "{} {} and {}", a.method, a.path, b.path);
        }
    }
}

#[test]
fn a_get_is_a_read_and_only_effects_have_refusals() {
    for request in all_requests() {
        if request.method == "GET" {
            assert_eq!(request.effect, RequestEffect::Read, "{}", request.path);
        }
        if request.effect == RequestEffect::Read {
            assert!(request.refusals.is_empty(), "{}", request.path);
        }
        assert!(request.refusals.iter().all(|r| (400..600).contains(&r.status)));
        // A bare 5xx proves nothing.
        assert!(
            request
                .refusals
                .iter()
                .all(|r| r.status < 500 || r.member.is_some())
        );
    }
}

#[test]
fn a_default_makes_a_setting_optional_and_examples_are_given() {
    let description = describe();
    for setting in &description.settings {
        assert!(!setting.example.is_empty(), "{}", setting.name);
        assert!(
            setting.kind != "url" || setting.example.starts_with("https://"),
            "{}",
            setting.example
        );
        assert!(setting.default.is_none() || !setting.required, "{}", setting.name);
        let kinds = ["text", "url", "email", "integer", "boolean", "choice"];
        assert!(kinds.contains(&setting.kind.as_str()), "{}", setting.kind);
    }
    assert!(
        description
            .secrets
            .iter()
            .all(|s| !s.example.is_empty() && !s.help.is_empty())
    );
}

#[test]
fn the_description_does_not_depend_on_anything() {
    assert_eq!(format!("{:?}", describe()), format!("{:?}", describe()));
}

#[test]
fn variables_have_a_kind_of_the_contract() {
    for (name, kind, _) in VARIABLES {
        assert!(["text", "integer", "list"].contains(kind), "{name}");
    }
}
