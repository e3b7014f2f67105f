//! Attacks that only compute, or only wait.

use helpbell_connector::bindings::wasi::clocks::monotonic_clock;
use helpbell_connector::bindings::wasi::io::poll;
use std::hint::black_box;

/// Longer than the deadline of any test that means to be stopped, in nanoseconds: 1.2 s.
const A_WHILE_NS: u64 = 1_200_000_000;
/// More than any connector may have at once.
const AT_ONCE_BYTES: usize = 1 << 30;
/// A page of linear memory.
const PAGE_BYTES: usize = 64 << 10;

/// Makes the attack, if it is one of these. Most do not return.
pub(crate) fn attack(name: &str) {
    match name {
        "loop" => loop {
            black_box(());
        },
        "loop-in-host-calls" => loop {
            black_box(monotonic_clock::now());
        },
        "loop-for-a-while" => {
            let ends = monotonic_clock::now() + A_WHILE_NS;
            while monotonic_clock::now() < ends {}
        }
        "wait-forever" => monotonic_clock::subscribe_duration(u64::MAX).block(),
        "poll-forever" => {
            let never = monotonic_clock::subscribe_duration(u64::MAX);
            black_box(poll::poll(&[&never, &never]));
        }
        "poll-nothing" => {
            black_box(poll::poll(&[]));
        }
        "recursion" => {
            black_box(recurse(0));
        }
        "memory-at-once" => {
            black_box(vec![1_u8; AT_ONCE_BYTES]);
        }
        "memory-in-pieces" => loop {
            std::mem::forget(black_box(vec![1_u8; PAGE_BYTES]));
        },
        "memory-in-crumbs" => loop {
            std::mem::forget(black_box(Box::new([1_u8; 100])));
        },
        "panic" => panic!("these are the connector's last words"),
        "panic-silently" => std::process::abort(),
        "exit" => std::process::exit(0),
        "exit-with-an-error" => std::process::exit(3),
        "out-of-bounds" => {
            black_box(outside());
        }
        _ => {}
    }
}

/// Megabytes of linear memory that the host gave before it refused to give more.
pub(crate) fn memory_to_the_limit() -> usize {
    while core::arch::wasm32::memory_grow(0, 16) != usize::MAX {}
    (core::arch::wasm32::memory_size(0) * PAGE_BYTES) >> 20
}

#[expect(unconditional_recursion, reason = "the attack")]
fn recurse(depth: u64) -> u64 {
    black_box(recurse(black_box(depth + 1))) + depth
}

#[expect(unsafe_code, reason = "the attack")]
fn outside() -> u8 {
    let nowhere = black_box(0xffff_fff0_usize) as *const u8;
    // SAFETY: none; beyond the end of linear memory the sandbox traps.
    unsafe { nowhere.read_volatile() }
}
