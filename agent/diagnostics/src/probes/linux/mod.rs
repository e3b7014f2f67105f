//! What all probes on Linux share: bounded reading below a root folder, and the system's programs.
//!
//! The root is `/` but in tests, which give a made-up machine.

pub(super) mod files;
pub(super) mod packages;
pub(super) mod programs;

#[cfg(test)]
pub(super) mod made_up;
