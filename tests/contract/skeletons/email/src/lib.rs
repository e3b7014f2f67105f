//! Contract skeleton for help desks that are reached by e-mail, sent over JMAP (RFC 8620, RFC 8621).
//!
//! A connector has HTTP and nothing else, so SMTP is out of reach and JMAP is the standard that
//! remains. Describes itself completely, authenticates (token, session, API address) and files a
//! ticket, that is, sends one mail. It names its variables; every other function answers `unsupported`:
//! that is what makes it a skeleton. It shows how the contract fits a service whose every call goes to
//! one address and is answered with 200: what happened is told by pointers into the answers. Only a
//! read whose answer is lost cannot be told from a mail whose answer is lost.
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
