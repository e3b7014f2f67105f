//! Tells Windows how to treat the program: each monitor in its own pixels, or screens would come out cropped; paths of any
//! length; no rights beyond those of whoever starts it. Elsewhere there is nothing to tell.

use embed_manifest::{embed_manifest, manifest::DpiAwareness, new_manifest};
use std::{env, error::Error};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    // The target, not this machine.
    if env::var_os("CARGO_CFG_WINDOWS").is_some() {
        embed_manifest(new_manifest("Helpbell").dpi_awareness(DpiAwareness::PerMonitorV2))?;
    }
    Ok(())
}
