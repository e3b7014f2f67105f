//! An engine that has been started, written down as a component.

use wasmtime::{
    Config, Engine, Error, Result, Store,
    component::{Component, Instance, Lift, Linker, ResourceTable, TypedFunc, WasmList},
    error::Context as _,
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wizer::{ComponentInstanceState, Wizer};

/// The engine's function that starts it.
const PREPARE: &str = "prepare";

/// What the engine can see while it is started: nothing.
struct Nothing {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Nothing {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// The engine after `prepare(library)`.
pub(crate) async fn prepared(engine: &[u8], library: &[(String, String)]) -> Result<Vec<u8>> {
    let wizer = Wizer::new();
    let (component, instrumented) = wizer
        .instrument_component(engine)
        .context("failed to instrument the engine")?;
    let machine = Engine::new(&Config::new())?;
    let instrumented = Component::new(&machine, &instrumented)?;
    let mut linker = Linker::new(&machine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    let nothing = Nothing {
        // What the engine complains about is for whoever builds it.
        wasi: WasiCtx::builder().inherit_stderr().build(),
        table: ResourceTable::new(),
    };
    let mut store = Store::new(&machine, nothing);
    let instance = linker.instantiate_async(&mut store, &instrumented).await?;
    type Prepare<'a> = TypedFunc<(&'a [(String, String)],), (Result<(), String>,)>;
    let prepare: Prepare<'_> = instance.get_typed_func(&mut store, PREPARE)?;
    let (told,) = prepare.call_async(&mut store, (library,)).await?;
    told.map_err(|told| Error::msg(format!("the engine does not start: {told}")))?;
    let mut state = State { store, instance };
    wizer
        .snapshot_component(&component, &mut state)
        .await
        .context("failed to write down the engine")
}

/// What the started engine's memories and globals hold, read through functions that the instrumentation added.
struct State {
    store: Store<Nothing>,
    instance: Instance,
}

impl State {
    /// Calls one of those functions and uses what it gives. They exist by construction: one that is missing or fails
    /// leaves nothing to be written down.
    #[expect(clippy::panic, reason = "the trait offers no way to report a failure")]
    async fn read<T: Lift + 'static, U>(
        &mut self,
        interface: &str,
        function: &str,
        take: impl FnOnce(&Store<Nothing>, T) -> U,
    ) -> U {
        let read = async {
            let missing = || Error::msg("it is not there");
            let within = self
                .instance
                .get_export_index(&mut self.store, None, interface)
                .ok_or_else(missing)?;
            let index = self
                .instance
                .get_export_index(&mut self.store, Some(&within), function)
                .ok_or_else(missing)?;
            let function: TypedFunc<(), (T,)> = self.instance.get_typed_func(&mut self.store, index)?;
            function.call_async(&mut self.store, ()).await
        };
        match read.await {
            Ok((value,)) => take(&self.store, value),
            Err(error) => panic!("failed to read {function} of the engine: {error:#}"),
        }
    }
}

impl ComponentInstanceState for State {
    async fn call_func_ret_list_u8(
        &mut self,
        interface: &str,
        function: &str,
        take: impl FnOnce(&[u8]) + Send,
    ) {
        self.read(interface, function, |store, bytes: WasmList<u8>| {
            take(bytes.as_le_slice(store));
        })
        .await;
    }

    async fn call_func_ret_s32(&mut self, interface: &str, function: &str) -> i32 {
        self.read(interface, function, |_, value| value).await
    }

    async fn call_func_ret_s64(&mut self, interface: &str, function: &str) -> i64 {
        self.read(interface, function, |_, value| value).await
    }

    async fn call_func_ret_f32(&mut self, interface: &str, function: &str) -> u32 {
        self.read(interface, function, |_, value: f32| value.to_bits())
            .await
    }

    async fn call_func_ret_f64(&mut self, interface: &str, function: &str) -> u64 {
        self.read(interface, function, |_, value: f64| value.to_bits())
            .await
    }
}
