//! Generated from `wit/psa`, whose text documents every item. The optional worlds share the types of
//! the required one.

wasmtime::component::bindgen!({
    path: "../../wit/psa",
    world: "connector",
    imports: { default: trappable },
    exports: { default: async },
    with: {
        "wasi:io": wasmtime_wasi::p2::bindings::io,
        "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
        "wasi:random": wasmtime_wasi::p2::bindings::random,
        "wasi:http": wasmtime_wasi_http::p2::bindings::http,
    },
});

pub(crate) mod examiner {
    //! The optional world `examiner`.
    wasmtime::component::bindgen!({
        path: "../../wit/psa",
        world: "examiner",
        exports: { default: async },
        with: { "helpbell:psa/types": super::helpbell::psa::types },
    });
}

pub(crate) mod change_poller {
    //! The optional world `change-poller`.
    wasmtime::component::bindgen!({
        path: "../../wit/psa",
        world: "change-poller",
        exports: { default: async },
        with: { "helpbell:psa/types": super::helpbell::psa::types },
    });
}

pub(crate) mod webhook_receiver {
    //! The optional world `webhook-receiver`.
    wasmtime::component::bindgen!({
        path: "../../wit/psa",
        world: "webhook-receiver",
        exports: { default: async },
        with: { "helpbell:psa/types": super::helpbell::psa::types },
    });
}

pub(crate) mod rules {
    //! The world of engines for dispatcher rules, from `wit/rules`.
    wasmtime::component::bindgen!({
        path: "../../wit/rules",
        world: "rules",
        exports: { default: async },
    });
}
