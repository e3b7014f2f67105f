//! The checks that are one command each.

use crate::{
    build::{self, WASM},
    process, shown,
    workspace::Workspace,
};
use anyhow::{Context as _, Result, ensure};
use std::fs;

/// A connector in release may have so many bytes. Small is the point of shipping one as a component: it is fetched,
/// hashed and compiled on each machine, and four hundred kilobytes compile in about a second there.
const CONNECTOR_BYTES: u64 = 400_000;

/// rustfmt, over everything.
pub(super) fn format(workspace: &Workspace) -> Result<()> {
    let mut cargo = process::cargo(&workspace.root);
    process::run(cargo.args(["fmt", "--all", "--check"]))
        .context("some code is not formatted; run: cargo fmt --all")
}

/// clippy, natively over everything and for WebAssembly over what runs there: guests have code that only exists there.
pub(super) fn lints(workspace: &Workspace) -> Result<()> {
    let mut native = process::cargo(&workspace.root);
    native.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    let mut guests = process::cargo(&workspace.root);
    guests.args(["clippy", "--target", WASM]);
    for guest in workspace.guests() {
        guests.args(["--package", &guest.name]);
    }
    guests.args(["--", "-D", "warnings"]);
    // Both, so that one run tells everything.
    let native = process::run(&mut native);
    let guests = process::run(&mut guests);
    native.and(guests)
}

/// clippy for Windows over the program and what it depends on, and the program itself, which the tests of the same area
/// run. On Windows [`lints`] and the build of the tests do that.
pub(super) fn windows(workspace: &Workspace) -> Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    let mut clippy = build::for_windows(workspace, "clippy");
    clippy.args(["--", "-D", "warnings"]);
    // Both, so that one run tells everything.
    let clippy = process::run(&mut clippy);
    let program = process::run(&mut build::for_windows(workspace, "build"));
    clippy.and(program)
}

/// The bytes of each connector.
pub(super) fn size(workspace: &Workspace) -> Result<()> {
    for connector in workspace.connectors() {
        let file = workspace
            .connector_folder()
            .join(format!("{}.wasm", connector.name));
        let bytes = fs::metadata(&file)
            .with_context(|| format!("failed to look at {}", shown(&file).display()))?
            .len();
        println!("{}: {bytes} bytes of {CONNECTOR_BYTES}", connector.name);
        fits(&connector.name, bytes)?;
    }
    Ok(())
}

fn fits(name: &str, bytes: u64) -> Result<()> {
    ensure!(
        bytes <= CONNECTOR_BYTES,
        "the connector {name} has {bytes} bytes, more than {CONNECTOR_BYTES}; see what grew with: twiggy top {name}.wasm"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connector_may_be_as_large_as_allowed_and_no_larger() {
        fits("halo", CONNECTOR_BYTES).unwrap();
        let error = fits("halo", CONNECTOR_BYTES + 1).unwrap_err();
        assert!(error.to_string().contains("400001"), "{error}");
    }
}
