//! The contract in `wit/`, checked.
//!
//! | file of `tests/` | asks |
//! |---|---|
//! | `documentation.rs` | Has every item of every package of ours a doc comment? |
//! | `dependencies.rs` | Is exactly one release of WASI vendored and referred to? |
//! | `skeletons.rs` | Do the skeletons of five other connectors build into components of the contract's shape? |
//! | `released.rs` | Is a released version what it was, and does the contract as it stands still fit it? |
//! | `growth.rs` | Does the check that guards released versions tell harmless changes from harmful ones? |
//!
//! This library only finds, reads and builds what the tests look at.

pub mod contract;
pub mod documentation;
pub mod skeletons;
pub mod versions;
