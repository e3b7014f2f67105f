//! Contract skeleton for ConnectWise PSA (Manage).
//!
//! Describes itself completely, authenticates (key format, code base discovery, Basic and `clientId`)
//! and files a ticket with its machine. It names its variables; every other function answers
//! `unsupported`: that is what makes it a skeleton. It shows that the contract can express a code base
//! discovered on the hosted service and on own servers alike, and a second effect after the ticket.
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
#[path = "../../../skeletons-common/discovery.rs"]
mod discovery;
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
