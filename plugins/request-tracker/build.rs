//! Tells the linker of the component what cargo's profile cannot say.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family.split(',').any(|one| one == "wasm"))
        && std::env::var("DEBUG").is_ok_and(|debug| debug == "false")
    {
        // Addresses and indexes are left in the form for later linking, five bytes each, unless asked
        // otherwise: a twelfth of the component. The linker refuses this together with debug information.
        println!("cargo::rustc-link-arg-cdylib=--compress-relocations");
    }
}
