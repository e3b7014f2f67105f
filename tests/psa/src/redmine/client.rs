//! An HTTP client of the tests' own: one request on one connection, as whoever's key it carries.

use anyhow::Context as _;
use axum::body::Body;
use http_body_util::{BodyExt as _, Limited};
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::Redmine;

/// Bytes of an answer: the largest attachment of a test, and room for more.
const ANSWER_LIMIT: usize = 64 << 20;

/// An answer of Redmine's.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Redmine {
    /// Sends a request with somebody's key, and JSON if there is some.
    ///
    /// # Errors
    ///
    /// There was no answer.
    pub async fn ask(
        &self,
        key: &str,
        method: &str,
        path: &str,
        json: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        let body = json.map(|json| json.to_string().into_bytes()).unwrap_or_default();
        self.send(key, method, path, "application/json", body).await
    }

    /// Uploads a file with somebody's key and gives its token.
    ///
    /// # Errors
    ///
    /// There was no answer, or it names no token.
    pub async fn upload(&self, key: &str, name: &str, bytes: &[u8]) -> anyhow::Result<String> {
        let path = format!("/uploads.json?filename={name}");
        let answer = self
            .send(key, "POST", &path, "application/octet-stream", bytes.to_vec())
            .await?;
        let token = answer.json();
        let token = token.pointer("/upload/token").and_then(Value::as_str);
        token.map(str::to_owned).context("read the token of an upload")
    }

    async fn send(
        &self,
        key: &str,
        method: &str,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> anyhow::Result<Answer> {
        let address = ("127.0.0.1", self.world.port);
        let stream = TcpStream::connect(address).await.context("connect to Redmine")?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .context("talk to Redmine")?;
        let connection = tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, format!("127.0.0.1:{}", self.world.port))
            .header(header::CONTENT_TYPE, content_type)
            .header(header::CONTENT_LENGTH, body.len())
            .header(header::CONNECTION, "close")
            .header("X-Redmine-API-Key", key)
            .body(Body::from(body))
            .context("write a request to Redmine")?;
        let response = sender.send_request(request).await.context("ask Redmine")?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), ANSWER_LIMIT)
            .collect()
            .await
            .map_err(|error| anyhow::anyhow!("read Redmine's answer: {error}"))?
            .to_bytes()
            .to_vec();
        connection.abort();
        Ok(Answer { status, body })
    }
}
