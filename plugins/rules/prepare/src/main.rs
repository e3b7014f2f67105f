//! Starts the engine for dispatcher rules once and writes it down as it is then, interpreter, library and all: every
//! instance begins there.
//!
//! ```text
//! engine.wasm ─► instrument ─► instantiate ─► prepare(library) ─► snapshot ─► rules.wasm
//! ```

mod library;
mod snapshot;

use anyhow::{Context as _, Result};
use clap::Parser;
use std::{fs, path::PathBuf};

/// Prepares the engine for dispatcher rules.
#[derive(Debug, Parser)]
struct Arguments {
    /// The engine as it was compiled.
    engine: PathBuf,
    /// The folder of the engine's own modules in Python.
    library: PathBuf,
    /// Where the prepared engine goes.
    output: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let shown = |path: &PathBuf| format!("failed to use {}", path.display());
    let engine = fs::read(&arguments.engine).with_context(|| shown(&arguments.engine))?;
    let library = library::modules(&arguments.library)?;
    let prepared = snapshot::prepared(&engine, &library)
        .await
        .map_err(|error| anyhow::anyhow!("{error:#}"))?;
    fs::write(&arguments.output, prepared).with_context(|| shown(&arguments.output))
}
