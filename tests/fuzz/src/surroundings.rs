//! What targets need that costs too much to be made for each input: an engine, connectors, a PSA that answers what
//! it is told to, a folder.

use helpbell_end_to_end::built;
use helpbell_model::connector::Grant;
use helpbell_sandbox::{Binding, Connector, Limits, NetworkGrant, Sandbox, Session, Transport};
use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

/// Long enough for everything that ends, on a busy machine too.
const DEADLINE: Duration = Duration::from_secs(10);
/// For damaged connectors, which may compute without end.
const SHORT: Duration = Duration::from_millis(200);

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
});

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::new(None).unwrap());

static HALO: LazyLock<Arc<Connector>> =
    LazyLock::new(|| wait(SANDBOX.load(&built::connector("halo"))).unwrap());

/// Waits for it on the one runtime.
pub(crate) fn wait<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.block_on(work)
}

/// A sandbox that does not wait long for a damaged `describe`.
pub(crate) fn impatient() -> Sandbox {
    SANDBOX.clone().describing_within(Limits {
        deadline: SHORT,
        ..Limits::work()
    })
}

/// A folder that is always the same.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
    FOLDER.path()
}

/// A file in it with this content. Targets that write to the same name do so one after another.
pub(crate) fn file(name: &str, content: &[u8]) -> (MutexGuard<'static, ()>, PathBuf) {
    static WRITING: Mutex<()> = Mutex::new(());
    let guard = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let path = folder().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    (guard, path)
}

/// A Halo that signs in and answers everything else as it is told.
pub(crate) struct Psa {
    /// The connector, bound to it.
    pub(crate) session: Session,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl Psa {
    /// The one PSA, for one input at a time, which answers so.
    pub(crate) fn answering(answer: Vec<u8>) -> MutexGuard<'static, Self> {
        static PSA: LazyLock<Mutex<Psa>> = LazyLock::new(|| {
            let halo = Arc::clone(&HALO);
            Mutex::new(wait(Psa::start(halo)))
        });
        let psa = PSA.lock().unwrap_or_else(PoisonError::into_inner);
        *psa.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
        psa
    }

    async fn start(halo: Arc<Connector>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::clone(&answer);
        RUNTIME.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let answers = Arc::clone(&answers);
                // Whoever breaks off a connection has had enough of it.
                RUNTIME.spawn(async move { converse(stream, &answers).await.ok() });
            }
        });
        let settings = [
            ("hosting", "hosted".to_owned()),
            ("resource-server", format!("http://{address}/api")),
            ("authorisation-server", format!("http://{address}/auth")),
        ];
        let binding = Binding {
            tenant: "fuzz".to_owned(),
            settings: settings.map(|(name, value)| (name.to_owned(), value)).into(),
            secrets: vec![("api-key".to_owned(), "fuzz+client:secret-4711".to_owned().into())],
            grant: Grant::everything(halo.description(), halo.sha256()),
            network: NetworkGrant {
                allow_http: true,
                allow_addresses: vec![address.ip().into()],
            },
            transport: Transport::direct(),
            state_folder: None,
            limits: Limits {
                deadline: DEADLINE,
                ..Limits::work()
            },
        };
        Self {
            session: Session::bind(halo, binding).unwrap(),
            answer,
        }
    }
}

async fn converse(mut stream: TcpStream, answer: &Mutex<Vec<u8>>) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    };
    let length: usize = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0);
    while bytes.len() < head.len() + 4 + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            break;
        }
    }
    if head.contains("/auth/token") {
        let token = r#"{"access_token":"token","token_type":"Bearer","expires_in":3600}"#;
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
        let whole = format!("{head}content-length: {}\r\n\r\n{token}", token.len());
        return stream.write_all(whole.as_bytes()).await;
    }
    let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).clone();
    stream.write_all(&answer).await?;
    stream.shutdown().await
}
