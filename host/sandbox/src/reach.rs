//! Whether a connector's servers can be reached at all, without a connector.

use crate::{egress::policy::Base, session::Session};
use std::time::{Duration, Instant};

/// A server that needs longer to answer anything is as good as unreachable to a person who waits.
const REACH_TIMEOUT: Duration = Duration::from_secs(10);

/// One attempt to reach a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The connector's name for the origin.
    pub origin: String,
    /// Its address.
    pub address: String,
    /// What came of it.
    pub outcome: Result<Reached, NotReached>,
}

/// An answer, whatever it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// HTTP status.
    pub status: u16,
    /// Milliseconds, connecting included.
    pub ms: u64,
    /// The server's clock, as in its `Date` header.
    pub date: Option<String>,
}

/// No answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NotReached {
    /// Why, in the words of the part that failed: name, connection, TLS, time.
    pub reason: String,
    /// The line in `helpbell.toml` that would allow it, if the host itself refused.
    pub cure: Option<String>,
}

impl Session {
    /// Sends one plain GET, without authorisation, to the address of each known origin.
    pub async fn reach(&self) -> Vec<Reach> {
        let mut attempts = Vec::new();
        for (origin, base) in &self.policy.origins {
            let outcome = self.reach_one(base).await;
            attempts.push(Reach {
                origin: origin.clone(),
                address: base.as_text(),
                outcome,
            });
        }
        attempts
    }

    async fn reach_one(&self, base: &Base) -> Result<Reached, NotReached> {
        let refused = |reason: String, cure: Option<&str>| NotReached {
            reason,
            cure: cure.map(str::to_owned),
        };
        let network = &self.policy.network;
        if base.is_plain_http() && !network.allow_http {
            let reason = format!(
                "{} is plain http, which anybody on the way can read",
                base.origin()
            );
            return Err(refused(reason, Some("[network]\nallow-http = true")));
        }
        if let Some(address) = base.literal_address() {
            crate::egress::address::check(address, &network.allow_addresses).map_err(|denied| {
                NotReached {
                    reason: denied.to_string(),
                    cure: denied.cure(),
                }
            })?;
        }
        let url = url::Url::parse(&base.as_text()).map_err(|error| refused(error.to_string(), None))?;
        let began = Instant::now();
        let sent = self
            .client
            .send(
                http::Method::GET,
                url,
                http::HeaderMap::new(),
                bytes::Bytes::new(),
                REACH_TIMEOUT,
            )
            .await;
        match sent {
            Ok(answer) => Ok(Reached {
                status: answer.status.as_u16(),
                ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
                date: answer
                    .headers
                    .get(http::header::DATE)
                    .and_then(|date| Some(date.to_str().ok()?.to_owned())),
            }),
            Err(error) => Err(NotReached {
                cure: error.cure(),
                reason: error.to_string(),
            }),
        }
    }
}
