//! The targets. Each takes any bytes, and panics if a promise is broken.

mod answers;
mod components;
mod files;
mod policy;
mod webhook;

pub use answers::answers;
pub use components::{lifted, lifting, loading};
pub use files::{configuration, lock, parcel};
pub use policy::policy;
pub use webhook::webhook;

/// A target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder in `corpus`.
    pub name: &'static str,
    /// The function.
    pub run: fn(&[u8]),
    /// Mangled inputs per run of the suite: as many as take a few seconds without optimisation.
    pub runs: u64,
}

/// All of them.
pub const TARGETS: [Target; 8] = [
    Target {
        name: "loading",
        run: loading,
        runs: 60,
    },
    Target {
        name: "lifting",
        run: lifting,
        runs: 60,
    },
    Target {
        name: "answers",
        run: answers,
        runs: 100,
    },
    Target {
        name: "configuration",
        run: configuration,
        runs: 3_000,
    },
    Target {
        name: "lock",
        run: lock,
        runs: 2_000,
    },
    Target {
        name: "policy",
        run: policy,
        runs: 10_000,
    },
    Target {
        name: "webhook",
        run: webhook,
        runs: 150,
    },
    Target {
        name: "parcel",
        run: parcel,
        runs: 1_000,
    },
];
