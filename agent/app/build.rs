//! Tells Windows how to run the program.

use embed_manifest::{embed_manifest, manifest::DpiAwareness, new_manifest};

fn main() -> std::io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    // The target, not this machine.
    if std::env::var_os("CARGO_CFG_WINDOWS").is_some() {
        // Every screen in its own pixels: pictures of scaled screens would be cropped.
        embed_manifest(new_manifest("Helpbell").dpi_awareness(DpiAwareness::PerMonitorV2))?;
    }
    Ok(())
}
