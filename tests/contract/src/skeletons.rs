//! Builds the skeletons into components.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::contract::workspace;

/// The skeletons, by their folders below `tests/contract/skeletons`.
pub const SKELETONS: [&str; 5] = ["autotask", "connectwise", "email", "redmine", "request-tracker"];

/// What components are compiled for.
const TARGET: &str = "wasm32-wasip2";
/// The profile that connectors are shipped with.
const PROFILE: &str = "connector";
/// Names the folder to build in; without it, the workspace's `target`.
const TARGET_DIR: &str = "HELPBELL_WASM_TARGET_DIR";

/// Builds all skeletons in one run of cargo and gives the component of each, in order.
///
/// Fails with cargo's own words if one does not build, most likely because the target is missing:
/// `rustup target add wasm32-wasip2`.
pub fn build() -> Result<Vec<(&'static str, Vec<u8>)>> {
    let target_dir = std::env::var_os(TARGET_DIR).map_or_else(|| workspace().join("target"), PathBuf::from);
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(workspace())
        .args(["build", "--quiet", "--target", TARGET, "--profile", PROFILE]);
    cargo.arg("--target-dir").arg(&target_dir);
    for name in SKELETONS {
        cargo.args(["--package", &format!("skeleton-{name}")]);
    }
    // What the outer run set for its own target does not hold for Wasm.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(variable);
    }
    let output = cargo.output().context("failed to start cargo")?;
    ensure!(
        output.status.success(),
        "failed to build the skeletons for {TARGET}:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let folder = target_dir.join(TARGET).join(PROFILE);
    SKELETONS
        .into_iter()
        .map(|name| {
            let file = folder.join(format!("skeleton_{}.wasm", name.replace('-', "_")));
            let bytes = std::fs::read(&file).with_context(|| format!("failed to read {}", file.display()))?;
            Ok((name, bytes))
        })
        .collect()
}
