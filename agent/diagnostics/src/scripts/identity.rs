//! A script that tells who sits here, as JSON.

use super::{NAME_CHARS, decoded, launch};
use crate::process::{self, Unfinished};
use helpbell_model::text::one_line;
use serde_json::{Map, Value};
use std::{path::Path, time::Duration};

/// Directories may be slow; the person waits for a form that is filled in.
const LIMIT: Duration = Duration::from_secs(5);

/// Five short texts.
const ANSWER_BYTES: u64 = 64 * 1024;

/// Who sits here, as far as the script knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// First and last name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// The business.
    pub company: Option<String>,
    /// The business's or the person's number.
    pub phone: Option<String>,
}

/// Why nobody knows who sits here. It costs nobody a press.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// It did not run to its end.
    #[error("{0}")]
    NotRun(String),
    /// It said something else.
    #[error("it did not print a JSON object with name, email, businessName, phoneBusiness, phoneCell")]
    NotAnIdentity,
}

/// Asks the script. Blocks for up to five seconds.
///
/// # Errors
/// If it cannot be run, takes too long, or prints something else.
pub fn identity(script: &Path) -> Result<Identity, IdentityError> {
    let command = launch::command(script).map_err(IdentityError::NotRun)?;
    let finished = process::run(command, b"", ANSWER_BYTES, LIMIT).map_err(|error| match error {
        Unfinished::Late(_) => IdentityError::NotRun(format!("{error}; it was ended")),
        _ => IdentityError::NotRun(error.to_string()),
    })?;
    let text = decoded(&finished.output);
    let Ok(Value::Object(fields)) = serde_json::from_str(text.trim()) else {
        return Err(IdentityError::NotAnIdentity);
    };
    Ok(Identity {
        name: field(&fields, &["name"]),
        email: field(&fields, &["email"]),
        company: field(&fields, &["businessname", "company"]),
        phone: field(&fields, &["phonebusiness", "phonecell", "phone"]),
    })
}

/// The first of these fields that says something; scripts differ in capitals.
fn field(fields: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|wanted| {
        fields
            .iter()
            .filter(|(name, _)| name.to_lowercase() == **wanted)
            .filter_map(|(_, value)| value.as_str())
            .map(|text| one_line(text, NAME_CHARS))
            .find(|text| !text.is_empty())
    })
}
