//! What reads files that people and other programs write, for the fuzz targets alone.

use crate::config::{Config, ConfigError, Lock};
use std::path::Path;

/// Reads `helpbell.toml`.
///
/// # Errors
/// What the operator is told, with its help.
pub fn configuration(file: &Path) -> Result<(), String> {
    Config::read(file).map(drop).map_err(|error| told(&error))
}

/// Reads `connectors.lock`, and gives the text that it would be written back as.
///
/// # Errors
/// What the operator is told, with its help.
pub fn lock(file: &Path) -> Result<String, String> {
    let lock = Lock::read(file).map_err(|error| told(&error))?;
    lock.to_text().map_err(|error| error.to_string())
}

fn told(error: &ConfigError) -> String {
    match error.help() {
        Some(help) => format!("{error}\n{help}"),
        None => error.to_string(),
    }
}
