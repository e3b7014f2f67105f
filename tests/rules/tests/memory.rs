//! What greedy rules took is given back. In a process of its own: nothing beside it takes or frees memory.

#![cfg(target_os = "linux")]

use helpbell_hostile::memory;
use helpbell_rules_tests::{
    Given,
    engine::{call, wait},
};

/// How often each is run.
const REPETITIONS: usize = 10;

/// Rules that take much, each in its own way, and end quickly.
const GREEDY: [&str; 4] = [
    "x = 'a' * 10**11\n",
    "x = 'a' * (20 << 20)\ny = x + x\n",
    "def f(): return f()\nx = f()\n",
    "x = 'a' * (10 << 20)\nx = None\n",
];

fn greedy_rules() {
    for source in GREEDY {
        for _ in 0..REPETITIONS {
            let _ = wait(call(source, &Given::usual()));
        }
    }
}

#[test]
fn memory_returns_to_its_level_after_greedy_rules() {
    memory::returns_to_its_level(greedy_rules);
}
