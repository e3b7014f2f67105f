//! What all skeletons share, as a module of each: how a request is sent, how a failure is worded,
//! and how the contract's functions are wired to `describe`, `auth` and `create`.
//!
//! A module rather than a crate, because every skeleton generates its own types from the contract,
//! as a connector's author without our kit would.

mod base;
mod failure;
mod http;
mod wiring;
mod words;

#[cfg(test)]
pub(crate) mod check;
#[cfg(test)]
mod rules;

pub(crate) use base::Base;
pub(crate) use failure::refused;
pub(crate) use http::{Answer, Request, send};
pub(crate) use words::{effect, header, origin, read, secret, setting};

use crate::bindings::helpbell::psa::types::{Context, Failure, FailureKind};

/// The value of a setting, trimmed; none if it is absent or blank.
pub(crate) fn setting_value<'a>(context: &'a Context, name: &str) -> Option<&'a str> {
    value(&context.settings, name)
}

/// The value of a setting without which nothing can be sent.
pub(crate) fn required_setting<'a>(context: &'a Context, name: &str) -> Result<&'a str, Failure> {
    setting_value(context, name).ok_or_else(|| {
        Failure::new(
            FailureKind::InvalidInput,
            "setting-missing",
            format!("the setting {name} is empty"),
        )
        .at(name)
        .cure(format!("Fill in {name} in the connector's settings."))
    })
}

/// A secret as pasted, without the blanks that pasting brings along.
pub(crate) fn secret_value<'a>(secrets: &'a [(String, String)], name: &str) -> Result<&'a str, Failure> {
    value(secrets, name).ok_or_else(|| {
        Failure::new(
            FailureKind::Auth,
            "secret-missing",
            format!("the secret {name} is empty"),
        )
        .at(name)
        .cure(format!("Paste {name} in the connector's settings."))
    })
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, text)| text.trim())
        .filter(|text| !text.is_empty())
}
