//! What one instance can see of the world: an empty WASI, the egress, and the host's three interfaces.

use crate::{
    bounds::Bounds,
    call::{Frame, LogLevel, LogLine},
    contract::bindings::helpbell::psa as imports,
    egress::hook::Egress,
    guest_cache::GuestCache,
    limits::{CACHE_READ_COST, CACHE_WRITE_COST, LOG_LINE_CHARS, NAME_BYTES, PATH_BYTES, RANDOM_BYTES},
};
use helpbell_model::{Attachment, text};
use std::sync::Arc;
use wasmtime::{
    StoreContextMut,
    component::{HasData, Linker, Resource, ResourceTable},
};
use wasmtime_wasi::{
    WasiCtx, WasiCtxView, WasiView,
    cli::{WasiCli, WasiCliView as _},
    clocks::{WasiClocks, WasiClocksView as _},
    filesystem::{WasiFilesystem, WasiFilesystemView as _},
    p2::{
        bindings::{cli, clocks, filesystem, io, random, sockets},
        pipe::MemoryOutputPipe,
    },
    random::Deterministic,
    random::WasiRandom,
    sockets::{WasiSockets, WasiSocketsView as _},
};
use wasmtime_wasi_http::{
    WasiHttpCtx, WasiHttpCtxView, WasiHttpView,
    p2::{
        bindings::http::types::{HostOutgoingRequest as _, Method, Scheme},
        types::HostOutgoingRequest,
    },
};

/// Bytes of standard error kept from one call: a panic message and its place.
const STDERR_BYTES: usize = 4 << 10;
/// Bytes one `blobs.read` gives at most.
const BLOB_SLICE_BYTES: u32 = 1 << 20;

/// What a call may use besides computing.
pub(crate) enum Role {
    /// `describe`, `authenticate`: no files, no cache, and what they log stays unseen, since it
    /// might hold the secret.
    Alone,
    /// Work on a press.
    Work {
        cache: GuestCache,
        blobs: Arc<Vec<Attachment>>,
    },
}

pub(crate) struct Guest {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    egress: Egress,
    role: Role,
    frame: Frame,
    host_calls_left: u32,
    pub(crate) bounds: Bounds,
    pub(crate) stderr: MemoryOutputPipe,
}

/// A guest has used up its calls into the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it made more than {0} calls into the host")]
pub(crate) struct CallsSpent(pub(crate) u32);

impl Guest {
    pub(crate) fn new(role: Role, egress: Egress, frame: &Frame) -> Self {
        let stderr = MemoryOutputPipe::new(STDERR_BYTES);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(frame.limits.header_bytes);
        let mut table = ResourceTable::new();
        table.set_max_capacity(frame.limits.handles);
        let mut wasi = WasiCtx::builder();
        wasi.stderr(stderr.clone()).max_random_size(RANDOM_BYTES);
        if let Some(bytes) = egress.randomness() {
            let drawn = || Deterministic::new(bytes.to_vec());
            wasi.secure_random(drawn())
                .insecure_random(drawn())
                .insecure_random_seed(0);
        }
        Self {
            wasi: wasi.build(),
            http,
            table,
            egress,
            role,
            frame: frame.clone(),
            host_calls_left: frame.limits.host_calls,
            bounds: Bounds::new(&frame.limits),
            stderr,
        }
    }

    /// Counts one call into the host. Every function of WASI reaches its context through here, so none
    /// can be forgotten; since none of these places can fail, it is the store's heartbeat that ends a
    /// guest whose calls are spent.
    const fn counted(&mut self) -> &mut Self {
        self.host_calls_left = self.host_calls_left.saturating_sub(1);
        self
    }

    /// Counts a call of our own, which fails at once if none is left.
    const fn spend(&mut self, cost: u32) -> Result<(), CallsSpent> {
        self.host_calls_left = self.host_calls_left.saturating_sub(cost);
        if self.calls_are_spent() {
            return Err(CallsSpent(self.frame.limits.host_calls));
        }
        Ok(())
    }

    pub(crate) const fn calls_are_spent(&self) -> bool {
        self.host_calls_left == 0
    }

    fn resources(&mut self) -> &mut ResourceTable {
        &mut self.counted().table
    }

    fn randomness(&mut self) -> &mut wasmtime_wasi::random::WasiRandomCtx {
        self.counted().wasi.random()
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.counted();
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.counted();
        WasiHttpCtxView {
            hooks: &mut self.egress,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

impl imports::blobs::Host for Guest {
    fn read(&mut self, blob: u32, offset: u64, len: u32) -> wasmtime::Result<Result<Vec<u8>, String>> {
        self.spend(1)?;
        let Role::Work { blobs, .. } = &self.role else {
            return Ok(Err("this call has no files".to_owned()));
        };
        let Some(file) = usize::try_from(blob).ok().and_then(|index| blobs.get(index)) else {
            return Ok(Err(format!("this call has no file {blob}")));
        };
        let from = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(file.bytes.len());
        let to = from
            .saturating_add(len.min(BLOB_SLICE_BYTES) as usize)
            .min(file.bytes.len());
        Ok(Ok(file.bytes.get(from..to).unwrap_or_default().to_vec()))
    }
}

impl imports::log::Host for Guest {
    fn write(&mut self, level: imports::log::Level, message: String) -> wasmtime::Result<()> {
        self.spend(1)?;
        if matches!(self.role, Role::Alone) {
            return Ok(());
        }
        let level = match level {
            imports::log::Level::Debug => LogLevel::Debug,
            imports::log::Level::Info => LogLevel::Info,
            imports::log::Level::Warn => LogLevel::Warn,
        };
        let limits = &self.frame.limits;
        let mut entries = self.frame.record.lock();
        if entries.log.len() >= limits.log_lines || entries.log_bytes >= limits.log_bytes {
            entries.log_dropped += 1;
            return Ok(());
        }
        let text = text::one_line(&message, LOG_LINE_CHARS);
        entries.log_bytes += text.len();
        entries.log.push(LogLine { level, text });
        Ok(())
    }
}

impl imports::cache::Host for Guest {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<Vec<u8>>> {
        self.spend(CACHE_READ_COST)?;
        Ok(match &self.role {
            Role::Work { cache, .. } => cache.get(&key),
            Role::Alone => None,
        })
    }

    fn put(&mut self, key: String, value: Vec<u8>, ttl_s: u32) -> wasmtime::Result<()> {
        self.spend(CACHE_WRITE_COST)?;
        if let Role::Work { cache, .. } = &self.role {
            cache.put(&key, &value, ttl_s);
        }
        Ok(())
    }
}

struct Ours;
impl HasData for Ours {
    type Data<'a> = &'a mut Guest;
}

struct Table;
impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

/// Everything a connector can import, interface by interface. Behind filesystem and sockets stands
/// an empty context: Python and JavaScript components import them whether they use them or not,
/// and every call into them is refused.
pub(crate) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::<Guest>::new(engine);
    let l = &mut linker;
    imports::blobs::add_to_linker::<_, Ours>(l, |guest| guest)?;
    imports::log::add_to_linker::<_, Ours>(l, |guest| guest)?;
    imports::cache::add_to_linker::<_, Ours>(l, |guest| guest)?;

    wasmtime_wasi_http::p2::add_only_http_to_linker_async(l)?;
    bound_request_lines(l)?;
    io::error::add_to_linker::<_, Table>(l, Guest::resources)?;
    io::poll::add_to_linker::<_, Table>(l, Guest::resources)?;
    io::streams::add_to_linker::<_, Table>(l, Guest::resources)?;
    clocks::wall_clock::add_to_linker::<_, WasiClocks>(l, Guest::clocks)?;
    clocks::monotonic_clock::add_to_linker::<_, WasiClocks>(l, Guest::clocks)?;
    random::random::add_to_linker::<_, WasiRandom>(l, Guest::randomness)?;
    random::insecure::add_to_linker::<_, WasiRandom>(l, Guest::randomness)?;
    random::insecure_seed::add_to_linker::<_, WasiRandom>(l, Guest::randomness)?;

    cli::environment::add_to_linker::<_, WasiCli>(l, Guest::cli)?;
    cli::exit::add_to_linker::<_, WasiCli>(l, Guest::cli)?;
    cli::stdin::add_to_linker::<_, WasiCli>(l, Guest::cli)?;
    cli::stdout::add_to_linker::<_, WasiCli>(l, Guest::cli)?;
    cli::stderr::add_to_linker::<_, WasiCli>(l, Guest::cli)?;
    cli::terminal_input::add_to_linker::<_, WasiCli>(l, Guest::cli)?;
    cli::terminal_output::add_to_linker::<_, WasiCli>(l, Guest::cli)?;
    cli::terminal_stdin::add_to_linker::<_, WasiCli>(l, Guest::cli)?;
    cli::terminal_stdout::add_to_linker::<_, WasiCli>(l, Guest::cli)?;
    cli::terminal_stderr::add_to_linker::<_, WasiCli>(l, Guest::cli)?;

    filesystem::types::add_to_linker::<_, WasiFilesystem>(l, Guest::filesystem)?;
    filesystem::preopens::add_to_linker::<_, WasiFilesystem>(l, Guest::filesystem)?;
    let unstable = sockets::network::LinkOptions::default();
    sockets::network::add_to_linker::<_, WasiSockets>(l, &unstable, Guest::sockets)?;
    sockets::instance_network::add_to_linker::<_, WasiSockets>(l, Guest::sockets)?;
    sockets::ip_name_lookup::add_to_linker::<_, WasiSockets>(l, Guest::sockets)?;
    sockets::tcp::add_to_linker::<_, WasiSockets>(l, Guest::sockets)?;
    sockets::tcp_create_socket::add_to_linker::<_, WasiSockets>(l, Guest::sockets)?;
    sockets::udp::add_to_linker::<_, WasiSockets>(l, Guest::sockets)?;
    sockets::udp_create_socket::add_to_linker::<_, WasiSockets>(l, Guest::sockets)?;
    Ok(linker)
}

/// The interface whose request lines are bounded, as wasmtime-wasi-http names it.
const HTTP_TYPES: &str = "wasi:http/types@0.2.12";

/// Method, scheme, authority and path are the only texts of any length that a guest can leave with the
/// host: each of its handles could hold four of them. Too long a one is no usable one.
fn bound_request_lines(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    type Request = Resource<HostOutgoingRequest>;
    type Told = wasmtime::Result<(Result<(), ()>,)>;
    type Store<'a> = StoreContextMut<'a, Guest>;
    linker.allow_shadowing(true);
    let mut types = linker.instance(HTTP_TYPES)?;
    types.func_wrap(
        "[method]outgoing-request.set-method",
        |mut store: Store<'_>, (request, method): (Request, Method)| -> Told {
            let mut http = store.data_mut().http();
            let fits = !matches!(&method, Method::Other(name) if name.len() > NAME_BYTES);
            Ok((if fits {
                http.set_method(request, method)?
            } else {
                Err(())
            },))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.set-scheme",
        |mut store: Store<'_>, (request, scheme): (Request, Option<Scheme>)| -> Told {
            let mut http = store.data_mut().http();
            let fits = !matches!(&scheme, Some(Scheme::Other(name)) if name.len() > NAME_BYTES);
            Ok((if fits {
                http.set_scheme(request, scheme)?
            } else {
                Err(())
            },))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.set-authority",
        |mut store: Store<'_>, (request, authority): (Request, Option<String>)| -> Told {
            let mut http = store.data_mut().http();
            let fits = authority.as_ref().is_none_or(|name| name.len() <= NAME_BYTES);
            Ok((if fits {
                http.set_authority(request, authority)?
            } else {
                Err(())
            },))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.set-path-with-query",
        |mut store: Store<'_>, (request, path): (Request, Option<String>)| -> Told {
            let mut http = store.data_mut().http();
            let fits = path.as_ref().is_none_or(|path| path.len() <= PATH_BYTES);
            Ok((if fits {
                http.set_path_with_query(request, path)?
            } else {
                Err(())
            },))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}
