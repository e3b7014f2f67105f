//! Proves what the product promises: an accepted press becomes exactly one ticket with one complete
//! private note, whatever happens to processes, disks, networks and PSAs.
//!
//! ```text
//! sim          thousands of worlds in virtual time: disk and PSA in memory, the product's rules
//! worker       a process with the product's outbox, sandbox and Halo connector, made to be killed
//! points       the named points of a delivery at which it dies
//! completions  completes a report at each of them, in virtual time, while processes die at each of them
//! deaths       kills it: at every point, and by kill -9
//! troubles     frozen workers, restored disks, a PSA that errs
//! sagas        tokens and keys that end halfway, storms of refusals
//! disk         power cuts and full disks
//! oracle       holds the obligations and the local Halo, and judges
//! full         all of that by the thousand, for `cargo xtask faults`
//! ```
//!
//! Every proof has a control: the same with one protection taken away, which must fail. A proof whose
//! control holds proves nothing.

pub mod completions;
pub mod deaths;
pub mod disk;
pub mod full;
pub mod oracle;
pub mod points;
pub mod sagas;
pub mod sim;
pub mod through;
pub mod troubles;
pub mod worker;
