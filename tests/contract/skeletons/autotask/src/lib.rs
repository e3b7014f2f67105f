//! Contract skeleton for Autotask PSA (Datto).
//!
//! Describes itself completely, authenticates (key format, zone lookup, three headers) and files a
//! ticket. It names its variables; every other function answers `unsupported`: that is what makes it a
//! skeleton. It shows that the contract can express what Autotask needs: searches by POST that are
//! reads, validation errors that arrive as 500, a discovered zone, and what `authenticate` learned and
//! may not hand on: it is asked for again, by a read that the host completes with the user's name.
#![cfg_attr(
    target_pointer_width = "64",
    expect(
        clippy::result_large_err,
        reason = "the contract's failure is what connectors answer"
    )
)]

mod auth;
mod create;
mod describe;
#[path = "../../../skeletons-common/mod.rs"]
mod glue;
#[path = "../../../skeletons-common/numbers.rs"]
mod numbers;

#[cfg_attr(
    target_family = "wasm",
    expect(unsafe_code, reason = "generated from the contract")
)]
mod bindings {
    wit_bindgen::generate!({ path: "../../../../wit/psa", world: "connector", generate_all });

    // Elsewhere the names of the exports are no symbols that a linker takes.
    #[cfg(target_family = "wasm")]
    export!(Skeleton);
    #[cfg(target_family = "wasm")]
    use super::Skeleton;
}

/// What the component exports.
struct Skeleton;
