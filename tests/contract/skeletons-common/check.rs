//! A press to try `create` with, and the host's side of the contract as far as a connector's author
//! can check it without a host: which template covers a path, and what an answer proves. Tests only.

use crate::bindings::exports::helpbell::psa::describe::{Refusal, Request, RequestEffect};
use crate::bindings::helpbell::psa::types::{Contact, Context, DeviceFacts, Draft, Person};
use crate::describe::describe;

/// Answers that prove of any effect that nothing happened: the list stands in the contract.
pub(crate) const ALWAYS_REFUSALS: [u16; 8] = [401, 403, 404, 405, 413, 415, 422, 429];

/// The press that the tests file.
pub(crate) const REFERENCE: &str = "01930c5e-7c3a-7d11-9f00-5a5a5a5a5a5a";

/// A call's context with these settings. Addresses must be as the host hands them on.
pub(crate) fn context(settings: &[(&str, &str)], endpoint: Option<&str>) -> Context {
    for url in describe().settings.iter().filter(|setting| setting.kind == "url") {
        let value = settings.iter().find(|(name, _)| *name == url.name);
        let normal = |value: &str| value.contains("://") && !value.ends_with('/') && value.trim() == value;
        assert!(value.is_none_or(|(_, value)| normal(value)), "{value:?}");
    }
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
    let declared = covering(origin, method, path);
    assert!(
        !declared.is_empty(),
        "{method} {path} is not declared for {origin}"
    );
    // Where templates overlap, one that is an effect counts.
    let is_effect = declared.iter().any(|r| r.effect == RequestEffect::Effect);
    assert_eq!(
        is_effect,
        effect == RequestEffect::Effect,
        "{method} {path} is not declared as {effect:?}"
    );
}

/// Whether the host would take this answer to a declared effect as proof that nothing happened.
pub(crate) fn proves_refusal(origin: &str, method: &str, path: &str, answer: &super::Answer) -> bool {
    let declared: Vec<_> = covering(origin, method, path)
        .into_iter()
        .filter(|request| request.effect == RequestEffect::Effect)
        .collect();
    assert!(
        !declared.is_empty(),
        "{method} {path} is no effect declared for {origin}"
    );
    declared.iter().all(|request| is_refusal(request, answer))
}

/// The contract's rule for one request.
pub(crate) fn is_refusal(request: &Request, answer: &super::Answer) -> bool {
    let declared = |refusal: &Refusal| {
        refusal.status == answer.status
            && match &refusal.member {
                Some(pointer) => answer.json().is_some_and(|body| body.pointer(pointer).is_some()),
                None => !(200..300).contains(&answer.status),
            }
    };
    ALWAYS_REFUSALS.contains(&answer.status) || request.refusals.iter().any(declared)
}

fn covering(origin: &str, method: &str, path: &str) -> Vec<Request> {
    let path = path.split('?').next().unwrap();
    describe()
        .requests
        .into_iter()
        .filter(|r| r.origin == origin && r.method == method && covers(&r.path, path))
        .collect()
}

/// Whether a template covers a path, or all that another template covers: `{…}` stands for one
/// segment that is not empty, and a slash at the end is a segment of its own.
pub(crate) fn covers(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(t, p)| if t.starts_with('{') { !p.is_empty() } else { t == p })
}
