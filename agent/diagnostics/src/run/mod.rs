//! Runs probes side by side, each within its limit.
//!
//! A probe asks the operating system, and an operating system in trouble may fail, hang or take
//! the asking thread down. Whatever one probe does, the parts the others found stay, the gap is
//! explained in the probe log and in a finding, and nobody waits past the deadline.
//!
//! ```text
//! Probe ──► Lane ─┬─ Quick    one after the other: pure calls that take milliseconds
//!                 ├─ Work     a few side by side, each on a thread that may be left behind
//!                 ├─ Network  all at once: they wait for others and take no processor
//!                 └─ Child    a few side by side, each in a process that is killed with its children
//! ```

mod child;
#[cfg(debug_assertions)]
mod faults;
mod gaps;
mod schedule;

pub(crate) use child::end_this_process_after;
pub use child::{Answer, Isolation};
pub(crate) use schedule::{Running, begin};

use crate::{
    part::{Part, ProbeError},
    scope::Scope,
};
use helpbell_model::report::Area;
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::AtomicIsize,
    time::Duration,
};

/// Where a probe runs, and what happens if it hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    /// Pure calls into a healthy kernel. One at a time.
    Quick,
    /// Drivers and services are asked: a thread of its own that is left behind if it hangs.
    Work,
    /// Other machines are asked: the same, but all at once.
    Network,
    /// It may hang for ever, or take its process down: a process of its own that is killed.
    Child,
}

impl Lane {
    /// How many run side by side. A machine in trouble is not to be brought down by its examination: four threads do
    /// work, and whoever waits for the network does none.
    const fn width(self) -> usize {
        match self {
            Self::Quick => 1,
            Self::Work => 3,
            Self::Child => 4,
            Self::Network => usize::MAX,
        }
    }
}

/// The question itself.
pub(crate) type Ask = Box<dyn FnOnce(&Scope) -> Result<Part, ProbeError> + Send>;

/// One thing to ask the operating system.
pub(crate) struct Probe {
    /// Name in the probe log.
    pub(crate) name: &'static str,
    /// The same in a sentence: `the disks`.
    pub(crate) subject: &'static str,
    /// Where a gap is reported.
    pub(crate) area: Area,
    /// Where it runs.
    pub(crate) lane: Lane,
    /// A healthy machine is done by then; whatever takes longer is told as slow.
    pub(crate) soft: Duration,
    /// Nobody waits longer.
    pub(crate) hard: Duration,
    /// How many of its runs hang at the moment, over all examinations of this process.
    pub(crate) hanging: &'static AtomicIsize,
    /// The asking itself.
    pub(crate) ask: Ask,
}

/// Asks, whatever the question does.
pub(crate) fn answer(name: &str, ask: Ask, scope: &Scope) -> Result<Part, ProbeError> {
    let asked = AssertUnwindSafe(|| {
        #[cfg(debug_assertions)]
        faults::suffer(name)?;
        #[cfg(not(debug_assertions))]
        let _ = name;
        ask(scope)
    });
    catch_unwind(asked)
        .unwrap_or_else(|panic| Err(ProbeError::Failed(format!("it crashed: {}", words_of(&*panic)))))
}

/// The message a panic carried.
fn words_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given")
}

/// A limit as people read it.
pub(crate) fn in_words(limit: Duration) -> String {
    if limit.subsec_millis() == 0 {
        format!("{} s", limit.as_secs())
    } else {
        format!("{} ms", limit.as_millis())
    }
}
