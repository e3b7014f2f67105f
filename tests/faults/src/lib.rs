//! Proves what the product promises: an accepted press becomes exactly one ticket with one complete
//! private note, whatever happens to processes, disks, networks and PSAs.
//!
//! ```text
//! sim       thousands of worlds in virtual time: disk and PSA in memory, the product's rules
//! worker    a process with the product's outbox, sandbox and Halo connector, made to be killed
//! deaths    kills it: at every edge of its store, and by kill -9
//! troubles  frozen workers, restored disks, a PSA that errs
//! disk      power cuts and full disks
//! oracle    holds the obligations and the local Halo, and judges
//! ```
//!
//! Every proof has a control: the same with one protection taken away, which must fail. A proof whose
//! control holds proves nothing.

pub mod crashing;
pub mod deaths;
pub mod disk;
pub mod oracle;
pub mod sim;
pub mod troubles;
pub mod worker;
