//! Real processes with a real disk, against the local Halo: killed, frozen, brought back to an older disk,
//! and stopped halfway.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod deaths;
mod sagas;
mod troubles;

use helpbell_end_to_end::built;
use helpbell_faults::oracle::{Tools, tools};
use std::path::Path;
use tempfile::TempDir;

/// Programs, connector and a folder for its compiled code.
async fn prepared() -> (TempDir, Tools) {
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_helpbell-faults"));
    let compiled = folder.path().join("compiled");
    let tools = tools(program, &built::connector("halo"), &compiled)
        .await
        .unwrap();
    (folder, tools)
}
