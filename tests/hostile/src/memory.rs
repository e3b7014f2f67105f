//! Whether memory that guests took is given back. Only in a process of its own: nothing beside may take or free any.

use std::{fs, thread, time::Duration};

/// Less than what one guest may take: what a greedy test does would leave gigabytes if anything of it stayed.
const LEFT_OVER_MIB: usize = 64;
/// A page of memory as `/proc` counts it, in KiB.
const PAGE_KIB: usize = 4;
/// What ended is given back a little later; so often is looked whether it was.
const LOOKS: u32 = 600;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);

/// Mebibytes of memory that this process has in use.
fn resident_mib() -> usize {
    let counts = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = counts.split(' ').nth(1).unwrap().parse().unwrap();
    pages * PAGE_KIB / 1024
}

/// Does something greedy twice, and looks whether the memory in use returns to where it was in between.
///
/// # Panics
/// If it does not, or if memory that somebody holds is not seen.
pub fn returns_to_its_level(greedy: impl Fn()) {
    // Once, so that what is kept on purpose (compiled code, the allocator's reserves for just this) is there.
    greedy();
    let level = resident_mib();
    // The control: what somebody holds is seen.
    let held = std::hint::black_box(vec![1_u8; (2 * LEFT_OVER_MIB) << 20]);
    assert!(
        resident_mib() > level + LEFT_OVER_MIB,
        "memory in use is not seen"
    );
    drop(held);
    greedy();
    let returned = (0..LOOKS).any(|_| {
        thread::sleep(LOOK);
        resident_mib() <= level + LEFT_OVER_MIB
    });
    assert!(returned, "{} MiB in use, {level} MiB before", resident_mib());
}
