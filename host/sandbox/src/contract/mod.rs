//! The contract as Rust: generated from `wit/psa`, and translated to and from the domain's words.

pub(crate) mod bindings;
pub(crate) mod from_guest;
pub(crate) mod rules;
pub(crate) mod to_guest;

/// The package and version this host speaks, as it stands in every import and export name.
pub(crate) const PACKAGE: &str = "helpbell:psa";
/// See [`PACKAGE`].
pub(crate) const VERSION: &str = "0.1.0";
/// What every connector exports.
pub(crate) const REQUIRED: [&str; 6] = ["describe", "auth", "directory", "tickets", "notes", "dispatcher"];
