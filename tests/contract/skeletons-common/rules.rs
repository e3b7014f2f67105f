//! What must hold for every description. Tests only.

use std::collections::BTreeSet;

use super::Base;
use super::check::{ALWAYS_REFUSALS, answer, covers, is_refusal};
use crate::bindings::exports::helpbell::psa::describe::{OriginSource, Request, RequestEffect};
use crate::create::VARIABLES;
use crate::describe::{ID, describe};

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
    for origin in &describe().origins {
        match &origin.source {
            OriginSource::Fixed(address) => assert!(is_complete(address), "{address}"),
            OriginSource::Setting(name) | OriginSource::SettingOrigin(name) => {
                assert!(is_url_setting(name), "{name}");
            }
            OriginSource::Discovered(within) => {
                assert!(!within.is_empty());
                assert!(within.iter().all(|one| is_narrow(one)), "{within:?}");
            }
        }
    }
}

/// Whether an entry of `discovered` is a suffix of at least two labels, an origin without a path, or
/// a setting.
fn is_narrow(entry: &str) -> bool {
    if let Some(suffix) = entry.strip_prefix('.') {
        return suffix.contains('.') && suffix.split('.').all(|label| !label.is_empty());
    }
    if let Some(name) = entry.strip_prefix('{') {
        return name.strip_suffix('}').is_some_and(is_url_setting);
    }
    is_complete(entry) && Base::parse(entry).is_ok_and(|base| base.path().is_empty())
}

fn is_complete(address: &str) -> bool {
    address.starts_with("https://") && Base::parse(address).is_ok_and(|base| base.to_string() == address)
}

fn is_url_setting(name: &str) -> bool {
    describe()
        .settings
        .iter()
        .any(|s| s.name == name && s.kind == "url")
}

#[test]
fn an_origin_that_is_too_wide_is_found() {
    for wide in [
        "",
        ".",
        ".net",
        "..net",
        "example.net",
        "http://api.example.net",
        "https://api.example.net/v1",
        "{}",
        "{no-such-setting}",
        "{server",
    ] {
        assert!(!is_narrow(wide), "{wide}");
    }
    for narrow in [
        ".example.net",
        "https://api.example.net",
        "https://api.example.net:8443",
    ] {
        assert!(is_narrow(narrow), "{narrow}");
    }
}

#[test]
fn authentication_sends_only_to_origins_known_beforehand() {
    let description = describe();
    for request in &description.auth_requests {
        let origin = description.origins.iter().find(|o| o.name == request.origin);
        let known = origin.is_some_and(|o| !matches!(o.source, OriginSource::Discovered(_)));
        assert!(known, "{} {}", request.origin, request.path);
    }
}

#[test]
fn every_template_is_well_formed() {
    for request in all_requests() {
        let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
        assert!(known.contains(&request.method.as_str()), "{}", request.method);
        // Appended to the origin's path: an empty one is the origin's path itself.
        assert!(
            request.path.is_empty() || request.path.starts_with('/'),
            "{}",
            request.path
        );
        assert!(!request.path.contains(['?', '#']), "{}", request.path);
        let segments: Vec<_> = request.path.split('/').skip(1).collect();
        for (position, segment) in segments.iter().enumerate() {
            let whole = segment.starts_with('{') && segment.ends_with('}');
            assert!(whole || !segment.contains(['{', '}']), "{}", request.path);
            assert!(
                !segment.is_empty() || position + 1 == segments.len(),
                "{}",
                request.path
            );
        }
    }
}

#[test]
fn a_template_covers_what_it_says_and_nothing_else() {
    for (template, path) in [
        ("", ""),
        ("/", "/"),
        ("/a/{x}", "/a/17.json"),
        ("/a/{x}/", "/a/b/"),
        ("/a/{x}", "/a/{y}"),
    ] {
        assert!(covers(template, path), "{template} {path}");
    }
    for (template, path) in [
        ("", "/"),
        ("/a", "/a/"),
        ("/a/{x}", "/a/"),
        ("/a/{x}", "/a/b/c"),
        ("/a/b", "/a/{x}"),
    ] {
        assert!(!covers(template, path), "{template} {path}");
    }
}

/// Where templates overlap the effect counts: a read that is covered whole would never be one.
#[test]
fn no_read_is_covered_whole_by_an_effect() {
    let requests = all_requests();
    let of = |kind: RequestEffect| requests.iter().filter(move |r| r.effect == kind);
    for effect in of(RequestEffect::Effect) {
        for read in of(RequestEffect::Read) {
            let hidden = effect.origin == read.origin
                && effect.method == read.method
                && covers(&effect.path, &read.path);
            assert!(!hidden, "{} {} and {}", read.method, read.path, effect.path);
        }
    }
}

#[test]
fn no_request_is_declared_twice() {
    let description = describe();
    for requests in [description.requests, description.auth_requests] {
        let names: BTreeSet<_> = requests.iter().map(|r| (&r.origin, &r.method, &r.path)).collect();
        assert_eq!(names.len(), requests.len());
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
    }
}

#[test]
fn every_refusal_says_more_than_the_contract_does() {
    for refusal in all_requests().iter().flat_map(|r| &r.refusals) {
        let status = refusal.status;
        assert!(
            (200..600).contains(&status) && !ALWAYS_REFUSALS.contains(&status),
            "{status}"
        );
        // A bare 2xx says the opposite, and a bare 5xx nothing.
        let bare = refusal.member.is_none();
        assert!(!bare || (300..500).contains(&status), "{status}");
        assert!(refusal.member.as_deref().is_none_or(is_pointer), "{refusal:?}");
    }
}

/// RFC 6901: empty or beginning with a slash, `~` only as `~0` and `~1`. The empty one leads to the
/// whole body, which any body has.
fn is_pointer(member: &str) -> bool {
    member.starts_with('/') && member.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']))
}

#[test]
fn what_is_no_pointer_is_found() {
    assert!(is_pointer("/errors") && is_pointer("/methodResponses/0/1/a~1b"));
    for wrong in ["", "errors", "errors/0", "/a~b", "/a~"] {
        assert!(!is_pointer(wrong), "{wrong}");
    }
}

#[test]
fn only_what_is_declared_or_agreed_upon_proves_a_refusal() {
    let effects = all_requests();
    for request in effects.iter().filter(|r| r.effect == RequestEffect::Effect) {
        for (status, body) in [
            (200, "{}"),
            (201, "[]"),
            (204, ""),
            (302, ""),
            (409, "{}"),
            (500, "<html>"),
            (502, ""),
        ] {
            assert!(
                !is_refusal(request, &answer(status, body)),
                "{} {status}",
                request.path
            );
        }
        for status in ALWAYS_REFUSALS {
            assert!(
                is_refusal(request, &answer(status, "")),
                "{} {status}",
                request.path
            );
        }
    }
}

#[test]
fn a_documented_extra_is_a_whole_number_and_stands_once() {
    let extra = describe().extra;
    let names: BTreeSet<_> = extra.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), extra.len(), "{extra:?}");
    for (name, value) in &extra {
        if ["requests-per-hour", "concurrent-requests"].contains(&name.as_str()) {
            assert!(
                value.parse::<u32>().is_ok_and(|number| number > 0),
                "{name}: {value}"
            );
        }
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
