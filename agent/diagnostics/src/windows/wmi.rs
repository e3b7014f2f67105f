//! Windows' management instrumentation, which may hang while it connects and while it answers: it is asked on a thread
//! that is left behind, and only in a process of its own.

use super::within;
use crate::part::ProbeError;
use serde::de::DeserializeOwned;
use std::time::Duration;
use wmi::{WMIConnection, WMIError};

/// Rows that are looked at.
const MOST_ROWS: usize = 64;

/// `WBEM_E_INVALID_NAMESPACE`, `WBEM_E_INVALID_CLASS`, `REGDB_E_CLASSNOTREG`: this system has no such thing.
const MISSING: [u32; 3] = [0x8004_100e, 0x8004_1010, 0x8004_0154];
/// `WBEM_E_ACCESS_DENIED`, `E_ACCESSDENIED`.
const DENIED: [u32; 2] = [0x8004_1003, 0x8007_0005];

/// Asks `question` of a namespace, for at most `limit`.
pub(crate) fn ask<T: DeserializeOwned + Send + 'static>(
    namespace: &'static str,
    question: &'static str,
    limit: Duration,
) -> Result<Vec<T>, ProbeError> {
    within(limit, move || answer(namespace, question))
        .unwrap_or_else(|late| Err(ProbeError::TimedOut(format!("WMI: {}", late.words()))))
}

fn answer<T: DeserializeOwned>(namespace: &str, question: &str) -> Result<Vec<T>, ProbeError> {
    let connection = WMIConnection::with_namespace_path(namespace).map_err(|error| refused(&error))?;
    let rows = connection.exec_query(question).map_err(|error| refused(&error))?;
    rows.take(MOST_ROWS)
        .map(|row| row.and_then(wmi::IWbemClassWrapper::into_desr))
        .collect::<Result<_, _>>()
        .map_err(|error| refused(&error))
}

fn refused(error: &WMIError) -> ProbeError {
    match error {
        WMIError::HResultError { hres } if MISSING.contains(&hres.cast_unsigned()) => {
            ProbeError::unsupported("this system does not tell through WMI")
        }
        WMIError::HResultError { hres } if DENIED.contains(&hres.cast_unsigned()) => {
            ProbeError::Denied("WMI wants an administrator".to_owned())
        }
        other => ProbeError::Failed(format!("WMI: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct System {
        #[serde(default)]
        caption: Option<String>,
    }

    #[test]
    fn the_system_is_found_or_the_answer_says_why_not() {
        let long = Duration::from_secs(60);
        match ask::<System>(r"ROOT\CIMV2", "SELECT Caption FROM Win32_OperatingSystem", long) {
            Ok(rows) => assert!(rows.first().is_some_and(|system| system.caption.is_some())),
            Err(error) => assert!(!error.words().is_empty()),
        }
    }

    #[test]
    fn a_namespace_that_does_not_exist_is_an_error_in_words() {
        let long = Duration::from_secs(60);
        let asked = ask::<System>(r"ROOT\NoSuchThing", "SELECT * FROM Nothing", long);
        assert!(!asked.err().unwrap().words().is_empty());
    }

    #[test]
    fn nobody_waits_longer_than_the_limit() {
        let asked = ask::<System>(
            r"ROOT\CIMV2",
            "SELECT * FROM Win32_OperatingSystem",
            Duration::ZERO,
        );
        // An answer that is there at once is welcome too.
        assert!(asked.is_ok() || matches!(asked, Err(ProbeError::TimedOut(_))));
    }
}
