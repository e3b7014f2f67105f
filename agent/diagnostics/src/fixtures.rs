//! Machines that are always the same.

use helpbell_model::report::Report;

/// An office laptop in more trouble than one has at a time: every field of a report is filled.
pub(crate) const OFFICE_LAPTOP: &str = include_str!("../fixtures/office-laptop.json");

/// A report as version 1 wrote it.
pub(crate) const VERSION_1: &str = include_str!("../fixtures/version-1.json");

/// [`OFFICE_LAPTOP`].
pub(crate) fn office_laptop() -> Report {
    serde_json::from_str(OFFICE_LAPTOP).unwrap()
}
