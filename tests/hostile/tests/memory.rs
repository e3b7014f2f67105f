//! What greedy attacks took is given back. In a process of its own: nothing beside it takes or frees memory.

#![cfg(target_os = "linux")]

use helpbell_hostile::{
    house::{self, beside_the_neighbour},
    memory,
    scene::Scene,
};

/// How often each attack is repeated.
const REPETITIONS: usize = 10;

/// Attacks that take much, each in its own way, and end quickly.
const GREEDY: [&str; 6] = [
    "memory-in-pieces",
    "recursion",
    "log-flood",
    "resource-flood",
    "answers-huge",
    "answers-aliased",
];

/// All attacks that take much, many times.
fn greedy_attacks() {
    house::run(async {
        for attack in GREEDY {
            let repeated = (0..REPETITIONS).map(|_| async move {
                let _ = Scene::of(attack).await.create().await;
            });
            beside_the_neighbour(repeated).await;
        }
    });
}

#[test]
fn memory_returns_to_its_level_after_attacks() {
    memory::returns_to_its_level(greedy_attacks);
}
