//! One wasmtime engine for all connectors of a process, and the clock that stops runaways.

use crate::{
    code_cache::CodeCache,
    limits::{self, LARGEST_MEMORY_MIB, LARGEST_TABLE_ELEMENTS, Limits},
    load::LoadError,
};
use std::{path::PathBuf, sync::Arc, thread, time::Duration};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How often a running guest is made to look at its deadline. Ten milliseconds cost less than a
/// thousandth of a core and let a runaway overrun its deadline by no more than that.
pub(crate) const EPOCH_TICK: Duration = Duration::from_millis(10);

/// Native stack of one guest call; wasmtime wants it larger than the Wasm stack.
const ASYNC_STACK_BYTES: usize = 2 << 20;
/// Wasm stack: recursion beyond this is a trap.
const WASM_STACK_BYTES: usize = 1 << 20;

/// Core instances, memories and tables of one guest, at most, where they come from a pool: a component is the guest
/// itself and a handful of adapters, which share its memory.
const POOLED_INSTANCES: u32 = 8;
const POOLED_MEMORIES: u32 = 2;
const POOLED_TABLES: u32 = 8;
/// What a place in the pool keeps of a guest's memory for the next one, which then finds it mapped: as much as an
/// interpreter and its library take. It is set back to what the guest begins with, and costs what guests touch.
const POOLED_RESIDENT_BYTES: usize = 16 * limits::MIB;

/// The place where connectors run. Cheap to clone.
#[derive(Clone)]
pub struct Sandbox {
    pub(crate) engine: Engine,
    pub(crate) code: Arc<CodeCache>,
    /// What `describe` may take.
    pub(crate) describing: Limits,
}

impl Sandbox {
    /// A sandbox that keeps compiled code in `code_folder` (made if missing, private to this account).
    /// Without a folder every load compiles anew.
    ///
    /// # Errors
    /// If this machine cannot run wasmtime, or no thread can be started.
    pub fn new(code_folder: Option<PathBuf>) -> Result<Self, LoadError> {
        Self::configured(&config(), code_folder)
    }

    /// A sandbox for a server: memory and stacks of as many as `guests` at a time are reserved at once and used again,
    /// which makes an instance cheaper. One more guest than that fails to start.
    ///
    /// # Errors
    /// As for [`Sandbox::new`], or if there is not so much address space.
    pub fn pooled(code_folder: Option<PathBuf>, guests: u32) -> Result<Self, LoadError> {
        let mut pool = PoolingAllocationConfig::default();
        pool.total_component_instances(guests)
            .total_core_instances(guests.saturating_mul(POOLED_INSTANCES))
            .total_memories(guests.saturating_mul(POOLED_MEMORIES))
            .total_tables(guests.saturating_mul(POOLED_TABLES))
            .total_stacks(guests)
            .linear_memory_keep_resident(POOLED_RESIDENT_BYTES)
            // What an operator may allow at most. Address space only: a pool costs what is touched.
            .max_memory_size(limits::size(LARGEST_MEMORY_MIB) * limits::MIB)
            .table_elements(limits::size(LARGEST_TABLE_ELEMENTS));
        let mut config = config();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        Self::configured(&config, code_folder)
    }

    pub(crate) fn configured(config: &Config, code_folder: Option<PathBuf>) -> Result<Self, LoadError> {
        // reqwest is built without a provider so that the choice stands here once. A second
        // installation in the same process is refused, which is fine: it is the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let engine = Engine::new(config).map_err(|error| LoadError::Engine(format!("{error:#}")))?;
        start_ticker(&engine)?;
        Ok(Self {
            engine,
            code: Arc::new(CodeCache::new(code_folder)),
            describing: Limits::short(),
        })
    }

    /// The same sandbox with other limits for `describe`, which runs before there is anything that an operator
    /// could have set for this connector.
    #[must_use]
    pub const fn describing_within(mut self, limits: Limits) -> Self {
        self.describing = limits;
        self
    }
}

/// How guests are compiled and run.
pub(crate) fn config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK_BYTES)
        .async_stack_size(ASYNC_STACK_BYTES);
    config
}

/// Ticks until the engine is gone: the thread holds it weakly, so that dropping the sandbox ends it.
fn start_ticker(engine: &Engine) -> Result<(), LoadError> {
    let weak = engine.weak();
    thread::Builder::new()
        .name("helpbell-epoch".into())
        .spawn(move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(EPOCH_TICK);
            }
        })
        .map(drop)
        .map_err(|error| LoadError::Engine(format!("failed to start the epoch thread: {error}")))
}
