//! Sends what the policy allowed, to addresses that were checked.

use super::{
    address::{self, AddressDenied},
    policy::{self, Cure},
    transport::{Resolver, Transport},
    wire::{Answer, Wire},
};
use bytes::{Bytes, BytesMut};
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{error::Error as _, net::SocketAddr, sync::Arc, time::Duration};

/// A new connection that takes longer leads nowhere.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Idle connections are closed early: a server that has closed its end lets an effect fail with an
/// unknown outcome, and Halo, IIS and nginx keep theirs for at least so long.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of all headers that an HTTP/2 server may send; what a connector may take is less or equal.
const HTTP2_HEADER_BYTES: u32 = 256 << 10;

/// Headers that an HTTP/1 server may send: twice what an operator may allow, so that too many are told as such.
const HTTP1_HEADERS: usize = 1_000;

/// One pool for one grant. A connection in it leads to an address that this grant covers.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    granted: Arc<[IpNet]>,
    /// Whether names are resolved and dialled by a proxy, which no address can be checked for.
    by_proxy: bool,
    wire: Option<Arc<dyn Wire>>,
}

/// One request, complete.
pub(crate) struct Outgoing {
    pub(crate) method: http::Method,
    pub(crate) url: url::Url,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

/// How much of an answer is taken, and how long it is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) timeout: Duration,
    /// Bytes of the body after decompression.
    pub(crate) body_bytes: usize,
    pub(crate) headers: usize,
    /// Bytes of their names and values.
    pub(crate) header_bytes: usize,
}

/// Why nothing, or not enough, came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No byte of the request can have arrived.
    #[error("{reason}")]
    NotSent {
        reason: String,
        /// What would allow the address.
        cure: Option<Cure>,
        /// Whether it was the host that refused.
        refused: bool,
    },
    /// The time was over.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The answer is larger than a connector may take.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The answer has more headers than a connector may take.
    #[error("the answer has more than {0} headers, or more than {1} bytes of them")]
    Headers(usize, usize),
    /// The answer cannot be looked through.
    #[error("the answer is encoded in a way that was not asked for")]
    Encoded,
    /// The connection ended.
    #[error("{0}")]
    Broken(String),
}

impl SendError {
    /// What would allow what the host refused.
    pub(crate) fn cure(&self) -> Option<Cure> {
        match self {
            Self::NotSent { cure, .. } => cure.clone(),
            _ => None,
        }
    }

    pub(super) fn unreachable(reason: String) -> Self {
        Self::NotSent {
            reason,
            cure: None,
            refused: false,
        }
    }

    fn refused(denied: &AddressDenied, granted: &[IpNet]) -> Self {
        Self::NotSent {
            reason: denied.to_string(),
            cure: denied.cure(granted),
            refused: true,
        }
    }
}

impl Client {
    pub(crate) fn new(granted: &[IpNet], transport: &Transport) -> Result<Self, String> {
        let granted: Arc<[IpNet]> = granted.into();
        let by_proxy = transport.proxy().is_some();
        let resolver = CheckedResolver {
            inner: transport.resolver(),
            // The only name that is resolved here is then the proxy's own, which the operator chose.
            granted: (!by_proxy).then(|| Arc::clone(&granted)),
        };
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .http1_max_headers(HTTP1_HEADERS)
            .http2_max_header_list_size(HTTP2_HEADER_BYTES)
            .dns_resolver(Arc::new(resolver))
            .user_agent(concat!("helpbell/", env!("CARGO_PKG_VERSION")));
        let http = transport.equip(http).and_then(reqwest::ClientBuilder::build);
        Ok(Self {
            http: http.map_err(|error| describe(&error))?,
            granted,
            by_proxy,
            wire: transport.wire(),
        })
    }

    /// What requests pass on their way here, if anything.
    pub(crate) fn wire(&self) -> Option<&dyn Wire> {
        self.wire.as_deref()
    }

    pub(crate) async fn send(&self, request: Outgoing, patience: Patience) -> Result<Answer, SendError> {
        // A host written as an address never comes to the resolver.
        if !self.by_proxy
            && let Some(literal) = policy::literal_address(&request.url)
            && let Err(denied) = address::check_dial(literal, &self.granted)
        {
            return Err(SendError::refused(&denied, &self.granted));
        }
        tokio::time::timeout(patience.timeout, self.exchange(request, patience))
            .await
            .unwrap_or(Err(SendError::Timeout(patience.timeout)))
    }

    async fn exchange(&self, request: Outgoing, patience: Patience) -> Result<Answer, SendError> {
        let answer = self
            .http
            .request(request.method, request.url)
            .headers(request.headers)
            .body(request.body)
            .send()
            .await;
        let mut answer = answer.map_err(|error| self.classify(&error))?;
        let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        let size: usize = headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        if headers.len() > patience.headers || size > patience.header_bytes {
            return Err(SendError::Headers(patience.headers, patience.header_bytes));
        }
        // What the client has decoded no longer has this header.
        let encoding = headers.get(http::header::CONTENT_ENCODING);
        if encoding.is_some_and(|encoding| encoding != "identity") {
            return Err(SendError::Encoded);
        }
        // Most answers are one piece, which need not be copied.
        let (mut only, mut whole) = (Bytes::new(), BytesMut::new());
        while let Some(piece) = answer
            .chunk()
            .await
            .map_err(|error| SendError::Broken(describe(&error)))?
        {
            if only.len() + whole.len() + piece.len() > patience.body_bytes {
                return Err(SendError::TooLarge(patience.body_bytes));
            }
            if only.is_empty() && whole.is_empty() {
                only = piece;
            } else {
                whole.extend_from_slice(&std::mem::take(&mut only));
                whole.extend_from_slice(&piece);
            }
        }
        let body = if whole.is_empty() { only } else { whole.freeze() };
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    /// Only an error before the connection stood proves that nothing was sent.
    fn classify(&self, error: &reqwest::Error) -> SendError {
        if let Some(denied) = causes(error).find_map(|cause| cause.downcast_ref::<AddressesDenied>()) {
            return SendError::refused(&denied.0, &self.granted);
        }
        if error.is_connect() {
            return SendError::unreachable(describe(error));
        }
        SendError::Broken(describe(error))
    }
}

/// The innermost cause, which is the one people can act upon, without the address (its query may
/// hold personal data).
fn describe(error: &reqwest::Error) -> String {
    causes(error)
        .last()
        .map_or_else(|| "the request failed".to_owned(), ToString::to_string)
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    let mut next = error.source();
    std::iter::from_fn(move || {
        let cause = next?;
        next = cause.source();
        Some(cause)
    })
}

/// No address of this name may be dialled.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct AddressesDenied(AddressDenied);

/// Resolves once and hands on only addresses that the grant covers: what was checked is what is
/// dialled. Names that lead to public and private addresses at once lose the private ones.
struct CheckedResolver {
    inner: Arc<dyn Resolver>,
    granted: Option<Arc<[IpNet]>>,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, granted) = (
            self.inner.addresses(name.as_str().to_owned()),
            self.granted.clone(),
        );
        Box::pin(async move {
            let mut denied = None;
            let mut allowed: Vec<SocketAddr> = Vec::new();
            for address in found.await? {
                let checked = granted
                    .as_deref()
                    .map_or(Ok(()), |granted| address::check_dial(address, granted));
                match checked {
                    Ok(()) => allowed.push((address, 0).into()),
                    Err(reason) => denied = Some(reason),
                }
            }
            match denied {
                Some(reason) if allowed.is_empty() => Err(Box::new(AddressesDenied(reason)) as _),
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}
