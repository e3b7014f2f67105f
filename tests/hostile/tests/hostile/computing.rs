//! Endless work, memory, the stack, traps.

use crate::table::{Class, Fails, Row, all_fail};
use helpbell_hostile::{
    components,
    house::{self, House, beside_the_neighbour},
    scene::{PATIENT, SHORT, Scene},
};
use helpbell_model::Effect;
use helpbell_sandbox::{Limits, LoadError};
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU32, Ordering},
};

const fn stopped(attack: &'static str, does: &'static str, code: &'static str) -> Fails {
    Fails {
        attack,
        does,
        code,
        effect: Effect::None,
    }
}

/// Stopped by the deadline.
static ENDLESS: [Fails; 3] = [
    stopped("loop", "computes without end", "host.deadline"),
    stopped(
        "wait-forever",
        "waits for a timer that never ends",
        "host.deadline",
    ),
    stopped("poll-forever", "polls two timers that never end", "host.deadline"),
];

/// End by themselves, badly.
static CRASHES: [Fails; 9] = [
    stopped("poll-nothing", "polls an empty list", "host.trap"),
    stopped("recursion", "calls itself without end", "host.trap"),
    stopped("panic", "panics with a message", "host.trap"),
    stopped("panic-silently", "aborts without a word", "host.trap"),
    stopped("exit", "ends the process, successfully", "host.trap"),
    stopped(
        "exit-with-an-error",
        "ends the process with an error",
        "host.trap",
    ),
    stopped("out-of-bounds", "reads beyond its memory", "host.trap"),
    stopped("memory-at-once", "asks for a gibibyte", "host.memory-limit"),
    stopped(
        "memory-in-pieces",
        "keeps 64 KiB again and again",
        "host.memory-limit",
    ),
];

pub(crate) fn class() -> &'static Class {
    static CLASS: OnceLock<Class> = OnceLock::new();
    CLASS.get_or_init(|| {
        house::run(async {
            let mut rows = all_fail(&ENDLESS, Scene::hurried).await;
            rows.extend(all_fail(&CRASHES, Scene::of).await);
            rows.extend(while_loading().await);
            Class {
                title: "Endless work, memory, crashes",
                about: "Every call has a deadline, a heartbeat at which a computing guest gives its thread to others, and one budget of memory for all \
                        its memories. Control: with a longer deadline the same loop runs to its end; with more memory the same connector gets it.",
                rows,
            }
        })
    })
}

/// `describe` is given no settings, so its attack stands in the file; and a file can attack before any of its
/// functions is called.
async fn while_loading() -> Vec<Row> {
    let memories = "(module (memory 1024))";
    let tables = "(module (table 90000 funcref))";
    let harmless = || components::tiny(components::CRASH);
    let attacks: Vec<(&'static str, Vec<u8>, &'static str)> = vec![
        (
            "computes without end in `describe`",
            components::tiny(components::LOOP),
            "host.deadline",
        ),
        (
            "crashes in `describe`",
            components::tiny(components::CRASH),
            "host.trap",
        ),
        (
            "takes a mebibyte more without end in `describe`",
            components::tiny(components::GROW),
            "host.deadline",
        ),
        (
            "computes without end before any function is called",
            components::carrying(harmless(), "(module (func $f (loop (br 0))) (start $f))", 1),
            "host.deadline",
        ),
        (
            "crashes before any function is called",
            components::carrying(harmless(), "(module (func $f unreachable) (start $f))", 1),
            "host.trap",
        ),
        (
            "brings fifty memories of 64 MiB each",
            components::carrying(harmless(), memories, 50),
            "host.memory-limit",
        ),
        (
            "brings fifty tables of 90,000 elements each",
            components::carrying(harmless(), tables, 50),
            "host.table-limit",
        ),
    ];
    let loading = attacks.into_iter().map(|(does, bytes, code)| async move {
        // What ends by itself has the time to, however busy the machine is.
        let deadline = if code == "host.deadline" { SHORT } else { PATIENT };
        let sandbox = House::open().await.sandbox.clone().describing_within(Limits {
            deadline,
            ..Limits::work()
        });
        match sandbox.load_bytes("hostile.wasm", bytes).await {
            Err(error @ LoadError::Describe { .. }) => {
                let LoadError::Describe { failure, .. } = &error else {
                    unreachable!()
                };
                assert_eq!(failure.code, code, "{does}: {error}");
                Row::told(does, &error.to_string())
            }
            Err(error) => panic!("{does}: {error}"),
            Ok(_) => panic!("{does}: it was loaded"),
        }
    });
    beside_the_neighbour(loading).await
}

#[test]
fn endless_work_is_stopped_and_every_crash_is_one_connectors_own() {
    class();
}

#[test]
fn runaways_on_all_threads_and_more_leave_the_neighbour_its_share() {
    house::run(async {
        // More than the house has threads. Were they to keep them, the neighbour would be done after them.
        let (house, over) = (House::open().await, Arc::new(AtomicU32::new(0)));
        let runaways: Vec<_> = (0..4)
            .map(|_| {
                let over = Arc::clone(&over);
                tokio::spawn(async move {
                    let scene = Scene::limited("loop", |limits| limits.deadline = SHORT * 10).await;
                    scene.failed(&scene.create().await, "host.deadline", Effect::None);
                    over.fetch_add(1, Ordering::SeqCst);
                })
            })
            .collect();
        house.neighbour_works().await;
        assert_eq!(
            over.load(Ordering::SeqCst),
            0,
            "the neighbour had to wait for runaways"
        );
        for runaway in runaways {
            runaway.await.unwrap();
        }
    });
}

#[test]
fn control_the_same_loop_ends_by_itself_where_the_deadline_is_longer() {
    house::run(async {
        // It looks at the clock all the time, which is not what is to stop it here.
        let unhurried = |limits: &mut Limits| limits.host_calls = u32::MAX;
        let stopped = Scene::limited("loop-for-a-while", |limits| {
            limits.deadline = SHORT;
            unhurried(limits);
        })
        .await;
        stopped.failed(&stopped.create().await, "host.deadline", Effect::None);
        let patient = Scene::limited("loop-for-a-while", unhurried).await;
        assert!(patient.create().await.result.is_ok());
    });
}

#[test]
fn control_a_connector_gets_as_much_memory_as_its_limit_says_and_no_more() {
    house::run(async {
        for mib in [16_usize, 128, 256] {
            let scene = Scene::limited("memory-to-the-limit", |limits| limits.memory_bytes = mib << 20).await;
            let call = scene.create().await;
            assert!(call.result.is_ok(), "{:?}", call.result);
            let told = &call.log[0].text;
            let given: usize = told.split(' ').next().unwrap().parse().unwrap();
            assert!(given <= mib && given + 2 > mib, "{told} of {mib}");
        }
    });
}
