//! Sends what the policy allowed, to addresses that were checked.

use super::address;
use bytes::{Bytes, BytesMut};
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{error::Error as _, net::SocketAddr, sync::Arc, time::Duration};

/// A new connection that takes longer leads nowhere.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Idle connections are closed early: a server that has closed its end lets an effect fail with an
/// unknown outcome, and Halo, IIS and nginx keep theirs for at least so long.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// One pool for one grant. A connection in it leads to an address that this grant covers.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    response_bytes: usize,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: http::StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

/// Why nothing, or not enough, came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SendError {
    /// No byte of the request can have arrived.
    #[error("{reason}")]
    NotSent {
        reason: String,
        /// The line that would allow the address.
        cure: Option<String>,
    },
    /// The time was over.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The answer is larger than a connector may take.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The connection ended.
    #[error("{0}")]
    Broken(String),
}

impl SendError {
    /// The line that would allow what the host refused.
    pub(crate) fn cure(&self) -> Option<String> {
        match self {
            Self::NotSent { cure, .. } => cure.clone(),
            Self::Timeout(_) | Self::TooLarge(_) | Self::Broken(_) => None,
        }
    }
}

impl Client {
    pub(crate) fn new(granted: Vec<IpNet>, response_bytes: usize) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .dns_resolver(Arc::new(CheckedResolver { granted }))
            .user_agent(concat!("helpbell/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| describe(&error))?;
        Ok(Self { http, response_bytes })
    }

    pub(crate) async fn send(
        &self,
        method: http::Method,
        url: url::Url,
        headers: http::HeaderMap,
        body: Bytes,
        timeout: Duration,
    ) -> Result<Response, SendError> {
        let exchange = async {
            let answer = self
                .http
                .request(method, url)
                .headers(headers)
                .body(body)
                .send()
                .await;
            let mut answer = answer.map_err(|error| classify(&error))?;
            let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
            let mut body = BytesMut::new();
            while let Some(chunk) = answer
                .chunk()
                .await
                .map_err(|error| SendError::Broken(describe(&error)))?
            {
                if body.len() + chunk.len() > self.response_bytes {
                    return Err(SendError::TooLarge(self.response_bytes));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Response {
                status,
                headers,
                body: body.freeze(),
            })
        };
        tokio::time::timeout(timeout, exchange)
            .await
            .unwrap_or(Err(SendError::Timeout(timeout)))
    }
}

/// Only an error before the connection stood proves that nothing was sent.
fn classify(error: &reqwest::Error) -> SendError {
    if let Some(denied) = causes(error).find_map(|cause| cause.downcast_ref::<AddressesDenied>()) {
        return SendError::NotSent {
            reason: denied.to_string(),
            cure: denied.0.cure(),
        };
    }
    if error.is_connect() {
        return SendError::NotSent {
            reason: describe(error),
            cure: None,
        };
    }
    SendError::Broken(describe(error))
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
struct AddressesDenied(address::AddressDenied);

/// Resolves once and hands on only addresses that the grant covers. Names that lead to public
/// and private addresses at once lose the private ones.
#[derive(Debug)]
struct CheckedResolver {
    granted: Vec<IpNet>,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let granted = self.granted.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let mut denied = None;
            let mut allowed = Vec::new();
            for address in found {
                match address::check(address.ip(), &granted) {
                    Ok(()) => allowed.push(address),
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
