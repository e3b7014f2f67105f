//! What the host offers, and what it links as refusals.

use crate::table::{Class, Fails, Row, all_fail};
use helpbell_hostile::{
    components,
    house::{self, House, beside_the_neighbour},
    scene::{Scene, context, file, ticket},
};
use helpbell_model::{Effect, Note};
use helpbell_sandbox::{Binding, Call};
use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

/// End the call.
static FLOODS: [Fails; 4] = [
    Fails {
        attack: "loop-in-host-calls",
        does: "asks the clock without end",
        code: "host.call-limit",
        effect: Effect::None,
    },
    Fails {
        attack: "resource-flood",
        does: "makes header lists without end and keeps them",
        code: "host.trap",
        effect: Effect::None,
    },
    Fails {
        attack: "random-at-once",
        does: "asks for 2^64 random bytes at once",
        code: "host.trap",
        effect: Effect::None,
    },
    Fails {
        attack: "log-huge",
        does: "logs one line of 32 MiB",
        code: "host.trap",
        effect: Effect::None,
    },
];

/// Come to nothing; what the connector saw of it stands in its log.
const REFUSED: [(&str, &str, &str); 9] = [
    ("file-read", "reads `/etc/passwd`", "refused: "),
    ("file-read-relative", "reads `helpbell.toml`", "refused: "),
    ("file-write", "writes a file", "refused: "),
    ("folder-list", "lists the root folder", "refused: "),
    (
        "environment",
        "reads environment and arguments",
        "0 variables, 0 arguments",
    ),
    ("input", "reads standard input", "it worked: 0"),
    ("socket-tcp", "connects a TCP socket", "refused: "),
    ("socket-listen", "listens on a TCP socket", "refused: "),
    ("socket-udp", "sends a UDP packet", "refused: "),
];

pub(crate) fn class() -> &'static Class {
    static CLASS: OnceLock<Class> = OnceLock::new();
    CLASS.get_or_init(|| {
        house::run(async {
            let mut rows = all_fail(&FLOODS, |attack| {
                Scene::limited(attack, |limits| limits.host_calls = 20_000)
            })
            .await;
            rows.extend(refused().await);
            rows.push(logged().await);
            rows.extend(cached().await);
            rows.push(files().await);
            Class {
                title: "The host's own functions",
                about: "Calls into the host are counted, and so is what they hand over. Files, sockets and the environment are linked as refusals. The cache is one \
                        folder per tenant and connector file. Control: one call finds what an earlier call of the same connector and tenant left.",
                rows,
            }
        })
    })
}

async fn refused() -> Vec<Row> {
    let attacks = REFUSED.into_iter().map(|(attack, does, told)| async move {
        let scene = Scene::of(attack).await;
        let call = scene.create().await;
        assert!(call.result.is_ok(), "{attack}: {:?}", call.result);
        let line = said(&call);
        assert!(line.starts_with(told), "{attack}: {line}");
        scene.reached_nothing_else();
        Row::silent(does, &format!("nothing is there; the connector sees: {line}"))
    });
    beside_the_neighbour(attacks).await
}

fn said<T>(call: &Call<T>) -> String {
    call.log
        .first()
        .map_or_else(String::new, |line| line.text.clone())
}

async fn logged() -> Row {
    let scene = Scene::of("log-flood").await;
    let call = scene.create().await;
    assert!(call.result.is_ok(), "{:?}", call.result);
    let bytes: usize = call.log.iter().map(|line| line.text.len()).sum();
    assert!(
        call.log.len() == 500 && bytes <= 256 << 10,
        "{} lines, {bytes} bytes",
        call.log.len()
    );
    Row::silent("logs 20,000 lines", "500 lines are kept; the call goes on")
}

/// A binding that keeps things in this folder for this tenant.
fn keeping(folder: &Path, tenant: &str) -> impl FnOnce(&mut Binding) {
    let (folder, tenant) = (folder.to_owned(), tenant.to_owned());
    move |binding| {
        binding.state_folder = Some(folder);
        binding.tenant = tenant;
    }
}

async fn cached() -> Vec<Row> {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let house = House::open().await;
    let other = house
        .sandbox
        .load_bytes("other.wasm", components::describing("other"))
        .await
        .unwrap();
    let told = async |connector: &Arc<_>, attack: &str, tenant: &str| {
        let scene = Scene::with(connector, attack, keeping(&state, tenant)).await;
        let call = scene.create().await;
        assert!(call.result.is_ok(), "{attack}: {:?}", call.result);
        said(&call)
    };
    assert_eq!(
        told(&house.hostile, "cache-poison", "a").await,
        "found again: true"
    );
    // The control: what was left is there for whom it was left.
    assert_eq!(told(&house.hostile, "cache-find", "a").await, "found: true");
    assert_eq!(told(&house.hostile, "cache-find", "b").await, "found: false");
    assert_eq!(told(&other, "cache-find", "a").await, "found: false");
    assert_eq!(
        told(&house.hostile, "cache-climb", "a").await,
        "found again: true"
    );
    let outside: Vec<_> = walk(folder.path())
        .into_iter()
        .filter(|path| !path.starts_with(state.join("cache")) && !path.starts_with(state.join("tokens")))
        .collect();
    assert!(
        outside.is_empty() && !Path::new("/tmp/helpbell-climbed").exists(),
        "{outside:?}"
    );

    let huge = Scene::with(&house.hostile, "cache-huge", keeping(&state, "c")).await;
    let words = huge.failed(&huge.create().await, "host.trap", Effect::None);
    let flood = Scene::with(&house.hostile, "cache-flood", |binding| {
        keeping(&state, "d")(binding);
        binding.limits.host_calls = 20_000;
    })
    .await;
    let flooded = flood.failed(&flood.create().await, "host.call-limit", Effect::None);
    vec![
        Row::silent(
            "leaves another tenant something in the cache",
            "the other tenant finds nothing",
        ),
        Row::silent(
            "leaves another connector something in the cache",
            "the other connector finds nothing",
        ),
        Row::silent(
            "uses keys such as `../../../climbed`, `/tmp/…` and 1 MiB of `k`",
            "keys are hashed: nothing is written outside the cache's folder",
        ),
        Row::told("caches 32 MiB under one key", &words),
        Row::told("caches 20,000 values", &flooded),
    ]
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] })
        .collect()
}

async fn files() -> Row {
    let scene = Scene::of("blob-out-of-range").await;
    let note = Note {
        private: true,
        html: String::new(),
        text: String::new(),
        attachments: vec![file()],
        reference: "report".to_owned(),
    };
    let call = scene.session.add_note(&context(), &ticket(), note).await;
    assert!(call.result.is_ok(), "{:?}", call.result);
    let told = said(&call);
    assert_eq!(
        told,
        "8 bytes; 0 bytes; this call has no file 1; this call has no file 4294967295"
    );
    Row::silent(
        "reads attachments of other calls, and beyond the end of its own",
        &format!("it gets its own bytes and nothing else: {told}"),
    )
}

#[test]
fn the_hosts_functions_give_no_more_than_they_are_for() {
    class();
}
