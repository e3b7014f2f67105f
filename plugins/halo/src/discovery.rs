//! What Halo says of itself to anybody: where its tokens are, and whether it has a tenant.

use helpbell_connector::json::{self, Value};

/// Path of a hosted Authorisation Server.
pub(crate) const AUTH_PATH: &str = "/auth";

/// What a pasted token address has too much.
pub(crate) const TOKEN_PATH: &str = "/token";

/// The answer of `GET /authinfo`, which needs no token.
pub(crate) struct AuthInfo {
    /// Its Authorisation Server.
    pub(crate) server: Option<String>,
    /// Its tenant; empty where it says that it has none.
    pub(crate) tenant: Option<String>,
}

impl AuthInfo {
    /// Reads the answer, which may hold anything or nothing.
    pub(crate) fn of(answer: &Value) -> Self {
        let tenant = answer.get("tenant_id").map(|_| json::text(answer, "tenant_id"));
        Self {
            server: json::text(answer, "auth_url"),
            tenant: tenant.map(Option::unwrap_or_default),
        }
    }
}

/// Whether two addresses give the same tokens: an On-Prem one may be shown without its `/auth`.
pub(crate) fn is_same_server(real: &str, pasted: &str) -> bool {
    let plain = |address: &str| {
        let lower = address.trim().trim_end_matches('/').to_ascii_lowercase();
        let bare = lower.strip_suffix(TOKEN_PATH).unwrap_or(&lower);
        bare.strip_suffix(AUTH_PATH).unwrap_or(bare).to_owned()
    };
    plain(real) == plain(pasted)
}
