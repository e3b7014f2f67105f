//! Calls that run away, and their neighbours. The guests are components of a few instructions.

use super::*;
use crate::{
    Sandbox,
    egress::hook::Egress,
    guest::{self, Role},
    guest_cache::GuestCache,
};
use std::{sync::Arc, time::Duration};
use wasmtime::{
    Config, Module, TypedFunc,
    component::{Component, InstancePre},
};

/// A guest with one export `run`, in its own words or the world's.
fn component(sandbox: &Sandbox, body: &str) -> InstancePre<Guest> {
    let text = format!("(component {body})");
    let component = Component::new(&sandbox.engine, wat::parse_str(text).unwrap()).unwrap();
    guest::linker(&sandbox.engine)
        .unwrap()
        .instantiate_pre(&component)
        .unwrap()
}

/// A guest that does this and nothing else.
fn computing(sandbox: &Sandbox, instructions: &str) -> InstancePre<Guest> {
    let module =
        format!("(core module $m (memory 1) (table $t 1 funcref) (func $f (export \"run\") {instructions}))");
    let lifted =
        "(core instance $i (instantiate $m)) (func (export \"run\") (canon lift (core func $i \"run\")))";
    component(sandbox, &format!("{module} {lifted}"))
}

/// A guest that calls one function of the host without end. `ty` is its type in components, `core` the type
/// it is lowered to, `push` the arguments, and `drop` what becomes of the result.
fn flooding(
    sandbox: &Sandbox,
    interface: &str,
    ty: &str,
    core: &str,
    push: &str,
    drop: &str,
) -> InstancePre<Guest> {
    let function = ty.split('"').nth(1).unwrap();
    component(
        sandbox,
        &format!(
            r#"(import "{interface}" (instance $host {ty}))
            (core module $library (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
            (core instance $library (instantiate $library))
            (alias export $host "{function}" (func $f))
            (core func $lowered (canon lower (func $f)
                (memory (core memory $library "memory")) (realloc (core func $library "realloc"))))
            (core module $m
                (import "host" "f" (func $f {core}))
                (func (export "run") (loop {push} call $f {drop} br 0)))
            (core instance $i (instantiate $m (with "host" (instance (export "f" (func $lowered))))))
            (func (export "run") (canon lift (core func $i "run")))"#
        ),
    )
}

/// Lets a guest run.
async fn run(sandbox: &Sandbox, guest: &InstancePre<Guest>, limits: Limits) -> Call<()> {
    let frame = Frame::begin(limits);
    let egress = Egress::closed(frame.clone());
    let role = Role::Work {
        cache: GuestCache::new(None),
        blobs: Arc::new(vec![]),
    };
    let state = Guest::new(role, egress, &frame);
    call(
        "the connector test",
        &sandbox.engine,
        frame,
        state,
        async |store: &mut Store<Guest>| guest.instantiate_async(store).await,
        async |instance: &mut Instance<wasmtime::component::Instance>| {
            let Instance { store, exports } = instance;
            let run = exports.get_typed_func::<(), ()>(&mut *store, "run")?;
            run.call_async(store, ()).await.map(Ok)
        },
    )
    .await
}

/// So long a runaway may run here.
const DEADLINE: Duration = Duration::from_secs(1);

fn hurried() -> Limits {
    Limits {
        deadline: DEADLINE,
        ..Limits::work()
    }
}

const ENDLESS: &str = "(loop br 0)";

/// Enough instructions to be interrupted several times, and an end.
const LONG: &str = "(local i32) (loop (local.set 0 (i32.add (local.get 0) (i32.const 1)))
    (br_if 0 (i32.lt_u (local.get 0) (i32.const 100_000_000))))";

#[tokio::test]
async fn a_runaway_is_stopped_at_its_deadline_and_named() {
    let sandbox = Sandbox::new(None).unwrap();
    let call = run(&sandbox, &computing(&sandbox, ENDLESS), hurried()).await;
    let failure = call.result.unwrap_err();
    assert_eq!(
        (failure.kind, failure.code.as_str()),
        (FailureKind::Timeout, "host.deadline")
    );
    assert_eq!(
        failure.message,
        "the connector test did not finish within 1 s and was stopped"
    );
    assert!(call.took >= DEADLINE, "{:?}", call.took);
}

/// On one thread: a guest that never yields would be over before its neighbour begins.
#[tokio::test]
async fn a_neighbour_works_on_while_another_runs_away_on_the_same_thread() {
    let sandbox = Sandbox::new(None).unwrap();
    let (endless, long) = (computing(&sandbox, ENDLESS), computing(&sandbox, LONG));
    let neighbour = async {
        for _ in 0..3 {
            run(&sandbox, &long, Limits::work()).await.result.unwrap();
        }
        // And whoever waits for the network.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (there, here) = tokio::join!(listener.accept(), tokio::net::TcpStream::connect(address));
        there.unwrap();
        here.unwrap();
    };
    tokio::select! {
        biased;
        over = run(&sandbox, &endless, Limits::work()) => panic!("the runaway was served alone: {over:?}"),
        () = neighbour => {}
    }
}

#[tokio::test]
async fn another_ticking_of_the_clock_stops_nobody_before_its_time() {
    let sandbox = Sandbox::new(None).unwrap();
    let long = computing(&sandbox, LONG);
    let engine = sandbox.engine.clone();
    let storm = tokio::task::spawn_blocking(move || {
        for _ in 0..100_000 {
            engine.increment_epoch();
        }
    });
    let (call, _) = tokio::join!(run(&sandbox, &long, Limits::work()), storm);
    call.result.unwrap();
}

/// The control: hosts that stop one guest by turning the common clock stop its neighbour as well.
#[tokio::test]
async fn turning_the_common_clock_to_stop_one_guest_would_stop_its_neighbour() {
    let mut config = Config::new();
    config.epoch_interruption(true);
    let engine = wasmtime::Engine::new(&config).unwrap();
    let module = |instructions: &str| {
        let text = format!("(module (func (export \"run\") {instructions}))");
        Module::new(&engine, wat::parse_str(text).unwrap()).unwrap()
    };
    let naive = |module: Module| {
        let mut store = Store::new(&engine, ());
        store.set_epoch_deadline(1);
        let instance = wasmtime::Instance::new(&mut store, &module, &[]).unwrap();
        let run: TypedFunc<(), ()> = instance.get_typed_func(&mut store, "run").unwrap();
        std::thread::spawn(move || {
            run.call(&mut store, ())
                .map_err(|error| error.downcast::<Trap>().unwrap())
        })
    };
    // The neighbour has an end, but is far from it.
    let (runaway, neighbour) = (
        naive(module(ENDLESS)),
        naive(module(&LONG.replace("100_000_000", "4_000_000_000"))),
    );
    engine.increment_epoch();
    assert_eq!(runaway.join().unwrap(), Err(Trap::Interrupt));
    assert_eq!(
        neighbour.join().unwrap(),
        Err(Trap::Interrupt),
        "it did nothing wrong"
    );
}

/// One function of each interface, in the forms the canonical ABI knows.
#[tokio::test]
async fn a_flood_of_calls_into_the_host_ends_in_words_whichever_function_it_is() {
    let sandbox = Sandbox::new(None).unwrap();
    let limits = Limits {
        host_calls: 10_000,
        ..Limits::work()
    };
    let nothing = r#"(result u64)"#;
    let floods = [
        ("wasi:clocks/monotonic-clock@0.2.6", format!(r#"(export "now" (func {nothing}))"#), "(result i64)", "", "drop"),
        ("wasi:random/random@0.2.6", format!(r#"(export "get-random-u64" (func {nothing}))"#), "(result i64)", "", "drop"),
        ("wasi:random/insecure@0.2.6", format!(r#"(export "get-insecure-random-u64" (func {nothing}))"#), "(result i64)", "", "drop"),
        (
            "wasi:random/insecure-seed@0.2.6",
            r#"(export "insecure-seed" (func (result (tuple u64 u64))))"#.to_owned(),
            "(param i32)",
            "i32.const 0",
            "",
        ),
        (
            "wasi:cli/environment@0.2.6",
            r#"(export "get-arguments" (func (result (list string))))"#.to_owned(),
            "(param i32)",
            "i32.const 0",
            "",
        ),
        (
            "helpbell:psa/blobs@0.1.0",
            r#"(export "read" (func (param "blob" u32) (param "offset" u64) (param "len" u32) (result (result (list u8) (error string)))))"#.to_owned(),
            "(param i32 i64 i32 i32)",
            "i32.const 7 i64.const 0 i32.const 1 i32.const 0",
            "",
        ),
        (
            "helpbell:psa/cache@0.1.0",
            r#"(export "get" (func (param "key" string) (result (option (list u8)))))"#.to_owned(),
            "(param i32 i32 i32)",
            "i32.const 0 i32.const 4 i32.const 0",
            "",
        ),
    ];
    for (interface, ty, core, push, drop) in floods {
        let guest = flooding(&sandbox, interface, &ty, core, push, drop);
        let failure = run(&sandbox, &guest, limits).await.result.unwrap_err();
        assert_eq!(failure.code, "host.call-limit", "{interface}: {failure:?}");
        assert_eq!(
            failure.message,
            "the connector test was stopped: it made more than 10000 calls into the host"
        );
        assert!(failure.help.unwrap().contains("`host-calls` under [limits]"));
    }
}

#[tokio::test]
async fn memory_that_cannot_be_had_is_called_that() {
    let sandbox = Sandbox::new(None).unwrap();
    let limits = Limits {
        memory_bytes: 2 << 20,
        ..Limits::work()
    };
    // Thirty-one pages fit beside the first, one more does not.
    let growing = |pages: u32| {
        computing(
            &sandbox,
            &format!("(if (i32.lt_s (memory.grow (i32.const {pages})) (i32.const 0)) (then unreachable))"),
        )
    };
    run(&sandbox, &growing(31), limits).await.result.unwrap();
    let failure = run(&sandbox, &growing(32), limits).await.result.unwrap_err();
    assert_eq!(failure.code, "host.memory-limit");
    assert!(
        failure
            .message
            .contains("wanted more than 2 MiB of memory and crashed"),
        "{failure:?}"
    );
}

/// wasmtime's own limiter would give each of these the whole.
#[tokio::test]
async fn many_memories_share_one_bound() {
    let sandbox = Sandbox::new(None).unwrap();
    let memories = "(core module $big (memory 20)) ".to_owned()
        + &"(core instance (instantiate $big)) ".repeat(4)
        + "(core module $m (func (export \"run\"))) (core instance $i (instantiate $m))
           (func (export \"run\") (canon lift (core func $i \"run\")))";
    let guest = component(&sandbox, &memories);
    run(&sandbox, &guest, Limits::work()).await.result.unwrap();
    let limits = Limits {
        memory_bytes: 3 * 20 * (64 << 10),
        ..Limits::work()
    };
    let failure = run(&sandbox, &guest, limits).await.result.unwrap_err();
    assert_eq!(failure.code, "host.memory-limit", "{failure:?}");
}

#[tokio::test]
async fn growing_in_vain_earns_nothing() {
    let sandbox = Sandbox::new(None).unwrap();
    let limits = Limits {
        memory_bytes: 2 << 20,
        ..Limits::work()
    };
    // Each round takes one page and then asks for more than any memory can have.
    let greedy = "(local i32)
        (loop
            (if (i32.lt_s (memory.grow (i32.const 1)) (i32.const 0)) (then unreachable))
            (drop (memory.grow (i32.const 65536)))
            (local.set 0 (i32.add (local.get 0) (i32.const 1)))
            (br_if 0 (i32.lt_u (local.get 0) (i32.const 100))))";
    let failure = run(&sandbox, &computing(&sandbox, greedy), limits)
        .await
        .result
        .unwrap_err();
    assert_eq!(failure.code, "host.memory-limit", "{failure:?}");
}

#[tokio::test]
async fn tables_that_cannot_be_had_are_called_that() {
    let sandbox = Sandbox::new(None).unwrap();
    let grow =
        "(if (i32.lt_s (table.grow $t (ref.null func) (i32.const 200000)) (i32.const 0)) (then unreachable))";
    let failure = run(&sandbox, &computing(&sandbox, grow), Limits::work())
        .await
        .result
        .unwrap_err();
    assert_eq!(failure.code, "host.table-limit", "{failure:?}");
}

#[tokio::test]
async fn instances_without_end_are_refused() {
    let sandbox = Sandbox::new(None).unwrap();
    let many = "(core module $m (func (export \"run\"))) (core instance $i (instantiate $m)) ".to_owned()
        + &"(core instance (instantiate $m)) ".repeat(70)
        + "(func (export \"run\") (canon lift (core func $i \"run\")))";
    let failure = run(&sandbox, &component(&sandbox, &many), Limits::work())
        .await
        .result
        .unwrap_err();
    assert_eq!(failure.code, "host.trap");
    assert!(failure.message.contains("instance"), "{failure:?}");
}

#[tokio::test]
async fn recursion_without_end_is_called_that() {
    let sandbox = Sandbox::new(None).unwrap();
    let failure = run(&sandbox, &computing(&sandbox, "call $f"), Limits::work())
        .await
        .result
        .unwrap_err();
    assert_eq!(failure.code, "host.trap");
    assert!(failure.message.contains("it recursed too deeply"), "{failure:?}");
}
