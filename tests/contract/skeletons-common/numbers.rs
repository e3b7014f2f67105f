//! Fields whose values are numbers in the PSA.

use crate::bindings::helpbell::psa::types::{Correction, Draft};

/// The value of a field; none if it is absent or blank.
pub(crate) fn field<'a>(draft: &'a Draft, name: &str) -> Option<&'a str> {
    draft
        .fields
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.trim())
        .filter(|v| !v.is_empty())
}

/// The number in a field. A name falls back to the PSA's own default and is reported: a complete
/// connector looks it up in the live pick-list, a skeleton does not.
pub(crate) fn number(draft: &Draft, name: &str, corrections: &mut Vec<Correction>) -> Option<u64> {
    let given = field(draft, name)?;
    given
        .parse()
        .map_err(|_| corrections.push(dropped(name, given, "only numbers can be used here")))
        .ok()
}

/// A value that was left to the PSA's own default.
pub(crate) fn dropped(field: &str, given: &str, reason: &str) -> Correction {
    Correction {
        field: field.to_owned(),
        given: given.to_owned(),
        used: None,
        reason: reason.to_owned(),
        nearest: Vec::new(),
    }
}
