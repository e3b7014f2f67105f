//! Probes that fail on purpose, for tests of what becomes of a press then. Debug builds only.
//!
//! `HELPBELL_PROBE_FAULTS=printers=hang,disks=fail,wifi=panic,events=slow:5000,devices=exit`

use crate::part::ProbeError;
use std::{env, process, thread, time::Duration};

/// Names the variable.
const VARIABLE: &str = "HELPBELL_PROBE_FAULTS";

/// Lets the probe `name` do what the variable wants of it.
#[expect(clippy::panic, reason = "a probe that panics is one of the faults")]
pub(super) fn suffer(name: &str) -> Result<(), ProbeError> {
    let wanted = env::var(VARIABLE).unwrap_or_default();
    let fault = wanted
        .split(',')
        .filter_map(|fault| fault.split_once('='))
        .find_map(|(probe, fault)| (probe == name).then_some(fault));
    match fault {
        None => Ok(()),
        Some("hang") => loop {
            thread::park();
        },
        Some("fail") => Err(ProbeError::Failed("it was made to fail".to_owned())),
        Some("skip") => Err(ProbeError::unsupported("it was left out")),
        Some("denied") => Err(ProbeError::Denied("it was made to be refused".to_owned())),
        Some("panic") => panic!("it was made to crash"),
        // Takes down a child, and this process where there is none.
        Some("exit") => process::exit(70),
        Some(fault) => {
            if let Some(millis) = fault.strip_prefix("slow:").and_then(|millis| millis.parse().ok()) {
                thread::sleep(Duration::from_millis(millis));
            }
            Ok(())
        }
    }
}
