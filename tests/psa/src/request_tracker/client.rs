//! A client of REST 2 that shares nothing with the connector.

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// Somebody who asks RT.
#[derive(Debug)]
pub(super) struct Client {
    address: String,
    token: String,
}

/// What RT answers.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    body: Bytes,
}

impl Answer {
    pub(super) fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("read RT's answer {self:?}"))
    }

    pub(super) fn created(&self) -> Result<()> {
        if self.status != 201 {
            bail!("write something: RT answered {self:?}");
        }
        Ok(())
    }
}

impl Client {
    pub(super) fn new(address: String, token: String) -> Self {
        Self { address, token }
    }

    pub(super) async fn get(&self, path: &str) -> Result<Answer> {
        self.send("GET", path, Bytes::new()).await
    }

    /// What must be there, as JSON.
    pub(super) async fn read(&self, path: &str) -> Result<Value> {
        let answer = self.get(path).await?;
        if answer.status != 200 {
            bail!("read {path}: RT answered {answer:?}");
        }
        answer.json()
    }

    /// All items of a list that must be there.
    pub(super) async fn list(&self, path: &str) -> Result<Vec<Value>> {
        let (mut items, mut page) = (Vec::new(), 1);
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let answer = self
                .read(&format!("{path}{joint}per_page=100&page={page}"))
                .await?;
            let new = answer
                .get("items")
                .and_then(Value::as_array)
                .context("find items in RT's list")?;
            items.extend(new.iter().cloned());
            if new.is_empty() {
                return Ok(items);
            }
            page += 1;
        }
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send("POST", path, Bytes::from(body.to_string())).await
    }

    async fn send(&self, method: &str, path: &str, body: Bytes) -> Result<Answer> {
        let stream = TcpStream::connect(&self.address).await.context("reach RT")?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(format!("/rt/REST/2.0{path}"))
            .header("host", &self.address)
            .header("authorization", format!("token {}", self.token))
            .header("content-type", "application/json")
            .body(Full::new(body))?;
        let answer = sender.send_request(request).await.context("ask RT")?;
        let status = answer.status().as_u16();
        let body = answer
            .into_body()
            .collect()
            .await
            .context("read RT's answer")?
            .to_bytes();
        connection.abort();
        Ok(Answer { status, body })
    }
}
