//! The token endpoint and the tokens it issued.
//!
//! `POST /token` and `POST /auth/token`, form-urlencoded client credentials. A hosted instance wants its tenant in
//! the query or the form and answers 500 to any other; an on-premises one asks for none. A token carries the scopes
//! asked for that the application has; `all` stands for everything the application has, and a
//! request without scopes gets a token that carries none (what the vendor does then is not public).

use std::collections::{BTreeSet, HashMap};

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::json;

use super::config::Deployment;
use super::reply::{Answer, Refusal};
use super::seed::LoginType;
use super::server::Call;
use super::store::Store;

/// Random bytes in a token.
const TOKEN_BYTES: usize = 48;

/// What a token allows, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Client id of the application.
    pub(crate) client_id: String,
    /// Its name, as notes record it.
    pub(crate) application: String,
    /// The agent it acts as; without one most calls are refused.
    pub(crate) agent_id: Option<i64>,
    pub(crate) scopes: BTreeSet<String>,
    expires: Timestamp,
}

impl Grant {
    /// Whether the token carries a scope, itself or within `all` or `all:standard` (everything but administration).
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.contains(scope)
            || self.scopes.contains("all")
            || (scope != "admin" && self.scopes.contains("all:standard"))
    }
}

/// Tokens in circulation.
#[derive(Debug, Default)]
pub(crate) struct TokenBook {
    tokens: HashMap<String, Grant>,
}

impl TokenBook {
    fn issue(&mut self, grant: Grant) -> Result<String, Refusal> {
        let mut bytes = [0_u8; TOKEN_BYTES];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_| Refusal::Bare(StatusCode::INTERNAL_SERVER_ERROR))?;
        let token = URL_SAFE_NO_PAD.encode(bytes);
        self.tokens.insert(token.clone(), grant);
        Ok(token)
    }

    /// What a token allows now; `None` when it is unknown, revoked or expired.
    pub(crate) fn grant(&self, token: &str, now: Timestamp) -> Option<&Grant> {
        self.tokens.get(token).filter(|grant| now < grant.expires)
    }

    /// Makes every token in circulation expire at `now`.
    pub(crate) fn expire_all(&mut self, now: Timestamp) {
        for grant in self.tokens.values_mut() {
            grant.expires = now;
        }
    }

    /// Forgets every token.
    pub(crate) fn revoke_all(&mut self) {
        self.tokens.clear();
    }
}

/// The scopes a token carries: those asked for that are ticked, where asking for `all` asks for everything ticked and a
/// ticked `all` allows everything asked for.
fn carried(asked: &BTreeSet<&str>, ticked: &[String]) -> BTreeSet<String> {
    let every = |scope: &str| scope == "all" || scope == "all:standard";
    if asked.iter().any(|scope| every(scope)) {
        return ticked.iter().cloned().collect();
    }
    let all = ticked.iter().any(|scope| every(scope));
    let fits = |scope: &&&str| all || ticked.iter().any(|ticked| ticked == **scope);
    asked
        .iter()
        .filter(fits)
        .map(|scope| (*scope).to_owned())
        .collect()
}

/// Answers a token request.
pub(crate) fn request(store: &mut Store, call: &Call) -> Result<Answer, Refusal> {
    let oauth = |status, error, description: &str| Refusal::OAuth {
        status,
        error,
        description: description.to_owned(),
    };
    if !call.content_type_is("application/x-www-form-urlencoded") {
        let wanted = "The token request must be sent as application/x-www-form-urlencoded.";
        return Err(oauth(StatusCode::BAD_REQUEST, "invalid_request", wanted));
    }
    let form: HashMap<String, String> = url::form_urlencoded::parse(&call.body).into_owned().collect();
    let field = |name: &str| form.get(name).map_or("", |value| value.trim());

    if store.deployment == Deployment::Hosted {
        let named = call.query.text("tenant").unwrap_or_else(|| field("tenant"));
        let excused = named.is_empty() && store.behaviour.tenant_from_host;
        if !excused && !named.eq_ignore_ascii_case(&store.seed.instance.tenant) {
            // Hosted instances fail while looking for the tenant's database; no body is documented.
            return Err(Refusal::Bare(StatusCode::INTERNAL_SERVER_ERROR));
        }
    }
    if field("grant_type") != "client_credentials" {
        let only = "This server issues tokens for client_credentials only.";
        return Err(oauth(StatusCode::BAD_REQUEST, "unsupported_grant_type", only));
    }
    if !store.behaviour.client_credentials {
        // The error of RFC 6749 for it; what the vendor answers is not public.
        let other = "The client application is not allowed to use the client credentials grant.";
        return Err(oauth(StatusCode::BAD_REQUEST, "unauthorized_client", other));
    }
    let known = store.seed.applications.iter().find(|application| {
        application.active
            && application.client_id == field("client_id")
            && application.client_secret == field("client_secret")
    });
    let Some(application) = known.cloned() else {
        let message = "The specified client credentials are invalid.";
        return Err(oauth(StatusCode::UNAUTHORIZED, "invalid_client", message));
    };

    let asked: BTreeSet<&str> = field("scope").split_whitespace().collect();
    let ticked = store.behaviour.application_scopes.as_ref();
    let ticked = ticked.unwrap_or(&application.scopes);
    let scopes = carried(&asked, ticked);
    let lifetime = store.behaviour.token_lifetime_seconds;
    let grant = Grant {
        client_id: application.client_id,
        application: application.name,
        agent_id: application
            .agent_id
            .filter(|_| application.login_type == LoginType::Agent),
        scopes: scopes.clone(),
        expires: store.now() + SignedDuration::from_secs(i64::from(lifetime)),
    };
    let token = store.tokens.issue(grant)?;
    Ok(Answer::ok(json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": lifetime,
        "scope": scopes.into_iter().collect::<Vec<_>>().join(" "),
    })))
}
