//! What the sandbox costs: loading a connector, a call in a fresh instance, a request out of one, memory, runaways.
//!
//! | metric | beside |
//! |---|---|
//! | `sandbox.call`, `sandbox.call-pooled` | bare wasmtime, the same component and function, without limits of any kind |
//! | `sandbox.get`, `sandbox.get-20ms` | the same request by plain reqwest, from the same process to the same server |
//! | `sandbox.memory` | a thousand requests by plain reqwest, held as long |
//! | `sandbox.thousand` | the same, from first to last answer |
//! | `sandbox.runaway` | its deadline |
//!
//! Both sides take turns, and who goes first alternates.

mod bare;
mod server;

use crate::metric::{Metric, Samples, Target, precise, resident_kb};
use anyhow::{Context as _, Result, ensure};
use bare::Bare;
use helpbell_hostile::components;
use helpbell_model::{PressId, connector::Grant};
use helpbell_sandbox::{
    Binding, CallContext, Connector, Limits, LoadError, NetworkGrant, Sandbox, Session, Transport,
};
use server::Server;
use std::{
    future::Future,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// Turns of each side: enough that the median does not move between runs.
const TURNS: usize = 1_000;
/// The same where the server takes its time.
const SLOW_TURNS: usize = 100;
/// Turns before the measured ones.
const UNMEASURED: usize = 50;
/// Loads from the disk's compiled code, and without it.
const LOADS: usize = 50;
const COLD_LOADS: usize = 5;
/// Calls at a time.
const CONCURRENT: usize = 1_000;
/// Connectors loaded at once while memory is watched.
const LOADED: usize = 10;
/// Runaways stopped.
const RUNAWAYS: usize = 30;
/// Their deadline.
const DEADLINE: Duration = Duration::from_millis(100);
/// An answer of a PSA nearby.
const SLOW: Duration = Duration::from_millis(20);

const LOAD_MS: f64 = 10.0;
const CALL_RATIO: f64 = 1.5;
const GET_RATIO: f64 = 1.4;
const SLOW_GET_RATIO: f64 = 1.02;
const INSTANCE_KIB: f64 = 1_024.0;
const OVERRUN_MS: f64 = 20.0;

const MEDIAN: usize = 50;
const SLOWEST: usize = 95;

/// Runs all cases. `connector` is the file of the Halo connector.
pub(crate) fn measure(connector: &Path) -> Result<Vec<Metric>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    let bytes = std::fs::read(connector)
        .with_context(|| format!("failed to read the connector {}", connector.display()))?;
    let server = Server::start()?;
    runtime.block_on(async {
        let mut metrics = loads(&bytes).await?;
        eprintln!("sandbox.call: {TURNS} turns each");
        let on_demand = Sandbox::new(None)?;
        metrics.push(
            calls(
                "sandbox.call",
                &on_demand,
                &wasmtime::Config::new(),
                &bytes,
                &server,
            )
            .await?,
        );
        let slots = u32::try_from(CONCURRENT)?;
        let mut config = wasmtime::Config::new();
        config.allocation_strategy(wasmtime::InstanceAllocationStrategy::pooling());
        let pooled = Sandbox::pooled(None, slots)?;
        metrics.push(calls("sandbox.call-pooled", &pooled, &config, &bytes, &server).await?);
        let connector = pooled.load_bytes("halo.wasm", bytes.clone()).await?;
        metrics.push(pooled_request(&bound(&connector, &server)?, &server).await?);
        drop((pooled, connector));
        let connector = on_demand.load_bytes("halo.wasm", bytes.clone()).await?;
        let session = bound(&connector, &server)?;
        metrics.extend(requests(&session, &server).await?);
        metrics.extend(crowd(&session, &server).await?);
        metrics.push(loaded(&on_demand, &bytes).await?);
        metrics.push(runaways().await?);
        Ok(metrics)
    })
}

fn told(name: &str, what: &str, value: f64, unit: &'static str) -> Metric {
    Metric {
        name: name.to_owned(),
        what: what.to_owned(),
        value,
        unit,
        against: None,
        target: None,
    }
}

/// From a file's bytes to a connector that has described itself, engine included.
async fn loads(bytes: &[u8]) -> Result<Vec<Metric>> {
    eprintln!("sandbox.load: {COLD_LOADS} without compiled code, {LOADS} with it");
    let (mut cold, mut cached) = (Samples::default(), Samples::default());
    let folder = tempfile::tempdir()?;
    for turn in 0..COLD_LOADS + LOADS {
        let place = if turn < COLD_LOADS {
            folder.path().join(turn.to_string())
        } else {
            folder.path().join("0")
        };
        let bytes = bytes.to_vec();
        let began = Instant::now();
        Sandbox::new(Some(place))?.load_bytes("halo.wasm", bytes).await?;
        let samples = if turn < COLD_LOADS { &mut cold } else { &mut cached };
        samples.add(began.elapsed());
    }
    Ok(vec![
        told(
            "sandbox.load-cold",
            "engine, compiling, describe",
            cold.quantile_ms(MEDIAN),
            "ms",
        ),
        Metric {
            target: Some(Target::Value(LOAD_MS)),
            ..told(
                "sandbox.load",
                "the same from compiled code on disk",
                cached.quantile_ms(MEDIAN),
                "ms",
            )
        },
    ])
}

fn bound(connector: &Arc<Connector>, server: &Server) -> Result<Session> {
    let address = server.address;
    let settings = [
        ("hosting", "hosted".to_owned()),
        ("resource-server", format!("http://{address}/api")),
        ("authorisation-server", format!("http://{address}/auth")),
    ];
    let secret = connector
        .description()
        .secrets
        .first()
        .context("the connector takes no secret")?;
    let binding = Binding {
        tenant: "bench".to_owned(),
        settings: settings.map(|(name, value)| (name.to_owned(), value)).into(),
        secrets: vec![(secret.name.clone(), "bench+client:secret".to_owned().into())],
        grant: Grant::everything(connector.description(), connector.sha256()),
        network: NetworkGrant {
            allow_http: true,
            allow_addresses: vec![address.ip().into()],
        },
        transport: Transport::direct(),
        state_folder: None,
        limits: Limits::work(),
    };
    Ok(Session::bind(Arc::clone(connector), binding)?)
}

fn context() -> CallContext {
    CallContext {
        press: None,
        locale: "en".to_owned(),
        not_after: None,
    }
}

/// Measures both sides by turns.
async fn turns<Ours, Theirs>(
    turns: usize,
    ours: impl Fn() -> Ours,
    theirs: impl Fn() -> Theirs,
) -> Result<(Samples, Samples)>
where
    Ours: Future<Output = Result<Duration>>,
    Theirs: Future<Output = Result<Duration>>,
{
    let (mut first, mut second) = (Samples::default(), Samples::default());
    for turn in 0..turns + UNMEASURED {
        let (mine, yours) = if turn % 2 == 0 {
            let mine = ours().await?;
            (mine, theirs().await?)
        } else {
            let yours = theirs().await?;
            (ours().await?, yours)
        };
        if turn >= UNMEASURED {
            first.add(mine);
            second.add(yours);
        }
    }
    Ok((first, second))
}

fn beside(name: &str, what: &str, ours: &Samples, theirs: &Samples, ratio: f64) -> Metric {
    const US_PER_MS: f64 = 1_000.0;
    Metric {
        against: Some(theirs.quantile_ms(MEDIAN) * US_PER_MS),
        target: Some(Target::Ratio(ratio)),
        ..told(name, what, ours.quantile_ms(MEDIAN) * US_PER_MS, "us")
    }
}

/// A function that sends nothing, in a fresh instance.
async fn calls(
    name: &str,
    sandbox: &Sandbox,
    config: &wasmtime::Config,
    bytes: &[u8],
    server: &Server,
) -> Result<Metric> {
    let connector = sandbox.load_bytes("halo.wasm", bytes.to_vec()).await?;
    let session = bound(&connector, server)?;
    let bare = Bare::new(config, bytes).map_err(told_by_wasmtime)?;
    let settings = session.settings();
    let ours = async || {
        let began = Instant::now();
        let call = session.checks(&context()).await;
        let took = began.elapsed();
        ensure!(
            call.result.is_ok_and(|checks| !checks.is_empty()),
            "the connector has nothing to examine"
        );
        Ok(took)
    };
    let theirs = async || bare.call(settings).await.map_err(told_by_wasmtime);
    let (ours, theirs) = turns(TURNS, ours, theirs).await?;
    Ok(beside(
        name,
        "fresh instance, call, end; beside bare wasmtime",
        &ours,
        &theirs,
        CALL_RATIO,
    ))
}

fn told_by_wasmtime(error: wasmtime::Error) -> anyhow::Error {
    anyhow::anyhow!("bare wasmtime: {error:#}")
}

/// One request that asks for tickets with a reference, from a fresh instance.
async fn ask(session: &Session) -> Result<Duration> {
    let began = Instant::now();
    let call = session.find_tickets(&context(), PressId::new()).await;
    let took = began.elapsed();
    let found = call.result.map_err(|failure| anyhow::anyhow!("{failure}"))?;
    ensure!(found.is_empty(), "the server has tickets");
    ensure!(call.requests.len() == 1, "{:?}", call.requests);
    Ok(took)
}

/// The same request by plain reqwest.
struct Plain {
    client: reqwest::Client,
    address: String,
}

impl Plain {
    /// Sends what the server saw last.
    fn like(server: &Server) -> Result<Self> {
        let head = server.last();
        let target = head.split(' ').nth(1).context("the server saw no request")?;
        let mut headers = reqwest::header::HeaderMap::new();
        for line in head.lines().skip(1) {
            let (name, value) = line.split_once(": ").context("a header without a value")?;
            if !name.eq_ignore_ascii_case("host") {
                headers.insert(
                    reqwest::header::HeaderName::from_bytes(name.as_bytes())?,
                    value.parse()?,
                );
            }
        }
        let client = reqwest::Client::builder().no_proxy().default_headers(headers);
        Ok(Self {
            client: client.build()?,
            address: format!("http://{}{target}", server.address),
        })
    }

    async fn ask(&self) -> Result<Duration> {
        let began = Instant::now();
        let answer = self.client.get(&self.address).send().await?;
        ensure!(answer.status().is_success(), "{}", answer.status());
        answer.bytes().await?;
        Ok(began.elapsed())
    }
}

/// Signs in, asks once, and gives a plain client that sends the same.
async fn plain_beside(session: &Session, server: &Server) -> Result<Plain> {
    let authenticated = session.authenticate().await.result;
    authenticated.map_err(|failure| anyhow::anyhow!("{failure}"))?;
    ask(session).await?;
    Plain::like(server)
}

async fn pooled_request(session: &Session, server: &Server) -> Result<Metric> {
    let plain = plain_beside(session, server).await?;
    let (ours, theirs) = turns(TURNS, || ask(session), || plain.ask()).await?;
    Ok(Metric {
        target: None,
        ..beside(
            "sandbox.get-pooled",
            "the same, pooled",
            &ours,
            &theirs,
            GET_RATIO,
        )
    })
}

async fn requests(session: &Session, server: &Server) -> Result<Vec<Metric>> {
    eprintln!("sandbox.get: {TURNS} turns each, then {SLOW_TURNS} with a slow server");
    let plain = plain_beside(session, server).await?;
    let what = "one GET from a fresh instance; beside plain reqwest";
    let (ours, theirs) = turns(TURNS, || ask(session), || plain.ask()).await?;
    let quick = beside("sandbox.get", what, &ours, &theirs, GET_RATIO);
    server.take(SLOW);
    let (ours, theirs) = turns(SLOW_TURNS, || ask(session), || plain.ask()).await?;
    server.take(Duration::ZERO);
    let what = "the same, the server takes 20 ms";
    Ok(vec![
        quick,
        beside("sandbox.get-20ms", what, &ours, &theirs, SLOW_GET_RATIO),
    ])
}

/// A thousand at a time: how long, and how much memory while all of them wait.
async fn crowd(session: &Session, server: &Server) -> Result<Vec<Metric>> {
    eprintln!("sandbox.thousand: {CONCURRENT} calls at once, twice each side");
    let plain = Plain::like(server)?;
    // The first crowd makes the allocator's reserves and the connections.
    for _ in 0..2 {
        together(CONCURRENT, || plain.ask()).await?;
        together(CONCURRENT, || ask(session)).await?;
    }
    let theirs = together(CONCURRENT, || plain.ask()).await?;
    let ours = together(CONCURRENT, || ask(session)).await?;
    let held_theirs = held(server, || plain.ask()).await?;
    let held_ours = held(server, || ask(session)).await?;
    Ok(vec![
        Metric {
            against: Some(theirs.as_secs_f64() * 1e3),
            ..told(
                "sandbox.thousand",
                "1,000 calls with a GET at once; beside plain reqwest",
                ours.as_secs_f64() * 1e3,
                "ms",
            )
        },
        Metric {
            // Memory is given back piece by piece: what plain requests take is told, not divided by.
            target: Some(Target::Value(INSTANCE_KIB)),
            ..told(
                "sandbox.memory",
                &format!("per live instance, 1,000 waiting; {held_theirs:.0} KiB per plain request"),
                held_ours,
                "KiB",
            )
        },
    ])
}

async fn together<Work>(count: usize, work: impl Fn() -> Work) -> Result<Duration>
where
    Work: Future<Output = Result<Duration>>,
{
    let began = Instant::now();
    futures::future::try_join_all((0..count).map(|_| work())).await?;
    Ok(began.elapsed())
}

/// Kibibytes per request while a thousand of them wait for their answer.
async fn held<Work>(server: &Server, work: impl Fn() -> Work) -> Result<f64>
where
    Work: Future<Output = Result<Duration>>,
{
    let before = resident_kb().context("the system does not tell this process's memory")?;
    server.open(false);
    let watching = async {
        server.holds(CONCURRENT).await;
        let during = resident_kb();
        server.open(true);
        during.context("the system does not tell this process's memory")
    };
    let (_, during) = tokio::try_join!(together(CONCURRENT, work), watching)?;
    Ok(precise(during.saturating_sub(before)) / precise(CONCURRENT))
}

/// Memory per loaded connector: the same code in files that differ, as if others had written them.
async fn loaded(sandbox: &Sandbox, bytes: &[u8]) -> Result<Metric> {
    eprintln!("sandbox.loaded: {LOADED} connectors");
    let before = resident_kb().context("the system does not tell this process's memory")?;
    let mut kept = Vec::new();
    for number in 0..LOADED {
        kept.push(sandbox.load_bytes("halo.wasm", marked(bytes, number)?).await?);
    }
    let after = resident_kb().context("the system does not tell this process's memory")?;
    let each = precise(after.saturating_sub(before)) / precise(kept.len());
    Ok(told(
        "sandbox.loaded",
        "memory per loaded connector, just compiled",
        each,
        "KiB",
    ))
}

/// The component with an empty custom section of this name: another file.
fn marked(bytes: &[u8], number: usize) -> Result<Vec<u8>> {
    const CUSTOM: u8 = 0;
    let name = format!("copy-{number}");
    let (name_bytes, section_bytes) = (u8::try_from(name.len())?, u8::try_from(name.len() + 1)?);
    let mut marked = bytes.to_vec();
    marked.extend([CUSTOM, section_bytes, name_bytes]);
    marked.extend(name.as_bytes());
    Ok(marked)
}

/// How much longer than its deadline a guest runs that computes without end. `describe` is where it does, in a
/// component whose every function is one loop; the same component that crashes at once tells what loading takes.
async fn runaways() -> Result<Metric> {
    eprintln!("sandbox.runaway: {RUNAWAYS} runaways");
    let limits = Limits {
        deadline: DEADLINE,
        ..Limits::work()
    };
    let folder = tempfile::tempdir()?;
    let sandbox = Sandbox::new(Some(folder.path().to_owned()))?.describing_within(limits);
    let end = async |bytes: Vec<u8>, code: &str| {
        let began = Instant::now();
        let error = sandbox.load_bytes("runaway.wasm", bytes).await.err();
        let took = began.elapsed();
        let Some(LoadError::Describe { failure, .. }) = error else {
            anyhow::bail!("a connector without describe was loaded: {error:?}");
        };
        ensure!(failure.code == code, "{failure}");
        Ok(took)
    };
    let (loops, crashes) = (
        components::tiny(components::LOOP),
        components::tiny(components::CRASH),
    );
    let (mut running, mut loading) = (Samples::default(), Samples::default());
    for _ in 0..RUNAWAYS {
        loading.add(end(crashes.clone(), "host.trap").await?);
        running.add(end(loops.clone(), "host.deadline").await?);
    }
    let overrun = running.quantile_ms(SLOWEST) - loading.quantile_ms(MEDIAN) - DEADLINE.as_secs_f64() * 1e3;
    Ok(Metric {
        target: Some(Target::Value(OVERRUN_MS)),
        ..told(
            "sandbox.runaway",
            "beyond its deadline, 95 of 100 runaways",
            overrun,
            "ms",
        )
    })
}
