//! The sandbox all attacks share, and the neighbour that must not notice any of them.

use crate::{components, scene::Scene};
use helpbell_sandbox::{Connector, Sandbox};
use std::{
    future::Future,
    sync::{Arc, LazyLock},
};
use tokio::{
    runtime::Runtime,
    sync::OnceCell,
    task::{JoinError, JoinSet},
};

/// As few as a small computer has: a guest that holds on to one is felt.
const THREADS: usize = 2;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .unwrap()
});

/// Runs on the one runtime of this process: what one test started, another may use.
pub fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    // On a thread of the runtime, where guests run in the program too.
    match RUNTIME.block_on(RUNTIME.spawn(work)) {
        Ok(done) => done,
        Err(failed) => panic!("{}", reason(failed)),
    }
}

/// What a task said when it panicked. The threads of the runtime belong to whichever test came first, and what is
/// printed there is shown with that test or not at all.
fn reason(failed: JoinError) -> String {
    let said = failed.into_panic();
    said.downcast_ref::<String>()
        .cloned()
        .or_else(|| said.downcast_ref::<&str>().map(ToString::to_string))
        .unwrap_or_else(|| "it panicked without a word".to_owned())
}

/// The sandbox and who is in it.
pub struct House {
    /// One engine for all.
    pub sandbox: Sandbox,
    /// The attacker.
    pub hostile: Arc<Connector>,
    neighbour: Arc<Connector>,
}

impl House {
    /// The house of this process.
    pub async fn open() -> &'static Self {
        static HOUSE: OnceCell<House> = OnceCell::const_new();
        HOUSE
            .get_or_init(|| async {
                let sandbox = Sandbox::new(None).unwrap();
                let load = async |name: &str, bytes: Vec<u8>| sandbox.load_bytes(name, bytes).await.unwrap();
                Self {
                    hostile: load("hostile.wasm", components::hostile().to_vec()).await,
                    // Another file: another connector, which behaves.
                    neighbour: load("neighbour.wasm", components::describing("other")).await,
                    sandbox,
                }
            })
            .await
    }

    /// The neighbour files a ticket at its own PSA.
    pub async fn neighbour_works(&self) {
        let scene = Scene::with(&self.neighbour, "none", |_| ()).await;
        let call = scene.create().await;
        assert!(call.result.is_ok(), "the neighbour failed: {:?}", call.result);
        assert_eq!(scene.psa.tickets().len(), 1, "the neighbour's ticket");
    }
}

/// Runs all at once while the neighbour works, and lets it work once more when they are over. The results are in
/// order.
///
/// # Panics
/// If an attack panics, with what each of them said, or the neighbour does not get its work done.
pub async fn beside_the_neighbour<T: Send + 'static>(
    attacks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let house = House::open().await;
    let mut running = JoinSet::new();
    for (index, attack) in attacks.into_iter().enumerate() {
        running.spawn(async move { (index, attack.await) });
    }
    house.neighbour_works().await;
    let mut done = vec![];
    let mut failed = vec![];
    while let Some(ended) = running.join_next().await {
        match ended {
            Ok(result) => done.push(result),
            Err(attack) => failed.push(reason(attack)),
        }
    }
    house.neighbour_works().await;
    assert!(
        failed.is_empty(),
        "attacks that did not end as they should:\n{}",
        failed.join("\n")
    );
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
