//! What stands between the program and a PSA, and what answers in a PSA's place.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// An address on this machine where nothing listens.
///
/// # Panics
/// If no port can be had.
pub async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string()
}

/// One HTTP message, head and body, as it went over the wire.
#[derive(Debug, Clone)]
pub struct Message {
    /// Start line and headers.
    pub head: String,
    /// What follows.
    pub body: Vec<u8>,
}

impl Message {
    /// `POST /api/Tickets HTTP/1.1`, or `HTTP/1.1 201 Created`.
    #[must_use]
    pub fn start_line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// Reads one message; none if the other end has nothing more to say.
    async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let body = bytes.split_off(end);
        let mut message = Self {
            head: String::from_utf8(bytes).ok()?,
            body,
        };
        let length = message
            .header("content-length")
            .and_then(|length| length.parse::<usize>().ok());
        loop {
            let missing = match length {
                Some(length) => message.body.len() < length,
                // An answer without a length ends with its connection.
                None => message.head.starts_with("HTTP/"),
            };
            if !missing || stream.read_buf(&mut message.body).await.ok()? == 0 {
                return Some(message);
            }
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        lines
            .into_iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    /// The bytes, saying that the connection ends after this message.
    fn closing(&self) -> Vec<u8> {
        let mut lines: Vec<&str> = self.head.trim_end().lines().collect();
        lines.retain(|line| !line.to_ascii_lowercase().starts_with("connection:"));
        let mut bytes = format!("{}\r\nconnection: close\r\n\r\n", lines.join("\r\n")).into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// What happens to the answer of a request that the server has already acted upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection ends without a word.
    Drop,
    /// A gateway says that it went wrong.
    BadGateway,
    /// Silence for as long as the relay lives.
    Hang,
}

#[derive(Default)]
struct Notes {
    exchanges: Vec<(Message, Message)>,
    fault: Option<(String, Fault)>,
}

/// Hands requests on to a server and answers back, remembers both, and can lose answers.
pub struct Relay {
    address: String,
    notes: Arc<Mutex<Notes>>,
    task: JoinHandle<()>,
}

impl Relay {
    /// A relay to the server at this address.
    ///
    /// # Panics
    /// If no port can be had.
    pub async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let notes = Arc::new(Mutex::new(Notes::default()));
        let shared = Arc::clone(&notes);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(relay(stream, server.clone(), Arc::clone(&shared)));
            }
        });
        Self { address, notes, task }
    }

    /// Where it listens: `127.0.0.1:1234`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Lets the server act upon the next request whose start line begins so, and then loses its answer.
    pub fn fail_once(&self, start_line: &str, fault: Fault) {
        self.notes.lock().unwrap().fault = Some((start_line.to_owned(), fault));
    }

    /// Whether the fault has happened.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.notes.lock().unwrap().fault.is_none()
    }

    /// What went through, in the order of the answers.
    #[must_use]
    pub fn exchanges(&self) -> Vec<(Message, Message)> {
        self.notes.lock().unwrap().exchanges.clone()
    }

    /// The tokens that the server gave out.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        let answers = self
            .exchanges()
            .into_iter()
            .filter(|(request, _)| request.start_line().contains("/token"));
        let token = |answer: &Message| {
            let body: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
            Some(body.get("access_token")?.as_str()?.to_owned())
        };
        answers.filter_map(|(_, answer)| token(&answer)).collect()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(mut client: TcpStream, server: String, notes: Arc<Mutex<Notes>>) -> Option<()> {
    let request = Message::read(&mut client).await?;
    let mut upstream = TcpStream::connect(server).await.ok()?;
    upstream.write_all(&request.closing()).await.ok()?;
    let answer = Message::read(&mut upstream).await?;
    let fault = {
        let mut notes = notes.lock().unwrap();
        notes.exchanges.push((request.clone(), answer.clone()));
        let hit = notes
            .fault
            .take_if(|(start_line, _)| request.start_line().starts_with(start_line.as_str()));
        hit.map(|(_, fault)| fault)
    };
    match fault {
        None => client.write_all(&answer.closing()).await.ok()?,
        Some(Fault::Drop) => {}
        Some(Fault::BadGateway) => client
            .write_all(&page(
                "502 Bad Gateway",
                "text/html",
                "<title>Bad gateway</title>",
            ))
            .await
            .ok()?,
        Some(Fault::Hang) => std::future::pending().await,
    }
    client.shutdown().await.ok()
}

fn page(status: &str, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").into_bytes()
}

/// A server that is no PSA.
pub struct Stranger {
    address: String,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Stranger {
    /// Answers everything with this web page.
    pub async fn with_page(html: &'static str) -> Self {
        Self::answering(Some(page("200 OK", "text/html; charset=utf-8", html))).await
    }

    /// Sends everybody on to this address.
    pub async fn redirecting_to(address: &str) -> Self {
        let head = format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{address}/token\r\n");
        Self::answering(Some(
            format!("{head}content-length: 0\r\nconnection: close\r\n\r\n").into_bytes(),
        ))
        .await
    }

    /// Takes connections and requests and never answers.
    pub async fn silent() -> Self {
        Self::answering(None).await
    }

    async fn answering(answer: Option<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let answer = answer.clone();
                tokio::spawn(async move {
                    Message::read(&mut stream).await;
                    match answer {
                        Some(answer) => {
                            let _ = stream.write_all(&answer).await;
                            let _ = stream.shutdown().await;
                        }
                        None => std::future::pending().await,
                    }
                });
            }
        });
        Self {
            address,
            connections,
            task,
        }
    }

    /// Where it listens: `127.0.0.1:1234`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// How many connections it was ever offered.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.task.abort();
    }
}
