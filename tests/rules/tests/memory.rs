//! What greedy rules took is given back. In a process of its own: nothing beside it takes or frees memory.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use helpbell_rules_tests::{
    Given,
    engine::{call, wait},
};
use std::{fs, thread, time::Duration};

/// Less than what one run may take: what is run below would leave gigabytes if anything of it stayed.
const LEFT_OVER_MIB: usize = 64;
/// A page of memory as `/proc` counts it, in KiB.
const PAGE_KIB: usize = 4;
/// How often each is run.
const REPETITIONS: usize = 10;
/// What ended is given back a little later; so often is looked whether it was.
const LOOKS: u32 = 600;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// Rules that take much, each in its own way, and end quickly.
const GREEDY: [&str; 4] = [
    "x = 'a' * 10**11\n",
    "x = 'a' * (20 << 20)\ny = x + x\n",
    "def f(): return f()\nx = f()\n",
    "x = 'a' * (10 << 20)\nx = None\n",
];

/// Mebibytes of memory that this process has in use.
fn resident_mib() -> usize {
    let counts = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = counts.split(' ').nth(1).unwrap().parse().unwrap();
    pages * PAGE_KIB / 1024
}

fn greedy_rules() {
    for source in GREEDY {
        for _ in 0..REPETITIONS {
            let _ = wait(call(source, &Given::usual()));
        }
    }
}

#[test]
fn memory_returns_to_its_level_after_greedy_rules() {
    // Once, so that what is kept on purpose (compiled code, the allocator's reserves for just these) is there.
    greedy_rules();
    let level = resident_mib();
    // The control: what somebody holds is seen.
    let held = std::hint::black_box(vec![1_u8; (2 * LEFT_OVER_MIB) << 20]);
    assert!(
        resident_mib() > level + LEFT_OVER_MIB,
        "memory in use is not seen"
    );
    drop(held);
    greedy_rules();
    let returned = (0..LOOKS).any(|_| {
        thread::sleep(LOOK);
        resident_mib() <= level + LEFT_OVER_MIB
    });
    assert!(returned, "{} MiB in use, {level} MiB before", resident_mib());
}
