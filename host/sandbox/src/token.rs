//! The authorisation of one tenant's connector: obtained once, kept, renewed, never shown to a guest.
//!
//! It is also kept on disk, sealed under the operator's own secret, so that a new process need not
//! ask again: whoever can open the seal holds the secret and could ask for a token anyway, whoever
//! holds only the file has nothing.

use crate::{call::RequestTrace, egress::hook::sensitive, secret_forms::SecretForms};
use helpbell_model::Failure;
use http::{HeaderMap, HeaderName};
use ring::{aead, hkdf, rand::SecureRandom as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::{
    future::Future,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// Renewed so long before its end: longer than a call, so that no token ends on the way.
const RENEW_BEFORE: Duration = Duration::from_secs(90);

/// A token this young that was refused will not be better the second time.
const FRESH: Duration = Duration::from_secs(60);

/// Room for an authorisation as text; a token is a few kilobytes. What fits is never copied while it is written.
const AUTHORIZATION_BYTES: usize = 64 << 10;

/// The operator's secrets by slot.
pub type Secrets = Vec<(String, SecretString)>;

/// Where a value goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    Header(String),
    Query(String),
}

/// One value for one origin. No `Debug`: it is a secret.
#[derive(Serialize, Deserialize, zeroize::ZeroizeOnDrop)]
pub(crate) struct Placement {
    #[zeroize(skip)]
    pub(crate) origin: String,
    #[zeroize(skip)]
    pub(crate) place: Place,
    pub(crate) value: String,
}

/// What `authenticate` gave.
#[derive(Serialize, Deserialize)]
pub(crate) struct Authorization {
    pub(crate) placements: Vec<Placement>,
    pub(crate) endpoint: Option<String>,
    /// As whom the connector works, in its own words.
    #[serde(default)]
    pub(crate) identity: Option<String>,
    /// Seconds since 1970; none: until refused.
    pub(crate) expires: Option<u64>,
}

/// One authorisation as it goes into the requests of one origin.
pub(crate) struct Injection {
    held: Arc<Held>,
    origin: String,
}

impl Injection {
    /// The address this authorisation was found to hold at.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        self.held.authorization.endpoint.as_deref()
    }

    /// What no answer may show to the guest.
    pub(crate) fn secrets(&self) -> &SecretForms {
        &self.held.secrets
    }

    /// Adds the values; the guest's own cannot be there, since it may not set such headers.
    pub(crate) fn add_to(&self, url: &mut url::Url, headers: &mut HeaderMap) -> Result<(), &'static str> {
        for placement in self
            .held
            .authorization
            .placements
            .iter()
            .filter(|placement| placement.origin == self.origin)
        {
            match &placement.place {
                Place::Header(name) => {
                    let name = HeaderName::try_from(name)
                        .map_err(|_| "the connector named an impossible header for its authorisation")?;
                    headers.insert(name, sensitive(&placement.value)?);
                }
                Place::Query(name) => {
                    url.query_pairs_mut().append_pair(name, &placement.value);
                }
            }
        }
        Ok(())
    }
}

struct Held {
    authorization: Authorization,
    /// Of what it carries, and of the operator's secrets.
    secrets: SecretForms,
    /// When this process obtained it; none if it was read from disk.
    obtained: Option<Instant>,
}

/// Calls `authenticate` in its own instance; gives what came of it and what was sent.
pub(crate) type Authenticate = Box<
    dyn Fn() -> Pin<Box<dyn Future<Output = (Result<Authorization, Failure>, Vec<RequestTrace>)> + Send>>
        + Send
        + Sync,
>;

/// Holds the authorisation and renews it, one caller at a time.
pub(crate) struct Authorizer {
    authenticate: Authenticate,
    seal: Option<Seal>,
    secrets: Arc<Secrets>,
    held: Mutex<Option<Arc<Held>>>,
    /// Requests sent to authenticate that no call has accounted for yet.
    sent: std::sync::Mutex<Vec<RequestTrace>>,
}

impl Authorizer {
    pub(crate) fn new(authenticate: Authenticate, seal: Option<Seal>, secrets: Arc<Secrets>) -> Self {
        Self {
            authenticate,
            seal,
            secrets,
            held: Mutex::new(None),
            sent: std::sync::Mutex::default(),
        }
    }

    /// The authorisation for this origin, from memory, disk or the PSA.
    pub(crate) async fn current(&self, origin: &str) -> Result<Arc<Injection>, Failure> {
        let held = self.hold().await?;
        Ok(Arc::new(Injection {
            held,
            origin: origin.to_owned(),
        }))
    }

    /// The base address that was found while authenticating.
    pub(crate) async fn endpoint(&self) -> Result<Option<String>, Failure> {
        Ok(self.hold().await?.authorization.endpoint.clone())
    }

    /// As whom the connector works, if it is signed in.
    pub(crate) async fn identity(&self) -> Option<String> {
        let held = self.held.lock().await;
        held.as_ref()?.authorization.identity.clone()
    }

    /// A newer authorisation than the one that was refused; none if there can be no better one.
    pub(crate) async fn newer_than(
        &self,
        origin: &str,
        stale: &Injection,
    ) -> Result<Option<Arc<Injection>>, Failure> {
        let mut slot = self.held.lock().await;
        let newer = match slot.as_ref() {
            // Another call has renewed it meanwhile.
            Some(held) if !Arc::ptr_eq(held, &stale.held) => Arc::clone(held),
            _ if stale
                .held
                .obtained
                .is_some_and(|obtained| obtained.elapsed() < FRESH) =>
            {
                return Ok(None);
            }
            _ => self.renew(&mut slot).await?,
        };
        Ok(Some(Arc::new(Injection {
            held: newer,
            origin: origin.to_owned(),
        })))
    }

    /// The requests sent to authenticate since the last time somebody took them. With concurrent
    /// calls it is one of them that accounts for a request all of them waited for.
    pub(crate) fn take_sent(&self) -> Vec<RequestTrace> {
        std::mem::take(&mut *self.sent.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Holding the lock while asking is what makes many callers one request.
    async fn hold(&self) -> Result<Arc<Held>, Failure> {
        let mut slot = self.held.lock().await;
        if let Some(held) = slot.as_ref().filter(|held| is_current(&held.authorization)) {
            return Ok(Arc::clone(held));
        }
        if slot.is_none()
            && let Some(authorization) = self.seal.as_ref().and_then(Seal::open)
            && is_current(&authorization)
        {
            return Ok(Arc::clone(slot.insert(self.held(authorization, None))));
        }
        self.renew(&mut slot).await
    }

    async fn renew(&self, slot: &mut Option<Arc<Held>>) -> Result<Arc<Held>, Failure> {
        let (authorization, sent) = (self.authenticate)().await;
        self.sent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(sent);
        let authorization = authorization?;
        if let Some(seal) = &self.seal
            && let Err(reason) = seal.close(&authorization)
        {
            tracing::warn!(%reason, "failed to keep the token; the next start asks for one again");
        }
        Ok(Arc::clone(
            slot.insert(self.held(authorization, Some(Instant::now()))),
        ))
    }

    fn held(&self, authorization: Authorization, obtained: Option<Instant>) -> Arc<Held> {
        Arc::new(Held {
            secrets: SecretForms::on_the_way(&self.secrets, &authorization.placements),
            authorization,
            obtained,
        })
    }
}

fn is_current(authorization: &Authorization) -> bool {
    authorization
        .expires
        .is_none_or(|expires| now() + RENEW_BEFORE.as_secs() < expires)
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// A file that only the holder of the secret can read.
pub(crate) struct Seal {
    file: PathBuf,
    key: aead::LessSafeKey,
    /// What the token belongs to: tenant, connector digest, settings. A changed one opens nothing.
    purpose: Vec<u8>,
}

struct KeyLength;
impl hkdf::KeyType for KeyLength {
    fn len(&self) -> usize {
        aead::CHACHA20_POLY1305.key_len()
    }
}

impl Seal {
    /// None if the key cannot be derived, which ring does not say why.
    pub(crate) fn new(file: PathBuf, secrets: &Secrets, purpose: Vec<u8>) -> Option<Self> {
        let mut material = Zeroizing::new(Vec::new());
        for (slot, secret) in secrets {
            for part in [slot.as_bytes(), secret.expose_secret().as_bytes()] {
                material.extend_from_slice(&(part.len() as u64).to_le_bytes());
                material.extend_from_slice(part);
            }
        }
        let pseudo_random =
            hkdf::Salt::new(hkdf::HKDF_SHA256, b"helpbell token seal, version 1").extract(&material);
        let info = [purpose.as_slice()];
        let mut key = Zeroizing::new(vec![0; aead::CHACHA20_POLY1305.key_len()]);
        pseudo_random.expand(&info, KeyLength).ok()?.fill(&mut key).ok()?;
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::CHACHA20_POLY1305, &key).ok()?);
        Some(Self { file, key, purpose })
    }

    /// Any reason not to be able to read it is the same as its not being there.
    fn open(&self) -> Option<Authorization> {
        let sealed = std::fs::read(&self.file).ok()?;
        let (nonce, sealed) = sealed.split_first_chunk::<{ aead::NONCE_LEN }>()?;
        let mut text = Zeroizing::new(sealed.to_vec());
        let nonce = aead::Nonce::assume_unique_for_key(*nonce);
        let open = self
            .key
            .open_in_place(nonce, aead::Aad::from(&self.purpose), &mut text)
            .ok()?;
        serde_json::from_slice(open).ok()
    }

    fn close(&self, authorization: &Authorization) -> Result<(), String> {
        let mut nonce = [0; aead::NONCE_LEN];
        ring::rand::SystemRandom::new()
            .fill(&mut nonce)
            .map_err(|_| "the system gave no random bytes")?;
        let mut text = Zeroizing::new(Vec::with_capacity(AUTHORIZATION_BYTES));
        serde_json::to_writer(&mut *text, authorization).map_err(|error| error.to_string())?;
        self.key
            .seal_in_place_append_tag(
                aead::Nonce::assume_unique_for_key(nonce),
                aead::Aad::from(&self.purpose),
                &mut *text,
            )
            .map_err(|_| "sealing failed")?;
        let mut content = nonce.to_vec();
        content.append(&mut text);
        crate::private::write(&self.file, &content)
            .map_err(|error| format!("{}: {error}", self.file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn authorization(value: &str, lives: Option<u64>) -> Authorization {
        Authorization {
            placements: vec![Placement {
                origin: "api".into(),
                place: Place::Header("authorization".into()),
                value: value.into(),
            }],
            endpoint: None,
            identity: None,
            expires: lives.map(|lives| now() + lives),
        }
    }

    fn counting(lives: u64) -> (Authenticate, Arc<AtomicU32>) {
        let count = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&count);
        let authenticate: Authenticate = Box::new(move || {
            let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
            Box::pin(async move {
                tokio::task::yield_now().await;
                (
                    Ok(authorization(&format!("Bearer {number}"), Some(lives))),
                    vec![],
                )
            })
        });
        (authenticate, count)
    }

    fn header(injection: &Injection) -> String {
        let (mut url, mut headers) = (url::Url::parse("https://x/").unwrap(), HeaderMap::new());
        injection.add_to(&mut url, &mut headers).unwrap();
        headers["authorization"].to_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn many_callers_cause_one_authentication() {
        let (authenticate, count) = counting(3600);
        let authorizer = Arc::new(Authorizer::new(authenticate, None, Arc::default()));
        let callers = (0..50).map(|_| {
            let authorizer = Arc::clone(&authorizer);
            tokio::spawn(async move { header(authorizer.current("api").await.unwrap().as_ref()) })
        });
        for caller in callers.collect::<Vec<_>>() {
            assert_eq!(caller.await.unwrap(), "Bearer 1");
        }
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_token_about_to_end_is_renewed_before_use() {
        let (authenticate, count) = counting(RENEW_BEFORE.as_secs() - 1);
        let authorizer = Authorizer::new(authenticate, None, Arc::default());
        authorizer.current("api").await.unwrap();
        authorizer.current("api").await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_fresh_token_that_is_refused_is_not_asked_for_again() {
        let (authenticate, count) = counting(3600);
        let authorizer = Authorizer::new(authenticate, None, Arc::default());
        let refused = authorizer.current("api").await.unwrap();
        assert!(authorizer.newer_than("api", &refused).await.unwrap().is_none());
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_sealed_token_serves_the_next_process_and_only_with_the_same_secret() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        let secrets = |text: &str| vec![("api-key".to_owned(), SecretString::from(text))];
        let seal = |text: &str| Seal::new(file.clone(), &secrets(text), b"tenant".to_vec());

        let (authenticate, _) = counting(3600);
        Authorizer::new(authenticate, seal("right"), Arc::default())
            .current("api")
            .await
            .unwrap();
        assert!(!String::from_utf8_lossy(&std::fs::read(&file).unwrap()).contains("Bearer"));

        let (authenticate, count) = counting(3600);
        let second = Authorizer::new(authenticate, seal("right"), Arc::default());
        let from_disk = second.current("api").await.unwrap();
        assert_eq!(
            (header(&from_disk).as_str(), count.load(Ordering::SeqCst)),
            ("Bearer 1", 0)
        );
        // A token from disk that is refused may well be stale: it is renewed once.
        assert!(second.newer_than("api", &from_disk).await.unwrap().is_some());
        assert_eq!(count.load(Ordering::SeqCst), 1);

        let (authenticate, count) = counting(3600);
        Authorizer::new(authenticate, seal("wrong"), Arc::default())
            .current("api")
            .await
            .unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_query_placement_is_escaped() {
        let mut with_query = authorization("a&b", None);
        with_query.placements[0].place = Place::Query("key".into());
        let injection = Injection {
            held: Arc::new(Held {
                secrets: SecretForms::on_the_way(&vec![], &with_query.placements),
                authorization: with_query,
                obtained: None,
            }),
            origin: "api".into(),
        };
        let (mut url, mut headers) = (url::Url::parse("https://x/?q=1").unwrap(), HeaderMap::new());
        injection.add_to(&mut url, &mut headers).unwrap();
        assert_eq!(url.as_str(), "https://x/?q=1&key=a%26b");
    }
}
