//! The egress with real connections: what arrives, and at whom. On this machine only; 127.0.0.1 stands for
//! addresses that were granted, 127.0.0.2 for those that were not.

mod addresses;
mod bounds;
mod echoes;
mod travelling;
mod wires;

use super::{
    client::Client,
    hook::Egress,
    policy::{Base, NetworkGrant, Policy},
    transport::{Resolver, Transport},
};
use crate::{call::Frame, limits::Limits};
use bytes::Bytes;
use futures::future::BoxFuture;
use helpbell_model::{
    Failure,
    connector::{RequestEffect, RequestTemplate},
};
use http_body_util::{BodyExt as _, Full};
use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use wasmtime_wasi_http::{WasiBody, WasiHttpHooks as _};

/// Where nobody may go.
pub(super) const FORBIDDEN: &str = "127.0.0.2";
/// Where one may go.
pub(crate) const GRANTED: &str = "127.0.0.1";

/// A server that counts who comes, and keeps connections open.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Answers every request with these bytes.
    pub(super) async fn answering(host: &str, port: u16, answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::speaking(host, port, move |_| answer.clone()).await
    }

    /// Answers every request with what this makes of its head.
    pub(crate) async fn speaking(
        host: &str,
        port: u16,
        speak: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((host, port)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(vec![])));
        let (counter, heads, speak) = (Arc::clone(&connections), Arc::clone(&requests), Arc::new(speak));
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                let (heads, speak) = (Arc::clone(&heads), Arc::clone(&speak));
                tokio::spawn(async move {
                    let mut bytes = Vec::new();
                    loop {
                        while let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
                            bytes.drain(..end + 4);
                            let answer = speak(&head);
                            heads.lock().unwrap().push(head);
                            if stream.write_all(&answer).await.is_err() {
                                return;
                            }
                        }
                        if stream.read_buf(&mut bytes).await.is_ok_and(|read| read == 0) {
                            return;
                        }
                    }
                });
            }
        });
        Self {
            address,
            connections,
            requests,
            task,
        }
    }

    /// How many connections it was ever offered.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The heads of the requests that arrived.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer with this body and these header lines.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// A resolver that gives one list of addresses after the other, the last one for ever.
pub(super) struct Names {
    answers: Mutex<Vec<Vec<IpAddr>>>,
    asked: Arc<AtomicUsize>,
}

impl Names {
    pub(super) fn of(answers: &[&[&str]]) -> (Self, Arc<AtomicUsize>) {
        let parse = |list: &&[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
        let asked = Arc::new(AtomicUsize::new(0));
        let names = Self {
            answers: Mutex::new(answers.iter().map(parse).collect()),
            asked: Arc::clone(&asked),
        };
        (names, asked)
    }
}

impl Resolver for Names {
    fn addresses(&self, _name: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0].clone()
        };
        Box::pin(async move { Ok(answer) })
    }
}

/// What the operator grants: http, and these ranges.
pub(super) fn network(ranges: &[&str]) -> NetworkGrant {
    NetworkGrant {
        allow_http: true,
        allow_addresses: ranges.iter().map(|range| range.parse().unwrap()).collect(),
    }
}

/// A policy that grants `GET /x` and `POST /x` at this origin.
pub(super) fn policy(origin: &str, network: &NetworkGrant) -> Policy {
    let request = |method: &str, effect| RequestTemplate {
        origin: "here".into(),
        method: method.into(),
        path: "/x".into(),
        effect,
        refusals: vec![],
        purpose: String::new(),
    };
    Policy {
        origins: vec![("here".into(), Base::parse(origin).unwrap())],
        requests: Arc::new(vec![
            request("GET", RequestEffect::Read),
            request("POST", RequestEffect::Effect),
        ]),
        network: network.clone(),
        ..Policy::default()
    }
}

/// The client of such a grant.
pub(super) fn client(network: &NetworkGrant, transport: &Transport) -> Client {
    // As `Sandbox::new` does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new(&network.allow_addresses, transport).unwrap()
}

/// What comes back to a guest: status, headers and body, or the host's reason why not.
pub(super) type Answer = Result<(u16, http::HeaderMap, Bytes), Failure>;

/// One call's egress, without a guest in front.
pub(super) struct Guestless {
    egress: Egress,
    pub(super) frame: Frame,
}

impl Guestless {
    pub(super) fn new(policy: Policy, client: Client, limits: Limits) -> Self {
        let frame = Frame::begin(limits);
        Self {
            egress: Egress::new(Arc::new(policy), client, None, frame.clone()),
            frame,
        }
    }

    pub(super) async fn get(&mut self, url: &str) -> Answer {
        self.send(http::Request::get(url), Bytes::new()).await
    }

    pub(super) fn send(
        &mut self,
        request: http::request::Builder,
        body: Bytes,
    ) -> impl Future<Output = Answer> + use<> {
        let body: WasiBody = Full::new(body).map_err(|never| match never {}).boxed_unsync();
        let request = request.body(body).unwrap();
        let sending = self
            .egress
            .send_request(request, None, Box::new(async { Ok(()) }));
        let record = self.frame.record.clone();
        async move {
            match Box::into_pin(sending).await {
                Ok((answer, _)) => {
                    let (parts, body) = answer.into_parts();
                    let body = body.collect().await.unwrap().to_bytes();
                    Ok((parts.status.as_u16(), parts.headers, body))
                }
                Err(error) => Err(record
                    .lock()
                    .explanation()
                    .unwrap_or_else(|| crate::run::host_failure("no reason", format!("{error:?}")))),
            }
        }
    }
}

/// One GET under this grant.
pub(super) async fn get(origin: &str, network: &NetworkGrant, transport: &Transport) -> Answer {
    let policy = policy(origin, network);
    Guestless::new(policy, client(network, transport), Limits::work())
        .get(&format!("{origin}/x"))
        .await
}

#[track_caller]
pub(super) fn assert_refused(answer: Answer, words: &str) {
    let failure = answer.unwrap_err();
    assert_eq!(failure.code, "host.egress-denied", "{failure:?}");
    assert!(failure.message.contains(words), "{words:?} is not in {failure:?}");
}
