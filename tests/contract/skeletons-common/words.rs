//! Short ways to say what a description is made of.

use crate::bindings::exports::helpbell::psa::auth::{Place, Placement};
use crate::bindings::exports::helpbell::psa::describe::{
    Origin, OriginSource, Refusal, Request, RequestEffect, Secret, Setting,
};

/// A setting that must be filled in, unless it has a default.
pub(crate) fn setting(
    (name, label): (&str, &str),
    kind: &str,
    help: &str,
    example: &str,
    default: Option<&str>,
) -> Setting {
    Setting {
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        kind: kind.to_owned(),
        choices: Vec::new(),
        required: default.is_none(),
        default: default.map(ToOwned::to_owned),
        example: example.to_owned(),
    }
}

/// A secret.
pub(crate) fn secret(name: &str, label: &str, help: &str, example: &str) -> Secret {
    Secret {
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        example: example.to_owned(),
    }
}

/// A named origin.
pub(crate) fn origin(name: &str, source: OriginSource) -> Origin {
    Origin {
        name: name.to_owned(),
        source,
    }
}

/// A request that changes nothing.
pub(crate) fn read(origin: &str, method: &str, path: &str, purpose: &str) -> Request {
    Request {
        origin: origin.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        effect: RequestEffect::Read,
        refusals: Vec::new(),
        purpose: purpose.to_owned(),
    }
}

/// A request that changes something, with the answers (status, JSON pointer) that prove it did not.
pub(crate) fn effect(
    origin: &str,
    method: &str,
    path: &str,
    refusals: &[(u16, Option<&str>)],
    purpose: &str,
) -> Request {
    let refusals = refusals
        .iter()
        .map(|(status, member)| Refusal {
            status: *status,
            member: member.map(ToOwned::to_owned),
        })
        .collect();
    Request {
        effect: RequestEffect::Effect,
        refusals,
        ..read(origin, method, path, purpose)
    }
}

/// A header that the host puts into every granted request to an origin.
pub(crate) fn header(origin: &str, name: &str, value: String) -> Placement {
    Placement {
        origin: origin.to_owned(),
        place: Place::Header(name.to_owned()),
        value,
    }
}
