//! A PSA that is as hostile as its connector, written on bare sockets: it keeps every request byte by byte, and
//! answers in ways that no HTTP library would.
//!
//! | request | answer |
//! |---|---|
//! | `POST /tickets` | 201 and an id; 403 if the body says `"refuse"` |
//! | `GET /answer/redirect` | 302 to the server that nothing may reach |
//! | `GET /answer/…` | see [`misbehave`] |
//! | anything else | 200 `{}` |

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Between two bytes of an answer that never ends.
const DRIP: Duration = Duration::from_millis(20);
/// Bytes read at once.
const CHUNK: usize = 64 << 10;
/// Bytes of a request's head that are read at most.
const HEAD_BYTES: usize = 1 << 20;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// Everything before the body.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

/// The PSA of one attack.
#[derive(Debug)]
pub struct Psa {
    authority: String,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<AtomicU32>,
    serving: JoinHandle<()>,
}

impl Drop for Psa {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Psa {
    /// Starts on a port of its own. `elsewhere` is where it redirects to.
    pub async fn start(elsewhere: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let (received, connections) = (Arc::default(), Arc::default());
        let serving = tokio::spawn(serve(
            listener,
            elsewhere.to_owned(),
            Arc::clone(&received),
            Arc::clone(&connections),
        ));
        Self {
            authority,
            received,
            connections,
            serving,
        }
    }

    /// `host:port`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// What arrived, in order.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Connections that were made.
    pub fn connections(&self) -> u32 {
        self.connections.load(Ordering::SeqCst)
    }

    /// The first lines of what arrived: `POST /tickets HTTP/1.1`.
    pub fn request_lines(&self) -> Vec<String> {
        self.received()
            .iter()
            .map(|received| received.head.lines().next().unwrap_or_default().to_owned())
            .collect()
    }

    /// Bodies of tickets that were filed.
    pub fn tickets(&self) -> Vec<String> {
        self.received()
            .iter()
            .filter(|received| received.head.starts_with("POST /tickets "))
            .map(|received| String::from_utf8_lossy(&received.body).into_owned())
            .collect()
    }
}

async fn serve(
    listener: TcpListener,
    elsewhere: String,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<AtomicU32>,
) {
    let mut served = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::SeqCst);
        let (elsewhere, received) = (elsewhere.clone(), Arc::clone(&received));
        served.spawn(async move {
            // Whoever breaks off a connection has had enough of it.
            let _ = converse(stream, &elsewhere, &received).await;
        });
    }
}

async fn converse(
    mut stream: TcpStream,
    elsewhere: &str,
    received: &Mutex<Vec<Received>>,
) -> std::io::Result<()> {
    let mut pending = Vec::new();
    while let Some(request) = read(&mut stream, &mut pending).await? {
        let line = request.head.lines().next().unwrap_or_default().to_owned();
        let refuses = request.body.windows(8).any(|part| part == b"\"refuse\"");
        let number = {
            let mut all = received.lock().unwrap();
            all.push(request);
            all.len()
        };
        let mut words = line.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if let Some(how) = path.strip_prefix("/answer/") {
            let how = how.split('?').next().unwrap_or_default();
            if !misbehave(&mut stream, how, elsewhere).await? {
                return Ok(());
            }
            continue;
        }
        let (status, body) = match (method, path) {
            ("POST", "/tickets") if refuses => ("403 Forbidden", "{\"error\":\"no\"}".to_owned()),
            ("POST", "/tickets") => ("201 Created", format!("{{\"id\":{number}}}")),
            _ => ("200 OK", "{}".to_owned()),
        };
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

/// The next request; none if the other side is done.
async fn read(stream: &mut TcpStream, pending: &mut Vec<u8>) -> std::io::Result<Option<Received>> {
    let end = loop {
        if let Some(end) = pending.windows(4).position(|part| part == b"\r\n\r\n") {
            break end + 4;
        }
        if pending.len() > HEAD_BYTES || !more(stream, pending).await? {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&pending[..end]).into_owned();
    pending.drain(..end);
    let lower = head.to_ascii_lowercase();
    let header = |name: &str| {
        lower
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .map(str::trim)
    };
    let body = if header("transfer-encoding") == Some("chunked") {
        let end = loop {
            if let Some(end) = pending.windows(5).position(|part| part == b"0\r\n\r\n") {
                break end + 5;
            }
            if !more(stream, pending).await? {
                break pending.len();
            }
        };
        pending.drain(..end).collect()
    } else {
        let length = header("content-length")
            .and_then(|length| length.parse().ok())
            .unwrap_or(0);
        while pending.len() < length && more(stream, pending).await? {}
        pending.drain(..length.min(pending.len())).collect()
    };
    Ok(Some(Received { head, body }))
}

async fn more(stream: &mut TcpStream, pending: &mut Vec<u8>) -> std::io::Result<bool> {
    let mut chunk = vec![0; CHUNK];
    let read = stream.read(&mut chunk).await?;
    pending.extend_from_slice(&chunk[..read]);
    Ok(read > 0)
}

/// Answers as no server should. Whether the connection is still good for another request.
///
/// | `how` | does |
/// |---|---|
/// | `never` | nothing |
/// | `drip`, `drip-head` | a byte now and then, in the body or before it |
/// | `endless`, `endless-head` | as fast as possible, for ever |
/// | `many-headers`, `huge-header` | headers beyond any measure |
/// | `bomb` | [`BOMB`], which its receiver unpacks |
/// | `cut` | ends in the middle of the announced length |
/// | `not-http` | something else |
/// | `two-lengths` | two different lengths |
/// | `echo` | sends cookies and asks for other credentials |
async fn misbehave(stream: &mut TcpStream, how: &str, elsewhere: &str) -> std::io::Result<bool> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    let filler = "x".repeat(CHUNK);
    match how {
        "redirect" => {
            let answer = format!(
                "HTTP/1.1 302 Found\r\nlocation: http://{elsewhere}/read\r\ncontent-length: 0\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).await?;
            return Ok(true);
        }
        "echo" => {
            let answer = format!(
                "{head}set-cookie: session=stolen\r\nwww-authenticate: Basic realm=\"your password\"\r\ncontent-length: 2\r\n\r\n{{}}"
            );
            stream.write_all(answer.as_bytes()).await?;
            return Ok(true);
        }
        "never" => std::future::pending().await,
        "drip" => {
            stream
                .write_all(format!("{head}content-length: 1000000\r\n\r\n").as_bytes())
                .await?;
            loop {
                stream.write_all(b"x").await?;
                tokio::time::sleep(DRIP).await;
            }
        }
        "drip-head" => {
            stream.write_all(format!("{head}x-slow: ").as_bytes()).await?;
            loop {
                stream.write_all(b"x").await?;
                tokio::time::sleep(DRIP).await;
            }
        }
        "endless" => {
            stream.write_all(format!("{head}\r\n").as_bytes()).await?;
            loop {
                stream.write_all(filler.as_bytes()).await?;
            }
        }
        "endless-head" => {
            stream.write_all(head.as_bytes()).await?;
            loop {
                stream
                    .write_all(format!("x-more: {}\r\n", &filler[..1_000]).as_bytes())
                    .await?;
            }
        }
        "many-headers" => {
            let many: String = (0..5_000).map(|number| format!("x-{number}: x\r\n")).collect();
            stream
                .write_all(format!("{head}{many}content-length: 2\r\n\r\n{{}}").as_bytes())
                .await?;
        }
        "huge-header" => {
            stream.write_all(format!("{head}x-huge: ").as_bytes()).await?;
            for _ in 0..16 {
                stream.write_all(filler.as_bytes()).await?;
            }
            stream.write_all(b"\r\ncontent-length: 2\r\n\r\n{}").await?;
        }
        "bomb" => {
            let bomb = BOMB.get().map(Vec::as_slice).unwrap_or_default();
            let head = format!(
                "{head}content-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
                bomb.len()
            );
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(bomb).await?;
        }
        "cut" => {
            stream
                .write_all(format!("{head}content-length: 1000\r\n\r\n{{").as_bytes())
                .await?
        }
        "not-http" => stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await?,
        "two-lengths" => {
            let lengths = "content-length: 2\r\ncontent-length: 40\r\n\r\n{}HTTP/1.1 200 OK\r\n";
            stream.write_all(format!("{head}{lengths}").as_bytes()).await?;
        }
        _ => {
            stream
                .write_all(format!("{head}content-length: 2\r\n\r\n{{}}").as_bytes())
                .await?
        }
    }
    stream.shutdown().await?;
    Ok(false)
}

/// Small bytes that become many when unpacked; given by the test that sends them.
pub static BOMB: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
