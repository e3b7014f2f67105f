//! Whether a connector's servers can be reached at all, without a connector.

use crate::{
    egress::{
        client::{Outgoing, Patience},
        policy::{self, Base, Cure},
    },
    limits::Limits,
    session::Session,
};
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
    /// What would allow it, if the host itself refused.
    pub cure: Option<Cure>,
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
        policy::reachable(&self.policy.network, base.url()).map_err(|denied| NotReached {
            reason: denied.reason,
            cure: denied.cure,
        })?;
        let Limits {
            response_bytes,
            headers,
            header_bytes,
            ..
        } = self.limits;
        let patience = Patience {
            timeout: REACH_TIMEOUT,
            body_bytes: response_bytes,
            headers,
            header_bytes,
        };
        let request = Outgoing {
            method: http::Method::GET,
            url: base.url().clone(),
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::new(),
        };
        let began = Instant::now();
        match self.client.send(request, patience).await {
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
