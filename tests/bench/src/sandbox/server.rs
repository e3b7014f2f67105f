//! A PSA that knows two answers and gives them at once, or after a time, or when it is told to.

use anyhow::{Context as _, Result};
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::watch,
};

const TOKEN: &str = r#"{"access_token":"bench","token_type":"Bearer","expires_in":86400}"#;
const NO_TICKETS: &str = r#"{"page_no":1,"page_size":50,"record_count":0,"tickets":[]}"#;

/// What both sides of a benchmark talk to.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    shared: Arc<Shared>,
    /// Where it runs; dropped last.
    _runtime: Runtime,
}

struct Shared {
    delay_us: AtomicU64,
    /// Whether answers are given.
    open: watch::Sender<bool>,
    waiting: AtomicUsize,
    /// The head of the request that came last.
    last: Mutex<String>,
}

impl Server {
    /// Answers at once.
    pub(super) fn start() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("bench-server")
            .enable_all()
            .build()
            .context("failed to start the runtime of the server")?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            delay_us: AtomicU64::new(0),
            open: watch::Sender::new(true),
            waiting: AtomicUsize::new(0),
            last: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&serving);
                // Whoever closes a connection has its answers.
                tokio::spawn(async move { converse(stream, &shared).await.ok() });
            }
        });
        Ok(Self {
            address,
            shared,
            _runtime: runtime,
        })
    }

    /// Answers take so long from now on.
    pub(super) fn take(&self, delay: Duration) {
        let us = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
        self.shared.delay_us.store(us, Ordering::SeqCst);
    }

    /// Gives no answers until this is called with `true`.
    pub(super) fn open(&self, open: bool) {
        self.shared.open.send_replace(open);
    }

    /// Waits until so many requests are there without an answer.
    pub(super) async fn holds(&self, count: usize) {
        const LOOK: Duration = Duration::from_millis(5);
        while self.shared.waiting.load(Ordering::SeqCst) < count {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The head of the request that came last.
    pub(super) fn last(&self) -> String {
        self.shared
            .last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

async fn converse(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut bytes = Vec::new();
    loop {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let whole = end + 4;
        let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned();
        let length = head
            .to_ascii_lowercase()
            .lines()
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
            .unwrap_or(0);
        while bytes.len() < whole + length {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
        }
        bytes.drain(..whole + length);
        let body = if head.starts_with("POST") {
            TOKEN
        } else {
            NO_TICKETS
        };
        *shared.last.lock().unwrap_or_else(PoisonError::into_inner) = head;
        pause(Duration::from_micros(shared.delay_us.load(Ordering::SeqCst))).await;
        shared.waiting.fetch_add(1, Ordering::SeqCst);
        let _ = shared.open.subscribe().wait_for(|open| *open).await;
        shared.waiting.fetch_sub(1, Ordering::SeqCst);
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// Waits exactly so long: a timer alone rounds up to whole milliseconds, which would be most of what is measured.
async fn pause(time: Duration) {
    /// Rounding and the wake-up together take less.
    const BY_TIMER: Duration = Duration::from_millis(3);
    let end = Instant::now() + time;
    if let Some(early) = time.checked_sub(BY_TIMER) {
        tokio::time::sleep(early).await;
    }
    while Instant::now() < end {
        tokio::task::yield_now().await;
    }
}
