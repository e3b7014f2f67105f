//! What one instance can see of the world: an empty WASI, the egress, and the host's three interfaces.

use crate::{
    call::{LogLevel, LogLine, Record},
    contract::bindings::helpbell::psa as imports,
    egress::hook::Egress,
    guest_cache::GuestCache,
    limits::{LOG_LINE_CHARS, Limits},
};
use helpbell_model::{Attachment, text};
use std::sync::Arc;
use wasmtime::{
    StoreLimits, StoreLimitsBuilder,
    component::{HasData, Linker, ResourceTable},
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
    random::WasiRandom,
    sockets::{WasiSockets, WasiSocketsView as _},
};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// Bytes of standard error kept from one call: a panic message and its place.
const STDERR_BYTES: usize = 4 << 10;
/// Bytes of all headers of a request or answer in a guest's hands.
const HEADER_BYTES: usize = 64 << 10;
/// Bytes one `blobs.read` gives at most.
const BLOB_SLICE_BYTES: u32 = 1 << 20;
/// Instances, memories and tables of one component: adapters and the guest itself.
const INSTANCES: usize = 64;

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
    record: Record,
    log_lines: usize,
    pub(crate) limits: StoreLimits,
    pub(crate) stderr: MemoryOutputPipe,
}

impl Guest {
    pub(crate) fn new(role: Role, egress: Egress, limits: &Limits, record: Record) -> Self {
        let stderr = MemoryOutputPipe::new(STDERR_BYTES);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(HEADER_BYTES);
        Self {
            wasi: WasiCtx::builder().stderr(stderr.clone()).build(),
            http,
            table: ResourceTable::new(),
            egress,
            role,
            record,
            log_lines: limits.log_lines,
            limits: StoreLimitsBuilder::new()
                .memory_size(limits.memory_bytes)
                .table_elements(limits.table_elements)
                .instances(INSTANCES)
                .tables(INSTANCES)
                .memories(INSTANCES)
                .build(),
            stderr,
        }
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.egress,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

impl imports::blobs::Host for Guest {
    fn read(&mut self, blob: u32, offset: u64, len: u32) -> wasmtime::Result<Result<Vec<u8>, String>> {
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
        if matches!(self.role, Role::Alone) {
            return Ok(());
        }
        let level = match level {
            imports::log::Level::Debug => LogLevel::Debug,
            imports::log::Level::Info => LogLevel::Info,
            imports::log::Level::Warn => LogLevel::Warn,
        };
        let mut entries = self.record.lock();
        if entries.log.len() < self.log_lines {
            entries.log.push(LogLine {
                level,
                text: text::one_line(&message, LOG_LINE_CHARS),
            });
        } else {
            entries.log_dropped += 1;
        }
        Ok(())
    }
}

impl imports::cache::Host for Guest {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<Vec<u8>>> {
        Ok(match &self.role {
            Role::Work { cache, .. } => cache.get(&key),
            Role::Alone => None,
        })
    }

    fn put(&mut self, key: String, value: Vec<u8>, ttl_s: u32) -> wasmtime::Result<()> {
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
    io::error::add_to_linker::<_, Table>(l, |guest| &mut guest.table)?;
    io::poll::add_to_linker::<_, Table>(l, |guest| &mut guest.table)?;
    io::streams::add_to_linker::<_, Table>(l, |guest| &mut guest.table)?;
    clocks::wall_clock::add_to_linker::<_, WasiClocks>(l, Guest::clocks)?;
    clocks::monotonic_clock::add_to_linker::<_, WasiClocks>(l, Guest::clocks)?;
    random::random::add_to_linker::<_, WasiRandom>(l, |guest| guest.wasi.random())?;
    random::insecure::add_to_linker::<_, WasiRandom>(l, |guest| guest.wasi.random())?;
    random::insecure_seed::add_to_linker::<_, WasiRandom>(l, |guest| guest.wasi.random())?;

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
