//! The peer: wasmtime and nothing else, with the same component and the same function.

use std::time::{Duration, Instant};
use wasmtime::{
    Config, Engine, Result, Store,
    component::{Component, Linker, ResourceTable},
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

mod bindings {
    //! The world whose one function without requests is called.
    wasmtime::component::bindgen!({
        path: "../../wit/psa",
        world: "examiner",
        exports: { default: async },
    });
}

use bindings::{ExaminerPre, helpbell::psa::types::Context};

/// What a guest of the peer has: an empty WASI, and nobody who sends anything.
struct State {
    wasi: WasiCtx,
    table: ResourceTable,
    http: WasiHttpCtx,
    hooks: NoRequests,
}

/// Sends nothing.
struct NoRequests;

/// What `send_request` has to give back, spelled out by wasmtime-wasi-http.
type Sending =
    Box<dyn Future<Output = std::result::Result<(http::Response<WasiBody>, Afterwards), Error>> + Send>;
type Afterwards = Box<dyn Future<Output = std::result::Result<(), Error>> + Send>;

impl WasiHttpHooks for NoRequests {
    fn send_request(
        &mut self,
        _: http::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Afterwards,
    ) -> Sending {
        Box::new(async { Err(Error::HttpRequestDenied) })
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.hooks,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// A component ready to be instantiated.
pub(super) struct Bare {
    engine: Engine,
    pre: ExaminerPre<State>,
}

impl Bare {
    /// Compiles and links it. Nothing interrupts what runs here, nothing counts what it does.
    pub(super) fn new(config: &Config, bytes: &[u8]) -> Result<Self> {
        let engine = Engine::new(config)?;
        let component = Component::from_binary(&engine, bytes)?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        // What only our host has is not called here.
        for (interface, function) in [
            ("blobs", "read"),
            ("log", "write"),
            ("cache", "get"),
            ("cache", "put"),
        ] {
            linker
                .instance(&format!("helpbell:psa/{interface}@0.1.0"))?
                .func_new(function, |_, _, _, _| {
                    Err(wasmtime::Error::msg("nobody is there"))
                })?;
        }
        let pre = ExaminerPre::new(linker.instantiate_pre(&component)?)?;
        Ok(Self { engine, pre })
    }

    /// A fresh instance, one call, and the end of both.
    pub(super) async fn call(&self, settings: &[(String, String)]) -> Result<Duration> {
        let began = Instant::now();
        {
            let state = State {
                wasi: WasiCtx::builder().build(),
                table: ResourceTable::new(),
                http: WasiHttpCtx::new(),
                hooks: NoRequests,
            };
            let mut store = Store::new(&self.engine, state);
            let instance = self.pre.instantiate_async(&mut store).await?;
            let context = Context {
                settings: settings.to_vec(),
                endpoint: None,
                reference: String::new(),
                locale: "en".to_owned(),
                deadline_ms: 0,
            };
            let checks = instance
                .helpbell_psa_doctor()
                .call_checks(&mut store, &context)
                .await?;
            if checks.is_empty() {
                return Err(wasmtime::Error::msg("the connector has nothing to examine"));
            }
        }
        Ok(began.elapsed())
    }
}
